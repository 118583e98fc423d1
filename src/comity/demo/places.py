"""Where the made-up people live: invented streets in real pairs of city and postal code.

City, state and ZIP come from the installed `zipcodes` package, so that they agree with each other
as an address check expects; streets, buildings and house numbers are invented.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import accumulate
from random import Random
from typing import NamedTuple

import zipcodes

from comity.demo.words import streets

# fmt: off
_POPULATION = {
    "CA": 39, "TX": 30, "FL": 22, "NY": 20, "PA": 13, "IL": 13, "OH": 12, "GA": 11,
    "NC": 11, "MI": 10, "NJ": 9, "VA": 9, "WA": 8, "AZ": 7, "TN": 7, "MA": 7, "IN": 7,
    "MO": 6, "MD": 6, "CO": 6, "WI": 6, "MN": 6, "SC": 5, "AL": 5, "LA": 5, "KY": 5,
    "OR": 4, "OK": 4, "CT": 4, "UT": 3, "NV": 3, "IA": 3, "AR": 3, "MS": 3, "KS": 3,
    "NM": 2, "NE": 2, "ID": 2, "WV": 2, "HI": 1, "NH": 1, "ME": 1, "MT": 1, "RI": 1,
    "DE": 1, "SD": 1, "ND": 1, "AK": 1, "DC": 1, "VT": 1, "WY": 1, "PR": 3,
}
# fmt: on
"""Inhabitants of each state, rough millions: where the made-up people are put."""

_PER_AREA = 150
"""Persons a postal code area: few areas with many people each give namesakes near each other."""


class Area(NamedTuple):
    """A postal code area and its invented streets."""

    city: str
    state: str
    postal_code: str
    streets: tuple[str, ...]


class Dwelling(NamedTuple):
    """One address: `shared` tells a flat in a building of several."""

    street: str
    unit: str
    city: str
    state: str
    postal_code: str
    shared: bool = False


@cache
def _codes() -> dict[str, list[tuple[str, str]]]:
    by_state: dict[str, list[tuple[str, str]]] = {}
    for entry in zipcodes.list_all():
        if entry["zip_code_type"] == "STANDARD" and entry["active"]:
            by_state.setdefault(entry["state"], []).append((entry["city"], entry["zip_code"]))
    return by_state


def make_areas(rng: Random, persons: int) -> list[Area]:
    """Enough postal code areas for so many persons, more of them where more people live."""
    states, weights = list(_POPULATION), list(_POPULATION.values())
    codes = _codes()
    areas: dict[str, Area] = {}
    wanted = max(6, min(persons // _PER_AREA, 6_000))
    while len(areas) < wanted:
        for state in rng.choices(states, weights, k=wanted - len(areas)):
            city, code = rng.choice(codes[state])
            if code not in areas:
                areas[code] = Area(city, state, code, tuple(_streets(rng, 14)))
    return list(areas.values())


def _streets(rng: Random, count: int) -> Iterator[str]:
    words = streets()
    names = rng.sample(words["name"], count)
    for name, suffix in zip(names, rng.choices(words["suffix"], k=count), strict=True):
        chance = rng.random()
        if chance < 0.07:
            number = rng.randint(4, 79)
            yield f"{number}{_ordinal(number)} {suffix}"
        elif chance < 0.22:
            yield f"{rng.choice('NSEW')} {name} {suffix}"
        else:
            yield f"{name} {suffix}"


def _ordinal(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def dwellings(rng: Random, areas: list[Area]) -> Iterator[Dwelling]:
    """Addresses without end, each a different one but for the flats of one building.

    Three in ten are flats; some houses have a PO box or a rural route instead of a street."""
    skew = tuple(accumulate(1 / (rank + 20) for rank in range(len(areas))))
    building: dict[str, tuple[str, int]] = {}
    taken: set[tuple[str, str, str]] = set()
    while True:
        for area in rng.choices(areas, cum_weights=skew, k=1_000):
            chance = rng.random()
            unit = ""
            if chance < 0.30:
                street, floor = building.get(area.postal_code, ("", 0))
                if floor == 0:
                    street, floor = _house(rng, area), rng.randint(4, 40)
                building[area.postal_code] = street, floor - 1
                unit = _unit(rng, floor)
            elif chance < 0.32:
                street = f"PO Box {rng.randint(10, 9800)}"
            elif chance < 0.325:
                street = f"RR {rng.randint(1, 9)} Box {rng.randint(10, 900)}"
            else:
                street = _house(rng, area)
            key = street, unit, area.postal_code
            if key not in taken:
                taken.add(key)
                yield Dwelling(street, unit, *area[:3], shared=bool(unit))


def _house(rng: Random, area: Area) -> str:
    street = rng.choice(area.streets)
    if area.state == "NY" and area.postal_code[:3] in ("113", "114"):  # Queens numbers so
        return f"{rng.randint(30, 250)}-{rng.randint(1, 89):02d} {street}"
    return f"{int(10 ** rng.uniform(1.1, 3.99))} {street}"


def _unit(rng: Random, place: int) -> str:
    match place % 3:
        case 0:
            return f"Apt {(place // 4 + 1) * 100 + place % 4 + 1}"
        case 1:
            return f"Apt {place // 4 + 1}{'ABCD'[place % 4]}"
        case _:
            return f"{rng.choice(('Unit', '#'))} {place}"
