"""Applying a pure function to a column of texts, once for each value that occurs in it.

A registry names a hundred million people with a few hundred thousand words, so whatever looks at
one field alone need not be written twice, in Python and in vectors, to be fast.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

Columns = list[pa.Array]


def each_distinct(
    column: pa.Array, function: Callable[[str], Sequence[Any]], types: Sequence[pa.DataType]
) -> Columns:
    """`function` of every text of a column, as one array for each part of its result.

    Null stays null. The function is called for the distinct values of this column; give it a cache
    of its own where they come again in the next."""
    encoded = column.dictionary_encode()
    values = encoded.dictionary.to_pylist()
    parts: Sequence[Sequence[Any]] = list(zip(*map(function, values), strict=True))
    if not values:
        parts = [()] * len(types)
    return [
        pa.array(part, kind).take(encoded.indices) for part, kind in zip(parts, types, strict=True)
    ]


def filled(base: pa.Array, mask: pa.Array, values: pa.Array) -> pa.Array:
    """`base` with `values` in order where `mask` is true."""
    return pc.replace_with_mask(base, mask, values)
