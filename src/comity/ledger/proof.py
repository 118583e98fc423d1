"""Inclusion proofs from the tiles: that an entry stands in a log, for who has only a checkpoint."""

from __future__ import annotations

from pathlib import Path

from comity.ledger.merkle import complete_root, inclusion_path, node_hash, split
from comity.ledger.tiles import HEIGHT, WIDTH, Tile, decode_hashes, read_tile


def inclusion_proof(directory: Path, index: int, size: int) -> list[bytes]:
    """The hashes that, with entry `index`, lead to the root of the log's first `size` entries
    (RFC 6962, 2.1.1; see `root_from_inclusion`). A few tiles are read, however large the log is.

    Raises ValueError for an entry outside, LedgerError where a tile is missing or cut."""
    tiles: dict[Tile, list[bytes]] = {}

    def nodes(level: int, first: int, count: int) -> list[bytes]:
        number, at = divmod(first, WIDTH)
        tile = Tile(level, number, min(WIDTH, (size >> (HEIGHT * level)) - number * WIDTH))
        if tile not in tiles:
            tiles[tile] = decode_hashes(read_tile(directory, tile), tile)
        return tiles[tile][at : at + count]

    def root(low: int, high: int) -> bytes:
        leaves = high - low
        if leaves & (leaves - 1):
            middle = low + split(leaves)
            return node_hash(root(low, middle), root(middle, high))
        level = (leaves.bit_length() - 1) // HEIGHT
        shift = HEIGHT * level
        return complete_root(nodes(level, low >> shift, leaves >> shift))

    return [root(low, high) for low, high in inclusion_path(index, size)]
