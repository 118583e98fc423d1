"""Queries on rosters, agreements, safeguards and stays."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from comity.core.clock import parse_moment
from comity.determination.stay import Scope, Stay
from comity.store.tables import agreements, registries, rosters, safeguards, stays


def add(connection: sa.Connection, table: sa.Table, row: Mapping[str, object]) -> None:
    """Insert one row."""
    connection.execute(sa.insert(table), [dict(row)])


def roster_text(
    connection: sa.Connection, party: str, as_of: str | None = None
) -> tuple[int, str] | None:
    """Version and text of the newest roster of a party (that stood at a moment), or None."""
    query = sa.select(rosters.c.version, rosters.c.text).where(rosters.c.party == party)
    if as_of is not None:
        query = query.where(rosters.c.added <= as_of)
    found = connection.execute(query.order_by(rosters.c.version.desc()).limit(1)).one_or_none()
    return None if found is None else (found.version, found.text)


def roster_texts(connection: sa.Connection, party: str) -> list[tuple[str, str]]:
    """When each roster of a party was added, and its text; oldest first."""
    query = sa.select(rosters.c.added, rosters.c.text).where(rosters.c.party == party)
    return [(r.added, r.text) for r in connection.execute(query.order_by(rosters.c.version))]


def agreement_text(
    connection: sa.Connection, agreement: str, digest: str | None = None
) -> str | None:
    """The text of an adopted agreement: of that digest, else the newest version; or None."""
    query = sa.select(agreements.c.text).where(agreements.c.id == agreement)
    if digest is not None:
        query = query.where(agreements.c.digest == digest)
    found = connection.execute(query.order_by(agreements.c.version.desc()).limit(1)).scalar()
    return None if found is None else str(found)


def adopted_at(connection: sa.Connection, digest: str) -> str:
    """When the agreement of this digest was adopted."""
    query = sa.select(agreements.c.adopted).where(agreements.c.digest == digest)
    return str(connection.execute(query).scalar_one())


def agreement_ids(connection: sa.Connection) -> list[str]:
    """The ids of all adopted agreements."""
    query = sa.select(agreements.c.id).distinct().order_by(agreements.c.id)
    return [str(i) for i in connection.execute(query).scalars()]


def safeguard_standing(
    connection: sa.Connection, party: str, as_of: str | None = None
) -> str | None:
    """The newest recorded safeguard standing of a party (at a moment) as JSON, or None."""
    query = sa.select(safeguards.c.standing).where(safeguards.c.party == party)
    if as_of is not None:
        query = query.where(safeguards.c.recorded <= as_of)
    found = connection.execute(query.order_by(safeguards.c.number.desc()).limit(1)).scalar()
    return None if found is None else str(found)


def newest_registry(connection: sa.Connection) -> tuple[str, str] | None:
    """The digests of index and items of the registry that was built last, or None."""
    query = sa.select(registries.c.digest, registries.c.items_digest)
    found = connection.execute(query.order_by(registries.c.entry.desc()).limit(1)).one_or_none()
    return None if found is None else (found.digest, found.items_digest)


def all_stays(connection: sa.Connection, table: sa.Table = stays) -> tuple[Stay, ...]:
    """Every stay (or hold, which is one of disposal) ever imposed, in order, lifted or not."""
    rows = connection.execute(sa.select(table).order_by(table.c.imposed, table.c.id))
    return tuple(
        Stay(
            row.id,
            Scope(row.scope),
            row.value,
            parse_moment(row.imposed),
            parse_moment(row.lifted) if row.lifted else None,
        )
        for row in rows
    )
