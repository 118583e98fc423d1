"""The reader of CSV: a row that is malformed costs itself alone, and is told by its line."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from comity.core.errors import RegistryError
from comity.identity.source import CHUNK, NOT_UTF8, SourceChunk, chunk_of, positions


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
        line = rows.line_num + 1
        while True:
            try:
                cells = next(rows)
            except StopIteration:
                break
            except csv.Error:
                chunk.leave_out(line, "the row's quoting or length is malformed")
            else:
                chunk.take(line, cells)
            line = rows.line_num + 1
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
    """Rows as they are read, until they are enough to be columns."""

    def __init__(self, width: int, where: list[int | None]) -> None:
        self._width = width
        self._where = where
        self._lines: list[int] = []
        self._rows: list[list[str]] = []
        self._malformed: list[tuple[int, str]] = []

    def take(self, line: int, cells: list[str]) -> None:
        if len(cells) == self._width:
            self._lines.append(line)
            self._rows.append(cells)
        elif cells:
            self.leave_out(line, "the row has another number of cells than the header")

    def leave_out(self, line: int, reason: str) -> None:
        self._malformed.append((line, reason))

    def full(self) -> bool:
        return len(self._rows) + len(self._malformed) >= CHUNK

    def done(self) -> SourceChunk:
        try:
            columns = self._columns()
        except UnicodeEncodeError:
            self._leave_out_other_encodings()
            columns = self._columns()
        lines = pa.array(self._lines, pa.int64())
        return chunk_of(lines, columns, self._where, sorted(self._malformed))

    def _columns(self) -> list[pa.Array]:
        columns = list(zip(*self._rows, strict=True)) or [()] * self._width
        return [pa.array(column, pa.string()) for column in columns]

    def _leave_out_other_encodings(self) -> None:
        kept: list[tuple[int, list[str]]] = []
        for line, cells in zip(self._lines, self._rows, strict=True):
            try:
                "".join(cells).encode()
            except UnicodeEncodeError:
                self.leave_out(line, NOT_UTF8)
            else:
                kept.append((line, cells))
        self._lines = [line for line, _ in kept]
        self._rows = [cells for _, cells in kept]
