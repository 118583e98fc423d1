"""The addresses of pairs, compared by ids and marks; part by part where these do not tell."""

from __future__ import annotations

import numpy as np

from comity.identity import codes
from comity.identity.asking import Asked
from comity.identity.coding import POSTAL_AT, SUFFIXED, Ids, Marks
from comity.identity.compare import (
    compare_areas,
    compare_houses,
    compare_streets,
    compare_units,
)
from comity.identity.doubts import AREA, HOUSE, STREET
from comity.identity.matching import NO_PLACE
from comity.identity.pairs import Both, Flags, Sides, by_word, has
from comity.identity.place import Place
from comity.identity.schema import AREA_FIELDS, STREET_FIELDS

_LEVELS = {"house": codes.HOUSE, "area": codes.AREA}
_LINE, _POSTAL = STREET_FIELDS.index("line"), AREA_FIELDS.index("postal")


class PlaceComparison:
    """Compares the addresses of one batch's pairs."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked

    def maybe_near(self, sides: Sides) -> Flags:
        """Whether the house numbers alone leave it open that the addresses are near."""
        a, b = sides("house")
        marks = self._asked.words.marks
        there = (a != 0) & (b != 0)
        return np.asarray((a == b) | (there & ~Marks(marks[a], marks[b]).far(1)), np.bool_)

    def near(self, sides: Sides) -> Flags:
        """Whether the addresses may be the ones meant (`doubts.near_place`)."""
        found = sides("street")[1] != 0
        for field, code, known in (("house", self._house, HOUSE), ("area", self._area, AREA)):
            rows = np.flatnonzero(found)
            levels = [level in known for level in _LEVELS[field]]
            found[rows] = np.array(levels)[code(*(side[rows] for side in sides(field)))]
        rows = np.flatnonzero(found)
        street, area = (tuple(side[rows] for side in sides(f)) for f in ("street", "area"))
        levels = [level in STREET for level in codes.STREET]
        found[rows] = np.array(levels)[self._street((street[0], street[1]), (area[0], area[1]))]
        return np.asarray(found, np.bool_)

    def codes(self, sides: Sides) -> Ids:
        """The codes of the addresses' levels."""
        street, area = sides("street"), sides("area")
        parts = {
            "house": self._house(*sides("house")),
            "street": self._street(street, area),
            "unit": self._unit(*sides("unit")),
            "area": self._area(*area),
        }
        total = sum(code * codes.place_factor(field) for field, code in parts.items())
        return np.where(street[1] == 0, codes.code_of_place(NO_PLACE), total)

    def _house(self, a: Ids, b: Ids) -> Ids:
        level = codes.HOUSE.index
        code = np.where(a == 0, level("none"), level("equal"))
        far = Marks(self._asked.words.marks[a], self._asked.words.marks[b]).far(1)
        code[(a != b) & far] = level("different")
        rows = np.flatnonzero((a != b) & ~far)
        code[rows] = by_word(
            self._asked.words, (a, b), rows, lambda x, y, _i, _j: level(compare_houses(x, y))
        )
        return code

    def _street(self, street: Both, area: Both) -> Ids:
        level = codes.STREET.index
        a, b = street
        code = np.where((a == 0) | (b == 0), level("missing"), level("equal"))
        left, right = self._asked.streets.marks[a], self._asked.streets.marks[b]
        # names that are far apart; which suffixes stand behind them matters only if one has none
        far = Marks(left, right).far() & ~has(left ^ right, SUFFIXED)
        code[far] = level("different")
        rows = np.flatnonzero((a != b) & (a != 0) & (b != 0) & ~far)
        if not len(rows):
            return code
        known = self._known_streets(street, area, rows)
        keys = np.stack([a[rows], b[rows], *known], axis=1)
        distinct, inverse = np.unique(keys, axis=0, return_inverse=True)
        texts = self._asked.streets.of(distinct[:, :2].ravel())
        places = {i: Place("", *parts) for i, parts in texts.items()}
        found = [
            level(compare_streets(places[i], places[j], (bool(x), bool(y))))
            for i, j, x, y in distinct.tolist()
        ]
        code[rows] = np.array(found, np.int64)[inverse.ravel()]
        return code

    def _known_streets(self, street: Both, area: Both, rows: Ids) -> list[Flags]:
        """Whether other addresses are in those streets of those postal codes, on both sides."""
        keys = [(s[rows] << 32) | a[rows] for s, a in zip(street, area, strict=True)]
        distinct = np.unique(np.concatenate(keys))
        streets = self._asked.streets.of(distinct >> 32)
        areas = self._asked.areas.of(distinct & 0xFFFFFFFF)
        named = [
            (areas[key & 0xFFFFFFFF][_POSTAL], streets[key >> 32][_LINE])
            for key in distinct.tolist()
        ]
        known = self._asked.known_streets(named)
        there = distinct[np.array([name in known for name in named], np.bool_)]
        return [np.isin(key, there) for key in keys]

    def _unit(self, a: Ids, b: Ids) -> Ids:
        level = codes.UNIT.index
        one_sided = (a != b) & ((a == 0) | (b == 0))
        code = np.where(one_sided, level("one_sided"), level("equal"))
        rows = np.flatnonzero((a != b) & ~one_sided)
        code[rows] = by_word(
            self._asked.words, (a, b), rows, lambda x, y, _i, _j: level(compare_units(x, y))
        )
        return code

    def _area(self, a: Ids, b: Ids) -> Ids:
        level = codes.AREA.index
        code = np.full(len(a), level("different"))
        marks = self._asked.areas.marks[a], self._asked.areas.marks[b]
        other_postal = (marks[0] >> np.uint64(POSTAL_AT)) != (marks[1] >> np.uint64(POSTAL_AT))
        rows = np.flatnonzero(~(other_postal & Marks(*marks).far()))
        distinct, inverse = np.unique((a[rows] << 32) | b[rows], return_inverse=True)
        left, right = distinct >> 32, distinct & 0xFFFFFFFF
        texts = self._asked.areas.of(np.concatenate([left, right]))
        places = {i: Place(city=c, state=s, postal=p) for i, (c, s, p) in texts.items()}
        found = [
            level(compare_areas(places[i], places[j]))
            for i, j in zip(left.tolist(), right.tolist(), strict=True)
        ]
        code[rows] = np.array(found, np.int64)[inverse]
        return code
