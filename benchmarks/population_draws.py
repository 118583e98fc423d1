"""Random numbers of a made-up population: by counter, so that any row can be made by itself.

Every draw is a pure function of the seed, of what is drawn (a word) and of whom it is drawn for (a
number). The same person comes out whatever the order, the chunk or the count of rows asked for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.uint64]
Codes = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

_GOLDEN, _MIX_1, _MIX_2 = (
    np.uint64(constant) for constant in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
)
_TABLE_BITS = 22


@dataclass(frozen=True)
class Dice:
    """Draws under one seed."""

    seed: int

    def bits(self, what: str, ids: Ids) -> Ids:
        """64 random bits each (SplitMix64: Steele, Lea and Flood 2014)."""
        salt = hashlib.blake2b(f"{self.seed}/{what}".encode(), digest_size=8).digest()
        mixed: Ids = ids * _GOLDEN
        mixed += np.uint64(int.from_bytes(salt, "big"))
        mixed ^= mixed >> np.uint64(30)
        mixed *= _MIX_1
        mixed ^= mixed >> np.uint64(27)
        mixed *= _MIX_2
        mixed ^= mixed >> np.uint64(31)
        return mixed

    def unit(self, what: str, ids: Ids) -> npt.NDArray[np.float64]:
        """Evenly in [0, 1)."""
        return (self.bits(what, ids) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def share(self, what: str, ids: Ids, part: float) -> Flags:
        """True for this part of the ids."""
        return self.bits(what, ids) < np.uint64(int(part * 2**64))

    def below(self, what: str, ids: Ids, bound: int | Ids) -> Ids:
        """Evenly in 0 … bound - 1; a bound is below 2**32."""
        limit = np.uint64(bound) if isinstance(bound, int) else bound
        return ((self.bits(what, ids) >> np.uint64(32)) * limit) >> np.uint64(32)

    def permuted(self, what: str, ids: Ids, count: int) -> Ids:
        """One of the orders of 0 … count - 1: no two ids give one number.

        A Feistel network over two numbers of nearly equal range; what falls outside walks on until
        it is inside (Black and Rogaway 2002)."""
        left = int(np.ceil(np.sqrt(count)))
        right = -(-count // left)
        out = self._turn(what, ids, left, right)
        outside = np.flatnonzero(out >= np.uint64(count))
        while outside.size:
            out[outside] = self._turn(what, out[outside], left, right)
            outside = outside[out[outside] >= np.uint64(count)]
        return out

    def _turn(self, what: str, ids: Ids, left: int, right: int) -> Ids:
        a, b = np.divmod(ids, np.uint64(right))
        for turn in range(3):
            a += self.below(f"{what} a{turn}", b, left)
            a[a >= np.uint64(left)] -= np.uint64(left)
            b += self.below(f"{what} b{turn}", a, right)
            b[b >= np.uint64(right)] -= np.uint64(right)
        return a * np.uint64(right) + b

    def pick(self, what: str, ids: Ids, table: Codes) -> Codes:
        """One of the codes of a table made by `weighted`."""
        codes: Codes = table[self.bits(what, ids) >> np.uint64(64 - _TABLE_BITS)]
        return codes


def weighted(weights: npt.NDArray[np.float64]) -> Codes:
    """A table in which a code stands as often as its weight says (to one in four million)."""
    ends = np.cumsum(weights) / weights.sum()
    places = (np.arange(2**_TABLE_BITS) + 0.5) / 2**_TABLE_BITS
    codes: Codes = np.minimum(np.searchsorted(ends, places), len(weights) - 1).astype(np.int32)
    return codes


def zipf(count: int, shift: float, power: float = 1.0) -> npt.NDArray[np.float64]:
    """Zipf's law as Mandelbrot writes it: rank r has the weight 1 / (r + shift)**power."""
    weights: npt.NDArray[np.float64] = (np.arange(1, count + 1, dtype=np.float64) + shift) ** -power
    return weights


def shuffled(words: Sequence[str], seed: int) -> list[str]:
    """Words in a random order."""
    order: Any = np.random.default_rng(seed).permutation(len(words))
    return [words[i] for i in order]
