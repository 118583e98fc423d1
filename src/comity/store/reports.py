"""Queries for reports: sums over a calendar year, and what an accounting lists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from comity.store.tables import (
    batches,
    deliveries,
    disclosures,
    incidents,
    packages,
    recalled,
    requests,
)


@dataclass(frozen=True)
class Asked:
    """One request as an accounting needs it: where its sealed payloads are, and when it was
    answered (None = it was not disclosed)."""

    batch: str
    row: int
    agreement: str
    received: str
    status: str
    entry: int
    disclosure: int | None
    answered: str | None


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
    """Answers given on a year's requests, and about how many different persons, by agreement."""
    query = (
        sa.select(
            batches.c.agreement,
            sa.func.count(),
            sa.func.count(sa.distinct(disclosures.c.person)),
        )
        .join(batches, batches.c.id == disclosures.c.batch)
        .where(_in_year(year))
        .group_by(batches.c.agreement)
    )
    return {a: (int(given), int(persons)) for a, given, persons in connection.execute(query)}


def asked_in(connection: sa.Connection, year: int) -> list[Asked]:
    """Every request of a year, in the order of receipt."""
    query = (
        sa.select(
            requests.c.batch,
            requests.c.row,
            batches.c.agreement,
            batches.c.received,
            requests.c.status,
            requests.c.entry,
            disclosures.c.entry.label("disclosure"),
            disclosures.c.at.label("answered"),
        )
        .join(batches, batches.c.id == requests.c.batch)
        .outerjoin(
            disclosures,
            (disclosures.c.batch == requests.c.batch) & (disclosures.c.row == requests.c.row),
        )
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
