"""Somebody who watches a published log while it grows, for benchmarks/kills.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from comity.core.errors import ComityError
from comity.ledger.checkpoint import Checkpoint, open_checkpoint
from comity.ledger.merkle import Frontier, leaf_hashes, verify_consistency
from comity.ledger.note import NoteVerifier
from comity.ledger.proof import consistency_proof, inclusion_proof
from comity.ledger.reading import read_entries, read_hashes
from comity.ledger.tiles import ENTRIES, WIDTH, Tile

FORK = get_context("fork")


class FaultError(AssertionError):
    """Something was lost, doubled or contradicted."""


@contextmanager
def watched(log: Path, key: NoteVerifier, tell: Callable[[int, int], None]) -> Iterator[None]:
    """Have an outsider copy and check the log all the while, in a process of its own; at the end
    tells how many checkpoints it saw, and how many entries. Raises FaultError for anything wrong
    with one of them."""
    says, hears = FORK.Pipe()
    process = FORK.Process(target=_watch, args=(log, key, hears))
    process.start()
    hears.close()
    try:
        yield
    finally:
        says.send_bytes(b"enough")
        fault, seen, size = says.recv()
        process.join()
        tell(seen, size)
    if fault:
        raise FaultError(fault)


def _watch(log: Path, key: NoteVerifier, hears: Connection) -> None:
    outsider, fault = Outsider(log, key), ""
    try:
        while not hears.poll(0.001):
            outsider.look()
        outsider.look()
    except (ComityError, FaultError, ValueError) as error:
        fault = f"seen from outside: {error}"
        hears.recv_bytes()
    hears.send((fault, outsider.seen, outsider.tree.size))


class Outsider:
    """Somebody who copies a published log, and believes what follows from its entries alone."""

    def __init__(self, log: Path, key: NoteVerifier) -> None:
        self.log = log
        self.key = key
        self.tree = Frontier()
        self.seen = 0
        self._newest: Checkpoint | None = None
        self._bundle: list[bytes] = []

    def look(self) -> None:
        """Take the checkpoint, and at once whatever it names that is not known yet. Raises
        LedgerError or FaultError for anything wrong."""
        with suppress(FileNotFoundError):
            found = open_checkpoint((self.log / "checkpoint").read_bytes(), self.key)
            if found != self._newest:
                self._take(found)

    def _take(self, found: Checkpoint) -> None:
        old = self.tree.size
        if found.size <= old:
            raise FaultError(f"after a checkpoint of {old} entries one of {found.size} came")
        for index in range(old // WIDTH, (found.size - 1) // WIDTH + 1):
            width = min(WIDTH, found.size - index * WIDTH)
            bundle = read_entries(self.log, Tile(ENTRIES, index, width))
            if bundle[: len(self._bundle)] != self._bundle:
                raise FaultError("an entry is not what it was")
            leaves = leaf_hashes(bundle)
            if read_hashes(self.log, Tile(0, index, width)) != leaves:
                raise FaultError("a tile is not right")
            for leaf in leaves[len(self._bundle) :]:
                self.tree.append(leaf)
            self._bundle = bundle if width < WIDTH else []
        if self.tree.root() != found.root:
            raise FaultError("the entries lead to another root")
        if self._newest is not None:
            proof = consistency_proof(self.log, old, found.size)
            before = self._newest.root
            if not verify_consistency(old, before, found.size, found.root, proof):
                raise FaultError("a checkpoint does not continue the one before")
        inclusion_proof(self.log, found.size // 2, found.size)
        self._newest = found
        self.seen += 1
