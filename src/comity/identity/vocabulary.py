"""Which words are names in use: a typing error seldom makes another real name."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal

from comity.identity.kinship import kinship


@cache
def _names(table: str) -> frozenset[str]:
    text = files("comity.identity").joinpath(f"data/{table}.txt").read_text("ascii")
    return frozenset(line for line in text.splitlines() if not line.startswith("#"))


def other_readings(word: str, name: str) -> bool:
    """Whether a given name in use, other than `name`, is also one typing error from `word`.

    Jozn may be Joan as well as John. Spellings and short forms of `name` do not count."""
    return any(
        near != name and not kinship(near, name)
        for near in _one_error(word) & _names("given_names")
    )


_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _one_error(word: str) -> frozenset[str]:
    """Every word one insertion, deletion, substitution or swap of neighbours away."""
    cuts = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    return frozenset(
        [a + b[1:] for a, b in cuts if b]
        + [a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1]
        + [a + c + b[1:] for a, b in cuts if b for c in _ALPHABET]
        + [a + c + b for a, b in cuts for c in _ALPHABET]
    )


def in_use(word: str, kind: Literal["given", "family"], bearers: int, persons: int) -> bool:
    """Whether a word is a real name: in the kept table, or borne in this registry by enough people
    (3, or 1 in 20,000 where that is more) that it cannot be a typing error."""
    return bearers >= max(3, persons // 20_000) or word in _names(
        "given_names" if kind == "given" else "surnames"
    )
