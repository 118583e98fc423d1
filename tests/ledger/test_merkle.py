"""The tree: Certificate Transparency's vectors, and RFC 6962's definitions written out."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.ledger.merkle import (
    EMPTY_ROOT,
    Frontier,
    complete_root,
    consistency_path,
    inclusion_path,
    leaf_hash,
    root_from_inclusion,
    root_of,
    verify_consistency,
)

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent / "vectors.json").read_text())
LEAVES = [leaf_hash(bytes.fromhex(one)) for one in VECTORS["leaves"]]
ROOTS = [bytes.fromhex(one) for one in VECTORS["roots"]]

sizes = st.integers(1, 70)


def entries(count: int) -> list[bytes]:
    return [b"entry %d" % number for number in range(count)]


def hashes(count: int) -> list[bytes]:
    return [leaf_hash(entry) for entry in entries(count)]


def naive_split(count: int) -> int:
    k = 1
    while k * 2 < count:
        k *= 2
    return k


def naive_root(data: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1."""
    if not data:
        return sha256(b"").digest()
    if len(data) == 1:
        return sha256(b"\x00" + data[0]).digest()
    k = naive_split(len(data))
    return sha256(b"\x01" + naive_root(data[:k]) + naive_root(data[k:])).digest()


def naive_path(m: int, data: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962, section 2.1.1."""
    if len(data) == 1:
        return []
    k = naive_split(len(data))
    if m < k:
        return [*naive_path(m, data[:k]), naive_root(data[k:])]
    return [*naive_path(m - k, data[k:]), naive_root(data[:k])]


def naive_proof(m: int, data: list[bytes], whole: bool = True) -> list[bytes]:
    """PROOF and SUBPROOF of RFC 6962, section 2.1.2."""
    if m == len(data):
        return [] if whole else [naive_root(data)]
    k = naive_split(len(data))
    if m <= k:
        return [*naive_proof(m, data[:k], whole), naive_root(data[k:])]
    return [*naive_proof(m - k, data[k:], False), naive_root(data[:k])]


def proof_at(path: list[tuple[int, int]], data: list[bytes]) -> list[bytes]:
    return [naive_root(data[low:high]) for low, high in path]


@pytest.mark.parametrize("size", range(9))
def test_the_roots_of_certificate_transparency(size: int) -> None:
    assert root_of(LEAVES[:size]) == ROOTS[size]


@pytest.mark.parametrize("case", VECTORS["inclusion"])
def test_the_inclusion_proofs_of_certificate_transparency(case: dict[str, Any]) -> None:
    proof = [bytes.fromhex(one) for one in case["proof"]]
    leaf, size = case["leaf"], case["size"]
    assert [root_of(LEAVES[a:b]) for a, b in inclusion_path(leaf, size)] == proof
    assert root_from_inclusion(LEAVES[leaf], leaf, size, proof) == ROOTS[size]


@pytest.mark.parametrize("case", VECTORS["consistency"])
def test_the_consistency_proofs_of_certificate_transparency(case: dict[str, Any]) -> None:
    proof = [bytes.fromhex(one) for one in case["proof"]]
    old, new = case["old"], case["new"]
    assert [root_of(LEAVES[a:b]) for a, b in consistency_path(old, new)] == proof
    assert verify_consistency(old, ROOTS[old], new, ROOTS[new], proof)


@given(st.integers(0, 300))
def test_a_growing_tree_has_the_roots_of_the_definition(count: int) -> None:
    frontier = Frontier()
    for leaf in hashes(count):
        frontier.append(leaf)
    assert frontier.root() == naive_root(entries(count)) == root_of(hashes(count))


@pytest.mark.parametrize("height", range(9))
def test_a_complete_subtree_has_the_root_of_the_definition(height: int) -> None:
    assert complete_root(hashes(1 << height)) == naive_root(entries(1 << height))


def test_a_frontier_with_the_wrong_number_of_peaks_is_refused() -> None:
    with pytest.raises(ValueError, match="complete subtrees"):
        Frontier(3, [b"\0" * 32])


@given(sizes, st.data())
def test_inclusion_proofs_are_those_of_the_definition(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = proof_at(inclusion_path(index, size), entries(size))
    assert proof == naive_path(index, entries(size))
    root = naive_root(entries(size))
    assert root_from_inclusion(hashes(size)[index], index, size, proof) == root


@given(sizes, st.data())
def test_an_inclusion_proof_proves_nothing_else(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = naive_path(index, entries(size))
    root, leaf = naive_root(entries(size)), hashes(size)[index]
    assert root_from_inclusion(leaf_hash(b"another"), index, size, proof) != root
    for at in range(len(proof)):
        turned = [*proof]
        turned[at] = bytes([turned[at][0] ^ 1]) + turned[at][1:]
        assert root_from_inclusion(leaf, index, size, turned) != root
    for wrong in ([*proof, leaf], proof[:-1] if proof else [leaf]):
        with pytest.raises(ValueError, match="instead of"):
            root_from_inclusion(leaf, index, size, wrong)


@given(sizes, st.data())
def test_consistency_proofs_are_those_of_the_definition(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size))
    proof = proof_at(consistency_path(old, size), entries(size))
    assert proof == naive_proof(old, entries(size))
    old_root, root = naive_root(entries(old)), naive_root(entries(size))
    assert verify_consistency(old, old_root, size, root, proof)


@given(st.integers(2, 70), st.data())
def test_a_rewritten_past_is_not_consistent(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size - 1))
    rewritten = entries(size)
    rewritten[data.draw(st.integers(0, old - 1))] = b"rewritten"
    old_root, root = naive_root(entries(old)), naive_root(rewritten)
    assert not verify_consistency(old, old_root, size, root, naive_proof(old, rewritten))
    proof = naive_proof(old, entries(size))
    assert not verify_consistency(old, old_root, size, root, proof)
    assert not verify_consistency(old, old_root, size, naive_root(entries(size)), proof[:-1])
    for at in range(len(proof)):
        turned = [*proof]
        turned[at] = bytes(32)
        assert not verify_consistency(old, old_root, size, naive_root(entries(size)), turned)


def test_consistency_with_the_empty_tree_and_with_itself() -> None:
    root = naive_root(entries(5))
    assert verify_consistency(0, EMPTY_ROOT, 5, root, [])
    assert not verify_consistency(0, root, 5, root, [])
    assert not verify_consistency(0, EMPTY_ROOT, 5, root, [root])
    assert verify_consistency(5, root, 5, root, [])
    assert not verify_consistency(5, root, 5, EMPTY_ROOT, [])
    with pytest.raises(ValueError, match="does not continue"):
        verify_consistency(6, root, 5, root, [])


def test_hashes_of_another_length_are_no_hashes() -> None:
    assert not verify_consistency(5, b"short", 5, b"short", [])
    assert not verify_consistency(0, EMPTY_ROOT, 5, b"short", [])
    with pytest.raises(ValueError, match="32 bytes"):
        root_from_inclusion(hashes(2)[0], 0, 2, [b"short"])


@pytest.mark.parametrize(("index", "size"), [(-1, 4), (4, 4), (0, 0)])
def test_there_is_no_path_to_a_leaf_outside(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_path(index, size)


def test_a_leaf_is_no_node() -> None:
    left, right = hashes(2)
    assert leaf_hash(left + right) != root_of([left, right])
