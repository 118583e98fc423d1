"""The holder's signature on what it sends: a compact JWS (RFC 7515, Ed25519 by RFC 8037 and
9864)."""

from __future__ import annotations

import json
from typing import cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from comity.core.canonical import Json
from comity.core.errors import KeyMaterialError
from comity.core.statement import key_id

_SIGNATURE = "Ed25519"


def signed(payload: bytes, key: Ed25519PrivateKey, kind: str) -> str:
    """The compact JWS of a payload; `kind` is its `typ`, so that one kind never passes for
    another."""
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    header = {"alg": _SIGNATURE, "kid": key_id(key.public_key()), "typ": kind}
    return jws.serialize_compact(header, payload, OKPKey.import_key(pem), [_SIGNATURE])


def verified(
    token: str, holder_key: Ed25519PublicKey, kind: str, what: str = "package"
) -> dict[str, Json]:
    """The JSON object that the holder signed as this kind. Raises KeyMaterialError."""
    try:
        found = jws.deserialize_compact(token, _verifying_key(holder_key), [_SIGNATURE])
        if found.protected.get("typ") != kind:
            raise ValueError
        said = json.loads(found.payload)
        if not isinstance(said, dict):
            raise TypeError
    except (JoseError, ValueError, TypeError, RecursionError):
        raise KeyMaterialError(
            f"The holder's signature on this {what} does not verify.",
            cure=f"Check the holder's public key; if it is right, the {what} was altered.",
        ) from None
    return cast("dict[str, Json]", said)


def _verifying_key(key: Ed25519PublicKey) -> OKPKey:
    return OKPKey.import_key(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
