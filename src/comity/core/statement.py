"""Signed statements: who says what, in a form that a third person verifies without our database.

The envelope is DSSE (Dead Simple Signing Envelope, v1.0.2, github.com/secure-systems-lab/dsse):
the signature covers the pre-authentication encoding of the payload and its type, so that a
statement of one kind can never pass for one of another. Payloads are canonical JSON; signatures
are Ed25519 (RFC 8032).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from comity.core.canonical import Json, canonical, digest_bytes
from comity.core.errors import KeyMaterialError

_TYPE = "application/vnd.comity.{kind}+json"


@dataclass(frozen=True)
class Statement:
    """A payload of some `kind` (`approval`, `stay`, `agreement-signature`, …) with one signature.

    `payload` holds the canonical JSON bytes exactly as signed; `keyid` names the key (see
    `key_id`) and helps to find it, but proves nothing."""

    kind: str
    payload: bytes
    keyid: str
    signature: bytes

    @property
    def body(self) -> dict[str, Json]:
        """The payload as a JSON object."""
        return cast("dict[str, Json]", json.loads(self.payload))

    def to_json(self) -> dict[str, Json]:
        """The DSSE envelope."""
        return {
            "payload": base64.b64encode(self.payload).decode(),
            "payloadType": _TYPE.format(kind=self.kind),
            "signatures": [{"keyid": self.keyid, "sig": base64.b64encode(self.signature).decode()}],
        }

    @classmethod
    def from_json(cls, envelope: object, *, kind: str) -> Statement:
        """Read an envelope of the expected kind. Raises KeyMaterialError if it is not one."""
        try:
            if not isinstance(envelope, Mapping):
                raise TypeError
            (one,) = envelope["signatures"]
            payload = base64.b64decode(envelope["payload"], validate=True)
            signature = base64.b64decode(one["sig"], validate=True)
            keyid, payload_type = str(one["keyid"]), envelope["payloadType"]
            body = json.loads(payload)
            sound = isinstance(body, dict) and canonical(body) == payload
        except (KeyError, TypeError, ValueError, binascii.Error, RecursionError):
            raise KeyMaterialError(
                f"This is not a signed {kind} statement.",
                cure="Expected a DSSE envelope with one signature over canonical JSON.",
            ) from None
        if payload_type != _TYPE.format(kind=kind) or not sound:
            raise KeyMaterialError(
                f"This is not a signed {kind} statement.",
                cure="Its type is another, or its payload is not canonical JSON.",
            )
        return cls(kind, payload, keyid, signature)

    def verify(self, public_key: Ed25519PublicKey) -> None:
        """Raise KeyMaterialError unless this key signed exactly this payload and kind."""
        try:
            public_key.verify(self.signature, _preauth(self.kind, self.payload))
        except InvalidSignature:
            raise KeyMaterialError(
                f"The signature on this {self.kind} statement does not verify.",
                cure="It was altered after signing, or another key signed it.",
            ) from None


def sign(kind: str, body: Mapping[str, Json], key: Ed25519PrivateKey) -> Statement:
    """Sign a body as a statement of this kind."""
    payload = canonical(body)
    return Statement(kind, payload, key_id(key.public_key()), key.sign(_preauth(kind, payload)))


def key_id(public_key: Ed25519PublicKey) -> str:
    """A short name for a key: the first 16 hex digits of SHA-256 over its 32 raw bytes."""
    return digest_bytes(public_key.public_bytes_raw()).removeprefix("sha256:")[:16]


def encode_public_key(public_key: Ed25519PublicKey) -> str:
    """`ed25519:` and the base64 of the 32 raw bytes, as rosters write it."""
    return "ed25519:" + base64.b64encode(public_key.public_bytes_raw()).decode()


def decode_public_key(text: str) -> Ed25519PublicKey:
    """The inverse of `encode_public_key`. Raises KeyMaterialError."""
    try:
        algorithm, _, encoded = text.partition(":")
        if algorithm != "ed25519":
            raise ValueError
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(encoded, validate=True))
    except ValueError:
        raise KeyMaterialError(
            "This is not a public signing key.",
            cure="Expected `ed25519:` and the base64 of 32 bytes, as `comity key public` prints.",
        ) from None


def _preauth(kind: str, payload: bytes) -> bytes:
    payload_type = _TYPE.format(kind=kind).encode()
    return b"DSSEv1 %d %b %d %b" % (len(payload_type), payload_type, len(payload), payload)
