"""Publishing: entries become tiles, and only when those are durable does a checkpoint name them.

Whatever is written follows from the entries alone, so a crash at any point is mended by publishing
again: tiles past the checkpoint are written anew, with the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from itertools import islice
from pathlib import Path

from comity.core.errors import LedgerError
from comity.ledger.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from comity.ledger.files import Staging, write_durably
from comity.ledger.merkle import leaf_hashes
from comity.ledger.note import NoteSigner, NoteVerifier, parse_note
from comity.ledger.proof import consistency_proof, inclusion_proof
from comity.ledger.tiles import (
    ENTRIES,
    HEIGHT,
    WIDTH,
    Tile,
    Tower,
    decode_entries,
    decode_hashes,
    encode_entries,
    read_tile,
)
from comity.ledger.verify import Verification, verify

CHECKPOINT = "checkpoint"
SCRATCH = ".partial"
"""The folder beside the tiles in which the next files grow; no part of the log."""


class Ledger:
    """A log's folder: `checkpoint` and `tile/…`, ready for any static file server."""

    def __init__(self, directory: Path, origin: str) -> None:
        self._directory = directory
        self._origin = origin

    def checkpoint(self) -> Checkpoint | None:
        """The newest checkpoint as it stands on disk (its signature is not checked here), or None
        for a log that has none. Raises LedgerError if it is of another log."""
        data = self.note()
        if data is None:
            return None
        found = Checkpoint.from_text(parse_note(data).text)
        if found.origin != self._origin:
            raise LedgerError(
                f"The folder holds another log than {self._origin}.", where=str(self._directory)
            )
        return found

    def size(self) -> int:
        """How many entries the newest checkpoint names; 0 where there is none."""
        found = self.checkpoint()
        return 0 if found is None else found.size

    def last_entry(self) -> bytes | None:
        """The last entry that the newest checkpoint names, as it stands on disk; None for none."""
        size = self.size()
        if size == 0:
            return None
        index, width = divmod(size - 1, WIDTH)
        tile = Tile(ENTRIES, index, width + 1)
        return decode_entries(read_tile(self._directory, tile), tile)[-1]

    def consistency_proof(self, old: int, new: int) -> list[bytes]:
        """The proof that the log's first `new` entries continue its first `old`; they may reach
        beyond the checkpoint (see `extend`)."""
        return consistency_proof(self._directory, old, new)

    def inclusion_proof(self, index: int) -> list[bytes]:
        """The proof that entry `index` is in the log as the newest checkpoint names it.

        Raises ValueError for an entry that it does not name."""
        return inclusion_proof(self._directory, index, self.size())

    def verify(self, verifier: NoteVerifier) -> Verification:
        """Recompute the whole log from its files. Raises LedgerError at the first thing wrong."""
        return verify(self._directory, verifier)

    def publish(self, entries: Iterable[bytes], *, first: int, signer: NoteSigner) -> Checkpoint:
        """Append entries, the first of them being number `first`, and publish a signed checkpoint
        (see `extend`)."""
        return self.announce(self.extend(entries, first=first, signer=signer))

    def extend(
        self,
        entries: Iterable[bytes],
        *,
        first: int,
        signer: NoteSigner,
        pending: Checkpoint | None = None,
    ) -> bytes:
        """Write the tiles of these entries, the first being number `first`, and sign a checkpoint
        over them; it is not published yet. `pending` is one that was signed before and not
        published: the new one continues it.

        Raises LedgerError unless `first` is the published size, if the checkpoint on disk was not
        signed by this very key, if the tiles on disk do not lead to its root, and if the entries do
        not lead to the pending one: whoever exchanged the folder's content or the entries shall not
        have it continued. Then nothing is signed."""
        note = self.note()
        before = None if note is None else open_checkpoint(note, signer.verifier)
        if signer.verifier.name != self._origin:
            raise LedgerError(f"The key {signer.verifier.name} does not sign for {self._origin}.")
        size = 0 if before is None else before.size
        if first != size:
            raise LedgerError(f"The log has {size} entries; the next is not number {first}.")
        tower = self._tower(size)
        if before is not None and tower.root() != before.root:
            raise LedgerError(
                "The tiles on disk do not lead to the root of the checkpoint on disk.",
                where=str(self._directory),
                cure="Do not publish; restore the log's folder, and keep this one as evidence.",
            )
        coming = iter(entries)
        with closing(Staging(self._directory / SCRATCH)) as staging:
            if pending is not None:
                self._append(tower, islice(coming, pending.size - size), staging)
                if (tower.size, tower.root()) != (pending.size, pending.root):
                    raise LedgerError(
                        "The entries do not lead to the checkpoint that was signed last, and that "
                        "witnesses may have seen.",
                        where=str(self._directory),
                        cure="Do not publish; restore the newest backup, and tell the inspector.",
                    )
            self._append(tower, coming, staging)
        return sign_checkpoint(Checkpoint(self._origin, tower.size, tower.root()), signer)

    def announce(self, note: bytes) -> Checkpoint:
        """Publish a checkpoint that `extend` signed, with whatever cosignatures were added to it:
        from now on it is the log's."""
        write_durably(self._directory / CHECKPOINT, note, scratch=self._directory / SCRATCH)
        return Checkpoint.from_text(parse_note(note).text)

    def _append(self, tower: Tower, entries: Iterable[bytes], staging: Staging) -> None:
        """Grow the tower by these entries; when this returns, every tile of it is durable."""

        def put(tile: Tile, data: bytes) -> None:
            staging.put(self._directory / tile.path, data)

        bundle = self._open_bundle(tower.size)
        coming = iter(entries)
        while fresh := list(islice(coming, WIDTH - len(bundle))):
            bundle += fresh
            for tile, hashes in tower.extend(leaf_hashes(fresh)):
                put(tile, b"".join(hashes))
            if len(bundle) == WIDTH:
                put(Tile(ENTRIES, tower.size // WIDTH - 1), encode_entries(bundle))
                bundle = []
        if bundle:
            put(Tile(ENTRIES, tower.size // WIDTH, len(bundle)), encode_entries(bundle))
        for tile, hashes in tower.partial():
            put(tile, b"".join(hashes))
        staging.settle()

    def note(self) -> bytes | None:
        """The newest checkpoint as it stands on disk, a signed note; None where there is none."""
        try:
            return (self._directory / CHECKPOINT).read_bytes()
        except FileNotFoundError:
            return None

    def _tower(self, size: int) -> Tower:
        """The unfinished tiles of a log of this size, from disk."""
        levels = (max(size, 1).bit_length() - 1) // HEIGHT + 1
        hashes: list[list[bytes]] = []
        for level in range(levels):
            nodes = size >> (HEIGHT * level)
            tile = Tile(level, nodes // WIDTH, nodes % WIDTH)
            hashes.append(
                decode_hashes(read_tile(self._directory, tile), tile) if nodes % WIDTH else []
            )
        return Tower(size, hashes)

    def _open_bundle(self, size: int) -> list[bytes]:
        if size % WIDTH == 0:
            return []
        tile = Tile(ENTRIES, size // WIDTH, size % WIDTH)
        return decode_entries(read_tile(self._directory, tile), tile)
