"""The exchange's own keys, from a key provider.

`FileKeyProvider` is for development and small offices: files readable by their owner alone. A
production provider (PKCS#11) answers the same four questions without giving the root key away.
"""

from __future__ import annotations

import base64
import secrets
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from comity.core.errors import KeyMaterialError
from comity.ledger.files import write_durably


class KeyProvider(Protocol):
    """Where the exchange's keys come from. All are 32 bytes."""

    def kek(self) -> bytes:
        """Wraps the data keys."""

    def derived(self, purpose: str) -> bytes:
        """A key for one purpose (`pseudonyms`, `registry`), never the root itself."""

    def log_signer(self) -> Ed25519PrivateKey:
        """Signs checkpoints, and nothing else."""

    def package_signer(self) -> Ed25519PrivateKey:
        """Signs packages for the holder."""


class FileKeyProvider:
    """Keys as files in one folder, each 32 random bytes in base64, mode 0600."""

    _NAMES = ("root", "log-signer", "package-signer")

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create(self) -> None:
        """Make the keys that do not exist yet, each whole and durable before anything is sealed or
        signed with it."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in self._NAMES:
            path = self._folder / f"{name}.key"
            if not path.exists():
                key = base64.b64encode(secrets.token_bytes(32)) + b"\n"
                write_durably(path, key, scratch=self._folder / ".partial", mode=0o600)

    def kek(self) -> bytes:
        return self._hkdf("data-keys")

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

    def _read(self, name: str) -> bytes:
        path = self._folder / f"{name}.key"
        try:
            key = base64.b64decode(path.read_bytes(), validate=False)
        except (OSError, ValueError):
            key = b""
        if len(key) != 32:
            raise KeyMaterialError(
                "The exchange's key cannot be read.",
                where=str(path),
                cure="Restore it from the key escrow; without it sealed payloads stay closed.",
            )
        return key
