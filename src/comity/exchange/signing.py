"""Signing a batch before it is sent: the requester's official, the file, the attestation."""

from __future__ import annotations

import json
from pathlib import Path

from comity.agreement.loading import load_agreement
from comity.core.clock import Clock, SystemClock
from comity.core.errors import ConflictError
from comity.exchange.officers import Credentials
from comity.request.intake import open_batch
from comity.request.manifest import manifest_path, sign_manifest
from comity.request.result_file import write_whole


def sign_batch(
    batch: Path,
    agreement: Path,
    prepared_by: str,
    credentials: Credentials,
    *,
    out: Path | None = None,
    clock: Clock | None = None,
) -> Path:
    """Write the manifest of a batch: who signs, which file, under which agreement, that its answers
    are for engaged officers alone. Returns where it stands (beside the batch, unless `out` is
    given).

    Needs no exchange. Raises IntakeError for a file that is no batch, AgreementError, and
    ConflictError where a manifest stands already."""
    loaded = load_agreement(agreement)
    path = manifest_path(batch) if out is None else out
    if path.exists():
        raise ConflictError(
            "A manifest stands there already.",
            where=str(path),
            cure="Remove it if the batch is to be signed anew.",
        )
    facts = [fact.name for fact in loaded.agreement.facts]
    with open_batch(batch, facts=facts) as file:
        signed = sign_manifest(
            agreement=loaded.agreement.id,
            agreement_digest=loaded.digest,
            batch_digest=file.digest,
            prepared_by=prepared_by,
            signed_by=credentials.officer,
            key=credentials.key,
            at=(clock or SystemClock()).now(),
        )
    write_whole(path, json.dumps(signed.to_json(), indent=1).encode() + b"\n")
    return path
