"""Rows of a registry source, checked and in standard form, a chunk at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from comity.identity.columns import STANDARD_SCHEMA, standardise_columns
from comity.identity.distinct import each_distinct
from comity.identity.record import FLAGS, flags_of, read_date
from comity.identity.remarks import Tally, counted, lacking, unusable
from comity.identity.source import SourceChunk, read_source

RECORDED = ("street", "unit", "city", "state", "postal_code")
"""The columns of an address as recorded; with `recorded_` before them, what may be disclosed."""
ROW_SCHEMA = pa.schema(
    [
        ("line_no", pa.int64()),
        ("person_id", pa.string()),
        ("flags", pa.list_(pa.string())),
        *STANDARD_SCHEMA,
        *((f"recorded_{name}", pa.string()) for name in RECORDED),
        ("address_from", pa.date32()),
        ("address_to", pa.date32()),
        ("dates_sound", pa.bool_()),
    ]
)
"""A row that is taken: where it stands, whose it is, its standard form, the address as recorded."""


def standard_rows(source: Path, tally: Tally) -> Iterator[pa.Table]:
    """The rows of a source that are taken, by ROW_SCHEMA; the rest is counted and remarked."""
    for chunk in read_source(source):
        tally.rows += chunk.rows
        yield _standard(chunk, tally)


def _standard(chunk: SourceChunk, tally: Tally) -> pa.Table:
    lines, cells = chunk.lines, chunk.cells
    refused = unusable(cells.column("person_id").combine_chunks())
    left_out = [*chunk.malformed, *((lines[row].as_py(), why) for row, why in refused.items())]
    if refused:
        kept = pa.array([row not in refused for row in range(len(lines))], pa.bool_())
        lines, cells = lines.filter(kept), cells.filter(kept)
    standard = standardise_columns(cells)
    flags, known = each_distinct(
        cells.column("flags").combine_chunks(), _flags, [pa.list_(pa.string()), pa.bool_()]
    )
    begin, begin_sound = _dates(cells, "address_from")
    end, end_sound = _dates(cells, "address_to")
    in_order = pc.fill_null(pc.less_equal(begin, end), True)
    sound = pc.and_(in_order, pc.and_(begin_sound, end_sound))
    tally.note(left_out, counted(lacking(cells, standard, sound, known), lines))
    return pa.Table.from_arrays(
        [
            *(lines, cells.column("person_id"), flags, *standard.columns),
            *(cells.column(name) for name in RECORDED),
            *(begin, end, sound),
        ],
        schema=ROW_SCHEMA,
    )


@lru_cache(1 << 16)
def _flags(text: str) -> tuple[tuple[str, ...], bool]:
    flags = flags_of(text)
    return flags, all(flag in FLAGS for flag in flags)


def _dates(cells: pa.Table, column: str) -> tuple[pa.Array, pa.Array]:
    """The dates of an address's beginning or end, and whether each is one or is absent."""
    dates, sound = each_distinct(
        cells.column(column).combine_chunks(), _date, [pa.date32(), pa.bool_()]
    )
    return dates, sound


@lru_cache(1 << 16)
def _date(text: str) -> tuple[date | None, bool]:
    day = read_date(text)
    return day, day is not None or not text
