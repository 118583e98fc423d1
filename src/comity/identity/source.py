"""Reading a registry source: CSV or Parquet, one row a person and address, in bounded memory."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

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

Row = tuple[int, tuple[str, ...] | None, str]
"""Line (CSV: where the row begins; Parquet: its number), the values in the order of COLUMNS, and
why there are none: a malformed row has None and a reason."""

_BATCH = 20_000


def read_source(source: Path) -> Iterator[Row]:
    """Every data row of a registry source. The file's kind is taken from its ending.

    Raises RegistryError where the file as a whole cannot be read: no such file, another kind,
    wrong columns, no header. A malformed row is handed on with its reason."""
    if not source.is_file():
        raise RegistryError(
            "There is no such registry source.",
            where=str(source),
            cure="Name a CSV or Parquet file with one row a person and address.",
        )
    match source.suffix.lower():
        case ".csv":
            return _read_csv(source)
        case ".parquet" | ".pq":
            return _read_parquet(source)
        case other:
            raise RegistryError(
                f"A registry source is a .csv or .parquet file, not {other or 'without ending'}.",
                where=str(source),
                cure="Export it as CSV (UTF-8) or Parquet and name it so.",
            )


def _positions(names: Sequence[str], source: Path) -> list[int | None]:
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


def _read_csv(source: Path) -> Iterator[Row]:
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
        where = _positions(_as_utf8(header, source), source)
        width, line = len(header), rows.line_num + 1
        while True:
            try:
                cells = next(rows)
            except StopIteration:
                return
            except csv.Error:
                yield line, None, "the row's quoting or length is malformed"
            else:
                if cells:
                    yield _csv_row(line, cells, width, where)
            line = rows.line_num + 1


def _as_utf8(header: list[str], source: Path) -> list[str]:
    try:
        "".join(header).encode()
    except UnicodeEncodeError:
        raise RegistryError(
            "The registry source is not in UTF-8.", where=str(source), cure="Save it as UTF-8."
        ) from None
    return header


def _csv_row(line: int, cells: list[str], width: int, where: list[int | None]) -> Row:
    if len(cells) != width:
        return line, None, "the row has another number of cells than the header"
    try:
        "".join(cells).encode()
    except UnicodeEncodeError:
        return line, None, "the row is not in UTF-8"
    return line, tuple("" if i is None else cells[i].strip() for i in where), ""


def _read_parquet(source: Path) -> Iterator[Row]:
    try:
        with pq.ParquetFile(source) as file:
            where = _positions(file.schema_arrow.names, source)
            line = 0
            for batch in file.iter_batches(batch_size=_BATCH):
                columns = [_texts(column) for column in batch.columns]
                absent = [""] * batch.num_rows
                ordered = [absent if i is None else columns[i] for i in where]
                for values in zip(*ordered, strict=True):
                    line += 1
                    yield line, values, ""
    except (pa.ArrowException, OSError, UnicodeDecodeError):
        raise RegistryError(
            "The registry source cannot be read as Parquet.",
            where=str(source),
            cure="Check that the file is whole and that its columns hold text, numbers or dates.",
        ) from None


def _texts(column: pa.Array) -> list[str]:
    return [_text(value) for value in column.to_pylist()]


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case str():
            return value.strip()
        case datetime():
            return value.date().isoformat()
        case date():
            return value.isoformat()
        case list():
            return ";".join(_text(one) for one in value)
        case _:
            return str(value).strip()
