"""Reading the files of a log that may be anybody's: hostile until its hashes are checked."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from comity.core.errors import LedgerError
from comity.ledger.merkle import HASH_BYTES
from comity.ledger.tiles import ENTRIES, MAX_ENTRY, Tile, decode_entries, decode_hashes

EVIDENCE = "It was altered, cut or exchanged; keep the copy as evidence."


def read_plain(directory: Path, path: str, limit: int) -> bytes:
    """A plain file's content, at most `limit` bytes: no link is followed, and no pipe or device is
    waited for. Raises LedgerError for a file that is missing, none, or larger."""
    try:
        handle = os.open(directory / path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
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


def read_tile_file(directory: Path, tile: Tile) -> bytes:
    """A tile's content. Raises LedgerError as `read_plain` does."""
    each = MAX_ENTRY + 2 if tile.level == ENTRIES else HASH_BYTES
    return read_plain(directory, tile.path, tile.width * each)


def read_entries(directory: Path, tile: Tile) -> list[bytes]:
    """The entries of a bundle. Raises LedgerError where it is missing or malformed."""
    return decode_entries(read_tile_file(directory, tile), tile)


def read_hashes(directory: Path, tile: Tile) -> list[bytes]:
    """The hashes of a tile. Raises LedgerError where it is missing or malformed."""
    return decode_hashes(read_tile_file(directory, tile), tile)
