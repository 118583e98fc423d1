"""Merkle proofs from the tiles, for who has only a checkpoint.

A few tiles are read, however large the log is; they may be anybody's copy, and whoever checks the
proof needs to trust none of it."""

from __future__ import annotations

from collections.abc import Iterable

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
    return _roots(place, size, inclusion_path(index, size))


def consistency_proof(place: Place, old: int, new: int) -> list[bytes]:
    """The hashes that show that the log's first `new` entries continue its first `old` (RFC 6962,
    2.1.2; see `verify_consistency`).

    Raises ValueError unless 0 <= old <= new, LedgerError where a tile is missing or cut."""
    return _roots(place, new, consistency_path(old, new))


def root_at(place: Place, size: int, new: int) -> bytes:
    """The root that the log's first `size` entries have, by the tiles of its first `new`.

    Raises ValueError unless 0 <= size <= new, LedgerError where a tile is missing or cut."""
    if not 0 <= size <= new:
        raise ValueError(f"a tree of {new} leaves has no part of {size}")
    return _roots(place, new, [(0, size)])[0] if size else EMPTY_ROOT


def _roots(place: Place, size: int, parts: Iterable[tuple[int, int]]) -> list[bytes]:
    """The roots of parts of a log (first entry, one past the last) of which each is a subtree."""
    tiles: dict[Tile, list[bytes]] = {}

    def nodes(level: int, first: int, count: int) -> list[bytes]:
        number, at = divmod(first, WIDTH)
        tile = Tile(level, number, min(WIDTH, (size >> (HEIGHT * level)) - number * WIDTH))
        if tile not in tiles:
            tiles[tile] = read_hashes(place, tile)
        return tiles[tile][at : at + count]

    def root(low: int, high: int) -> bytes:
        leaves = high - low
        if leaves & (leaves - 1):
            middle = low + split(leaves)
            return node_hash(root(low, middle), root(middle, high))
        level = (leaves.bit_length() - 1) // HEIGHT
        shift = HEIGHT * level
        return complete_root(nodes(level, low >> shift, leaves >> shift))

    return [root(low, high) for low, high in parts]
