"""What each cause touches, and that nothing is left out in silence."""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.exchange.office import AGREEMENT, NOW, PERSON, REQUEST, Office, make_office
from tests.exchange.recalls import ASKED, OTHER, Desk, touched

from comity.agreement.editing import with_amendment
from comity.core.errors import UsageError
from comity.determination.stay import Scope
from comity.examination.context import Context
from comity.examination.rule import RULES, NoParameters, Unmet
from comity.exchange.staying import add_stay
from comity.identity.evidence import VERSION
from comity.oversight.incident import CANNOT_TELL
from comity.request.model import Request
from comity.store import acts, cases

ONE, OTHERS = "b000001/1", "b000001/2"
DAY = NOW.date()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Two disclosures to an officer each, and beside them one returned and one not verified."""
    made = make_office(tmp_path / "office", PERSON, OTHER)
    desk = Desk(made)
    desk.disclose(
        REQUEST,
        ASKED,
        dict(REQUEST, request_id="R3", case_number="X-3", street="NA NA"),
        dict(REQUEST, request_id="R4", case_number="X-4", first_name="Ignatius"),
    )
    yield desk
    made.exchange.close()


def mend(monkeypatch: pytest.MonkeyPatch, rule: str) -> None:
    """This release's rule finds fault with an address in Nevada."""

    def test(request: Request, _: NoParameters, __: Context) -> Unmet | None:
        return Unmet("It is in Nevada.", "Ask elsewhere.") if request.state == "NV" else None

    monkeypatch.setitem(RULES, rule, dataclasses.replace(RULES[rule], test=test))


def forget(desk: Desk, *names: str) -> None:
    """Destroy keys, as disposal does."""
    path = desk.office.exchange.directory / "comity.db"
    with closing(sqlite3.connect(path)) as database, database:
        for name in names:
            done = database.execute("DELETE FROM data_keys WHERE name = ?", (name,))
            assert done.rowcount == 1, name


# --- rules ----------------------------------------------------------------------------------------


def test_unmended_rules_touch_nothing(desk: Desk) -> None:
    found = desk.find(rules=True)
    assert (found.touched, found.looked_at) == ((), 2)


def test_a_mended_rule(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    mend(monkeypatch, "address.complete")
    found = desk.find(rules=True)
    assert touched(found) == {OTHERS: ("finding: address.complete",)}
    (carried,) = found.carried
    assert (carried.recipient, carried.package) == ("inv-02", "b000001-p0002")
    assert touched(desk.find(rules=True, only=["address.complete"])) == touched(found)
    assert touched(desk.find(rules=True, only=["address.present"])) == {}
    desk.open(rules=True)
    (entry,) = desk.logged("incident.opened")
    assert (entry.body["cause"], entry.body["rules"]) == ("rules", ["address.complete"])
    assert "address.complete" in desk.notices()["i000001-n0001"].with_suffix(".txt").read_text()


def test_a_mended_rule_of_another_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule is mended in a later release, so what was determined bears another version."""
    desk = Desk(make_office(tmp_path / "office", PERSON, OTHER))
    with monkeypatch.context() as earlier:
        earlier.setattr("comity.determination.determine.RULES_VERSION", "0")
        desk.disclose(REQUEST, ASKED)
    with desk.office.exchange.database.reading() as connection:
        keys = desk.office.exchange.keys
        for one in acts.dossiers(connection, keys, "b000001"):
            assert one is not None
            assert one.content["determination"]["rules_version"] == "0"  # type: ignore[index, call-overload]
    mend(monkeypatch, "address.complete")
    assert touched(desk.find(rules=True)) == {OTHERS: ("finding: address.complete",)}


def test_a_rule_about_the_whole_batch_sees_all_of_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def test(_: Request, __: object, context: Context) -> Unmet | None:
        return Unmet("Too many.", "Fewer.") if context.survey.rows == 4 else None

    rule = RULES["reason.individual"]
    mended = dataclasses.replace(rule, test=test, reads=None)
    monkeypatch.setitem(RULES, "reason.individual", mended)
    assert set(touched(desk.find(rules=True))) == {ONE, OTHERS}


def test_evidence_of_another_form_cannot_be_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("comity.oversight.objections.VERSION", VERSION + 1)
    found = desk.find(rules=True)
    assert (set(touched(found)), found.certain) == ({ONE, OTHERS}, 0)
    assert touched(desk.find(rules=True, only=["address.present"])) == {}


def test_a_mended_decision_about_the_person(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when a contradiction had been overlooked."""
    monkeypatch.setattr("comity.identity.decision.contradiction", lambda *_: "another house")
    why = ("identity: no one person is certain",)
    assert touched(desk.find(rules=True)) == {ONE: why, OTHERS: why}
    assert touched(desk.find(rules=True, only=["identity"])) == {ONE: why, OTHERS: why}


# --- agreement ------------------------------------------------------------------------------------


def corrected(desk: Desk, old: str, new: str) -> Path:
    """The next version of the agreement, with one text changed; not signed yet."""
    text = AGREEMENT.read_text("utf-8")
    assert old in text
    path = desk.office.folder / "corrected.yaml"
    why = ("A. Author", "B. Approver", "The criteria were found to be wrong.")
    path.write_text(with_amendment(text, AGREEMENT.name, *why).replace(old, new), "utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("min_characters: 40", "min_characters: 100", "finding: reason.specific"),
        ("house_number: tolerant", "house_number: exact", "identity: no one person is certain"),
    ],
)
def test_a_corrected_agreement(tmp_path: Path, old: str, new: str, why: str) -> None:
    office = make_office(tmp_path / "office", PERSON, OTHER)
    desk = Desk(office)
    desk.disclose(dict(REQUEST, street="419 Juniper Hollow Rd", tin="850-12-3456"), ASKED)
    path = corrected(desk, old, new)
    found = desk.find(agreement=str(path))
    assert why in {words for one in found.touched for words in one.why}, touched(found)


def test_the_same_agreement_touches_nothing(desk: Desk) -> None:
    assert desk.find(agreement="us-irs-ice-2025").looked_at == 0
    assert touched(desk.find(agreement=str(corrected(desk, "title:", "title:")))) == {}


def test_that_the_corrected_one_came_later_is_no_fault_of_a_request(desk: Desk) -> None:
    path = corrected(desk, "effective: 2025-04-07", "effective: 2026-06-01")
    assert touched(desk.find(agreement=str(path))) == {}


def test_a_file_that_is_no_agreement_of_here_is_refused(desk: Desk) -> None:
    with pytest.raises(UsageError, match="is adopted here"):
        desk.find(agreement=str(AGREEMENT.with_name("us-benefits-match.yaml")))


# --- records and registry -------------------------------------------------------------------------


def listed(desk: Desk, *persons: str) -> Path:
    path = desk.office.folder / "persons.txt"
    path.write_text("\n".join(persons))
    return path


def test_a_wrong_record(desk: Desk) -> None:
    found = desk.find(persons=listed(desk, "P1"))
    assert touched(found) == {ONE: ("record: the answer is about this person",)}


def test_a_wrong_record_that_was_weighed_against_another(tmp_path: Path) -> None:
    """The neighbour was no rival, as far as the wrong record said."""
    near = dict(PERSON, person_id="P3", first_name="Rosamund", tin="", date_of_birth="1950-01-01")
    desk = Desk(make_office(tmp_path / "office", PERSON, near))
    desk.disclose(REQUEST)
    found = desk.find(persons=listed(desk, "P3"))
    assert touched(found) == {ONE: ("record: among the persons who were weighed",)}


def test_of_what_was_disposed_of_only_whom_it_was_about_is_told(desk: Desk) -> None:
    forget(desk, ONE, OTHERS)
    found = desk.find(persons=listed(desk, "P1"))
    assert touched(found) == {
        ONE: ("record: the answer is about this person",),
        OTHERS: (f"{CANNOT_TELL}: disposed of",),
    }
    assert found.certain == 1


def test_an_empty_list_is_refused(desk: Desk) -> None:
    with pytest.raises(UsageError, match="names no person"):
        desk.find(persons=listed(desk, " ", ""))


@pytest.mark.parametrize(
    ("persons", "why"),
    [
        ((PERSON, OTHER), None),
        ((OTHER,), "registry: no one person is certain any more"),
        ((dict(PERSON, street="77 Elm St"), OTHER), "registry: no one person is certain any more"),
        ((dict(PERSON, person_id="P9"), OTHER), "registry: another person is meant"),
        (
            (PERSON, dict(PERSON, street="77 Elm St", address_from="2024-01-01"), OTHER),
            "registry: what was given is not what the record says of that day",
        ),
        ((PERSON, dict(PERSON, street="77 Elm St", address_from="2026-05-01"), OTHER), None),
        (
            (
                dict(PERSON, address_to="2026-06-01"),
                dict(PERSON, street="77 Elm St", address_from="2026-06-01"),
                OTHER,
            ),
            None,
        ),
    ],
    ids=["same", "removed", "elsewhere", "renamed", "wrong address", "moved since", "moved out"],
)
def test_the_registry_as_it_is_now(
    desk: Desk, persons: tuple[dict[str, str], ...], why: str | None
) -> None:
    desk.later(days=150)
    desk.office.build(*persons)
    assert touched(desk.find(registry=True)) == ({} if why is None else {ONE: (why,)})


def test_what_was_disposed_of_cannot_be_matched_again(desk: Desk) -> None:
    forget(desk, ONE)
    found = desk.find(registry=True)
    assert touched(found) == {ONE: (f"{CANNOT_TELL}: disposed of",)}


# --- stays ----------------------------------------------------------------------------------------


def stay(office: Office, scope: Scope, value: str) -> str:
    with office.exchange.writing():
        counsel = office.credentials(office.cast.counsel)
        return add_stay(office.exchange, scope, value, "Docket 26-0417, nunc pro tunc", counsel).id


@pytest.mark.parametrize(
    ("scope", "value", "rows"),
    [
        (Scope.EXCHANGE, "", [ONE, OTHERS]),
        (Scope.AGREEMENT, "us-irs-ice-2025", [ONE, OTHERS]),
        (Scope.STATUTE, "8 USC 1253(a)(1)", [ONE, OTHERS]),
        (Scope.STATUTE, "8 USC 1326", []),
        (Scope.BATCH, "b000001", [ONE, OTHERS]),
        (Scope.REQUEST, OTHERS, [OTHERS]),
        (Scope.RECIPIENT, "inv-02", [OTHERS]),
        (Scope.CLASS, "minor", []),
    ],
)
def test_a_stay_that_reaches_back(desk: Desk, scope: Scope, value: str, rows: list[str]) -> None:
    name = stay(desk.office, scope, value)
    found = desk.find(stay=name, since=DAY)
    assert touched(found) == dict.fromkeys(rows, (f"stay: {name}",))
    assert touched(desk.find(stay=name, since=DAY + timedelta(days=1))) == {}


def test_a_class_that_was_noticed_late(desk: Desk) -> None:
    """The flag came after the disclosure."""
    name = stay(desk.office, Scope.CLASS, "minor")
    desk.office.build(dict(PERSON, flags="minor"), OTHER)
    assert touched(desk.find(stay=name, since=DAY)) == {ONE: (f"stay: {name}",)}


def test_a_stay_on_a_statute_cannot_tell_what_was_disposed_of(desk: Desk) -> None:
    forget(desk, ONE)
    found = desk.find(stay=stay(desk.office, Scope.STATUTE, "8 USC 1326"), since=DAY)
    assert touched(found) == {ONE: (f"{CANNOT_TELL}: disposed of",)}
    whole = desk.find(stay=stay(desk.office, Scope.EXCHANGE, ""), since=DAY)
    assert whole.certain == 2


# --- what cannot be told --------------------------------------------------------------------------


def test_what_was_disposed_of_counts_as_touched(desk: Desk) -> None:
    forget(desk, ONE)
    found = desk.find(rules=True, only=["address.present"])
    assert touched(found) == {ONE: (f"{CANNOT_TELL}: disposed of",)}
    assert found.certain == 0
    made = desk.open(rules=True, only=["address.present"])
    assert len(made.found.touched) == 1
    letter = desk.notices()["i000001-n0003"]
    assert desk.opened(letter, "inv-01").inside["requests"] == {"b000001-p0001": [{"request": ONE}]}
    desk.sent("i000001-n0001", "i000001-n0002")
    letters = desk.letters()
    assert (letters.letters, letters.untold) == (0, 1)


def test_rows_that_a_rule_about_the_batch_would_have_seen(desk: Desk) -> None:
    forget(desk, "b000001/4")
    found = desk.find(rules=True)
    assert set(touched(found)) == {ONE, OTHERS}
    assert found.certain == 0
    assert touched(desk.find(rules=True, only=["address.present"])) == {}
    assert found.without_doubtful().touched == ()


def test_a_batch_whose_receipt_is_gone(desk: Desk) -> None:
    with desk.office.exchange.database.reading() as connection:
        (batch,) = cases.all_batches(connection)
    forget(desk, f"act/{batch.entry}")
    found = desk.find(rules=True)
    assert set(touched(found)) == {ONE, OTHERS}
    assert found.certain == 0


@pytest.mark.parametrize("cause", [{"rules": True}, {"registry": True}])
def test_a_batch_whose_key_is_gone(desk: Desk, cause: dict[str, Any]) -> None:
    """As after a disposal, when an older database was put back."""
    assert desk.office.exchange.keys.destroy_kek("b000001.1")
    found = desk.find(**cause)
    assert set(touched(found)) == {ONE, OTHERS}
    assert found.certain == 0


def test_what_was_altered_since(desk: Desk) -> None:
    """Sealed anew by whoever has the keys, so that it looks innocent."""
    path = desk.office.exchange.directory / "comity.db"
    with closing(sqlite3.connect(path)) as database, database:
        (body, number) = database.execute(
            "SELECT body, number FROM entries JOIN requests ON entry = number WHERE row = 1"
        ).fetchone()
        other = bytes(body).replace(b'"commitment":"sha256:', b'"commitment":"sha256:0')[:-1]
        database.execute("UPDATE entries SET body = ? WHERE number = ?", (other + b"}", number))
    found = desk.find(rules=True, only=["address.present"])
    assert CANNOT_TELL in touched(found)[ONE][0]


@pytest.mark.parametrize(
    "cause",
    [
        {},
        {"rules": True, "registry": True},
        {"registry": True, "only": ["address.present"]},
        {"rules": True, "only": ["address.presnt"]},
        {"stay": "s0009", "since": date(2026, 1, 1)},
        {"stay": "s0009"},
        {"rules": True, "since": date(2026, 1, 1)},
        {"agreement": "no-such-agreement"},
    ],
)
def test_a_call_with_a_slip_is_refused(desk: Desk, cause: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        desk.find(**cause)


def test_searching_does_not_show(desk: Desk) -> None:
    before = desk.office.exchange.log.size()
    desk.find(rules=True)
    assert desk.office.exchange.log.size() == before
    assert desk.entries()[-1].type == "office.acted"
