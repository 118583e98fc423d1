"""An incident: disclosures that should not have been made are called back. Its causes, its clock,
and what has to happen before it can be closed. Pure.

Sources: IRS Publication 1075 on improper inspections and disclosures (report to the inspector and
to the Office of Safeguards at once, at most 24 hours after the suspicion, without tax information;
the Office of Safeguards before the persons concerned); 26 USC 6103(p)(4)(F) (return or destroy);
LAW R33-R36.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from comity.core.errors import UsageError

REPORT_WITHIN = timedelta(hours=24)
"""How long after the first suspicion inspector and safeguards office must know of it."""
ANSWER_WITHIN = timedelta(days=10)
"""How long recipients have for their answer, unless the incident says otherwise."""
CANNOT_TELL = "cannot be told"
"""How the reasons begin for a disclosure that could not be judged again."""


class Cause(StrEnum):
    """What was found to be wrong: a rule, the agreement, one person's record, the registry as it
    served, or that nothing should have gone out since some day."""

    RULES = "rules"
    AGREEMENT = "agreement"
    RECORD = "record"
    REGISTRY = "registry"
    STAY = "stay"

    @property
    def public(self) -> str:
        """The word that the public log has for it: whether one person's record was wrong, or more,
        is nobody's business."""
        return "registry" if self is Cause.RECORD else self.value


class Kind(StrEnum):
    """To whom a notice goes."""

    INSPECTOR = "inspector"
    SAFEGUARDS = "safeguards"
    RECIPIENT = "recipient"
    ONWARD = "onward"
    """To whom a recipient passed an answer on, by the hand of that recipient."""
    PERSONS = "persons"

    @property
    def answered(self) -> bool:
        """Whether a signed answer is expected."""
        return self in (Kind.RECIPIENT, Kind.ONWARD)

    @property
    def oversees(self) -> bool:
        """Whether the 24 hours run for it."""
        return self in (Kind.INSPECTOR, Kind.SAFEGUARDS)


@dataclass(frozen=True)
class Touched:
    """A disclosure that the cause touches, and why, in words without data. Not `certain`: it cannot
    be told any more, and so it counts as touched."""

    batch: str
    row: int
    certain: bool
    why: tuple[str, ...]

    @property
    def request(self) -> str:
        """The request's handle, `batch/row`."""
        return f"{self.batch}/{self.row}"


@dataclass(frozen=True)
class Deadline:
    """Something that must have happened by `due`; `done` is when it did (None: not yet)."""

    due: datetime
    done: datetime | None = None

    def overdue(self, now: datetime) -> bool:
        """Whether it has not happened, and should have. At the very moment it is not yet."""
        return self.done is None and now > self.due

    @property
    def late(self) -> bool:
        """Whether it happened, but after its time."""
        return self.done is not None and self.done > self.due

    def left(self, now: datetime) -> timedelta:
        """The time that is left; below zero, by how much it is missed. It stands still once
        done."""
        return self.due - (self.done or now)


def report_due(suspected: datetime, now: datetime) -> datetime:
    """Until when inspector and safeguards office must know: 24 hours from the first suspicion,
    however late the incident is opened. Raises UsageError for a suspicion still to come."""
    if suspected > now:
        raise UsageError(
            "The moment of the suspicion is still to come.",
            where="--suspected",
            cure="The 24 hours run from when somebody first suspected it, e.g. 2026-01-14T09:30Z.",
        )
    return suspected + REPORT_WITHIN


@dataclass(frozen=True)
class Heard:
    """How a notice stands: whether it was sent, how many packages it names, of how many of them an
    answer says that no copy is left, and of how many there is an answer at all."""

    kind: Kind
    sent: bool
    packages: int = 0
    answered: int = 0
    gone: int = 0


_OVERSEERS = {Kind.INSPECTOR: "inspector", Kind.SAFEGUARDS: "safeguards office"}


def unreported(heard: Sequence[Heard]) -> list[str]:
    """Of inspector and safeguards office, those that were not told: before them nobody else is
    written to, and no incident is closed."""
    told = {one.kind for one in heard if one.sent}
    return [words for kind, words in _OVERSEERS.items() if kind not in told]


def wanting(heard: Sequence[Heard], *, persons: bool) -> Mapping[str, int]:
    """What is still open beside the reports, in words, with how many there are. `persons` is
    whether there is anybody to write a letter to."""
    asked = [one for one in heard if one.kind.answered]
    found = {
        "notices to recipients not sent": sum(not one.sent for one in asked),
        "packages without an answer": sum(one.packages - one.answered for one in asked),
        "packages of which a copy is kept": sum(one.answered - one.gone for one in asked),
        "letters to the persons concerned not sent": int(
            persons and not any(one.kind is Kind.PERSONS and one.sent for one in heard)
        ),
    }
    return {words: count for words, count in found.items() if count}
