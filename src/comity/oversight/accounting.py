"""The sums that the public log must bear out (R31), from its entries alone.

received = returned + refused + not verified + pending + disclosed, for every batch and at every
release; a request is answered once, and only after it was determined.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from comity.core.canonical import Json
from comity.core.errors import LedgerError
from comity.core.outcome import Status

_FINAL = (Status.RETURNED.value, Status.REFUSED.value)


@dataclass
class _Book:
    received: int
    determined: int = 0
    status: dict[str, str] = field(default_factory=dict)

    def counts(self) -> Counter[str]:
        return Counter(self.status.values())


class Accounting:
    """Takes the entries in order; raises LedgerError at the first one that does not add up."""

    def __init__(self) -> None:
        self._books: dict[str, _Book] = {}

    def take(self, number: int, entry: Mapping[str, Json]) -> None:
        """Account for one entry (as parsed JSON)."""
        body, request = entry["body"], entry["request"]
        assert isinstance(body, Mapping)
        match entry["type"]:
            case "batch.received":
                self._receive(number, body)
            case "request.determined":
                self._determine(number, str(request), str(body.get("status")))
            case "request.answered":
                self._answer(number, str(request), str(body.get("status")))
            case "batch.judged" | "batch.released" as kind:
                self._balance(number, kind, body)

    def totals(self) -> Mapping[str, int]:
        """How many requests were received, and how many are in each status now."""
        counts = Counter({status.value: 0 for status in Status})
        for book in self._books.values():
            counts.update(book.counts())
            counts[Status.PENDING.value] += book.received - book.determined
        return {"received": sum(b.received for b in self._books.values()), **counts}

    def _receive(self, number: int, body: Mapping[str, Json]) -> None:
        name, rows = str(body.get("batch")), body.get("rows")
        if name in self._books or not isinstance(rows, int):
            raise _wrong(number, f"batch {name} is received twice, or without its number of rows")
        self._books[name] = _Book(rows)

    def _determine(self, number: int, request: str, status: str) -> None:
        book = self._book(number, request)
        if request in book.status or book.determined >= book.received:
            raise _wrong(number, f"request {request} is determined twice, or was never received")
        if status not in (*_FINAL, Status.PENDING.value):
            raise _wrong(number, f"request {request} is answered before its batch is released")
        book.determined += 1
        book.status[request] = status

    def _answer(self, number: int, request: str, status: str) -> None:
        book = self._book(number, request)
        if book.status.get(request) != Status.PENDING.value:
            raise _wrong(number, f"request {request} is answered twice, or was never determined")
        if status not in (Status.DISCLOSED.value, Status.NOT_VERIFIED.value):
            raise _wrong(number, f"request {request} has no such answer")
        book.status[request] = status

    def _balance(self, number: int, kind: str, body: Mapping[str, Json]) -> None:
        name = str(body.get("batch"))
        book = self._book(number, f"{name}/")
        counts = book.counts()
        said = {status.value: body.get(status.value, 0) for status in Status}
        if book.determined != book.received or any(said[s] != counts[s] for s in said):
            raise _wrong(number, f"the counts of batch {name} at `{kind}` do not add up")
        if kind == "batch.released" and counts[Status.PENDING.value]:
            raise _wrong(number, f"batch {name} is released with answers still pending")

    def _book(self, number: int, request: str) -> _Book:
        book = self._books.get(request.partition("/")[0])
        if book is None:
            raise _wrong(number, f"request {request} belongs to no batch that was received")
        return book


def _wrong(number: int, what: str) -> LedgerError:
    return LedgerError(
        f"The log does not add up at entry {number}: {what}.",
        cure="Keep this copy as evidence and tell the holder's inspector.",
    )
