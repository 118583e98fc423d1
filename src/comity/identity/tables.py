"""Requests as a table of anybody's: an Arrow table, a dataframe, a DuckDB relation.

Whatever offers the Arrow PyCapsule interface (`__arrow_c_stream__`; the Arrow C data interface,
https://arrow.apache.org/docs/format/CDataInterface/PyCapsuleInterface.html) is taken, and the
result, an Arrow table, offers it in turn.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import pyarrow as pa
import pyarrow.compute as pc

from comity.core.errors import UsageError
from comity.identity.columns import FIELDS
from comity.request.model import COLUMNS

KEY = "request_id"
"""The column that names a request; without it, its number does."""
NEEDED = ("first_name", "last_name", "street")
"""The columns without which nobody could be confirmed."""


@runtime_checkable
class ArrowStream(Protocol):
    """A table of any library that speaks Arrow."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...


def requests_table(data: ArrowStream) -> pa.Table:
    """The columns of a table that identify persons, as text, and their KEY.

    Numbers and dates become text (dates as `1971-03-09`); other columns of a batch are left aside.
    Raises UsageError: a column that a batch does not know, one of NEEDED missing, a column given
    twice, or values that are neither texts, numbers nor dates."""
    try:
        table = pa.table(data)
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise UsageError(
            f"The requests cannot be read as an Arrow table ({type(error).__name__}).",
            cure="Give a table or dataframe that offers the Arrow PyCapsule interface.",
        ) from None
    names = table.column_names
    wrong = [name for name in names if name not in COLUMNS]
    missing = [name for name in NEEDED if name not in names]
    doubled = sorted({name for name in names if names.count(name) > 1})
    for listed, what in (
        (wrong, "have the unknown column"),
        (missing, "lack the column"),
        (doubled, "have twice the column"),
    ):
        if listed:
            shown = ", ".join(f"{name[:40]!r}" for name in listed[:5])
            raise UsageError(
                f"The requests {what}{'s' if len(listed) > 1 else ''} {shown}.",
                cure=f"Rename or drop columns; known are {KEY}, {', '.join(FIELDS)}.",
            )
    numbers = pa.array(map(str, range(table.num_rows)), pa.string())
    columns = {KEY: _texts(table[KEY], KEY) if KEY in names else numbers}
    columns |= {name: _texts(table[name], name) for name in FIELDS if name in names}
    return pa.table(columns)


def _texts(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if pa.types.is_timestamp(kind):
        column, kind = column.cast(pa.date32()), pa.date32()
    textual = pa.types.is_string(kind) or pa.types.is_large_string(kind) or kind == pa.string_view()
    plain = pa.types.is_integer(kind) or pa.types.is_date(kind) or pa.types.is_null(kind)
    if not (textual or plain):
        raise UsageError(
            f"The column {name!r} of the requests holds values of type {str(kind)[:60]}.",
            cure="Give it as text; dates may be dates.",
        )
    return pc.fill_null(column.cast(pa.string()), "")
