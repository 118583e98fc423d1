"""Match results as a file: Parquet, CSV or JSON Lines by its ending."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from comity.core.errors import UsageError
from comity.identity.match import Match

_SCHEMA = pa.schema(
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
COLUMNS: tuple[str, ...] = tuple(_SCHEMA.names)
"""The columns of match results; `person_id` only where confirmed, `*_agrees` empty where not
compared."""
ENDINGS = (".parquet", ".csv", ".jsonl")


def write_matches(matches: Iterable[Match], path: Path) -> None:
    """Write one row a match, in order. Raises UsageError for another ending than ENDINGS."""
    rows = (_row(match) for match in matches)
    match path.suffix.lower():
        case ".parquet":
            pq.write_table(pa.Table.from_pylist(list(rows), schema=_SCHEMA), path)
        case ".csv":
            _write_csv(rows, path)
        case ".jsonl":
            with path.open("w", encoding="utf-8") as out:
                out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        case _:
            raise UsageError(
                "Match results cannot be written in this form.",
                where=str(path),
                cure=f"Name a file that ends in {', '.join(ENDINGS)}.",
            )


def _row(match: Match) -> dict[str, Any]:
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


def _write_csv(rows: Iterator[dict[str, Any]], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow({name: _cell(value) for name, value in row.items()})


def _cell(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else "" if value is None else value
