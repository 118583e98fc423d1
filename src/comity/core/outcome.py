"""How a request can come out, and how much of that its requester may learn."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """What a determination says of a request."""

    RETURNED = "returned"
    """Deficient: can be completed and sent again."""
    REFUSED = "refused"
    """Not permitted, whatever is added."""
    NOT_VERIFIED = "not_verified"
    """No single certain person; says nothing about why."""
    HELD = "held"
    """Needs a human: protected subject, identity conflict, borderline evidence."""
    READY = "ready"
    """Lawful and certain, waits for approval."""
    DISCLOSED = "disclosed"
    """Answered with the items of the agreement."""
    STAYED = "stayed"
    """Stopped by an order or an inspector's hold."""


class Status(StrEnum):
    """The five words that a requester may learn, and no finer."""

    PENDING = "pending"
    RETURNED = "returned"
    REFUSED = "refused"
    NOT_VERIFIED = "not_verified"
    DISCLOSED = "disclosed"


def status_of(outcome: Outcome, *, released: bool) -> Status:
    """What the requester sees of an outcome.

    A deficient request is answered before anything is looked up, so `returned` and `refused` show
    at once; whatever needed the registry shows only once the batch's answers are `released`."""
    match outcome:
        case Outcome.RETURNED:
            return Status.RETURNED
        case Outcome.REFUSED:
            return Status.REFUSED
        case Outcome.DISCLOSED:
            return Status.DISCLOSED
        case Outcome.NOT_VERIFIED if released:
            return Status.NOT_VERIFIED
        case _:
            return Status.PENDING
