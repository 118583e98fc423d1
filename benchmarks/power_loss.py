"""Publishing against the loss of power at every instant: every state of the disk that POSIX allows.

    python benchmarks/power_loss.py [--most 4096] [--folder DIR]

The real `Ledger.publish` works on a real folder while benchmarks/crash_disk.py follows it. Before
each of its file operations, and after the last, every state that the loss of power may then leave
is worked out (all of them up to `--most` an instant, beyond that those that differ in at most two
things from all or nothing being durable, and others drawn at random). The same with the process
killed at each operation before, and started again. Each state is put on a disk and must satisfy:

1. a checkpoint that stands there is whole, and every tile that it names is there and right;
2. whatever stands below `tile/` is whole and right, though no checkpoint may name it yet;
3. no publishing that had returned is undone;
4. publishing again leads to the very bytes that it would have led to without the crash.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it also runs as a script
from benchmarks.crash_disk import Disk, KilledError, Tree, read_tree, write_tree
from comity.core.errors import LedgerError
from comity.ledger.checkpoint import Checkpoint
from comity.ledger.entry import Entry
from comity.ledger.note import NoteSigner, parse_note
from comity.ledger.publish import SCRATCH, Ledger
from comity.ledger.tiles import tiles_of
from comity.ledger.verify import verify

ORIGIN = "log.example/x"
SIGNER = NoteSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"\x01" * 32))

Publish = Callable[[Path, int], object]


@dataclass(frozen=True)
class Story:
    """A log of so many entries is published at further sizes; whoever starts it again after a kill
    or the loss of power has `last` entries to publish."""

    before: int
    sizes: tuple[int, ...]
    last: int


STORIES = (
    Story(0, (1,), 1),  # the very first checkpoint, and every folder
    Story(3, (5, 6), 6),
    Story(254, (256, 258), 258),  # a tile is completed, and the first of the next level begun
    Story(5, (300,), 301),  # killed with one number of entries, started again with another
)


class FaultError(AssertionError):
    """A state of the disk that must not be."""


@dataclass
class Survey:
    """What was gone through."""

    instants: int = 0
    states: int = 0
    different: int = 0
    recovered: int = 0
    checkpoints: set[int] = field(default_factory=set)


def publish(log: Path, size: int) -> object:
    """Publish up to this size, as an exchange does."""
    ledger = Ledger(log, ORIGIN)
    first = ledger.size()
    return ledger.publish(entries(first, size), first=first, signer=SIGNER)


def entries(first: int, last: int) -> Iterable[bytes]:
    """The entries of these numbers."""
    return map(_entry, range(first, last))


@cache
def _entry(number: int) -> bytes:
    at = "2026-11-24T01:56:54.000000Z"
    return Entry("act.made", at, None, f"b000001/{number}", None, {}).encode()


def go_through(
    story: Story,
    folder: Path,
    *,
    most: int,
    killed: Callable[[str], bool] = lambda _: False,
    under_test: Publish = publish,
) -> Survey:
    """Check every state of a story: of a run that nobody kills, and of runs that are killed right
    after an operation of which `killed` is true and started again. Raises FaultError at the first
    that must not be."""
    survey = Survey()
    with _unflushed():
        right = _reference(story, folder / "reference")
    begun = read_tree(folder / "reference" / str(story.before))
    seen: dict[frozenset[tuple[str, bytes | None]], int] = {}

    def run(name: str, stop: int | None) -> list[str]:
        """What the run does to the disk."""
        disk = Disk(folder / name)
        write_tree(disk.root, begun)
        disk.take(begun)
        promised = story.before if begun else -1

        def look() -> None:
            survey.instants += 1
            for tree in disk.states(most):
                survey.states += 1
                key = frozenset(tree.items())
                seen[key] = max(promised, seen.get(key, -1))

        disk.stop, disk.watch = stop, (look if stop is None else lambda: None)
        with disk.recorded():
            try:
                for size in story.sizes:
                    under_test(disk.root / "log", size)
                    promised = size
                look()
                return disk.done
            except KilledError:
                disk.stop, disk.watch = None, look
            under_test(disk.root / "log", story.last)
            promised = story.last
            look()
        return disk.done

    for number, operation in enumerate(run("whole", None)):
        if killed(operation):
            run(f"killed-{number}", number + 1)
    recovered: set[frozenset[object]] = set()
    with _unflushed():
        for key, promised in seen.items():
            survey.different += 1
            survey.checkpoints.add(_check(dict(key), promised, right))
            # What the scratch folder's files hold makes no difference: they are thrown away.
            matters = frozenset(path if f"/{SCRATCH}/" in path else (path, it) for path, it in key)
            if matters not in recovered:
                recovered.add(matters)
                _recover(dict(key), story.last, folder / "recovered", right)
    survey.recovered = len(recovered)
    return survey


def _reference(story: Story, folder: Path) -> Tree:
    """Every file that may stand in the log, by its path; the checkpoint of size N as
    `checkpoint N`."""
    right: Tree = {}
    for size in sorted({story.before, *story.sizes, story.last}):
        root = folder / str(size)
        root.mkdir(parents=True)
        if size == 0:
            continue  # nothing was published
        publish(root / "log", size)
        found = read_tree(root / "log")
        right |= {path: content for path, content in found.items() if path != "checkpoint"}
        right[f"checkpoint {size}"] = found["checkpoint"]
    return right


def _check(tree: Tree, promised: int, right: Tree) -> int:
    """What stands on the disk is right. The size that its checkpoint names, -1 for none."""
    log = {path[4:]: content for path, content in tree.items() if path.startswith("log/")}
    note, size = log.get("checkpoint"), -1
    if note is not None:
        try:
            size = Checkpoint.from_text(parse_note(note).text).size
        except LedgerError:
            raise FaultError("the checkpoint is not whole") from None
        if note != right.get(f"checkpoint {size}"):
            raise FaultError(f"the checkpoint of {size} entries is another one")
        for tile in tiles_of(size):
            if log.get(tile.path) != right[tile.path]:
                raise FaultError(f"the checkpoint of {size} entries names {tile.path}")
    if size < promised:
        raise FaultError(f"{promised} entries were published, the checkpoint says {size}")
    for path, content in log.items():
        if path.startswith("tile/") and content is not None and right.get(path) != content:
            raise FaultError(f"{path} stands in its place and is not right")
    return size


def _recover(tree: Tree, last: int, root: Path, right: Tree) -> None:
    """Publishing again leads to where it would have led."""
    write_tree(root, tree)
    publish(root / "log", last)
    found = read_tree(root / "log")
    expected = {tile.path: right[tile.path] for tile in tiles_of(last)}
    if found["checkpoint"] != right[f"checkpoint {last}"] or expected.items() > found.items():
        raise FaultError("publishing again leads to other bytes")
    if SCRATCH in found or verify(root / "log", SIGNER.verifier).beyond:
        raise FaultError("something is left over")
    shutil.rmtree(root)


@contextmanager
def _unflushed() -> Iterator[None]:
    """The states themselves need not survive anything."""
    real = os.fsync
    os.fsync = lambda fd: None  # noqa: ARG005
    try:
        yield
    finally:
        os.fsync = real


def main() -> None:
    """Go through every story and print the counts."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--most", type=int, default=4096)
    parser.add_argument("--folder", help="where to work (default: a temporary folder)")
    args = parser.parse_args()
    print(
        f"{'story':36}{'instants':>10}{'states':>12}{'different':>11}{'recovered':>11}"
        f"{'seconds':>9}"
    )
    for story in STORIES:
        folder = Path(tempfile.mkdtemp(dir=args.folder))
        began = time.perf_counter()
        try:
            found = go_through(story, folder, most=args.most, killed=lambda _: True)
        finally:
            shutil.rmtree(folder)
        took = time.perf_counter() - began
        grown = ", ".join(map(str, story.sizes))
        words = f"{story.before} entries, then {grown} (again: {story.last})"
        counts = f"{found.instants:10,}{found.states:12,}{found.different:11,}{found.recovered:11,}"
        print(f"{words:36}{counts}{took:9.1f}", flush=True)


if __name__ == "__main__":
    main()
