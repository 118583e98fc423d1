"""To the requester, nobody, several and a conflict look the same, byte for byte."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from tests.exchange.office import PERSON, REQUEST, Office, Row, make_office

from comity.determination.stay import Scope
from comity.exchange.record import COVER
from comity.exchange.status import write_requester_answers
from comity.exchange.staying import add_stay, lift_stay
from comity.ledger.entry import Entry
from comity.ledger.note import NoteVerifier
from comity.ledger.verify import verify
from comity.review.decision import Verdict
from comity.store import acts

STRANGER: Row = dict(
    PERSON,
    person_id="P9",
    tin="851-22-9071",
    first_name="Bartholomew",
    last_name="Oakenshaw",
    date_of_birth="1950-01-01",
    street="9 Pine St",
    city="Reno",
    state="NV",
    postal_code="89501",
)
NAMESAKE: Row = dict(PERSON, person_id="P2", tin="852-33-1188", date_of_birth="")
ASKED: Row = dict(REQUEST, date_of_birth="", tin="850-12-3456")
PLAIN: Row = dict(REQUEST, date_of_birth="")

WORLDS: dict[str, tuple[tuple[Row, ...], Row]] = {
    "unknown": ((STRANGER,), PLAIN),
    "several": ((dict(PERSON, date_of_birth=""), NAMESAKE), PLAIN),
    "moved": ((dict(PERSON, street="77 Elm St"),), PLAIN),
}
CONFLICT = {
    "unknown": ((STRANGER,), ASKED),
    "number of another": (
        (dict(PERSON, tin="853-44-2020"), dict(STRANGER, tin="850-12-3456")),
        ASKED,
    ),
    "number of two": ((PERSON, dict(STRANGER, tin="850-12-3456")), ASKED),
}


def _log(office: Office) -> list[tuple[object, ...]]:
    """The published log without what is random or a time of day."""
    entries: list[Entry] = []
    key = NoteVerifier.parse(office.exchange.log_verifier_key)
    verify(office.exchange.directory / "log", key, lambda _number, entry: entries.append(entry))
    return [(e.type, e.agreement, e.request, e.commitment is None, _body(e)) for e in entries]


def _body(entry: Entry) -> str:
    random = ("agreement_digest", "digest", "items_digest")
    body = {k: v for k, v in entry.body.items() if k not in random}
    return json.dumps(body, sort_keys=True)


def _times(office: Office) -> list[int]:
    """Where the time of the published log moves on: at which entries."""
    moments: list[str] = []
    key = NoteVerifier.parse(office.exchange.log_verifier_key)
    verify(office.exchange.directory / "log", key, lambda _number, e: moments.append(e.at))
    return [n for n, (one, other) in enumerate(pairwise(moments)) if one != other]


def _answers(office: Office, ending: str) -> bytes:
    path = office.folder / f"answers{ending}"
    write_requester_answers(office.exchange, "b000001", path)
    return path.read_bytes()


def _seen(folder: Path, persons: tuple[Row, ...], asked: Row) -> dict[str, object]:
    """Everything that a requester can see of a batch, while it is open and when it is closed."""
    office = make_office(folder, *persons)
    try:
        made = office.submit(asked, dict(REQUEST, request_id="R2", street="NA NA"))
        before = [_answers(office, e) for e in (".csv", ".jsonl", ".parquet")]
        log = _log(office)
        for number, outcome in enumerate(office.outcomes(), start=1):
            if outcome in ("held", "ready"):
                office.look(f"b000001/{number}")
                office.decide(Verdict.DENY, f"b000001/{number}")
        reviewed = _log(office)
        (closed,) = office.disclose()
        return {
            "counts": dict(made.counts),
            "answers": before,
            "log": log,
            "released": closed.released,
            "later": [_answers(office, e) for e in (".csv", ".jsonl", ".parquet")],
            "reviewed": reviewed,
            "later log": _log(office),
            "times": _times(office),
            "sizes": sorted(p.stat().st_size for p in office.exchange.package_path.glob("*")),
        }
    finally:
        office.exchange.close()


@pytest.mark.parametrize("worlds", [WORLDS, CONFLICT], ids=["none or several", "conflict"])
def test_nothing_tells_them_apart(
    tmp_path: Path, worlds: dict[str, tuple[tuple[Row, ...], Row]]
) -> None:
    seen = {
        name: _seen(tmp_path / name, persons, asked) for name, (persons, asked) in worlds.items()
    }
    first = seen.pop("unknown")
    for name, other in seen.items():
        for what, value in other.items():
            assert value == first[what], (name, what)


def test_the_worlds_are_what_they_say(tmp_path: Path) -> None:
    inside: dict[str, tuple[str, list[str]]] = {}
    for name, (persons, asked) in (WORLDS | CONFLICT).items():
        office = make_office(tmp_path / name, *persons)
        office.submit(asked)
        inside[name] = (office.outcomes()[0], list(office.rules()[0]))
        office.exchange.close()
    assert inside == {
        "unknown": ("not_verified", []),
        "several": ("not_verified", []),
        "moved": ("not_verified", []),
        "number of another": ("held", ["identity.conflict"]),
        "number of two": ("held", ["identity.conflict"]),
    }


def test_a_protected_person_is_pending_like_anybody(tmp_path: Path) -> None:
    flagged = make_office(tmp_path / "flagged", dict(PERSON, flags="protected_address"))
    plain = make_office(tmp_path / "plain", PERSON)
    for office in (flagged, plain):
        office.submit(REQUEST)
    assert (flagged.outcomes(), plain.outcomes()) == (["held"], ["ready"])
    assert flagged.statuses() == plain.statuses() == ["pending"]
    assert _answers(flagged, ".csv") == _answers(plain, ".csv")
    assert _log(flagged) == _log(plain)
    flagged.decide(Verdict.DENY, "b000001/1")
    flagged.disclose()
    assert flagged.statuses() == ["not_verified"]


def test_answers_that_need_the_registry_come_out_together(tmp_path: Path) -> None:
    """While one case waits, neither the approved nor the unverified of its batch are told."""
    second = dict(
        STRANGER, person_id="P3", tin="854-55-3131", flags="impairment", street="12 Birch St"
    )
    office = make_office(tmp_path, PERSON, second)
    asked = dict(
        REQUEST,
        request_id="R2",
        case_number="FD-2025-9",
        first_name="Bartholomew",
        last_name="Oakenshaw",
        date_of_birth="1950-01-01",
        street="12 Birch St",
        city="Reno",
        state="NV",
        postal_code="89501",
    )
    nobody = dict(REQUEST, request_id="R3", case_number="FD-2025-10", first_name="Ignatius")
    office.submit(REQUEST, asked, nobody)
    assert office.outcomes() == ["ready", "held", "not_verified"]
    office.decide(Verdict.APPROVE, "b000001/1")
    (closed,) = office.disclose()
    assert (closed.answers, closed.undecided, closed.released) == (0, 1, False)
    assert office.statuses() == ["pending"] * 3
    office.decide(Verdict.DENY, "b000001/2")
    (closed,) = office.disclose()
    assert closed.released
    assert office.statuses() == ["disclosed", "not_verified", "not_verified"]


def test_acts_on_single_cases_do_not_show_before_something_else_does(office: Office) -> None:
    office.submit(REQUEST)
    before = _log(office)
    office.look("b000001/1")
    office.decide(Verdict.APPROVE, "b000001/1")
    assert _log(office) == before
    office.disclose()
    later = [entry[0] for entry in _log(office)[len(before) :]]
    assert later.count("office.acted") == COVER
    assert set(later) == {"office.acted", "package.made", "request.answered", "batch.released"}


def test_many_acts_are_filled_up_to_a_multiple(office: Office) -> None:
    office.submit(REQUEST)
    before = len(_log(office))
    for _ in range(COVER + 2):
        office.look("b000001/1")
    office.decide(Verdict.DENY, "b000001/1")
    office.disclose()
    later = [entry[0] for entry in _log(office)[before:]]
    assert later.count("office.acted") == 2 * COVER


def test_the_true_time_of_an_act_is_sealed(office: Office) -> None:
    office.submit(REQUEST)
    office.look("b000001/1")
    with office.exchange.database.reading() as connection:
        number = acts.entry_count(connection) - 1
        sealed = acts.payload(connection, office.exchange.keys, number)
        shown = [Entry.parse(data).at for data in acts.entries_from(connection, number - 1)]
    assert (sealed["act"], sealed["request"]) == ("view", "b000001/1")
    assert str(sealed["at"]) > shown[1]
    assert shown[0] == shown[1]


def test_a_stay_on_a_class_holds_the_whole_batch(tmp_path: Path) -> None:
    """Were the others answered and this one later, the requester would know who is of the class."""
    second = dict(STRANGER, flags="protected_address")
    office = make_office(tmp_path, PERSON, second)
    asked = dict(
        REQUEST,
        request_id="R2",
        case_number="FD-2025-9",
        first_name="Bartholomew",
        last_name="Oakenshaw",
        date_of_birth="1950-01-01",
        street="9 Pine St",
        city="Reno",
        state="NV",
        postal_code="89501",
    )
    office.submit(REQUEST, asked)
    office.decide(Verdict.APPROVE, "b000001/1", "b000001/2")
    office.decide(Verdict.APPROVE, "b000001/2", by="irs-disclosure-2")
    with office.exchange.writing():
        counsel, order = office.credentials("irs-counsel"), "Order of the court, 26-0417"
        stay = add_stay(office.exchange, Scope.CLASS, "protected_address", order, counsel)
    assert '"scope"' not in json.dumps(_log(office)[-17:])
    (closed,) = office.disclose()
    assert (closed.answers, closed.released) == (0, False)
    assert office.statuses() == ["pending", "pending"]
    with office.exchange.writing():
        lift_stay(office.exchange, stay.id, "It was vacated.", office.credentials("irs-inspector"))
    (closed,) = office.disclose()
    assert (closed.answers, closed.released) == (2, True)
