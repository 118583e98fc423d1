"""The requester's own offices, as its agreement lists them."""

from __future__ import annotations

import re
from functools import lru_cache

from comity.request.address import Address, fold, parse

_LINE = re.compile(
    r"(?P<street>[^,]+)(?:,(?P<unit>[^,]+))??,(?P<city>[^,]+),\s*(?P<state>[A-Za-z .]+?)"
    r"(?:[\s,]+(?P<code>\d{5}(?:-\d{4})?))?"
)

Place = tuple[str, str, str]
"""House number, street and ZIP code; or house number, street and `CITY ST`."""


def is_office(
    offices: tuple[str, ...],
    street: str,
    unit: str,
    city: str,
    state: str,
    postal_code: str,
    country: str,
) -> bool:
    """Whether an address is one of the offices, in whatever spelling and whichever suite, or a
    field of it names one (an entry that is no address is taken as a name)."""
    places, names = _compiled(offices)
    if places:
        address = parse(street, unit, city, state, postal_code, country)
        if not places.isdisjoint(_places(address)):
            return True
    if not names:
        return False
    text = f" {fold(street)} | {fold(unit)} | {fold(city)} "
    return any(f" {name} " in text for name in names)


@lru_cache(maxsize=64)
def _compiled(offices: tuple[str, ...]) -> tuple[frozenset[Place], tuple[str, ...]]:
    places: set[Place] = set()
    names: list[str] = []
    for office in offices:
        found = _LINE.fullmatch(office.strip())
        made: set[Place] = set()
        if found:
            parts = [found[name] or "" for name in ("street", "unit", "city", "state", "code")]
            made = _places(parse(*parts))
        places |= made
        if not made and fold(office):
            names.append(fold(office))
    return frozenset(places), tuple(names)


def _places(address: Address) -> set[Place]:
    if not (address.house_number and address.street_name):
        return set()
    made = {(address.house_number, address.street_key, address.zip5)} if address.zip5 else set()
    if address.city and address.state:
        made.add((address.house_number, address.street_key, f"{address.city} {address.state}"))
    return made
