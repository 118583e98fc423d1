"""Parquet: text, date and list columns, read a record batch at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from comity.core.errors import IntakeError
from comity.request.cells import Cells
from comity.request.model import Problem

_ROWS = 5_000


class ParquetRows:
    """The rows of a Parquet file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with pq.ParquetFile(path) as file:
                self.columns: tuple[str, ...] | None = tuple(file.schema_arrow.names)
        except (pa.ArrowException, OSError, ValueError):
            raise self._broken() from None

    def __iter__(self) -> Iterator[Cells]:
        row = 0
        try:
            with pq.ParquetFile(self._path) as file:
                for batch in file.iter_batches(_ROWS):
                    names = batch.schema.names
                    for values in zip(
                        *(column.to_pylist() for column in batch.columns), strict=True
                    ):
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


def _cells(row: int, found: dict[str, object]) -> Cells:
    problems: list[Problem] = []
    values: dict[str, str | list[str]] = {}
    for name, value in found.items():
        match value:
            case None:
                values[name] = ""
            case str():
                values[name] = value
            case date():
                values[name] = value.isoformat()[:10]
            case list() if all(isinstance(part, str) for part in value):
                values[name] = value
            case _:
                values[name] = ""
                problems.append(Problem(name, "its column has neither text nor dates"))
    return Cells(row, values, tuple(problems))
