"""An opening: what is sealed behind one entry of the log, shown to one auditor.

The log has a commitment for it, SHA-256 over a salt and the payload. An opening holds both, so that
whoever has the entry (see ledger.proof_file) can check that nothing was changed. Where one act has
a part for each of several requests, the entry commits to the list of their commitments: those that
are not opened stay mere digests. It is encrypted to the auditor's key and to no other.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from comity.core.canonical import Json, canonical, digest
from comity.core.encryption import decrypt, encrypt
from comity.core.errors import KeyMaterialError, LedgerError
from comity.ledger.entry import SALT_BYTES, Entry, commitment

FORMAT = "comity-opening-1"
MAX_BYTES = 64 * 1024 * 1024
_TYPE = "comity-opening+jwe"


@dataclass(frozen=True)
class Part:
    """One payload: its commitment, and salt and payload where it is opened."""

    commitment: str | None
    salt: bytes | None = None
    payload: Mapping[str, Json] | None = None

    def to_json(self) -> dict[str, Json]:
        """The part as JSON; the salt in base64."""
        salt = None if self.salt is None else base64.b64encode(self.salt).decode()
        return {"commitment": self.commitment, "salt": salt, "payload": self.payload}


@dataclass(frozen=True)
class Opening:
    """Of entry `number` of the log `origin`: its one payload, or with `several` the list of parts
    that it commits to, of which the first is the act's own and may be none."""

    origin: str
    number: int
    parts: tuple[Part, ...]
    several: bool

    def committed(self) -> str | None:
        """The commitment that the entry must bear."""
        if not self.several:
            return self.parts[0].commitment
        return digest({"parts": [part.commitment for part in self.parts]})

    def payloads(self) -> list[Mapping[str, Json]]:
        """What is opened."""
        return [part.payload for part in self.parts if part.payload is not None]

    def encode(self, auditor: Mapping[str, str]) -> bytes:
        """The file, readable by the auditor with this P-256 JWK alone. Raises KeyMaterialError if
        that is not one."""
        clear = canonical(
            {
                "format": FORMAT,
                "origin": self.origin,
                "number": self.number,
                "several": self.several,
                "parts": [part.to_json() for part in self.parts],
            }
        )
        return encrypt(clear, auditor, typ=_TYPE, cty="json").encode() + b"\n"

    @classmethod
    def decode(cls, data: bytes, key: EllipticCurvePrivateKey) -> Opening:
        """Read a file. Raises KeyMaterialError where the key does not open it or it is none."""
        clear = decrypt(data.decode("ascii", "replace").strip(), key)
        try:
            found = json.loads(clear)
            if found["format"] != FORMAT:
                raise ValueError
            return cls(
                str(found["origin"]),
                int(found["number"]),
                tuple(_part(part) for part in found["parts"]),
                bool(found["several"]),
            )
        except (ValueError, KeyError, TypeError, RecursionError):
            raise KeyMaterialError(
                "This is not an opening.", cure=f"Expected a file of the format {FORMAT}."
            ) from None

    def check(self, number: int, entry: Entry, origin: str) -> None:
        """Raise LedgerError unless this is what that entry of that log commits to."""
        if (self.number, self.origin) != (number, origin):
            raise LedgerError(
                f"This opens entry {self.number} of the log {self.origin}, not entry {number} of "
                f"{origin}.",
                cure="Give the proof of that entry.",
            )
        if not self.parts or (len(self.parts) != 1 and not self.several) or not self.payloads():
            raise LedgerError("The opening opens nothing.", cure=_EVIDENCE)
        for part in self.parts:
            if part.payload is not None and part.commitment != _commitment(part):
                raise LedgerError("A payload is not the one that was committed to.", cure=_EVIDENCE)
        if entry.commitment is None or self.committed() != entry.commitment:
            raise LedgerError(
                "The entry commits to something else than this opening.", cure=_EVIDENCE
            )


_EVIDENCE = "It was altered, or the store was; keep it as evidence."


def _commitment(part: Part) -> str | None:
    if part.salt is None or part.payload is None or len(part.salt) != SALT_BYTES:
        return None
    return commitment(part.salt, canonical(part.payload))


def _part(found: Mapping[str, Json]) -> Part:
    salt, payload, committed = found["salt"], found["payload"], found["commitment"]
    if payload is not None and not isinstance(payload, Mapping):
        raise ValueError
    return Part(
        None if committed is None else str(committed),
        None if salt is None else base64.b64decode(str(salt), validate=True),
        payload,
    )
