"""Queries for disposal: what is ordered, what is deleted, what is left."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from cryptography.hazmat.primitives.keywrap import aes_key_wrap

from comity.store.acts import of_batch
from comity.store.database import insert_rows
from comity.store.sealing import unwrap_data_key
from comity.store.tables import (
    askings,
    batches,
    counted,
    data_keys,
    disclosures,
    disposals,
    packages,
    payloads,
    remains,
    requests,
)


@dataclass(frozen=True)
class Disposal:
    """A disposal as it stands (see tables.disposals)."""

    id: str
    batch: str
    state: str
    ordered: str
    ordered_by: str
    ordering: str
    kek: str | None
    requests: int | None
    entry: int | None
    disposed: str | None


def all_disposals(connection: sa.Connection, batch: str | None = None) -> list[Disposal]:
    """Every disposal (of a batch), in the order in which they were ordered."""
    query = sa.select(disposals).order_by(disposals.c.ordered, disposals.c.id)
    if batch is not None:
        query = query.where(disposals.c.batch == batch)
    return [Disposal(**row) for row in connection.execute(query).mappings()]


def set_disposal(connection: sa.Connection, name: str, **values: object) -> None:
    """Change a disposal's state."""
    connection.execute(sa.update(disposals).where(disposals.c.id == name).values(**values))


def kept_rows(connection: sa.Connection, batch: str) -> set[int]:
    """The rows of a batch whose data keys stand."""
    query = sa.select(data_keys.c.name).where(of_batch(data_keys.c.name, batch))
    return {int(name.rpartition("/")[2]) for name in connection.execute(query).scalars()}


def disposed_before(connection: sa.Connection, batch: str) -> bool:
    """Whether anything of an earlier batch was disposed of (ids sort in the order of receipt)."""
    query = sa.select(sa.literal(1)).where(
        disposals.c.batch < batch, disposals.c.entry.is_not(None)
    )
    return connection.execute(query.limit(1)).scalar() is not None


def rewrap(
    connection: sa.Connection, batch: str, rows: Iterable[int], old: bytes, new: tuple[str, bytes]
) -> None:
    """Wrap the data keys of these rows, which stand under the key `old`, under a `new` one (its
    name and bytes)."""
    name, kek = new
    for row in rows:
        one = data_keys.c.name == f"{batch}/{row}"
        wrapped = connection.execute(sa.select(data_keys.c.wrapped).where(one)).scalar_one()
        again = aes_key_wrap(kek, unwrap_data_key(old, bytes(wrapped)).key)
        connection.execute(sa.update(data_keys).where(one).values(wrapped=again, kek=name))


def forget(
    connection: sa.Connection,
    disposal: str,
    batch: str,
    left: Iterable[tuple[int, str, str]],
    kept: Collection[int],
) -> None:
    """Delete the data keys of a batch, what the index of cases tells of its requests, and its
    packages, but for the rows that are `kept`. `left` is what stays for the accounting of each of
    the others: row, statute, items."""
    _but_for(connection, sa.delete(data_keys).where(of_batch(data_keys.c.name, batch)), batch, kept)
    _but_for(connection, sa.delete(askings).where(askings.c.batch == batch), batch, kept)
    nothing = {"handle": "", "subject": "", "matter": ""}
    update = sa.update(requests).where(requests.c.batch == batch).values(**nothing)
    _but_for(connection, update, batch, kept)
    connection.execute(sa.update(packages).where(packages.c.batch == batch).values(content=b""))
    columns = [remains.c[name] for name in ("batch", "row", "statute", "items", "disposal")]
    insert_rows(connection, columns, [(batch, *one, disposal) for one in left])


def delete_sealed(
    connection: sa.Connection, batch: str, first: int, count: int, kept: Collection[int]
) -> None:
    """Delete what is sealed about a batch's requests in this many entries, but for the rows that
    are `kept`. (Entry by entry, because no index finds a payload by the name of its key.)"""
    entries = (payloads.c.entry >= first) & (payloads.c.entry < first + count)
    delete = sa.delete(payloads).where(entries, of_batch(payloads.c.key_name, batch))
    _but_for(connection, delete, batch, kept)


def _but_for(
    connection: sa.Connection, statement: sa.Delete | sa.Update, batch: str, kept: Collection[int]
) -> None:
    """Do it to all rows but the kept ones. They are few: a hold names each of them."""
    table = statement.table
    if kept and "row" in table.c:
        statement = statement.where(table.c.row.not_in(sorted(kept)))
    elif kept:
        name = table.c.name if "name" in table.c else table.c.key_name
        statement = statement.where(name.not_in([f"{batch}/{row}" for row in sorted(kept)]))
    connection.execute(statement)


def batch_packages(connection: sa.Connection, batch: str) -> list[str]:
    """The ids of the packages of a batch whose content was disposed of."""
    query = sa.select(packages.c.id).where(packages.c.batch == batch, packages.c.content == b"")
    return list(connection.execute(query).scalars())


def count_out_persons(connection: sa.Connection, year: int) -> None:
    """Dispose of the pseudonyms of persons about whom answers went out, of disposed requests that
    were received before this year, and keep how many they are.

    Only where all batches of an agreement and year are released: then no answer about one of these
    persons can come to that year's count any more. Who is in an answer that is not disposed of yet
    is counted with that one."""
    received = sa.func.substr(batches.c.received, 1, 4).label("year")
    open_years = (
        sa.select(batches.c.agreement, received).where(batches.c.released.is_(None)).distinct()
    )
    still_open = {(row.agreement, row.year) for row in connection.execute(open_years)}
    gone = remains.c.row.is_not(None).label("gone")
    query = (
        sa.select(
            batches.c.agreement,
            received,
            disclosures.c.batch,
            disclosures.c.row,
            disclosures.c.person,
            gone,
        )
        .join(batches, batches.c.id == disclosures.c.batch)
        .outerjoin(
            remains,
            (remains.c.batch == disclosures.c.batch) & (remains.c.row == disclosures.c.row),
        )
        .where(batches.c.received < f"{year:04d}", disclosures.c.person != "")
    )
    persons: dict[tuple[str, str], tuple[set[str], set[str]]] = {}
    forgotten: list[tuple[str, int]] = []
    for row in connection.execute(query):
        key = (row.agreement, row.year)
        if key in still_open:
            continue
        persons.setdefault(key, (set(), set()))[bool(row.gone)].add(row.person)
        if row.gone:
            forgotten.append((row.batch, row.row))
    for (agreement, when), (there, disposed) in persons.items():
        _add_counted(connection, agreement, int(when), len(disposed - there))
    for batch, number in forgotten:
        one = (disclosures.c.batch == batch) & (disclosures.c.row == number)
        connection.execute(sa.update(disclosures).where(one).values(person=""))


def _add_counted(connection: sa.Connection, agreement: str, year: int, persons: int) -> None:
    one = (counted.c.agreement == agreement) & (counted.c.year == year)
    before = connection.execute(sa.select(counted.c.persons).where(one)).scalar()
    if before is None:
        row = {"agreement": agreement, "year": year, "persons": persons}
        connection.execute(sa.insert(counted), [row])
    elif persons:
        connection.execute(sa.update(counted).where(one).values(persons=before + persons))
