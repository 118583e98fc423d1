"""The exchange's own keys, from a key provider.

`FileKeyProvider` is for development and small offices: files readable by their owner alone. A
production provider (PKCS#11) answers the same questions without giving the root key away, and
destroys an object of its token where this one destroys a file.
"""

from __future__ import annotations

import base64
import os
import re
import secrets
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from comity.core.errors import KeyMaterialError
from comity.ledger.files import sync_folder, write_durably
from comity.store.sealing import OWN

_NAME = re.compile(r"[a-z0-9]+\.[0-9]+")


def kek_name(batch: str, generation: int = 1) -> str:
    """The name of a batch's key-encryption key; another generation where some of its requests were
    disposed of before others."""
    return f"{batch}.{generation}"


class KeyProvider(Protocol):
    """Where the exchange's keys come from. All are 32 bytes."""

    def kek(self, name: str = OWN) -> bytes:
        """Wraps data keys: the exchange's own, or one that `make_kek` made, which wraps those of
        one batch. Raises KeyMaterialError where there is none of this name, or none any more."""

    def make_kek(self, name: str) -> None:
        """Make a key-encryption key, of which no copy stands beside the database or in its backups.
        When this returns it is durable; one of this name that is there already stays."""

    def destroy_kek(self, name: str) -> bool:
        """Destroy a key that `make_kek` made, so that nothing can bring it back; says whether it
        was there. When this returns, that is durable."""

    def derived(self, purpose: str) -> bytes:
        """A key for one purpose (`pseudonyms`, `registry`), never the root itself."""

    def log_signer(self) -> Ed25519PrivateKey:
        """Signs checkpoints, and nothing else."""

    def package_signer(self) -> Ed25519PrivateKey:
        """Signs packages for the holder."""


class FileKeyProvider:
    """Keys as files in one folder, each 32 random bytes in base64, mode 0600; those of batches in
    the folder `batches` below it.

    A file is overwritten before it is removed. What a disk or file system keeps of it nevertheless
    (journals, snapshots, worn cells of a flash memory) is beyond a file: see the threat model."""

    _NAMES = ("root", "log-signer", "package-signer")

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._batches = folder / "batches"
        self._known: dict[str, bytes] = {}

    def create(self) -> None:
        """Make the keys that do not exist yet, each whole and durable before anything is sealed or
        signed with it."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in self._NAMES:
            path = self._folder / f"{name}.key"
            if not path.exists():
                self._write_new(path)

    def kek(self, name: str = OWN) -> bytes:
        if name not in self._known:
            own = name == OWN
            self._known[name] = self._hkdf("data-keys") if own else self._read_batch_key(name)
        return self._known[name]

    def make_kek(self, name: str) -> None:
        path = self._batch_path(name)
        if path.exists():
            return
        if not self._batches.exists():
            self._batches.mkdir(mode=0o700)
            sync_folder(self._folder)
        self._write_new(path)

    def destroy_kek(self, name: str) -> bool:
        self._known.pop(name, None)
        path = self._batch_path(name)
        try:
            with path.open("r+b", buffering=0) as file:
                file.write(secrets.token_bytes(path.stat().st_size))
                os.fsync(file.fileno())
            path.unlink()
        except FileNotFoundError:
            return False
        sync_folder(self._batches)
        return True

    def derived(self, purpose: str) -> bytes:
        return self._hkdf(f"purpose:{purpose}")

    def log_signer(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self._read("log-signer"))

    def package_signer(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self._read("package-signer"))

    def _hkdf(self, info: str) -> bytes:
        return HKDF(SHA256(), 32, salt=None, info=f"comity/1/{info}".encode()).derive(
            self._read("root")
        )

    def _write_new(self, path: Path) -> None:
        key = base64.b64encode(secrets.token_bytes(32)) + b"\n"
        write_durably(path, key, scratch=self._folder / ".partial", mode=0o600)

    def _batch_path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError(f"no key of this name: {name!r}")
        return self._batches / f"{name}.key"

    def _read_batch_key(self, name: str) -> bytes:
        path = self._batch_path(name)
        key = _decoded(path)
        if key is None:
            raise KeyMaterialError(
                "The key of a batch is not there, so that what was sealed about it stays closed.",
                where=str(path),
                cure="If the batch was disposed of, it is gone for good; else restore the file "
                "from the key escrow.",
            )
        return key

    def _read(self, name: str) -> bytes:
        path = self._folder / f"{name}.key"
        key = _decoded(path)
        if key is None:
            raise KeyMaterialError(
                "The exchange's key cannot be read.",
                where=str(path),
                cure="Restore it from the key escrow; without it sealed payloads stay closed.",
            )
        return key


def _decoded(path: Path) -> bytes | None:
    """The key in a file, or None where there is no file or no key in it."""
    try:
        key = base64.b64decode(path.read_bytes(), validate=False)
    except (OSError, ValueError):
        return None
    return key if len(key) == 32 else None
