"""Comparison: what level two values get, and that every level is known to the decision."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.identity.compare import compare_dates, compare_numbers, compare_places
from comity.identity.compare_names import InUse, NameLevels, compare_names
from comity.identity.doubts import (
    AREA,
    DATE,
    HOUSE,
    LIKE_FAMILY,
    LIKE_GIVEN,
    MIDDLE,
    NUMBER,
    ORDER,
    STREET,
    SUFFIX,
    UNIT,
)
from comity.identity.names import MAX_LENGTH, fold, standardise_name
from comity.identity.place import standardise_place
from comity.identity.vocabulary import in_use


def names(asked: str, recorded: str) -> NameLevels:
    """Compare names written `given|middle|family|suffix`, with the kept tables as vocabulary."""
    a, b = (standardise_name(*[*text.split("|"), "", "", ""][:4]) for text in (asked, recorded))
    return compare_names(
        a,
        b,
        InUse(
            given=(in_use(a.given, "given", 0, 1), in_use(b.given, "given", 0, 1)),
            family=(in_use(a.family, "family", 0, 1), in_use(b.family, "family", 0, 1)),
        ),
    )


@pytest.mark.parametrize(
    ("asked", "recorded", "level"),
    [
        ("John", "JOHN", "exact"),
        ("José", "Jose", "exact"),
        ("Dr. John", "John", "exact"),
        ("Mary Ann", "Maryann", "exact"),
        ("Mary|Ann", "Mary Ann", "exact"),
        ("Mary|A", "Mary Ann", "exact"),
        ("Mary", "Mary Ann", "part"),
        ("Mary Jo", "Mary|Ann", "part"),
        ("Bob", "Robert", "plain_short_form"),
        ("Betty", "Elizabeth", "short_form"),
        ("Chris", "Christopher", "doubtful_short_form"),
        ("Mark", "Marcus", "own_name"),
        ("Catherine", "Katherine", "spelling"),
        ("J", "John", "initial"),
        ("R", "John", "different"),
        ("Chrisotpher", "Christopher", "typo"),
        ("Elizabteh", "Elizabeth", "typo"),
        ("Jozn", "John", "doubtful_typo"),
        ("Mrs John", "John", "titled"),
        ("Mrs John", "Mrs. John", "exact"),
        ("Ann", "Mary|Ann", "middle_name"),
        ("Jaden", "Jayden", "near"),
        ("Maria", "Mario", "near"),
        ("Blkwe", "Blake", "mangled"),
        ("Daniel", "Danielle", "akin"),
        ("Walter", "Edith", "different"),
        ("", "Edith", "missing"),
        ("FNU", "Edith", "missing"),
        ("NA", "Edith", "missing"),
        ("Na", "Ana", "missing"),
        ("Na", "NA", "stand_in"),
        ("Na|M", "NA", "stand_in"),
        ("Na|M", "Na|Min", "exact"),
        ("John & Mary", "John", "missing"),
        ("John and Mary", "John", "missing"),
        ("伟", "伟", "exact"),
        ("伟", "强", "near"),
    ],
)
def test_given_names(asked: str, recorded: str, level: str) -> None:
    def with_family(text: str) -> str:
        given, _, middle = text.partition("|")
        return f"{given}|{middle}|Quimby"

    assert names(with_family(asked), with_family(recorded)).given == level


@pytest.mark.parametrize(
    ("asked", "recorded", "level"),
    [
        ("O'Brien", "OBRIEN", "exact"),
        ("De La Cruz", "DeLaCruz", "exact"),
        ("De La Cruz", "Cruz", "particle"),
        ("Müller", "Mueller", "spelling"),
        ("Garcia", "Garcia Lopez", "first_part"),
        ("De La Cruz", "De La Cruz-Lopez", "first_part"),
        ("Lopez", "Garcia Lopez", "part"),
        ("Garcia Lopez", "Garcia", "part"),
        ("Lopez Garcia", "Garcia-Lopez", "reordered"),
        ("Fitzgerlad", "Fitzgerald", "typo"),
        ("Brown", "Browne", "doubtful_typo"),
        ("Garzia", "Garcia Lopez", "part_typo"),
        ("Smith", "Garcia", "different"),
        ("", "Garcia", "missing"),
        ("X", "Garcia", "missing"),
        ("王", "王", "exact"),
        ("王", "李", "different"),
    ],
)
def test_family_names(asked: str, recorded: str, level: str) -> None:
    assert names(f"Ada||{asked}", f"Ada||{recorded}").family == level


def test_the_rest_of_a_name() -> None:
    assert names("Robert||Tannen", "Tannen||Robert").order == "rearranged"
    assert names("Robetr||Tannen", "Tannen||Robert").order == "swapped"
    # Dufour is a family name and no given name: turned round, and nothing else
    assert names("Dufour||Paula", "Paula||Dufour").order == "plainly_swapped"
    assert names("Dufour|Ann|Paula", "Paula||Dufour").order == "plainly_swapped"
    assert names("Dufour||Puala", "Paula||Dufour").order == "swapped"
    assert names("Li||Wei", "Wei||Li").order == "rearranged"
    # a first name that is near the family name is no swap
    assert names("London||Landon", "Landon||Landon").order == "straight"
    suffix = {
        pair: names(f"Ada||Quimby|{pair[0]}", f"Ada||Quimby|{pair[1]}").suffix
        for pair in (
            ("Jr.", "junior"),
            ("Jr", "II"),
            ("Jr", "Sr"),
            ("Jr", ""),
            ("", "Jr"),
            ("", "I"),
            ("MD", ""),
        )
    }
    assert suffix == {
        ("Jr.", "junior"): "agrees",
        ("Jr", "II"): "similar",
        ("Jr", "Sr"): "different",
        ("Jr", ""): "not_recorded",
        ("", "Jr"): "not_given",
        ("", "I"): "agrees",
        ("MD", ""): "agrees",
    }
    assert names("Ada||Quimby Jr", "Ada||Quimby|Jr").suffix == "agrees"
    assert names("Ada|R|Quimby", "Ada|Ruth|Quimby").middle == "agrees"
    assert names("Ada|R|Quimby", "Ada|Jane|Quimby").middle == "different"
    assert names("Ada||Quimby", "Ada|Jane|Quimby").middle == "not_given"
    assert names("Ada|Jane|Quimby", "Ada||Quimby").middle == "not_recorded"


@pytest.mark.parametrize(
    ("asked", "recorded", "levels"),
    [
        ("12 Walnut Street", "12 walnut st.", ("equal", "equal", "equal", "equal")),
        ("12 North Walnut St", "12 N Walnut St", ("equal", "equal", "equal", "equal")),
        ("12 Walnut", "12 Walnut St", ("equal", "abridged", "equal", "equal")),
        ("12 N Walnut St", "12 S Walnut St", ("equal", "different", "equal", "equal")),
        ("12 Walnut St", "12 Walnut Ave", ("equal", "different", "equal", "equal")),
        ("12 Walnt St", "12 Walnut St", ("equal", "typo", "equal", "equal")),
        ("21 Walnut St", "12 Walnut St", ("typo", "equal", "equal", "equal")),
        ("2 Walnut St", "12 Walnut St", ("typo", "equal", "equal", "equal")),
        ("1225 Walnut St", "12 Walnut St", ("different", "equal", "equal", "equal")),
        ("Walnut St", "12 Walnut St", ("missing", "equal", "equal", "equal")),
        ("799 14th Dr", "799 41st Dr", ("equal", "different", "equal", "equal")),
        ("799 114th Dr", "799 14th Dr", ("equal", "number_typo", "equal", "equal")),
        ("12 Walnut St Apt 4-B", "12 Walnut St #4B", ("equal", "equal", "equal", "equal")),
        ("12 Walnut St Apt 4B", "12 Walnut St", ("equal", "equal", "one_sided", "equal")),
        ("12 Walnut St Apt 4B", "12 Walnut St Apt 5", ("equal", "equal", "different", "equal")),
        ("General Delivery", "GENERAL DELIVERY", ("none", "equal", "equal", "equal")),
        ("PO Box 9", "P.O. Box 9", ("equal", "equal", "equal", "equal")),
        ("PO Box 19", "P.O. Box 9", ("typo", "equal", "equal", "equal")),
        ("599 N Park", "599 N Park Ave", ("equal", "abridged", "equal", "equal")),
    ],
)
def test_addresses(asked: str, recorded: str, levels: tuple[str, ...]) -> None:
    a, b = (standardise_place(text, "", "Peoria", "IL", "61601") for text in (asked, recorded))
    found = compare_places(a, b, (False, True))
    assert (found.house, found.street, found.unit, found.area) == levels


@pytest.mark.parametrize(
    ("asked", "recorded", "level"),
    [
        (("Peoria", "IL", "61601"), ("PEORIA", "Illinois", "61601-1234"), "equal"),
        (("Peoria", "IL", ""), ("Peoria", "IL", "61601"), "postal_missing"),
        (("Peoria", "IL", "61610"), ("Peoria", "IL", "61601"), "postal_typo"),
        (("Pekin", "IL", "61601"), ("Peoria", "IL", "61601"), "city_differs"),
        (("Peoria", "IN", "61601"), ("Peoria", "IL", "61601"), "state_differs"),
        (("Peoria", "AZ", "85345"), ("Peoria", "IL", "61601"), "different"),
        (("Pekin", "IL", ""), ("Peoria", "IL", "61601"), "different"),
        (("Peoria", "IL", "60606"), ("Peoria", "IL", "61601"), "postal_differs"),
    ],
)
def test_areas(asked: tuple[str, ...], recorded: tuple[str, ...], level: str) -> None:
    a, b = (standardise_place("12 Walnut St", "", *area) for area in (asked, recorded))
    assert compare_places(a, b, (True, True)).area == level


@pytest.mark.parametrize(
    ("asked", "recorded", "level"),
    [
        (date(1971, 3, 9), date(1971, 3, 9), "equal"),
        (date(1971, 3, 9), date(1971, 9, 3), "close"),
        (date(1971, 3, 9), date(1971, 3, 8), "close"),
        (date(1971, 3, 9), date(1917, 3, 9), "close_generation"),
        (date(1971, 3, 9), date(1951, 3, 9), "close_generation"),
        (date(1971, 3, 9), date(1993, 3, 9), "different"),
        (date(1971, 3, 9), date(1972, 3, 8), "different"),
        (None, date(1971, 3, 9), "not_given"),
        (date(1971, 3, 9), None, "not_recorded"),
    ],
)
def test_birth_dates(asked: date | None, recorded: date | None, level: str) -> None:
    assert compare_dates(asked, recorded) == level


@pytest.mark.parametrize(
    ("asked", "recorded", "level"),
    [
        ("211440001", "211440001", "equal"),
        ("211440001", "211440002", "neighbour"),
        ("211440001", "112440001", "different"),
        ("211440001", "121440001", "close"),
        ("211440001", "599887766", "different"),
        ("", "211440001", "not_given"),
        ("211440001", "", "not_recorded"),
    ],
)
def test_numbers(asked: str, recorded: str, level: str) -> None:
    assert compare_numbers(asked, recorded) == level


WORDS = st.sampled_from(
    ["John", "Jon", "J", "Mary Ann", "Ann", "Mrs", "Jr", "Garcia", "Garcia-Lopez", "De La Cruz"]
) | st.text(max_size=12)


@given(*[st.tuples(WORDS, WORDS, WORDS, WORDS)] * 2, st.tuples(st.booleans(), st.booleans()))
def test_every_level_of_a_name_is_known(
    asked: tuple[str, str, str, str],
    recorded: tuple[str, str, str, str],
    use: tuple[bool, bool],
) -> None:
    a, b = standardise_name(*asked), standardise_name(*recorded)
    levels = compare_names(a, b, InUse(use, use))
    assert levels.given in LIKE_GIVEN | {"different"}
    assert levels.family in LIKE_FAMILY | {"missing", "different"}
    assert levels.middle in MIDDLE
    assert levels.suffix in {*SUFFIX, "different"}
    assert levels.order in ORDER
    if a == b and a.given and levels.family != "missing":
        assert (levels.given, levels.family, levels.suffix) == ("exact", "exact", "agrees")


PLACE_WORDS = st.sampled_from(
    ["12 Main St", "12 Main", "PO Box 4", "Apt 4", "5", "IL", "61601", "Peoria"]
) | st.text(max_size=12)


@given(*[st.tuples(*[PLACE_WORDS] * 5)] * 2, st.tuples(st.booleans(), st.booleans()))
def test_every_level_of_an_address_is_known(
    asked: tuple[str, str, str, str, str],
    recorded: tuple[str, str, str, str, str],
    use: tuple[bool, bool],
) -> None:
    a, b = standardise_place(*asked), standardise_place(*recorded)
    levels = compare_places(a, b, use)
    assert levels.house in {*HOUSE, "missing", "different"}
    assert levels.street in {*STREET, "missing", "different"}
    assert levels.unit in {*UNIT, "different"}
    assert levels.area in {*AREA, "different"}


@given(st.dates(), st.dates(), st.text("0123456789", max_size=9), st.text("0123456789", max_size=9))
def test_every_level_of_a_date_and_a_number_is_known(
    born: date, recorded: date, number: str, other: str
) -> None:
    assert compare_dates(born, recorded) in {*DATE, "different"}
    assert compare_dates(born, born) == "equal"
    assert compare_numbers(number, other) in {*NUMBER, "different"}


@given(st.text(max_size=60))
def test_folding_is_stable(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_an_absurdly_long_field_is_no_name() -> None:
    assert fold("A" * (MAX_LENGTH + 1)) == ""
    assert not standardise_name("A" * 5_000, "", "B" * 5_000, "")
    assert in_use("JOHN", "given", 0, 1)
    assert in_use("QXRT", "given", 3, 1_000)
    assert not in_use("QXRT", "given", 3, 10_000_000)
    assert not in_use("QXRT", "family", 2, 1_000)
