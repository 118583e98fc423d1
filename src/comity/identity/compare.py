"""Comparison of one request with one record, field by field. Pure.

Each comparison gives a *level*: a word that says how two values stand to each other. What a level
is worth is not decided here but in `doubts` and `decision`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from comity.identity.distance import is_transposition, typing_distance
from comity.identity.place import Place
from comity.request.address.suffixes import FULL_WORDS

GENERATION_YEARS = 12
"""Fewer years between two birth dates than this cannot be a parent and a child."""


@dataclass(frozen=True)
class PlaceLevels:
    """How two addresses stand to each other.

    `house`: equal, typo, none (on either side: General Delivery), missing, different. `street`:
    equal, abridged (a suffix or directional on one side only), typo, doubtful_typo, number_typo
    (in the number of a numbered street), missing, different. `unit`: equal, one_sided,
    words_differ, different. `area`: equal, city_differs, state_differs, postal_typo,
    postal_differs, postal_missing, different."""

    house: str
    street: str
    unit: str
    area: str


@lru_cache(maxsize=65536)
def compare_places(asked: Place, recorded: Place, in_use: tuple[bool, bool]) -> PlaceLevels:
    """Compare a request's address with a recorded one.

    `in_use`: whether other addresses of the registry, too, are in that street of that postal code,
    on either side."""
    return PlaceLevels(
        house=compare_houses(asked.house, recorded.house),
        street=compare_streets(asked, recorded, in_use),
        unit=compare_units(asked.unit, recorded.unit),
        area=compare_areas(asked, recorded),
    )


def compare_houses(a: str, b: str) -> str:
    """The level of `house`."""
    if not a or not b:
        return "none" if a == b else "missing"
    if a == b:
        return "equal"
    return "typo" if typing_distance(a, b) == 1 else "different"


def compare_streets(asked: Place, recorded: Place, in_use: tuple[bool, bool]) -> str:
    """The level of `street`."""
    if not asked.line or not recorded.line:
        return "missing"
    if asked.line.replace(" ", "") == recorded.line.replace(" ", ""):
        return "equal"
    if _clash(asked.pre, recorded.pre) or _clash(asked.post, recorded.post):
        return "different"
    if asked.core == recorded.core:
        if not _clash(asked.suffix, recorded.suffix):
            return "abridged"
        return "different"
    if asked.suffix == recorded.suffix:
        return _street_words(asked.core, recorded.core, in_use)
    if asked.suffix and recorded.suffix:
        return "different"
    # one side bears no suffix that is known: it is left out, or its own typing error hides it
    spelled = [f"{place.core} {FULL_WORDS.get(place.suffix, '')}" for place in (asked, recorded)]
    level = _street_words(spelled[0], spelled[1], in_use)
    if level == "different":
        level = _street_words(asked.core, recorded.core, in_use)
        return "different" if level == "different" else "doubtful_typo"
    return level


def _street_words(a: str, b: str, in_use: tuple[bool, bool]) -> str:
    numbers = _digits(a), _digits(b)
    a, b = a.replace(" ", ""), b.replace(" ", "")
    distance, shorter = typing_distance(a, b), min(len(a), len(b))
    if numbers[0] != numbers[1]:
        one_error = all(numbers) and distance == 1 and not in_use[0]
        return "number_typo" if one_error else "different"
    short = shorter < (2 if in_use[1] else 3)
    if all(in_use) or distance > 2 or short or (distance == 2 and shorter < 8):
        return "different"
    return "typo" if distance <= 1 and shorter >= 5 else "doubtful_typo"


def _clash(a: str, b: str) -> bool:
    return bool(a and b and a != b)


def _digits(text: str) -> list[str]:
    """A numbered street is another street with another digit."""
    return [character for character in text if character.isdigit()]


def compare_units(a: str, b: str) -> str:
    """The level of `unit`."""
    if a.replace(" ", "") == b.replace(" ", ""):
        return "equal"
    if not a or not b:
        return "one_sided"
    if _is_identifier(a) or _is_identifier(b):
        return "different"
    return "equal" if typing_distance(a, b) <= 2 and min(len(a), len(b)) >= 6 else "words_differ"


def _is_identifier(text: str) -> bool:
    return len(text) <= 3 or any(c.isdigit() for c in text)


def compare_areas(asked: Place, recorded: Place) -> str:
    """The level of `area`."""
    city = bool(asked.city and recorded.city) and _same_city(asked.city, recorded.city)
    city_clash = bool(asked.city and recorded.city) and not city
    state_clash = _clash(asked.state, recorded.state)
    if asked.postal and asked.postal == recorded.postal:
        if state_clash:
            return "state_differs" if city else "different"
        return "city_differs" if city_clash else "equal"
    if not city or state_clash:
        return "different"
    if not asked.postal or not recorded.postal:
        return "postal_missing"
    close = typing_distance(asked.postal, recorded.postal) == 1
    return "postal_typo" if close else "postal_differs"


def _same_city(a: str, b: str) -> bool:
    x, y = a.replace(" ", ""), b.replace(" ", "")
    return typing_distance(x, y) <= (0 if min(len(x), len(y)) < 4 else 1 if len(x) < 8 else 2)


def compare_dates(asked: date | None, recorded: date | None) -> str:
    """equal, close (a digit wrong or two neighbours changed, or day and month swapped),
    close_generation (the same, but GENERATION_YEARS or more apart), different, not_given,
    not_recorded."""
    if asked is None or recorded is None:
        return "not_given" if asked is None else "not_recorded"
    if asked == recorded:
        return "equal"
    x, y = (day.isoformat().replace("-", "") for day in (asked, recorded))
    wrong = sum(p != q for p, q in zip(x, y, strict=True))
    swapped = x[:4] == y[:4] and x[4:6] == y[6:] and x[6:] == y[4:6]
    if wrong > 1 and not swapped and not is_transposition(x, y):
        return "different"
    return "close_generation" if abs(asked.year - recorded.year) >= GENERATION_YEARS else "close"


_NEXT_NUMBERS = 9
"""How far apart the numbers of siblings who were registered together may be."""


def compare_numbers(asked: str, recorded: str) -> str:
    """equal, close (one typing error), neighbour (close, and one of the next numbers: those of
    twins were given out together), different, not_given, not_recorded."""
    if not asked or not recorded:
        return "not_recorded" if asked else "not_given"
    if asked == recorded:
        return "equal"
    if typing_distance(asked, recorded) != 1:
        return "different"
    return "neighbour" if _is_next(asked, recorded) else "close"


def _is_next(asked: str, recorded: str) -> bool:
    """Whether two numbers lie within a handful of each other."""
    if len(asked) != len(recorded) or not (asked.isdecimal() and recorded.isdecimal()):
        return asked[:-1] == recorded[:-1]
    return abs(int(asked) - int(recorded)) < _NEXT_NUMBERS
