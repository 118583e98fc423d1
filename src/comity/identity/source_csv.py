"""The reader of CSV: a row that is malformed costs itself alone, and is told by its line."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from itertools import compress, islice
from pathlib import Path

import pyarrow as pa

from comity.core.errors import RegistryError
from comity.identity.source import CHUNK, NOT_UTF8, SourceChunk, chunk_of, positions

_AT_A_TIME = 4_000
"""Rows turned into columns at a time: few enough to stay in the processor's cache, which makes it
three times as fast as doing it by the chunk."""
_LINE_END = re.compile(r"\r\n|\r|\n")


def read_csv(source: Path) -> Iterator[SourceChunk]:
    """Every data row of a CSV file; see `source.read_source`."""
    with source.open("rb") as head:
        start = head.read(4)
    if not start:
        raise RegistryError("The registry source is empty.", where=str(source))
    if start[:2] in (b"\xff\xfe", b"\xfe\xff") or start == b"PAR1":
        raise RegistryError(
            "The registry source is not a CSV file in UTF-8.",
            where=str(source),
            cure="Save it as CSV in UTF-8, or give a Parquet file its ending.",
        )
    with source.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as lines:
        rows = csv.reader(lines, strict=True)
        try:
            header = next(rows, [])
        except csv.Error:
            header = []
        where = positions(_as_utf8(header, source), source)
        chunk = _Chunk(len(header), where)
        more = True
        while more:
            some: list[list[str]] = []
            line, broken = rows.line_num + 1, False
            try:
                some.extend(islice(rows, _AT_A_TIME))
                more = len(some) == _AT_A_TIME
            except csv.Error:  # the rows before it have been taken
                broken = True
            line = chunk.take(some, line, rows.line_num)
            if broken:
                chunk.leave_out(line, "the row's quoting or length is malformed")
            if chunk.full():
                yield chunk.done()
                chunk = _Chunk(len(header), where)
        yield chunk.done()


def _as_utf8(header: list[str], source: Path) -> list[str]:
    try:
        "".join(header).encode()
    except UnicodeEncodeError:
        raise RegistryError(
            "The registry source is not in UTF-8.", where=str(source), cure="Save it as UTF-8."
        ) from None
    return header


class _Chunk:
    """Rows as they are read, until they are enough to be handed on."""

    def __init__(self, width: int, where: list[int | None]) -> None:
        self._width = width
        self._where = where
        self._pieces: list[pa.Table] = []
        self._malformed: list[tuple[int, str]] = []
        self._count = 0

    def take(self, rows: list[list[str]], line: int, last: int) -> int:
        """Take rows of which the first begins at `line`; the line after the last of them.

        Where each is one line, which `last`, the number of the last line read, tells, nobody has to
        look into the cells for lines within them."""
        lines = list(range(line, line + len(rows)))
        following = line + len(rows)
        if last + 1 != following:
            lines = []
            for cells in rows:
                lines.append(line)
                line += 1 + sum(len(_LINE_END.findall(cell)) for cell in cells)
            following = line
        self._count += len(rows)
        if any(len(cells) != self._width for cells in rows):
            for at, cells in zip(lines, rows, strict=True):
                if cells and len(cells) != self._width:
                    self.leave_out(at, "the row has another number of cells than the header")
            sound = [len(cells) == self._width for cells in rows]
            lines, rows = list(compress(lines, sound)), list(compress(rows, sound))
        try:
            self._pieces.append(self._table(lines, rows))
        except UnicodeEncodeError:
            sound = [_is_utf8(cells) for cells in rows]
            for at, good in zip(lines, sound, strict=True):
                if not good:
                    self.leave_out(at, NOT_UTF8)
            kept = list(compress(lines, sound)), list(compress(rows, sound))
            self._pieces.append(self._table(*kept))
        return following

    def leave_out(self, line: int, reason: str) -> None:
        self._malformed.append((line, reason))

    def full(self) -> bool:
        return self._count >= CHUNK

    def done(self) -> SourceChunk:
        whole = pa.concat_tables(self._pieces).combine_chunks()
        lines, *columns = (column.combine_chunks() for column in whole.columns)
        return chunk_of(lines, columns, self._where, sorted(self._malformed))

    def _table(self, lines: list[int], rows: list[list[str]]) -> pa.Table:
        columns = list(zip(*rows, strict=True)) or [()] * self._width
        arrays = [pa.array(lines, pa.int64()), *(pa.array(c, pa.string()) for c in columns)]
        return pa.Table.from_arrays(arrays, names=list(map(str, range(len(arrays)))))


def _is_utf8(cells: list[str]) -> bool:
    try:
        "".join(cells).encode()
    except UnicodeEncodeError:
        return False
    return True
