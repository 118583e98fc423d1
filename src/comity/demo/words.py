"""The word lists that the demonstration's people and streets are made from."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from itertools import accumulate
from random import Random
from typing import NamedTuple


class Words(NamedTuple):
    """Words from common to rare, to be drawn in bulk; `cumulative` are their summed weights."""

    words: tuple[str, ...]
    cumulative: tuple[float, ...]

    def draw(self, rng: Random, count: int) -> list[str]:
        """So many words, the common ones more often (a word's weight falls with its rank)."""
        return rng.choices(self.words, cum_weights=self.cumulative, k=count)


def ranked(words: tuple[str, ...]) -> Words:
    """Words whose weight falls with their rank, as names do: 1/(rank + 6)."""
    return Words(words, tuple(accumulate(1 / (rank + 6) for rank in range(len(words)))))


@cache
def names() -> Mapping[tuple[str, str], Words]:
    """Names by origin and kind (`male`, `female`, `family`)."""
    return {
        (fields[0], fields[1]): ranked(_words(fields[2]))
        for fields in _lines("names.tsv")
        if fields[0] != "short"
    }


@cache
def short_forms() -> Mapping[tuple[str, str], str]:
    """A usual short form by sex and given name."""
    found = {}
    for _, sex, pairs in (line for line in _lines("names.tsv") if line[0] == "short"):
        for pair in _words(pairs):
            full, _, short = pair.partition("=")
            found[sex, full] = short
    return found


@cache
def streets() -> Mapping[str, tuple[str, ...]]:
    """The parts of street names: `name`, `suffix`."""
    return {kind: _words(rest) for kind, rest in _lines("streets.tsv") if kind != "long"}


@cache
def spelled_out() -> Mapping[str, str]:
    """What an address abbreviation stands for (`St`: `Street`)."""
    (pairs,) = (rest for kind, rest in _lines("streets.tsv") if kind == "long")
    return dict(pair.split("=") for pair in pairs.split())


def _words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.replace("_", " ") for word in text.split()))


def _lines(file: str) -> list[list[str]]:
    text = files("comity.demo").joinpath(f"data/{file}").read_text("utf-8")
    return [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
