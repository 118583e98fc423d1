"""What the requester may learn of a batch: five statuses, and for what was deficient, why.

Everything here is written from columns that hold nothing finer, in the order of the file, so that
two batches that differ only in what the registry knows give the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from comity.core.canonical import Json
from comity.core.clock import parse_moment
from comity.core.errors import ConflictError, UsageError
from comity.core.outcome import Status
from comity.examination.results import Answer, sentence, write_answers
from comity.exchange.opening import Exchange
from comity.store import acts, cases, disposals
from comity.store.cases import Batch, Case, PackageRow


@dataclass(frozen=True)
class BatchStatus:
    """A batch in numbers that its requester may see. `age_days` since it was received."""

    batch: str
    agreement: str
    received: str
    rows: int
    state: str
    counts: Mapping[Status, int]
    age_days: int


def batch_statuses(exchange: Exchange, batch: str | None = None) -> list[BatchStatus]:
    """The status of every batch, or of one. Raises UsageError for an unknown one."""
    now = exchange.clock.now()
    with exchange.database.reading() as connection:
        found = cases.all_batches(connection, batch)
        if batch is not None and not found:
            raise UsageError("No batch of this id was received.", cure="See `comity status`.")
        return [
            BatchStatus(
                one.id,
                one.agreement,
                one.received,
                one.rows,
                one.state,
                _counts(cases.counts_by(connection, "status", one.id), one),
                (now - parse_moment(one.received)).days,
            )
            for one in found
        ]


def only(found: Sequence[BatchStatus]) -> BatchStatus:
    """The one batch of a list. Raises UsageError where there are several, or none."""
    if len(found) != 1:
        raise UsageError(
            "The answers of one batch are written at a time.", cure="Name the batch: status BATCH."
        )
    return found[0]


def packages(exchange: Exchange, batch: str | None = None) -> list[PackageRow]:
    """All packages that were made (for a batch), oldest first."""
    with exchange.database.reading() as connection:
        return cases.package_rows(connection, batch)


def write_requester_answers(exchange: Exchange, batch: str, path: Path) -> int:
    """Write the requester's copy (CSV, JSONL or Parquet by the ending): `request_id, outcome,
    rule_ids, reasons`, one row a request, in the order of the file. Returns the number of rows.

    Raises UsageError for an unknown batch, ConflictError where requests were disposed of."""
    batch_statuses(exchange, batch)
    keys = exchange.keys
    with exchange.database.reading() as connection:
        if any(one.entry is not None for one in disposals.all_disposals(connection, batch)):
            raise ConflictError(
                f"Requests of batch {batch} were disposed of, and with them what was answered.",
                cure="`comity status` still counts them; `comity report accounting` lists them.",
            )
        found = cases.cases(connection, batch)
        return write_answers(
            (_answer(case, acts.payload(connection, keys, case.entry)) for case in found), path
        )


def _answer(case: Case, payload: Mapping[str, Json]) -> Answer:
    request = payload["request"]
    assert isinstance(request, Mapping)
    request_id = str(request.get("request_id") or "")
    if case.status not in (Status.RETURNED, Status.REFUSED):
        return Answer(request_id, case.status.value)
    determination = payload["determination"]
    assert isinstance(determination, Mapping)
    grounds = determination["findings"]
    assert isinstance(grounds, list)
    unmet = [g for g in grounds if isinstance(g, Mapping) and g["verdict"] == "unmet"]
    return Answer(
        request_id,
        case.status.value,
        tuple(str(g["rule"]) for g in unmet),
        tuple(sentence(str(g["reason"]), str(g["cure"])) for g in unmet),
    )


def _counts(found: Mapping[str, int], batch: Batch) -> dict[Status, int]:
    counts = {status: found.get(status.value, 0) for status in Status}
    counts[Status.PENDING] += batch.rows - sum(counts.values())
    return counts
