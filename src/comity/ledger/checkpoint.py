"""Checkpoints (C2SP tlog-checkpoint): origin, size and root of the log, as a signed note."""

from __future__ import annotations

import re
from dataclasses import dataclass

from comity.core.errors import LedgerError
from comity.ledger.encoding import decode_base64, encode_base64
from comity.ledger.merkle import HASH_BYTES
from comity.ledger.note import NoteSigner, NoteVerifier, parse_note

_SIZE = re.compile("0|[1-9][0-9]{0,18}")


@dataclass(frozen=True)
class Checkpoint:
    """The log `origin` had `size` entries under the root hash `root`."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def to_text(self) -> str:
        """The note's text."""
        lines = [self.origin, str(self.size), encode_base64(self.root)]
        return "".join(f"{line}\n" for line in [*lines, *self.extensions])

    @classmethod
    def from_text(cls, text: str) -> Checkpoint:
        """Read a note's text. Raises LedgerError for anything that is not a checkpoint."""
        origin, *rest = text.removesuffix("\n").split("\n")
        try:
            size, encoded, *extensions = rest
            root = decode_base64(encoded)
        except ValueError:
            raise _malformed() from None
        if not origin or not _SIZE.fullmatch(size) or len(root) != HASH_BYTES or "" in extensions:
            raise _malformed()
        return cls(origin, int(size), root, tuple(extensions))


def sign_checkpoint(checkpoint: Checkpoint, signer: NoteSigner) -> bytes:
    """The checkpoint as a signed note."""
    return signer.sign(checkpoint.to_text())


def open_checkpoint(data: bytes, verifier: NoteVerifier) -> Checkpoint:
    """Verify a signed checkpoint of the log that the verifier names. Raises LedgerError."""
    note = parse_note(data)
    verifier.verify(note)
    found = Checkpoint.from_text(note.text)
    if found.origin != verifier.name:
        raise LedgerError(
            f"This is a checkpoint of another log than {verifier.name}.",
            cure="Name the folder of that log, or the key of this one.",
        )
    return found


def check_growth(earlier: Checkpoint, later: Checkpoint) -> None:
    """Raise LedgerError where two checkpoints of one log cannot both be true, by themselves: where
    the later one is shorter, or both have one size and different roots."""
    if later.size < earlier.size:
        raise LedgerError(
            f"The log shrank: the later checkpoint has {later.size} entries, the earlier one "
            f"{earlier.size}.",
            cure="Take a newer copy of the log; if there is none, entries were taken back: keep "
            "both checkpoints as evidence.",
        )
    if later.size == earlier.size and later.root != earlier.root:
        raise LedgerError(
            f"Two checkpoints contradict each other: both have {later.size} entries, and their "
            "roots differ.",
            cure="Keep both: signed by one key they are evidence that two histories were shown.",
        )


def _malformed() -> LedgerError:
    return LedgerError("This is not a checkpoint: expected origin, size and root, a line each.")
