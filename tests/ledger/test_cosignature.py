"""Cosignatures: the example of the specification's form, both kinds of key, and hostile ones."""

from __future__ import annotations

import contextlib
import struct
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from tests.ledger.conftest import ORIGIN, SIGNER

from comity.core.errors import LedgerError
from comity.ledger.checkpoint import Checkpoint, sign_checkpoint
from comity.ledger.cosignature import (
    TOLERANCE,
    CosignatureSigner,
    CosignatureVerifier,
    FromTheFutureError,
)
from comity.ledger.note import Note, Signature, parse_note

NOW = 1_700_000_000
TREE = Checkpoint(ORIGIN, 3, b"\x07" * 32)
NOTE = parse_note(sign_checkpoint(TREE, SIGNER))
CLASSIC = CosignatureSigner("witness.example/w1", Ed25519PrivateKey.from_private_bytes(b"w" * 32))
QUANTUM = CosignatureSigner("witness.example/w1", MLDSA44PrivateKey.from_seed_bytes(b"q" * 32))
BOTH = pytest.mark.parametrize("signer", [CLASSIC, QUANTUM], ids=["ed25519", "ml-dsa-44"])


def cosigned(*signatures: Signature, note: Note = NOTE) -> Note:
    """The note with these signatures beside the log's, written and read."""
    return parse_note(Note(note.text, (*note.signatures, *signatures)).encode())


@BOTH
def test_a_cosignature_verifies_and_tells_its_time(signer: CosignatureSigner) -> None:
    note = cosigned(signer.cosign(NOTE.text, NOW))
    assert CosignatureVerifier.parse(str(signer.verifier)).verify(note, NOW) == NOW
    SIGNER.verifier.verify(note)


def test_the_bytes_are_those_of_the_specification() -> None:
    raw = CLASSIC.verifier.raw
    made = CLASSIC.cosign(NOTE.text, NOW)
    assert made.keyid == sha256(b"witness.example/w1\n\x04" + raw).digest()[:4]
    assert made.value[:8] == struct.pack(">Q", NOW)
    message = f"cosignature/v1\ntime {NOW}\n{NOTE.text}".encode()
    assert CLASSIC.verifier.message(NOTE.text, NOW) == message
    made = QUANTUM.cosign(NOTE.text, NOW)
    assert made.keyid == sha256(b"witness.example/w1\n\x06" + QUANTUM.verifier.raw).digest()[:4]
    assert len(made.value) == 8 + 2420
    name, origin = b"witness.example/w1", ORIGIN.encode()
    assert QUANTUM.verifier.message(NOTE.text, NOW) == b"".join(
        (
            b"subtree/v1\n\0",
            bytes([len(name)]) + name,
            struct.pack(">Q", NOW),
            bytes([len(origin)]) + origin,
            struct.pack(">QQ", 0, 3),
            TREE.root,
        )
    )


@BOTH
def test_none_is_none_and_of_two_the_newer_counts(signer: CosignatureSigner) -> None:
    assert signer.verifier.verify(NOTE, NOW) is None
    two = [signer.cosign(NOTE.text, NOW), signer.cosign(NOTE.text, NOW - 60)]
    assert signer.verifier.verify(cosigned(*two), NOW) == NOW


@BOTH
def test_every_flipped_bit_of_a_cosignature_is_found(signer: CosignatureSigner) -> None:
    made = signer.cosign(NOTE.text, NOW)
    for place in (0, 7, 8, 40, len(made.value) - 1):
        value = bytearray(made.value)
        value[place] ^= 1
        note = cosigned(Signature(made.name, made.keyid, bytes(value)))
        with pytest.raises(LedgerError, match="does not verify"):
            signer.verifier.verify(note, NOW)


@BOTH
def test_a_false_one_beside_a_good_one_spoils_it(signer: CosignatureSigner) -> None:
    good = signer.cosign(NOTE.text, NOW)
    bad = Signature(good.name, good.keyid, good.value[:-1] + b"\0")
    with pytest.raises(LedgerError, match="does not verify"):
        signer.verifier.verify(cosigned(good, bad), NOW)


@BOTH
def test_it_is_of_this_tree_alone(signer: CosignatureSigner) -> None:
    other = parse_note(sign_checkpoint(Checkpoint(ORIGIN, 4, TREE.root), SIGNER))
    with pytest.raises(LedgerError, match="does not verify"):
        signer.verifier.verify(cosigned(signer.cosign(NOTE.text, NOW), note=other), NOW)


@BOTH
def test_one_from_the_future_is_an_error_of_its_own(signer: CosignatureSigner) -> None:
    edge = cosigned(signer.cosign(NOTE.text, NOW + TOLERANCE))
    assert signer.verifier.verify(edge, NOW) == NOW + TOLERANCE
    with pytest.raises(FromTheFutureError, match="301 seconds ahead"):
        signer.verifier.verify(edge, NOW - 1)
    far = cosigned(signer.cosign(NOTE.text, 2**63 - 1))
    with pytest.raises(FromTheFutureError):
        signer.verifier.verify(far, NOW)


@BOTH
@pytest.mark.parametrize("value", [b"x", bytes(7), bytes(8), bytes(9), b"\xff" * 72, bytes(9000)])
def test_garbage_in_a_witness_s_name_is_refused(signer: CosignatureSigner, value: bytes) -> None:
    forged = Signature(signer.verifier.name, signer.verifier.keyid, value)
    with pytest.raises(LedgerError, match="does not verify"):
        signer.verifier.verify(cosigned(forged), NOW)


@BOTH
def test_a_line_that_shares_name_or_id_alone_is_ignored(signer: CosignatureSigner) -> None:
    own = signer.verifier
    lines = (Signature(own.name, b"\0" * 4, b"x" * 72), Signature("other", own.keyid, b"x" * 72))
    assert own.verify(cosigned(*lines), NOW) is None


def test_the_time_has_64_bits_but_one() -> None:
    made = CLASSIC.cosign(NOTE.text, 2**63)
    with pytest.raises(LedgerError, match="does not verify"):
        CLASSIC.verifier.verify(cosigned(made), 2**63)


@pytest.mark.parametrize(
    "key",
    [
        str(SIGNER.verifier),
        "",
        "a+b+c",
        str(CLASSIC.verifier)[:-4],
        str(CLASSIC.verifier).replace("w1", "w2"),
        "w+00000000+BA==",
    ],
)
def test_what_is_no_witness_s_key_is_refused(key: str) -> None:
    with pytest.raises(LedgerError, match="verifier key"):
        CosignatureVerifier.parse(key)


def test_a_key_of_the_wrong_length_is_refused() -> None:
    from comity.ledger.note import write_key

    for encoded in (b"\x04" + bytes(31), b"\x06" + bytes(32), b"\x04" + bytes(1312)):
        with pytest.raises(LedgerError, match="verifier key"):
            CosignatureVerifier.parse(write_key("w", encoded))


def test_a_name_that_the_newer_kind_cannot_hold_is_refused() -> None:
    text = Checkpoint("x" * 256, 3, TREE.root).to_text()
    with pytest.raises(LedgerError, match="255 bytes"):
        QUANTUM.cosign(text, NOW)
    CLASSIC.cosign(text, NOW)


@given(st.text(max_size=200))
def test_keys_are_parsed_or_refused(text: str) -> None:
    with contextlib.suppress(LedgerError):
        CosignatureVerifier.parse(text)
