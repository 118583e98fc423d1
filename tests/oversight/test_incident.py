"""The clock of an incident, and what has to be done before it is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.core.errors import UsageError
from comity.oversight.incident import (
    REPORT_WITHIN,
    Cause,
    Deadline,
    Heard,
    Kind,
    report_due,
    unreported,
    wanting,
)

NOON = datetime(2026, 1, 14, 12, tzinfo=UTC)


@given(st.timedeltas(timedelta(0), timedelta(days=400)))
def test_the_clock_starts_with_the_suspicion(ago: timedelta) -> None:
    """However late anybody opens the incident."""
    due = report_due(NOON - ago, NOON)
    assert due == NOON - ago + timedelta(hours=24)
    assert Deadline(due).overdue(NOON) == (ago > REPORT_WITHIN)
    assert Deadline(due).left(NOON) == REPORT_WITHIN - ago


def test_a_suspicion_is_not_to_come() -> None:
    with pytest.raises(UsageError):
        report_due(NOON + timedelta(microseconds=1), NOON)


def test_at_the_very_moment_it_is_not_overdue() -> None:
    assert not Deadline(NOON).overdue(NOON)
    assert Deadline(NOON).overdue(NOON + timedelta(microseconds=1))
    assert not Deadline(NOON, NOON).late
    assert Deadline(NOON, NOON + timedelta(microseconds=1)).late


def test_done_the_clock_stands_still() -> None:
    done = Deadline(NOON, NOON - timedelta(hours=2))
    assert done.left(NOON + timedelta(days=300)) == timedelta(hours=2)
    assert not done.overdue(NOON + timedelta(days=300))


def test_both_reports_count() -> None:
    inspector, safeguards = Heard(Kind.INSPECTOR, True), Heard(Kind.SAFEGUARDS, True)
    assert unreported([]) == ["inspector", "safeguards office"]
    assert unreported([inspector, Heard(Kind.SAFEGUARDS, False)]) == ["safeguards office"]
    assert unreported([inspector, safeguards]) == []


def test_what_is_wanting() -> None:
    heard = [
        Heard(Kind.RECIPIENT, sent=True, packages=3, answered=2, gone=1),
        Heard(Kind.ONWARD, sent=False, packages=1),
        Heard(Kind.PERSONS, sent=False),
    ]
    assert wanting(heard, persons=True) == {
        "notices to recipients not sent": 1,
        "packages without an answer": 2,
        "packages of which a copy is kept": 1,
        "letters to the persons concerned not sent": 1,
    }
    assert wanting([Heard(Kind.PERSONS, sent=True)], persons=True) == {}


def test_the_log_does_not_tell_one_record_from_the_registry() -> None:
    assert Cause.RECORD.public == Cause.REGISTRY.public
