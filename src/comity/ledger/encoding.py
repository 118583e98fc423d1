"""Base64 in its one canonical form, so that no bit of a note or proof can be turned unseen."""

from __future__ import annotations

import base64


def encode_base64(value: bytes) -> str:
    """Standard base64 (RFC 4648, 4) with padding."""
    return base64.b64encode(value).decode()


def decode_base64(text: str) -> bytes:
    """The bytes of a text that `encode_base64` could have written. Raises ValueError for any other
    text."""
    value = base64.b64decode(text, validate=True)
    if encode_base64(value) != text:
        raise ValueError("not canonical base64")
    return value
