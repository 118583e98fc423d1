"""The key of a stand-alone index, which no option may carry: others would see it."""

from __future__ import annotations

import os

from comity.core.errors import UsageError

KEY_VARIABLE = "COMITY_REGISTRY_KEY"


def index_key() -> bytes | None:
    """The key of a stand-alone index, from the environment. Raises UsageError for no such key."""
    text = os.environ.get(KEY_VARIABLE, "")
    if not text:
        return None
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise UsageError(
            "This is not a key of 32 bytes in hexadecimal.",
            where=KEY_VARIABLE,
            cure="Make one with: openssl rand -hex 32",
        )
    return key
