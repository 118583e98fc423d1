"""Which letters a name is made of, as one number: a sieve before names are even read.

Everybody in a building stands under its address, and hardly any of them is like the person asked
about. The address keys carry this number and the birth date beside the person, so that a neighbour
of quite another name is dropped inside the join that would have brought him. The sieve lets pass
whoever could be of a like family name, of exchanged names (of which the given one may be a short
form, and so of other letters), or of a given name of the same letters; of a name of several words
it is enough that it has the other's letters. Everything that it drops, `compare_names` would call
different (tests/identity/test_letters.py), but for one: whose family name is a middle name on the
other side passes only with a given name of the same letters.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from comity.identity.coding import LENGTH_AT, ODD, SPACED, marks

_ALL = (1 << 26) - 1
_FAMILY, _GIVEN, _MIXED = 0, 31, 62
"""Where a name's 26 letter bits begin; the five bits above them are its length, 0 where it is
several words. Bit 62: not plain words, so that nothing can be said."""
_DIGITS = ((1 << LENGTH_AT) - 1) & ~_ALL


def letters(given: str, family: str) -> str:
    """The number, in SQL, of the columns `given` and `family`."""
    return letters_of_marks(marks(given), marks(family))


def letters_of_marks(given: str, family: str) -> str:
    """The same from the marks (see `coding`) of the two."""
    odd = f"(({given} | {family}) & {ODD | _DIGITS}) <> 0"
    words = " | ".join(
        f"((({word} & {_ALL}) | (CASE WHEN ({word} & {SPACED}) <> 0 THEN 0 "
        f"ELSE (({word} >> {LENGTH_AT}) & 31) << 26 END)) << {at})"
        for word, at in ((family, _FAMILY), (given, _GIVEN))
    )
    return f"(CASE WHEN {odd} THEN {1 << _MIXED} ELSE {words} END)::UBIGINT"


def letters_of(given: NDArray[np.uint64], family: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The same for arrays of marks."""

    def word(of: NDArray[np.uint64], at: int) -> NDArray[np.uint64]:
        several = (of & np.uint64(SPACED)) != 0
        size = np.where(several, np.uint64(0), (of >> np.uint64(LENGTH_AT)) & np.uint64(31))
        return ((of & np.uint64(_ALL)) | (size << np.uint64(26))) << np.uint64(at)

    odd = ((given | family) & np.uint64(ODD | _DIGITS)) != 0
    return np.where(odd, np.uint64(1 << _MIXED), word(family, _FAMILY) | word(given, _GIVEN))


def maybe_alike(a: str, b: str) -> str:
    """Whether two such numbers may be those of like names, in SQL."""
    family, crossed = (
        _near(a, _FAMILY, b, _FAMILY),
        f"{_near(a, _FAMILY, b, _GIVEN)} OR {_near(a, _GIVEN, b, _FAMILY)}",
    )
    one, other = f"(({a} >> {_GIVEN}) & {_ALL})", f"(({b} >> {_GIVEN}) & {_ALL})"
    sizes = f"(({a} >> {_GIVEN + 26}) & 31) = 0 OR (({b} >> {_GIVEN + 26}) & 31) = 0"
    given = f"({one} = {other} OR (({sizes}) AND ({one} & {other}) IN ({one}, {other})))"
    mixed = f"(({a} | {b}) & {1 << _MIXED}) <> 0"
    return f"({mixed} OR {given} OR ({family}) OR ({crossed}))"


def _near(a: str, at_a: int, b: str, at_b: int) -> str:
    """Whether two words may be within two typing errors: each error leaves at most one letter
    without its like and changes the length by at most one. Of one word and several, one of these
    may be near, or all of them in one; of several and several nothing is said."""
    bits_a, bits_b = f"(({a} >> {at_a}) & {_ALL})", f"(({b} >> {at_b}) & {_ALL})"
    size_a, size_b = f"(({a} >> {at_a + 26}) & 31)", f"(({b} >> {at_b + 26}) & 31)"
    short = f"{size_a} BETWEEN 1 AND 3 OR {size_b} BETWEEN 1 AND 3"
    lacking = " AND ".join(
        f"({size} = 0 OR bit_count({bits} & xor({bits_a}, {bits_b})) <= "
        f"(CASE WHEN {short} THEN 1 ELSE 2 END))"
        for size, bits in ((size_a, bits_a), (size_b, bits_b))
    )
    several = f"least({size_a}, {size_b}) = 0"
    apart = f"greatest({size_a}, {size_b}) - least({size_a}, {size_b})"
    at_a_glance = (
        f"({several} OR bit_count(xor({bits_a}, {bits_b})) <= 4)"  # cheap, and mostly false
    )
    return f"({at_a_glance} AND {lacking} AND ({several} OR {apart} <= 2))"


# --- the same for one pair, without SQL ----------------------------------------------------------


def letters_of_names(given: str, family: str) -> int:
    """The number of a name."""
    number = 0
    for words, at in ((family, _FAMILY), (given, _GIVEN)):
        joined = words.replace(" ", "")
        if not (joined.isascii() and joined.isalpha() and len(joined) < 32):
            return 1 << _MIXED
        size = 0 if " " in words else len(joined)
        number |= (sum({1 << (ord(letter) - 65) for letter in joined}) | size << 26) << at
    return number


def may_be_alike(a: int, b: int) -> bool:
    """Whether two such numbers may be those of like names: `maybe_alike`."""
    if (a | b) >> _MIXED & 1 or _same_given(a >> _GIVEN, b >> _GIVEN):
        return True
    crossed = _may_be_near(a >> _FAMILY, b >> _GIVEN) or _may_be_near(a >> _GIVEN, b >> _FAMILY)
    return crossed or _may_be_near(a >> _FAMILY, b >> _FAMILY)


def _same_given(a: int, b: int) -> bool:
    x, y = a & _ALL, b & _ALL
    several = not (a >> 26 & 31 and b >> 26 & 31)
    return x == y or (several and x & y in (x, y))


def _may_be_near(a: int, b: int) -> bool:
    x, y, m, n = a & _ALL, b & _ALL, a >> 26 & 31, b >> 26 & 31
    errors = 1 if 0 < m < 4 or 0 < n < 4 else 2
    lacking = all(not size or (of & (x ^ y)).bit_count() <= errors for size, of in ((m, x), (n, y)))
    return lacking and (not m or not n or abs(m - n) <= 2)
