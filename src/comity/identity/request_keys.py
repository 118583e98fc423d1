"""One request's keys, made without SQL: what `keys.KEYS` gives for it.

tests/identity/test_batch_is_one_by_one.py holds the two together.
"""

from __future__ import annotations

import hashlib

from comity.identity.keys import KEYS
from comity.identity.names import Name, sounds
from comity.identity.place import Place
from comity.identity.record import Standard


def key_texts(asked: Standard) -> dict[str, list[str]]:
    """The texts of a request's keys by kind: what the SQL of `keys.KEYS` gives for it."""
    place = asked.place
    names = names_asked(asked)
    found: dict[str, list[str]] = {kind: [] for kind in KEYS}
    if asked.number:
        found["number"].append(asked.number)
    if place and place.core:
        found["address"].append(building(place))
        if place.city:
            found["address_city"].append(key_text(place.house, place.core, place.city, place.state))
    born = asked.dob.isoformat() if asked.dob else ""
    for name in names:
        first = name.given.partition(" ")[0]
        if place and place.postal and name.given:
            found["family_sound"] += [
                key_text(s, name.given[:1], place.postal) for s in sounds(name.family)
            ]
            if place.house:
                found["house_given"].append(key_text(place.house, first, place.postal))
        if born:
            found["family_dob"] += [key_text(s, born) for s in sounds(name.family)]
            if name.given:
                found["given_dob"].append(key_text(first, born))
    return found


def names_asked(asked: Standard) -> list[Name]:
    """The name as asked, and with given and family name in each other's place."""
    name = asked.name
    names = [name] if name else []
    if name.given and name.family and name.given != name.family:
        names.append(Name(name.family, name.middle, name.given, name.suffix))
    return names


def building(place: Place) -> str:
    """The text that names a building: keys.BUILDING."""
    if place.postal:
        return key_text(place.house, place.core, place.postal)
    return key_text(place.house, place.core, place.city, place.state)


def postal_number(postal: str) -> int:
    """A postal code of five digits as a whole number, 0 for any other: keys.postal_number."""
    return int(postal) if len(postal) == 5 and postal.isascii() and postal.isdigit() else 0


def key_text(*parts: str) -> str:
    """The text of a key from its parts."""
    return "|".join(parts)


def key_number(text: str) -> int:
    """A key's number: DuckDB's `md5_number_lower`."""
    digest = hashlib.md5(text.encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[8:], "little")
