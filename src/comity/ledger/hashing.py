"""Hashing a log's entries anew and comparing with its tiles; a large log's in another process.

Reading each entry takes as long as hashing it. With a second processor both are done at once; what
is found wrong, and which of several things is told, is the same either way.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import takewhile
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from comity.core.errors import LedgerError
from comity.ledger.merkle import leaf_hashes
from comity.ledger.reading import EVIDENCE, Place, read_tile_file, read_tile_files
from comity.ledger.tiles import (
    ENTRIES,
    HEIGHT,
    WIDTH,
    Tile,
    Tower,
    decode_entries,
    decode_hashes,
    tiles_of,
)

LARGE = 200_000
"""Entries from which on another process pays: it takes a third of a second to start."""

FETCHING, COMPARING, READING, ABOVE = range(4)
"""What is done with a bundle, in this order."""


class Step(NamedTuple):
    """How far somebody has come: what is done with which bundle."""

    bundle: int
    doing: int = FETCHING


def bundles(size: int) -> Iterator[Tile]:
    """Every bundle of entries of a log of this size, in order."""
    return takewhile(lambda one: one.level == ENTRIES, tiles_of(size))


def hash_tiles(
    place: Place,
    size: int,
    read: Callable[[Tile, list[bytes]], None] = lambda _tile, _bundle: None,
    tell: Callable[[Step], None] = lambda _step: None,
) -> bytes:
    """The root that the entries lead to. `read` is given each bundle once its hashes are compared,
    and `tell` each step before it is taken. Raises LedgerError for a tile that says otherwise."""
    tower = Tower()
    level_0 = (Tile(0, tile.index, tile.width) for tile in bundles(size))
    entries, below = read_tile_files(place, bundles(size)), read_tile_files(place, level_0)
    for tile in bundles(size):
        tell(Step(tile.index))
        bundle = decode_entries(next(entries), tile)
        tell(Step(tile.index, COMPARING))
        leaves = leaf_hashes(bundle)
        _compare(Tile(0, tile.index, tile.width), leaves, next(below))
        read(tile, bundle)
        tell(Step(tile.index, ABOVE))
        for done, hashes in tower.extend(leaves):
            if done.level:
                _compare(done, hashes, read_tile_file(place, done))
    tell(Step(size))
    for tile, hashes in tower.partial():
        if tile.level:
            _compare(tile, hashes, read_tile_file(place, tile))
    return tower.root()


class Elsewhere:
    """`hash_tiles` in another process. Use it as a context manager, which ends it."""

    def __init__(self, directory: Path, size: int) -> None:
        self._directory = directory
        self._size = size
        self._said: bytes | None = None
        shared = {name: value for name, value in os.environ.items() if name != "COMITY_PASSPHRASE"}
        self._process = subprocess.Popen(  # noqa: S603 - this very interpreter
            [sys.executable, "-c", _PROGRAM, str(directory), str(size)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=shared | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )

    def __enter__(self) -> Elsewhere:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._told()

    def root(self) -> bytes:
        """The root, when it has come to it. Raises LedgerError where a tile says otherwise."""
        told = self._told()
        if told is None:  # it was stopped: do its work here
            return hash_tiles(self._directory, self._size)
        if "root" in told:
            return bytes.fromhex(told["root"])
        raise LedgerError(told["what"], where=told["where"], cure=told["cure"])

    def raise_before(self, step: Step) -> None:
        """Raise what it found wrong, if that comes before this step."""
        told = self._told()
        if told is None or Step(*told.get("step", step)) < step:
            self.root()

    def _told(self) -> Any:
        """What it said at its end; None where it was stopped before."""
        if self._said is None:
            self._said, _ = self._process.communicate()
        return json.loads(self._said) if self._said else None


def hash_elsewhere(place: Place, size: int) -> Elsewhere | None:
    """Begin to hash in another process; None where that does not pay or cannot be: what comes from
    a server is asked for once."""
    if not isinstance(place, Path) or size < LARGE:
        return None
    if len(os.sched_getaffinity(0)) < 2 or not sys.executable:
        return None
    try:
        return Elsewhere(place.absolute(), size)
    except OSError:
        return None


def serve() -> None:
    """The other process: say the root, or what is wrong and at which step."""
    taken: list[Step] = []
    told: dict[str, object]
    try:
        told = {"root": hash_tiles(Path(sys.argv[1]), int(sys.argv[2]), tell=taken.append).hex()}
    except LedgerError as error:
        told = {"step": taken[-1], "what": error.what, "where": error.where, "cure": error.cure}
    print(json.dumps(told))


_PROGRAM = "from comity.ledger.hashing import serve; serve()"


def _compare(tile: Tile, hashes: list[bytes], found: bytes) -> None:
    if found == b"".join(hashes):
        return
    decode_hashes(found, tile)  # one that was cut or lengthened says so
    first = tile.index * WIDTH << (HEIGHT * tile.level)
    last = first + (tile.width << (HEIGHT * tile.level)) - 1
    other = f" in {Tile(ENTRIES, tile.index, tile.width).path}" if tile.level == 0 else ""
    raise LedgerError(
        f"The hashes of the tile are not those of entries {first} to {last}{other}.",
        where=tile.path,
        cure=f"One of the two{EVIDENCE[2:]}" if other else EVIDENCE,
    )
