"""Signed statements verify for the key, kind and payload they were made with, and no other."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from comity.core.errors import KeyMaterialError
from comity.core.statement import (
    Statement,
    decode_public_key,
    encode_public_key,
    sign,
)

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))


def test_round_trip_through_json_verifies() -> None:
    made = sign("approval", {"b": 2, "a": "é"}, KEY)
    read = Statement.from_json(json.loads(json.dumps(made.to_json())), kind="approval")
    read.verify(KEY.public_key())
    assert read == made
    assert read.body == {"a": "é", "b": 2}


def test_another_key_does_not_verify() -> None:
    with pytest.raises(KeyMaterialError):
        sign("approval", {}, KEY).verify(OTHER.public_key())


def test_a_statement_of_one_kind_never_passes_for_another() -> None:
    approval = sign("approval", {"request": "b0001/1"}, KEY)
    with pytest.raises(KeyMaterialError):
        Statement.from_json(approval.to_json(), kind="denial")
    forged = Statement("denial", approval.payload, approval.keyid, approval.signature)
    with pytest.raises(KeyMaterialError):
        forged.verify(KEY.public_key())


def test_a_changed_payload_does_not_verify() -> None:
    made = sign("approval", {"n": 1}, KEY)
    changed = Statement(made.kind, b'{"n":2}', made.keyid, made.signature)
    with pytest.raises(KeyMaterialError):
        changed.verify(KEY.public_key())


@pytest.mark.parametrize(
    "envelope",
    [
        None,
        [],
        {},
        {"payload": "!!", "payloadType": "x", "signatures": [{"keyid": "", "sig": ""}]},
        {"payload": "e30=", "payloadType": "x", "signatures": []},
        # not canonical: a space inside
        {
            "payload": "eyAgfQ==",
            "payloadType": "application/vnd.comity.approval+json",
            "signatures": [{"keyid": "", "sig": ""}],
        },
    ],
)
def test_hostile_envelopes_are_refused_in_words(envelope: object) -> None:
    with pytest.raises(KeyMaterialError, match="not a signed approval"):
        Statement.from_json(envelope, kind="approval")


def test_public_keys_round_trip() -> None:
    text = encode_public_key(KEY.public_key())
    assert decode_public_key(text) == KEY.public_key()
    for bad in ("", "ed25519:", "ed25519:AAAA", "rsa:" + text[8:], "ed25519:" + text[8:] + "=="):
        with pytest.raises(KeyMaterialError):
            decode_public_key(bad)
