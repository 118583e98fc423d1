"""Signed notes and checkpoints: other people's vectors, and what must be refused."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from comity.core.errors import LedgerError
from comity.ledger.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from comity.ledger.note import MAX_BYTES, NoteSigner, NoteVerifier, parse_note

# golang.org/x/mod/sumdb/note, example_test.go (BSD-3-Clause)
NEUMANN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
NEUMANN_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpR"
    "Zb6KE6RyyBwJnAM=\n"
).encode()

# c2sp.org/signed-note, "Example"
C2SP = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
C2SP_NOTE = (
    "This is an example message.\n"
    "\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXm"
    "RKuwHjG1Yu72IneyaQM=\n"
).encode()

# c2sp.org/tlog-checkpoint, the example (its key is not given there)
C2SP_CHECKPOINT = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
)

SIGNER = NoteSigner("log.example/x", Ed25519PrivateKey.from_private_bytes(b"\x01" * 32))
OTHER = NoteSigner("log.example/x", Ed25519PrivateKey.from_private_bytes(b"\x02" * 32))


@pytest.mark.parametrize(("key", "note"), [(NEUMANN, NEUMANN_NOTE), (C2SP, C2SP_NOTE)])
def test_other_people_s_notes_verify(key: str, note: bytes) -> None:
    verifier = NoteVerifier.parse(key)
    assert str(verifier) == key
    verifier.verify(parse_note(note))
    with pytest.raises(LedgerError, match="does not verify"):
        verifier.verify(parse_note(note.replace(b"is", b"iz", 1)))


def test_the_checkpoint_of_the_specification() -> None:
    found = Checkpoint.from_text(C2SP_CHECKPOINT)
    assert (found.origin, found.size) == ("example.com/behind-the-sofa", 20852163)
    assert found.to_text() == C2SP_CHECKPOINT


def test_a_note_of_one_s_own_verifies_and_is_golden() -> None:
    note = SIGNER.sign("hello\n\nworld\n")
    SIGNER.verifier.verify(parse_note(note))
    assert parse_note(note).text == "hello\n\nworld\n"
    assert (
        str(SIGNER.verifier)
        == "log.example/x+54021735+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c"
    )


def test_every_flipped_bit_of_a_note_is_noticed() -> None:
    for place in range(len(C2SP_NOTE) * 8):
        turned = bytearray(C2SP_NOTE)
        turned[place // 8] ^= 1 << place % 8
        with pytest.raises(LedgerError):
            NoteVerifier.parse(C2SP).verify(parse_note(bytes(turned)))


def test_signatures_of_others_are_ignored_and_a_bad_one_of_ours_is_not() -> None:
    note = SIGNER.sign("text\n")
    theirs = OTHER.sign("text\n").split(b"\n\n")[1]
    SIGNER.verifier.verify(parse_note(note + theirs))
    with pytest.raises(LedgerError, match="no signature of the key"):
        OTHER.verifier.verify(parse_note(note))
    forged = base64.b64encode(SIGNER.verifier.keyid + bytes(64)).decode()
    for line in (forged, base64.b64encode(SIGNER.verifier.keyid + b"x").decode()):
        with pytest.raises(LedgerError, match="does not verify"):
            SIGNER.verifier.verify(parse_note(note + f"— log.example/x {line}\n".encode()))


def test_sixteen_large_signatures_fit() -> None:
    """c2sp.org/signed-note: at least 16 signatures, of up to nearly 5 kB each."""
    large = base64.b64encode(bytes(5_000)).decode()
    note = SIGNER.sign("text\n") + "".join(f"— w{n} {large}\n" for n in range(15)).encode()
    SIGNER.verifier.verify(parse_note(note))


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"\n\n",
        b"text\n",
        b"text\n\n",
        b"text\n\n\n",
        "text\n\n— k AAAAAAA=".encode(),
        "text\n— k AAAAAAA=\n".encode(),
        b"text\n\n- k AAAAAAA=\n",
        "text\n\n—  AAAAAAA=\n".encode(),
        "text\n\n— k+x AAAAAAA=\n".encode(),
        "text\n\n— k\u00a0x AAAAAAA=\n".encode(),
        "text\n\n— k\x01x AAAAAAA=\n".encode(),
        "text\n\n— k AAAA\n".encode(),
        "text\n\n— k AAAAAAB=\n".encode(),
        "text\n\n— k AAAAAAA=\r\n".encode(),
        "te\x00xt\n\n— k AAAAAAA=\n".encode(),
        "te\txt\n\n— k AAAAAAA=\n".encode(),
        b"te\xffxt\n\n\xe2\x80\x94 k AAAAAAA=\n",
        b"x" * (MAX_BYTES + 1),
        ("text\n\n" + "— k AAAAAAA=\n" * 101).encode(),
    ],
)
def test_what_is_no_note_is_refused(note: bytes) -> None:
    with pytest.raises(LedgerError, match="not a signed note"):
        parse_note(note)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_a_note_or_an_error(data: bytes) -> None:
    try:
        note = parse_note(data)
    except LedgerError:
        return
    assert note.text.endswith("\n") and note.signatures


@pytest.mark.parametrize(
    "key",
    [
        "",
        "name",
        "name+c74f20a3",
        C2SP.replace("530d", "530e"),
        C2SP.replace("530d903a", "530D903A"),
        C2SP.replace("example", "examine"),
        C2SP[:-1],
        C2SP[:-4],
        "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "a b+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    ],
)
def test_what_is_no_verifier_key_is_refused(key: str) -> None:
    with pytest.raises(LedgerError, match="not a verifier key"):
        NoteVerifier.parse(key)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u2003b", "a\x02b"])
def test_a_name_that_no_note_can_bear_is_refused(name: str) -> None:
    with pytest.raises(LedgerError, match="key name"):
        NoteSigner(name, Ed25519PrivateKey.from_private_bytes(b"\x01" * 32))


@given(st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_leads_back_to_itself(size: int, root: bytes) -> None:
    one = Checkpoint("log.example/x", size, root)
    assert open_checkpoint(sign_checkpoint(one, SIGNER), SIGNER.verifier) == one


ROOT = base64.b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    "text",
    [
        f"log.example/x\n1\n{ROOT[:-4]}\n",
        f"log.example/x\n01\n{ROOT}\n",
        f"log.example/x\n+1\n{ROOT}\n",
        f"log.example/x\n-1\n{ROOT}\n",
        f"log.example/x\n 1\n{ROOT}\n",
        f"log.example/x\n١\n{ROOT}\n",
        f"log.example/x\n1_0\n{ROOT}\n",
        f"log.example/x\n{'9' * 20}\n{ROOT}\n",
        f"log.example/x\n\n{ROOT}\n",
        f"\n1\n{ROOT}\n",
        "log.example/x\n1\n",
        f"log.example/x\n1\n{ROOT}\n\nextension\n",
        f"log.example/x\n1\n{ROOT[:-2]}B=\n",
        f"log.example/x\n1\n{ROOT} \n",
    ],
)
def test_a_signed_text_that_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(LedgerError, match="not a checkpoint"):
        open_checkpoint(SIGNER.sign(text), SIGNER.verifier)


def test_a_checkpoint_of_another_log_is_refused() -> None:
    note = SIGNER.sign(f"log.example/y\n1\n{ROOT}\n")
    with pytest.raises(LedgerError, match="another log"):
        open_checkpoint(note, SIGNER.verifier)


def test_extension_lines_are_read() -> None:
    note = SIGNER.sign(f"log.example/x\n1\n{ROOT}\nextension\n")
    assert open_checkpoint(note, SIGNER.verifier).extensions == ("extension",)
