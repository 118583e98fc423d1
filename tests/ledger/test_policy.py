"""Policies for witnesses: the form of C2SP tlog-policy, strictly, and which quorums hold."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from itertools import combinations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import example, given
from hypothesis import strategies as st
from tests.ledger.conftest import ORIGIN, SIGNER

from comity.core.errors import LedgerError
from comity.ledger.checkpoint import Checkpoint, sign_checkpoint
from comity.ledger.cosignature import CosignatureSigner, FromTheFutureError
from comity.ledger.note import Note, NoteSigner, Signature, parse_note
from comity.ledger.policy import Policy, QuorumError

NOW = 1_700_000_000
TREE = Checkpoint(ORIGIN, 3, b"\x07" * 32)
NOTE = parse_note(sign_checkpoint(TREE, SIGNER))
NAMES = ("X1", "X2", "X3", "Y1", "Y2", "Y3")
SIGNERS = {
    name: CosignatureSigner(
        f"witness.example/{name}", Ed25519PrivateKey.from_private_bytes(name.encode().ljust(32))
    )
    for name in NAMES
}
OTHER = NoteSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"\x02" * 32))
KEY = {name: str(signer.verifier) for name, signer in SIGNERS.items()}
EXAMPLE = f"""log {SIGNER.verifier}

witness X1 {KEY["X1"]}
witness X2 {KEY["X2"]} https://x2.example/
witness X3 {KEY["X3"]}
group X-witnesses 2 X1 X2 X3

# three more
witness Y1 {KEY["Y1"]}
\twitness  Y2\t{KEY["Y2"]}\x20
witness Y3 {KEY["Y3"]}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""
"""The example of the specification, with keys."""


def note_of(names: Iterable[str], at: int = NOW) -> bytes:
    """A checkpoint that these witnesses cosigned."""
    lines = [SIGNERS[name].cosign(NOTE.text, at) for name in names]
    return Note(NOTE.text, (*NOTE.signatures, *lines)).encode()


def test_the_specification_s_example_means_what_it_says() -> None:
    policy = Policy.parse(EXAMPLE.encode())
    assert policy.urls["X2"] == "https://x2.example/"
    for count in range(7):
        for names in combinations(NAMES, count):
            standing = policy.assess(note_of(names), NOW)
            expected = sum(n[0] == "X" for n in names) >= 2 and any(n[0] == "Y" for n in names)
            assert standing.met is expected, names
            assert set(standing.witnesses) == set(names)
            assert set(standing.absent) == set(NAMES) - set(names)


def test_a_missing_quorum_is_told_by_name() -> None:
    policy = Policy.parse(EXAMPLE.encode())
    with pytest.raises(QuorumError, match=r"1 of 6 cosigned it.*Missing: X1, X3, Y1, Y2, Y3\."):
        policy.demand(note_of(["X2"]), NOW)
    assert policy.demand(note_of(["X1", "X2", "Y3"]), NOW).witnesses["Y3"] == NOW


@pytest.mark.parametrize(
    ("quorum", "enough"),
    [("none", ()), ("X1", ("X1",)), ("g", ("X2",))],
)
def test_a_quorum_is_nobody_a_witness_or_a_group(quorum: str, enough: tuple[str, ...]) -> None:
    text = f"witness X1 {KEY['X1']}\nwitness X2 {KEY['X2']}\ngroup g 1 X2\nquorum {quorum}\n"
    policy = Policy.parse(text.encode())
    assert policy.demand(note_of(enough), NOW, SIGNER.verifier).met
    if enough:
        with pytest.raises(QuorumError):
            policy.demand(note_of({"X1", "X2", "Y1"} - set(enough)), NOW, SIGNER.verifier)


def test_the_log_s_signature_is_needed_whoever_cosigned() -> None:
    policy = Policy.parse(EXAMPLE.encode())
    lines = [SIGNERS[name].cosign(NOTE.text, NOW) for name in NAMES]
    unsigned = Note(NOTE.text, tuple(lines)).encode()
    with pytest.raises(LedgerError, match="no signature of the key log"):
        policy.assess(unsigned, NOW)
    forged = OTHER.sign(NOTE.text)
    with pytest.raises(LedgerError, match="no signature of the key log"):
        policy.assess(forged, NOW)


def test_another_log_is_refused() -> None:
    elsewhere = NoteSigner("log.example/y", Ed25519PrivateKey.from_private_bytes(b"\x03" * 32))
    note = sign_checkpoint(Checkpoint("log.example/y", 3, TREE.root), elsewhere)
    with pytest.raises(LedgerError, match="does not list the log"):
        Policy.parse(EXAMPLE.encode()).assess(note, NOW)
    with pytest.raises(LedgerError, match="which key the log signs with"):
        Policy.parse(b"quorum none\n").assess(note, NOW)
    with pytest.raises(LedgerError, match="another log"):
        Policy.parse(b"quorum none\n").assess(note, NOW, SIGNER.verifier)


def test_any_of_two_keys_of_a_log_will_do_but_a_false_one_will_not() -> None:
    text = f"log {OTHER.verifier}\nlog {SIGNER.verifier} https://log.example\nquorum none\n"
    policy = Policy.parse(text.encode())
    assert policy.assess(SIGNER.sign(NOTE.text), NOW).met
    assert policy.assess(OTHER.sign(NOTE.text), NOW).met
    (good,) = NOTE.signatures
    false = Signature(OTHER.verifier.name, OTHER.verifier.keyid, bytes(64))
    with pytest.raises(LedgerError, match="does not verify"):
        policy.assess(Note(NOTE.text, (good, false)).encode(), NOW)


def test_a_cosignature_that_is_false_or_of_the_future_is_never_passed_over() -> None:
    policy = Policy.parse(EXAMPLE.encode())
    good = [SIGNERS[name].cosign(NOTE.text, NOW) for name in ("X1", "X2", "Y1")]
    false = Signature(good[0].name, good[0].keyid, good[0].value[:-1] + b"\0")
    with pytest.raises(LedgerError, match="does not verify"):
        policy.assess(Note(NOTE.text, (*NOTE.signatures, *good, false)).encode(), NOW)
    with pytest.raises(FromTheFutureError):
        policy.assess(note_of(["X1", "X2", "Y1"], NOW + 3600), NOW)


W1 = f"witness X1 {KEY['X1']}\n"
W2 = f"witness X2 {KEY['X2']}\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "last line does not end"),
        ("quorum none", "last line does not end"),
        ("\n", "no quorum"),
        ("quorum none\nquorum none\n", "line 2.*two quorums"),
        ("quorum\n", "expected: quorum NAME"),
        ("quorum none extra\n", "expected: quorum NAME"),
        ("quorum X1\n" + W1, "neither a witness nor a group"),
        ("Quorum none\n", "begins with"),
        ("witnes X1 x\nquorum none\n", "line 1.*begins with"),
        ("quorum none\r\n", "control characters"),
        ("quorum\x0bnone\n", "control characters"),
        ("quorum none\x7f\n", "control characters"),
        ("quorum\u00a0none\n", "begins with"),
        ("witness X1\nquorum none\n", "expected: witness"),
        (f"witness X1 {SIGNER.verifier}\nquorum none\n", "not the verifier key of a witness"),
        (f"log {KEY['X1']}\nquorum none\n", "verifier key .Ed25519. of a log"),
        ("log\nquorum none\n", "expected: log"),
        (f"log {SIGNER.verifier} u v\nquorum none\n", "expected: log"),
        (f"log {SIGNER.verifier}\n" * 2 + "quorum none\n", "listed already for another log"),
        (W1 + W1.replace("X1 ", "X9 ") + "quorum none\n", "listed already for another witness"),
        (W1 + W2.replace("X2 ", "X1 ", 1) + "quorum none\n", "name is taken"),
        (W1.replace("X1 ", "none ", 1) + "quorum none\n", "name is taken"),
        (W1 + "group none any X1\nquorum none\n", "name is taken"),
        (W1 + "group X1 any X1\nquorum none\n", "name is taken"),
        (W1 + "group g any\nquorum none\n", "expected: group"),
        (W1 + "group g any none\nquorum none\n", "neither a witness nor a group"),
        (W1 + "group g any g\nquorum none\n", "neither a witness nor a group"),
        ("group g any X1\n" + W1 + "quorum g\n", "neither a witness nor a group"),
        (W1 + "group g any X1 X1\nquorum g\n", "stands in a group already"),
        (W1 + "group g any X1\ngroup h any X1\nquorum h\n", "stands in a group already"),
        (W1 + "group g 0 X1\nquorum g\n", "how many must cosign"),
        (W1 + "group g 2 X1\nquorum g\n", "how many must cosign"),
        (W1 + "group g 01 X1\nquorum g\n", "how many must cosign"),
        (W1 + "group g -1 X1\nquorum g\n", "how many must cosign"),
        (W1 + "group g \u0661 X1\nquorum g\n", "how many must cosign"),
        (W1 + "group g ALL X1\nquorum g\n", "how many must cosign"),
        ("#" * 300_000 + "\nquorum none\n", "larger than"),
    ],
)
def test_what_is_no_policy_is_refused_with_its_line(text: str, why: str) -> None:
    with pytest.raises(LedgerError, match=why):
        Policy.parse(text.encode())


def test_names_are_bytes_not_letters() -> None:
    """The Kelvin sign is not the letter K, and what is no UTF-8 is a name, too."""
    policy = Policy.parse(
        f"witness K {KEY['X1']}\nwitness \u212a {KEY['X2']}\nwitness ".encode()
        + b"\xff\x80 "
        + f"{KEY['X3']}\nquorum \u212a\n".encode()
    )
    assert policy.assess(note_of(["X1"]), NOW, SIGNER.verifier).met is False
    assert policy.assess(note_of(["X2"]), NOW, SIGNER.verifier).met is True
    with pytest.raises(QuorumError, match=r"\\udcff"):
        policy.demand(note_of(["X1"]), NOW, SIGNER.verifier)


def test_32_of_each_and_more_are_taken() -> None:
    lines = []
    for number in range(64):
        key = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
        lines.append(f"log {NoteSigner(f'log.example/{number}', key).verifier}")
        lines.append(f"witness w{number} {CosignatureSigner('w', key).verifier}")
        lines.append(f"group g{number} all w{number}")
    lines.append(f"group all 33 {' '.join(f'g{number}' for number in range(64))}\nquorum all\n")
    policy = Policy.parse("\n".join(lines).encode())
    assert (len(policy.logs), len(policy.witnesses), len(policy.groups)) == (64, 64, 65)


@given(
    st.binary(max_size=200) | st.text("logwitnesquorumgpanyX1 \t\n#", max_size=80).map(str.encode)
)
@example(b"quorum none\n")
def test_anything_is_parsed_or_refused(data: bytes) -> None:
    with contextlib.suppress(LedgerError):
        Policy.parse(data)
