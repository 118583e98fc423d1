"""Intake: a batch file becomes requests, row by row, and nothing of it is lost.

A file that is no batch at all (wrong type, wrong columns, not UTF-8, empty) is an IntakeError. A
row that is malformed is a request with `problems`: it will be returned to whoever sent it, and the
rest goes on. Files are read twice, once to survey the batch and once to judge it, a block at a
time, so that a million rows need no more memory than a few thousand; whatever is read later is what
was digested at the beginning.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from comity.core.errors import IntakeError
from comity.request.blocks import Block, Form, Rows
from comity.request.cells import to_requests
from comity.request.csv_rows import CsvRows
from comity.request.digested import DigestedFile
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


@dataclass(frozen=True)
class Reader:
    """Makes requests of the blocks of one file. Has no open file, and can be sent to another
    process."""

    form: Form
    facts: tuple[str, ...]

    def requests(self, block: Block, *, first: int = 1) -> list[Request]:
        """The requests of a block; `first` is the number of its first row in the file."""
        return to_requests(self.form.cells(block), self.facts, first=first)


class Batch:
    """An open batch file. Use as a context manager; `chunks` and `blocks` may be called again and
    again."""

    def __init__(self, content: DigestedFile, rows: Rows, facts: Collection[str]) -> None:
        self.path = content.path
        self.digest = content.digest
        self.size = content.size
        self.columns = rows.columns
        self.reader = Reader(rows.form, tuple(sorted(facts)))
        self._rows = rows

    def __enter__(self) -> Batch:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def blocks(self) -> Iterator[Block]:
        """The file in blocks, for `reader`. Raises IntakeError if it is not what was opened."""
        with _reading(self.path):
            yield from self._rows.blocks()

    def chunks(self, size: int = CHUNK) -> Iterator[list[Request]]:
        """The requests in order, `size` at a time. Raises IntakeError if the file changed since
        it was opened, or turns out to hold no rows."""
        chunk: list[Request] = []
        seen = 0
        for block in self.blocks():
            cells = self.reader.form.cells(block)
            while more := list(islice(cells, size - len(chunk))):
                chunk += to_requests(more, self.reader.facts, first=seen + 1)
                seen += len(more)
                if len(chunk) == size:
                    yield chunk
                    chunk = []
        if chunk:
            yield chunk
        if seen == 0:
            raise no_requests(self.path)


def no_requests(path: Path) -> IntakeError:
    """The error for a file without rows."""
    return IntakeError(
        "The file holds no requests.",
        where=str(path),
        cure="Below the line with the columns it needs one row a person.",
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
        content = DigestedFile(path)
        rows = _open(content)
        if rows.columns is not None:
            _check_columns(path, rows.columns, known, required)
        else:
            _check_objects(path, rows, known, required)
    return Batch(content, rows, facts)


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


def _open(content: DigestedFile) -> Rows:
    path, head = content.path, content.head(8)
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
        return ParquetRows(content)
    if path.suffix.lower() in (".jsonl", ".ndjson", ".json"):
        return JsonlRows(content)
    if path.suffix.lower() in (".csv", ".txt"):
        return CsvRows(content)
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
    for cells in (cells for block in rows.blocks() for cells in rows.form.cells(block)):
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
