"""Birth dates and numbers of pairs, compared as whole numbers."""

from __future__ import annotations

from datetime import date

import numpy as np

from comity.identity import codes
from comity.identity.coding import Ids
from comity.identity.compare import compare_dates, compare_numbers
from comity.identity.pairs import Flags


def date_codes(a: Ids, b: Ids) -> Ids:
    """The levels of birth dates, asked and recorded; see `coding.date_value`."""
    level = codes.DOB.index
    code = np.where(
        a == 0, level("not_given"), np.where(b == 0, level("not_recorded"), level("equal"))
    )
    both = (a != b) & (a != 0) & (b != 0)
    other = [a // 10000 != b // 10000, a // 100 % 100 != b // 100 % 100, a % 100 != b % 100]
    apart = both & other[0] & other[1] & other[2]  # at least three digits differ
    code[apart] = level("different")
    rows = np.flatnonzero(both & ~apart)
    distinct, inverse = np.unique((a[rows] << 32) | b[rows], return_inverse=True)
    found = [
        level(compare_dates(_date(key >> 32), _date(key & 0xFFFFFFFF))) for key in distinct.tolist()
    ]
    code[rows] = np.array(found, np.int64)[inverse]
    return code


def _date(value: int) -> date:
    return date(value // 10000, value // 100 % 100, value % 100)


def number_codes(a: Ids, b: Ids) -> Ids:
    """The levels of numbers, asked and recorded; of those that are not decimal only whether they
    are equal (see `coding.number_value`)."""
    level = codes.NUMBER.index
    code = np.where(
        a == 0, level("not_given"), np.where(b == 0, level("not_recorded"), level("equal"))
    )
    both = np.flatnonzero((a != b) & (a != 0) & (b != 0))
    code[both] = level("different")
    near = both[(a[both] > 0) & (b[both] > 0) & _maybe_near(a[both], b[both])]
    code[near] = [
        level(compare_numbers(str(x)[1:], str(y)[1:]))
        for x, y in zip(a[near].tolist(), b[near].tolist(), strict=True)
    ]
    return code


def _maybe_near(a: Ids, b: Ids) -> Flags:
    """Whether two unequal decimal numbers (behind a 1) may be one typing error apart: equally long
    with at most two digits wrong, or one digit longer."""
    wrong = np.zeros(len(a), np.int64)
    x, y = a.copy(), b.copy()
    for _ in range(18):
        wrong += x % 10 != y % 10
        x, y = x // 10, y // 10
    ratio = np.maximum(a, b) / np.maximum(np.minimum(a, b), 1)
    return (wrong <= 2) | ((ratio > 4) & (ratio < 25))
