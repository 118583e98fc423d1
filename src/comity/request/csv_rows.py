"""CSV by RFC 4180, read so that one bad row costs one row.

The standard library's reader would take a quote that is never closed for a field of a million
lines. Here a record may span a few lines only: past that, the line where the quote was opened is a
malformed row, and reading goes on with the line after it.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from comity.core.errors import IntakeError
from comity.request.cells import Cells
from comity.request.model import Problem

MAX_LINE = 200_000
"""Bytes a line; a longer one is a malformed row."""

MAX_RECORD_LINES = 50
"""Lines a record with line breaks inside quotes may have."""

_BOM = b"\xef\xbb\xbf"
_LONG = f"the line is longer than {MAX_LINE:,} bytes"
_UNCLOSED = "a quotation mark is never closed"
_DISORDER = "its quotation marks or line ends are out of order"


class _Line(NamedTuple):
    """A physical line with its end. `cut` is whether it was too long and is not all there."""

    number: int
    text: str
    cut: bool

    @property
    def odd(self) -> bool:
        """Whether it leaves a quotation mark open that was closed before it, or the reverse."""
        return self.text.count('"') % 2 == 1


class CsvRows:
    """The rows of a CSV file with a header line."""

    def __init__(self, path: Path) -> None:
        self._path = path
        first = next(self._lines(), None)
        if first is None or first.cut or "\ufffd" in first.text or "\x00" in first.text:
            raise self._headless("The first line is not a line of column names in UTF-8.")
        try:
            (names,) = csv.reader([first.text], strict=True)
        except (csv.Error, ValueError):
            raise self._headless(
                "The first line is no row of column names: its quotation marks or line ends are "
                "out of order."
            ) from None
        self.columns: tuple[str, ...] | None = tuple(name.strip() for name in names)
        if len(self.columns) == 1 and (";" in first.text or "\t" in first.text):
            raise IntakeError(
                "The columns are separated by semicolons or tabs.",
                where=f"{path}:1",
                cure="Separate them by commas; inside a cell, `;` separates several values.",
            )

    def __iter__(self) -> Iterator[Cells]:
        lines = self._lines()
        next(lines, None)
        waiting: deque[_Line] = deque()
        while (line := waiting.popleft() if waiting else next(lines, None)) is not None:
            text = line.text.strip("\r\n \t")
            if not text:
                continue
            if line.cut or not text.strip(", \t"):
                what = _LONG if line.cut else "the row is empty"
                yield Cells(line.number, {}, (Problem("", what),))
                continue
            taken: list[_Line] = []
            still_open = line.odd
            while still_open and len(taken) < MAX_RECORD_LINES:
                more = waiting.popleft() if waiting else next(lines, None)
                if more is None:
                    break
                taken.append(more)
                if more.cut:
                    break
                still_open ^= more.odd
            cells = None
            if not still_open:
                record = "".join([line.text, *(more.text for more in taken)])
                cells = self._cells(line.number, record)
            if cells is None or (cells.problems and taken):
                # The quotation mark was no beginning of a cell with line breaks: this one line is
                # malformed, and the ones after it are read again.
                waiting.extendleft(reversed(taken))
                yield Cells(line.number, {}, (Problem("", _UNCLOSED),))
            else:
                yield cells

    def _cells(self, number: int, record: str) -> Cells:
        assert self.columns is not None
        try:
            (values,) = csv.reader([record], strict=True)
        except (csv.Error, ValueError) as error:
            long = "field larger" in str(error)
            what = "a cell is longer than 131,072 characters" if long else _DISORDER
            return Cells(number, {}, (Problem("", what),))
        if len(values) != len(self.columns):
            what = f"it has {len(values)} cells where the header has {len(self.columns)}"
            return Cells(number, self._name_of(values), (Problem("", what),))
        return Cells(number, dict(zip(self.columns, values, strict=True)))

    def _name_of(self, values: list[str]) -> dict[str, str | list[str]]:
        """The id of a row of the wrong length, where it stands first: no cell before it can have
        been lost or doubled."""
        assert self.columns is not None
        first = self.columns[0] == "request_id" and len(values) > 0
        return {"request_id": values[0]} if first else {}

    def _lines(self) -> Iterator[_Line]:
        """The physical lines. Bytes that are not UTF-8 come out as U+FFFD and are reported by the
        cell that holds them."""
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
                yield _Line(number, raw.decode("utf-8", "replace"), cut)

    def _headless(self, what: str) -> IntakeError:
        return IntakeError(
            what,
            where=f"{self._path}:1",
            cure="Save the file as CSV in UTF-8, with the column names in the first line and "
            "lines that end in LF or CRLF.",
        )
