"""The reader of Parquet: columns of text, numbers or dates, taken as text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from comity.core.errors import RegistryError
from comity.identity.source import CHUNK, NOT_UTF8, SourceChunk, chunk_of, positions


def read_parquet(source: Path) -> Iterator[SourceChunk]:
    """Every row of a Parquet file; see `source.read_source`."""
    try:
        with pq.ParquetFile(source) as file:
            schema = file.schema_arrow
            where = positions(schema.names, source)
            for field in schema:
                _check(field, source)
            line = 1
            for batch in file.iter_batches(batch_size=CHUNK):
                yield _chunk(batch, line, where)
                line += batch.num_rows
    except (pa.ArrowException, OSError, ValueError, OverflowError):
        raise RegistryError(
            "The registry source cannot be read as Parquet.",
            where=str(source),
            cure="Check that the file is whole and that its columns hold text, numbers or dates.",
        ) from None


def _check(field: pa.Field, source: Path) -> None:
    inner = field.type
    if pa.types.is_list(inner) or pa.types.is_large_list(inner):
        inner = inner.value_type
    if pa.types.is_nested(inner):
        raise RegistryError(
            f"The column {field.name!r} of the registry source holds nested values.",
            where=str(source),
            cure="Write one plain column a field: text, a number or a date.",
        )


def _chunk(batch: pa.RecordBatch, first: int, where: list[int | None]) -> SourceChunk:
    lines = pa.array(range(first, first + batch.num_rows), pa.int64())
    malformed: list[tuple[int, str]] = []
    broken = [_broken(column) for column in batch.columns]
    if any(found is not None for found in broken):
        bad = set().union(*(found for found in broken if found is not None))
        malformed = [(first + row, NOT_UTF8) for row in sorted(bad)]
        sound = pa.array([row not in bad for row in range(batch.num_rows)])
        batch, lines = batch.filter(sound), lines.filter(sound)
    return chunk_of(lines, [_texts(column) for column in batch.columns], where, malformed)


def _broken(column: pa.Array) -> set[int] | None:
    """The rows whose text is not UTF-8 (Parquet does not see to it), or None if there are none."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        try:
            column.validate(full=True)
        except pa.ArrowInvalid:
            kind = pa.large_binary() if pa.types.is_large_string(kind) else pa.binary()
            column = column.view(kind)
        else:
            return None
    if not (pa.types.is_binary(kind) or pa.types.is_large_binary(kind)):
        return None
    found = {row for row, value in enumerate(column.to_pylist()) if not _is_utf8(value)}
    return found or None


def _is_utf8(value: bytes | None) -> bool:
    try:
        (value or b"").decode()
    except UnicodeDecodeError:
        return False
    return True


def _texts(column: pa.Array) -> pa.Array:
    """A column as text; what vectors do not turn into what Python writes goes value by value."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.dictionary_decode(), kind.value_type
    if pa.types.is_timestamp(kind) and kind.tz is None:
        texts = pc.strftime(column, "%Y-%m-%d")
    elif (
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_integer(kind)
        or pa.types.is_date(kind)
        or pa.types.is_null(kind)
    ):
        texts = column.cast(pa.string())
    else:
        return pa.array([_text(value) for value in column.to_pylist()], pa.string())
    return pc.fill_null(texts, "") if texts.null_count else texts


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
