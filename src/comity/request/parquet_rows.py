"""Parquet: text, date and list columns, read a record batch at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from comity.core.errors import IntakeError
from comity.request.blocks import Block
from comity.request.cells import Cells
from comity.request.digested import DigestedFile
from comity.request.model import Problem

_ROWS = 5_000
_MAX_BYTES = 256 << 20
"""Bytes that so many rows may hold: some 50 kB a row, past what the cells' limits allow."""


class ParquetRows:
    """The rows of a Parquet file. A block is a record batch in Arrow's stream format."""

    def __init__(self, content: DigestedFile) -> None:
        self._content = content
        try:
            with pq.ParquetFile(content.open()) as file:
                schema = file.schema_arrow
        except (pa.ArrowException, OSError, ValueError):
            raise self._broken() from None
        self._names = tuple(schema.names)
        self._text = [field.name for field in schema if _is_text(field.type)]
        self.form = ParquetForm()

    @property
    def columns(self) -> tuple[str, ...] | None:
        """The names of the schema."""
        return self._names

    def blocks(self) -> Iterator[Block]:
        """The record batches of the file."""
        row = 1
        try:
            # Text stays in its dictionary: one huge text on a million rows is held once.
            with pq.ParquetFile(self._content.open(), read_dictionary=self._text) as file:
                for batch in file.iter_batches(_ROWS):
                    slim = pa.record_batch(
                        [_without_unused(column) for column in batch.columns],
                        names=batch.schema.names,
                    )
                    if slim.nbytes > _MAX_BYTES:
                        raise IntakeError(
                            f"The rows after row {row - 1:,} are too large to be requests.",
                            where=str(self._content.path),
                            cure="Look for cells that hold whole documents.",
                        )
                    yield Block(row, _packed(slim))
                    row += slim.num_rows
        except (pa.ArrowException, OSError, ValueError, OverflowError):
            raise self._broken() from None

    def _broken(self) -> IntakeError:
        return IntakeError(
            "The Parquet file is damaged or cut.",
            where=str(self._content.path),
            cure="Write it again and compare its size with the original.",
        )


@dataclass(frozen=True)
class ParquetForm:
    """How record batches are read."""

    def cells(self, block: Block) -> Iterator[Cells]:
        """The rows of a block."""
        with pa.ipc.open_stream(block.data) as stream:
            batch = stream.read_next_batch()
        names = batch.schema.names
        for row, values in enumerate(zip(*map(_values, batch.columns), strict=True), block.line):
            yield _cells(row, dict(zip(names, values, strict=True)))


def _packed(batch: pa.RecordBatch) -> bytes:
    out = pa.BufferOutputStream()
    with pa.ipc.new_stream(out, batch.schema) as stream:
        stream.write_batch(batch)
    return bytes(out.getvalue())


def _without_unused(column: pa.Array) -> pa.Array:
    """A dictionary column without the values that stand in no row of it: the dictionary of a large
    row group is not handed on with every batch of it."""
    if not pa.types.is_dictionary(column.type) or len(column.dictionary) <= len(column):
        return column
    used = pc.unique(column.indices.drop_null())
    return pa.DictionaryArray.from_arrays(
        pc.index_in(column.indices, used), column.dictionary.take(used)
    )


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _values(column: pa.Array) -> list[object]:
    """A column's values: text, None, a list of texts, or something else. A date, or the
    day of a timestamp in its own time zone, becomes ISO text."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        distinct = _values(column.dictionary)
        return [None if at is None else distinct[at] for at in column.indices.to_pylist()]
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        column = column.cast(pa.date32(), safe=False).cast(pa.string())
    try:
        found: list[object] = column.to_pylist()
    except UnicodeDecodeError:
        found = [
            raw if raw is None else raw.decode("utf-8", "replace")
            for raw in column.cast(pa.large_binary()).to_pylist()
        ]
    return found


def _cells(row: int, found: dict[str, object]) -> Cells:
    problems: list[Problem] = []
    values: dict[str, str | list[str]] = {}
    for name, value in found.items():
        match value:
            case None:
                values[name] = ""
            case str():
                values[name] = value
            case list() if all(isinstance(part, str) for part in value):
                values[name] = value
            case _:
                values[name] = ""
                problems.append(Problem(name, "its column has neither text nor dates"))
    return Cells(row, values, tuple(problems))
