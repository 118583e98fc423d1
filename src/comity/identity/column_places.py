"""Addresses in standard form by the column, with what `parse` makes of each street kept.

A street is mostly a house number and a name; the name decides nearly everything, and names repeat.
So a street is parsed once for its name, with a number that stands for any other, wherever the other
fields have no say in how it is read. Where they may have one (see `whole` below), the whole address
is parsed as it stands.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from comity.identity.distinct import Columns, each_distinct, filled
from comity.identity.names import MAX_LENGTH, fold
from comity.identity.place import standardise_postal, street_parts, unit_of
from comity.identity.record import Subject, place_of
from comity.request.address import fold as fold_address
from comity.request.address import parse
from comity.request.address.last_line import standard_city, standard_state
from comity.request.address.puerto_rico import PLACE_WORDS
from comity.request.address.words import MILITARY_STATES, POST_OFFICES, STATES

_CACHED = 1 << 18
_TEXT, _TRUTH = pa.string(), pa.bool_()

_NUMBERED = r"^(?P<number>[0-9]{1,12}) +(?P<rest>[A-Z0-9](?s:.*))$"
"""A house number of digits alone, spaces, and a name that begins with a letter or digit.

`parse` then takes the number off first and looks at it no more, whatever its digits are: nothing
that it does to the words after it (folding, units, special forms, the repeated last line) reaches
the first word, with the one exception that `_ANY_NUMBER` shows."""
_ANY_NUMBER = "730194628519"
"""A number for every number. Where it does not come out as the house's (`5 MILE RD`) it was read as
part of the street, and the street is parsed with the number that it really has."""


def standardise_places(
    street: pa.Array,
    unit: pa.Array,
    city: pa.Array,
    state: pa.Array,
    postal_code: pa.Array,
    country: pa.Array,
) -> Columns:
    """House, line, core, pre, suffix, post, unit, city, state and postal code of addresses, row by
    row what `place_of` gives. The arrays are texts without nulls."""
    fields = (street, unit, city, state, postal_code, country)
    states = _State.of(state)
    towns = _Town.of(city, states.code)
    rooms = _Room.of(unit)
    # neither case nor space around it has a say in what a street folds to
    street = pc.ascii_upper(pc.ascii_trim_whitespace(street))
    cut = pc.extract_regex(street, pattern=_NUMBERED)
    numbered = pc.is_valid(cut)
    streets = _Street.of(pc.struct_field(cut, "rest"), _numbered_street)
    house = pc.binary_join_element_wise(pc.struct_field(cut, "number"), streets.house, "")
    others = pc.invert(numbered)
    if pc.any(others).as_py():
        plain = _Street.of(street.filter(others), _plain_street)
        streets = _Street(*(filled(a, others, b) for a, b in zip(streets, plain, strict=True)))
        house = filled(house, others, plain.house)
    both = pc.and_(rooms.given, streets.has_unit)
    whole = _any(
        pc.invert(streets.alone),
        pc.and_(numbered, pc.or_(both, rooms.boxed)),
        pc.and_(others, pc.invert(rooms.blank)),
        pc.and_(pc.equal(streets.last, states.code), pc.not_equal(streets.last, "")),
        pc.and_(streets.island, states.island),
        streets.ends_in_zip,
        states.military,
        towns.military,
        _too_long(fields),
    )
    long = pc.match_substring_regex(postal_code, _LONG_ZIP)
    first_five = pc.utf8_slice_codeunits(postal_code, 0, 5)
    (postal,) = each_distinct(pc.if_else(long, first_five, postal_code), _postal, [_TEXT])
    places = [
        *(house, streets.line, streets.core, streets.pre, streets.suffix, streets.post),
        pc.if_else(rooms.given, rooms.unit, streets.unit),
        *(towns.city, states.state, postal),
    ]
    if pc.any(whole).as_py():
        parsed = _whole([column.filter(whole) for column in fields])
        places = [filled(a, whole, b) for a, b in zip(places, parsed, strict=True)]
    return places


_LONG_ZIP = "^[0-9]{5}-[0-9]{4}$"
"""Nearly every such code is another, and its first five digits are all that counts."""


def _any(*conditions: pa.Array) -> pa.Array:
    found, *more = conditions
    for condition in more:
        found = pc.or_(found, condition)
    return found


def _too_long(fields: tuple[pa.Array, ...]) -> pa.Array:
    return _any(*(pc.greater(pc.utf8_length(column), MAX_LENGTH) for column in fields))


def _whole(fields: Columns) -> Columns:
    """Every address of these parsed as a whole."""
    rows = zip(*(column.to_pylist() for column in fields), strict=True)
    parts = zip(*map(_place, rows), strict=True)
    return [pa.array(part, _TEXT) for part in parts]


def _place(row: tuple[str, ...]) -> tuple[str, ...]:
    place = place_of(Subject("", "", "", "", "", "", "", *row))
    return (
        *(place.house, place.line, place.core, place.pre, place.suffix, place.post),
        *(place.unit, place.city, place.state, place.postal),
    )


class _State(NamedTuple):
    """What the state field gives, and where it has a say in reading the street."""

    state: pa.Array
    code: pa.Array
    military: pa.Array
    island: pa.Array

    @classmethod
    def of(cls, column: pa.Array) -> _State:
        return cls(*each_distinct(column, _state, [_TEXT, _TEXT, _TRUTH, _TRUTH]))


@lru_cache(_CACHED)
def _state(text: str) -> tuple[str, str, bool, bool]:
    text = text.replace("\0", " ")
    code = standard_state(text) if text else ""
    return fold(code or text), code, code in MILITARY_STATES, code == "PR"


class _Town(NamedTuple):
    city: pa.Array
    military: pa.Array

    @classmethod
    def of(cls, city: pa.Array, code: pa.Array) -> _Town:
        """A city's name loses a state that it repeats, so the two are looked at together."""
        both = pc.binary_join_element_wise(code, city, _BETWEEN)
        return cls(*each_distinct(both, _town, [_TEXT, _TRUTH]))


_BETWEEN = "\x1f"
"""Stands in no state's code, for folding drops it."""


@lru_cache(_CACHED)
def _town(both: str) -> tuple[str, bool]:
    code, _, city = both.replace("\0", " ").partition(_BETWEEN)
    town = standard_city(city, code) if city else ""
    return fold(town or city), town[:3] in POST_OFFICES


class _Room(NamedTuple):
    """The unit field: whether it is blank, may be a post office box, gives a unit, and which."""

    blank: pa.Array
    boxed: pa.Array
    given: pa.Array
    unit: pa.Array

    @classmethod
    def of(cls, column: pa.Array) -> _Room:
        return cls(*each_distinct(column, _room, [_TRUTH, _TRUTH, _TRUTH, _TEXT]))


@lru_cache(_CACHED)
def _room(text: str) -> tuple[bool, bool, bool, str]:
    text = text.replace("\0", " ")
    folded = fold_address(text)
    address = parse("", text)
    boxed = "PO" in folded or "BOX" in folded
    return not folded, boxed, bool(address.unit), unit_of(address)


class _Street(NamedTuple):
    """What a street gives without the other fields, and where they would have a say.

    `alone` is whether it can be read without its number; `last` its last word, as a state's code if
    it is one, where the line is long enough to repeat the last line of the address; `ends_in_zip`
    likewise; `island` whether it has words that Puerto Rico reads in its own order."""

    house: pa.Array
    line: pa.Array
    core: pa.Array
    pre: pa.Array
    suffix: pa.Array
    post: pa.Array
    unit: pa.Array
    has_unit: pa.Array
    alone: pa.Array
    last: pa.Array
    ends_in_zip: pa.Array
    island: pa.Array

    @classmethod
    def of(cls, column: pa.Array, read: Callable[[str], _StreetRead]) -> _Street:
        return cls(
            *each_distinct(column, read, [_TEXT] * 7 + [_TRUTH] * 2 + [_TEXT] + [_TRUTH] * 2)
        )


_StreetRead = tuple[str, str, str, str, str, str, str, bool, bool, str, bool, bool]


@lru_cache(_CACHED)
def _numbered_street(rest: str) -> _StreetRead:
    """What follows a house number; the house is what joins it (`1/2`, a letter)."""
    read = _read_street(f"{_ANY_NUMBER} {rest}")
    house = read[0]
    alone = house.startswith(_ANY_NUMBER) and _ANY_NUMBER not in rest
    return (house.removeprefix(_ANY_NUMBER), *read[1:8], alone, *read[9:])


@lru_cache(_CACHED)
def _plain_street(street: str) -> _StreetRead:
    return _read_street(street)


def _read_street(street: str) -> _StreetRead:
    street = street.replace("\0", " ")
    address = parse(street)
    words = fold_address(street).replace("#", " # ").split()
    last = words[-1] if len(words) > 3 else ""
    return (
        *street_parts(address),
        unit_of(address),
        bool(address.unit),
        True,
        STATES.get(last, last),
        last[:5].isdecimal() and len(last) in (5, 9, 10),
        not PLACE_WORDS.isdisjoint(words),
    )


@lru_cache(_CACHED)
def _postal(text: str) -> tuple[str]:
    return (standardise_postal(text.replace("\0", " ")),)
