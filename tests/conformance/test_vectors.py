"""Other people's vectors, copied as data with their source and licence."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from tests.ledger.witnesses import NOW, WITNESS, Memory

from comity.ledger.merkle import HASH_BYTES, root_from_inclusion, verify_consistency
from comity.ledger.note import NoteVerifier
from comity.ledger.witness import Witness

HERE = Path(__file__).parent
MERKLE: dict[str, Any] = json.loads((HERE / "merkle.json").read_text("utf-8"))
CALLS: dict[str, Any] = json.loads((HERE / "witness.json").read_text("utf-8"))


def hashes(texts: list[str]) -> list[bytes]:
    return [base64.b64decode(text) for text in texts]


def test_every_inclusion_vector() -> None:
    assert len(MERKLE["inclusion"]) == 98
    for one in MERKLE["inclusion"]:
        leaf, root = hashes([one["leafHash"], one["root"]])
        try:
            found = root_from_inclusion(leaf, one["leafIdx"], one["treeSize"], hashes(one["proof"]))
        except ValueError:
            found = None
        assert (found == root) is not one["wantErr"], one["file"]


def test_every_consistency_vector() -> None:
    """One of them has roots that are no hashes, and is accepted there because they are alike; here
    a root has 32 bytes."""
    assert len(MERKLE["consistency"]) == 98
    for one in MERKLE["consistency"]:
        old_root, new_root = hashes([one["root1"], one["root2"]])
        try:
            good = verify_consistency(
                one["size1"], old_root, one["size2"], new_root, hashes(one["proof"])
            )
        except ValueError:
            good = False
        no_hash = len(old_root) != HASH_BYTES
        assert good is not (one["wantErr"] or no_hash), one["file"]


@pytest.mark.parametrize("log", CALLS["logs"], ids=lambda log: log["file"])
def test_the_calls_of_another_witness_are_answered_alike(log: dict[str, Any]) -> None:
    """Signed by a Sigsum log and by Go's checksum database. Where the other witness answers 403 for
    an unknown log, the present text of the specification demands 404; and where it answers 403 for
    a signature whose base64 is not canonical, here it is no signature at all."""
    memory = Memory({log["origin"]: [key_of(log)]})
    witness = Witness([WITNESS], memory, lambda: NOW)
    for call in log["calls"]:
        answer = witness.add_checkpoint(call["body"].encode())
        unknown = 'body contains "unknown log"' in call["asserts"]
        expected = 404 if unknown else call["status"]
        if not canonical(call["body"]):
            expected = 400
        assert answer.status == expected, call
        if call["status"] == 409:
            assert f"body == {json.dumps(answer.body)}" in call["asserts"]
    assert memory.kept


def canonical(body: str) -> bool:
    """Whether the base64 of every signature is."""
    texts = [line.split(" ")[2] for line in body.splitlines() if line.startswith("\u2014")]
    return all(base64.b64encode(base64.b64decode(text)).decode() == text for text in texts)


def key_of(log: dict[str, Any]) -> NoteVerifier:
    if "+" in log["key"]:
        return NoteVerifier.parse(log["key"])
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(log["key"]))
    return NoteVerifier(log["origin"], key)
