"""The batch manifest: signed for one file, under one version of the agreement, by one officer."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from comity.agreement.roster import Officer, Roster
from comity.core.errors import IntakeError
from comity.core.statement import encode_public_key, sign
from comity.request.manifest import (
    ATTESTATION,
    KIND,
    MAX_BYTES,
    Manifest,
    manifest_path,
    read_manifest,
    sign_manifest,
)

KEY = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
OTHER = Ed25519PrivateKey.from_private_bytes(b"\x02" * 32)
ROSTER = Roster(
    party="us-x",
    version=1,
    officers=(
        Officer(id="o1", name="Made Up", signing_key=encode_public_key(KEY.public_key())),
        Officer(id="o2", name="Made Up", signing_key=encode_public_key(OTHER.public_key())),
    ),
)
BODY: dict[str, Any] = {
    "agreement": "us-x-y",
    "agreement_digest": "sha256:aa",
    "batch_digest": "sha256:bb",
    "prepared_by": "o2",
    "signed_by": "o1",
    "at": "2026-11-24T01:56:54.000000Z",
    "attestation": {"sole_use": True, "text": ATTESTATION},
}
Reread = Callable[[object], Manifest]


@pytest.fixture
def reread(tmp_path: Path) -> Reread:
    """Write an envelope to a file and read it as a manifest."""

    def reading(envelope: object) -> Manifest:
        path = manifest_path(tmp_path / "batch.csv")
        path.write_text(json.dumps(envelope))
        return read_manifest(path)

    return reading


def signed(**fields: Any) -> dict[str, Any]:
    return dict(sign(KIND, BODY | fields, KEY).to_json())


def test_a_manifest_leads_back_to_itself_and_stands(reread: Reread) -> None:
    made = sign_manifest(
        agreement="us-x-y",
        agreement_digest="sha256:aa",
        batch_digest="sha256:bb",
        prepared_by="o2",
        signed_by="o1",
        key=KEY,
        at=datetime(2026, 11, 24, 1, 56, 54, tzinfo=UTC),
    )
    assert made.body == BODY
    found = reread(made.to_json())
    assert (found.prepared_by, found.signed_by, found.sole_use) == ("o2", "o1", True)
    assert found.fault("sha256:bb", "sha256:aa", ROSTER) is None


def test_it_lies_beside_its_batch(tmp_path: Path) -> None:
    assert manifest_path(tmp_path / "b.csv") == tmp_path / "b.csv.manifest.json"


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"batch_digest": "sha256:cc"}, "it was signed for another file"),
        ({"agreement_digest": "sha256:cc"}, "it was signed under another version"),
        ({"signed_by": "o9"}, "its signatory is not on the requester's roster"),
        ({"signed_by": "o2"}, "its signature does not verify"),
    ],
)
def test_it_stands_for_nothing_else(fields: dict[str, Any], fault: str, reread: Reread) -> None:
    found = reread(signed(**fields)).fault("sha256:bb", "sha256:aa", ROSTER)
    assert found is not None
    assert found.startswith(fault)


@pytest.mark.parametrize(
    "attestation",
    [
        None,
        True,
        {},
        {"sole_use": "true", "text": ATTESTATION},
        {"sole_use": False, "text": ATTESTATION},
        {"sole_use": True},
        {"sole_use": True, "text": "To the extent practicable."},
    ],
)
def test_sole_use_is_attested_in_just_these_words(attestation: Any, reread: Reread) -> None:
    assert reread(signed(attestation=attestation)).sole_use is False


@pytest.mark.parametrize(
    "envelope",
    [
        [],
        None,
        {},
        {"payload": "e30=", "payloadType": "x", "signatures": []},
        dict(sign("stay-added", BODY, KEY).to_json()),
        signed(at="yesterday"),
        dict(sign(KIND, {"agreement": "us-x-y"}, KEY).to_json()),
        signed(padding="x" * MAX_BYTES),
    ],
)
def test_what_is_no_manifest_is_refused(envelope: object, reread: Reread) -> None:
    with pytest.raises(IntakeError, match="not a batch manifest"):
        reread(envelope)


def test_a_missing_manifest_is_told(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="cannot be read"):
        read_manifest(tmp_path / "none.json")


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_an_intake_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("manifest") / "m.json"
    path.write_bytes(content)
    with pytest.raises(IntakeError):
        read_manifest(path)
