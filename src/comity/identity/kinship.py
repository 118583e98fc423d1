"""Names that one person answers to: short forms and spellings, from a kept table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

Kinship = Literal[
    "plain_short_form", "short_form", "doubtful_short_form", "own_name", "spelling", ""
]


def kinship(a: str, b: str) -> Kinship:
    """How two unequal given names can be one person's.

    `plain_short_form`: one is the usual short form of the other and hardly ever a name of its own
    (Bob, Robert). `short_form`: it is usual (Betty, Elizabeth). `doubtful_short_form`: it belongs
    to several full names, or both are short forms of one (Chris, Bob and Rob). `own_name`: a short
    form that is often a name of its own (Mark, Marcus; Ella, Bella). `spelling`: one name in two
    spellings (Catherine, Kathryn). '' otherwise."""
    full, spellings, owners = _table()
    for short, long in ((a, b), (b, a)):
        certain = full.get(short, {}).get(long)
        if certain is not None:
            if certain == _NEVER:
                return "own_name"
            if owners[short] > 1:
                return "doubtful_short_form"
            return "plain_short_form" if certain == _PLAINLY else "short_form"
    if b in spellings.get(a, ()):
        return "spelling"
    one, other = full.get(a, {}), full.get(b, {})
    if common := one.keys() & other.keys():
        certain = any(one[long] and other[long] for long in common)
        return "doubtful_short_form" if certain else "own_name"
    return ""


@cache
def relatives(name: str) -> frozenset[str]:
    """The short forms and other spellings of a full name."""
    full, spellings, _ = _table()
    return frozenset(short for short, longs in full.items() if name in longs) | spellings.get(
        name, frozenset()
    )


@cache
def full_names() -> tuple[str, ...]:
    """Every given name that has `relatives`."""
    full, spellings, _ = _table()
    return tuple(sorted({long for longs in full.values() for long in longs} | spellings.keys()))


@cache
def akin_pairs() -> tuple[tuple[str, str], ...]:
    """Every ordered pair of given names that `kinship` knows as one person's in some way."""
    full, spellings, _ = _table()
    by_long: dict[str, set[str]] = defaultdict(set)
    for short, longs in full.items():
        for long in longs:
            by_long[long].add(short)
    pairs = {(name, other) for name, others in spellings.items() for other in others}
    for long, shorts in by_long.items():
        pairs |= {(a, b) for a in {long, *shorts} for b in {long, *shorts} if a != b}
    return tuple(sorted(pair for pair in pairs if kinship(*pair)))


_NEVER, _USUALLY, _PLAINLY = 0, 1, 2
"""How surely a short form stands for its full name: `*`, no mark and `+` in the table."""


@cache
def _table() -> tuple[
    Mapping[str, Mapping[str, int]], Mapping[str, frozenset[str]], Mapping[str, int]
]:
    full: dict[str, dict[str, int]] = defaultdict(dict)
    spellings: dict[str, set[str]] = defaultdict(set)
    text = files("comity.identity").joinpath("data/nicknames.tsv").read_text("utf-8")
    for line in text.splitlines():
        kind, _, rest = line.partition("\t")
        if kind == "n":
            long, _, shorts = rest.partition("\t")
            for short in shorts.split():
                sure = {"*": _NEVER, "+": _PLAINLY}.get(short[-1], _USUALLY)
                full[short.rstrip("*+")][long] = sure
        elif kind == "v":
            for one in rest.split():
                spellings[one] |= {other for other in rest.split() if other != one}
    frozen = {name: frozenset(others) for name, others in spellings.items()}
    return dict(full), frozen, {short: _families(longs, frozen) for short, longs in full.items()}


def _families(longs: Mapping[str, int], spellings: Mapping[str, frozenset[str]]) -> int:
    """How many names a short form is certainly short for (spellings of one name count once)."""
    apart: list[str] = []
    for long in (name for name, certain in longs.items() if certain):
        if not any(long in spellings.get(other, ()) for other in apart):
            apart.append(long)
    return len(apart)
