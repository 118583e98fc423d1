"""`comity recall` as people and jobs call it: exit codes, JSON, slips of the pen."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.cli.shell import Said, Shell
from tests.exchange.office import REQUEST, Office
from tests.exchange.recalls import Desk

from comity.core.clock import stamp
from comity.exchange.opening import open_exchange
from comity.exchange.verifying import verify_log
from comity.store import incidents


class Clerk:
    """Types `comity recall …` on an exchange with one answer, about P1."""

    def __init__(self, shell: Shell, office: Office) -> None:
        self.shell, self.office = shell, office
        self.persons = office.folder / "persons.txt"
        self.persons.write_text("P1\n")

    def __call__(self, *words: object, by: str | None = "irs-disclosure-1") -> Said:
        said = ["recall", *words, "--exchange", self.office.exchange.directory]
        if by is not None:
            said += ["--as", by, "--key", self.office.cast.signing_key(by)]
        return self.shell(*said)

    def opening(self, hours_ago: float = 0) -> list[object]:
        when = datetime.now(UTC) - timedelta(hours=hours_ago)
        reason = "A record was found to be another's."
        return [
            *("open", "--persons", self.persons, "--reason", reason),
            *("--suspected", stamp(when)),
        ]

    def status(self) -> tuple[int, Any]:
        done = self("status", "--json", by=None)
        return done.code, json.loads(done.out)


@pytest.fixture
def clerk(comity: Shell, office: Office) -> Clerk:
    Desk(office).disclose(REQUEST)
    office.exchange.close()
    return Clerk(comity, office)


def test_find_ends_with_1_where_something_is_touched(clerk: Clerk, tmp_path: Path) -> None:
    out = tmp_path / "found.csv"
    done = clerk("find", "--persons", clerk.persons, "--out", out, "--json")
    assert (done.code, json.loads(done.out)["touched"]) == (1, 1)
    with out.open() as file:
        (row,) = csv.DictReader(file)
    assert (row["request"], row["certain"], row["recipients"]) == ("b000001/1", "yes", "inv-01")
    assert clerk("find", "--rules").code == 0
    assert clerk("find", "--rules", "--out", tmp_path / "found.docx").code == 2


def test_status_for_a_job_that_watches(clerk: Clerk) -> None:
    assert clerk.status() == (0, [])
    made = clerk(*clerk.opening(hours_ago=20), "--json")
    assert made.code == 0, made.err
    assert json.loads(made.out)["incident"] == "i000001"
    code, (one,) = clerk.status()
    assert code == 0
    assert 3.9 < one["hours_left"] <= 4.0
    assert (one["overdue"], one["state"]) == (False, "open")
    assert [n["to"] for n in one["notices"]] == ["inspector", "safeguards", "recipient"]


def test_status_ends_with_1_when_it_is_overdue_and_says_late_afterwards(clerk: Clerk) -> None:
    clerk(*clerk.opening(hours_ago=30))
    code, (one,) = clerk.status()
    assert (code, one["overdue"]) == (1, True)
    assert -6.1 < one["hours_left"] <= -6.0
    assert "OVERDUE by 6.0 hours (to the inspector and the safeguards office)" in (
        clerk("status", by=None).out
    )
    for name in ("i000001-n0001", "i000001-n0002"):
        assert clerk("sent", name, "--how", "By hand, to the duty desk").code == 0
    code, (one,) = clerk.status()
    assert (code, one["overdue"], one["late"]) == (0, False, True)
    assert "out, LATE by 6.0 hours" in clerk("status", by=None).out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["find"], 2, "one cause"),
        (["find", "--rules", "--registry"], 2, "one cause"),
        (["find", "--rules", "--rule", "no.such"], 2, "No rule has this id"),
        (["find", "--stay", "s0001"], 2, "--from"),
        (["find", "--stay", "s0001", "--from", "then"], 2, "not a date"),
        (["find", "--persons", "/no/such"], 2, "cannot be read"),
        (["find", "--agreement", "nobody"], 2, "Adopted:"),
        (["status", "i000007"], 2, "no incident"),
        (["notices", "i000007", "--out", "x"], 2, "no incident"),
        (["sent", "i000007-n0001", "--how", "By hand, to the desk"], 2, "no notice"),
        (["close", "i000007"], 2, "no incident"),
        (["answer", "/no/such"], 2, "cannot be read"),
    ],
)
def test_slips(clerk: Clerk, words: list[str], code: int, said: str) -> None:
    by = None if words[0] in ("status", "notices", "answer") else "irs-disclosure-1"
    done = clerk(*words, by=by)
    assert done.code == code, done.err
    assert said in done.err


def test_a_suspicion_in_words_or_to_come(clerk: Clerk) -> None:
    words = clerk.opening()
    assert clerk(*words[:-1], "yesterday").code == 2
    later = stamp(datetime.now(UTC) + timedelta(hours=1))
    assert "still to come" in clerk(*words[:-1], later).err
    assert clerk.status() == (0, [])


def test_killed_at_any_moment_of_opening(clerk: Clerk) -> None:
    """SIGKILL: all of it or nothing; run again, it is done, and once."""
    words = [
        *("recall", *clerk.opening(), "--exchange", clerk.office.exchange.directory),
        *("--as", "irs-disclosure-1"),
        *("--key", clerk.office.cast.signing_key("irs-disclosure-1")),
    ]
    call = [sys.executable, "-c", "from comity.cli.main import main; main()", *map(str, words)]
    began = time.monotonic()
    rehearsal = subprocess.run([*call[:3], "recall", "--help"], check=True, capture_output=True)
    assert rehearsal.returncode == 0
    loading = time.monotonic() - began
    kills = 0
    for part in (0.2, 0.6, 0.9, 1.2, 1.5, 1.8, 2.3):
        process = subprocess.Popen(call, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(loading * part)
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            kills += 1
        process.wait()
        with_notices(clerk)
    assert kills
    assert subprocess.run(call, check=False, capture_output=True).returncode == 0
    assert with_notices(clerk) == 1
    directory = clerk.office.exchange.directory
    verified = verify_log(directory / "log", (directory / "log.vkey").read_text().strip())
    assert (verified.types["incident.opened"], verified.types["notice.made"]) == (1, 3)


def with_notices(clerk: Clerk) -> int:
    """How many incidents there are, none without its list and all of its notices."""
    exchange = open_exchange(clerk.office.exchange.directory)
    try:
        with exchange.database.reading() as connection:
            found = incidents.all_incidents(connection)
            for one in found:
                assert len(incidents.recalled_rows(connection, one.id)) == 1
        (counts,) = {len(one["notices"]) for one in clerk.status()[1]} or {3}
        assert counts == 3
        return len(found)
    finally:
        exchange.close()
