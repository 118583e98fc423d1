"""Who the officers are, and what each may do at a given moment.

Officials come and go: every authority is a period, and is judged as of the moment of the act.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import Field

from comity.agreement.model import Count, Document, Text


@dataclass(frozen=True)
class Period(Document):
    """From a day through a day (both included, UTC); no end means until further notice."""

    start: date
    end: date | None = None

    def covers(self, at: datetime) -> bool:
        """Whether the moment falls on one of the period's days."""
        day = _day(at)
        return self.start <= day and (self.end is None or day <= self.end)


@dataclass(frozen=True)
class Appointment(Document):
    """An office that the officer holds, e.g. `Commissioner`, with the authorities it carries
    (`approve`, `stay`, `roster`, `sign-agreement`, `sign-request`, `submit`, `prepare`, …)."""

    office: Text
    period: Period
    authorities: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Delegation(Document):
    """An authority lent by an officer of the same roster who has it by appointment, under a written
    instrument."""

    authority: Text
    delegated_by: Text
    instrument: Text
    period: Period


@dataclass(frozen=True)
class Detail(Document):
    """The officer is lent to another office, and for that time does not act for the own one."""

    office: Text
    period: Period


@dataclass(frozen=True)
class Officer(Document):
    """One person who acts for a party. Keys are public; `encryption_key` is a P-256 JWK."""

    id: Text
    name: Text
    signing_key: Text
    encryption_key: Mapping[str, str] | None = None
    training_expires: date | None = None
    appointments: tuple[Appointment, ...] = ()
    delegations: tuple[Delegation, ...] = ()
    details: tuple[Detail, ...] = ()

    def offices_at(self, at: datetime) -> tuple[str, ...]:
        """The offices held at that moment; on detail, only the office lent to."""
        lent = tuple(d.office for d in self.details if d.period.covers(at))
        return lent or tuple(a.office for a in self.appointments if a.period.covers(at))

    def holds(self, authority: str, at: datetime) -> bool:
        """Whether an appointment or a delegation in force gives this authority at that moment.

        An officer on detail elsewhere has none of the own office's authorities."""
        if any(d.period.covers(at) for d in self.details):
            return False
        appointed = any(
            authority in a.authorities and a.period.covers(at) for a in self.appointments
        )
        return appointed or any(
            d.authority == authority and d.period.covers(at) for d in self.delegations
        )

    def trained_at(self, at: datetime) -> bool:
        """Whether the yearly training is still good on that day."""
        return self.training_expires is not None and _day(at) <= self.training_expires


@dataclass(frozen=True)
class Roster(Document):
    """The officers of one party, as that party states them at one time."""

    party: Text
    version: Count
    officers: Annotated[tuple[Officer, ...], Field(min_length=1)]

    def officer(self, officer_id: str) -> Officer | None:
        """The officer of this id, or None."""
        return next((o for o in self.officers if o.id == officer_id), None)


def _day(at: datetime) -> date:
    """The day in UTC. Raises ValueError for a moment without a time zone, which has none."""
    if at.tzinfo is None:
        raise ValueError("authority is judged as of a moment with a time zone")
    return at.astimezone(UTC).date()
