"""Which words are names in use: a typing error seldom makes another real name."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Literal


@cache
def _names(table: str) -> frozenset[str]:
    text = files("comity.identity").joinpath(f"data/{table}.txt").read_text("ascii")
    return frozenset(line for line in text.splitlines() if not line.startswith("#"))


def in_use(word: str, kind: Literal["given", "family"], bearers: int, persons: int) -> bool:
    """Whether a word is a real name: in the kept table, or borne in this registry by enough people
    (3, or 1 in 20,000 where that is more) that it cannot be a typing error."""
    return bearers >= max(3, persons // 20_000) or word in _names(
        "given_names" if kind == "given" else "surnames"
    )
