"""Canonical JSON (RFC 8785) and digests over it: one value, one sequence of bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import rfc8785

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"


def canonical(value: Json) -> bytes:
    """The RFC 8785 bytes of a JSON value. Raises ValueError for what JSON cannot say exactly
    (NaN, an integer past 2**53, a lone surrogate)."""
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise ValueError(f"not expressible as canonical JSON: {type(error).__name__}") from error


def digest(value: Json) -> str:
    """`sha256:` and 64 hex digits over the canonical bytes of a JSON value."""
    return digest_bytes(canonical(value))


def digest_bytes(data: bytes) -> str:
    """`sha256:` and 64 hex digits over the bytes as they are."""
    return "sha256:" + hashlib.sha256(data).hexdigest()
