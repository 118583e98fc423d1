"""A made-up population of any size as a registry source, and requests about it.

    python benchmarks/population_requests.py FOLDER [--persons 10000000] [--requests 1280000]

writes both. Every row is a function of the seed and its number alone (see `population_draws`), so
memory does not grow with the size, and requests need no registry file to be read.

What matters to blocking is shaped as in the United States: names by Zipf's law, households of one
to six who share an address and mostly a family name, parents and children, real postal codes with
their cities in sizes from a tenth to thirteen times the mean, some hundred street names in each, a
quarter of the households in buildings of many. Numbers are unique and of a possible structure.
Persons are numbered in an order that has nothing to do with where they live.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it also runs as a script
from benchmarks.population_draws import Codes, Dice, Flags, Ids
from benchmarks.population_words import family_names, given_names, places, streets
from comity.identity.source import COLUMNS

CHUNK = 250_000
"""Persons made at a time: arrays of some megabytes each."""
NUMBERS = 898 * 99 * 9999
"""Possible Social Security numbers, and so the largest population."""

_SIZES = (28, 34, 15, 13, 6, 4)
"""Households of one to six persons in a hundred."""
_PATTERN = np.repeat(np.arange(1, 7), _SIZES)
_HOUSE_OF = np.repeat(np.arange(100), _PATTERN).astype(np.uint64)
_PLACE_OF = np.concatenate([np.arange(size) for size in _PATTERN]).astype(np.uint64)
_SIZE_OF = np.repeat(_PATTERN, _PATTERN).astype(np.uint64)
_PER_HUNDRED = len(_HOUSE_OF)

_TODAY = (np.datetime64("2025-01-01") - np.datetime64("1900-01-01")).astype(int)
_DAYS = pa.array(np.datetime_as_string(np.datetime64("1900-01-01") + np.arange(_TODAY)))
_NONE = np.uint64(2**63)
"""Added to an id that stands for a person rather than a household."""
_FLAGS = pa.array(["", "identity_theft", "protected_address", "deceased", "impairment"])
_SUFFIXES = pa.array(["", "JR"])
_YEARS = pa.array(
    ["", *(f"{year}-{month:02d}-01" for year in range(1995, 2025) for month in (3, 9))]
)
_HOUSES = pa.array([str(number) for number in range(10_000)])
_LETTERS = "ABCDEF"
_UNITS = [""] + [
    f"{style}{name}"
    for style in ("APT ", "UNIT ", "# ")
    for name in (
        *(str(n) for n in range(1, 41)),
        *(f"{floor}{letter}" for floor in range(1, 9) for letter in _LETTERS),
        *(f"{floor}{door:02d}" for floor in range(1, 13) for door in range(1, 17)),
    )
]
_DOORS = (len(_UNITS) - 1) // 3


@dataclass(frozen=True)
class Homes:
    """Addresses as codes into the words; `door` 0 for a house of its own."""

    house: Codes
    street: Codes
    door: Codes
    area: Codes


@dataclass(frozen=True)
class People:
    """Persons as codes into the words; `born` in days since 1900-01-01, -1 where not recorded;
    `number` 0 where not recorded."""

    slot: Ids
    household: Ids
    given: Codes
    middle: Codes
    family: Codes
    suffix: Codes
    born: Codes
    number: Ids
    flag: Codes
    moved: Flags


class Population:
    """`persons` made-up people under a seed. Ids run from 0; those from `persons` on are people of
    the same kind who are not registered."""

    def __init__(self, persons: int, seed: int = 1) -> None:
        if not 0 < persons <= NUMBERS // 2:
            raise ValueError(f"A population has 1 to {NUMBERS // 2:,} persons.")
        self.persons = persons
        self.dice = Dice(seed)
        self.given, self.family = given_names(seed), family_names(seed)
        self.streets, self.places = streets(seed), places(seed)
        self.given_words, self.family_words = (
            pa.array(self.given.words),
            pa.array(self.family.words),
        )
        initials = [chr(code) for code in range(ord("A"), ord("Z") + 1)]
        self.middle_words = pa.array(["", *initials, *self.given.words])
        households = persons / _PER_HUNDRED * 100 * self.places.shares
        self._buildings = np.maximum(households * 0.25 / 15, 1).astype(np.uint64)
        self._streets = np.clip(60 * (households / 10) ** 0.4, 40, 400).astype(np.uint64)

    def people(self, ids: Ids) -> People:
        """Who these persons are."""
        inside = ids < np.uint64(self.persons)
        order = self.dice.permuted("slot", ids * inside, self.persons)
        return self.members(np.where(inside, order, ids))

    def members(self, slot: Ids) -> People:
        """Who stands at these places in the order of households, one after the other."""
        dice = self.dice
        group, within = np.divmod(slot, np.uint64(_PER_HUNDRED))
        household = group * np.uint64(100) + _HOUSE_OF[within]
        place, size = _PLACE_OF[within], _SIZE_OF[within]
        first = slot - place
        child = (place >= 2) | ((place == 1) & (size == 2) & dice.share("single", household, 0.2))
        other = (place > 0) & dice.share("other name", slot, 0.15)
        junior = child & ~other & dice.share("junior", slot, 0.02)
        number = dice.permuted("number", slot, NUMBERS)
        return People(
            slot=slot,
            household=household,
            given=dice.pick("given", np.where(junior, first, slot), self.given.table),
            middle=self._middle(slot),
            family=dice.pick("family", np.where(other, slot | _NONE, household), self.family.table),
            suffix=junior.astype(np.int32),
            born=self._born(slot, household, place, child),
            number=np.where(dice.share("no number", slot, 0.02), 0, _structured(number)),
            flag=self._flag(slot),
            moved=dice.share("moved", slot, 0.05),
        )

    def _middle(self, slot: Ids) -> Codes:
        name = self.dice.pick("middle", slot, self.given.table) + 27
        initial = self.dice.below("initial", slot, 26).astype(np.int32) + 1
        which = self.dice.unit("has middle", slot)
        return np.select([which < 0.06, which < 0.10], [initial, name], 0).astype(np.int32)

    def _born(self, slot: Ids, household: Ids, place: Ids, child: Flags) -> Codes:
        """A parent is 19 to 41 years older than a child, or the child is under 20; a spouse within
        eight years; three in a hundred second children are twins."""
        dice = self.dice
        head = 21 + 70 * dice.unit("age", household) ** 1.3
        twin = (place == 3) & dice.share("twin", slot, 0.03)
        own = slot - twin
        years = head - 19 - 22 * dice.unit("child", own)
        years = np.where(years < 0, 20 * dice.unit("late", own), years)
        spouse = head + 8 * (dice.unit("spouse", slot) + dice.unit("spouse 2", slot) - 1)
        age = np.where(place == 0, head, np.where(child, years, spouse))
        days = _TODAY - 1 - np.clip(age * 365.25, 0, _TODAY - 1).astype(np.int32)
        return np.where(dice.share("no birth date", slot, 0.005), -1, days).astype(np.int32)

    def _flag(self, slot: Ids) -> Codes:
        which = self.dice.unit("flag", slot)
        found = np.searchsorted([0.0025, 0.0035, 0.0045, 0.005], which, "right")
        return ((found + 1) % 5).astype(np.int32)

    def homes(self, keys: Ids) -> Homes:
        """Where a household lives (or whoever else a key stands for)."""
        dice = self.dice
        area = dice.pick("area", keys, self.places.table)
        zone = area.astype(np.uint64) << np.uint64(20)
        shared = dice.share("shared", keys, 0.25)
        buildings = self._buildings[area]
        skewed = (dice.unit("building", keys) ** 1.5 * buildings).astype(np.uint64)
        building = zone + skewed + np.uint64(2**50)
        doors = np.uint64(8) + dice.below("doors", building, 120)
        door = dice.below("door", keys, doors)
        style = dice.below("style", building, 3) * np.uint64(_DOORS)
        numbering = np.where(dice.share("numbering", building, 0.3), 0, 88).astype(np.uint64)
        row = zone + np.where(
            shared,
            dice.below("row of building", building, self._streets[area]),
            (dice.unit("row", keys) ** 1.5 * self._streets[area]).astype(np.uint64),
        )
        begins = dice.below("begins", row, 30) * np.uint64(100) + np.uint64(1)
        length = np.uint64(40) + dice.below("length", row, 1500)
        house = begins + dice.below("house", np.where(shared, building, keys), length)
        return Homes(
            house=house.astype(np.int32),
            street=dice.pick("street", row, self.streets.table),
            door=np.where(shared, 1 + style + (door + numbering) % _DOORS, 0).astype(np.int32),
            area=area,
        )

    def registry(self, begin: int, end: int) -> pa.Table:
        """The rows of a registry source of persons `begin` to `end` - 1, in their order; who has
        moved has two rows, the present address first."""
        ids = np.arange(begin, end, dtype=np.uint64)
        people = self.people(ids)
        rows = np.repeat(np.arange(len(ids)), 1 + people.moved)
        former = np.zeros(len(rows), np.bool_)
        former[1:] = rows[1:] == rows[:-1]
        slot = people.slot[rows]
        homes = self.homes(np.where(former, slot | _NONE, people.household[rows]))
        moved = people.moved[rows]
        turn = 1 + 30 + self.dice.below("turn", slot, 30).astype(np.int32)
        early = 1 + self.dice.below("early", slot, 30).astype(np.int32)
        columns = {
            "person_id": digits(ids[rows] + np.uint64(1), 9, "P"),
            "tin": digits(people.number[rows], 9, absent=people.number[rows] == 0),
            **self.names(people, rows),
            **self.address(homes),
            "address_from": _coded(np.where(moved & ~former, turn, early), _YEARS),
            "address_to": _coded(np.where(former, turn, 0), _YEARS),
            "flags": _coded(people.flag[rows], _FLAGS),
        }
        return pa.table({name: columns[name] for name in COLUMNS})

    def names(self, people: People, rows: Any = slice(None)) -> dict[str, Any]:
        """The columns of names and birth date, dictionary-encoded."""
        born = people.born[rows]
        return {
            "first_name": _coded(people.given[rows], self.given_words),
            "middle_name": _coded(people.middle[rows], self.middle_words),
            "last_name": _coded(people.family[rows], self.family_words),
            "suffix": _coded(people.suffix[rows], _SUFFIXES),
            "date_of_birth": pa.DictionaryArray.from_arrays(pa.array(born, mask=born < 0), _DAYS),
        }

    def address(self, homes: Homes) -> dict[str, Any]:
        """The columns of an address."""
        street = pa.array(self.streets.words).take(pa.array(homes.street))
        house = _HOUSES.take(pa.array(homes.house))
        return {
            "street": pc.binary_join_element_wise(house, street, " "),
            "unit": _coded(homes.door, pa.array(_UNITS)),
            "city": _coded(homes.area, pa.array(self.places.city)),
            "state": _coded(homes.area, pa.array(self.places.state)),
            "postal_code": _coded(homes.area, pa.array(self.places.postal)),
        }


def _coded(codes: Codes, words: Any) -> Any:
    return pa.DictionaryArray.from_arrays(pa.array(codes), words)


def _structured(number: Ids) -> Ids:
    """The n-th possible Social Security number: no area 000, 666 or 9xx, no group 00, no 0000."""
    rest, serial = np.divmod(number, np.uint64(9999))
    area, group = np.divmod(rest, np.uint64(99))
    area += np.uint64(1)
    area += area >= np.uint64(666)
    return (
        (area * np.uint64(100) + group + np.uint64(1)) * np.uint64(10_000) + serial + np.uint64(1)
    )


def digits(numbers: Ids, width: int, lead: str = "", absent: Flags | None = None) -> Any:
    """Numbers as text of `width` digits behind `lead`; null where absent."""
    head = np.frombuffer(lead.encode(), np.uint8)
    text = np.empty((len(numbers), len(head) + width), np.uint8)
    text[:, : len(head)] = head
    rest = numbers.astype(np.uint32)
    for column in range(text.shape[1] - 1, len(head) - 1, -1):
        rest, digit = np.divmod(rest, np.uint32(10))
        text[:, column] = digit + ord("0")
    offsets = np.arange(len(numbers) + 1, dtype=np.int32) * text.shape[1]
    valid = None if absent is None else pa.py_buffer(np.packbits(~absent, bitorder="little"))
    buffers = [valid, pa.py_buffer(offsets), pa.py_buffer(text)]
    return pa.Array.from_buffers(pa.string(), len(numbers), buffers)


def write_registry(
    population: Population, path: Path, progress: Callable[[int], None] = lambda _done: None
) -> int:
    """Write the registry source; gives its rows (persons and 5 in 100 more)."""
    rows = 0
    writer: Any = None
    try:
        for begin in range(0, population.persons, CHUNK):
            table = population.registry(begin, min(begin + CHUNK, population.persons))
            if writer is None:
                writer = pq.ParquetWriter(
                    path, table.schema, compression="zstd", store_schema=False
                )
            writer.write_table(table)
            rows += table.num_rows
            progress(begin + CHUNK)
    finally:
        if writer is not None:
            writer.close()
    return rows
