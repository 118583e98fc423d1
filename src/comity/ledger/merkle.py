"""The Merkle tree of RFC 6962, section 2: hashes, roots and proofs. Pure arithmetic.

A tree over n leaves splits at the largest power of two below n, so the left part is always
complete. What matters of a tree when leaves are appended is its *frontier*: the roots of the
complete subtrees, one for each set bit of n, largest first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """SHA-256 over 0x00 and the entry."""
    return sha256(b"\x00" + entry).digest()


def leaf_hashes(entries: Iterable[bytes]) -> list[bytes]:
    """The hash of each entry."""
    return [sha256(b"\x00" + entry).digest() for entry in entries]


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 over 0x01 and both children."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """The complete subtrees of a growing tree; `append` costs two hashes on average."""

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self.size = size
        self._peaks = list(peaks)
        if len(self._peaks) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} complete subtrees")

    def append(self, leaf: bytes) -> None:
        """Add the hash of the next leaf."""
        node, size = leaf, self.size
        while size & 1:
            node = node_hash(self._peaks.pop(), node)
            size >>= 1
        self._peaks.append(node)
        self.size += 1

    def root(self) -> bytes:
        """The tree head over all leaves so far."""
        if not self._peaks:
            return EMPTY_ROOT
        *larger, node = self._peaks
        for peak in reversed(larger):
            node = node_hash(peak, node)
        return node


def complete_root(nodes: Sequence[bytes]) -> bytes:
    """The root over the nodes of a complete subtree: a power of two of them, left to right."""
    level = list(nodes)
    while len(level) > 1:
        level = [
            sha256(b"\x01" + left + right).digest()
            for left, right in zip(level[::2], level[1::2], strict=True)
        ]
    return level[0]


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The tree head over these leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def inclusion_path(index: int, size: int) -> list[tuple[int, int]]:
    """The subtrees, as (first leaf, one past the last), whose roots prove that leaf `index` is in
    a tree of `size` leaves; nearest first (RFC 6962, 2.1.1). Raises ValueError outside it."""
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    path: list[tuple[int, int]] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + split(high - low)
        if index < middle:
            path.append((middle, high))
            high = middle
        else:
            path.append((low, middle))
            low = middle
    return path[::-1]


def root_from_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """The root that an inclusion proof leads to (RFC 9162, 2.1.3.2).

    Raises ValueError where the proof has the wrong length for that leaf and size."""
    path = inclusion_path(index, size)
    if len(path) != len(proof):
        raise ValueError(f"the proof has {len(proof)} hashes instead of {len(path)}")
    if not _are_hashes(leaf, *proof):
        raise ValueError(f"a hash has {HASH_BYTES} bytes")
    node = leaf
    for (_, high), sibling in zip(path, proof, strict=True):
        node = node_hash(sibling, node) if high <= index else node_hash(node, sibling)
    return node


def consistency_path(old: int, new: int) -> list[tuple[int, int]]:
    """The subtrees whose roots prove that a tree of `new` leaves continues one of `old`
    (RFC 6962, 2.1.2). Empty where nothing is to prove. Raises ValueError unless 0 <= old <= new."""
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} leaves does not continue one of {old}")
    if old in (0, new):
        return []
    return _subproof(old, 0, new, whole=True)


def verify_consistency(
    old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the proof shows that the new tree only appends to the old one (RFC 9162, 2.1.4.2).

    Every tree continues the empty one, which has one root. Raises ValueError unless
    0 <= old <= new."""
    path = consistency_path(old, new)
    if len(path) != len(proof) or not _are_hashes(old_root, new_root, *proof):
        return False
    if old == 0:
        return old_root == EMPTY_ROOT and (new > 0 or new_root == EMPTY_ROOT)
    if old == new:
        return old_root == new_root
    hashes = dict(zip(path, proof, strict=True))
    if old & (old - 1) == 0:
        # The old tree is a complete subtree of the new one: its root is not repeated in the proof.
        hashes[(0, old)] = old_root
    return _fold(0, old, hashes) == old_root and _fold(0, new, hashes) == new_root


def _fold(low: int, high: int, hashes: dict[tuple[int, int], bytes]) -> bytes | None:
    """The root of a range from known subtree roots, or None where one is missing."""
    known = hashes.get((low, high))
    if known is not None or high - low == 1:
        return known
    middle = low + split(high - low)
    left, right = _fold(low, middle, hashes), _fold(middle, high, hashes)
    return None if left is None or right is None else node_hash(left, right)


def _are_hashes(*values: bytes) -> bool:
    """Whether each has the length of a hash: two of other lengths could be cut from one node."""
    return all(len(value) == HASH_BYTES for value in values)


def _subproof(old: int, low: int, high: int, *, whole: bool) -> list[tuple[int, int]]:
    size = high - low
    if old == size:
        return [] if whole else [(low, high)]
    middle = split(size)
    if old <= middle:
        return [*_subproof(old, low, low + middle, whole=whole), (low + middle, high)]
    return [*_subproof(old - middle, low + middle, high, whole=False), (low, low + middle)]


def split(size: int) -> int:
    """The largest power of two below `size` (> 1)."""
    return 1 << (size - 1).bit_length() - 1
