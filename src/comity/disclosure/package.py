"""A package: the answers for one recipient, signed by the holder and readable by that officer only.

The answers are a JWS (RFC 7515, Ed25519 by RFC 8037 and 9864) inside a JWE (RFC 7516, ECDH-ES on
P-256 with A256GCM by RFC 7518), so that any JOSE library opens them. The manifest beside them is a
JWS without personal data: it says what was sent to whom under which agreement, and the digest of
the encrypted part.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from comity.core.canonical import Json, canonical, digest_bytes
from comity.core.encryption import decrypt, encrypt
from comity.core.errors import KeyMaterialError
from comity.disclosure.jws import signed, verified

FORMAT = "comity-package-1"
MAX_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True)
class Package:
    """The file's content, and what the log and the database keep of it."""

    id: str
    recipient: str
    content: bytes

    @property
    def digest(self) -> str:
        """Digest of the whole file."""
        return digest_bytes(self.content)


@dataclass(frozen=True)
class Opened:
    """A verified, decrypted package."""

    manifest: Mapping[str, Json]
    answers: tuple[Mapping[str, Json], ...]


def make_package(
    *,
    manifest: Mapping[str, Json],
    answers: list[Mapping[str, Json]],
    recipient_key: Mapping[str, str],
    holder_key: Ed25519PrivateKey,
) -> Package:
    """Sign and encrypt. `manifest` needs `package`, `recipient` and whatever else the parties
    agreed, but nothing about persons; `recipient_key` is the officer's P-256 JWK.

    Raises KeyMaterialError if that key is not one."""
    inner = canonical({**manifest, "answers": answers})
    inside = signed(inner, holder_key, "comity-answers+jws")
    try:
        sealed = encrypt(inside, recipient_key, typ="comity-answers+jwe", cty="JWS")
    except KeyMaterialError:
        raise KeyMaterialError(
            f"The encryption key of officer {manifest['recipient']} is not a P-256 public key.",
            cure="Put the JWK that `comity key new` printed on the roster.",
        ) from None
    outer = {**manifest, "answers": len(answers), "sealed": digest_bytes(sealed.encode())}
    cover = signed(canonical(outer), holder_key, "comity-manifest+jws")
    content = canonical({"format": FORMAT, "manifest": cover, "answers": sealed}) + b"\n"
    return Package(str(manifest["package"]), str(manifest["recipient"]), content)


def read_manifest(content: bytes, holder_key: Ed25519PublicKey) -> Mapping[str, Json]:
    """The manifest of a package, once its signature by the holder and its digest over the
    encrypted part are verified. Raises KeyMaterialError."""
    document = _document(content)
    manifest = verified(document["manifest"], holder_key, "comity-manifest+jws")
    if manifest.get("sealed") != digest_bytes(document["answers"].encode()):
        raise KeyMaterialError(
            "The encrypted part of this package is not the one its manifest was signed for.",
            cure="It was altered on the way; report an incident and ask for it again.",
        )
    return manifest


def open_package(
    content: bytes, recipient_key: EllipticCurvePrivateKey, holder_key: Ed25519PublicKey
) -> Opened:
    """Verify the manifest, decrypt the answers and verify the holder's signature on them.

    Raises KeyMaterialError for a wrong key, an alteration, or answers that belong to another
    manifest."""
    manifest = read_manifest(content, holder_key)
    try:
        clear = decrypt(_document(content)["answers"], recipient_key)
    except KeyMaterialError:
        raise KeyMaterialError(
            "This key does not open the package.",
            cure=f"It is encrypted to officer {manifest.get('recipient')}; use that officer's key.",
        ) from None
    inner = verified(clear.decode(), holder_key, "comity-answers+jws")
    answers = inner.get("answers")
    if inner.get("package") != manifest.get("package") or not isinstance(answers, list):
        raise KeyMaterialError("The answers in this package belong to another one.")
    return Opened(manifest, tuple(cast("list[Mapping[str, Json]]", answers)))


def _document(content: bytes) -> dict[str, str]:
    try:
        document = json.loads(content) if len(content) <= MAX_BYTES else None
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise ValueError
        return {name: str(document[name]) for name in ("manifest", "answers")}
    except (ValueError, KeyError, RecursionError):
        raise KeyMaterialError(
            "This is not a Comity package.", cure=f"Expected a file of the format {FORMAT}."
        ) from None
