"""Result files: one row a request, as CSV, JSON Lines or Parquet by the file's ending.

A result is written beside its place and put there whole, so that a reader never sees half of one
and a stopped command leaves the old file as it was.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from comity.core.errors import UsageError

ENDINGS = (".csv", ".jsonl", ".parquet")
_ROWS = 10_000

Row = Mapping[str, str | int | float | bool | None]


def check_ending(path: Path) -> None:
    """Raise UsageError unless results can be written in the form that the file's ending names."""
    if path.suffix.lower() not in ENDINGS:
        raise UsageError(
            "Results cannot be written in this form.",
            where=str(path),
            cure=f"Name a file that ends in {', '.join(ENDINGS)}.",
        )


def write_whole(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a small file in one step. Raises UsageError where it cannot be made."""
    with (
        _in_place(path) as partial,
        os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file,
    ):
        file.write(data)


def write_rows(rows: Iterable[Row], schema: pa.Schema, path: Path) -> int:
    """Write rows with the columns of `schema`; returns how many. Memory does not grow with them.

    In CSV what is None is empty and booleans are `true` and `false`. Raises UsageError for another
    ending than ENDINGS, or where the file cannot be made."""
    check_ending(path)
    counted = _Counted(rows)
    with _in_place(path) as partial:
        match path.suffix.lower():
            case ".csv":
                _write_csv(counted, schema, partial)
            case ".jsonl":
                with partial.open("w", encoding="utf-8") as out:
                    out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in counted)
            case _:
                _write_parquet(counted, schema, partial)
    return counted.count


class _Counted:
    """Rows as plain dicts, counted while they go by."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for row in self._rows:
            self.count += 1
            yield dict(row)


@contextmanager
def _in_place(path: Path) -> Iterator[Path]:
    partial = path.with_name(f".{path.name}.partial")
    try:
        yield partial
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise UsageError(
            f"The file cannot be written ({error.strerror or type(error).__name__}).",
            where=str(path),
            cure="Check the folder, its permissions and the room on the disk.",
        ) from None
    finally:
        partial.unlink(missing_ok=True)


def _write_csv(rows: Iterable[dict[str, Any]], schema: pa.Schema, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, schema.names, lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow({name: _cell(value) for name, value in row.items()})


def _cell(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else "" if value is None else value


def _write_parquet(rows: Iterable[dict[str, Any]], schema: pa.Schema, path: Path) -> None:
    pending = iter(rows)
    with pq.ParquetWriter(path, schema) as out:
        while chunk := list(islice(pending, _ROWS)):
            out.write_table(pa.Table.from_pylist(chunk, schema=schema))
