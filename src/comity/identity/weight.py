"""How much the evidence weighs: log2 of a likelihood ratio, after Fellegi and Sunter (1969).

The weight ranks candidates and measures how far the runner-up is behind; the rule in `decision`
decides. An agreement weighs more the rarer its value is in this registry (term frequency).
"""

from __future__ import annotations

from math import log2

from comity.identity.compare import PlaceLevels
from comity.identity.compare_names import NameLevels

_LEVELS: dict[str, float] = {
    # name: probability of the level among true matches, over that among chance pairs, as log2
    "plain_short_form": 6.0,
    "short_form": 6.0,
    "doubtful_short_form": 5.0,
    "own_name": 4.0,
    "titled": 4.0,
    "spelling": 6.0,
    "part": 5.0,
    "first_part": 6.0,
    "stand_in": 5.0,
    "typo": 5.0,
    "doubtful_typo": 3.0,
    "particle": 7.0,
    "reordered": 7.0,
    "initial": 2.5,
    "middle_name": 2.0,
    "mangled": 2.0,
    "part_typo": 3.0,
    "former": 2.0,
    "near": -1.0,
    "akin": -2.0,
    "missing": 0.0,
    "different": -6.0,
}
_PLACE: dict[str, dict[str, float]] = {
    "house": {"equal": 6.0, "none": 0.0, "typo": 1.0, "missing": 0.0, "different": -5.0},
    "street": {
        "equal": 9.0,
        "abridged": 7.0,
        "typo": 7.0,
        "doubtful_typo": 5.0,
        "number_typo": 3.0,
        "missing": 0.0,
        "different": -5.0,
    },
    "unit": {
        "equal": 1.0,
        "one_sided": -0.5,
        "words_differ": -2.0,
        "different": -5.0,
    },
    "area": {
        "equal": 9.0,
        "city_differs": 6.0,
        "state_differs": 6.0,
        "postal_typo": 6.0,
        "postal_differs": 2.0,
        "postal_missing": 6.0,
        "different": -5.0,
    },
}
_DATE = {"equal": 13.0, "close": 4.0, "close_generation": 2.0, "different": -7.0}
_NUMBER = {"equal": 20.0, "close": 6.0, "neighbour": 4.0, "different": -7.0}
_AGREES = 0.95
"""Share of true matches whose name agrees exactly; febrl-like noise, no great matter here."""


def weigh(
    name: NameLevels,
    place: PlaceLevels,
    dob: str,
    number: str,
    *,
    bearers: tuple[int, int],
    persons: int,
) -> float:
    """The weight of a candidate, in bits, rounded to three decimals.

    `bearers` counts the persons of the registry with the recorded given and family name."""
    bits = 0.0
    for level, count in ((name.given, bearers[0]), (name.family, bearers[1])):
        if level == "exact":
            bits += log2(_AGREES * max(persons, 2) / max(count, 1))
        else:
            bits += _LEVELS[level]
    bits += {"agrees": 2.0, "different": -3.0}.get(name.middle, 0.0)
    bits += {"agrees": 0.0, "different": -6.0}.get(name.suffix, -1.0)
    bits += sum(_PLACE[part][getattr(place, part)] for part in _PLACE)
    return round(bits + _DATE.get(dob, 0.0) + _NUMBER.get(number, 0.0), 3)
