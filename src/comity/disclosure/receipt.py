"""A receipt: the recipient says, signed, that this very package arrived."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from comity.core.canonical import Json
from comity.core.clock import stamp
from comity.core.statement import Statement, sign

KIND = "package-receipt"


def sign_receipt(
    manifest: Mapping[str, Json], digest: str, officer: str, key: Ed25519PrivateKey, at: datetime
) -> Statement:
    """The signed receipt for the package of this manifest; `digest` is over the file received."""
    return sign(
        KIND,
        {
            "package": str(manifest["package"]),
            "digest": digest,
            "answers": manifest["answers"],
            "officer": officer,
            "at": stamp(at),
        },
        key,
    )
