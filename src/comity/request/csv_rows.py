"""CSV by RFC 4180, read so that one bad row costs one row.

The standard library's reader would take a quote that is never closed for a field of a million
lines. Here a record may span a few lines only: past that, the line where the quote was opened is a
malformed row, and reading goes on with the line after it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from comity.core.errors import IntakeError
from comity.request.cells import Cells
from comity.request.model import Problem

MAX_LINE = 200_000
"""Bytes a line; a longer one is a malformed row."""

MAX_RECORD_LINES = 50
"""Lines a record with line breaks inside quotes may have."""

_BOM = b"\xef\xbb\xbf"
_LONG = f"the line is longer than {MAX_LINE:,} bytes"


class CsvRows:
    """The rows of a CSV file with a header line."""

    def __init__(self, path: Path) -> None:
        self._path = path
        first = next(self._lines(), None)
        header = "" if first is None else first[1]
        if first is None or first[2] or "\ufffd" in header:
            raise IntakeError(
                "The first line is not a line of column names in UTF-8.",
                where=f"{path}:1",
                cure="Save the file as CSV in UTF-8, with the column names in the first line.",
            )
        names = next(csv.reader([header]), [])
        self.columns: tuple[str, ...] | None = tuple(name.strip() for name in names)
        if self.columns and len(self.columns) == 1 and (";" in header or "\t" in header):
            raise IntakeError(
                "The columns are separated by semicolons or tabs.",
                where=f"{path}:1",
                cure="Separate them by commas; inside a cell, `;` separates several values.",
            )

    def __iter__(self) -> Iterator[Cells]:
        assert self.columns is not None
        lines = self._lines()
        next(lines)
        waiting: list[tuple[int, str, bool]] = []
        while True:
            line = waiting.pop(0) if waiting else next(lines, None)
            if line is None:
                return
            number, text, broken = line
            if not text.strip("\r\n \t,"):
                if text.strip("\r\n \t"):
                    yield Cells(number, {}, (Problem("", "the row is empty"),))
                continue
            if broken:
                yield Cells(number, {}, (Problem("", _LONG),))
                continue
            record = text
            taken: list[tuple[int, str, bool]] = []
            while _open_quote(record) and len(taken) < MAX_RECORD_LINES:
                more = waiting.pop(0) if waiting else next(lines, None)
                if more is None:
                    break
                taken.append(more)
                record += more[1]
            cells = self._cells(number, record)
            if cells.problems and taken:
                # The quotation mark was no beginning of a cell with line breaks: this one line is
                # malformed, and the ones after it are read again.
                waiting = taken + waiting
                yield Cells(number, {}, (Problem("", "a quotation mark is never closed"),))
            else:
                yield cells

    def _cells(self, number: int, record: str) -> Cells:
        assert self.columns is not None
        try:
            (values,) = csv.reader([record], strict=True)
        except (csv.Error, ValueError):
            return Cells(number, {}, (Problem("", "its quotation marks are out of order"),))
        if len(values) != len(self.columns):
            what = f"it has {len(values)} cells where the header has {len(self.columns)}"
            return Cells(number, {}, (Problem("", what),))
        return Cells(number, dict(zip(self.columns, values, strict=True)))

    def _lines(self) -> Iterator[tuple[int, str, bool]]:
        """Number, text (with its line end) and whether it was cut for its length. Bytes that are
        not UTF-8 come out as U+FFFD and are reported by the cell that holds them."""
        with self._path.open("rb") as file:
            number = 0
            while raw := file.readline(MAX_LINE + 1):
                number += 1
                if number == 1:
                    raw = raw.removeprefix(_BOM)
                cut = len(raw) > MAX_LINE and not raw.endswith(b"\n")
                while cut and (rest := file.readline(MAX_LINE + 1)):
                    if rest.endswith(b"\n"):
                        break
                yield number, raw.decode("utf-8", "replace"), cut


def _open_quote(record: str) -> bool:
    """Whether a quotation mark is still open at the end: an odd number of them."""
    return record.count('"') % 2 == 1
