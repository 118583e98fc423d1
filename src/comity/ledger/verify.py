"""Verifying a log from its files alone: every entry, every hash, every signature, anew."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from comity.core.errors import LedgerError
from comity.ledger.checkpoint import Checkpoint, open_checkpoint
from comity.ledger.entry import Entry
from comity.ledger.hashing import (
    READING,
    Elsewhere,
    Step,
    bundles,
    hash_elsewhere,
    hash_tiles,
)
from comity.ledger.note import MAX_BYTES, NoteVerifier
from comity.ledger.reading import (
    EVIDENCE,
    Place,
    read_entries,
    read_plain,
    read_tile_file,
)
from comity.ledger.tiles import (
    ENTRIES,
    HEIGHT,
    WIDTH,
    Tile,
    decode_entries,
    decode_hashes,
)


@dataclass(frozen=True)
class Verification:
    """What was verified: the checkpoint (`note`: verbatim), and how many entries of each type.

    `beyond` counts the tiles that reach past the checkpoint, of which nothing is said: publishing
    is under way or was interrupted, or an older checkpoint was put back. It is None where the log
    was read from a server, which cannot be asked what else it has."""

    checkpoint: Checkpoint
    note: bytes
    types: Mapping[str, int]
    beyond: int | None = 0


def verify(
    place: Place,
    verifier: NoteVerifier,
    take: Callable[[int, Entry], None] = lambda _number, _entry: None,
) -> Verification:
    """Recompute the whole log, in a folder or on a server, and compare. `take` is given every
    entry, in order.

    Raises LedgerError at the first thing that is wrong, naming the file: a checkpoint that does
    not verify, a tile that is missing, cut, altered or does not belong, an entry that is not
    canonical, a root that is another."""
    note = read_plain(place, "checkpoint", MAX_BYTES)
    checkpoint = open_checkpoint(note, verifier)
    beyond = _look_through(place, checkpoint.size) if isinstance(place, Path) else None
    types: Counter[str] = Counter()

    def read(tile: Tile, bundle: list[bytes]) -> None:
        first = tile.index * WIDTH
        entries = _entries(bundle, first, tile)
        types.update([entry.type for entry in entries])
        for number, entry in enumerate(entries, first):
            take(number, entry)

    elsewhere = hash_elsewhere(place, checkpoint.size)
    if elsewhere is None:
        root = hash_tiles(place, checkpoint.size, read)
    else:
        with elsewhere:
            _read_tiles(place, checkpoint.size, read, elsewhere)
            root = elsewhere.root()
    if root != checkpoint.root:
        raise LedgerError(
            f"The entries lead to another root than the checkpoint's "
            f"({root.hex()[:16]}… instead of {checkpoint.root.hex()[:16]}…).",
            where="checkpoint",
            cure=EVIDENCE,
        )
    return Verification(checkpoint, note, dict(types), beyond)


def _read_tiles(
    place: Place, size: int, read: Callable[[Tile, list[bytes]], None], elsewhere: Elsewhere
) -> None:
    """Read every entry while the tiles are hashed in another process. Raises whichever of the two
    found what a single one would have found first."""
    step = Step(0)
    try:
        for tile in bundles(size):
            step = Step(tile.index)
            bundle = read_entries(place, tile)
            step = Step(tile.index, READING)
            read(tile, bundle)
    except LedgerError:
        elsewhere.raise_before(step)
        raise


def _entries(bundle: list[bytes], first: int, tile: Tile) -> list[Entry]:
    entries: list[Entry] = []
    try:
        for data in bundle:
            entries.append(Entry.parse(data))
    except LedgerError as error:
        raise LedgerError(
            f"Entry {first + len(entries)}: {error.what}", where=tile.path, cure=EVIDENCE
        ) from None
    return entries


def _look_through(directory: Path, size: int) -> int:
    """Refuse whatever below tile/ is no tile, and a partial tile of an earlier checkpoint that
    does not say what the tree says. How many tiles reach past the size."""
    beyond = 0
    for path in _files(directory):
        tile = Tile.parse(path)
        nodes = size >> (HEIGHT * max(tile.level, 0))
        if tile.index * WIDTH + tile.width > nodes:
            beyond += 1
        elif tile.width < min(WIDTH, nodes - tile.index * WIDTH):
            _compare_earlier(directory, tile, nodes)
    return beyond


def _compare_earlier(directory: Path, tile: Tile, nodes: int) -> None:
    grown = Tile(tile.level, tile.index, min(WIDTH, nodes - tile.index * WIDTH))
    earlier = read_tile_file(directory, tile)
    (decode_entries if tile.level == ENTRIES else decode_hashes)(earlier, tile)
    if not read_tile_file(directory, grown).startswith(earlier):
        raise LedgerError(
            "An earlier partial tile differs from the tile that it became.",
            where=tile.path,
            cure=EVIDENCE,
        )


def _files(directory: Path) -> Iterator[str]:
    """The path of every file below tile/, relative to the log, in order. Raises LedgerError for
    what is neither a plain file nor a folder: a link could lead out of the log."""
    waiting = ["tile"] if os.path.lexists(directory / "tile") else []
    while waiting:
        folder = waiting.pop()
        try:
            if (directory / folder).is_symlink():
                raise NotADirectoryError
            with os.scandir(directory / folder) as found:
                children = sorted(found, key=lambda child: child.name, reverse=True)
        except OSError:
            raise LedgerError(
                "A folder of the log cannot be read or is no plain folder.",
                where=ascii(folder)[1:-1][:120],
                cure=EVIDENCE,
            ) from None
        for child in children:
            path = f"{folder}/{child.name}"
            if child.is_file(follow_symlinks=False):
                yield path
            else:
                waiting.append(path)
