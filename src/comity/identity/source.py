"""Reading a registry source: CSV or Parquet, one row a person and address, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from comity.core.errors import RegistryError

COLUMNS: tuple[str, ...] = (
    "person_id",
    "tin",
    "first_name",
    "middle_name",
    "last_name",
    "suffix",
    "date_of_birth",
    "street",
    "unit",
    "city",
    "state",
    "postal_code",
    "address_from",
    "address_to",
    "flags",
)
"""The columns of a registry source, in order."""
REQUIRED = ("person_id", "first_name", "last_name", "street")
"""The columns without which a registry makes no sense; the others may be left out (all absent)."""

CHUNK = 200_000
"""Rows handed on at a time, at most."""
NOT_UTF8 = "the row is not in UTF-8"

_SPACE = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
"""What `str.strip` takes off."""


@dataclass(frozen=True)
class SourceChunk:
    """Rows of a registry source.

    `cells` has COLUMNS as text without space around it, '' where absent; `lines` says where each
    row begins (CSV: its line; Parquet: its number). `malformed` are the rows that are not among
    them, by line, each with its reason."""

    lines: pa.Array
    cells: pa.Table
    malformed: tuple[tuple[int, str], ...] = ()

    @property
    def rows(self) -> int:
        """Rows of the source, the malformed ones included."""
        return int(self.cells.num_rows) + len(self.malformed)


def read_source(source: Path) -> Iterator[SourceChunk]:
    """Every data row of a registry source. The file's kind is taken from its ending.

    Raises RegistryError where the file as a whole cannot be read: no such file, another kind,
    wrong columns, no header. A malformed row is handed on with its reason."""
    from comity.identity.source_csv import read_csv
    from comity.identity.source_parquet import read_parquet

    if not source.is_file():
        raise RegistryError(
            "There is no such registry source.",
            where=str(source),
            cure="Name a CSV or Parquet file with one row a person and address.",
        )
    match source.suffix.lower():
        case ".csv":
            return read_csv(source)
        case ".parquet" | ".pq":
            return read_parquet(source)
        case other:
            raise RegistryError(
                f"A registry source is a .csv or .parquet file, not {other or 'without ending'}.",
                where=str(source),
                cure="Export it as CSV (UTF-8) or Parquet and name it so.",
            )


def positions(names: Sequence[str], source: Path) -> list[int | None]:
    """Where each of COLUMNS stands in the file. Raises RegistryError for wrong columns."""
    names = [name.strip() for name in names]
    unknown = [name for name in names if name not in COLUMNS]
    missing = [name for name in REQUIRED if name not in names]
    doubled = sorted({name for name in names if names.count(name) > 1})
    for wrong, what in (
        (missing, "lacks the column"),
        (unknown, "has the unknown column"),
        (doubled, "has twice the column"),
    ):
        if wrong:
            shown = ", ".join(f"{name[:40]!r}" for name in wrong[:5])
            raise RegistryError(
                f"The registry source {what}{'s' if len(wrong) > 1 else ''} {shown}.",
                where=str(source),
                cure=f"Its columns are: {', '.join(COLUMNS)}.",
            )
    return [names.index(name) if name in names else None for name in COLUMNS]


def chunk_of(
    lines: pa.Array,
    columns: Sequence[pa.Array],
    where: Sequence[int | None],
    malformed: Sequence[tuple[int, str]] = (),
) -> SourceChunk:
    """A chunk from the file's columns, as text; absent ones are filled in, space is trimmed."""
    absent = pa.repeat("", len(lines))
    cells = [absent if i is None else pc.utf8_trim(columns[i], _SPACE) for i in where]
    return SourceChunk(lines, pa.table(cells, names=list(COLUMNS)), tuple(malformed))
