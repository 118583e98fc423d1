"""A witness in memory, and two histories of one log."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.ledger.conftest import ORIGIN, SIGNER

from comity.ledger.checkpoint import Checkpoint, sign_checkpoint
from comity.ledger.cosignature import CosignatureSigner
from comity.ledger.fork import Fork
from comity.ledger.merkle import consistency_path, leaf_hash, root_of
from comity.ledger.note import NoteSigner, NoteVerifier
from comity.ledger.proof_file import ConsistencyProof
from comity.ledger.witness import Witness

NOW = 1_700_000_000
WITNESS = CosignatureSigner("witness.example/w", Ed25519PrivateKey.from_private_bytes(b"w" * 32))


@dataclass
class Memory:
    """Records that are lost at the end."""

    trusted: dict[str, list[NoteVerifier]]
    kept: dict[str, bytes] = field(default_factory=dict)
    forks: list[Fork] = field(default_factory=list)
    suspects: list[bytes] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def keys(self, origin: str) -> Sequence[NoteVerifier]:
        return self.trusted.get(origin, [])

    @contextmanager
    def alone(self, origin: str) -> Iterator[None]:
        with self.lock:
            yield

    def latest(self, origin: str) -> bytes | None:
        return self.kept.get(origin)

    def keep(self, origin: str, note: bytes) -> None:
        self.kept[origin] = note

    def accuse(self, origin: str, fork: Fork) -> None:
        self.forks.append(fork)

    def suspect(self, origin: str, note: bytes) -> None:
        self.suspects.append(note)


def make_witness() -> tuple[Witness, Memory]:
    """A witness that watches the log of the tests."""
    memory = Memory({ORIGIN: [SIGNER.verifier]})
    return Witness([WITNESS], memory, lambda: NOW), memory


class History:
    """What a log holds, in one of its lives; two lives are alike up to `shared`."""

    def __init__(self, life: str = "a", shared: int = 0, size: int = 64) -> None:
        names = [f"{'' if number < shared else life}{number}" for number in range(size)]
        self.leaves = [leaf_hash(name.encode()) for name in names]

    def tree(self, size: int, origin: str = ORIGIN) -> Checkpoint:
        return Checkpoint(origin, size, root_of(self.leaves[:size]))

    def note(self, size: int, signer: NoteSigner = SIGNER) -> bytes:
        return sign_checkpoint(self.tree(size), signer)

    def proof(self, old: int, new: int) -> tuple[bytes, ...]:
        return tuple(root_of(self.leaves[low:high]) for low, high in consistency_path(old, new))

    def call(self, old: int, new: int, signer: NoteSigner = SIGNER) -> bytes:
        """A call of add-checkpoint."""
        return ConsistencyProof(old, self.proof(old, new), self.note(new, signer)).encode()
