"""CSV by RFC 4180, read so that one bad row costs one row.

The standard library's reader would take a quote that is never closed for a field of a million
lines. Here a record may span a few lines only: past that, the line where the quote was opened is a
malformed row, and reading goes on with the line after it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass

from comity.core.errors import IntakeError
from comity.request.blocks import MAX_LINE, Block, lines_of, text_blocks
from comity.request.cells import Cells
from comity.request.digested import DigestedFile
from comity.request.model import Problem

MAX_RECORD_LINES = 50
"""Lines a record with line breaks inside quotes may have."""

_GROUP = 64
"""Lines that are given to the standard library's reader together: reading a million rows takes a
fifth of the time of one call a row."""

_LONG = f"the line is longer than {MAX_LINE:,} bytes"
_UNCLOSED = "a quotation mark is never closed"
_DISORDER = "its quotation marks or line ends are out of order"


class CsvRows:
    """The rows of a CSV file with a header line."""

    def __init__(self, content: DigestedFile) -> None:
        self._content = content
        head = next(text_blocks(content.pieces(), len), None)
        first = lines_of(head)[0] if head is not None else b""
        text = first.decode("utf-8", "replace")
        if head is None or _is_cut(first) or "\ufffd" in text or "\x00" in text:
            raise self._headless("The first line is not a line of column names in UTF-8.")
        try:
            (names,) = csv.reader([text], strict=True)
        except (csv.Error, ValueError):
            raise self._headless(
                "The first line is no row of column names: its quotation marks or line ends are "
                "out of order."
            ) from None
        columns = tuple(name.strip() for name in names)
        if len(columns) == 1 and (";" in text or "\t" in text):
            raise IntakeError(
                "The columns are separated by semicolons or tabs.",
                where=f"{content.path}:1",
                cure="Separate them by commas; inside a cell, `;` separates several values.",
            )
        self.form = CsvForm(columns)

    @property
    def columns(self) -> tuple[str, ...] | None:
        """The names in the first line."""
        return self.form.columns

    def blocks(self) -> Iterator[Block]:
        """The lines below the first, cut where a record begins."""
        return text_blocks(self._content.pieces(), self.form.whole, skip=1)

    def _headless(self, what: str) -> IntakeError:
        return IntakeError(
            what,
            where=f"{self._content.path}:1",
            cure="Save the file as CSV in UTF-8, with the column names in the first line and "
            "lines that end in LF or CRLF.",
        )


@dataclass(frozen=True)
class CsvForm:
    """How records are read that have these columns.

    Which lines make a record follows from the lines at and after its first one alone, so that a
    file can be cut before any record without reading it otherwise."""

    columns: tuple[str, ...]

    def whole(self, lines: list[bytes]) -> int:
        """How many of the lines, from the front, make whole records whatever follows."""
        if not any(map(_is_odd, lines)):
            return len(lines)
        at = 0
        while at < len(lines):
            taken = self._taken(lines, at, more=True)
            if not taken:
                break
            at += taken
        return at

    def cells(self, block: Block) -> Iterator[Cells]:
        """The records of a block; a malformed one has its problem. Blank lines are none."""
        lines = lines_of(block)
        number = block.line
        odd = [at for at, line in enumerate(lines) if _is_odd(line) or _is_cut(line)]
        odd.append(len(lines))
        at = following = 0
        while at < len(lines):
            while odd[following] < at:
                following += 1
            group = min(at + _GROUP, odd[following])
            if group > at:
                yield from self._plain(number + at, lines[at:group])
                at = group
                continue
            taken = self._taken(lines, at, more=False)
            record = _decoded(b"\n".join(lines[at : at + taken]))
            if taken == 1:
                what = _LONG if _is_cut(lines[at]) else _UNCLOSED
                yield Cells(number + at, {}, (Problem("", what),))
            else:
                yield self._record(number + at, record)
            at += taken

    def _taken(self, lines: list[bytes], at: int, *, more: bool) -> int:
        """How many lines the record that begins at `at` takes; 0 where that shows only in lines to
        come. One, for a line with an open quotation mark, means that it is never closed: the line
        is malformed, and the ones after it are records of their own."""
        if _is_cut(lines[at]) or not _is_odd(lines[at]):
            return 1
        for end in range(at + 1, at + 1 + MAX_RECORD_LINES):
            if end == len(lines):
                return 0 if more else 1
            if _is_cut(lines[end]):
                return 1
            if _is_odd(lines[end]):
                record = _decoded(b"\n".join(lines[at : end + 1]))
                return 1 if self._record(0, record).problems else end + 1 - at
        return 1

    def _plain(self, number: int, lines: list[bytes]) -> Iterator[Cells]:
        """Records of one line each."""
        texts = _decoded(b"\n".join(lines)).split("\n")
        columns = self.columns
        try:
            rows = list(csv.reader(texts, strict=True))
        except (csv.Error, ValueError):
            rows = []
        if len(rows) != len(texts):  # one of them is out of order: each for itself
            rows = [[]] * len(texts)
        for line, (text, values) in enumerate(zip(texts, rows, strict=True), number):
            if len(values) == len(columns) and text.strip(", \t\r"):
                yield Cells(line, dict(zip(columns, values, strict=True)))
            elif text.strip("\r \t"):
                yield self._record(line, text)

    def _record(self, number: int, record: str) -> Cells:
        if not record.strip(", \t\r\n"):
            return Cells(number, {}, (Problem("", "the row is empty"),))
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
        first = self.columns[0] == "request_id" and len(values) > 0
        return {"request_id": values[0]} if first else {}


def _is_odd(line: bytes) -> bool:
    """Whether a line leaves a quotation mark open that was closed before it, or the reverse."""
    return line.count(b'"') % 2 == 1


def _is_cut(line: bytes) -> bool:
    return len(line) > MAX_LINE


def _decoded(data: bytes) -> str:
    """Bytes that are not UTF-8 come out as U+FFFD and are reported by the cell that holds them."""
    return data.decode("utf-8", "replace")
