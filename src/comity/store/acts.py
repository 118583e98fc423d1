"""Queries on the log's entries, their keys and payloads, and on packages."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import sqlalchemy as sa

from comity.core.canonical import Json, canonical
from comity.core.errors import ConflictError
from comity.ledger.entry import commitment
from comity.store.database import insert_rows
from comity.store.sealing import KeyEncryptionKeys, SealedPayloads, open_sealed
from comity.store.tables import data_keys, disclosures, entries, packages, payloads, requests


def entry_count(connection: sa.Connection) -> int:
    """How many entries there are; the next one gets this number."""
    last = connection.execute(sa.select(sa.func.max(entries.c.number))).scalar()
    return 0 if last is None else int(last) + 1


def entries_from(connection: sa.Connection, first: int) -> Iterator[bytes]:
    """The entries from this number on, in order."""
    query = sa.select(entries.c.body).where(entries.c.number >= first).order_by(entries.c.number)
    for row in connection.execute(query).yield_per(10_000):
        yield bytes(row.body)


def has_public(connection: sa.Connection, first: int) -> bool:
    """Whether any entry from number `first` on is not an act of the holder's officers."""
    query = sa.select(sa.literal(1)).where(entries.c.number >= first, ~entries.c.office).limit(1)
    return connection.execute(query).scalar() is not None


def trailing_office_acts(connection: sa.Connection) -> int:
    """How many acts of the holder's officers stand at the end of the log, in a row."""
    query = sa.select(sa.func.max(entries.c.number)).where(~entries.c.office)
    last = connection.execute(query).scalar()
    return entry_count(connection) - (0 if last is None else int(last) + 1)


def entry(connection: sa.Connection, number: int) -> bytes | None:
    """Entry `number` of the log, or None where there is none."""
    found = connection.execute(sa.select(entries.c.body).where(entries.c.number == number)).scalar()
    return None if found is None else bytes(found)


def insert(
    connection: sa.Connection,
    entry_rows: Sequence[dict[str, object]],
    key_rows: Sequence[dict[str, object]],
    payload_rows: Sequence[dict[str, object]],
) -> None:
    """Write entries, wrapped keys and sealed payloads."""
    for table, rows in ((entries, entry_rows), (data_keys, key_rows), (payloads, payload_rows)):
        if rows:
            connection.execute(sa.insert(table), list(rows))


def insert_sealed(
    connection: sa.Connection, bodies: Sequence[bytes], sealed: SealedPayloads, kek: str
) -> None:
    """Write the entries of these bodies with their payloads, each with a data key of its own, which
    the key-encryption key of this name wraps."""
    numbers = sealed.numbers
    insert_rows(
        connection,
        (entries.c.number, entries.c.body, entries.c.office),
        zip(numbers, bodies, repeat(False), strict=False),
    )
    insert_rows(
        connection,
        (data_keys.c.name, data_keys.c.wrapped, data_keys.c.kek),
        zip(sealed.names, sealed.wrapped, repeat(kek), strict=False),
    )
    insert_rows(
        connection,
        (payloads.c.entry, payloads.c.key_name, payloads.c.sealed, payloads.c.commitment),
        zip(numbers, sealed.names, sealed.sealed, sealed.commitments, strict=True),
    )


def wrapped_key(connection: sa.Connection, name: str) -> tuple[str, bytes] | None:
    """The data key of this name, wrapped, and the name of what wraps it; or None."""
    query = sa.select(data_keys.c.kek, data_keys.c.wrapped).where(data_keys.c.name == name)
    found = connection.execute(query).one_or_none()
    return None if found is None else (found.kek, bytes(found.wrapped))


def kek_of(connection: sa.Connection, batch: str) -> str | None:
    """The name of the one key-encryption key under which a batch's data keys stand; None where it
    has none (yet, or any more)."""
    query = sa.select(data_keys.c.kek).where(of_batch(data_keys.c.name, batch)).limit(1)
    found = connection.execute(query).scalar()
    return None if found is None else str(found)


def of_batch(name: sa.ColumnElement[str], batch: str) -> sa.ColumnElement[bool]:
    """Whether the name of a key is that of a request of this batch; as a range, which the primary
    key finds (`0` follows `/`)."""
    return sa.and_(name > f"{batch}/", name < f"{batch}0")


def payload(
    connection: sa.Connection, keys: KeyEncryptionKeys, entry: int, key_name: str | None = None
) -> dict[str, Json]:
    """The opened payload behind an entry's commitment, or the part of it under `key_name`.

    Raises ConflictError where there is none or its key was destroyed."""
    query = (
        sa.select(payloads.c.key_name, payloads.c.sealed, data_keys.c.wrapped, data_keys.c.kek)
        .join(data_keys, data_keys.c.name == payloads.c.key_name)
        .where(payloads.c.entry == entry)
    )
    if key_name is not None:
        query = query.where(payloads.c.key_name == key_name)
    found = connection.execute(query).one_or_none()
    if found is None:
        raise ConflictError(
            f"Entry {entry} has no payload that can be opened.",
            cure="It never had one, or its key was destroyed by disposal.",
        )
    wrapped, sealed = bytes(found.wrapped), bytes(found.sealed)
    return open_sealed(keys.kek(found.kek), wrapped, sealed, found.key_name, entry)[1]


@dataclass(frozen=True)
class Dossier:
    """What was sealed of a row when it was determined, and whether it is what the row's entry of
    the log commits to."""

    row: int
    content: dict[str, Json]
    committed: bool


@dataclass(frozen=True, slots=True)
class SealedDossier:
    """The same as it is stored: the entry's number and bytes, payload and data key, and the name of
    the key-encryption key that wraps this."""

    row: int
    entry: int
    body: bytes
    sealed: bytes
    wrapped: bytes
    kek: str


def sealed_dossiers(
    connection: sa.Connection, batch: str, *, disclosed: bool = False
) -> Iterator[SealedDossier | None]:
    """Every row of a batch that was determined (or only those that were `disclosed`), in order;
    None where its key was destroyed."""
    columns: list[sa.ColumnElement[Any]] = [
        *(requests.c.row, requests.c.entry, entries.c.body),
        *(payloads.c.sealed, data_keys.c.wrapped, data_keys.c.kek),
    ]
    query = (
        sa.select(*columns)
        .join(entries, entries.c.number == requests.c.entry)
        .outerjoin(
            payloads,
            sa.and_(
                payloads.c.entry == requests.c.entry,
                payloads.c.key_name == sa.literal(f"{batch}/") + sa.cast(requests.c.row, sa.String),
            ),
        )
        .outerjoin(data_keys, data_keys.c.name == payloads.c.key_name)
        .where(requests.c.batch == batch)
        .order_by(requests.c.row)
    )
    if disclosed:
        answers = disclosures.c
        answer = (answers.batch == requests.c.batch) & (answers.row == requests.c.row)
        query = query.join(disclosures, answer)
    for row in connection.execute(query).yield_per(5_000):
        if row.sealed is None or row.wrapped is None:
            yield None
            continue
        stored = (bytes(row.body), bytes(row.sealed), bytes(row.wrapped))
        yield SealedDossier(row.row, row.entry, *stored, row.kek)


def open_dossier(keys: KeyEncryptionKeys, batch: str, one: SealedDossier) -> Dossier:
    """Open a row's dossier. Raises KeyMaterialError where it does not open."""
    name, kek = f"{batch}/{one.row}", keys.kek(one.kek)
    salt, content = open_sealed(kek, one.wrapped, one.sealed, name, one.entry)
    said = json.loads(one.body)["commitment"]
    return Dossier(one.row, content, said == commitment(salt, canonical(content)))


def dossiers(
    connection: sa.Connection, keys: KeyEncryptionKeys, batch: str
) -> Iterator[Dossier | None]:
    """Every row of a batch that was determined, opened, in order; None where its key was
    destroyed."""
    for one in sealed_dossiers(connection, batch):
        yield None if one is None else open_dossier(keys, batch, one)


@dataclass(frozen=True)
class SealedPart:
    """A payload of an entry as it is stored; `wrapped` is None where its key was destroyed, `kek`
    the name of what wraps it."""

    key_name: str
    commitment: str
    sealed: bytes
    wrapped: bytes | None
    kek: str


def sealed_parts(connection: sa.Connection, number: int) -> list[SealedPart]:
    """All that is sealed behind an entry, by the name of its key."""
    query = (
        sa.select(
            payloads.c.key_name,
            payloads.c.commitment,
            payloads.c.sealed,
            data_keys.c.wrapped,
            data_keys.c.kek,
        )
        .outerjoin(data_keys, data_keys.c.name == payloads.c.key_name)
        .where(payloads.c.entry == number)
        .order_by(payloads.c.key_name)
    )
    return [
        SealedPart(
            row.key_name,
            row.commitment,
            bytes(row.sealed),
            None if row.wrapped is None else bytes(row.wrapped),
            row.kek or "",
        )
        for row in connection.execute(query)
    ]


def commitment_of(connection: sa.Connection, number: int) -> str:
    """The commitment that entry `number` of the log bears. Raises ConflictError if it has none."""
    body = entry(connection, number)
    found = None if body is None else json.loads(body)["commitment"]
    if found is None:
        raise ConflictError(f"Entry {number} commits to no payload.")
    return str(found)


def package_digests(connection: sa.Connection) -> dict[str, str]:
    """The digest of every package by its id, but for those that were disposed of."""
    query = sa.select(packages.c.id, packages.c.digest).where(packages.c.content != b"")
    rows = connection.execute(query.order_by(packages.c.id))
    return {row.id: row.digest for row in rows}


def package_content(connection: sa.Connection, package: str) -> bytes:
    """A package's bytes."""
    query = sa.select(packages.c.content).where(packages.c.id == package)
    return bytes(connection.execute(query).scalar_one())
