"""The gate before a disclosure: everything that must hold at the very moment of release.

A `Release` is made here and nowhere else, and only `items.read` accepts one: no other path leads
to a disclosable item.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from comity.agreement.model import Agreement
from comity.agreement.recipients import unfit
from comity.agreement.roster import Officer, Roster
from comity.core.outcome import Outcome
from comity.determination.determine import is_protected
from comity.determination.stay import Reach, Scope, Stay, covering
from comity.review.decision import Verdict

_SEAL: Final = object()


@dataclass(frozen=True)
class Release:
    """Leave to read the agreed items of one certain person, for these recipients."""

    request: str
    person_id: str
    recipients: tuple[str, ...]
    seal: object

    def __post_init__(self) -> None:
        if self.seal is not _SEAL:
            raise ValueError("a release is made by disclosure.release.release alone")


@dataclass(frozen=True)
class Halt:
    """Why a request is not released now, and what it becomes.

    `waits_for` says whose turn it is: an `officer` of the holder, a `stay` to end, one on a `class`
    of subjects (which holds the whole batch, or the others' answers would tell who is of the
    class), or the `requester` (none of the named officers can receive). `anew` is whether decisions
    given so far no longer count, because what they judged has changed."""

    outcome: Outcome
    reason: str
    waits_for: Literal["officer", "stay", "class", "requester"] = "officer"
    anew: bool = False


def release(
    *,
    agreement: Agreement,
    reach: Reach,
    outcome: Outcome,
    person_id: str | None,
    approved: Verdict | None,
    protected_then: bool,
    stays: tuple[Stay, ...],
    named: tuple[str, ...],
    roster: Roster,
    at: datetime,
) -> Release | Halt:
    """Judge one determined request as of now.

    `reach.flags` are the person's flags read just before this call (R15), `protected_then` whether
    the reviewers already knew the person for a protected one; `named` the officers that the
    request names. Deny by default: whatever is not plainly in order is a Halt."""
    if outcome not in (Outcome.READY, Outcome.HELD, Outcome.STAYED) or person_id is None:
        return Halt(outcome, "There is no certain person to answer about.")
    if binding := covering(stays, reach, at):
        hidden = any(not stay.scope.seen_by_requester for stay in binding)
        what = "a stay on a class of subjects" if hidden else "a stay"
        return Halt(Outcome.STAYED, f"It is covered by {what}.", "class" if hidden else "stay")
    if is_protected(agreement, reach.flags) and not protected_then:
        reason = "The record has come to bear a flag since it was determined."
        return Halt(Outcome.HELD, reason, anew=True)
    settled = Outcome.HELD if protected_then else Outcome.READY
    if approved is not Verdict.APPROVE:
        return Halt(settled, "It is not approved.")
    able = tuple(n for n in named if can_receive(agreement, roster.officer(n), stays, at))
    if not able:
        return Halt(settled, "None of the named officers can receive today.", "requester")
    return Release(reach.request, person_id, able, _SEAL)


def can_receive(
    agreement: Agreement, officer: Officer | None, stays: tuple[Stay, ...], at: datetime
) -> bool:
    """Whether an officer may be sent a package now: in office, trained, with a key, not stayed."""
    if officer is None or unfit(agreement.recipients, officer, at):
        return False
    return not any(
        s.scope is Scope.RECIPIENT and s.value == officer.id and s.in_force(at) for s in stays
    )
