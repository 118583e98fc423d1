"""Verifying a log from its files alone: every entry, every hash, every signature, anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from comity.core.errors import LedgerError
from comity.ledger.checkpoint import Checkpoint, open_checkpoint
from comity.ledger.entry import Entry
from comity.ledger.merkle import HASH_BYTES, leaf_hash
from comity.ledger.note import MAX_BYTES, NoteVerifier
from comity.ledger.tiles import (
    ENTRIES,
    HEIGHT,
    MAX_ENTRY,
    WIDTH,
    Tile,
    Tower,
    decode_entries,
    tiles_of,
)

_EVIDENCE = "It was altered, cut or exchanged; keep the copy as evidence."


@dataclass(frozen=True)
class Verification:
    """What was verified: the checkpoint, and how many entries of each type."""

    checkpoint: Checkpoint
    types: Mapping[str, int]


def verify(
    directory: Path,
    verifier: NoteVerifier,
    take: Callable[[int, Entry], None] = lambda _number, _entry: None,
) -> Verification:
    """Recompute the whole log and compare. `take` is given every entry, in order.

    Raises LedgerError at the first thing that is wrong, naming the file: a checkpoint that does
    not verify, a tile that is missing, cut, altered or does not belong, an entry that is not
    canonical, a root that is another."""
    checkpoint = open_checkpoint(_read(directory, "checkpoint", MAX_BYTES), verifier)
    _refuse_strangers(directory, checkpoint.size)
    types: Counter[str] = Counter()
    tower = Tower()
    for tile in tiles_of(checkpoint.size):
        if tile.level != ENTRIES:
            continue
        limit = tile.width * (MAX_ENTRY + 2)
        for data in decode_entries(_read(directory, tile.path, limit), tile):
            entry = _entry(data, tower.size, tile)
            types[entry.type] += 1
            take(tower.size, entry)
            for done, hashes in tower.append(leaf_hash(data)):
                _compare(directory, done, hashes)
    for tile, hashes in tower.partial():
        _compare(directory, tile, hashes)
    if tower.root() != checkpoint.root:
        raise LedgerError(
            f"The entries lead to another root than the checkpoint's "
            f"({tower.root().hex()[:16]}… instead of {checkpoint.root.hex()[:16]}…).",
            where="checkpoint",
            cure=_EVIDENCE,
        )
    return Verification(checkpoint, dict(types))


def _entry(data: bytes, number: int, tile: Tile) -> Entry:
    try:
        return Entry.parse(data)
    except LedgerError as error:
        raise LedgerError(
            f"Entry {number}: {error.what}", where=tile.path, cure=_EVIDENCE
        ) from None


def _compare(directory: Path, tile: Tile, hashes: list[bytes]) -> None:
    if _read(directory, tile.path, WIDTH * HASH_BYTES) == b"".join(hashes):
        return
    first = tile.index * WIDTH << (HEIGHT * tile.level)
    last = first + (tile.width << (HEIGHT * tile.level)) - 1
    raise LedgerError(
        f"The hashes of the tile are not those of entries {first} to {last}.",
        where=tile.path,
        cure=_EVIDENCE,
    )


def _read(directory: Path, path: str, limit: int) -> bytes:
    try:
        with (directory / path).open("rb") as file:
            data = file.read(limit + 1)
    except OSError:
        raise LedgerError(
            "A file of the log is missing or cannot be read.", where=path, cure=_EVIDENCE
        ) from None
    if len(data) > limit:
        raise LedgerError("A file of the log is too large.", where=path, cure=_EVIDENCE)
    return data


def _refuse_strangers(directory: Path, size: int) -> None:
    """Every file below tile/ is a tile; of those past the size nothing is promised, and partial
    tiles of earlier checkpoints must say what the tree says."""
    needed = set(tiles_of(size))
    for path in sorted((directory / "tile").rglob("*")):
        if path.is_dir() or path.name.endswith(".partial"):
            continue
        tile = Tile.parse(path.relative_to(directory).as_posix())
        if tile not in needed and tile.width < WIDTH and _reached(tile, size):
            whole = _covering(tile, size)
            ours, theirs = (
                _read(directory, tile.path, 1 << 25),
                _read(directory, whole.path, 1 << 25),
            )
            if not theirs.startswith(ours):
                raise LedgerError(
                    "An earlier partial tile differs from the tile that it became.",
                    where=tile.path,
                    cure=_EVIDENCE,
                )


def _reached(tile: Tile, size: int) -> bool:
    return tile.index * WIDTH + tile.width <= size >> (HEIGHT * max(tile.level, 0))


def _covering(tile: Tile, size: int) -> Tile:
    nodes = size >> (HEIGHT * max(tile.level, 0))
    return Tile(tile.level, tile.index, min(WIDTH, nodes - tile.index * WIDTH))
