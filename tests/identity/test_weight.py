"""The weight is a sum of whole millibits, the same in any order and in SQL."""

from __future__ import annotations

from itertools import permutations
from math import log2

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.identity.compare import PlaceLevels
from comity.identity.compare_names import NameLevels
from comity.identity.model import LEVELS, load_model
from comity.identity.weight import (
    MOST_OF_A_TERM,
    contributions,
    level_weights,
    model_digest,
    term_weight,
    weigh,
)

PERSONS = 1_000_000


def levels(**other: str) -> tuple[NameLevels, PlaceLevels, str, str]:
    """Levels of a pair that agrees in everything but `other`."""
    best = {name: known[0] for name, known in LEVELS.items()} | other
    return (
        NameLevels(*(best[name] for name in ("given", "family", "middle", "suffix", "order"))),
        PlaceLevels(*(best[name] for name in ("house", "street", "unit", "area"))),
        best["dob"],
        best["number"],
    )


def weight(given_bearers: int = 1000, **other: str) -> float:
    return weigh(*levels(**other), bearers=(given_bearers, 1000), persons=PERSONS)


any_levels = st.fixed_dictionaries({name: st.sampled_from(known) for name, known in LEVELS.items()})


@given(any_levels, st.integers(0, 10**7), st.integers(0, 10**7), st.integers(1, 4 * 10**8))
def test_the_weight_is_the_sum_of_level_and_term_weights(
    chosen: dict[str, str], given_bearers: int, family_bearers: int, persons: int
) -> None:
    """What SQL adds up from the tables is what `weigh` says, to the last millibit."""
    bearers = (given_bearers, family_bearers)
    total = sum(level_weights()[name][level] for name, level in chosen.items())
    for name, count in zip(("given", "family"), bearers, strict=True):
        if chosen[name] == "exact":
            total += term_weight(count, persons)
    assert weigh(*levels(**chosen), bearers=bearers, persons=persons) == total / 1000
    parts = contributions(*levels(**chosen), bearers=bearers, persons=persons)
    assert list(parts) == list(LEVELS)
    assert sum(parts.values()) == total
    assert all(type(part) is int for part in parts.values())


def test_the_order_of_adding_does_not_matter() -> None:
    parts = contributions(*levels(), bearers=(3, 70), persons=PERSONS)
    sums = {sum(some) / 1000 for some in permutations(list(parts.values())[:7])}
    assert len(sums) == 1


@given(st.integers(0, 10**9), st.integers(0, 4 * 10**8))
def test_sql_gives_the_same_term_weight(bearers: int, persons: int) -> None:
    found = duckdb.execute(
        "SELECT least(greatest(round(1000 * log2(greatest($2, 1)::DOUBLE / greatest($1, 1))), 0), "
        f"{MOST_OF_A_TERM})::INTEGER",
        [bearers, persons],
    ).fetchone()
    assert found == (term_weight(bearers, persons),)


@pytest.mark.parametrize(
    ("bearers", "persons", "millibits"),
    [
        (1, 1, 0),
        (500, 1000, 1000),
        (3, 100_000, round(1000 * log2(100_000 / 3))),
        (0, 1024, 10_000),  # a name that is not known counts as borne once
        (9, 3, 0),  # more bearers than persons: nothing, not less than nothing
        (1, 300_000_000, MOST_OF_A_TERM),
    ],
)
def test_a_rare_name_weighs_more_within_bounds(bearers: int, persons: int, millibits: int) -> None:
    assert term_weight(bearers, persons) == millibits


def test_term_frequency_counts_for_exact_names_alone() -> None:
    assert weight(10) > weight(100_000)
    assert weight(10, given="typo") == weight(100_000, given="typo")


@pytest.mark.parametrize(
    ("nearer", "farther"),
    [
        ({}, {"given": "plain_short_form"}),
        ({"given": "typo"}, {"given": "near"}),
        ({"given": "near"}, {"given": "different"}),
        ({"family": "typo"}, {"family": "different"}),
        ({}, {"middle": "different"}),
        ({}, {"suffix": "different"}),
        ({"suffix": "not_given"}, {"suffix": "different"}),
        ({}, {"house": "typo"}),
        ({"house": "typo"}, {"house": "different"}),
        ({"street": "typo"}, {"street": "different"}),
        ({}, {"unit": "one_sided"}),
        ({}, {"area": "postal_typo"}),
        ({"area": "postal_typo"}, {"area": "different"}),
        ({"dob": "close"}, {"dob": "not_given"}),
        ({"dob": "not_given"}, {"dob": "different"}),
        ({"number": "close"}, {"number": "neighbour"}),
        ({"number": "not_recorded"}, {"number": "different"}),
    ],
)
def test_what_agrees_better_weighs_more(nearer: dict[str, str], farther: dict[str, str]) -> None:
    assert weight(1000, **nearer) > weight(1000, **farther)


def test_what_is_not_compared_weighs_nothing_and_a_contradiction_speaks_against() -> None:
    worth = level_weights()
    for field in ("dob", "number", "middle"):
        assert worth[field]["not_given"] == worth[field]["not_recorded"] == 0
    for field, known in worth.items():
        assert known.get("different", -1) < 0, field


def test_the_digest_is_that_of_the_model_in_use() -> None:
    assert model_digest() == load_model().digest
