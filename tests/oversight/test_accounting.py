"""The sums of the log: a doubled, lost or early answer is found from the entries alone."""

import pytest

from comity.core.canonical import Json
from comity.core.errors import LedgerError
from comity.oversight.accounting import Accounting

Entry = dict[str, Json]


def entry(kind: str, request: str | None = None, **body: Json) -> Entry:
    return {"type": kind, "request": request, "body": body}


def log() -> list[Entry]:
    return [
        entry("exchange.opened"),
        entry("batch.received", batch="b0001", rows=3),
        entry("request.determined", "b0001/1", status="returned"),
        entry("request.determined", "b0001/2", status="pending"),
        entry("request.determined", "b0001/3", status="pending"),
        entry("batch.judged", batch="b0001", received=3, returned=1, pending=2),
        entry("request.answered", "b0001/2", status="disclosed"),
        entry("request.answered", "b0001/3", status="not_verified"),
        entry("batch.released", batch="b0001", returned=1, disclosed=1, not_verified=1),
    ]


def account(entries: list[Entry]) -> Accounting:
    book = Accounting()
    for number, one in enumerate(entries):
        book.take(number, one)
    return book


def test_a_sound_log_adds_up() -> None:
    totals = account(log()).totals()
    assert totals["received"] == 3
    assert totals["received"] == sum(v for k, v in totals.items() if k != "received")


@pytest.mark.parametrize("lost", [1, 2, 3, 4, 6, 7])
def test_a_lost_entry_is_found(lost: int) -> None:
    entries = log()
    del entries[lost]
    with pytest.raises(LedgerError, match="does not add up"):
        account(entries)


@pytest.mark.parametrize("doubled", [1, 2, 3, 6, 7])
def test_a_doubled_entry_is_found(doubled: int) -> None:
    entries = log()
    entries.insert(doubled, entries[doubled])
    with pytest.raises(LedgerError, match="does not add up"):
        account(entries)


def test_an_answer_before_the_release_is_found() -> None:
    entries = log()
    entries[3] = entry("request.determined", "b0001/2", status="not_verified")
    with pytest.raises(LedgerError, match="before its batch is released"):
        account(entries)
