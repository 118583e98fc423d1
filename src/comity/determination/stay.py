"""A stay: an order or an inspector's hold that stops disclosure, and what it covers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from comity.core.statute import parse_statute


class Scope(StrEnum):
    """What a stay can cover. All but `exchange` need a value."""

    EXCHANGE = "exchange"
    AGREEMENT = "agreement"
    STATUTE = "statute"
    BATCH = "batch"
    REQUEST = "request"
    RECIPIENT = "recipient"
    CLASS = "class"
    """A class of subjects, by the registry's flag (`minor`, `impairment`, …)."""

    @property
    def seen_by_requester(self) -> bool:
        """Whether the requester could tell by itself that a request falls under this scope.

        Such a stay stops a whole group alike, so that also its unverified rows stay pending."""
        return self is not Scope.CLASS


@dataclass(frozen=True)
class Stay:
    """A stay in force from `imposed` until `lifted` (None = still in force)."""

    id: str
    scope: Scope
    value: str
    imposed: datetime
    lifted: datetime | None = None

    def in_force(self, at: datetime) -> bool:
        """Whether it binds at that moment."""
        return self.imposed <= at and (self.lifted is None or at < self.lifted)


@dataclass(frozen=True)
class Reach:
    """The coordinates of one request that a stay may cover."""

    agreement: str
    batch: str
    row: int
    statute: str = ""
    flags: frozenset[str] = frozenset()

    @property
    def request(self) -> str:
        """The request's handle, `batch/row`."""
        return f"{self.batch}/{self.row}"


def covers(stay: Stay, reach: Reach) -> bool:
    """Whether the stay's scope takes in this request (a stay on a recipient covers no request;
    it is looked up when packages are made)."""
    match stay.scope:
        case Scope.EXCHANGE:
            return True
        case Scope.AGREEMENT:
            return stay.value == reach.agreement
        case Scope.STATUTE:
            return _within(reach.statute, stay.value)
        case Scope.BATCH:
            return stay.value == reach.batch
        case Scope.REQUEST:
            return stay.value == reach.request
        case Scope.CLASS:
            return stay.value in reach.flags
        case Scope.RECIPIENT:
            return False


def covering(stays: tuple[Stay, ...], reach: Reach, at: datetime) -> tuple[Stay, ...]:
    """The stays in force at that moment that cover the request."""
    return tuple(s for s in stays if s.in_force(at) and covers(s, reach))


def _within(statute: str, scope: str) -> bool:
    """Whether a request's statute is the stayed one or a part of it, whatever the spelling.

    In doubt, stayed: so is a request that names the whole of which a part is stayed, and one that
    names no statute. What is no citation (a programme) is compared as text."""
    ours, theirs = parse_statute(statute), parse_statute(scope)
    if ours is not None and theirs is not None:
        return ours.is_within(theirs) or theirs.is_within(ours)
    return not statute.strip() or statute.strip().casefold() == scope.strip().casefold()
