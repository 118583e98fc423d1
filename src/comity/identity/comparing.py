"""Comparing pairs of requests and records as columns of numbers.

The functions of `compare` and `compare_names` are the one truth about levels. Most pairs need none
of their care: equal ids are equal values, and marks (see `coding`) tell that two words are far
apart. What is left is looked at by those functions, once per distinct pair of values, or of whole
names where a word alone does not tell. tests/identity/test_comparing.py holds the two together.

Who is surely passed over by the decision is dropped on the way (`worth_comparing`): another given
or family name than the one asked, and neither birth date nor number in common.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from comity.identity import codes
from comity.identity.asking import Asked
from comity.identity.coding import (
    POSTAL_AT,
    SHORT,
    SPACED,
    SUFFIXED,
    TITLED,
    UMLAUT,
    Ids,
    Marks,
)
from comity.identity.compare import (
    compare_areas,
    compare_dates,
    compare_houses,
    compare_numbers,
    compare_streets,
    compare_units,
)
from comity.identity.compare_names import (
    UNLIKE,
    InUse,
    compare_families,
    compare_given_words,
    compare_middles,
    compare_names,
    compare_suffixes,
)
from comity.identity.doubts import AREA, HOUSE, STREET
from comity.identity.matching import NO_NAME, NO_PLACE
from comity.identity.names import Name
from comity.identity.place import Place
from comity.identity.schema import AREA_FIELDS, NAME_FIELDS, STREET_FIELDS
from comity.identity.vocabulary import Vocabulary

Flags = NDArray[np.bool_]
HARD = -1
"""A code that a word alone does not tell."""


@dataclass(frozen=True)
class Pairs:
    """Pairs as columns: the request's number, the person's, and the record's ids by field (those of
    `coded`), one row for each of the person's names and addresses."""

    rid: Ids
    pid: Ids
    recorded: Mapping[str, Ids]

    def __len__(self) -> int:
        return len(self.rid)

    def take(self, rows: Flags | Ids) -> Pairs:
        """Some of the rows."""
        return Pairs(
            self.rid[rows],
            self.pid[rows],
            {field: values[rows] for field, values in self.recorded.items()},
        )

    def with_(self, others: Pairs) -> Pairs:
        """These and others."""
        both = ((self.recorded[field], others.recorded[field]) for field in self.recorded)
        return Pairs(
            np.concatenate([self.rid, others.rid]),
            np.concatenate([self.pid, others.pid]),
            dict(zip(self.recorded, map(np.concatenate, both), strict=True)),
        )


@dataclass(frozen=True)
class Compared:
    """The codes (see `codes`) of each pair's levels."""

    name: Ids
    place: Ids
    dob: Ids
    number: Ids

    def take(self, rows: Flags | Ids) -> Compared:
        """Some of the rows."""
        return Compared(self.name[rows], self.place[rows], self.dob[rows], self.number[rows])


@dataclass(frozen=True)
class Sides:
    """The ids of both sides of some pairs, by field: asked and recorded."""

    asked: Mapping[str, Ids]
    recorded: Mapping[str, Ids]

    @classmethod
    def of(cls, asked: Asked, pairs: Pairs) -> Sides:
        fields = [field for field in asked.ids if field in pairs.recorded]
        return cls(
            {field: asked.ids[field][pairs.rid] for field in fields},
            {field: pairs.recorded[field] for field in fields},
        )

    def __call__(self, field: str) -> tuple[Ids, Ids]:
        return self.asked[field], self.recorded[field]


def _has(marks: NDArray[np.uint64], flag: int) -> Flags:
    return np.asarray((marks & np.uint64(flag)) != 0, np.bool_)


class Comparison:
    """Compares the pairs of one batch."""

    def __init__(self, asked: Asked, vocabulary: Vocabulary) -> None:
        self._asked = asked
        self._vocabulary = vocabulary

    def worth_comparing(self, pairs: Pairs) -> Flags:
        """Which pairs `decide` may look at: those that share birth date or number, and those whose
        given or family names are not plainly told apart."""
        sides = Sides.of(self._asked, pairs)
        same = same_person(sides, pairs)
        given, family, middle = sides("given"), sides("family"), sides("middle")
        apart = self._given_apart(*given) | self._family_apart(*family)
        rows = np.flatnonzero(apart & ~same)
        crossing = self._crossing(
            *([side[rows] for side in field] for field in (given, middle, family))
        )
        apart[rows[crossing]] = False
        return same | ~apart

    def compare(self, pairs: Pairs) -> Compared:
        """The levels of every pair."""
        sides = Sides.of(self._asked, pairs)
        return Compared(
            self._names(sides),
            self._places(sides),
            _dates(*sides("dob")),
            _numbers(*sides("number")),
        )

    def _levels(
        self, pair: tuple[Ids, Ids], rows: Ids, level: Callable[[str, str, int, int], int]
    ) -> Ids:
        """The codes of some rows' words, each distinct pair looked at once."""
        distinct, inverse = np.unique((pair[0][rows] << 32) | pair[1][rows], return_inverse=True)
        left, right = distinct >> 32, distinct & 0xFFFFFFFF
        texts = self._asked.words.of(np.concatenate([left, right]))
        found = [
            level(texts[i][0], texts[j][0], i, j)
            for i, j in zip(left.tolist(), right.tolist(), strict=True)
        ]
        return np.array(found, np.int64)[inverse]

    # --- names -----------------------------------------------------------------------------------

    def _given_apart(self, a: Ids, b: Ids) -> Flags:
        """Whether two given names of one word are plainly different (`compare_given_words`)."""
        left, right = self._asked.words.marks[a], self._asked.words.marks[b]
        marks = Marks(left, right)
        titled = _has(left | right, TITLED)
        apart = marks.far()
        apart &= self._vocabulary.given_in_use[a] | ~self._vocabulary.has_relatives[b]
        apart &= ~self._vocabulary.akin(a, b)
        initial = marks.plain() & _has(left | right, SHORT)
        return (apart | initial) & marks.no_prefix() & ~titled

    def _family_apart(self, a: Ids, b: Ids) -> Flags:
        """Whether two family names of one word are plainly different (`compare_families`)."""
        left, right = self._asked.words.marks[a], self._asked.words.marks[b]
        return Marks(left, right).far() & ~_has(left | right, UMLAUT | SHORT)

    def _crossing(self, given: list[Ids], middle: list[Ids], family: list[Ids]) -> Flags:
        """Where a word of one name stands elsewhere in the other, so that parts alone do not tell:
        exchanged or rearranged names, a middle name that is used, a former family name."""
        (ga, gb), (ma, mb), (fa, fb) = given, middle, family
        found = (ga == fb) | (gb == fa) | (ga == fa) | (gb == fb)
        for one, others in ((ma, (gb, fb)), (mb, (ga, fa))):
            for other in others:
                found |= (one == other) & (one != 0)
        found |= _has(self._asked.words.marks[ma] | self._asked.words.marks[mb], SPACED)
        several = self._asked.words.parts(np.concatenate([fa, fb]))
        if len(several):
            for names, words in ((fb, (ga, ma)), (fa, (gb, mb))):
                for word in words:
                    found |= np.isin((names << 32) | word, several) & (word != 0)
        return np.asarray(found, np.bool_)

    def _names(self, sides: Sides) -> Ids:
        given, middle, family = sides("given"), sides("middle"), sides("family")
        found = {
            "given": self._given(*given),
            "family": self._family(*family),
            "middle": self._middle(*middle),
            "suffix": self._suffix(*sides("suffix")),
        }
        further = (given[0] == given[1]) & (middle[0] == middle[1])
        further &= _has(self._asked.words.marks[given[0]], SPACED)
        found["middle"][further] = codes.MIDDLE.index("agrees")  # the given name's other words
        total = sum(code * codes.name_factor(field) for field, code in found.items())
        hard = (found["given"] == HARD) | (found["family"] == HARD)
        hard |= self._entangled(given, middle, family, found["given"], found["family"])
        nobody = (given[1] == 0) & (family[1] == 0)
        total = np.where(nobody, codes.code_of_name(NO_NAME), total)
        rows = np.flatnonzero(hard & ~nobody)
        total[rows] = self._whole_names(sides, rows)
        return total

    def _entangled(
        self,
        given: tuple[Ids, Ids],
        middle: tuple[Ids, Ids],
        family: tuple[Ids, Ids],
        given_code: Ids,
        family_code: Ids,
    ) -> Flags:
        """Where the parts of two names do not tell their levels one by one."""
        marks = self._asked.words.marks
        (ga, gb), (ma, mb) = given, middle
        spaced = _has(marks[ga] | marks[gb], SPACED) & ((ga != gb) | (ma != mb))
        # Mary Ann and Maryann: a middle name beside a given name that begins like the other
        begins = (ga != gb) & ((ma != 0) | (mb != 0)) & ~Marks(marks[ga], marks[gb]).no_prefix()
        crossing = self._crossing(list(given), list(middle), list(family))
        whole = (given_code == codes.GIVEN.index("exact")) & (
            family_code == codes.FAMILY.index("exact")
        )
        entangled = (
            spaced
            | begins
            | (crossing & ~whole)
            | self._turned(given, middle, family, given_code, family_code)
        )
        return np.asarray(entangled, np.bool_)

    def _turned(
        self,
        given: tuple[Ids, Ids],
        middle: tuple[Ids, Ids],
        family: tuple[Ids, Ids],
        given_code: Ids,
        family_code: Ids,
    ) -> Flags:
        """Where neither name is like the other's, so that the two may be exchanged, one of them
        written in one word with a middle name; or where compound names may be rearranged."""
        marks = self._asked.words.marks
        (_, gb), (ma, mb), (fa, fb) = given, middle, family
        middles = (ma != 0) | (mb != 0)
        run_on = middles & ~Marks(marks[fa], marks[gb]).no_prefix()
        both = _UNLIKE_GIVEN[given_code] & _UNLIKE_FAMILY[family_code]
        compound = _has(marks[fa] | marks[fb], SPACED) & middles & (fa != fb)
        turned = (both & run_on) | (
            compound & (_UNLIKE_GIVEN[given_code] | _UNLIKE_FAMILY[family_code])
        )
        return np.asarray(turned, np.bool_)

    def _given(self, a: Ids, b: Ids) -> Ids:
        left, right = self._asked.words.marks[a], self._asked.words.marks[b]
        absent = (a == 0) | (b == 0)
        unclear = absent | _has(left | right, TITLED) | ((a != b) & ~Marks(left, right).plain())
        code = np.where(unclear, HARD, np.where(a == b, codes.GIVEN.index("exact"), _OPEN))
        code[(code == _OPEN) & self._given_apart(a, b)] = codes.GIVEN.index("different")
        rows = np.flatnonzero(code == _OPEN)
        used = self._vocabulary.given_in_use

        def level(x: str, y: str, i: int, j: int) -> int:
            known = (bool(used[i]), bool(used[j]))
            return codes.GIVEN.index(compare_given_words(x, y, known))

        code[rows] = self._levels((a, b), rows, level)
        return code

    def _family(self, a: Ids, b: Ids) -> Ids:
        left, right = self._asked.words.marks[a], self._asked.words.marks[b]
        unclear = (a == 0) | (b == 0) | _has(left | right, SHORT)
        code = np.where(unclear, HARD, np.where(a == b, codes.FAMILY.index("exact"), _OPEN))
        code[(code == _OPEN) & self._family_apart(a, b)] = codes.FAMILY.index("different")
        rows = np.flatnonzero(code == _OPEN)
        used = self._vocabulary.family_in_use

        def level(x: str, y: str, i: int, j: int) -> int:
            known = (bool(used[i]), bool(used[j]))
            return codes.FAMILY.index(compare_families(x, y, known))

        code[rows] = self._levels((a, b), rows, level)
        return code

    def _middle(self, a: Ids, b: Ids) -> Ids:
        """The level of two middle names beside given names of one word, or of the same words."""
        level = codes.MIDDLE.index
        code = np.where(a == 0, level("not_given"), np.where(b == 0, level("not_recorded"), 0))
        rows = np.flatnonzero((a != b) & (a != 0) & (b != 0))
        code[rows] = self._levels(
            (a, b), rows, lambda x, y, _i, _j: level(compare_middles(Name("", x), Name("", y)))
        )
        return code

    def _suffix(self, a: Ids, b: Ids) -> Ids:
        code = np.zeros(len(a), np.int64)
        rows = np.flatnonzero(a != b)
        code[rows] = self._levels(
            (a, b), rows, lambda x, y, _i, _j: codes.SUFFIX.index(compare_suffixes(x, y))
        )
        return code

    def _whole_names(self, sides: Sides, rows: Ids) -> Ids:
        """Whole names, each distinct pair once."""
        columns = [side[rows] for field in NAME_FIELDS for side in sides(field)]
        keys, inverse = np.unique(np.stack(columns, axis=1), axis=0, return_inverse=True)
        texts = self._asked.words.of(keys.ravel())
        used = self._vocabulary.given_in_use, self._vocabulary.family_in_use
        found = []
        for ids in keys.tolist():
            a, b = (Name(*(texts[i][0] for i in side)) for side in (ids[::2], ids[1::2]))
            known = InUse(
                *(
                    (True, True) if x == y else (bool(words[x]), bool(words[y]))
                    for words, (x, y) in zip(used, (ids[0:2], ids[4:6]), strict=True)
                )
            )
            found.append(codes.code_of_name(compare_names(a, b, known)))
        return np.array(found, np.int64)[inverse.ravel()]

    # --- addresses -------------------------------------------------------------------------------

    def near(self, pairs: Pairs) -> Flags:
        """Whether the addresses may be the ones meant (`doubts.near_place`)."""
        sides = Sides.of(self._asked, pairs)
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

    def _places(self, sides: Sides) -> Ids:
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
        code[rows] = self._levels((a, b), rows, lambda x, y, _i, _j: level(compare_houses(x, y)))
        return code

    def _street(self, street: tuple[Ids, Ids], area: tuple[Ids, Ids]) -> Ids:
        level = codes.STREET.index
        a, b = street
        code = np.where((a == 0) | (b == 0), level("missing"), level("equal"))
        left, right = self._asked.streets.marks[a], self._asked.streets.marks[b]
        # names that are far apart; which suffixes stand behind them matters only if one has none
        far = Marks(left, right).far() & ~_has(left ^ right, SUFFIXED)
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

    def _known_streets(
        self, street: tuple[Ids, Ids], area: tuple[Ids, Ids], rows: Ids
    ) -> list[Flags]:
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
        code[rows] = self._levels((a, b), rows, lambda x, y, _i, _j: level(compare_units(x, y)))
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


_OPEN = -2
_LEVELS = {"house": codes.HOUSE, "area": codes.AREA}
_LINE, _POSTAL = STREET_FIELDS.index("line"), AREA_FIELDS.index("postal")
_UNLIKE_GIVEN, _UNLIKE_FAMILY = (
    np.array([level in UNLIKE for level in levels] + [True] * 2)
    for levels in (codes.GIVEN, codes.FAMILY)
)
"""By code; the two further ones stand for HARD, which is looked at anyhow."""


def same_person(sides: Sides, pairs: Pairs) -> Flags:
    """Whether the pairs share birth date or number (the first on record or another)."""
    same = pairs.recorded["holder"] != 0
    for field in ("dob", "number"):
        a, b = sides(field)
        same |= (a == b) & (a != 0)
    return np.asarray(same, np.bool_)


# --- birth dates and numbers ---------------------------------------------------------------------


def _dates(a: Ids, b: Ids) -> Ids:
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


def _numbers(a: Ids, b: Ids) -> Ids:
    """Of numbers that are not decimal only whether they are equal: see `number_value`."""
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
