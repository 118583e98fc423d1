"""The batch manifest: the requester's signing official says, signed, what this file is and that
its answers will be used solely by officers engaged in the proceedings it names (R02, R03, R13)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from comity.agreement.roster import Roster
from comity.core.canonical import Json
from comity.core.clock import parse_moment, stamp
from comity.core.errors import IntakeError, KeyMaterialError
from comity.core.statement import Statement, decode_public_key, sign

KIND = "batch-manifest"
ENDING = ".manifest.json"
MAX_BYTES = 64 * 1024

ATTESTATION = (
    "Every officer named in this batch is personally and directly engaged in the proceeding of "
    "the request that names the officer, and what is answered will be used solely for it."
)
_ATTESTED: dict[str, Json] = {"sole_use": True, "text": ATTESTATION}


@dataclass(frozen=True)
class Manifest:
    """A manifest as read; `fault` says whether it stands for a batch and a roster. `sole_use` is
    whether it attests sole use in just these words."""

    statement: Statement
    agreement: str
    agreement_digest: str
    batch_digest: str
    prepared_by: str
    signed_by: str
    at: datetime
    sole_use: bool

    def mismatch(self, batch_digest: str, agreement_digest: str) -> str | None:
        """Why the manifest is not about this batch, in words; None if it is."""
        if self.batch_digest != batch_digest:
            return "it was signed for another file"
        if self.agreement_digest != agreement_digest:
            return "it was signed under another version of the agreement"
        return None

    def fault(self, batch_digest: str, agreement_digest: str, roster: Roster) -> str | None:
        """Why the manifest does not stand for this batch, in words; None if it does."""
        if mismatch := self.mismatch(batch_digest, agreement_digest):
            return mismatch
        officer = roster.officer(self.signed_by)
        if officer is None:
            return "its signatory is not on the requester's roster"
        try:
            self.statement.verify(decode_public_key(officer.signing_key))
        except KeyMaterialError:
            return "its signature does not verify"
        return None


def sign_manifest(
    *,
    agreement: str,
    agreement_digest: str,
    batch_digest: str,
    prepared_by: str,
    signed_by: str,
    key: Ed25519PrivateKey,
    at: datetime,
) -> Statement:
    """Sign the manifest of a batch, with the attestation of sole use."""
    return sign(
        KIND,
        {
            "agreement": agreement,
            "agreement_digest": agreement_digest,
            "batch_digest": batch_digest,
            "prepared_by": prepared_by,
            "signed_by": signed_by,
            "at": stamp(at),
            "attestation": _ATTESTED,
        },
        key,
    )


def manifest_path(batch: Path) -> Path:
    """Where a batch's manifest stands: beside it, with `.manifest.json` after the name."""
    return batch.with_name(batch.name + ENDING)


def read_manifest(path: Path) -> Manifest:
    """Read a manifest. Raises IntakeError if it cannot be read or is not one."""
    try:
        with path.open("rb") as file:
            return manifest_from(json.loads(file.read(MAX_BYTES)))
    except OSError as error:
        raise IntakeError(
            f"The batch manifest cannot be read ({error.strerror}).",
            where=str(path),
            cure="Make one with `comity batch sign BATCH …`, or leave --manifest out.",
        ) from None
    except (KeyMaterialError, KeyError, ValueError, RecursionError):
        raise IntakeError(
            "This is not a batch manifest.",
            where=str(path),
            cure="Make one with `comity batch sign BATCH …`.",
        ) from None


def manifest_from(envelope: object) -> Manifest:
    """A manifest from its DSSE envelope. Raises KeyMaterialError, KeyError or ValueError."""
    statement = Statement.from_json(envelope, kind=KIND)
    body = statement.body
    attested = body["attestation"]
    return Manifest(
        statement,
        str(body["agreement"]),
        str(body["agreement_digest"]),
        str(body["batch_digest"]),
        str(body["prepared_by"]),
        str(body["signed_by"]),
        parse_moment(str(body["at"])),
        attested == _ATTESTED,
    )
