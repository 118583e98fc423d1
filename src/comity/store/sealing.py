"""Sealed payloads: what stands behind a commitment, under a key that can be destroyed.

Every request has a data key of its own (AES-256-GCM, NIST SP 800-38D); data keys stand in the
database only wrapped (AES Key Wrap, RFC 3394) under a key-encryption key from the key provider:
those of a batch's requests under one of the batch's own, all others under the exchange's. Backups
of the database have the wrapped keys too; destroying the batch's key-encryption key, which stands
in none, destroys what is sealed wherever copies of it lie.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Protocol, TypeVar, cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from comity.core.canonical import Json
from comity.core.errors import KeyMaterialError
from comity.ledger.entry import SALT_BYTES, commitment

_T = TypeVar("_T")
_KEY_BYTES = 32
_NONCE_BYTES = 12
OWN = ""
"""The name of the exchange's own key-encryption key."""


class KeyEncryptionKeys(Protocol):
    """Where key-encryption keys come from."""

    def kek(self, name: str = OWN) -> bytes:
        """The key of this name, 32 bytes. Raises KeyMaterialError where there is none, or none any
        more."""


@dataclass(frozen=True)
class DataKey:
    """A data key in the clear (in memory only) and as it is stored."""

    key: bytes
    wrapped: bytes


def new_data_key(kek: bytes) -> DataKey:
    """A fresh random data key, wrapped under the key-encryption key (32 bytes each)."""
    key = secrets.token_bytes(_KEY_BYTES)
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


def context_of(name: str, number: int) -> str:
    """What a payload is bound to: the name of its key and the number of its entry."""
    return f"{name}#{number}"


def seal(data_key: bytes, salt: bytes, payload: bytes, *, context: str) -> bytes:
    """Encrypt salt and payload (canonical JSON), bound to `context` (see `context_of`)."""
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


def open_sealed(
    kek: bytes, wrapped: bytes, sealed: bytes, name: str, number: int
) -> tuple[bytes, dict[str, Json]]:
    """Salt and payload of entry `number` under the data key `name`, as both are stored. Raises
    KeyMaterialError if they are not what was sealed, or not under this key-encryption key."""
    key = unwrap_data_key(kek, wrapped)
    return unseal(key.key, sealed, context=context_of(name, number))


@dataclass(frozen=True)
class SealedPayloads:
    """Sealed payloads, each under a data key of its own, as columns of one length.

    Columns, because they go from one process to another and into the database by the ten thousand:
    as objects, a payload at a time, packing and unpacking costs as much as sealing."""

    numbers: Sequence[int]
    """The entries of the log that they belong to."""
    names: Sequence[str]
    """The names of their data keys: the handles of the requests that they are about."""
    wrapped: Sequence[bytes]
    """The wrapped data keys."""
    sealed: Sequence[bytes]
    """What `seal` made of salt and payload."""
    commitments: Sequence[str]
    """What the entries bear for them."""

    def __len__(self) -> int:
        return len(self.numbers)


def seal_many(
    kek: bytes, numbers: Sequence[int], names: Sequence[str], payloads: Sequence[bytes]
) -> SealedPayloads:
    """Seal payloads (canonical JSON) of the entries of these numbers, each under a fresh data key.

    Nothing is read or written, so that it can be done in another process. Each opens with
    `unwrap_data_key` and `unseal`. Raises ValueError where the columns differ in length."""
    count = len(payloads)
    random = secrets.token_bytes(count * (_KEY_BYTES + SALT_BYTES + _NONCE_BYTES))
    keys = _cut(random, 0, count, _KEY_BYTES)
    salts = _cut(random, count * _KEY_BYTES, count, SALT_BYTES)
    nonces = _cut(random, count * (_KEY_BYTES + SALT_BYTES), count, _NONCE_BYTES)
    return SealedPayloads(
        list(numbers),
        list(names),
        [aes_key_wrap(kek, key) for key in keys],
        [
            nonce + AESGCM(key).encrypt(nonce, salt + payload, context_of(name, number).encode())
            for key, salt, nonce, payload, name, number in zip(
                keys, salts, nonces, payloads, names, numbers, strict=True
            )
        ],
        [commitment(salt, payload) for salt, payload in zip(salts, payloads, strict=True)],
    )


def in_order(parts: Iterable[SealedPayloads]) -> SealedPayloads:
    """What was sealed in several parts as one, in the order of the entries."""
    held = list(parts)
    numbers = list(chain.from_iterable(part.numbers for part in held))
    order = sorted(range(len(numbers)), key=numbers.__getitem__)

    def ordered(columns: Iterable[Sequence[_T]]) -> list[_T]:
        column = list(chain.from_iterable(columns))
        return [column[place] for place in order]

    return SealedPayloads(
        [numbers[place] for place in order],
        ordered(part.names for part in held),
        ordered(part.wrapped for part in held),
        ordered(part.sealed for part in held),
        ordered(part.commitments for part in held),
    )


def _cut(data: bytes, start: int, count: int, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(start, start + count * size, size)]
