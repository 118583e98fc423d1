"""Standard form by the column: what `standardise` gives for one subject, for a table of them.

The functions of `names`, `place` and `record` stay the only truth of what the standard form is.
Here each is called once for a distinct value, which is what makes a large registry or batch cheap:
2 µs a row instead of 70 (benchmarks/identity.py), nearly all of it spent on the addresses.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from comity.identity.column_places import standardise_places
from comity.identity.distinct import Columns, each_distinct, filled
from comity.identity.names import (
    STAND_IN,
    is_stand_in,
    sounds,
    standardise_family,
    standardise_given,
    standardise_middle,
    standardise_suffix,
)
from comity.identity.record import PLACEHOLDERS, Standard, Subject, read_date, read_number

CHUNK = 200_000
"""Rows brought to standard form at a time: enough for values to repeat, little enough to hold."""

PLACE_COLUMNS = (
    *("house", "line", "core", "pre", "street_suffix"),
    *("post", "unit", "city", "state", "postal"),
)
STANDARD_SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("given", "middle", "family", "suffix")]
    + [("sounds", pa.list_(pa.string())), ("dob", pa.date32()), ("number", pa.string())]
    + [(name, pa.string()) for name in PLACE_COLUMNS]
)
"""Standard fields as columns; see `flat`."""

FIELDS = tuple(name for name in Subject.__dataclass_fields__ if name != "key")
"""The fields of a subject that are brought to standard form."""

_CACHED = 1 << 17
"""Distinct values of one field remembered from chunk to chunk, some tens of MB at most."""


def flat(standard: Standard) -> tuple[Any, ...]:
    """Standard fields in the order of STANDARD_SCHEMA."""
    name, place = standard.name, standard.place
    return (
        *(name.given, name.middle, name.family, name.suffix, sounds(name.family)),
        *(standard.dob, standard.number),
        *(place.house, place.line, place.core, place.pre, place.suffix),
        *(place.post, place.unit, place.city, place.state, place.postal),
    )


def standardise_columns(subjects: pa.Table) -> pa.Table:
    """Subjects in standard form, a row each and in their order, by STANDARD_SCHEMA.

    `subjects` has string columns named like Subject's fields; a column that is missing and a null
    are absent ('' in a Subject), other columns are ignored. Row by row the result is
    `flat(standardise(subject))`."""
    pieces = [
        _standardise(subjects.slice(start, CHUNK)) for start in range(0, subjects.num_rows, CHUNK)
    ]
    return pa.concat_tables(pieces) if pieces else STANDARD_SCHEMA.empty_table()


def _standardise(subjects: pa.Table) -> pa.Table:
    fields = {name: _texts(subjects, name) for name in FIELDS}
    columns = [
        *_names(*(fields[n] for n in ("first_name", "middle_name", "last_name", "suffix"))),
        *each_distinct(fields["date_of_birth"], _date, [pa.date32()]),
        _numbers(fields["tin"]),
        *standardise_places(
            *(fields[n] for n in ("street", "unit", "city", "state", "postal_code", "country"))
        ),
    ]
    return pa.Table.from_arrays(columns, schema=STANDARD_SCHEMA)


def _texts(table: pa.Table, name: str) -> pa.Array:
    """One column as one array of text without nulls."""
    if name not in table.column_names:
        return pa.repeat("", table.num_rows)
    column = table.column(name).cast(pa.string())
    whole = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    return pc.fill_null(whole, "") if whole.null_count else whole


_TEXT, _TRUTH = pa.string(), pa.bool_()


def _names(first: pa.Array, middle: pa.Array, last: pa.Array, suffix: pa.Array) -> Columns:
    """Given, middle, family, suffix and sounds, put together as `standardise_name` does."""
    given, in_given = each_distinct(first, _given, [_TEXT, _TEXT])
    middles, in_middle = each_distinct(middle, _middle, [_TEXT, _TEXT])
    family, in_family, heard, no_name = each_distinct(
        last, _family, [_TEXT, _TEXT, pa.list_(_TEXT), _TRUTH]
    )
    (ending,) = each_distinct(suffix, _suffix, [_TEXT])
    if pc.any(no_name).as_py():
        given = pc.if_else(pc.and_(no_name, pc.equal(given, STAND_IN)), "", given)
    for other in (in_family, in_given, in_middle):
        if pc.any(pc.not_equal(other, "")).as_py():
            ending = pc.if_else(pc.equal(ending, ""), other, ending)
    return [given, middles, family, ending, heard]


_given = lru_cache(_CACHED)(standardise_given)
_middle = lru_cache(_CACHED)(standardise_middle)


@lru_cache(_CACHED)
def _family(last: str) -> tuple[str, str, tuple[str, ...], bool]:
    family, ending = standardise_family(last)
    return family, ending, sounds(family), is_stand_in(last)


@lru_cache(_CACHED)
def _suffix(text: str) -> tuple[str]:
    return (standardise_suffix(text),)


@lru_cache(_CACHED)
def _date(text: str) -> tuple[date | None]:
    return (read_date(text),)


_NINE = r"^(?:[0-9]{9}|[0-9]{3}-[0-9]{2}-[0-9]{4})$"
_ONE_DIGIT = pa.array([digit * 9 for digit in "0123456789"] + sorted(PLACEHOLDERS))


def _numbers(tin: pa.Array) -> pa.Array:
    """`read_number` of a column; numbers hardly repeat, so the usual forms go by vectors."""
    plain = pc.match_substring_regex(tin, _NINE)
    digits = pc.replace_substring(tin, "-", "")
    numbers = pc.if_else(pc.is_in(digits, value_set=_ONE_DIGIT), "", digits)
    odd = pc.invert(plain)
    if not pc.any(odd).as_py():
        return numbers
    (others,) = each_distinct(tin.filter(odd), lambda text: (read_number(text),), [_TEXT])
    return filled(numbers, odd, others)
