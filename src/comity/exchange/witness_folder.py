"""A witness's folder: its key, the logs that it watches, what it cosigned last, evidence.

witness.json, witness.vkey, witness.pem
logs/<SHA-256 of the origin>/keys, checkpoint
evidence/…
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import filelock
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from comity.core.clock import Clock, SystemClock
from comity.core.errors import KeyMaterialError, LedgerError, UsageError
from comity.ledger.checkpoint import Checkpoint
from comity.ledger.cosignature import CosignatureSigner
from comity.ledger.files import make_folder, write_durably
from comity.ledger.fork import SUFFIX, Fork
from comity.ledger.note import MAX_BYTES, NoteVerifier, parse_note
from comity.ledger.reading import read_plain
from comity.ledger.witness import Witness

FORMAT = 1
VKEY = "witness.vkey"
_CONFIG, _KEY = "witness.json", "witness.pem"
_MOST_SUSPECTS = 100
"""Checkpoints that are kept of one log which do not continue what it showed before."""


@dataclass(frozen=True)
class Watched:
    """A log that the witness watches: its name, its keys, and what was cosigned of it last."""

    origin: str
    keys: tuple[NoteVerifier, ...]
    latest: Checkpoint | None


class WitnessFolder:
    """An open witness folder; the witness's records, on disk."""

    def __init__(self, directory: Path, name: str, clock: Clock) -> None:
        self.directory = directory
        self.name = name
        self._clock = clock

    @cached_property
    def signer(self) -> CosignatureSigner:
        """The witness's key. Raises KeyMaterialError where it cannot be read."""
        path = self.directory / _KEY
        try:
            key = load_pem_private_key(path.read_bytes(), None)
        except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, Ed25519PrivateKey | MLDSA44PrivateKey):
            raise KeyMaterialError(
                "The witness's key cannot be read.",
                where=str(path),
                cure="Restore it from its copy; a new key is a new witness.",
            )
        return CosignatureSigner(self.name, key)

    def witness(self) -> Witness:
        """The witness itself."""
        return Witness([self.signer], self, lambda: int(self._clock.now().timestamp()))

    def trust(self, key: NoteVerifier) -> None:
        """Watch a log from now on. A further key of the same log is trusted beside the first."""
        with self.alone(key.name):
            known = self.keys(key.name)
            if str(key) in map(str, known):
                return
            text = "".join(f"{one}\n" for one in (*known, key))
            self._write(self._log(key.name) / "keys", text.encode(), key.name)

    def watched(self) -> list[Watched]:
        """Every log that is watched, by name."""
        found: list[Watched] = []
        for path in (self.directory / "logs").glob("*/keys"):
            keys = _read_keys(path)
            latest = self.latest(keys[0].name)
            tree = None if latest is None else Checkpoint.from_text(parse_note(latest).text)
            found.append(Watched(keys[0].name, keys, tree))
        return sorted(found, key=lambda one: one.origin)

    def forks(self) -> list[Path]:
        """Evidence that was left, by name."""
        return sorted((self.directory / "evidence").glob(f"*{SUFFIX}"))

    def latest_by_hash(self, origin_hash: str) -> bytes | None:
        """The last checkpoint that was cosigned of the log whose name hashes to this (64 hex)."""
        return self._checkpoint(self.directory / "logs" / origin_hash)

    # What ledger/witness.py asks of its records:

    def keys(self, origin: str) -> Sequence[NoteVerifier]:
        path = self._log(origin) / "keys"
        return _read_keys(path) if path.exists() else ()

    @contextmanager
    def alone(self, origin: str) -> Iterator[None]:
        folder = self._log(origin)
        make_folder(folder)
        with filelock.FileLock(folder / "lock"):
            yield

    def latest(self, origin: str) -> bytes | None:
        return self._checkpoint(self._log(origin))

    def keep(self, origin: str, note: bytes) -> None:
        self._write(self._log(origin) / "checkpoint", note, origin)

    def accuse(self, origin: str, fork: Fork) -> None:
        self.evidence(origin, "fork", fork.encode(), SUFFIX)

    def suspect(self, origin: str, note: bytes) -> None:
        kept = (self.directory / "evidence").glob(f"{_hash(origin)[:16]}-refused-*")
        if sum(1 for _ in kept) < _MOST_SUSPECTS:
            self.evidence(origin, "refused", note, ".checkpoint")

    def evidence(self, origin: str, kind: str, data: bytes, suffix: str) -> Path:
        """Keep evidence about a log under a name of its own; the same is kept once."""
        digest = sha256(data).hexdigest()[:16]
        path = self.directory / "evidence" / f"{_hash(origin)[:16]}-{kind}-{digest}{suffix}"
        if not path.exists():
            self._write(path, data, origin)
        return path

    def _log(self, origin: str) -> Path:
        return self.directory / "logs" / _hash(origin)

    def _checkpoint(self, folder: Path) -> bytes | None:
        if not (folder / "checkpoint").exists():
            return None
        return read_plain(folder, "checkpoint", 2 * MAX_BYTES)

    def _write(self, path: Path, data: bytes, origin: str) -> None:
        write_durably(path, data, scratch=self._log(origin) / ".partial")


def create_witness(
    directory: Path, name: str, *, post_quantum: bool = False, clock: Clock | None = None
) -> WitnessFolder:
    """Make a witness in a new or empty folder, with an Ed25519 or an ML-DSA-44 key.

    Raises UsageError if one stands there or the name is none that a key can have."""
    if (directory / _CONFIG).exists():
        raise UsageError(
            "A witness stands here already.",
            where=str(directory),
            cure="Name another folder, or use this one.",
        )
    key = MLDSA44PrivateKey.generate() if post_quantum else Ed25519PrivateKey.generate()
    try:
        verifier = CosignatureSigner(name, key).verifier
    except LedgerError as error:
        raise UsageError(error.what, where="--name", cure="Write it as witness.example.") from None
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for folder in ("logs", "evidence"):
            (directory / folder).mkdir(exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(directory / _KEY, flags, 0o600), "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        (directory / VKEY).write_text(f"{verifier}\n")
        config = json.dumps({"format": FORMAT, "name": name}, indent=2) + "\n"
        write_durably(directory / _CONFIG, config.encode(), scratch=directory / ".partial")
    except OSError as error:
        raise UsageError(
            f"The witness cannot be made here ({error.strerror}).",
            where=str(directory),
            cure="Name a new or empty folder on a disk that can be written to.",
        ) from None
    return open_witness(directory, clock)


def open_witness(directory: Path, clock: Clock | None = None) -> WitnessFolder:
    """Open a witness's folder. Raises UsageError where none stands."""
    try:
        stored = json.loads((directory / _CONFIG).read_text("utf-8"))
        if stored["format"] != FORMAT or not isinstance(stored["name"], str):
            raise ValueError
    except FileNotFoundError:
        raise UsageError(
            "There is no witness here.",
            where=str(directory),
            cure="Make one with `comity witness init DIR --name NAME`.",
        ) from None
    except (OSError, ValueError, KeyError, TypeError):
        raise UsageError(
            "The witness's configuration cannot be read.",
            where=str(directory / _CONFIG),
            cure="Restore it from its copy.",
        ) from None
    return WitnessFolder(directory, stored["name"], clock or SystemClock())


def origin_hash(origin: str) -> str:
    """SHA-256 of a log's name, 64 hex digits: how a witness's monitoring address names a log."""
    return _hash(origin)


def _hash(origin: str) -> str:
    return sha256(origin.encode()).hexdigest()


def _read_keys(path: Path) -> tuple[NoteVerifier, ...]:
    """The keys of a watched log. Raises LedgerError where the file holds something else."""
    try:
        keys = tuple(NoteVerifier.parse(line) for line in path.read_text("utf-8").splitlines())
        if not keys:
            raise ValueError
    except (LedgerError, ValueError, OSError):
        raise LedgerError(
            "The keys of a watched log cannot be read.",
            where=str(path),
            cure="Restore the witness's folder from its copy.",
        ) from None
    return keys
