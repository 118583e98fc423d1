"""A recall from end to end: opened, told, answered, closed; and what must not be possible."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.exchange.office import PERSON, REQUEST, make_office
from tests.exchange.recalls import ASKED, DATA, HOW, OTHER, REASON, Desk, touched

from comity.core.errors import AuthorizationError, ConflictError, KeyMaterialError, UsageError
from comity.core.statement import Statement, decode_public_key
from comity.disclosure.notice import make_notice
from comity.disclosure.notice_answer import Account, Copies
from comity.exchange import disposing, noticing
from comity.exchange.notice_answers import open_notice_file, write_text
from comity.exchange.noticing import REPORT
from comity.exchange.verifying import verify_log
from comity.store import acts, incidents, parties

INSPECTOR, SAFEGUARDS, FIRST, SECOND = (f"i000001-n{n:04d}" for n in range(1, 5))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Two disclosures, to an officer each, both about records that turned out to be wrong."""
    made = make_office(tmp_path / "office", PERSON, OTHER)
    desk = Desk(made)
    desk.disclose(REQUEST, ASKED)
    yield desk
    made.exchange.close()


@pytest.fixture
def persons(tmp_path: Path) -> Path:
    path = tmp_path / "persons.txt"
    path.write_text("P1\nP2\n")
    return path


@pytest.fixture
def opened(desk: Desk, persons: Path) -> Desk:
    """With an incident that calls both of them back."""
    desk.open(persons=persons)
    return desk


def test_the_whole_way(desk: Desk, persons: Path) -> None:
    made = desk.open(persons=persons)
    assert (made.incident, len(made.found.touched), made.found.certain) == ("i000001", 2, 2)
    files = desk.notices()
    assert [path.suffix for path in files.values()] == [".json", ".json", ".comity", ".comity"]
    desk.sent(INSPECTOR, SAFEGUARDS, FIRST, SECOND)
    letters = desk.letters()
    assert (letters.letters, letters.unaddressed, letters.untold) == (2, 0, 0)
    desk.sent(letters.notice)
    for name, officer in ((FIRST, "inv-01"), (SECOND, "inv-02")):
        desk.take(desk.answer(files[name], officer))
    standing = desk.standing()
    assert not standing.wanting
    assert (standing.outstanding, standing.overdue, standing.unreported) == (0, False, ())
    desk.close()
    assert desk.standing().incident.closed_by == "irs-inspector"
    exchange = desk.office.exchange
    verified = verify_log(exchange.directory / "log", exchange.log_verifier_key)
    assert {name: n for name, n in verified.types.items() if name[:6] in ("incide", "notice")} == {
        "incident.opened": 1,
        "notice.made": 5,
        "notice.sent": 5,
        "notice.answered": 2,
        "incident.closed": 1,
    }


def test_what_each_reader_gets(opened: Desk) -> None:
    files = opened.notices()
    text = files[INSPECTOR].with_suffix(".txt").read_text()
    assert "holds no personal data" in text
    assert "2 packages" in text and "2 officers" in text
    signed = Statement.from_json(json.loads(files[INSPECTOR].read_text()), kind=REPORT)
    signed.verify(decode_public_key(opened.office.exchange.package_verifier_key))
    assert signed.body["disclosures"] == 2
    notice = opened.opened(files[FIRST], "inv-01")
    assert notice.inside["requests"] == {
        "b000001-p0001": [
            {"request": "b000001/1", "request_id": "R1", "case_number": "FD-2025-000417"}
        ]
    }
    with pytest.raises(KeyMaterialError, match="for inv-01"):
        opened.opened(files[FIRST], "inv-02")
    out = opened.office.folder / "notice.txt"
    write_text(notice, out)
    assert "return or destroy every copy" in out.read_text()
    assert out.stat().st_mode & 0o077 == 0


def test_the_letters(opened: Desk) -> None:
    opened.sent(INSPECTOR, SAFEGUARDS)
    made = opened.letters()
    path = opened.notices()[made.notice]
    key = opened.office.exchange.package_verifier_key
    out = opened.office.folder / "letters.txt"
    assert write_text(open_notice_file(path, opened.mailer, key), out) == 2
    one, other = out.read_text().split("\f")
    assert one.splitlines()[:3] == [
        "ROSALIND QUARTERMAIN",
        "418 Juniper Hollow Rd",
        "Boise ID 83702",
    ]
    assert "Oakenshaw".upper() in other
    for words in ("02 March 2026", "your mailing address on file", "26 USC 7431", "i000001"):
        assert words in one
    with pytest.raises(ConflictError, match="are made"):
        opened.letters()


def test_a_letter_goes_to_where_the_record_says_today(opened: Desk) -> None:
    opened.sent(INSPECTOR, SAFEGUARDS)
    opened.office.build(dict(PERSON, street="12 New St", flags="protected_address"))
    made = opened.letters()
    assert (made.letters, made.unaddressed) == (2, 1)
    path = opened.notices()[made.notice]
    out = opened.office.folder / "letters.txt"
    key = opened.office.exchange.package_verifier_key
    write_text(open_notice_file(path, opened.mailer, key), out)
    one, other = out.read_text().split("\f")
    assert "12 New St" in one and "bears: protected_address" in one
    assert "No address on file" in other


@pytest.mark.parametrize("told", [(), (INSPECTOR,), (SAFEGUARDS,)])
def test_persons_are_written_to_after_inspector_and_safeguards(
    opened: Desk, told: tuple[str, ...]
) -> None:
    opened.sent(*told)
    with pytest.raises(ConflictError, match="must know of incident i000001"):
        opened.letters()
    assert len(opened.logged("notice.made")) == 4


def test_files_are_the_same_each_time_and_named_after_nobody(opened: Desk) -> None:
    one, other = opened.notices(), opened.notices()
    assert one.keys() == other.keys()
    for name, path in one.items():
        assert path.read_bytes() == other[name].read_bytes()
    assert all("inv-" not in path.name for path in one.values())


def test_no_personal_data_outside_what_is_sealed(desk: Desk, persons: Path) -> None:
    desk.open(persons=persons)
    files = desk.notices()
    desk.sent(INSPECTOR, SAFEGUARDS)
    desk.letters()
    kept = Account(Copies.DESTROYED, "Shredded", passed_on=("Sheriff Jane Doe",))
    desk.take(desk.answer(files[FIRST], "inv-01", kept))
    desk.close(because="The rest will not come any more.")
    exchange = desk.office.exchange
    plain = [entry.encode() for entry in desk.entries()]
    plain += [p.read_bytes() for p in exchange.directory.glob("comity.db*")]
    plain += [p.read_bytes() for p in files.values()]
    plain += [p.read_bytes() for p in (exchange.directory / "log").rglob("*") if p.is_file()]
    for data in (*DATA, "P1\n", "Jane Doe", REASON, HOW):
        assert not any(data.encode() in content for content in plain), data


def test_what_the_log_shows(desk: Desk, persons: Path) -> None:
    desk.open(persons=persons)
    (entry,) = desk.logged("incident.opened")
    assert entry.body == {
        "incident": "i000001",
        "cause": "registry",
        "rules": [],
        "disclosures": 2,
        "suspected": entry.body["suspected"],
        "due": entry.body["due"],
    }
    with desk.office.exchange.database.reading() as connection:
        (one,) = incidents.all_incidents(connection)
        sealed = acts.payload(connection, desk.office.exchange.keys, one.entry)
    said = Statement.from_json(sealed["statement"], kind="incident").body
    assert said["reason"] == REASON and said["officer"] == "irs-disclosure-1"
    listed: Any = sealed["touched"]
    assert [one["request"] for one in listed] == ["b000001/1", "b000001/2"]


# --- the clock ------------------------------------------------------------------------------------


def test_the_clock_runs_from_the_suspicion(desk: Desk, persons: Path) -> None:
    suspected = desk.office.clock.moment
    desk.later(hours=20)
    made = desk.open(persons=persons, suspected=suspected)
    assert made.due == suspected + timedelta(hours=24)
    assert timedelta(hours=3.9) < desk.standing().left < timedelta(hours=4)
    desk.sent(INSPECTOR)
    assert not desk.standing().overdue
    desk.later(hours=4)
    assert desk.standing().overdue
    assert desk.standing().unreported == ("safeguards office",)


def test_late_is_seen_for_good(opened: Desk) -> None:
    opened.sent(INSPECTOR)
    opened.later(hours=27)
    opened.sent(SAFEGUARDS)
    standing = opened.standing()
    assert (standing.clock.late, standing.overdue) == (True, False)
    assert [entry.body["late"] for entry in opened.logged("notice.sent")] == [False, True]
    with pytest.raises(ConflictError, match="first time stands"):
        opened.sent(SAFEGUARDS, at=opened.office.clock.moment - timedelta(hours=26))


def test_that_it_was_said_later_shows(opened: Desk) -> None:
    """Whoever says that a report went out in time, when the time is over, says so in the log
    now."""
    then = opened.office.clock.moment
    opened.later(hours=30)
    opened.sent(INSPECTOR, at=then)
    (entry,) = opened.logged("notice.sent")
    assert entry.body["late"] is False
    assert str(entry.body["sent"]) < entry.at[:13]
    (notice, *_) = opened.standing().notices
    assert notice.notice.recorded == entry.at


@pytest.mark.parametrize("hours", [-48.0, 1.0])
def test_a_time_that_cannot_be_is_refused(opened: Desk, hours: float) -> None:
    when = opened.office.clock.moment + timedelta(hours=hours)
    with pytest.raises(UsageError, match="cannot have been sent then"):
        opened.sent(INSPECTOR, at=when)


def test_a_suspicion_still_to_come_is_refused(desk: Desk, persons: Path) -> None:
    when = desk.office.clock.moment + timedelta(hours=1)
    with pytest.raises(UsageError, match="still to come"):
        desk.open(persons=persons, suspected=when)


def test_answers_are_overdue_too(opened: Desk) -> None:
    opened.sent(INSPECTOR, SAFEGUARDS, FIRST, SECOND)
    assert not opened.standing().overdue
    opened.later(days=10)
    assert opened.standing().overdue


# --- nobody alone, nothing half -------------------------------------------------------------------


def test_opening_waits_for_nobody_and_the_opener_does_not_close(opened: Desk) -> None:
    opened.sent(INSPECTOR, SAFEGUARDS)
    with pytest.raises(AuthorizationError, match="who opened an incident does not close it"):
        opened.close(by="irs-disclosure-1", because="Nothing more will come of it.")
    opened.close(by="irs-disclosure-2", because="Nothing more will come of it.")


@pytest.mark.parametrize("by", ["irs-operator", "ice-preparer", "inv-01"])
def test_others_may_not(opened: Desk, persons: Path, by: str) -> None:
    before = len(opened.logged("attempt.refused"))
    for act in (
        lambda: opened.find(persons=persons, by=by),
        lambda: opened.open(persons=persons, by=by),
        lambda: opened.sent(INSPECTOR, by=by),
        lambda: opened.close(by=by, because="For no reason at all."),
    ):
        with pytest.raises(AuthorizationError):
            act()
    assert len(opened.logged("attempt.refused")) == before + 4
    assert opened.standing().incident.closed is None


def test_it_closes_only_when_the_reports_are_out(opened: Desk) -> None:
    opened.sent(INSPECTOR)
    with pytest.raises(ConflictError, match="safeguards office must know"):
        opened.close(because="The answers will not come any more.")


def test_what_is_wanting_must_be_explained(opened: Desk) -> None:
    opened.sent(INSPECTOR, SAFEGUARDS, FIRST, SECOND)
    with pytest.raises(ConflictError, match="packages without an answer: 2"):
        opened.close()
    opened.close(because="The officers have left the agency.")
    (entry,) = opened.logged("incident.closed")
    assert entry.body == {"incident": "i000001", "outstanding": 2}
    with pytest.raises(ConflictError, match="is closed"):
        opened.close(by="irs-disclosure-2")


def test_killed_while_it_is_opened_nothing_is_half_done(
    desk: Desk, persons: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = 0

    def interrupted(*arguments: object, **named: object) -> bytes:
        nonlocal made
        made += 1
        if made == 2:
            raise KeyboardInterrupt
        return real(*arguments, **named)  # type: ignore[arg-type]

    real = make_notice
    monkeypatch.setattr(noticing, "make_notice", interrupted)
    suspected = desk.office.clock.moment
    before = len(desk.entries())
    with pytest.raises(KeyboardInterrupt):
        desk.open(persons=persons, suspected=suspected, by="irs-inspector", stay=True)
    with desk.office.exchange.database.reading() as connection:
        assert incidents.all_incidents(connection) == []
        assert parties.all_stays(connection) == ()
    assert len(desk.entries()) == before
    monkeypatch.undo()
    desk.open(persons=persons, suspected=suspected, by="irs-inspector", stay=True)
    assert desk.standing().disclosures == 2


def test_the_same_command_again_opens_no_second(desk: Desk, persons: Path) -> None:
    suspected = desk.office.clock.moment
    desk.open(persons=persons, suspected=suspected)
    again = desk.open(persons=persons, suspected=suspected)
    assert (again.incident, again.already) == ("i000001", True)
    assert len(desk.logged("incident.opened")) == 1


def test_nothing_touched_opens_nothing(desk: Desk, tmp_path: Path) -> None:
    nobody = tmp_path / "nobody.txt"
    nobody.write_text("P77\n")
    with pytest.raises(ConflictError, match="No disclosure is touched"):
        desk.open(persons=nobody)
    assert touched(desk.find(persons=nobody)) == {}


def test_it_may_stop_what_is_still_to_come(desk: Desk, persons: Path) -> None:
    with pytest.raises(AuthorizationError, match="stay"):
        desk.open(persons=persons, stay=True)
    made = desk.open(persons=persons, stay=True, by="irs-inspector")
    assert made.stays == ("s0001",)
    desk.office.submit(dict(REQUEST, request_id="R9", case_number="X-9"))
    assert desk.office.outcomes("b000002") == ["stayed"]


def test_what_is_called_back_is_held_until_it_closes(opened: Desk) -> None:
    database = opened.office.exchange.database
    with database.reading() as connection:
        assert incidents.open_incident_batches(connection) == {"b000001"}
    opened.sent(INSPECTOR, SAFEGUARDS)
    opened.close(because="Nothing more will come of it.")
    with database.reading() as connection:
        assert incidents.open_incident_batches(connection) == set()


def dispose(desk: Desk, by: str) -> None:
    with desk.office.exchange.writing():
        disposing.dispose(desk.office.exchange, desk.office.credentials(by), "b000001")


def test_nothing_that_is_called_back_is_disposed_of(desk: Desk, persons: Path) -> None:
    """Neither ordered, nor carried out where the incident came after the order."""
    desk.later(days=2556)
    dispose(desk, "irs-disclosure-1")
    desk.open(persons=persons)
    with pytest.raises(ConflictError, match="called back by incident i000001"):
        dispose(desk, "irs-disclosure-2")
    desk.sent(INSPECTOR, SAFEGUARDS)
    desk.close(because="Nothing more will come of it.")
    dispose(desk, "irs-disclosure-2")
    found = desk.find(persons=persons)
    assert (len(found.touched), len(found.carried)) == (2, 2)
    assert len(desk.find(rules=True).touched) == len(desk.find(registry=True).touched) == 2
    again = desk.open(rules=True)
    assert (again.incident, again.found.certain) == ("i000002", 0)
    assert desk.opened(desk.notices("i000002")["i000002-n0003"], "inv-01").inside["requests"] == {
        "b000001-p0001": [{"request": "b000001/1"}]
    }


def test_encrypted_files_go_when_it_closes(opened: Desk) -> None:
    opened.sent(INSPECTOR, SAFEGUARDS)
    opened.letters()
    assert len(opened.notices()) == 5
    opened.close(because="Nothing more will come of it.")
    assert list(opened.notices()) == [INSPECTOR, SAFEGUARDS]


def test_a_closed_incident_gets_no_letters(opened: Desk) -> None:
    opened.sent(INSPECTOR, SAFEGUARDS)
    opened.close(because="Nothing more will come of it.")
    with pytest.raises(ConflictError, match="is closed"):
        opened.letters()


def test_an_officer_who_left_is_still_written_to(desk: Desk, persons: Path) -> None:
    """Under the key that the package was encrypted to."""
    office = desk.office
    text = office.cast.requester_roster.read_text().replace("version: 1", "version: 2", 1)
    start = text.index("- id: inv-01")
    end = text.index("- id: inv-02")
    roster = office.folder / "requester-2.yaml"
    roster.write_text(text[:start] + text[end:])
    with office.exchange.writing():
        from comity.exchange.parties import add_roster

        add_roster(office.exchange, roster, office.credentials(office.cast.requester_head))
    desk.open(persons=persons)
    assert desk.opened(desk.notices()[FIRST], "inv-01").cover["reader"] == "inv-01"
