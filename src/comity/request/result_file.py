"""Result files: one row a request, as CSV, JSON Lines or Parquet by the file's ending.

A result is written beside its place and put there whole, so that a reader never sees half of one
and a stopped command leaves the old file as it was.
"""

from __future__ import annotations

import csv
import json
import os
import tempfile
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


def check_output(path: Path, *inputs: Path) -> None:
    """Raise UsageError unless results can be written to this file: in a form that its ending names,
    and over none of the files that they are made from."""
    check_ending(path)
    for source in inputs:
        if path.exists() and source.exists() and path.samefile(source):
            raise UsageError(
                "The result would overwrite a file that it is made from.",
                where=str(path),
                cure="Name another file for the result.",
            )


def make_folder(folder: Path, option: str = "--out") -> None:
    """Make a folder for results where there is none. Raises UsageError where it cannot be made,
    naming the option that named it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"The folder cannot be made ({error.strerror}).",
            where=str(folder),
            cure=f"Name another one with {option}.",
        ) from None


def write_whole(path: Path, data: bytes, *, private: bool = False) -> None:
    """Write a small file in one step, `private` for its owner alone. Raises UsageError where it
    cannot be made."""
    with _in_place(path, private=private) as partial:
        partial.write_bytes(data)


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
def _in_place(path: Path, *, private: bool = False) -> Iterator[Path]:
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent)
    except OSError as error:
        raise _unwritable(path, error) from None
    os.close(handle)
    partial = Path(name)
    try:
        yield partial
        if not private:  # mkstemp makes files for their owner alone
            partial.chmod(0o666 & ~_umask())
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise _unwritable(path, error) from None
    finally:
        partial.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _unwritable(path: Path, error: OSError) -> UsageError:
    return UsageError(
        f"The file cannot be written ({error.strerror or type(error).__name__}).",
        where=str(path),
        cure="Check the folder, its permissions and the room on the disk.",
    )


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
