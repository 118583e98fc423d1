"""Evidence that a log was forked: two checkpoints, signed by the log, that no one history has.

Either they have one size and different roots, or a consistency proof shows that the larger tree
begins otherwise than the smaller one. Whoever has the log's public key checks it alone; nothing of
it depends on who found it. As a file it is JSON:

{"fork": 1, "first": NOTE, "second": NOTE, "other_root": BASE64 or null, "consistency": [BASE64 …]}
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from comity.core.errors import LedgerError
from comity.ledger.checkpoint import Checkpoint, open_checkpoint
from comity.ledger.encoding import decode_base64, encode_base64
from comity.ledger.merkle import verify_consistency
from comity.ledger.note import MAX_BYTES, NoteVerifier
from comity.ledger.proof import consistency_proof, root_at
from comity.ledger.reading import Place

SUFFIX = ".fork.json"
MAX_FORK = 4 * MAX_BYTES
"""Bytes of the file: two notes, escaped, and some hashes."""

_FIELDS = {"fork", "first", "second", "other_root", "consistency"}
_MOST_HASHES = 128


@dataclass(frozen=True)
class Fork:
    """Two checkpoints (signed notes, verbatim), the smaller one first.

    Where their sizes differ, `other_root` is the root that the second tree had at the size of the
    first, and `hashes` is the proof of it."""

    first: bytes
    second: bytes
    other_root: bytes | None = None
    hashes: tuple[bytes, ...] = ()

    def encode(self) -> bytes:
        """The file."""
        other = None if self.other_root is None else encode_base64(self.other_root)
        told = {
            "fork": 1,
            "first": self.first.decode(),
            "second": self.second.decode(),
            "other_root": other,
            "consistency": [encode_base64(one) for one in self.hashes],
        }
        return json.dumps(told, indent=2, ensure_ascii=False).encode() + b"\n"

    @classmethod
    def parse(cls, data: bytes) -> Fork:
        """Read a file. Raises LedgerError for anything that is not exactly one."""
        try:
            if len(data) > MAX_FORK:
                raise ValueError
            told = json.loads(data)
            if not isinstance(told, dict) or told.keys() != _FIELDS or told["fork"] != 1:
                raise ValueError
            other, listed = told["other_root"], told["consistency"]
            texts = [told["first"], told["second"], *listed, *([] if other is None else [other])]
            if not isinstance(listed, list) or len(listed) > _MOST_HASHES:
                raise ValueError
            if not all(isinstance(text, str) for text in texts):
                raise ValueError
            return cls(
                told["first"].encode(),
                told["second"].encode(),
                None if other is None else decode_base64(other),
                tuple(decode_base64(one) for one in listed),
            )
        except (ValueError, TypeError, RecursionError):
            raise LedgerError(
                "This is not evidence of a fork.", cure="Ask for the file again."
            ) from None

    def check(self, verifier: NoteVerifier) -> tuple[Checkpoint, Checkpoint]:
        """The two checkpoints.

        Raises LedgerError unless both are of the verifier's log and bear its signature, and
        contradict one another."""
        first = open_checkpoint(self.first, verifier)
        second = open_checkpoint(self.second, verifier)
        if not self._contradict(first, second):
            raise LedgerError(
                f"These two checkpoints, of {first.size:,} and {second.size:,} entries, do not "
                "show a fork: one history can have both.",
                cure="The file was altered, or whoever made it was mistaken.",
            )
        return first, second

    def _contradict(self, first: Checkpoint, second: Checkpoint) -> bool:
        if first.size == second.size:
            return first.root != second.root
        other = self.other_root
        if other is None or other == first.root or not 0 <= first.size < second.size:
            return False
        return verify_consistency(first.size, other, second.size, second.root, self.hashes)


def of_one_size(one: bytes, another: bytes, verifiers: Iterable[NoteVerifier]) -> Fork | None:
    """The fork that two signed notes show by themselves, or None."""
    made = Fork(one, another)
    for verifier in verifiers:
        try:
            made.check(verifier)
        except LedgerError:
            continue
        return made
    return None


def between(earlier: bytes, later: bytes, verifier: NoteVerifier, place: Place) -> Fork | None:
    """The fork between two checkpoints of a log (signed notes), the second of which is that of the
    tiles at `place`; None where the second continues the first.

    Raises LedgerError where either is not the log's, the first is the longer one, or the tiles do
    not lead to the second: then nothing can be said."""
    before, after = open_checkpoint(earlier, verifier), open_checkpoint(later, verifier)
    if before.size > after.size:
        raise LedgerError(
            f"The published log has {after.size:,} entries, and had {before.size:,} before.",
            where=str(place),
            cure="It may be an old copy: look again later. If it stays so, keep both checkpoints.",
        )
    other = root_at(place, before.size, after.size)
    hashes = tuple(consistency_proof(place, before.size, after.size))
    if not verify_consistency(before.size, other, after.size, after.root, hashes):
        raise LedgerError(
            "The published tiles do not lead to the published checkpoint.",
            where=str(place),
            cure="It may be just being published: look again. If it stays so, keep a copy.",
        )
    if other == before.root:
        return None
    return Fork(earlier, later, None if before.size == after.size else other, hashes)
