"""`comity dispose`, `comity hold` and `comity audit certificate`, as they are typed."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.cli.shell import Shell
from tests.exchange.office import REQUEST, Office
from tests.exchange.test_disposal import PLACEHOLDER, UNKNOWN

from comity.core.clock import SystemClock
from comity.review.decision import Verdict

ORDER = "Litigation hold of counsel, docket 26-0417"


@pytest.fixture
def due(office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    """An office whose batch was closed eight years ago by the clock of the commands."""
    office.submit(REQUEST, UNKNOWN, PLACEHOLDER)
    office.decide(Verdict.APPROVE, "b000001/1")
    office.disclose()
    office.exchange.close()
    office.clock.moment += timedelta(days=2_920)
    monkeypatch.setattr(SystemClock, "now", lambda _: office.clock.now())
    return office


class Clerk:
    def __init__(self, office: Office, comity: Shell) -> None:
        self.office, self.comity = office, comity

    def run(self, *words: object, by: str | None = None) -> tuple[int, Any, str]:
        who = ("--as", by, "--key", self.office.cast.signing_key(by)) if by else ()
        place = self.office.exchange.directory
        done = self.comity(*words, "--exchange", place, "--json", *who)
        return done.code, json.loads(done.out) if done.out else None, done.err


def test_due_ordered_destroyed_certified(due: Office, comity: Shell, tmp_path: Path) -> None:
    clerk = Clerk(due, comity)
    first, second = due.cast.disclosure_officers[:2]
    code, (found,), _ = clerk.run("dispose", "--dry-run")
    assert (code, found["is_due"], found["requests"], found["ordered_by"]) == (0, True, 3, None)
    assert clerk.run("dispose")[0] == 2  # who acts?

    code, told, _ = clerk.run("dispose", by=first)
    assert (code, told["disposals"][0]["act"]) == (0, "ordered")
    assert clerk.run("dispose", "--dry-run")[1][0]["ordered_by"] == first
    code, _, said = clerk.run("dispose", "b000001", by=first)
    assert code == 1
    assert "another must" in said

    folder = tmp_path / "certificates"
    code, told, said = clerk.run("dispose", "--certificates", folder, by=second)
    assert code == 0, said
    assert told["disposals"] == [
        {"batch": "b000001", "disposal": "d0001", "act": "disposed", "requests": 3, "kept": 0}
    ]
    (file,) = map(Path, told["certificates"])
    log = due.exchange.directory / "log"
    assert comity("ledger", "verify", log).code == 0

    key = (due.exchange.directory / "log.vkey").read_text().strip()
    call = ("audit", "certificate", file, "--log-key", key)
    checked = comity(*call, "--roster", due.cast.holder_roster, "--json")
    assert checked.code == 0, checked.err
    said_there = json.loads(checked.out)
    assert said_there["verified"] is True
    assert (said_there["requests"], said_there["earlier_backups"]) == (3, "unreadable")
    assert (said_there["ordered_by"], said_there["officer"]) == (first, second)
    assert "3 requests was destroyed" in comity(*call).out
    for word in ("Rosalind", "Quartermain", str(REQUEST["case_number"])):
        assert word not in file.read_text()
    again = clerk.run("dispose", "--certificates", folder)
    assert (again[0], again[1]["certificates"]) == (0, [str(file)])
    assert comity("audit", "certificate", file, "--log-key", key).code == 0


ALTERATIONS: list[tuple[Any, str]] = [
    (lambda c: c["disposal"].update(requests=2), "not what the officer signed"),
    (lambda c: c.update(salt="A" * 43 + "="), "commits to something else"),
    (lambda c: c["payload"].update(order=c["payload"]["disposal"]), "not a certificate"),
    (lambda c: c.update(proof=c["proof"].replace("index ", "index 1", 1)), "does not stand"),
    (lambda c: c.update(proof="\u00e4"), "not a proof"),
    (lambda c: c.pop("payload"), "not a certificate"),
    (lambda c: c.update(format="comity-disposal-2"), "not a certificate"),
    (lambda c: c.update(payload=[]), "not a certificate"),
]


def test_an_altered_certificate_is_told_by_what_does_not_hold(
    due: Office, comity: Shell, tmp_path: Path
) -> None:
    clerk = Clerk(due, comity)
    for by in due.cast.disclosure_officers[:2]:
        assert clerk.run("dispose", by=by)[0] == 0
    (file,) = clerk.run("dispose", "--certificates", tmp_path / "c")[1]["certificates"]
    sound = Path(file).read_text()
    key = (due.exchange.directory / "log.vkey").read_text().strip()
    altered = tmp_path / "altered.json"
    for change, words in ALTERATIONS:
        found = json.loads(sound)
        change(found)
        altered.write_text(json.dumps(found))
        done = comity("audit", "certificate", altered, "--log-key", key)
        assert done.code == 1, words
        assert words in done.err
        assert "Traceback" not in done.err
    for garbage in (b"", b"{}", b"[" * 100_000, bytes(range(256)), sound.encode()[:-30]):
        altered.write_bytes(garbage)
        done = comity("audit", "certificate", altered, "--log-key", key)
        assert done.code == 1
        assert "not a certificate" in done.err
    foreign = ("--roster", due.cast.requester_roster)
    done = comity("audit", "certificate", file, "--log-key", key, *foreign)
    assert done.code == 1
    assert "not signed by an officer of this roster" in done.err


def test_a_hold_by_command(due: Office, comity: Shell) -> None:
    clerk = Clerk(due, comity)
    counsel, inspector = due.cast.counsel, due.cast.inspector
    where = ("--scope", "batch", "--value", "b000001", "--order", ORDER)
    code, told, said = clerk.run("hold", "add", *where, by=counsel)
    assert code == 0, said
    assert told == {"hold": "h0001"}
    assert clerk.run("dispose", "--dry-run")[1][0]["holds"] == ["h0001"]
    assert clerk.run("dispose", by=due.cast.disclosure_officers[0])[1]["disposals"] == []
    ended = ("hold", "lift", "h0001", "--reason", "The case was settled.")
    assert clerk.run(*ended, by=counsel)[0] == 1
    assert clerk.run(*ended, by=inspector)[0] == 0
    assert [h["hold"] for h in clerk.run("hold", "list")[1]] == ["h0001"]
    assert clerk.run("hold", "lift", "h0009", "--reason", ORDER, by=inspector)[0] == 2
    place = ("--exchange", due.exchange.directory)
    assert "b000001" in comity("hold", "list", *place).out
    assert "DUE" in comity("dispose", "--dry-run", *place).out
