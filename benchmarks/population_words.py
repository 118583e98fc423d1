"""The words of a made-up population, with how often each is drawn: names, streets, places."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import product

import numpy as np
import numpy.typing as npt
import zipcodes

from benchmarks.adversarial_words import COMMON_FAMILY, COMMON_GIVEN, STREETS
from benchmarks.population_draws import Codes, shuffled, weighted, zipf

_NO_STATES = frozenset(("AA", "AE", "AP", "AS", "FM", "GU", "MH", "MP", "PR", "PW", "VI"))
_DIRECTIONS = ("", "N ", "S ", "E ", "W ")
_SUFFIXES = ("ST", "AVE", "RD", "DR", "LN", "CT", "BLVD", "PL", "WAY", "CIR")
_LARGEST, _SPREAD = 13.0, 1.3
"""Of postal codes: the largest in units of the mean (130,000 of 10,000 persons in the United
States), and the spread of the logarithms of their sizes."""


@dataclass(frozen=True)
class Words:
    """Words and the table to draw them by (see `Dice.pick`)."""

    words: tuple[str, ...]
    table: Codes


@dataclass(frozen=True)
class Places:
    """Postal codes with their city and state, real ones; and how much of the people each has."""

    postal: tuple[str, ...]
    city: tuple[str, ...]
    state: tuple[str, ...]
    shares: npt.NDArray[np.float64]
    table: Codes


def _kept(name: str) -> list[str]:
    text = files("comity.identity").joinpath("data", name).read_text("utf-8")
    return list(dict.fromkeys(line for line in text.split("\n") if line and line[0] != "#"))


def _ranked(common: list[str], name: str, seed: int) -> list[str]:
    first = list(dict.fromkeys(word.upper() for word in common))
    known = set(first)
    return first + shuffled([word for word in _kept(name) if word not in known], seed)


@lru_cache(maxsize=4)
def given_names(seed: int) -> Words:
    """Given names: the commonest has 1.7 of 100 persons, the first hundred 40; 2 in 100 persons
    bear two."""
    single = _ranked(COMMON_GIVEN, "given_names.txt", seed)
    double = [f"{a} {b}" for a, b in product(single[:60], single[60:100]) if a != b]
    return _mixed(single, zipf(len(single), 8), double, 0.02)


@lru_cache(maxsize=4)
def family_names(seed: int) -> Words:
    """Family names: the commonest has 0.8 of 100 persons; 6 in 100 persons bear two words, a third
    of them with a hyphen."""
    single = _ranked(COMMON_FAMILY, "surnames.txt", seed + 1)
    pairs = [(a, b) for a, b in product(single[:80], single[80:140]) if a != b]
    double = [f"{a}{'-' if i % 3 == 0 else ' '}{b}" for i, (a, b) in enumerate(pairs)]
    return _mixed(single, zipf(len(single), 15), shuffled(double, seed), 0.06)


def _mixed(
    single: list[str], weights: npt.NDArray[np.float64], double: list[str], share: float
) -> Words:
    """Words of one part and of two in one table; `share` have two."""
    doubles = zipf(len(double), 20)
    both = [weights / weights.sum() * (1 - share), doubles / doubles.sum() * share]
    return Words((*single, *double), weighted(np.concatenate(both)))


@lru_cache(maxsize=4)
def streets(seed: int) -> Words:
    """Names of streets with directional and suffix, in the usual short form."""
    families = [name for name in family_names(seed).words[:3000] if " " not in name]
    names = list(dict.fromkeys([*(word.upper() for word in STREETS), *families]))
    names += [f"OLD {name}" for name in names[:200]] + [f"{name} HILL" for name in names[:200]]
    ranks = zipf(len(names), 15)
    kinds = np.outer([0.8, 0.05, 0.05, 0.05, 0.05], 1 / (np.arange(len(_SUFFIXES)) + 2.0))
    words = tuple(
        f"{pre}{name} {suffix}" for name, pre, suffix in product(names, _DIRECTIONS, _SUFFIXES)
    )
    return Words(words, weighted(np.outer(ranks, kinds.ravel()).ravel()))


@lru_cache(maxsize=4)
def places(seed: int) -> Places:
    """The ordinary postal codes of the states and the federal district, some 30,000."""
    found = sorted(
        (entry["zip_code"], entry["city"].upper(), entry["state"])
        for entry in zipcodes.list_all()
        if entry["active"]
        and entry["zip_code_type"] == "STANDARD"
        and entry["state"] not in _NO_STATES
    )
    sizes = np.exp(np.random.default_rng(seed + 2).normal(0.0, _SPREAD, len(found)))
    shares = np.minimum(sizes / sizes.mean(), _LARGEST)
    shares /= shares.sum()
    postal, city, state = zip(*found, strict=True)
    return Places(postal, city, state, shares, weighted(shares))
