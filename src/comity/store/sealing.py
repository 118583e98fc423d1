"""Sealed payloads: what stands behind a commitment, under a key that can be destroyed.

Every request has a data key of its own (AES-256-GCM, NIST SP 800-38D); data keys stand in the
database only wrapped (AES Key Wrap, RFC 3394) under a key-encryption key from the key provider.
Destroying the wrapped key destroys the payload, wherever copies of the ciphertext lie.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from comity.core.canonical import Json
from comity.core.errors import KeyMaterialError

SALT_BYTES = 32
_NONCE_BYTES = 12


@dataclass(frozen=True)
class DataKey:
    """A data key in the clear (in memory only) and as it is stored."""

    key: bytes
    wrapped: bytes


def new_data_key(kek: bytes) -> DataKey:
    """A fresh random data key, wrapped under the key-encryption key (32 bytes each)."""
    key = secrets.token_bytes(32)
    return DataKey(key, aes_key_wrap(kek, key))


def unwrap_data_key(kek: bytes, wrapped: bytes) -> DataKey:
    """Open a stored data key. Raises KeyMaterialError if this is not the key that wrapped it."""
    try:
        return DataKey(aes_key_unwrap(kek, wrapped), wrapped)
    except InvalidUnwrap:
        raise KeyMaterialError(
            "A stored data key does not open with this exchange's key.",
            cure="Check that the exchange's key file is the one it was made with.",
        ) from None


def new_salt() -> bytes:
    """32 random bytes, for one commitment."""
    return secrets.token_bytes(SALT_BYTES)


def seal(data_key: bytes, salt: bytes, payload: bytes, *, context: str) -> bytes:
    """Encrypt salt and payload (canonical JSON), bound to `context`: the key's and entry's name."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(data_key).encrypt(nonce, salt + payload, context.encode())


def unseal(data_key: bytes, sealed: bytes, *, context: str) -> tuple[bytes, dict[str, Json]]:
    """Salt and payload of what `seal` made. Raises KeyMaterialError if key, context or bytes are
    not the ones it was sealed with."""
    try:
        clear = AESGCM(data_key).decrypt(
            sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context.encode()
        )
    except (InvalidTag, ValueError):
        raise KeyMaterialError(
            "A sealed payload does not open.",
            cure="It was altered, or it belongs to another entry; verify the log and the backup.",
        ) from None
    return clear[:SALT_BYTES], cast("dict[str, Json]", json.loads(clear[SALT_BYTES:]))
