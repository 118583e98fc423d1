"""Proofs from a log's folder, and their check: no database, no exchange, no secret.

As in `verifying`, a stranger with a copy of the folder makes the same proofs as the holder. Every
proof is checked before it is handed out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from comity.core.canonical import Json
from comity.core.clock import Clock
from comity.core.errors import ConflictError, LedgerError, UsageError
from comity.exchange.handed import read_handed
from comity.exchange.verifying import demand
from comity.ledger.checkpoint import Checkpoint, check_growth, open_checkpoint
from comity.ledger.entry import Entry
from comity.ledger.fork import MAX_FORK, Fork
from comity.ledger.merkle import consistency_path
from comity.ledger.note import MAX_BYTES, NoteVerifier
from comity.ledger.proof import Subtrees
from comity.ledger.proof_file import SUFFIX, ConsistencyProof, InclusionProof
from comity.ledger.reading import Place, read_entries, read_plain, read_tile_files
from comity.ledger.tiles import ENTRIES, WIDTH, Tile, decode_entries, tiles_of
from comity.request.result_file import write_whole

CONSISTENCY_SUFFIX = ".tlog-consistency"


@dataclass(frozen=True)
class Proven:
    """What a proof file shows: an entry of the log and its number; of a consistency proof, the
    checkpoint that the log continues; of evidence of a fork, the one that it contradicts.

    `witnesses` are those that cosigned the checkpoint, and when (seconds since 1970), where they
    were asked for."""

    checkpoint: Checkpoint
    number: int | None = None
    entry: Entry | None = None
    earlier: Checkpoint | None = None
    forked: Checkpoint | None = None
    witnesses: Mapping[str, int] | None = None

    def to_json(self) -> dict[str, Json]:
        """The same for machines."""
        told: dict[str, Json] = {"origin": self.checkpoint.origin, "size": self.checkpoint.size}
        if self.forked is not None:
            return told | {"proof": "fork", "contradicts": self.forked.size}
        if self.witnesses is not None:
            told["witnesses"] = dict(self.witnesses)
        if self.earlier is not None:
            return told | {"proof": "consistency", "continues": self.earlier.size}
        assert self.entry is not None
        return told | {"proof": "inclusion", "number": self.number, "entry": self.entry.to_json()}


class LogProofs:
    """Makes proofs from a log, in a folder or on a server, as its newest checkpoint names it.

    Raises LedgerError where that is not one of the verifier's log."""

    def __init__(self, log: Place, verifier_key: str) -> None:
        self._log = log
        self._verifier = NoteVerifier.parse(verifier_key)
        self._note = read_plain(log, "checkpoint", MAX_BYTES)
        self.checkpoint = open_checkpoint(self._note, self._verifier)
        self._subtrees = Subtrees(log, self.checkpoint.size)

    def of_entry(self, number: int) -> InclusionProof:
        """That an entry stands in the log. Raises UsageError where there is none of that number,
        LedgerError where the folder does not bear it out."""
        size = self.checkpoint.size
        if not 0 <= number < size:
            raise UsageError(
                f"The log has no entry {number}.",
                where="--entry",
                cure=f"Its checkpoint names entries 0 to {size - 1}." if size else "It is empty.",
            )
        index, place = divmod(number, WIDTH)
        bundle = read_entries(self._log, Tile(ENTRIES, index, min(WIDTH, size - index * WIDTH)))
        return self._proof(number, bundle[place])

    def of_entries(self, wanted: Callable[[bytes], bool]) -> Iterator[tuple[int, InclusionProof]]:
        """Proofs of every entry of which this is true, in order, with its number."""
        number = 0
        tiles = list(takewhile(lambda t: t.level == ENTRIES, tiles_of(self.checkpoint.size)))
        for tile, bundle in zip(tiles, read_tile_files(self._log, tiles), strict=True):
            for entry in decode_entries(bundle, tile):
                if wanted(entry):
                    yield number, self._proof(number, entry)
                number += 1

    def since(self, earlier: bytes, later: bytes | None = None) -> ConsistencyProof:
        """That the log continues, in its newest checkpoint or a `later` one that was kept, what it
        was at an `earlier` checkpoint (signed notes).

        Raises LedgerError where it does not: two such checkpoints show that history was changed."""
        note = self._note if later is None else later
        before, after = (open_checkpoint(one, self._verifier) for one in (earlier, note))
        check_growth(before, after)
        check_growth(after, self.checkpoint)
        hashes = self._subtrees.roots(consistency_path(before.size, after.size))
        made = ConsistencyProof(before.size, tuple(hashes), note)
        made.check(earlier, self._verifier)
        return made

    def _proof(self, number: int, entry: bytes) -> InclusionProof:
        hashes = self._subtrees.inclusion_proof(number)
        made = InclusionProof(number, tuple(hashes), self._note, entry)
        made.check(self._verifier)
        return made


def about_request(handle: str) -> Callable[[bytes], bool]:
    """Whether an entry is about this request (`BATCH/ROW`)."""
    return lambda data: handle.encode() in data and Entry.parse(data).request == handle


def disclosure_of(batch: str) -> Callable[[bytes], bool]:
    """Whether an entry says that an address of this batch went out."""

    def test(data: bytes) -> bool:
        if b'"request.answered"' not in data:
            return False
        entry = Entry.parse(data)
        request = entry.request or ""
        disclosed = entry.body.get("status") == "disclosed"
        return disclosed and request.rpartition("/")[0] == batch

    return test


def file_name(number: int) -> str:
    """The name of an inclusion proof's file."""
    return f"entry-{number}{SUFFIX}"


def consistency_name(old: int, new: int) -> str:
    """The name of a consistency proof's file."""
    return f"from-{old}-to-{new}{CONSISTENCY_SUFFIX}"


def write_proof(folder: Path, name: str, data: bytes) -> Path:
    """Put a proof into a folder, whole or not at all. One that stands there already may be of an
    earlier checkpoint and is replaced only by the same; raises ConflictError for another."""
    path = folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        there = path.read_bytes() if path.exists() else data
    except OSError as error:
        raise UsageError(
            f"The proof cannot be written ({error.strerror}).",
            where=str(path),
            cure="Name a folder with --out that can be written to.",
        ) from None
    if there != data:
        raise ConflictError(
            "Another proof of this name stands there.",
            where=str(path),
            cure="It may be of an earlier checkpoint: keep it, and name another folder.",
        )
    write_whole(path, data)
    return path


def check_proof(
    file: Path,
    verifier_key: str,
    earlier: Path | None = None,
    policy: Path | None = None,
    clock: Clock | None = None,
) -> Proven:
    """Check a proof file offline; a consistency proof needs the checkpoint that it was made for.
    Where a policy for witnesses is given, the checkpoint must have its quorum.

    Raises LedgerError for what is no proof or does not hold, QuorumError, UsageError for a file
    that cannot be read or a call that lacks the earlier checkpoint."""
    verifier = NoteVerifier.parse(verifier_key)
    data = read_handed(file, "proof", MAX_FORK)
    try:
        if data.startswith(b"{"):
            first, second = Fork.parse(data).check(verifier)
            return Proven(second, forked=first)
        if not data.startswith(b"old "):
            proof = InclusionProof.parse(data)
            entry, found = proof.check(verifier)
            seen = None if policy is None else demand(policy, proof.checkpoint, verifier, clock)
            return Proven(found, proof.index, entry, witnesses=seen)
        if earlier is None:
            raise UsageError(
                "This proof says that a log continues an earlier checkpoint.",
                where=str(file),
                cure="Give that checkpoint with --since FILE.",
            )
        made = ConsistencyProof.parse(data)
        before, after = made.check(read_checkpoint(earlier), verifier)
        seen = None if policy is None else demand(policy, made.checkpoint, verifier, clock)
    except LedgerError as error:
        raise type(error)(error.what, where=str(file), cure=error.cure) from None
    return Proven(after, earlier=before, witnesses=seen)


def read_checkpoint(path: Path) -> bytes:
    """A checkpoint that somebody kept. Raises UsageError where it cannot be read."""
    return read_handed(path, "checkpoint", MAX_BYTES)
