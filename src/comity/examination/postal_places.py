"""Which places a ZIP code serves: whether city and state contradict it.

The table is the one that the `zipcodes` package brings along (United States ZIP codes with the
names that the Postal Service accepts and those in common use). It is loaded once, when first
asked."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain

import zipcodes

from comity.request.address.last_line import standard_city
from comity.request.address.postal import state_of_prefix
from comity.request.address.words import MILITARY_STATES, POST_OFFICES, STATES

NEAR_KM = 80.0
"""A city this near to the ZIP code's centre does not contradict it: local usage is generous."""

MANY = 8
"""With at least so many ZIP codes elsewhere, a name means that city; with fewer it may as well be
a hamlet that the table lacks."""

_TWO_STATES = {
    "02861": "MA RI", "42223": "KY TN", "59221": "MT ND", "63673": "MO IL", "71749": "AR LA",
    "73949": "OK TX", "81137": "CO NM", "84536": "UT AZ", "86044": "AZ UT", "86515": "AZ NM",
    "88063": "NM TX", "89439": "CA NV", "97635": "OR CA",
}  # fmt: skip
"""ZIP codes that deliver across a state line."""

_STATES = sorted(set(STATES.values()))

Point = tuple[float, float]
"""Latitude and longitude in degrees."""


@dataclass(frozen=True)
class PostalTable:
    """`codes`: ZIP code to state and centre. `cities`: standard name to its ZIP codes."""

    codes: dict[str, tuple[str, Point]]
    cities: dict[str, tuple[str, ...]]


@cache
def postal_table() -> PostalTable:
    """The table; the first call takes about a second, and it stays at about 20 MiB.

    Read state by state: all at once took 175 MiB on the way instead of 55, and no less time."""
    codes: dict[str, tuple[str, Point]] = {}
    by_name: dict[str, list[str]] = {}
    for entry in chain.from_iterable(zipcodes.filter_by(state=state) for state in _STATES):
        code = entry["zip_code"]
        codes[code] = entry["state"], (float(entry["lat"] or 0), float(entry["long"] or 0))
        for name in (entry["city"], *entry["acceptable_cities"], *entry["unacceptable_cities"]):
            by_name.setdefault(name, []).append(code)
    cities: dict[str, set[str]] = {}
    for name, found in by_name.items():
        cities.setdefault(standard_city(name), set()).update(found)
    return PostalTable(codes, {name: tuple(sorted(found)) for name, found in cities.items()})


def is_known_city(city: str, state: str = "") -> bool:
    """Whether a standard city name stands in the table, in that state where one is given."""
    table = postal_table()
    found = table.cities.get(city, ())
    return bool(found) if not state else any(table.codes[code][0] == state for code in found)


def serves(zip5: str, city: str) -> bool:
    """Whether the table gives a standard city name to this ZIP code."""
    return zip5 in postal_table().cities.get(city, ())


@lru_cache(maxsize=65_536)
def is_assigned(zip5: str) -> bool:
    """Whether some state, territory or military area has this ZIP code."""
    if state_of_prefix(zip5[:3]) in MILITARY_STATES:
        return True  # posts come and go faster than the table
    return zip5 in postal_table().codes


@lru_cache(maxsize=65_536)
def state_contradicts(zip5: str, state: str) -> bool:
    """Whether an assigned ZIP code is not of this state."""
    if zip5 not in postal_table().codes:  # a post of the armed forces
        return state != state_of_prefix(zip5[:3])
    return state not in _TWO_STATES.get(zip5, postal_table().codes[zip5][0]).split()


@lru_cache(maxsize=65_536)
def city_contradicts(zip5: str, city: str) -> bool:
    """Whether a city, in standard form, is surely not one that an assigned ZIP code serves.

    It is not if the table gives it to the ZIP code, if one of its own ZIP codes lies within
    `NEAR_KM`, or if the table knows too little of it to tell."""
    area = state_of_prefix(zip5[:3])
    if area in MILITARY_STATES:
        return city[:3] not in POST_OFFICES
    if city in POST_OFFICES:
        return True
    table = postal_table()
    state, here = table.codes[zip5]
    of_city = table.cities.get(city, ())
    if not of_city or zip5 in of_city:
        return False
    if any(_km(here, table.codes[code][1]) <= NEAR_KM for code in of_city):
        return False
    in_state = any(table.codes[code][0] == state for code in of_city)
    return in_state or len(of_city) >= MANY


def _km(a: Point, b: Point) -> float:
    """Great-circle distance (haversine)."""
    lat_a, lon_a, lat_b, lon_b = map(math.radians, (*a, *b))
    half = math.sin((lat_b - lat_a) / 2) ** 2
    half += math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    return 12_742 * math.asin(min(1.0, math.sqrt(half)))
