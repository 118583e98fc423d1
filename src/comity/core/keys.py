"""Officers' private keys: PKCS#8 PEM under a passphrase (RFC 5958), public halves for rosters.

An officer has two: Ed25519 to sign with, and P-256 to be written to. They are two files because
they have two fates: a signing key is destroyed with the appointment, an encryption key is kept as
long as packages must be opened.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from joserfc.jwk import ECKey

from comity.core.errors import KeyMaterialError

MAX_BYTES = 64 * 1024
PassphraseSource = Callable[[], str]


def load_signing_key(path: Path, passphrase: PassphraseSource) -> Ed25519PrivateKey:
    """The Ed25519 key in this file. `passphrase` is asked only if the file needs one.

    Raises KeyMaterialError, which never says anything of the key or the passphrase."""
    key = _load(path, passphrase)
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyMaterialError(
            "This is not a signing key (Ed25519).",
            where=str(path),
            cure="Officers sign with the file that `comity key new` named *.sign.pem.",
        )
    return key


def load_encryption_key(path: Path, passphrase: PassphraseSource) -> ec.EllipticCurvePrivateKey:
    """The P-256 key in this file. Raises KeyMaterialError."""
    key = _load(path, passphrase)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
        raise KeyMaterialError(
            "This is not an encryption key (P-256).",
            where=str(path),
            cure="Packages are opened with the file that `comity key new` named *.enc.pem.",
        )
    return key


def save_signing_key(path: Path, key: Ed25519PrivateKey, passphrase: str) -> None:
    """Write a new key file, readable by its owner alone. Raises KeyMaterialError if one exists."""
    _save(path, key, passphrase)


def save_encryption_key(path: Path, key: ec.EllipticCurvePrivateKey, passphrase: str) -> None:
    """Write a new key file, readable by its owner alone. Raises KeyMaterialError if one exists."""
    _save(path, key, passphrase)


def new_encryption_key() -> ec.EllipticCurvePrivateKey:
    """A fresh P-256 key."""
    return ec.generate_private_key(ec.SECP256R1())


def public_jwk(key: ec.EllipticCurvePublicKey) -> dict[str, str]:
    """The public JWK (RFC 7517: kty, crv, x, y) of an encryption key, as rosters write it."""
    jwk = ECKey.import_key(key).as_dict(private=False)
    return {name: str(jwk[name]) for name in ("kty", "crv", "x", "y")}


def _load(path: Path, passphrase: PassphraseSource) -> object:
    try:
        with path.open("rb") as file:
            pem = file.read(MAX_BYTES)
    except OSError as error:
        raise KeyMaterialError(
            f"The key file cannot be read ({error.strerror}).",
            where=str(path),
            cure="Check the path and that you may read it.",
        ) from None
    secret = passphrase().encode() if b"ENCRYPTED" in pem else None
    try:
        return load_pem_private_key(pem, secret)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyMaterialError(
            "The key file does not open.",
            where=str(path),
            cure="The passphrase is wrong, or this is not a PKCS#8 PEM private key.",
        ) from None


def _save(path: Path, key: Ed25519PrivateKey | ec.EllipticCurvePrivateKey, passphrase: str) -> None:
    if not passphrase:
        raise KeyMaterialError("A key file needs a passphrase.", cure="Set COMITY_PASSPHRASE.")
    pem = key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase.encode())
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)
    except FileExistsError:
        raise KeyMaterialError(
            "A key file of this name exists already.",
            where=str(path),
            cure="Nothing is ever written over a key; name another file.",
        ) from None
    except OSError as error:
        raise KeyMaterialError(
            f"The key file cannot be written ({error.strerror}).", where=str(path)
        ) from None
