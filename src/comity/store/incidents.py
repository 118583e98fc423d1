"""Queries on incidents, what they call back, their notices and the answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from comity.core.canonical import Json
from comity.core.errors import KeyMaterialError
from comity.store import acts
from comity.store.database import insert_rows
from comity.store.sealing import KeyEncryptionKeys, open_sealed
from comity.store.tables import (
    batches,
    deliveries,
    disclosures,
    incidents,
    packages,
    recalled,
)


@dataclass(frozen=True)
class Incident:
    """An incident as the database knows it; see the table."""

    id: str
    cause: str
    rules: str
    content: str
    suspected: str
    due: str
    answer_by: str
    opened: str
    opened_by: str
    contact: str
    stays: str
    entry: int
    closed: str | None
    closed_by: str | None
    closing: int | None


@dataclass(frozen=True)
class Given:
    """A disclosure: when it went out, under which entry, about whom (HMAC), and the dossier of its
    request; None where its key was destroyed. `committed` is whether the dossier is what the log
    committed to."""

    batch: str
    row: int
    at: str
    person: str
    answer: int
    dossier: dict[str, Any] | None
    committed: bool


@dataclass(frozen=True)
class Carried:
    """A request's answer in a package, and for whom that was."""

    batch: str
    row: int
    package: str
    recipient: str
    made: str


def open_incident_batches(connection: sa.Connection) -> set[str]:
    """The batches that an open incident calls answers back of. Nothing of them may be disposed of:
    what is to be judged again, told and answered is sealed there, and rules about the whole batch
    need all of it."""
    query = (
        sa.select(recalled.c.batch)
        .join(incidents, incidents.c.id == recalled.c.incident)
        .where(incidents.c.closed.is_(None))
        .distinct()
    )
    return {str(batch) for batch in connection.execute(query).scalars()}


def open_incidents_of(connection: sa.Connection, batch: str) -> tuple[str, ...]:
    """The open incidents that call answers of this batch back, oldest first."""
    query = (
        sa.select(incidents.c.id)
        .join(recalled, recalled.c.incident == incidents.c.id)
        .where(incidents.c.closed.is_(None), recalled.c.batch == batch)
        .distinct()
        .order_by(incidents.c.id)
    )
    return tuple(str(one) for one in connection.execute(query).scalars())


def batches_with_disclosures(connection: sa.Connection) -> list[str]:
    """The batches of which any answer went out, oldest first."""
    query = sa.select(disclosures.c.batch).distinct().order_by(disclosures.c.batch)
    return [str(batch) for batch in connection.execute(query).scalars()]


def given(connection: sa.Connection, keys: KeyEncryptionKeys, batch: str) -> Iterator[Given]:
    """The disclosures of a batch, in the order of its rows, with what is sealed of each."""
    query = (
        sa.select(disclosures.c.row, disclosures.c.at, disclosures.c.person, disclosures.c.entry)
        .where(disclosures.c.batch == batch)
        .order_by(disclosures.c.row)
    )
    found = connection.execute(query).all()
    sealed = acts.sealed_dossiers(connection, batch, disclosed=True)
    for row, one in zip(found, sealed, strict=True):
        opened = None
        if one is not None and _kek(keys, one.kek) is not None:
            opened = acts.open_dossier(keys, batch, one)
        content = None if opened is None else opened.content
        committed = opened is not None and opened.committed
        yield Given(batch, row.row, row.at, row.person, row.entry, content, committed)


def carried(connection: sa.Connection, batch: str) -> list[Carried]:
    """Which packages carried which answers of a batch, and for whom."""
    query = (
        sa.select(
            deliveries.c.batch,
            deliveries.c.row,
            deliveries.c.package,
            packages.c.recipient,
            packages.c.made,
        )
        .join(packages, packages.c.id == deliveries.c.package)
        .where(deliveries.c.batch == batch)
        .order_by(deliveries.c.row, deliveries.c.package)
    )
    return [Carried(**row) for row in connection.execute(query).mappings()]


def agreements_of(connection: sa.Connection, names: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Agreement and its digest of each of these batches."""
    query = sa.select(batches.c.id, batches.c.agreement, batches.c.agreement_digest)
    found = connection.execute(query.where(batches.c.id.in_(list(names))))
    return {str(name): (str(agreement), str(digest)) for name, agreement, digest in found}


def all_incidents(connection: sa.Connection, incident: str | None = None) -> list[Incident]:
    """Every incident (or the one of this id), oldest first."""
    query = sa.select(incidents).order_by(incidents.c.id)
    if incident is not None:
        query = query.where(incidents.c.id == incident)
    return [Incident(**row) for row in connection.execute(query).mappings()]


def next_incident_id(connection: sa.Connection) -> str:
    """`i000001`, `i000002`, …"""
    count = connection.execute(sa.select(sa.func.count()).select_from(incidents)).scalar_one()
    return f"i{int(count) + 1:06d}"


def insert_recalled(
    connection: sa.Connection, incident: str, rows: Sequence[tuple[str, int, bool]]
) -> None:
    """What an incident calls back: batch, row, and whether it is certain."""
    columns = [recalled.c[name] for name in ("incident", "batch", "row", "certain")]
    insert_rows(connection, columns, [(incident, *row) for row in rows])


def recalled_rows(connection: sa.Connection, incident: str) -> list[tuple[str, int, bool]]:
    """Batch, row and certainty of what an incident calls back, in order."""
    query = (
        sa.select(recalled.c.batch, recalled.c.row, recalled.c.certain)
        .where(recalled.c.incident == incident)
        .order_by(recalled.c.batch, recalled.c.row)
    )
    return [(str(b), int(r), bool(c)) for b, r, c in connection.execute(query)]


def disclosed_between(connection: sa.Connection, incident: str) -> tuple[str, str]:
    """When the first and the last of what an incident calls back went out."""
    query = (
        sa.select(sa.func.min(disclosures.c.at), sa.func.max(disclosures.c.at))
        .join(
            recalled,
            (recalled.c.batch == disclosures.c.batch) & (recalled.c.row == disclosures.c.row),
        )
        .where(recalled.c.incident == incident)
    )
    first, last = connection.execute(query).one()
    return str(first), str(last)


def payload_if_there(
    connection: sa.Connection, keys: KeyEncryptionKeys, number: int, name: str
) -> dict[str, Json] | None:
    """The payload of an entry under this key, or None where it is gone."""
    for part in acts.sealed_parts(connection, number):
        kek = _kek(keys, part.kek) if part.key_name == name else None
        if kek is not None and part.wrapped is not None:
            return open_sealed(kek, part.wrapped, part.sealed, name, number)[1]
    return None


def _kek(keys: KeyEncryptionKeys, name: str) -> bytes | None:
    """A key-encryption key, or None where it was destroyed: that of a batch that was disposed of,
    after an older database was put back."""
    try:
        return keys.kek(name)
    except KeyMaterialError:
        return None
