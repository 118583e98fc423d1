"""How much the evidence weighs: log2 of a likelihood ratio, after Fellegi and Sunter (1969).

The weight ranks candidates and measures how far the runner-up is behind; the rule in `decision`
decides. It is a sum of whole millibits (thousandths of a bit) over the fields, read from a trained
model (`model`), so that Python and SQL, adding in any order, come to the same number.

An exact given or family name weighs more the rarer it is in this registry (term frequency, after
Winkler): the level's own weight plus `term_weight` of its bearers.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from math import log2

from comity.identity.compare import PlaceLevels
from comity.identity.compare_names import NameLevels
from comity.identity.model import TERMS, load_model

MOST_OF_A_TERM = 20_000
"""Millibits that a name's rarity adds at most: one bearer in a million. Rarer ones are told apart
by chance rather than by evidence."""


def model_digest() -> str:
    """Which model weighs: SHA-256 over its canonical JSON."""
    return load_model().digest


@cache
def level_weights() -> Mapping[str, Mapping[str, int]]:
    """Millibits by field and level, for every field and level of `model.LEVELS`.

    A weight is the sum of one level's millibits a field; where the level of a field in
    `model.TERMS` (given, family) is `exact`, `term_weight` comes on top."""
    return load_model().weights()


def term_weight(bearers: int, persons: int) -> int:
    """What an exact given or family name's rarity adds, in millibits: round(1000 * log2(persons /
    bearers)), from 0 to MOST_OF_A_TERM.

    `bearers` counts the persons of the registry with that name (none known counts as one),
    `persons` all of them."""
    rarity = 1000 * log2(max(persons, 1) / max(bearers, 1))
    return min(max(round(rarity), 0), MOST_OF_A_TERM)


def contributions(
    name: NameLevels,
    place: PlaceLevels,
    dob: str,
    number: str,
    *,
    bearers: tuple[int, int],
    persons: int,
) -> dict[str, int]:
    """What each field adds to a candidate's weight, in millibits, in the order of `model.LEVELS`.

    `bearers` counts the persons of the registry with the recorded given and family name."""
    levels = {**vars(name), **vars(place), "dob": dob, "number": number}
    parts = {field: worth[levels[field]] for field, worth in level_weights().items()}
    for field, count in zip(TERMS, bearers, strict=True):
        if levels[field] == "exact":
            parts[field] += term_weight(count, persons)
    return parts


def weigh(
    name: NameLevels,
    place: PlaceLevels,
    dob: str,
    number: str,
    *,
    bearers: tuple[int, int],
    persons: int,
) -> float:
    """The weight of a candidate in bits: the sum of `contributions`, to three decimals."""
    parts = contributions(name, place, dob, number, bearers=bearers, persons=persons)
    return sum(parts.values()) / 1000
