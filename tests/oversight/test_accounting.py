"""The sums of the log: a doubled, lost or early answer is found from the entries alone."""

import pytest

from comity.core.canonical import Json
from comity.core.errors import LedgerError
from comity.ledger.entry import Entry
from comity.oversight.accounting import Accounting


def entry(kind: str, request: str | None = None, **body: Json) -> Entry:
    return Entry(kind, "2026-11-24T01:56:54.000000Z", "us-x", request, None, body)


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
        entry("batch.released", batch="b0001", received=3, returned=1, disclosed=1, not_verified=1),
    ]


def account(entries: list[Entry]) -> Accounting:
    book = Accounting()
    for number, one in enumerate(entries):
        book.take(number, one)
    return book


def test_a_sound_log_adds_up() -> None:
    totals = account(log()).totals()
    assert totals == {
        "received": 3,
        "pending": 0,
        "returned": 1,
        "refused": 0,
        "not_verified": 1,
        "disclosed": 1,
    }


@pytest.mark.parametrize("length", range(10))
def test_received_is_the_sum_of_the_others_at_every_moment(length: int) -> None:
    totals = account(log()[:length]).totals()
    assert totals["received"] == sum(v for k, v in totals.items() if k != "received")


def test_what_is_not_determined_yet_is_pending() -> None:
    assert account(log()[:3]).totals()["pending"] == 2


def test_batches_are_accounted_for_one_by_one() -> None:
    second = [
        entry("batch.received", batch="b0002", rows=1),
        entry("request.determined", "b0002/1", status="refused"),
        entry("batch.judged", batch="b0002", received=1, refused=1),
    ]
    entries = [*log()[:4], second[0], *log()[4:6], *second[1:], *log()[6:]]
    totals = account(entries).totals()
    assert (totals["received"], totals["refused"], totals["disclosed"]) == (4, 1, 1)


@pytest.mark.parametrize("lost", [1, 2, 3, 4, 5, 6, 7])
def test_a_lost_entry_is_found(lost: int) -> None:
    entries = log()
    del entries[lost]
    with pytest.raises(LedgerError, match="does not add up"):
        account(entries)


@pytest.mark.parametrize("doubled", [1, 2, 3, 5, 6, 7, 8])
def test_a_doubled_entry_is_found(doubled: int) -> None:
    entries = log()
    entries.insert(doubled, entries[doubled])
    with pytest.raises(LedgerError, match="does not add up"):
        account(entries)


@pytest.mark.parametrize(
    ("at", "instead", "found"),
    [
        (1, entry("batch.received", batch="b0001"), "number of rows"),
        (1, entry("batch.received", batch="b0001", rows=True), "number of rows"),
        (1, entry("batch.received", batch="b0001", rows=-3), "number of rows"),
        (1, entry("batch.received", batch=None, rows=3), "without a name"),
        (1, entry("batch.received", batch="b0001", rows=2), "none of its batch's rows"),
        (1, entry("batch.received", batch="b0001", rows=4), "do not add up"),
        (2, entry("request.determined", None, status="returned"), "no batch"),
        (2, entry("request.determined", "b0001", status="returned"), "none of its"),
        (2, entry("request.determined", "b0001/0", status="returned"), "none of its"),
        (2, entry("request.determined", "b0001/01", status="returned"), "none of its"),
        (2, entry("request.determined", "b0001/4", status="returned"), "none of its"),
        (2, entry("request.determined", "b0001/-1", status="returned"), "none of its"),
        (2, entry("request.determined", "b0001/١", status="returned"), "none of its"),
        (2, entry("request.determined", "b0002/1", status="returned"), "no batch"),
        (2, entry("request.determined", "b0001/1", status="held"), "before its batch is released"),
        (2, entry("request.determined", "b0001/1"), "before its batch is released"),
        (3, entry("request.determined", "b0001/2", status="not_verified"), "before its batch"),
        (3, entry("request.determined", "b0001/2", status="disclosed"), "before its batch"),
        (3, entry("request.determined", "b0001/1", status="pending"), "determined twice"),
        (5, entry("batch.judged", batch="b0001", received=3, returned=2, pending=1), "counts"),
        (5, entry("batch.judged", batch="b0001", received=4, returned=1, pending=2), "counts"),
        (5, entry("batch.judged", batch="b0001", returned=1, pending=2), "counts"),
        (5, entry("batch.judged", batch="b0001", received=3, returned=True, pending=2), "counts"),
        (5, entry("batch.judged", batch="b0009", received=3, returned=1, pending=2), "never"),
        (5, entry("batch.released", batch="b0001", received=3, returned=1, pending=2), "order"),
        (6, entry("request.answered", "b0001/1", status="disclosed"), "answered twice"),
        (6, entry("request.answered", "b0001/2", status="pending"), "no such answer"),
        (6, entry("request.answered", "b0001/2", status="returned"), "no such answer"),
        (6, entry("request.determined", "b0001/2", status="pending"), "determined twice"),
        (7, entry("stay.added"), "counts"),
        (8, entry("batch.released", batch="b0001", received=3, returned=3), "counts"),
        (8, entry("batch.judged", batch="b0001", received=3, returned=1), "out of order"),
    ],
)
def test_what_does_not_add_up_is_found(at: int, instead: Entry, found: str) -> None:
    entries = log()
    entries[at] = instead
    with pytest.raises(LedgerError, match="does not add up at entry") as caught:
        account(entries)
    assert found in caught.value.what


def test_nothing_is_released_while_answers_are_pending() -> None:
    entries = log()[:7]
    entries.append(
        entry("batch.released", batch="b0001", received=3, returned=1, disclosed=1, pending=1)
    )
    with pytest.raises(LedgerError, match="answers still pending"):
        account(entries)


@pytest.mark.parametrize("late", [2, 6])
def test_nothing_changes_after_the_release(late: int) -> None:
    with pytest.raises(LedgerError, match="at entry 9"):
        account([*log(), log()[late]])


def test_a_hostile_name_stays_out_of_the_message() -> None:
    with pytest.raises(LedgerError) as caught:
        account([entry("request.determined", "\n\x1b[31m" + "x" * 10_000, status="pending")])
    assert "\x1b" not in caught.value.message
    assert len(caught.value.message) < 300
