"""The witness: every answer of C2SP tlog-witness, and never two histories."""

from __future__ import annotations

import base64
import threading
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from tests.ledger.conftest import ORIGIN, SIGNER
from tests.ledger.witnesses import NOW, WITNESS, History, Memory, make_witness

from comity.ledger.checkpoint import Checkpoint, sign_checkpoint
from comity.ledger.cosignature import CosignatureSigner
from comity.ledger.merkle import EMPTY_ROOT
from comity.ledger.note import Note, NoteSigner, Signature, parse_note
from comity.ledger.proof_file import ConsistencyProof
from comity.ledger.witness import MAX_SUBMISSION, SIZE_TYPE, Answer, Witness

A = History("a", shared=8)
B = History("b", shared=8)
STRANGER = NoteSigner("log.example/other", Ed25519PrivateKey.from_private_bytes(b"\x02" * 32))
IMPOSTOR = NoteSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"\x02" * 32))


def after(*calls: bytes) -> tuple[Witness, Memory]:
    """A witness that has granted these calls."""
    witness, memory = make_witness()
    for call in calls:
        assert witness.add_checkpoint(call).status == 200
    return witness, memory


def test_a_log_that_grows_is_cosigned_and_what_is_given_out_is_on_record() -> None:
    witness, memory = make_witness()
    for old, new in ((0, 3), (3, 3), (3, 8), (8, 21), (21, 64)):
        answer = witness.add_checkpoint(A.call(old, new))
        assert (answer.status, answer.body.count("\n")) == (200, 1)
        assert answer.body.startswith("\u2014 witness.example/w ")
        note = parse_note(A.note(new)[:-1] + b"\n" + answer.body.encode())
        assert WITNESS.verifier.verify(note, NOW) == NOW
        assert memory.kept[ORIGIN] == A.note(new) + answer.body.encode()
    assert not memory.forks
    assert not memory.suspects


def test_a_witness_with_two_keys_gives_two_lines() -> None:
    _, memory = make_witness()
    other = CosignatureSigner("witness.example/w", MLDSA44PrivateKey.from_seed_bytes(b"q" * 32))
    answer = Witness([WITNESS, other], memory, lambda: NOW).add_checkpoint(A.call(0, 9))
    assert answer.body.count("\n") == 2
    assert other.verifier.verify(parse_note(memory.kept[ORIGIN]), NOW) == NOW


def test_an_empty_log_is_cosigned_and_continued() -> None:
    witness, _ = after(A.call(0, 0), A.call(0, 0), A.call(0, 5), A.call(5, 6))
    assert witness.add_checkpoint(A.call(0, 0)) == Answer(409, "6\n", SIZE_TYPE)


def test_an_empty_log_has_one_root() -> None:
    witness, _ = make_witness()
    note = sign_checkpoint(Checkpoint(ORIGIN, 0, sha256(b"x").digest()), SIGNER)
    assert witness.add_checkpoint(ConsistencyProof(0, (), note).encode()).status == 422
    note = sign_checkpoint(Checkpoint(ORIGIN, 0, EMPTY_ROOT), SIGNER)
    assert witness.add_checkpoint(ConsistencyProof(0, (), note).encode()).status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\n",
        b"old",
        b"old 0\n",
        b"old 0\n\n",
        b"old 0\n\nnonsense\n",
        A.call(0, 3)[1:],
        A.call(0, 3).replace(b"old 0", b"old 00"),
        A.call(0, 3).replace(b"old 0", b"old -1"),
        A.call(0, 3).replace(b"old 0", b"old +0"),
        A.call(0, 3).replace(b"old 0", b"old  0"),
        A.call(0, 3).replace(b"old 0", b"new 0"),
        A.call(0, 3).replace(b"old 0\n", b"old 0\r\n"),
        A.call(0, 3)[:-1],
        A.call(0, 3)[:90],
        A.call(2, 3).replace(b"=\n\n", b"\n\n", 1),
        A.call(2, 3).replace(b"old 2\n", b"old 2\nAAAA\n"),
        A.call(0, 3).replace(b"log.example/x\n3\n", b"log.example/x\n03\n"),
        A.call(0, 3).replace(b"log.example/x\n3\n", b"log.example/x\n"),
        A.call(4, 9).replace(b"old 4", b"old 99999999999999999999"),
        b"old 0\n\n" + b"\xff" * 500,
        b"old 0\n" + (base64.b64encode(bytes(32)) + b"\n") * 64 + b"\n" + A.note(3),
        b"old 0\n\n" + bytes(MAX_SUBMISSION),
        b"x" * (MAX_SUBMISSION + 1),
    ],
    ids=range(24),
)
def test_what_is_no_call_is_400(body: bytes) -> None:
    witness, memory = make_witness()
    assert witness.add_checkpoint(body).status == 400
    assert not memory.kept


def test_an_old_size_beyond_the_checkpoint_is_400() -> None:
    witness, _ = after(A.call(0, 9))
    call = ConsistencyProof(9, (), A.note(4)).encode()
    assert witness.add_checkpoint(call).status == 400


def test_an_unknown_log_is_404_whatever_it_signs() -> None:
    witness, memory = make_witness()
    note = sign_checkpoint(A.tree(3, STRANGER.verifier.name), STRANGER)
    assert witness.add_checkpoint(ConsistencyProof(0, (), note).encode()).status == 404
    assert not memory.kept


def test_without_the_log_s_own_signature_it_is_403() -> None:
    witness, memory = make_witness()
    assert witness.add_checkpoint(A.call(0, 3, IMPOSTOR)).status == 403
    note = parse_note(A.note(3))
    (good,) = note.signatures
    for value in (bytes(64), good.value[:-1], good.value + b"\0"):
        false = Signature(good.name, good.keyid, value)
        for lines in ((false,), (good, false)):
            call = ConsistencyProof(0, (), Note(note.text, lines).encode()).encode()
            assert witness.add_checkpoint(call).status == 403
    assert not memory.kept
    strangers = (IMPOSTOR.sign(note.text), good.line.encode())
    call = b"old 0\n\n" + strangers[0] + strangers[1]
    assert witness.add_checkpoint(call).status == 200, "signatures of unknown keys are ignored"
    assert parse_note(memory.kept[ORIGIN]).signatures[:-1] == (good,), "and not passed on"


@pytest.mark.parametrize("old", [0, 1, 8, 10, 20])
def test_another_old_size_is_409_with_the_size(old: int) -> None:
    witness, memory = after(A.call(0, 9))
    kept = memory.kept[ORIGIN]
    assert witness.add_checkpoint(A.call(old, 20)) == Answer(409, "9\n", SIZE_TYPE)
    assert memory.kept[ORIGIN] == kept
    assert make_witness()[0].add_checkpoint(A.call(5, 9)) == Answer(409, "0\n", SIZE_TYPE)


def test_a_checkpoint_that_shrinks_is_never_cosigned() -> None:
    witness, memory = after(A.call(0, 9))
    for old in (0, 4):
        assert witness.add_checkpoint(A.call(old, 4)).status == 409
    assert b"\n9\n" in memory.kept[ORIGIN]


def test_a_proof_that_does_not_hold_is_422_and_the_checkpoint_is_kept() -> None:
    witness, memory = after(A.call(0, 9))
    good = ConsistencyProof.parse(A.call(9, 20))
    wrong = [
        B.call(9, 20),
        ConsistencyProof(9, good.hashes[:-1], good.checkpoint).encode(),
        ConsistencyProof(9, (*good.hashes, bytes(32)), good.checkpoint).encode(),
        ConsistencyProof(9, good.hashes[::-1], good.checkpoint).encode(),
        ConsistencyProof(9, (), good.checkpoint).encode(),
    ]
    for call in wrong:
        assert witness.add_checkpoint(call).status == 422
    assert memory.suspects[0] == B.note(20)
    assert b"\n9\n" in memory.kept[ORIGIN]
    assert witness.add_checkpoint(A.call(9, 20)).status == 200


def test_a_proof_from_nothing_must_be_empty() -> None:
    witness, _ = make_witness()
    call = ConsistencyProof(0, (bytes(32),), A.note(9)).encode()
    assert witness.add_checkpoint(call).status == 422


def test_one_size_with_another_root_is_422_and_leaves_evidence_for_a_third() -> None:
    witness, memory = after(A.call(0, 9))
    assert witness.add_checkpoint(B.call(9, 9)).status == 422
    (fork,) = memory.forks
    assert {one.size for one in fork.check(SIGNER.verifier)} == {9}
    assert b"\n9\n" in memory.kept[ORIGIN]
    assert memory.kept[ORIGIN].startswith(A.tree(9).to_text().encode())


def test_it_leaves_evidence_even_if_the_call_is_about_another_size() -> None:
    witness, memory = after(A.call(0, 9))
    assert witness.add_checkpoint(B.call(0, 9)).status == 409
    assert len(memory.forks) == 1


def test_of_two_forks_at_once_one_is_cosigned() -> None:
    for _ in range(20):
        witness, memory = make_witness()
        start = threading.Barrier(8)
        answers: list[tuple[str, int]] = []

        def ask(
            life: History,
            name: str,
            witness: Witness = witness,
            start: threading.Barrier = start,
            answers: list[tuple[str, int]] = answers,
        ) -> None:
            start.wait()
            answers.append((name, witness.add_checkpoint(life.call(0, 20)).status))

        lives = [(A, "a"), (B, "b")] * 4
        threads = [threading.Thread(target=ask, args=one) for one in lives]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        granted = {name for name, status in answers if status == 200}
        assert len(granted) == 1
        assert {status for name, status in answers if name not in granted} == {409}
        assert memory.forks


@given(st.binary(max_size=300))
def test_any_bytes_are_answered(data: bytes) -> None:
    witness, memory = make_witness()
    assert witness.add_checkpoint(data).status == 400
    assert witness.add_checkpoint(b"old 0\n\n" + data).status == 400
    assert not memory.kept


class Forks(RuleBasedStateMachine):
    """Two lives of a log ask in any order, honestly or not: all that is ever cosigned is of one
    life, and never shrinks."""

    def __init__(self) -> None:
        super().__init__()
        self.witness, self.memory = make_witness()
        self.granted: list[tuple[int, bytes]] = []

    @rule(life=st.sampled_from([A, B]), old=st.integers(0, 24), more=st.integers(0, 12))
    def ask(self, life: History, old: int, more: int) -> None:
        self.take(life, life.call(old, old + more), old + more)

    @rule(life=st.sampled_from([A, B]), more=st.integers(0, 12))
    def ask_as_told(self, life: History, more: int) -> None:
        told = self.witness.add_checkpoint(life.call(0, 63))
        old = int(told.body) if told.status == 409 else 0
        if told.status == 200:
            self.granted.append((63, life.tree(63).root))
            return
        if old + more <= 64:
            self.take(life, life.call(old, old + more), old + more)

    def take(self, life: History, call: bytes, size: int) -> None:
        if self.witness.add_checkpoint(call).status == 200:
            self.granted.append((size, life.tree(size).root))

    @invariant()
    def one_history(self) -> None:
        sizes = [size for size, _ in self.granted]
        assert sizes == sorted(sizes)
        assert any(all(life.tree(s).root == r for s, r in self.granted) for life in (A, B))


TestForks = Forks.TestCase
TestForks.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
