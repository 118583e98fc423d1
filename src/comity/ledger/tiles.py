"""Tiles (C2SP tlog-tiles): 256 hashes or entries a file, so that any web server can serve a log.

Tile N of level L holds the nodes 256·N … of the tree's level 8·L; a partial tile, `.p/W`, holds
the first W of them. Tile N of `entries` holds the entries themselves, each behind its length.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from comity.core.errors import LedgerError
from comity.ledger.merkle import HASH_BYTES, Frontier, complete_root

WIDTH = 256
HEIGHT = 8
MAX_ENTRY = 0xFFFF
ENTRIES = -1
"""The level number by which this module means `entries`."""

_PATH = re.compile(
    r"tile/(entries|[0-9]|[1-5][0-9]|6[0-3])/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?"
)


@dataclass(frozen=True)
class Tile:
    """Which tile, and how many of its 256 places are filled."""

    level: int
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """The tile's path below the log's address."""
        digits = f"{self.index:03d}"
        digits = digits.rjust((len(digits) + 2) // 3 * 3, "0")
        groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
        name = "/".join([*(f"x{g}" for g in groups[:-1]), groups[-1]])
        level = "entries" if self.level == ENTRIES else str(self.level)
        return f"tile/{level}/{name}" + ("" if self.width == WIDTH else f".p/{self.width}")

    @classmethod
    def parse(cls, path: str) -> Tile:
        """Read a tile's path. Raises LedgerError for anything that is not exactly one."""
        found = _PATH.fullmatch(path)
        if found is not None:
            level, index, width = found.groups()
            number = int(index.replace("x", "").replace("/", ""))
            tile = cls(ENTRIES if level == "entries" else int(level), number, int(width or WIDTH))
            if tile.width <= WIDTH and tile.path == path:
                return tile
        raise LedgerError(
            "The log's folder holds something that is no tile.",
            where=ascii(path)[:120],
            cure="Publish the log into a folder of its own.",
        )


def tiles_of(size: int) -> Iterator[Tile]:
    """Every tile of a tree of this size, entries first, then level by level; the last of each
    level may be partial."""
    for level in (ENTRIES, *range((max(size, 1).bit_length() - 1) // HEIGHT + 1)):
        nodes = size >> (HEIGHT * max(level, 0))
        for index in range(nodes // WIDTH):
            yield Tile(level, index)
        if nodes % WIDTH:
            yield Tile(level, nodes // WIDTH, nodes % WIDTH)


def read_tile(directory: Path, tile: Tile) -> bytes:
    """A tile of one's own log. Raises LedgerError where it is missing."""
    try:
        return (directory / tile.path).read_bytes()
    except FileNotFoundError:
        raise LedgerError(
            "A tile of the log is missing.",
            where=str(directory / tile.path),
            cure="Restore the log's folder from its copy.",
        ) from None


def encode_entries(entries: Sequence[bytes]) -> bytes:
    """An entry bundle: each entry behind its length as a big-endian 16-bit number.

    Raises LedgerError for an entry of more than 65,535 bytes."""
    for entry in entries:
        if len(entry) > MAX_ENTRY:
            raise LedgerError(
                f"An entry has {len(entry):,} bytes; the format allows {MAX_ENTRY:,}.",
                cure="Seal the payload behind a commitment instead of putting it into the entry.",
            )
    return b"".join(struct.pack(">H", len(entry)) + entry for entry in entries)


def decode_entries(bundle: bytes, tile: Tile) -> list[bytes]:
    """The entries of a bundle. Raises LedgerError unless it holds exactly the tile's width."""
    entries: list[bytes] = []
    at = 0
    while at < len(bundle) and len(entries) <= tile.width:
        if at + 2 > len(bundle):
            break
        (length,) = struct.unpack_from(">H", bundle, at)
        entries.append(bundle[at + 2 : at + 2 + length])
        at += 2 + length
    if at != len(bundle) or len(entries) != tile.width:
        raise LedgerError(
            f"The tile does not hold exactly {tile.width} entries.",
            where=tile.path,
            cure="It was cut, lengthened or altered; keep it as evidence.",
        )
    return entries


def decode_hashes(data: bytes, tile: Tile) -> list[bytes]:
    """The hashes of a tile. Raises LedgerError unless it holds exactly the tile's width."""
    if len(data) != tile.width * HASH_BYTES:
        raise LedgerError(
            f"The tile has {len(data):,} bytes instead of {tile.width * HASH_BYTES:,}.",
            where=tile.path,
            cure="It was cut, lengthened or altered; keep it as evidence.",
        )
    return [data[i : i + HASH_BYTES] for i in range(0, len(data), HASH_BYTES)]


class Tower:
    """The unfinished tile of each level while a log grows.

    `extend` gives the tiles that have just been completed, lowest level first."""

    def __init__(self, size: int = 0, open_tiles: Sequence[Sequence[bytes]] = ()) -> None:
        self.size = size
        self.open_tiles: list[list[bytes]] = [list(hashes) for hashes in open_tiles] or [[]]

    def extend(self, leaves: Sequence[bytes]) -> list[tuple[Tile, list[bytes]]]:
        """Add leaf hashes."""
        done: list[tuple[Tile, list[bytes]]] = []
        at = 0
        while at < len(leaves):
            row = self.open_tiles[0]
            more = leaves[at : at + WIDTH - len(row)]
            row += more
            at += len(more)
            self.size += len(more)
            if len(row) == WIDTH:
                done += self._close(0)
        return done

    def _close(self, level: int) -> Iterator[tuple[Tile, list[bytes]]]:
        """Begin the next tile of a level whose tile is full, and those of the levels above."""
        hashes, self.open_tiles[level] = self.open_tiles[level], []
        yield Tile(level, (self.size >> (HEIGHT * (level + 1))) - 1), hashes
        if level + 1 == len(self.open_tiles):
            self.open_tiles.append([])
        above = self.open_tiles[level + 1]
        above.append(complete_root(hashes))
        if len(above) == WIDTH:
            yield from self._close(level + 1)

    def partial(self) -> list[tuple[Tile, list[bytes]]]:
        """The unfinished tiles, lowest level first."""
        return [
            (Tile(level, self.size >> (HEIGHT * (level + 1)), len(hashes)), hashes)
            for level, hashes in enumerate(self.open_tiles)
            if hashes
        ]

    def root(self) -> bytes:
        """The tree head, from the unfinished tiles alone."""
        peaks: list[bytes] = []
        for hashes in reversed(self.open_tiles):
            at, left = 0, len(hashes)
            while left:
                step = 1 << left.bit_length() - 1
                peaks.append(complete_root(hashes[at : at + step]))
                at, left = at + step, left - step
        return Frontier(self.size, peaks).root()
