"""Which letters a name is made of, as one number: a sieve before names are even read.

Everybody in a building stands under its address, and hardly any of them is like the person asked
about. The address keys carry this number and the birth date beside the person, so that a neighbour
of quite another name is dropped inside the join that would have brought him. The sieve lets pass
whoever could be of a like family name, of exchanged names (of which the given one may be a short
form, and so of other letters), or of a given name of the same letters; everything that it drops,
`compare_names` would call different (tests/identity/test_letters.py).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from comity.identity.coding import LENGTH_AT, ODD, marks

_ALL = (1 << 26) - 1
_FAMILY, _GIVEN, _MIXED = 0, 31, 62
"""Where a name's 26 letter bits begin; the five bits above them are its length. Bit 62: not one
plain word, so that nothing can be said."""
_DIGITS = ((1 << LENGTH_AT) - 1) & ~_ALL


def letters(given: str, family: str) -> str:
    """The number, in SQL, of the columns `given` and `family`."""
    return letters_of_marks(marks(given), marks(family))


def letters_of_marks(given: str, family: str) -> str:
    """The same from the marks (see `coding`) of the two."""
    odd = f"(({given} | {family}) & {ODD | _DIGITS}) <> 0"
    words = " | ".join(
        f"((({word} & {_ALL}) | ((({word} >> {LENGTH_AT}) & 31) << 26)) << {at})"
        for word, at in ((family, _FAMILY), (given, _GIVEN))
    )
    return f"(CASE WHEN {odd} THEN {1 << _MIXED} ELSE {words} END)::UBIGINT"


def letters_of(given: NDArray[np.uint64], family: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The same for arrays of marks."""

    def word(of: NDArray[np.uint64], at: int) -> NDArray[np.uint64]:
        size = (of >> np.uint64(LENGTH_AT)) & np.uint64(31)
        return ((of & np.uint64(_ALL)) | (size << np.uint64(26))) << np.uint64(at)

    odd = ((given | family) & np.uint64(ODD | _DIGITS)) != 0
    return np.where(odd, np.uint64(1 << _MIXED), word(family, _FAMILY) | word(given, _GIVEN))


def maybe_alike(a: str, b: str) -> str:
    """Whether two such numbers may be those of like names, in SQL."""
    family, crossed, given = (
        _near(a, _FAMILY, b, _FAMILY),
        f"{_near(a, _FAMILY, b, _GIVEN)} OR {_near(a, _GIVEN, b, _FAMILY)}",
        f"(({a} >> {_GIVEN}) & {_ALL}) = (({b} >> {_GIVEN}) & {_ALL})",
    )
    mixed = f"(({a} | {b}) & {1 << _MIXED}) <> 0"
    return f"({mixed} OR {given} OR ({family}) OR ({crossed}))"


def _near(a: str, at_a: int, b: str, at_b: int) -> str:
    """Whether the words may be within two typing errors: each error leaves at most one letter
    without its like and changes the length by at most one."""
    bits_a, bits_b = f"(({a} >> {at_a}) & {_ALL})", f"(({b} >> {at_b}) & {_ALL})"
    size_a, size_b = f"(({a} >> {at_a + 26}) & 31)", f"(({b} >> {at_b + 26}) & 31)"
    lacking = f"greatest(bit_count({bits_a} & ~{bits_b}), bit_count({bits_b} & ~{bits_a}))"
    errors = f"CASE WHEN least({size_a}, {size_b}) < 4 THEN 1 ELSE 2 END"
    return (
        f"{lacking} <= {errors} AND greatest({size_a}, {size_b}) - least({size_a}, {size_b}) <= 2"
    )


# --- the same for one pair, without SQL ----------------------------------------------------------


def letters_of_names(given: str, family: str) -> int:
    """The number of a name."""
    words = (family, _FAMILY), (given, _GIVEN)
    if not all(word.isascii() and word.isalpha() and len(word) < 32 for word, _ in words):
        return 1 << _MIXED
    return sum(
        (sum({1 << (ord(letter) - 65) for letter in word}) | len(word) << 26) << at
        for word, at in words
    )


def may_be_alike(a: int, b: int) -> bool:
    """Whether two such numbers may be those of like names: `maybe_alike`."""
    if (a | b) >> _MIXED & 1 or a >> _GIVEN & _ALL == b >> _GIVEN & _ALL:
        return True
    crossed = _may_be_near(a >> _FAMILY, b >> _GIVEN) or _may_be_near(a >> _GIVEN, b >> _FAMILY)
    return crossed or _may_be_near(a >> _FAMILY, b >> _FAMILY)


def _may_be_near(a: int, b: int) -> bool:
    x, y, m, n = a & _ALL, b & _ALL, a >> 26 & 31, b >> 26 & 31
    lacking = max((x & ~y).bit_count(), (y & ~x).bit_count())
    return lacking <= (1 if min(m, n) < 4 else 2) and abs(m - n) <= 2
