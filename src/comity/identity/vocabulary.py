"""Which words are names in use: a typing error seldom makes another real name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

import numpy as np
from numpy.typing import NDArray

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
    (`bearers_of_use`) that it cannot be a typing error."""
    return bearers >= bearers_of_use(persons) or word in names_in_table(kind)


def bearers_of_use(persons: int) -> int:
    """How many bear a real name at least: 3, or 1 in 20,000 where that is more."""
    return max(3, persons // 20_000)


def names_in_table(kind: Literal["given", "family"]) -> frozenset[str]:
    """The names of the kept table."""
    return _names("given_names" if kind == "given" else "surnames")


@dataclass(frozen=True)
class Vocabulary:
    """What is known of the words of an index and of a batch, by id (see `coding`)."""

    given_in_use: NDArray[np.bool_]
    family_in_use: NDArray[np.bool_]
    has_relatives: NDArray[np.bool_]
    """Whether a given name has short forms or other spellings, so that a mistyped word may stand
    near one of these."""
    kin: NDArray[np.int64]
    """Pairs of given names that `kinship` knows, as `first << 32 | second`, sorted."""
    heads: NDArray[np.int64]
    """The first words of names that are several, where they are known; else the names."""

    def in_use(self, kind: Literal["given", "family"]) -> NDArray[np.bool_]:
        """Whether each word is in use as a name of that kind (the function `in_use`)."""
        return self.given_in_use if kind == "given" else self.family_in_use

    def akin(self, a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether `kinship` knows the two given names as one person's."""
        keys = (a << 32) | b
        at = np.searchsorted(self.kin, keys)
        return self.kin[np.minimum(at, len(self.kin) - 1)] == keys if len(self.kin) else at < 0
