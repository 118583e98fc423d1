"""Evidence of a fork: what it proves to a stranger, and what it cannot be made to prove."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from tests.ledger.conftest import ORIGIN, SIGNER, make_entries, publish_log
from tests.ledger.witnesses import History

from comity.core.errors import LedgerError
from comity.ledger.fork import MAX_FORK, Fork, between, of_one_size
from comity.ledger.note import NoteSigner
from comity.ledger.publish import Ledger

A, B = History("a", shared=8), History("b", shared=8)
KEY = SIGNER.verifier
OTHER = NoteSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"\x02" * 32))


def test_two_roots_of_one_size_are_evidence() -> None:
    fork = of_one_size(A.note(9), B.note(9), [KEY])
    assert fork is not None
    found = Fork.parse(fork.encode())
    assert found == fork
    assert [one.size for one in found.check(KEY)] == [9, 9]


@pytest.mark.parametrize(("small", "large"), [(9, 10), (16, 40), (9, 64), (13, 37), (32, 33)])
def test_another_beginning_is_evidence(small: int, large: int) -> None:
    other = B.tree(small).root
    fork = Fork(A.note(small), B.note(large), other, B.proof(small, large))
    assert [one.size for one in Fork.parse(fork.encode()).check(KEY)] == [small, large]


@pytest.mark.parametrize("size", [1, 8, 9, 16, 33])
def test_one_history_can_never_be_made_into_evidence(size: int) -> None:
    tries = [
        Fork(A.note(size), A.note(size)),
        Fork(A.note(size), A.note(40), A.tree(size).root, A.proof(size, 40)),
        Fork(A.note(size), A.note(40), B.tree(size).root, B.proof(size, 40)),
        Fork(A.note(size), A.note(40), b"\x07" * 32, A.proof(size, 40)),
        Fork(A.note(size), A.note(40), None, A.proof(size, 40)),
        Fork(A.note(40), A.note(size), A.tree(40).root, ()),
        Fork(A.note(size), A.note(40), bytes(31), A.proof(size, 40)),
    ]
    for one in tries:
        with pytest.raises(LedgerError, match="do not show a fork"):
            one.check(KEY)


def test_what_is_alike_up_to_there_is_no_evidence() -> None:
    for fork in (
        Fork(A.note(8), B.note(8)),
        Fork(A.note(8), B.note(20), B.tree(8).root, B.proof(8, 20)),
    ):
        with pytest.raises(LedgerError, match="do not show a fork"):
            fork.check(KEY)


def test_both_must_be_signed_by_the_log() -> None:
    fork = Fork(A.note(9), B.note(9, OTHER))
    with pytest.raises(LedgerError, match="no signature of the key"):
        fork.check(KEY)
    with pytest.raises(LedgerError, match="does not verify"):
        replace(fork, second=B.note(9).replace(b"\n9\n", b"\n09\n".replace(b"0", b"1"))).check(KEY)
    assert of_one_size(A.note(9), B.note(9, OTHER), [KEY]) is None


@pytest.mark.parametrize(
    "change",
    [
        {"fork": 2},
        {"first": 7},
        {"second": None},
        {"other_root": "x"},
        {"other_root": 5},
        {"consistency": "abcd"},
        {"consistency": {}},
        {"consistency": [1]},
        {"consistency": ["AAAA"] * 200},
        {"more": 1},
        {"first": "\ud800"},
    ],
)
def test_what_is_no_evidence_is_refused(change: dict[str, object]) -> None:
    told = json.loads(Fork(A.note(9), B.note(9)).encode())
    with pytest.raises(LedgerError, match="not evidence"):
        Fork.parse(json.dumps(told | change).encode())


@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.integers() | st.text(max_size=5), lambda c: st.lists(c, max_size=3)
    ).map(
        lambda v: json.dumps(
            {"fork": 1, "first": v, "second": v, "other_root": v, "consistency": v}
        ).encode()
    )
)
def test_anything_is_parsed_or_refused(data: bytes) -> None:
    with contextlib.suppress(LedgerError):
        Fork.parse(data)


def test_too_large_a_file_is_refused() -> None:
    with pytest.raises(LedgerError, match="not evidence"):
        Fork.parse(b" " * (MAX_FORK + 1))


def forked_log(folder: Path, shared: int, size: int) -> Path:
    """Another life of the log of the tests: from `shared` on, its entries are others."""
    entries = [*make_entries(0, shared), *make_entries(shared + 1, size + 1)]
    Ledger(folder, ORIGIN).publish(entries, first=0, signer=SIGNER)
    return folder


@pytest.mark.parametrize(("small", "large"), [(300, 300), (300, 301), (256, 600), (1, 257)])
def test_the_tiles_of_the_other_life_give_the_evidence(
    tmp_path: Path, small: int, large: int
) -> None:
    one = publish_log(tmp_path / "one", small)
    other = forked_log(tmp_path / "other", small - 1, large)
    earlier, later = ((p / "checkpoint").read_bytes() for p in (one, other))
    fork = between(earlier, later, KEY, other)
    assert fork is not None
    assert [c.size for c in Fork.parse(fork.encode()).check(KEY)] == [small, large]


def test_a_log_that_grew_shows_no_fork_and_a_shorter_one_says_nothing(tmp_path: Path) -> None:
    log = publish_log(tmp_path / "x", 300)
    early = (log / "checkpoint").read_bytes()
    publish_log(log, 700)
    late = (log / "checkpoint").read_bytes()
    assert between(early, late, KEY, log) is None
    with pytest.raises(LedgerError, match="has 300 entries, and had 700"):
        between(late, early, KEY, log)


def test_tiles_that_do_not_lead_to_the_checkpoint_accuse_nobody(tmp_path: Path) -> None:
    log = publish_log(tmp_path / "x", 300)
    early = (log / "checkpoint").read_bytes()
    publish_log(log, 700)
    late = (log / "checkpoint").read_bytes()
    tile = log / "tile/0/001"
    tile.write_bytes(bytes([tile.read_bytes()[0] ^ 1]) + tile.read_bytes()[1:])
    with pytest.raises(LedgerError, match="do not lead to"):
        between(early, late, KEY, log)
