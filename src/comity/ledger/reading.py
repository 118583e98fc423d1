"""Reading a log that may be anybody's: hostile until its hashes are checked."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from comity.core.errors import LedgerError
from comity.ledger.merkle import HASH_BYTES
from comity.ledger.tiles import ENTRIES, MAX_ENTRY, Tile, decode_entries, decode_hashes

EVIDENCE = "It was altered, cut or exchanged; keep the copy as evidence."


class Source(Protocol):
    """Where a log's files are read from, other than a folder: a server (exchange/http_log.py)."""

    def read(self, path: str, limit: int) -> bytes:
        """A file's content, at most `limit` bytes. Raises LedgerError, naming the file."""

    def read_each(self, wanted: Iterable[tuple[str, int]]) -> Iterator[bytes]:
        """The same for many files (path and limit), in order."""


Place = Path | Source


def read_plain(place: Place, path: str, limit: int) -> bytes:
    """A plain file's content, at most `limit` bytes: no link is followed, and no pipe or device is
    waited for. Raises LedgerError for a file that is missing, none, or larger."""
    if not isinstance(place, Path):
        return place.read(path, limit)
    try:
        handle = os.open(place / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise OSError
            data = file.read(limit + 1)
    except OSError:
        raise LedgerError(
            "A file of the log is missing, cannot be read or is no plain file.",
            where=path,
            cure=EVIDENCE,
        ) from None
    if len(data) > limit:
        raise LedgerError("A file of the log is too large.", where=path, cure=EVIDENCE)
    return data


def limit_of(tile: Tile) -> int:
    """The most bytes that a tile can have."""
    return tile.width * (MAX_ENTRY + 2 if tile.level == ENTRIES else HASH_BYTES)


def read_tile_file(place: Place, tile: Tile) -> bytes:
    """A tile's content. Raises LedgerError as `read_plain` does."""
    return read_plain(place, tile.path, limit_of(tile))


def read_tile_files(place: Place, tiles: Iterable[Tile]) -> Iterator[bytes]:
    """The contents of many tiles, in order; from a server several at a time."""
    if isinstance(place, Path):
        return (read_tile_file(place, tile) for tile in tiles)
    return place.read_each((tile.path, limit_of(tile)) for tile in tiles)


def read_entries(place: Place, tile: Tile) -> list[bytes]:
    """The entries of a bundle. Raises LedgerError where it is missing or malformed."""
    return decode_entries(read_tile_file(place, tile), tile)


def read_hashes(place: Place, tile: Tile) -> list[bytes]:
    """The hashes of a tile. Raises LedgerError where it is missing or malformed."""
    return decode_hashes(read_tile_file(place, tile), tile)
