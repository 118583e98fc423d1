"""Levels as small numbers, so that columns of them can be compared, joined and grouped. Pure.

A candidate's levels pack into one whole number (`pack`), the *pattern* of the candidate; the rule
in `decision` sees nothing else of it. The order of the levels in these tuples is part of the
numbers, which never leave the memory of one call: what is sealed are the words.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache

import numpy as np

from comity.identity.coding import Ids
from comity.identity.compare import PlaceLevels
from comity.identity.compare_names import NameLevels

GIVEN = (
    *("exact", "part", "plain_short_form", "short_form", "doubtful_short_form", "own_name"),
    *("spelling", "initial", "typo", "doubtful_typo", "mangled", "titled", "stand_in"),
    *("middle_name", "near", "akin", "missing", "different"),
)
FAMILY = (
    *("exact", "particle", "first_part", "part", "reordered", "spelling", "typo"),
    *("doubtful_typo", "mangled", "part_typo", "former", "near", "missing", "different"),
)
MIDDLE = ("agrees", "not_given", "not_recorded", "different")
SUFFIX = (*MIDDLE, "similar")
ORDER = ("straight", "swapped", "plainly_swapped", "rearranged")
HOUSE = ("equal", "typo", "none", "missing", "different")
STREET = ("equal", "abridged", "typo", "doubtful_typo", "number_typo", "missing", "different")
UNIT = ("equal", "one_sided", "words_differ", "different")
AREA = (
    *("equal", "city_differs", "state_differs", "postal_typo", "postal_differs"),
    *("postal_missing", "different"),
)
DOB = ("equal", "close", "close_generation", "different", "not_given", "not_recorded")
NUMBER = ("equal", "close", "neighbour", "not_recorded", "not_given", "different")
"""Nearest first: of a person's several numbers the one with the smallest code counts."""

NAME_PARTS = (("given", GIVEN), ("family", FAMILY), ("middle", MIDDLE), ("suffix", SUFFIX))
NAME_FIELDS = (*NAME_PARTS, ("order", ORDER))
PLACE_FIELDS = (("house", HOUSE), ("street", STREET), ("unit", UNIT), ("area", AREA))
_NAME_BITS, _PLACE_BITS = 5, 3
PLACE_SHIFT = 6
NAME_SHIFT = PLACE_SHIFT + _PLACE_BITS * len(PLACE_FIELDS)
INCONSISTENT = 1 << (NAME_SHIFT + _NAME_BITS * len(NAME_FIELDS))


def name_factor(field: str) -> int:
    """What the code of a name field is multiplied with inside a name's code."""
    return 1 << (_NAME_BITS * [name for name, _ in NAME_FIELDS].index(field))


def place_factor(field: str) -> int:
    """The same inside an address's code."""
    return 1 << (_PLACE_BITS * [name for name, _ in PLACE_FIELDS].index(field))


@cache
def code_of_name(levels: NameLevels) -> int:
    """The levels of two names as one number."""
    return sum(
        known.index(getattr(levels, field)) * name_factor(field) for field, known in NAME_FIELDS
    )


@cache
def code_of_place(levels: PlaceLevels) -> int:
    """The levels of two addresses as one number."""
    return sum(
        known.index(getattr(levels, field)) * place_factor(field) for field, known in PLACE_FIELDS
    )


@cache
def name_of_code(code: int) -> NameLevels:
    """The inverse of `code_of_name`."""
    mask = (1 << _NAME_BITS) - 1
    return NameLevels(
        *(known[code >> (_NAME_BITS * at) & mask] for at, (_, known) in enumerate(NAME_FIELDS))
    )


@cache
def place_of_code(code: int) -> PlaceLevels:
    """The inverse of `code_of_place`."""
    mask = (1 << _PLACE_BITS) - 1
    return PlaceLevels(
        *(known[code >> (_PLACE_BITS * at) & mask] for at, (_, known) in enumerate(PLACE_FIELDS))
    )


def pack(name: int, place: int, dob: int, number: int, *, inconsistent: bool) -> int:
    """A candidate's pattern from the codes of its fields; SQL does the same sum."""
    packed = (name << NAME_SHIFT) + (place << PLACE_SHIFT) + (dob << 3) + number
    return packed + (INCONSISTENT if inconsistent else 0)


@lru_cache(maxsize=65536)
def unpack(pattern: int) -> tuple[NameLevels, PlaceLevels, str, str, bool]:
    """Levels of name and address, of birth date and number, and whether the record contradicts
    itself."""
    name = (pattern & (INCONSISTENT - 1)) >> NAME_SHIFT
    place = (pattern >> PLACE_SHIFT) & ((1 << (_PLACE_BITS * len(PLACE_FIELDS))) - 1)
    return (
        name_of_code(name),
        place_of_code(place),
        DOB[(pattern >> 3) & 7],
        NUMBER[pattern & 7],
        bool(pattern & INCONSISTENT),
    )


def by_code(values: Ids, of: Callable[[int], int]) -> Ids:
    """A function of codes for a column of them, called once for each distinct one."""
    distinct, inverse = np.unique(values, return_inverse=True)
    return np.array([of(code) for code in distinct.tolist()], np.int64)[inverse]
