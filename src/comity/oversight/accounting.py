"""The sums that the public log must bear out (R31), from its entries alone.

received = returned + refused + not verified + pending + disclosed, for every batch, when it has
been judged and when its answers are released; a request is answered once, and only after it was
determined; nothing of a batch changes once it is released, and nothing is disposed of before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from comity.core.canonical import Json
from comity.core.errors import LedgerError
from comity.core.outcome import Status
from comity.ledger.entry import Entry

_AT_ONCE = (Status.RETURNED.value, Status.REFUSED.value, Status.PENDING.value)
_RELEASED = (Status.DISCLOSED.value, Status.NOT_VERIFIED.value)


@dataclass
class _Book:
    received: int
    status: dict[int, str] = field(default_factory=dict)
    judged: bool = False
    closed: Counter[str] | None = None
    """The counts once the batch is released; the rows are then let go."""

    def counts(self) -> Counter[str]:
        """How many requests are in each status; what is not determined yet is pending."""
        if self.closed is not None:
            return self.closed
        counts = Counter(self.status.values())
        counts[Status.PENDING.value] += self.received - len(self.status)
        return counts


class Accounting:
    """Takes the entries in order; raises LedgerError at the first one that does not add up."""

    def __init__(self) -> None:
        self._books: dict[str, _Book] = {}

    def take(self, number: int, entry: Entry) -> None:
        """Account for entry `number`."""
        match entry.type:
            case "batch.received":
                self._receive(number, entry.body)
            case "request.determined":
                self._determine(number, entry.request, entry.body.get("status"))
            case "request.answered":
                self._answer(number, entry.request, entry.body.get("status"))
            case "batch.judged" | "batch.released":
                self._balance(number, entry.type, entry.body)
            case "batch.disposed":
                self._dispose(number, entry.body)

    def totals(self) -> Mapping[str, int]:
        """How many requests were received, and how many are in each status now."""
        counts = Counter({status.value: 0 for status in Status})
        for book in self._books.values():
            counts.update(book.counts())
        return {"received": sum(b.received for b in self._books.values()), **counts}

    def _receive(self, number: int, body: Mapping[str, Json]) -> None:
        name, rows = body.get("batch"), body.get("rows")
        if not isinstance(name, str) or name in self._books:
            raise _wrong(number, f"batch {_shown(name)} is received twice, or without a name")
        if type(rows) is not int or rows < 0:
            raise _wrong(number, f"batch {_shown(name)} is received without its number of rows")
        self._books[name] = _Book(rows)

    def _determine(self, number: int, request: str | None, status: Json) -> None:
        book, row = self._row(number, request)
        if row in book.status or book.judged:
            raise _wrong(number, f"request {_shown(request)} is determined twice, or too late")
        if status not in _AT_ONCE:
            raise _wrong(
                number, f"request {_shown(request)} is answered before its batch is released"
            )
        book.status[row] = str(status)

    def _answer(self, number: int, request: str | None, status: Json) -> None:
        book, row = self._row(number, request)
        if book.status.get(row) != Status.PENDING.value:
            raise _wrong(
                number, f"request {_shown(request)} is answered twice, or was never determined"
            )
        if status not in _RELEASED:
            raise _wrong(number, f"request {_shown(request)} has no such answer")
        book.status[row] = str(status)

    def _balance(self, number: int, kind: str, body: Mapping[str, Json]) -> None:
        name = body.get("batch")
        book = self._books.get(name) if isinstance(name, str) else None
        if book is None:
            raise _wrong(number, f"batch {_shown(name)} was never received")
        released = kind == "batch.released"
        if book.closed is not None or book.judged != released:
            raise _wrong(number, f"`{kind}` of batch {_shown(name)} stands twice or out of order")
        counts = book.counts()
        said = {status.value: body.get(status.value, 0) for status in Status}
        sound = all(type(said[s]) is int and said[s] == counts[s] for s in said)
        if not sound or len(book.status) != book.received or body.get("received") != book.received:
            raise _wrong(number, f"the counts of batch {_shown(name)} at `{kind}` do not add up")
        if released and counts[Status.PENDING.value]:
            raise _wrong(number, f"batch {_shown(name)} is released with answers still pending")
        book.judged = True
        if released:
            book.closed, book.status = counts, {}

    def _dispose(self, number: int, body: Mapping[str, Json]) -> None:
        name = body.get("batch")
        book = self._books.get(name) if isinstance(name, str) else None
        if book is None or book.closed is None:
            raise _wrong(number, f"batch {_shown(name)} is disposed of before it is released")

    def _row(self, number: int, request: str | None) -> tuple[_Book, int]:
        """The book and the row of a request's handle, `BATCH/ROW`."""
        name, _, row = (request or "").partition("/")
        book = self._books.get(name)
        if book is None:
            raise _wrong(number, f"request {_shown(request)} belongs to no batch that was received")
        sound = row.isascii() and row.isdecimal() and row[0] != "0" and len(row) < 16
        position = int(row) if sound else 0
        if not 0 < position <= book.received:
            raise _wrong(number, f"request {_shown(request)} is none of its batch's rows")
        return book, position


def _shown(name: Json) -> str:
    return ascii(name)[:64]


def _wrong(number: int, what: str) -> LedgerError:
    return LedgerError(
        f"The log does not add up at entry {number}: {what}.",
        cure="Keep this copy as evidence and tell the holder's inspector.",
    )
