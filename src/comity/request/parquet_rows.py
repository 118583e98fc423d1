"""Parquet: text, date and list columns, read a record batch at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from comity.core.errors import IntakeError
from comity.request.cells import Cells
from comity.request.model import Problem

_ROWS = 5_000
_MAX_BYTES = 256 << 20
"""Bytes that so many rows may hold: some 50 kB a row, past what the cells' limits allow."""


class ParquetRows:
    """The rows of a Parquet file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with pq.ParquetFile(path) as file:
                schema = file.schema_arrow
        except (pa.ArrowException, OSError, ValueError):
            raise self._broken() from None
        self.columns: tuple[str, ...] | None = tuple(schema.names)
        self._text = [field.name for field in schema if _is_text(field.type)]

    def __iter__(self) -> Iterator[Cells]:
        row = 0
        try:
            # Text stays in its dictionary: one huge text on a million rows is held once.
            with pq.ParquetFile(self._path, read_dictionary=self._text) as file:
                for batch in file.iter_batches(_ROWS):
                    if batch.nbytes > _MAX_BYTES:
                        raise IntakeError(
                            f"The rows after row {row:,} are too large to be requests.",
                            where=str(self._path),
                            cure="Look for cells that hold whole documents.",
                        )
                    names = batch.schema.names
                    for values in zip(*map(_values, batch.columns), strict=True):
                        row += 1
                        yield _cells(row, dict(zip(names, values, strict=True)))
        except (pa.ArrowException, OSError, ValueError, OverflowError):
            raise self._broken() from None

    def _broken(self) -> IntakeError:
        return IntakeError(
            "The Parquet file is damaged or cut.",
            where=str(self._path),
            cure="Write it again and compare its size with the original.",
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
