"""Queries for reports: sums over a calendar year, and what an accounting lists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from comity.store.tables import (
    batches,
    counted,
    deliveries,
    disclosures,
    disposals,
    engagements,
    incidents,
    packages,
    recalled,
    remains,
    requests,
)


@dataclass(frozen=True)
class Asked:
    """One request as an accounting needs it: where its sealed payloads are, when it was answered
    (None = it was not disclosed), and where it was disposed of, when, and what is left."""

    batch: str
    row: int
    agreement: str
    received: str
    status: str
    entry: int
    disclosure: int | None
    answered: str | None
    disposed: str | None
    statute: str | None
    items: str | None


def _in_year(year: int) -> sa.ColumnElement[bool]:
    return sa.and_(batches.c.received >= f"{year:04d}", batches.c.received < f"{year + 1:04d}")


def statuses_by_agreement(connection: sa.Connection, year: int) -> dict[str, dict[str, int]]:
    """Requests received in a year, by agreement and status."""
    query = (
        sa.select(batches.c.agreement, requests.c.status, sa.func.count())
        .join(batches, batches.c.id == requests.c.batch)
        .where(_in_year(year))
        .group_by(batches.c.agreement, requests.c.status)
    )
    found: dict[str, dict[str, int]] = {}
    for agreement, status, count in connection.execute(query):
        found.setdefault(agreement, {})[status] = int(count)
    return found


def received_by_agreement(connection: sa.Connection, year: int) -> dict[str, int]:
    """Rows of the batches received in a year, judged yet or not, by agreement."""
    query = (
        sa.select(batches.c.agreement, sa.func.sum(batches.c.rows))
        .where(_in_year(year))
        .group_by(batches.c.agreement)
        .order_by(batches.c.agreement)
    )
    return {str(agreement): int(rows) for agreement, rows in connection.execute(query)}


def disclosed_by_agreement(connection: sa.Connection, year: int) -> dict[str, tuple[int, int]]:
    """Answers given on a year's requests, and about how many different persons, by agreement:
    those whose pseudonyms stand, and those that were counted out at their disposal."""
    query = (
        sa.select(
            batches.c.agreement,
            sa.func.count(),
            sa.func.count(sa.distinct(sa.func.nullif(disclosures.c.person, ""))),
        )
        .join(batches, batches.c.id == disclosures.c.batch)
        .where(_in_year(year))
        .group_by(batches.c.agreement)
    )
    before = sa.select(counted.c.agreement, counted.c.persons).where(counted.c.year == year)
    out = {agreement: int(persons) for agreement, persons in connection.execute(before)}
    return {
        agreement: (int(given), int(persons) + out.get(agreement, 0))
        for agreement, given, persons in connection.execute(query)
    }


def asked_in(connection: sa.Connection, year: int) -> list[Asked]:
    """Every request of a year, in the order of receipt."""
    columns: list[sa.ColumnElement[Any]] = [
        *(requests.c.batch, requests.c.row, batches.c.agreement, batches.c.received),
        *(requests.c.status, requests.c.entry),
        *(disclosures.c.entry.label("disclosure"), disclosures.c.at.label("answered")),
        *(disposals.c.disposed, remains.c.statute, remains.c["items"]),
    ]
    query = (
        sa.select(*columns)
        .join(batches, batches.c.id == requests.c.batch)
        .outerjoin(
            disclosures,
            (disclosures.c.batch == requests.c.batch) & (disclosures.c.row == requests.c.row),
        )
        .outerjoin(
            remains, (remains.c.batch == requests.c.batch) & (remains.c.row == requests.c.row)
        )
        .outerjoin(disposals, disposals.c.id == remains.c.disposal)
        .where(_in_year(year))
        .order_by(requests.c.batch, requests.c.row)
    )
    return [Asked(**row) for row in connection.execute(query).mappings()]


def packages_of(connection: sa.Connection, year: int) -> Iterator[tuple[str, int, str]]:
    """Batch, row and package of every answer to a year's requests."""
    query = (
        sa.select(deliveries.c.batch, deliveries.c.row, deliveries.c.package)
        .join(packages, packages.c.id == deliveries.c.package)
        .join(batches, batches.c.id == deliveries.c.batch)
        .where(_in_year(year))
        .order_by(deliveries.c.batch, deliveries.c.row, deliveries.c.package)
    )
    for batch, row, package in connection.execute(query):
        yield str(batch), int(row), str(package)


def named_in(connection: sa.Connection, batch: str, row: int) -> list[str]:
    """The officers of the requester whom a request names as recipients, in order."""
    query = (
        sa.select(engagements.c.officer)
        .where(engagements.c.batch == batch, engagements.c.row == row)
        .order_by(engagements.c.officer)
    )
    return list(connection.execute(query).scalars())


def sent_to(connection: sa.Connection, batch: str, row: int) -> list[str]:
    """The officers to whom the answer to a request was sent, in order."""
    query = (
        sa.select(packages.c.recipient)
        .join(deliveries, deliveries.c.package == packages.c.id)
        .where(deliveries.c.batch == batch, deliveries.c.row == row)
        .order_by(packages.c.recipient)
    )
    return list(connection.execute(query).scalars())


def incidents_by_agreement(connection: sa.Connection, year: int) -> dict[str, tuple[int, int]]:
    """Incidents opened in a year, and the disclosures that they call back, by agreement."""
    disclosure = recalled.c.batch + "/" + sa.cast(recalled.c.row, sa.String)
    query = (
        sa.select(
            batches.c.agreement,
            sa.func.count(sa.distinct(incidents.c.id)),
            sa.func.count(sa.distinct(disclosure)),
        )
        .join(recalled, recalled.c.incident == incidents.c.id)
        .join(batches, batches.c.id == recalled.c.batch)
        .where(incidents.c.opened >= f"{year:04d}", incidents.c.opened < f"{year + 1:04d}")
        .group_by(batches.c.agreement)
        .order_by(batches.c.agreement)
    )
    return {a: (int(one), int(rows)) for a, one, rows in connection.execute(query)}


def recalls_of(connection: sa.Connection, year: int) -> list[tuple[str, int, str]]:
    """Batch, row and incident of every disclosure, on a year's requests, that was called back."""
    query = (
        sa.select(recalled.c.batch, recalled.c.row, recalled.c.incident)
        .join(batches, batches.c.id == recalled.c.batch)
        .where(batches.c.received >= f"{year:04d}", batches.c.received < f"{year + 1:04d}")
        .order_by(recalled.c.batch, recalled.c.row, recalled.c.incident)
    )
    return [(str(b), int(r), str(i)) for b, r, i in connection.execute(query)]
