"""A witness (C2SP tlog-witness): cosigns a log's checkpoint if it continues what was cosigned last.

It answers one call, `add-checkpoint`. What it cosigned last stands in a record that is durable
before the cosignature is given out, so that it never vouches for two histories of one log,
whatever crashes and however many ask at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from comity.core.errors import LedgerError
from comity.ledger.checkpoint import Checkpoint
from comity.ledger.cosignature import CosignatureSigner
from comity.ledger.fork import Fork, of_one_size
from comity.ledger.merkle import EMPTY_ROOT, verify_consistency
from comity.ledger.note import MAX_BYTES, Note, NoteVerifier, parse_note
from comity.ledger.proof_file import ConsistencyProof

MAX_SUBMISSION = MAX_BYTES + 8_192
"""Bytes of a call: the checkpoint, and 63 hashes."""

SIZE_TYPE = "text/x.tlog.size"
_MOST_HASHES = 63


class Records(Protocol):
    """Where a witness keeps what it cosigned."""

    def keys(self, origin: str) -> Sequence[NoteVerifier]:
        """The keys that a log signs with; none for a log that is not trusted."""

    def alone(self, origin: str) -> AbstractContextManager[None]:
        """Sole use of the record of a log, among all threads and processes."""

    def latest(self, origin: str) -> bytes | None:
        """The last checkpoint that was cosigned of a log, with its signatures; None for none."""

    def keep(self, origin: str, note: bytes) -> None:
        """Make this the record of a log; when this returns, it is durable."""

    def accuse(self, origin: str, fork: Fork) -> None:
        """Keep evidence that a log was forked."""

    def suspect(self, origin: str, note: bytes) -> None:
        """Keep a checkpoint that the log signed and that does not continue the record."""


@dataclass(frozen=True)
class Answer:
    """What a call is answered: an HTTP status and a body."""

    status: int
    body: str
    type: str = "text/plain; charset=utf-8"


class _RefusedError(Exception):
    """A call is not granted; the answer says why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.answer = Answer(status, f"{why}\n")


@dataclass(frozen=True)
class _Submission:
    """A call whose checkpoint the log signed. `note` bears the log's signatures alone."""

    old: int
    hashes: tuple[bytes, ...]
    note: Note
    tree: Checkpoint
    keys: Sequence[NoteVerifier]


class Witness:
    """Answers for the logs whose keys are on record; `now` tells the time in seconds since 1970."""

    def __init__(
        self,
        signers: Sequence[CosignatureSigner],
        records: Records,
        now: Callable[[], int],
    ) -> None:
        self._signers = signers
        self._records = records
        self._now = now

    def add_checkpoint(self, body: bytes) -> Answer:
        """Answer a call: 200 with cosignatures; 400 for what is no call, 404 for an unknown log,
        403 without its signature, 409 with the size of the last cosigned tree where the call is
        about another, 422 where the tree does not continue it."""
        try:
            asked = self._read(body)
            with self._records.alone(asked.tree.origin):
                latest = self._records.latest(asked.tree.origin)
                return self._decide(asked, latest)
        except _RefusedError as refused:
            return refused.answer

    def _read(self, body: bytes) -> _Submission:
        """Take a call apart and check the log's signature. Nothing of the record is needed."""
        if len(body) > MAX_SUBMISSION:
            raise _RefusedError(400, "The call is too large.")
        try:
            proof = ConsistencyProof.parse(body)
            note = parse_note(proof.checkpoint)
            tree = Checkpoint.from_text(note.text)
        except LedgerError:
            raise _RefusedError(400, "This is not a call of add-checkpoint.") from None
        if len(proof.hashes) > _MOST_HASHES:
            raise _RefusedError(400, f"The call has more than {_MOST_HASHES} hashes.")
        keys = self._records.keys(tree.origin)
        if not keys:
            raise _RefusedError(404, "This log is not known here.")
        signing = [key for key in keys if key.own(note)]
        try:
            for key in signing or keys[:1]:
                key.verify(note)
        except LedgerError:
            raise _RefusedError(403, "The log's signature is missing or wrong.") from None
        if proof.old > tree.size:
            raise _RefusedError(400, "The old size is larger than the checkpoint's.")
        signed = tuple(one for key in signing for one in key.own(note))
        return _Submission(proof.old, proof.hashes, Note(note.text, signed), tree, signing)

    def _decide(self, asked: _Submission, latest: bytes | None) -> Answer:
        origin = asked.tree.origin
        seen = None if latest is None else Checkpoint.from_text(parse_note(latest).text)
        size = 0 if seen is None else seen.size
        fork = None if latest is None else of_one_size(latest, asked.note.encode(), asked.keys)
        if fork is not None:
            self._records.accuse(origin, fork)
        if asked.old != size:
            return Answer(409, f"{size}\n", SIZE_TYPE)
        if not _continues(asked, seen):
            if fork is None:
                self._records.suspect(origin, asked.note.encode())
            raise _RefusedError(422, f"The checkpoint does not continue the one of {size} entries.")
        now = self._now()
        lines = tuple(signer.cosign(asked.note.text, now) for signer in self._signers)
        cosigned = Note(asked.note.text, (*asked.note.signatures, *lines))
        self._records.keep(origin, cosigned.encode())
        return Answer(200, "".join(one.line for one in lines))


def _continues(asked: _Submission, seen: Checkpoint | None) -> bool:
    """Whether the submitted tree continues the one that was cosigned last."""
    tree = asked.tree
    if tree.size == 0 and tree.root != EMPTY_ROOT:
        return False
    if asked.old == 0:
        return not asked.hashes
    assert seen is not None
    return verify_consistency(seen.size, seen.root, tree.size, tree.root, asked.hashes)
