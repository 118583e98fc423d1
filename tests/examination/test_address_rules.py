"""The address rules: two public lists, and what must hold of any text."""

from __future__ import annotations

import csv
import string
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.core.outcome import Outcome
from comity.examination.context import Context
from comity.examination.rule import RULES, NoParameters, Unmet
from comity.examination.rules.address import ResidenceParameters
from comity.request.address.words import word_set
from comity.request.model import Request

DATA = Path(__file__).parent / "data"
FIELDS = ("street", "unit", "city", "state", "postal_code", "country")
ADDRESS_RULES = ("address.present", "address.complete", "address.residence")
Address = tuple[str, ...]

NOWHERE = cast(Context, None)
"""No address rule looks at the circumstances."""


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


REFUSED, ACCEPTED = rows("addresses_refused.csv"), rows("addresses_accepted.csv")


def address_of(row: dict[str, str]) -> Address:
    return tuple(row[field] for field in FIELDS)


def judge(address: Address, offices: tuple[str, ...] = ()) -> dict[str, Unmet]:
    """The address rules that are unmet, with what they found."""
    request = Request(1, 1, "r1", **dict(zip(FIELDS, address, strict=True)))  # type: ignore[arg-type]
    parameters = {"address.residence": ResidenceParameters(offices)}
    found = {
        id: RULES[id].test(request, parameters.get(id, NoParameters()), NOWHERE)
        for id in ADDRESS_RULES
    }
    return {id: unmet for id, unmet in found.items() if unmet is not None}


@pytest.mark.parametrize("row", REFUSED, ids=[row["what"] for row in REFUSED])
def test_what_is_no_address_is_found_by_its_rule(row: dict[str, str]) -> None:
    assert row["rule"] in judge(address_of(row))


@pytest.mark.parametrize("row", ACCEPTED, ids=[row["what"] for row in ACCEPTED])
def test_a_real_but_odd_address_passes(row: dict[str, str]) -> None:
    assert judge(address_of(row)) == {}


def test_the_lists_are_as_long_as_promised_and_say_nothing_twice() -> None:
    for listed in (REFUSED, ACCEPTED):
        assert len(listed) >= 170
        assert len({row["what"] for row in listed}) == len(listed)
        assert len({address_of(row) for row in listed}) == len(listed)
    assert {row["rule"] for row in REFUSED} == set(ADDRESS_RULES)


def test_findings_are_one_sentence_from_a_closed_set_and_quote_nothing() -> None:
    found = [unmet for row in REFUSED for unmet in judge(address_of(row)).values()]
    assert len({(unmet.reason, unmet.cure) for unmet in found}) < 60
    for unmet in found:
        for sentence in (unmet.reason, unmet.cure):
            assert sentence.endswith(".")
            assert sentence.count(".") == 1
            assert not any(char.isdigit() for char in sentence)


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"street": ""}, ("street",)),
        ({"city": ""}, ("city",)),
        ({"state": "", "postal_code": ""}, ("state and postal code",)),
        ({"street": "", "city": ""}, ("street", "city")),
        ({"street": "", "city": "", "state": "", "postal_code": ""}, ("street", "city", "state")),
    ],
)
def test_a_missing_field_is_named(changes: dict[str, str], missing: tuple[str, ...]) -> None:
    whole = dict(zip(FIELDS, ("18 Walnut St", "", "Dayton", "OH", "45402", ""), strict=True))
    found = judge(tuple((whole | changes).values()))["address.present"]
    assert all(name in found.reason and name in found.cure for name in missing)


def test_a_state_or_a_postal_code_is_enough_beside_the_city() -> None:
    assert judge(("18 Walnut St", "", "Dayton", "OH", "", "")) == {}
    assert judge(("18 Walnut St", "", "Dayton", "", "45402", "")) == {}
    assert "address.present" in judge(("18 Walnut St", "", "", "OH", "45402", ""))


def test_the_rules_return_and_cite_the_statute_and_the_court() -> None:
    for id in ADDRESS_RULES:
        rule = RULES[id]
        assert (rule.law, rule.outcome) == ("R05", Outcome.RETURNED)
        assert "6103(i)(2)(B)(i)" in str(rule.citation)
        assert "street" in rule.columns


# --- the requester's own offices -------------------------------------------------------------

OFFICES = ("4200 Example Plaza, Suite 900, Dayton, OH 45402", "Larch Hill Annex")


@pytest.mark.parametrize(
    "address",
    [
        ("4200 Example Plaza", "", "Dayton", "OH", "45402", ""),
        ("4200 EXAMPLE PLZ STE 12", "", "Dayton", "OH", "45402-1100", "USA"),
        ("4200 Example Plaza", "Fl 3", "dayton", "Ohio", "", ""),
        ("Larch Hill Annex, 7 Mill Rd", "", "Dayton", "OH", "45402", ""),
        ("7 Mill Rd", "LARCH HILL ANNEX", "Dayton", "OH", "45402", ""),
    ],
)
def test_a_listed_office_of_the_requester_is_no_residence(address: Address) -> None:
    assert set(judge(address, OFFICES)) == {"address.residence"}
    assert judge(address) == {}


@pytest.mark.parametrize(
    "address",
    [
        ("4201 Example Plaza", "", "Dayton", "OH", "45402", ""),
        ("4200 Example Ave", "", "Dayton", "OH", "45402", ""),
        ("4200 Example Plaza", "", "Chicago", "IL", "60614", ""),
        ("12 Larch Hill Rd", "", "Dayton", "OH", "45402", ""),
    ],
)
def test_a_neighbour_of_an_office_is_not_it(address: Address) -> None:
    assert judge(address, OFFICES) == {}


# --- what holds of any text ------------------------------------------------------------------

WORDS = sorted(
    word_set("NO UNKNOWN 12 ST JAIL RD ICE C/O PO BOX APT # 4B N/A CALLE KM URB NAME 45402 OH")
)
TEXT = st.one_of(
    st.text(max_size=40),
    st.text(alphabet=string.ascii_letters + string.digits + " #-/.,'", max_size=40),
    st.lists(
        st.sampled_from(WORDS),
        max_size=8,
    ).map(" ".join),
)


@given(st.tuples(*[TEXT] * 6))
def test_no_text_raises_and_verdicts_repeat(address: Address) -> None:
    first = judge(address)
    assert judge(address) == first
    for unmet in first.values():
        assert unmet.reason
        assert unmet.cure


Change = Callable[[str], str]
CHANGES: tuple[Change, ...] = (
    str.upper,
    str.lower,
    str.title,
    str.swapcase,
    lambda text: f"  {text}\t",
    lambda text: text.replace(" ", "   "),
    lambda text: text.replace(" ", "\u00a0"),
    lambda text: text.replace("e", "\u200be"),
    lambda text: "\u2060".join(text),
    lambda text: f"{text},",
    lambda text: f'"{text}"',
    lambda text: text.replace("e", "é").replace("a", "ä").replace("O", "Ó"),
)


@given(st.sampled_from(REFUSED + ACCEPTED), st.lists(st.sampled_from(CHANGES), max_size=3))
def test_case_spacing_punctuation_and_accents_do_not_matter(
    row: dict[str, str], changes: list[Change]
) -> None:
    address = address_of(row)
    changed = address
    for change in changes:
        changed = tuple(change(text) if text else "" for text in changed)
    assert set(judge(changed)) == set(judge(address))


@given(st.sampled_from([row for row in REFUSED if row["city"] == "Dayton"]))
def test_house_number_and_street_mend_what_lacked_them(row: dict[str, str]) -> None:
    _, _, city, state, code, country = address_of(row)
    mended = ("18 Walnut St", "", city, state, code, country)
    if (state, code, country) == ("OH", "45402", ""):
        assert judge(mended) == {}


@given(
    st.sampled_from(["Unknown", "Failed to Provide", "Homeless", "TBD", "Desconocido"]),
    st.sampled_from(["", " 45402", " 123", " St", " Address", "!", " Unknown"]),
)
def test_a_placeholder_stays_one_whatever_stands_beside_it(filler: str, beside: str) -> None:
    assert "address.present" in judge((filler + beside, "", "Dayton", "OH", "45402", ""))


INSTITUTIONS = (
    "Harlow County Jail",
    "c/o ICE",
    "Otero Flats Detention Center",
    "Otero SPC",
    "Larch Jai1",
    "Ada Co Sheriff",
    "Larch Bridge POE",
    "Halfway House",
    "ICE Larch",
)


@given(
    st.sampled_from([row for row in ACCEPTED if row["what"].startswith("odd name")]),
    st.sampled_from(INSTITUTIONS),
)
def test_an_institution_in_the_unit_is_found_beside_any_street(
    row: dict[str, str], institution: str
) -> None:
    street, _, *rest = address_of(row)
    assert set(judge((street, institution, *rest))) == {"address.residence"}


AMERICAN = [row for row in ACCEPTED if not row["country"] and row["state"] and row["postal_code"]]
POSTS = ("AA", "AE", "AP", "ON", "Armed Forces Europe")


@given(
    st.sampled_from([row for row in AMERICAN if row["state"] not in POSTS]),
    st.sampled_from(["Mexico", "México", "MX", "Canada", "CA", "Narnia"]),
)
def test_another_country_beside_an_american_last_line_contradicts_it(
    row: dict[str, str], country: str
) -> None:
    assert set(judge((*address_of(row)[:-1], country))) == {"address.complete"}


@given(st.sampled_from([row for row in AMERICAN if row["state"] in POSTS[:3]]))
def test_a_post_of_the_armed_forces_may_lie_in_another_country(row: dict[str, str]) -> None:
    assert judge((*address_of(row)[:-1], "Germany")) == {}
