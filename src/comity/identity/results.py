"""Match results as a file: Parquet, CSV or JSON Lines by its ending."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa

from comity.identity.match import Match
from comity.request.result_file import Row, write_rows

SCHEMA = pa.schema(
    [
        ("request_id", pa.string()),
        ("decision", pa.string()),
        ("person_id", pa.string()),
        ("weight", pa.float64()),
        ("runner_up_weight", pa.float64()),
        ("name_agrees", pa.bool_()),
        ("address_agrees", pa.bool_()),
        ("dob_agrees", pa.bool_()),
        ("tin_agrees", pa.bool_()),
        ("candidates", pa.int64()),
    ]
)
COLUMNS: tuple[str, ...] = tuple(SCHEMA.names)
"""The columns of match results; `person_id` only where confirmed, `*_agrees` empty where not
compared."""


def write_matches(matches: Iterable[Match], path: Path) -> int:
    """Write one row a match, in order; returns how many. The file appears when it is whole.

    Raises UsageError for another ending than CSV, JSON Lines or Parquet, or where the file cannot
    be made."""
    return write_rows(map(_row, matches), SCHEMA, path)


def _row(match: Match) -> Row:
    return {
        "request_id": match.key,
        "decision": match.decision.value,
        "person_id": match.person_id,
        "weight": match.weight,
        "runner_up_weight": match.runner_up_weight,
        "name_agrees": match.name_agrees,
        "address_agrees": match.address_agrees,
        "dob_agrees": match.dob_agrees,
        "tin_agrees": match.tin_agrees,
        "candidates": match.candidates,
    }
