"""Merkle proofs from the tiles, for who has only a checkpoint.

A few tiles are read, however large the log is; they may be anybody's copy, and whoever checks the
proof needs to trust none of it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from comity.ledger.merkle import (
    EMPTY_ROOT,
    complete_root,
    consistency_path,
    inclusion_path,
    node_hash,
    split,
)
from comity.ledger.reading import Place, read_hashes
from comity.ledger.tiles import HEIGHT, WIDTH, Tile


def inclusion_proof(place: Place, index: int, size: int) -> list[bytes]:
    """The hashes that, with entry `index`, lead to the root of the log's first `size` entries
    (RFC 6962, 2.1.1; see `root_from_inclusion`).

    Raises ValueError for an entry outside, LedgerError where a tile is missing or cut."""
    return Subtrees(place, size).inclusion_proof(index)


def consistency_proof(place: Place, old: int, new: int) -> list[bytes]:
    """The hashes that show that the log's first `new` entries continue its first `old` (RFC 6962,
    2.1.2; see `verify_consistency`).

    Raises ValueError unless 0 <= old <= new, LedgerError where a tile is missing or cut."""
    return Subtrees(place, new).roots(consistency_path(old, new))


def root_at(place: Place, size: int, new: int) -> bytes:
    """The root that the log's first `size` entries have, by the tiles of its first `new`.

    Raises ValueError unless 0 <= size <= new, LedgerError where a tile is missing or cut."""
    if not 0 <= size <= new:
        raise ValueError(f"a tree of {new} leaves has no part of {size}")
    return Subtrees(place, new).roots([(0, size)])[0] if size else EMPTY_ROOT


class Subtrees:
    """The roots of subtrees of a log of `size` entries, from its tiles; what was read and computed
    is kept, so that many proofs cost little more than the first (benchmarks/ledger.py)."""

    _MOST = 1_024
    """Tiles kept (8 KiB each), and four times as many roots."""

    def __init__(self, place: Place, size: int) -> None:
        self._size = size
        self._hashes = lru_cache(self._MOST)(lambda tile: read_hashes(place, tile))
        self._root = lru_cache(4 * self._MOST)(self._computed)

    def inclusion_proof(self, index: int) -> list[bytes]:
        """As the function of this name."""
        return self.roots(inclusion_path(index, self._size))

    def roots(self, parts: Iterable[tuple[int, int]]) -> list[bytes]:
        """The roots of parts of the log (first entry, one past the last) that are subtrees."""
        return [self._root(low, high) for low, high in parts]

    def _computed(self, low: int, high: int) -> bytes:
        leaves = high - low
        if leaves & (leaves - 1):
            middle = low + split(leaves)
            return node_hash(self._root(low, middle), self._root(middle, high))
        level = (leaves.bit_length() - 1) // HEIGHT
        shift = HEIGHT * level
        number, at = divmod(low >> shift, WIDTH)
        tile = Tile(level, number, min(WIDTH, (self._size >> shift) - number * WIDTH))
        return complete_root(self._hashes(tile)[at : at + (leaves >> shift)])
