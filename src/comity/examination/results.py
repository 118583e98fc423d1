"""Determinations as a file: `request_id, outcome, rule_ids, reasons`, one row a request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from comity.examination.finding import Finding, Verdict, deficiency
from comity.request.model import Request
from comity.request.result_file import write_rows

SOUND = "sound"
"""What an examination writes for a request with nothing unmet."""

_SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("request_id", "outcome", "rule_ids", "reasons")]
)


@dataclass(frozen=True)
class Answer:
    """One row: the outcome in one word, and for what is unmet the rules and their sentences."""

    request_id: str
    outcome: str
    rule_ids: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


def answer_of(request: Request, findings: Sequence[Finding]) -> Answer:
    """What an examination says of a request: `returned`, `refused` or `sound`."""
    outcome = deficiency(findings)
    unmet = [finding for finding in findings if finding.verdict is Verdict.UNMET]
    return Answer(
        request.request_id,
        SOUND if outcome is None else outcome.value,
        tuple(finding.rule for finding in unmet),
        tuple(sentence(finding.reason, finding.cure) for finding in unmet),
    )


def sentence(reason: str, cure: str) -> str:
    """A finding as the requester reads it: what was found, and what would cure it."""
    return f"{reason} {cure}".strip()


def write_answers(answers: Iterable[Answer], path: Path) -> int:
    """Write answers as CSV, JSON Lines or Parquet by the ending; returns how many.

    Raises UsageError for another ending, or where the file cannot be written."""
    return write_rows(map(_row, answers), _SCHEMA, path)


def _row(answer: Answer) -> dict[str, str]:
    return {
        "request_id": answer.request_id,
        "outcome": answer.outcome,
        "rule_ids": ";".join(answer.rule_ids),
        "reasons": " ".join(answer.reasons),
    }
