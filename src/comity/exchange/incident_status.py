"""How incidents stand: the clock, who was told, who has answered, which copies are still there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from comity.core.clock import parse_moment
from comity.exchange.noticing import incident_of
from comity.exchange.opening import Exchange
from comity.oversight.incident import Deadline, Heard, Kind, unreported, wanting
from comity.store import incidents, notices
from comity.store.incidents import Incident
from comity.store.notices import Answered, Notice


@dataclass(frozen=True)
class NoticeStanding:
    """A notice, what was answered to it by package, and until when it should have been sent or
    answered."""

    notice: Notice
    packages: tuple[str, ...]
    answers: Mapping[str, Answered]
    deadline: Deadline | None

    @property
    def heard(self) -> Heard:
        """What closing an incident asks about it."""
        gone = sum(one.copies != "kept" for one in self.answers.values())
        sent = self.notice.sent is not None
        kind = Kind(self.notice.kind)
        return Heard(kind, sent, len(self.packages), len(self.answers), gone)


@dataclass(frozen=True)
class Standing:
    """An incident as of `now`. `clock` is that of the reports: done when the later of the two is
    out. `outstanding` counts copies that are not known to be gone: a package in a recipient's
    hands, and again in those of whoever it was passed on to."""

    incident: Incident
    now: datetime
    disclosures: int
    clock: Deadline
    notices: tuple[NoticeStanding, ...]
    unreported: tuple[str, ...]
    wanting: Mapping[str, int]
    outstanding: int

    @property
    def left(self) -> timedelta:
        """What is left of the 24 hours; below zero, by how much they are missed."""
        return self.clock.left(self.now)

    @property
    def overdue(self) -> bool:
        """Whether a report is not out though its time is past, or an answer not in though it was
        due; a closed incident has nothing overdue."""
        if self.incident.closed is not None:
            return False
        late = [one.deadline.overdue(self.now) for one in self.notices if one.deadline is not None]
        return self.clock.overdue(self.now) or any(late)


def standings(exchange: Exchange, incident: str | None = None) -> list[Standing]:
    """Every incident (or the one of this id), oldest first. Raises UsageError for an unknown
    one."""
    with exchange.database.reading() as connection:
        if incident is not None:
            found = [incident_of(connection, incident)]
        else:
            found = incidents.all_incidents(connection)
    return [standing_of(exchange, one) for one in found]


def standing_of(exchange: Exchange, incident: Incident) -> Standing:
    """One incident, as of this moment."""
    with exchange.database.reading() as connection:
        made = [_notice(connection, one) for one in notices.notices_of(connection, incident.id)]
        rows = incidents.recalled_rows(connection, incident.id)
    heard = [one.heard for one in made]
    reports = [one.notice.sent for one in made if Kind(one.notice.kind).oversees]
    told = [parse_moment(sent) for sent in reports if sent is not None]
    done = max(told) if told and len(told) == len(reports) else None
    return Standing(
        incident=incident,
        now=exchange.clock.now(),
        disclosures=len(rows),
        clock=Deadline(parse_moment(incident.due), done),
        notices=tuple(made),
        unreported=tuple(unreported(heard)),
        wanting=wanting(heard, persons=True),
        outstanding=sum(one.packages - one.gone for one in heard if one.kind.answered),
    )


def _notice(connection: sa.Connection, notice: Notice) -> NoticeStanding:
    packages = tuple(notices.packages_of_notice(connection, notice.id))
    answers = {one.package: one for one in notices.answers_to(connection, notice.id)}
    deadline = None
    if notice.due is not None:
        kind = Kind(notice.kind)
        whole = len(answers) == len(packages) if kind.answered else notice.sent is not None
        said = [one.at for one in answers.values()] if kind.answered else [notice.sent]
        done = max(filter(None, said), default=None) if whole else None
        deadline = Deadline(parse_moment(notice.due), None if done is None else parse_moment(done))
    return NoticeStanding(notice, packages, answers, deadline)
