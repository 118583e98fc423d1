"""The weight model: what each level of comparison is worth, from a small versioned file.

A model says of every level of every field how often it is seen when a request is about a person
(`m`) and how often by chance (`u`), and gives the level a weight in whole millibits,
round(1000 * log2(m / u)). Whole numbers add up to the same sum in any order and in any engine.

The files stand in `data/` and are made by `benchmarks/train_model.py`; a model that was used once
is never altered, a better one gets the next number.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from comity.core.canonical import digest
from comity.core.errors import RegistryError

CURRENT = "model-1"
"""The model by which candidates are weighed."""

FORMAT = 1
"""Of the file, as `format`."""

LEVELS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "given": (
            *("exact", "plain_short_form", "short_form", "doubtful_short_form", "own_name"),
            *("spelling", "part", "titled", "initial", "stand_in", "typo", "doubtful_typo"),
            *("mangled", "middle_name", "near", "akin", "missing", "different"),
        ),
        "family": (
            *("exact", "particle", "spelling", "first_part", "part", "reordered", "typo"),
            *("doubtful_typo", "mangled", "part_typo", "former", "near", "missing", "different"),
        ),
        "middle": ("agrees", "not_given", "not_recorded", "different"),
        "suffix": ("agrees", "not_given", "not_recorded", "similar", "different"),
        "order": ("straight", "plainly_swapped", "swapped", "rearranged"),
        "house": ("equal", "typo", "none", "missing", "different"),
        "street": (
            *("equal", "abridged", "typo", "doubtful_typo", "number_typo", "missing"),
            "different",
        ),
        "unit": ("equal", "one_sided", "words_differ", "different"),
        "area": (
            *("equal", "city_differs", "state_differs", "postal_typo", "postal_differs"),
            *("postal_missing", "different"),
        ),
        "dob": ("equal", "close", "close_generation", "not_given", "not_recorded", "different"),
        "number": ("equal", "close", "neighbour", "not_given", "not_recorded", "different"),
    }
)
"""Every field that is weighed, and every level that `compare` and `compare_names` give it."""

TERMS = ("given", "family")
"""Fields whose exact agreement weighs more the rarer the value is in the registry."""


@dataclass(frozen=True)
class Level:
    """What one level is worth. `m` and `u` are the probabilities among true pairs and by chance,
    None where the weight was set by hand or the level says nothing either way. Of an exact given
    or family name `u` is 1: how rare the name is comes on top (`weight.term_weight`)."""

    weight: int
    m: float | None = None
    u: float | None = None


@dataclass(frozen=True)
class WeightModel:
    """A model as read from its file. `digest` is SHA-256 over the file's canonical JSON,
    `trained_with` says in words and figures how it came about."""

    name: str
    digest: str
    trained_with: Mapping[str, Any]
    fields: Mapping[str, Mapping[str, Level]]

    def weights(self) -> dict[str, dict[str, int]]:
        """Millibits by field and level."""
        return {
            field: {level: worth.weight for level, worth in levels.items()}
            for field, levels in self.fields.items()
        }


@cache
def load_model(name: str = CURRENT) -> WeightModel:
    """A model of this package by its name. Raises RegistryError: no such model, or a damaged
    file."""
    file = files("comity.identity").joinpath(f"data/{name}.json")
    try:
        return read_model(json.loads(file.read_text("utf-8")), where=f"{name}.json")
    except (OSError, ValueError):
        raise RegistryError(
            "The weight model is not there or is no JSON.",
            where=f"{name}.json",
            cure="Install Comity again.",
        ) from None


def read_model(value: object, where: str = "model") -> WeightModel:
    """A model from its JSON value. Raises RegistryError where it is another format's, names fields
    or levels other than LEVELS, or where a weight is not a whole number."""
    try:
        return _read(value)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        detail = error.args[0] if isinstance(error, _UnfitError) else "its form is another"
        raise RegistryError(
            f"This is no weight model ({detail}).",
            where=where,
            cure="Make one with benchmarks/train_model.py, or install Comity again.",
        ) from None


class _UnfitError(ValueError):
    """What does not fit, in words without values."""


def _read(value: Any) -> WeightModel:
    if value["format"] != FORMAT:
        raise _UnfitError(f"format {FORMAT} is read")
    if value["fields"].keys() != LEVELS.keys():
        raise _UnfitError("its fields are not those that are compared")
    fields: dict[str, Mapping[str, Level]] = {}
    for field, expected in LEVELS.items():
        levels = value["fields"][field]
        if levels.keys() != set(expected):
            raise _UnfitError(f"the levels of {field} are not those that are compared")
        fields[field] = MappingProxyType(
            {level: _level(field, level, levels[level]) for level in expected}
        )
    return WeightModel(
        name=value["name"],
        digest=digest(value),
        trained_with=MappingProxyType(value["trained_with"]),
        fields=MappingProxyType(fields),
    )


def _level(field: str, level: str, value: Any) -> Level:
    if type(value["weight"]) is not int or abs(value["weight"]) > 100_000:
        raise _UnfitError(f"the weight of {field} {level} is not a whole number of millibits")
    return Level(value["weight"], value.get("m"), value.get("u"))
