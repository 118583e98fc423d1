"""Encrypting to one officer: JWE (RFC 7516), ECDH-ES on P-256 with A256GCM (RFC 7518)."""

from __future__ import annotations

from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from comity.core.errors import KeyMaterialError

_AGREEMENT = "ECDH-ES"
_CONTENT = "A256GCM"


def encrypt(clear: bytes | str, to: Mapping[str, str], *, typ: str, cty: str) -> str:
    """The compact JWE that only the holder of this P-256 JWK opens.

    Raises KeyMaterialError if it is no such key."""
    header = {"alg": _AGREEMENT, "enc": _CONTENT, "typ": typ, "cty": cty}
    try:
        return jwe.encrypt_compact(header, clear, _public(to), [_AGREEMENT, _CONTENT])
    except (JoseError, ValueError, TypeError, KeyError):
        raise KeyMaterialError("This is not a P-256 public key as a JWK.") from None


def decrypt(token: str, key: EllipticCurvePrivateKey) -> bytes:
    """What was encrypted. Raises KeyMaterialError if this key does not open it."""
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        clear = jwe.decrypt_compact(token, ECKey.import_key(pem), [_AGREEMENT, _CONTENT]).plaintext
    except (JoseError, ValueError, TypeError):
        clear = None
    if clear is None:
        raise KeyMaterialError("This key does not open it.")
    return clear


def _public(jwk: Mapping[str, str]) -> ECKey:
    public: dict[str, str | list[str]] = {name: jwk[name] for name in ("kty", "crv", "x", "y")}
    if public["kty"] != "EC" or public["crv"] != "P-256":
        raise ValueError("not a P-256 key")
    return ECKey.import_key(public)
