"""Intake: a batch file becomes requests, row by row, and nothing of it is lost.

A file that is no batch at all (wrong type, wrong columns, not UTF-8, empty) is an IntakeError. A
row that is malformed is a request with `problems`: it will be returned to whoever sent it, and the
rest goes on. Files are read twice, once to survey the batch and once to judge it, a chunk at a
time, so that a million rows need no more memory than a few thousand.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
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
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
}


class Rows(Protocol):
    """A file format: its columns (None where every row names its own), and its rows in order."""

    columns: tuple[str, ...] | None

    def __iter__(self) -> Iterator[Cells]: ...


class Batch:
    """An open batch file. Use as a context manager; `chunks` may be called again and again."""

    def __init__(self, path: Path, rows: Rows, facts: frozenset[str], digest: str) -> None:
        self.path = path
        self.digest = digest
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
        with _reading(self.path):
            for seen, cells in enumerate(self._rows, 1):
                chunk.append(to_request(seen, cells, self._facts))
                if len(chunk) == size:
                    yield chunk
                    chunk = []
            if chunk:
                yield chunk
            now = _digest(self.path)
        if seen == 0:
            raise IntakeError(
                "The file holds no requests.",
                where=str(self.path),
                cure="Below the line with the columns it needs one row a person.",
            )
        if now != self.digest:
            raise IntakeError(
                "The file changed while it was read.",
                where=str(self.path),
                cure="Submit a file that nobody is writing to.",
            )


def open_batch(
    path: Path, *, facts: Collection[str] = (), required: Collection[str] = REQUIRED
) -> Batch:
    """Open a CSV, JSON Lines or Parquet file with DESIGN's columns and the agreement's `facts`.

    Raises IntakeError for a file that is none of these, lacks a required column, or has one that
    is not known. That it has no rows shows when it is read (`Batch.chunks`)."""
    known = frozenset(COLUMNS) | frozenset(facts)
    with _reading(path):
        if path.exists() and not path.is_file():
            raise IntakeError(
                "This is no file.",
                where=str(path),
                cure="Name a file; it is read more than once, so a pipe will not do.",
            )
        digest = _digest(path)
        rows = _open(path)
        if rows.columns is not None:
            _check_columns(path, rows.columns, known, required)
        else:
            _check_objects(path, rows, known, required)
    return Batch(path, rows, frozenset(facts), digest)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise IntakeError(
            f"The file cannot be read ({error.strerror}).",
            where=str(path),
            cure="Check the path and that you may read it.",
        ) from None


def _open(path: Path) -> Rows:
    with path.open("rb") as file:
        head = file.read(8)
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
    unknown = [column for column in columns if column not in known]
    if len(unknown) == len(columns):
        # What stands there may be a person's data: a file without its line of names. Not shown.
        raise IntakeError(
            "None of the columns is known" + _near(unknown, known) + ".",
            where=str(path),
            cure="The first line (in JSON Lines, each key) names the columns; see "
            "docs/reference/requests.md.",
        )
    doubled = sorted(name for name, count in Counter(columns).items() if count > 1)
    if doubled:
        raise IntakeError(
            f"The columns {_named(doubled)} stand twice.", where=str(path), cure="Keep one of each."
        )
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
    if not keys:
        raise IntakeError(
            "No line of the file is a JSON object with a key.",
            where=str(path),
            cure="Write each request as one object on a line of its own, not as an array.",
        )
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
