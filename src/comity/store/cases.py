"""Queries on batches, requests, decisions and disclosures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from comity.core.outcome import Outcome, Status
from comity.store.tables import (
    askings,
    batches,
    decisions,
    deliveries,
    disclosures,
    engagements,
    packages,
    receipts,
    requests,
)

UNDECIDED = (Outcome.READY, Outcome.HELD, Outcome.STAYED)
"""The outcomes that still wait for something: a decision, a disclosure, the end of a stay."""


@dataclass(frozen=True)
class Batch:
    """A received batch."""

    id: str
    agreement: str
    agreement_digest: str
    file: str
    entry: int
    received: str
    rows: int
    state: str
    submitted_by: str
    prepared_by: str
    signed_by: str
    released: str | None


@dataclass(frozen=True)
class Case:
    """One determined request, as far as the database may know it."""

    batch: str
    row: int
    outcome: Outcome
    rules: tuple[str, ...]
    status: Status
    entry: int
    at: str

    @property
    def request(self) -> str:
        """The request's handle, `batch/row`."""
        return f"{self.batch}/{self.row}"


_BATCH_COLUMNS = [c for c in batches.c if c.name != "content"]


def next_batch_id(connection: sa.Connection) -> str:
    """`b000001`, `b000002`, …: ids that sort as text in the order of receipt."""
    count = connection.execute(sa.select(sa.func.count()).select_from(batches)).scalar_one()
    return f"b{int(count) + 1:06d}"


def insert(connection: sa.Connection, table: sa.Table, rows: Sequence[dict[str, object]]) -> None:
    """Insert rows, if any."""
    if rows:
        connection.execute(sa.insert(table), list(rows))


def batch_by_content(connection: sa.Connection, agreement: str, content: str) -> Batch | None:
    """The batch with this content under this agreement, or None."""
    query = sa.select(*_BATCH_COLUMNS).where(
        batches.c.agreement == agreement, batches.c.content == content
    )
    found = connection.execute(query).mappings().one_or_none()
    return None if found is None else Batch(**found)


def all_batches(connection: sa.Connection, batch: str | None = None) -> list[Batch]:
    """Every batch (or the one of this id), oldest first."""
    query = sa.select(*_BATCH_COLUMNS).order_by(batches.c.id)
    if batch is not None:
        query = query.where(batches.c.id == batch)
    return [Batch(**row) for row in connection.execute(query).mappings()]


def any_judged(connection: sa.Connection) -> bool:
    """Whether some batch is judged and its answers are not all out."""
    query = sa.select(sa.literal(1)).where(batches.c.state == "judged").limit(1)
    return connection.execute(query).scalar() is not None


def set_batch(connection: sa.Connection, batch: str, **values: object) -> None:
    """Change a batch's state."""
    connection.execute(sa.update(batches).where(batches.c.id == batch).values(**values))


def judged_rows(connection: sa.Connection, batch: str) -> int:
    """How many rows of a batch are determined; rows are judged in order, from 1."""
    query = sa.select(sa.func.count()).select_from(requests).where(requests.c.batch == batch)
    return int(connection.execute(query).scalar_one())


def counts_by(connection: sa.Connection, column: str, batch: str) -> dict[str, int]:
    """How many requests of a batch have each `outcome` or `status`."""
    chosen = requests.c[column]
    query = sa.select(chosen, sa.func.count()).where(requests.c.batch == batch).group_by(chosen)
    return {str(value): int(count) for value, count in connection.execute(query)}


def cases(
    connection: sa.Connection,
    batch: str,
    outcomes: Iterable[Outcome] | None = None,
    rows: Iterable[int] | None = None,
) -> list[Case]:
    """The determined requests of a batch, in the order of its rows."""
    query = sa.select(
        requests.c.batch,
        requests.c.row,
        requests.c.outcome,
        requests.c.rules,
        requests.c.status,
        requests.c.entry,
        requests.c.at,
    ).where(requests.c.batch == batch)
    if outcomes is not None:
        query = query.where(requests.c.outcome.in_([o.value for o in outcomes]))
    if rows is not None:
        query = query.where(requests.c.row.in_(list(rows)))
    found = connection.execute(query.order_by(requests.c.row))
    return [
        Case(
            r.batch,
            r.row,
            Outcome(r.outcome),
            tuple(filter(None, r.rules.split(";"))),
            Status(r.status),
            r.entry,
            r.at,
        )
        for r in found
    ]


def rows_of_handle(connection: sa.Connection, batch: str, handle: str) -> list[int]:
    """The rows of a batch whose request id has this HMAC."""
    query = sa.select(requests.c.row).where(requests.c.batch == batch, requests.c.handle == handle)
    return [int(row) for row in connection.execute(query).scalars()]


def set_case(connection: sa.Connection, batch: str, row: int, **values: object) -> None:
    """Change a request's outcome, status or rules."""
    connection.execute(
        sa.update(requests).where(requests.c.batch == batch, requests.c.row == row).values(**values)
    )


@dataclass(frozen=True)
class Given:
    """A decision that an officer gave; its signed statement is sealed with entry `entry`."""

    officer: str
    verdict: str
    entry: int


def verdicts(connection: sa.Connection, batch: str) -> dict[int, list[Given]]:
    """Every decision in a batch, by row."""
    query = sa.select(
        decisions.c.row, decisions.c.officer, decisions.c.verdict, decisions.c.entry
    ).where(decisions.c.batch == batch)
    found: dict[int, list[Given]] = {}
    for row, officer, verdict, entry in connection.execute(query.order_by(decisions.c.entry)):
        found.setdefault(int(row), []).append(Given(officer, verdict, entry))
    return found


def void_decisions(connection: sa.Connection, batch: str, row: int) -> None:
    """Forget the decisions on a request (they stay in the log): what they judged has changed."""
    connection.execute(
        sa.delete(decisions).where(decisions.c.batch == batch, decisions.c.row == row)
    )


def disclosed_rows(connection: sa.Connection, batch: str) -> set[int]:
    """The rows of a batch whose answer went out."""
    query = sa.select(disclosures.c.row).where(disclosures.c.batch == batch)
    return {int(row) for row in connection.execute(query).scalars()}


def package_count(connection: sa.Connection, batch: str) -> int:
    """How many packages were made for a batch."""
    query = sa.select(sa.func.count()).select_from(packages).where(packages.c.batch == batch)
    return int(connection.execute(query).scalar_one())


@dataclass(frozen=True)
class PackageRow:
    """A package as the database knows it, with when its receipt came in (None = not yet)."""

    id: str
    batch: str
    recipient: str
    digest: str
    made: str
    answers: int
    received: str | None


def package_rows(connection: sa.Connection, batch: str | None = None) -> list[PackageRow]:
    """All packages (of a batch), oldest first."""
    answers = (
        sa.select(sa.func.count())
        .select_from(deliveries)
        .where(deliveries.c.package == packages.c.id)
        .scalar_subquery()
    )
    query = (
        sa.select(
            packages.c.id,
            packages.c.batch,
            packages.c.recipient,
            packages.c.digest,
            packages.c.made,
            answers.label("answers"),
            receipts.c.at.label("received"),
        )
        .outerjoin(receipts, receipts.c.package == packages.c.id)
        .order_by(packages.c.id)
    )
    if batch is not None:
        query = query.where(packages.c.batch == batch)
    return [PackageRow(**row) for row in connection.execute(query).mappings()]


# --- what earlier batches mean for a new one -------------------------------------------------


def _earlier(batch: str, moment: str) -> sa.ColumnElement[bool]:
    """What earlier batches brought (their ids sort in the order of receipt) and was determined by
    this moment."""
    return (requests.c.batch < batch) & (requests.c.at <= moment)


def _open(moment: str) -> sa.ColumnElement[bool]:
    """Whether a request that was determined by a moment was unanswered then. It may have been
    answered since: the same question is asked again when a batch is replayed."""
    answered = sa.func.coalesce(
        sa.select(disclosures.c.at)
        .where(disclosures.c.batch == requests.c.batch, disclosures.c.row == requests.c.row)
        .scalar_subquery(),
        sa.select(batches.c.released).where(batches.c.id == requests.c.batch).scalar_subquery(),
    )
    at_once = requests.c.status.in_([Status.RETURNED.value, Status.REFUSED.value])
    still = requests.c.status == Status.PENDING.value
    return still | (~at_once & (answered > moment))


def open_engagements(connection: sa.Connection, batch: str, moment: str) -> dict[str, int]:
    """In how many requests of earlier batches that were open at a moment each officer is named."""
    query = (
        sa.select(engagements.c.officer, sa.func.count())
        .join(
            requests,
            (requests.c.batch == engagements.c.batch) & (requests.c.row == engagements.c.row),
        )
        .where(_earlier(batch, moment), _open(moment))
        .group_by(engagements.c.officer)
    )
    return {str(officer): int(count) for officer, count in connection.execute(query)}


def subjects_by_matter(connection: sa.Connection, batch: str, moment: str) -> dict[str, set[str]]:
    """The subjects (HMAC) asked about under each case number (HMAC) in earlier batches."""
    query = (
        sa.select(requests.c.matter, requests.c.subject)
        .where(_earlier(batch, moment), requests.c.matter != "")
        .distinct()
    )
    found: dict[str, set[str]] = {}
    for matter, subject in connection.execute(query):
        found.setdefault(matter, set()).add(subject)
    return found


def open_subjects(connection: sa.Connection, batch: str, moment: str) -> set[tuple[str, str]]:
    """(matter, subject) of the requests of earlier batches that were open at a moment."""
    query = (
        sa.select(requests.c.matter, askings.c.subject)
        .join(requests, (requests.c.batch == askings.c.batch) & (requests.c.row == askings.c.row))
        .where(_earlier(batch, moment), _open(moment))
    )
    return {(matter, subject) for matter, subject in connection.execute(query)}


def rows_taken_up(connection: sa.Connection, batch: str, file: str, moment: str) -> set[int]:
    """The rows of this very file that an earlier batch took up: answered, or still pending."""
    query = (
        sa.select(requests.c.row)
        .join(batches, batches.c.id == requests.c.batch)
        .where(
            batches.c.file == file,
            _earlier(batch, moment),
            requests.c.status.not_in([Status.RETURNED.value, Status.REFUSED.value]),
        )
    )
    return {int(row) for row in connection.execute(query).scalars()}


def count_with_rule(connection: sa.Connection, batch: str, rule: str) -> int:
    """How many requests of a batch have this rule among those unmet or for review."""
    listed = sa.literal(";") + requests.c.rules + ";"
    query = (
        sa.select(sa.func.count())
        .select_from(requests)
        .where(requests.c.batch == batch, listed.contains(f";{rule};", autoescape=True))
    )
    return int(connection.execute(query).scalar_one())


def received_since(connection: sa.Connection, batch: str, agreement: str, since: date) -> int:
    """How many rows earlier batches under the agreement brought since the start of a day (UTC)."""
    query = sa.select(sa.func.coalesce(sa.func.sum(batches.c.rows), 0)).where(
        batches.c.id < batch,
        batches.c.agreement == agreement,
        batches.c.received >= since.isoformat(),
    )
    return int(connection.execute(query).scalar_one())
