"""Proof files: what they prove, to three checkers that share no code, and what they refuse."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree  # type: ignore[import-untyped]
from tests.ledger.conftest import ORIGIN, SIGNER, make_entries, publish_log

from comity.core.errors import ConflictError, LedgerError, UsageError
from comity.exchange.log_proofs import LogProofs, check_proof, write_proof
from comity.ledger.checkpoint import Checkpoint, check_growth, sign_checkpoint
from comity.ledger.cosignature import CosignatureSigner
from comity.ledger.entry import Entry
from comity.ledger.merkle import leaf_hash, root_of
from comity.ledger.note import Note, NoteSigner, Signature, parse_note
from comity.ledger.proof_file import HEADER, ConsistencyProof, InclusionProof

KEY = str(SIGNER.verifier)
OTHER = NoteSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"\x02" * 32))
TOOL = Path(__file__).parents[2] / "tools" / "check_tlog_proof.py"
SIZES = (1, 2, 3, 255, 256, 257, 600)


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    folder = tmp_path_factory.mktemp("logs")

    def log(size: int) -> Path:
        path = folder / str(size)
        return path if path.exists() else publish_log(path, size)

    return log


def alone(file: Path, key: str = KEY, *witnesses: str) -> tuple[int, str]:
    """What the single-file checker says."""
    command = [sys.executable, str(TOOL), str(file), key, *witnesses]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=file.parent)
    assert not done.stderr
    return done.returncode, done.stdout


@pytest.mark.parametrize("size", SIZES)
def test_every_entry_can_be_proven(size: int, logs: Callable[[int], Path]) -> None:
    proofs = LogProofs(logs(size), KEY)
    entries = list(make_entries(0, size))
    for number in range(size):
        proof = InclusionProof.parse(proofs.of_entry(number).encode())
        assert proof.extra == entries[number]
        entry, checkpoint = proof.check(SIGNER.verifier)
        assert (entry, checkpoint.size) == (Entry.parse(entries[number]), size)


@pytest.mark.parametrize("number", [0, 1, 255, 256, 511, 512, 599])
def test_checkers_that_share_no_code_agree(
    number: int, logs: Callable[[int], Path], tmp_path: Path
) -> None:
    made = LogProofs(logs(600), KEY).of_entry(number)
    file = write_proof(tmp_path, "one.tlog-proof", made.encode())
    code, said = alone(file)
    assert (code, said.splitlines()[0]) == (
        0,
        f"PROVEN. Entry {number} of the 600 entries of the log {ORIGIN} is:",
    )
    assert said.splitlines()[1] == (made.extra or b"").decode()
    lies = replace(made, extra=(made.extra or b"").replace(b"returned", b"disclosed"))
    if lies != made:
        file = write_proof(tmp_path, "lie.tlog-proof", lies.encode())
        assert alone(file)[0] == 1
        with pytest.raises(LedgerError, match="does not stand in the log"):
            check_proof(file, KEY)


@pytest.mark.parametrize("number", [0, 1, 254, 255, 256, 300, 511, 512, 599])
def test_an_independent_library_makes_the_same_proof(
    number: int, logs: Callable[[int], Path]
) -> None:
    tree = InmemoryTree(algorithm="sha256")
    for entry in make_entries(0, 600):
        tree.append_entry(entry)
    theirs = tree.prove_inclusion(number + 1, 600)
    proofs = LogProofs(logs(600), KEY)
    made = proofs.of_entry(number)
    assert tree.get_root(600) == proofs.checkpoint.root
    assert sorted(theirs.path) == sorted([leaf_hash(made.extra or b""), *made.hashes])


def test_no_byte_can_be_turned_unseen(logs: Callable[[int], Path]) -> None:
    good = LogProofs(logs(257), KEY).of_entry(256).encode()
    for place in range(len(good)):
        bad = bytearray(good)
        bad[place] ^= 1
        with pytest.raises(LedgerError):
            InclusionProof.parse(bytes(bad)).check(SIGNER.verifier)


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_in_words(data: bytes) -> None:
    def included(proof: bytes) -> None:
        InclusionProof.parse(proof).check(SIGNER.verifier)

    def continued(proof: bytes) -> None:
        ConsistencyProof.parse(proof).check(data, SIGNER.verifier)

    for head in (b"", HEADER.encode() + b"\nindex 0\n", b"old 3\n"):
        for checked in (included, continued):
            with pytest.raises(LedgerError):
                checked(head + data)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("index 1", "index 01", "index NUMBER"),
        ("index 1", "index 2", "does not stand"),
        ("index 1", "index 99999999999999999999", "index NUMBER"),
        ("index 1", "index 999999999999999999", "does not stand"),
        ("index 1", "index 1\n" + "A" * 43 + "=", "does not stand"),
        ("index 1", "index 1\n" + ("A" * 43 + "=\n") * 128 + "A" * 43 + "=", "more than 128"),
        ("index 1", "index 1\nAAAA", "has not 32 bytes"),
        ("index 1", "index 1\n!", "not base64"),
        ("extra ", "extra\u00a0", "not ASCII"),
        (HEADER, "c2sp.org/tlog-proof@v2", "first line"),
        (f"\n{ORIGIN}\n", "\nlog.example/y\n", "does not verify"),
    ],
)
def test_a_proof_that_is_none(old: str, new: str, why: str, logs: Callable[[int], Path]) -> None:
    text = LogProofs(logs(3), KEY).of_entry(1).encode().decode()
    assert old in text
    with pytest.raises(LedgerError, match=why):
        InclusionProof.parse(text.replace(old, new, 1).encode()).check(SIGNER.verifier)


def test_another_key_proves_nothing(logs: Callable[[int], Path], tmp_path: Path) -> None:
    made = LogProofs(logs(3), KEY).of_entry(1)
    file = write_proof(tmp_path, "one.tlog-proof", made.encode())
    with pytest.raises(LedgerError, match="bears no signature"):
        check_proof(file, str(OTHER.verifier))
    assert alone(file, str(OTHER.verifier))[0] == 1


def test_a_proof_without_its_entry_says_so(logs: Callable[[int], Path]) -> None:
    bare = replace(LogProofs(logs(3), KEY).of_entry(1), extra=None)
    with pytest.raises(LedgerError, match="does not hold the entry"):
        InclusionProof.parse(bare.encode()).check(SIGNER.verifier)


def test_no_entry_of_that_number(logs: Callable[[int], Path]) -> None:
    for number in (-1, 3):
        with pytest.raises(UsageError, match="no entry"):
            LogProofs(logs(3), KEY).of_entry(number)


@pytest.mark.parametrize("new", SIZES)
def test_a_log_that_grew_is_proven_to_continue(new: int, logs: Callable[[int], Path]) -> None:
    log = logs(new)
    for old in sorted({0, *(one for one in (*SIZES, 100, 512, 513) if one <= new)}):
        earlier = _note(old)
        proof = ConsistencyProof.parse(LogProofs(log, KEY).since(earlier).encode())
        before, after = proof.check(earlier, SIGNER.verifier)
        assert (before.size, after.size) == (old, new)


@pytest.mark.parametrize("new", [255, 256, 257, 512, 600])
def test_between_any_two_checkpoints_that_were_kept(new: int, logs: Callable[[int], Path]) -> None:
    """Of a log that has grown since, so that its partial tiles of then are gone."""
    log = logs(600)
    for old in (0, 1, 100, 255, new):
        earlier, later = _note(old), _note(new)
        proof = ConsistencyProof.parse(LogProofs(log, KEY).since(earlier, later).encode())
        before, after = proof.check(earlier, SIGNER.verifier)
        assert (before.size, after.size, proof.size) == (old, new, new)
    forked = sign_checkpoint(Checkpoint(ORIGIN, new, bytes(32)), SIGNER)
    with pytest.raises(LedgerError):
        LogProofs(log, KEY).since(_note(100), forked)
    with pytest.raises(LedgerError, match="shrank"):
        LogProofs(log, KEY).since(_note(601), _note(new))
    with pytest.raises(LedgerError, match="shrank"):
        LogProofs(log, KEY).since(_note(100), _note(601))


def test_a_changed_history_is_not_continued(logs: Callable[[int], Path]) -> None:
    """Each way in which history was changed has its own words."""
    for size, why in (
        (255, "does not continue"),
        (600, "contradict each other: both have 600 entries"),
        (601, "The log shrank: the later checkpoint has 600 entries, the earlier one 601"),
    ):
        forked = sign_checkpoint(Checkpoint(ORIGIN, size, bytes(32)), SIGNER)
        with pytest.raises(LedgerError, match=why):
            LogProofs(logs(600), KEY).since(forked)
        handed = ConsistencyProof(size, (), sign_checkpoint(_point(600), SIGNER))
        with pytest.raises(LedgerError, match=why):
            ConsistencyProof.parse(handed.encode()).check(forked, SIGNER.verifier)


def test_checkpoints_that_can_both_be_true() -> None:
    for earlier, later in ((0, 0), (0, 3), (3, 3), (3, 5)):
        check_growth(_point(earlier), _point(later))


def test_a_proof_for_another_checkpoint(logs: Callable[[int], Path]) -> None:
    proof = LogProofs(logs(600), KEY).since(_note(255))
    with pytest.raises(LedgerError, match="made for"):
        proof.check(_note(256), SIGNER.verifier)
    with pytest.raises(LedgerError, match="bears no signature"):
        proof.check(sign_checkpoint(_point(255), OTHER), SIGNER.verifier)


def test_a_cut_copy_gives_no_proof(tmp_path: Path) -> None:
    log = publish_log(tmp_path / "log", 600)
    (log / "tile/0/001").unlink()
    with pytest.raises(LedgerError, match="missing"):
        LogProofs(log, KEY).of_entry(300)
    (log / "tile/0/001").symlink_to("/dev/zero")
    with pytest.raises(LedgerError, match="no plain file"):
        LogProofs(log, KEY).of_entry(300)


def test_an_altered_copy_gives_no_proof(tmp_path: Path) -> None:
    log = publish_log(tmp_path / "log", 600)
    tile = log / "tile/entries/000"
    tile.write_bytes(tile.read_bytes().replace(b"returned", b"retarded", 1))
    altered = next(n for n, e in enumerate(make_entries(0, 256)) if b"returned" in e)
    with pytest.raises(LedgerError, match="does not stand"):
        LogProofs(log, KEY).of_entry(altered)


def test_a_proof_is_never_written_over(logs: Callable[[int], Path], tmp_path: Path) -> None:
    one, other = (LogProofs(logs(size), KEY).of_entry(1).encode() for size in (3, 257))
    assert write_proof(tmp_path, "p", one) == write_proof(tmp_path, "p", one)
    with pytest.raises(ConflictError):
        write_proof(tmp_path, "p", other)
    assert (tmp_path / "p").read_bytes() == one
    assert [path.name for path in tmp_path.iterdir()] == ["p"]


def _point(size: int) -> Checkpoint:
    return Checkpoint(ORIGIN, size, root_of([leaf_hash(entry) for entry in make_entries(0, size)]))


def _note(size: int) -> bytes:
    return sign_checkpoint(_point(size), SIGNER)


def test_the_witnesses_of_a_checkpoint_are_checked_alike_by_the_single_file(
    logs: Callable[[int], Path], tmp_path: Path
) -> None:
    signers = [
        CosignatureSigner(name, Ed25519PrivateKey.from_private_bytes(name.encode().ljust(32)))
        for name in ("w1", "w2", "w3")
    ]
    keys = [str(signer.verifier) for signer in signers]
    proof = LogProofs(logs(257), KEY).of_entry(200)
    note = parse_note(proof.checkpoint)
    lines = [signer.cosign(note.text, 1_700_000_000) for signer in signers[:2]]
    file = tmp_path / "p.tlog-proof"
    policy = tmp_path / "policy"

    def check(*cosignatures: Signature, needed: Sequence[int]) -> tuple[bool, int]:
        cosigned = Note(note.text, (*note.signatures, *cosignatures)).encode()
        file.write_bytes(replace(proof, checkpoint=cosigned).encode())
        named = [f"witness n{n} {keys[n]}" for n in needed]
        group = ["group g all " + " ".join(f"n{n}" for n in needed), "quorum g", ""]
        policy.write_text("\n".join([*named, *(group if needed else ["quorum none", ""])]))
        try:
            check_proof(file, KEY, policy=policy)
            found = True
        except LedgerError:
            found = False
        return found, alone(file, KEY, *(keys[n] for n in needed))[0]

    assert check(*lines, needed=[]) == (True, 0)
    assert check(*lines, needed=[0, 1]) == (True, 0)
    assert check(*lines, needed=[0, 2]) == (False, 1)
    assert check(lines[0], needed=[0, 1]) == (False, 1)
    false = Signature(lines[1].name, lines[1].keyid, lines[1].value[:-1] + b"\0")
    assert check(lines[0], false, needed=[0, 1]) == (False, 1)
    assert check(*lines, false, needed=[0, 1]) == (False, 1)
    late = Signature(lines[1].name, lines[1].keyid, bytes(8) + lines[1].value[8:])
    assert check(lines[0], late, needed=[0, 1]) == (False, 1)
    assert alone(file, KEY, KEY)[0] == 1, "the log is no witness of itself"
