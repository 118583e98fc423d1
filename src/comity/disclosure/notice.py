"""A notice about an incident, signed by the holder and readable by one officer only.

Made as packages are: a JWS in a JWE, and beside it a signed cover without personal data. The kinds
of the signatures are others, so that a notice never passes for a package, nor a package for a
notice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from comity.core.canonical import Json, canonical, digest_bytes
from comity.core.encryption import decrypt, encrypt
from comity.core.errors import KeyMaterialError
from comity.disclosure.jws import signed, verified

FORMAT = "comity-notice-1"
MAX_BYTES = 1024 * 1024 * 1024
_COVER, _INSIDE = "comity-notice-cover+jws", "comity-notice+jws"


@dataclass(frozen=True)
class OpenedNotice:
    """A verified, decrypted notice: what stands on it, what is in it, and the file's digest."""

    cover: Mapping[str, Json]
    inside: Mapping[str, Json]
    digest: str


def make_notice(
    cover: Mapping[str, Json],
    inside: Mapping[str, Json],
    reader_key: Mapping[str, str],
    holder_key: Ed25519PrivateKey,
) -> bytes:
    """The file of a notice. `cover` needs `incident`, `notice` and `reader`, and has nothing about
    persons; `reader_key` is the P-256 JWK of whom it is for.

    Raises KeyMaterialError if that key is not one."""
    token = signed(canonical({**cover, **inside}), holder_key, _INSIDE)
    sealed = encrypt(token, reader_key, typ="comity-notice+jwe", cty="JWS")
    outer = signed(
        canonical({**cover, "sealed": digest_bytes(sealed.encode())}), holder_key, _COVER
    )
    return canonical({"format": FORMAT, "cover": outer, "notice": sealed}) + b"\n"


def read_cover(content: bytes, holder_key: Ed25519PublicKey) -> Mapping[str, Json]:
    """What stands on a notice, once the holder's signature and the digest over what is inside are
    verified. Raises KeyMaterialError."""
    document = _document(content)
    cover = verified(document["cover"], holder_key, _COVER, "notice")
    if cover.get("sealed") != digest_bytes(document["notice"].encode()):
        raise KeyMaterialError(
            "What is inside this notice is not what its cover was signed for.",
            cure="It was altered on the way; ask the holder for it again.",
        )
    return cover


def open_notice(
    content: bytes, key: EllipticCurvePrivateKey, holder_key: Ed25519PublicKey
) -> OpenedNotice:
    """Verify the cover, decrypt, and verify the signature inside. Raises KeyMaterialError."""
    cover = read_cover(content, holder_key)
    try:
        clear = decrypt(_document(content)["notice"], key)
    except KeyMaterialError:
        raise KeyMaterialError(
            "This key does not open the notice.",
            cure=f"It is for {cover.get('reader')}; use that officer's key.",
        ) from None
    inside = verified(clear.decode("ascii", "replace"), holder_key, _INSIDE, "notice")
    if any(inside.get(name) != value for name, value in cover.items() if name != "sealed"):
        raise KeyMaterialError("What is inside this notice belongs to another one.")
    return OpenedNotice(cover, inside, digest_bytes(content))


def _document(content: bytes) -> dict[str, str]:
    try:
        document = json.loads(content) if len(content) <= MAX_BYTES else None
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise ValueError
        return {name: str(document[name]) for name in ("cover", "notice")}
    except (ValueError, KeyError, RecursionError):
        raise KeyMaterialError(
            "This is not a notice of an incident.", cure=f"Expected a file of the format {FORMAT}."
        ) from None
