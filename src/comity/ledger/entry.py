"""An entry of the log: canonical JSON without personal data, and commitments to what is sealed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import cast

from comity.core.canonical import Json, canonical
from comity.core.clock import parse_moment
from comity.core.errors import LedgerError

VERSION = 1
SALT_BYTES = 32
_FIELDS = frozenset({"v", "type", "at", "agreement", "request", "commitment", "body"})
_TYPE = re.compile(r"[a-z]+\.[a-z_]+")
_COMMITMENT = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True)
class Entry:
    """One act. `type` is `noun.verb`; `agreement` and `request` are readable ids or None;
    `commitment` stands for the sealed payload, if there is one; `body` is public."""

    type: str
    at: str
    agreement: str | None
    request: str | None
    commitment: str | None
    body: Mapping[str, Json]

    def encode(self) -> bytes:
        """The canonical bytes (RFC 8785). Raises LedgerError for what an entry cannot hold."""
        return _canonical(
            {
                "v": VERSION,
                "type": self.type,
                "at": self.at,
                "agreement": self.agreement,
                "request": self.request,
                "commitment": self.commitment,
                "body": dict(self.body),
            }
        )

    @classmethod
    def parse(cls, data: bytes) -> Entry:
        """Read an entry. Raises LedgerError unless it is one, in its one canonical form."""
        try:
            value = json.loads(data)
        except (ValueError, RecursionError):
            raise _malformed("it is not JSON") from None
        if not isinstance(value, dict) or value.keys() != _FIELDS or value["v"] != VERSION:
            raise _malformed("it has not exactly the fields of version 1")
        if _canonical(value) != data:
            raise _malformed("it is not in canonical form")
        kind, at, body = value["type"], value["at"], value["body"]
        names = (value["agreement"], value["request"])
        if not isinstance(kind, str) or not _TYPE.fullmatch(kind):
            raise _malformed("its type is not one")
        if not isinstance(body, dict) or any(n is not None and type(n) is not str for n in names):
            raise _malformed("a field has the wrong type")
        committed = value["commitment"]
        if committed is not None and (
            not isinstance(committed, str) or not _COMMITMENT.fullmatch(committed)
        ):
            raise _malformed("its commitment is not one")
        if not isinstance(at, str) or len(at) != 27 or not _is_moment(at):
            raise _malformed("its time is not one")
        return cls(kind, at, *names, committed, cast("dict[str, Json]", body))

    def to_json(self) -> dict[str, Json]:
        """The entry as parsed JSON."""
        return cast("dict[str, Json]", json.loads(self.encode()))


def commitment(salt: bytes, payload: Json) -> str:
    """`sha256:` and SHA-256 over the 32-byte salt and the canonical payload.

    The salt makes a guess at the payload uncheckable for whoever does not hold it."""
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes")
    return "sha256:" + sha256(salt + canonical(payload)).hexdigest()


def _canonical(value: Mapping[str, Json]) -> bytes:
    """RFC 8785, by the standard library's C encoder: the same bytes for what entries may hold
    (ASCII keys, no fractions), and some twenty times as fast (tests/ledger compare the two)."""
    if not _plain(value):
        raise _malformed("it holds a fraction, a huge number or a key that is not ASCII")
    try:
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return text.encode("utf-8")
    except (UnicodeEncodeError, TypeError, RecursionError):
        raise _malformed("it cannot be written as JSON") from None


def _plain(value: object) -> bool:
    if isinstance(value, dict):
        return all(type(k) is str and k.isascii() and _plain(v) for k, v in value.items())
    if isinstance(value, list | tuple):
        return all(map(_plain, value))
    if type(value) is int:
        return -(2**53) < value < 2**53
    return value is None or type(value) in (str, bool)


def _is_moment(text: str) -> bool:
    try:
        parse_moment(text)
    except ValueError:
        return False
    return text.endswith("Z")


def _malformed(why: str) -> LedgerError:
    return LedgerError(
        f"This is not an entry of the log: {why}.", cure="Keep the file as evidence."
    )
