"""Queries on the notices of incidents, and on the answers to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from comity.store.tables import notice_answers, notice_packages, notices


@dataclass(frozen=True)
class Notice:
    """A notice without its content; see the table."""

    id: str
    incident: str
    kind: str
    recipient: str
    party: str
    digest: str
    made: str
    due: str | None
    sent: str | None
    recorded: str | None


@dataclass(frozen=True)
class Answered:
    """What a recipient last said of one package of a notice."""

    notice: str
    package: str
    statement: str
    copies: str
    opened: bool
    used: bool
    passed_on: int
    said: str
    at: str


_NOTICE = [c for c in notices.c if c.name != "content"]


def notices_of(connection: sa.Connection, incident: str) -> list[Notice]:
    """The notices of an incident, in the order in which they were made."""
    query = sa.select(*_NOTICE).where(notices.c.incident == incident).order_by(notices.c.id)
    return [Notice(**row) for row in connection.execute(query).mappings()]


def notice(connection: sa.Connection, name: str) -> Notice | None:
    """The notice of this id, or None."""
    query = sa.select(*_NOTICE).where(notices.c.id == name)
    found = connection.execute(query).mappings().one_or_none()
    return None if found is None else Notice(**found)


def notice_content(connection: sa.Connection, name: str) -> bytes | None:
    """A notice's file, or None where it went with the end of its incident."""
    found = connection.execute(sa.select(notices.c.content).where(notices.c.id == name)).scalar()
    return None if found is None else bytes(found)


def packages_of_notice(connection: sa.Connection, name: str) -> list[str]:
    """The packages that a notice calls back answers of."""
    query = sa.select(notice_packages.c.package).where(notice_packages.c.notice == name)
    return [str(p) for p in connection.execute(query.order_by(notice_packages.c.package)).scalars()]


def set_notice(connection: sa.Connection, name: str, **values: object) -> None:
    """Change a notice."""
    connection.execute(sa.update(notices).where(notices.c.id == name).values(**values))


def forget_encrypted(connection: sa.Connection, incident: str, kinds: Sequence[str]) -> None:
    """Let go of the files of an incident's notices of these kinds."""
    connection.execute(
        sa.update(notices)
        .where(notices.c.incident == incident, notices.c.kind.in_(list(kinds)))
        .values(content=None)
    )


def answers_to(connection: sa.Connection, name: str) -> list[Answered]:
    """Every answer to a notice, a row a package, in the order in which they were said."""
    columns = [c for c in notice_answers.c if c.name != "entry"]
    query = sa.select(*columns).where(notice_answers.c.notice == name)
    found = connection.execute(query.order_by(notice_answers.c.said, notice_answers.c.package))
    return [Answered(**row) for row in found.mappings()]
