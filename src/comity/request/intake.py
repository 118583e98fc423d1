"""Intake: a batch file becomes requests, row by row, and nothing of it is lost.

A file that is no batch at all (wrong type, wrong columns, not UTF-8, empty) is an IntakeError. A
row that is malformed is a request with `problems`: it will be returned to whoever sent it, and the
rest goes on. Files are read twice, once to survey the batch and once to judge it, a chunk at a
time, so that a million rows need no more memory than a few thousand.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from comity.core.errors import IntakeError
from comity.request.cells import Cells, to_request
from comity.request.csv_rows import CsvRows
from comity.request.jsonl_rows import JsonlRows
from comity.request.model import COLUMNS, Request
from comity.request.parquet_rows import ParquetRows

CHUNK = 5_000
REQUIRED = ("request_id", "first_name", "last_name")
"""Columns without which no file is a batch; the agreement's elements add theirs."""

IDENTITY_COLUMNS = (*REQUIRED, "street", "city", "state", "postal_code")
"""Columns that a file of people to be looked up has at the least."""

_PARQUET_MAGIC = b"PAR1"
_OTHER_KINDS = {
    b"\x1f\x8b": "gzip",
    b"PK\x03\x04": "a ZIP archive or an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF",
    b"\x28\xb5\x2f\xfd": "zstandard",
    b"7z\xbc\xaf": "7-Zip",
}


class Rows(Protocol):
    """A file format: its columns (None where every row names its own), and its rows in order."""

    columns: tuple[str, ...] | None

    def __iter__(self) -> Iterator[Cells]: ...


class Batch:
    """An open batch file. Use as a context manager; `chunks` may be called again and again."""

    def __init__(self, path: Path, rows: Rows, facts: frozenset[str]) -> None:
        self.path = path
        self.digest = _digest(path)
        self.columns = rows.columns
        self._rows = rows
        self._facts = facts

    def __enter__(self) -> Batch:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def chunks(self, size: int = CHUNK) -> Iterator[list[Request]]:
        """The requests in order, `size` at a time. Raises IntakeError if the file changed since
        it was opened, or turns out to hold no rows."""
        chunk: list[Request] = []
        seen = 0
        for seen, cells in enumerate(self._rows, 1):
            chunk.append(to_request(seen, cells, self._facts))
            if len(chunk) == size:
                yield chunk
                chunk = []
        if chunk:
            yield chunk
        if seen == 0:
            raise IntakeError(
                "The file holds no requests.",
                where=str(self.path),
                cure="Below the line with the columns it needs one row a person.",
            )
        if _digest(self.path) != self.digest:
            raise IntakeError(
                "The file changed while it was read.",
                where=str(self.path),
                cure="Submit a file that nobody is writing to.",
            )


def open_batch(
    path: Path, *, facts: Collection[str] = (), required: Collection[str] = REQUIRED
) -> Batch:
    """Open a CSV, JSON Lines or Parquet file with DESIGN's columns and the agreement's `facts`.

    Raises IntakeError for a file that is none of these, has no rows, lacks a required column, or
    has one that is not known."""
    rows = _open(path)
    known = frozenset(COLUMNS) | frozenset(facts)
    if rows.columns is not None:
        _check_columns(path, rows.columns, known, required)
    else:
        _check_objects(path, rows, known, required)
    return Batch(path, rows, frozenset(facts))


def _open(path: Path) -> Rows:
    try:
        with path.open("rb") as file:
            head = file.read(8)
    except OSError as error:
        raise IntakeError(
            f"The file cannot be read ({error.strerror}).",
            where=str(path),
            cure="Check the path and that you may read it.",
        ) from None
    if not head:
        raise IntakeError(
            "The file is empty.", where=str(path), cure="It needs columns and at least one row."
        )
    for magic, kind in _OTHER_KINDS.items():
        if head.startswith(magic):
            raise IntakeError(
                f"This is {kind}, not a batch.",
                where=str(path),
                cure="Send CSV, JSON Lines or Parquet, unpacked.",
            )
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise IntakeError(
            "The file is UTF-16.", where=str(path), cure="Save it as UTF-8 and send it again."
        )
    if head.startswith(_PARQUET_MAGIC):
        return ParquetRows(path)
    if path.suffix.lower() in (".jsonl", ".ndjson", ".json"):
        return JsonlRows(path)
    if path.suffix.lower() in (".csv", ".txt"):
        return CsvRows(path)
    raise IntakeError(
        "The file's type is not known.",
        where=str(path),
        cure="Give it the ending .csv, .jsonl or .parquet, and that content.",
    )


def _check_columns(
    path: Path, columns: tuple[str, ...], known: frozenset[str], required: Collection[str]
) -> None:
    doubled = sorted({c for c in columns if columns.count(c) > 1})
    if doubled:
        raise IntakeError(
            f"The columns {_named(doubled)} stand twice.", where=str(path), cure="Keep one of each."
        )
    unknown = [column for column in columns if column not in known]
    if unknown:
        raise IntakeError(
            f"The columns {_named(unknown)} are not known" + _near(unknown, known) + ".",
            where=str(path),
            cure="Take them out or rename them; see docs/reference/requests.md.",
        )
    missing = [column for column in required if column not in columns]
    if missing:
        raise IntakeError(
            f"The columns {_named(missing)} are missing.",
            where=str(path),
            cure="Add them; a cell may be empty, a column may not be absent.",
        )


def _check_objects(
    path: Path, rows: Rows, known: frozenset[str], required: Collection[str]
) -> None:
    """JSON Lines: each row names its own keys; all are looked through before any is judged."""
    keys: set[str] = set()
    count = 0
    for cells in rows:
        count += 1
        keys |= cells.values.keys()
        if len(keys) > 10_000:
            break
    if not count:
        return
    unknown = sorted(keys - known)
    if unknown:
        _check_columns(path, tuple(unknown), known, ())
    _check_columns(path, tuple(sorted(keys)), known, required)


def _named(columns: Collection[str]) -> str:
    shown = [ascii(c[:40])[1:-1] or "(no name)" for c in columns]
    more = f" and {len(shown) - 8} more" if len(shown) > 8 else ""
    return ", ".join(f"`{c}`" for c in shown[:8]) + more


def _near(unknown: Collection[str], known: frozenset[str]) -> str:
    hints = []
    for column in list(unknown)[:8]:
        near = difflib.get_close_matches(column.lower().replace(" ", "_"), sorted(known), 1)
        if near:
            hints.append(f"`{near[0]}`")
    return f" (did you mean {', '.join(hints)}?)" if hints else ""


def _digest(path: Path) -> str:
    made = sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            made.update(block)
    return "sha256:" + made.hexdigest()
