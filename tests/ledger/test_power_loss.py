"""Whatever the loss of power leaves of the log, its checkpoint names what is there and right."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from benchmarks.crash_disk import Disk, UnseenError
from benchmarks.power_loss import (
    ORIGIN,
    SIGNER,
    STORIES,
    FaultError,
    Story,
    entries,
    go_through,
    publish,
)

from comity.ledger import files
from comity.ledger import publish as publishing
from comity.ledger.checkpoint import Checkpoint, sign_checkpoint
from comity.ledger.publish import CHECKPOINT, SCRATCH, Ledger

FIRST, GROWN, TILE, _ = STORIES


@pytest.fixture
def quick() -> Iterator[Path]:
    """A folder in memory where there is one: what a real disk does makes no difference here."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Path(folder)


def never(_operation: str) -> bool:
    return False


def made_a_folder(operation: str) -> bool:
    return operation.startswith("mkdir log")


@pytest.mark.parametrize("story", STORIES)
def test_every_state_that_the_loss_of_power_may_leave(story: Story, quick: Path) -> None:
    found = go_through(story, quick, most=200)
    assert found.states > 1_000
    assert found.checkpoints == {story.before or -1, *story.sizes}


def test_killed_anywhere_started_again_and_then_the_power_goes(quick: Path) -> None:
    found = go_through(FIRST, quick, most=27, killed=lambda _: True)
    assert found.instants > 900
    assert found.checkpoints == {-1, 1}


def test_killed_while_a_level_begins_and_then_the_power_goes(quick: Path) -> None:
    """The folder `tile/1` is made; see `make_folder`."""
    found = go_through(TILE, quick, most=27, killed=made_a_folder)
    assert found.instants > 200
    assert found.checkpoints == {254, 256, 258}


def no_names(_folder: Path) -> None:
    """Names are not made durable."""


def trusting(folder: Path, durable: set[Path]) -> None:
    """A folder that is there is taken for durable (as it was done until the killed process and the
    loss of power were looked at together)."""
    if not folder.is_dir():
        trusting(folder.parent, durable)
        folder.mkdir(exist_ok=True)
        files.sync_folder(folder.parent)


def in_place(path: Path, data: bytes, *, scratch: Path) -> None:
    """The checkpoint is written over the old one."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.write(handle, data)
    os.fsync(handle)
    os.close(handle)
    files.sync_folder(path.parent)


def renamed_early(self: files.Staging) -> None:
    """Names first, then what they name."""
    for _, grows, path in self._open:
        files.make_folder(path.parent, self._durable)
        grows.replace(path)
    for handle, _, _ in self._open:
        os.fsync(handle)
    for _, _, path in self._open:
        files.sync_folder(path.parent)
    self._let_go()


def unflushed(self: files.Staging) -> None:
    """What files hold is left to the system."""
    for _, grows, path in self._open:
        files.make_folder(path.parent, self._durable)
        grows.replace(path)
        files.sync_folder(path.parent)
    self._let_go()


def checkpoint_first(log: Path, size: int) -> object:
    """The checkpoint goes out before the tiles that it names."""
    ahead = log.parent.parent / f"ahead-{log.parent.name}-{size}"
    publish(ahead, size)
    found = Ledger(ahead, ORIGIN).checkpoint()
    assert isinstance(found, Checkpoint)
    first = Ledger(log, ORIGIN).size()
    note = sign_checkpoint(found, SIGNER)
    before = (log / CHECKPOINT).read_bytes()
    files.write_durably(log / CHECKPOINT, note, scratch=log / SCRATCH)
    files.write_durably(log / CHECKPOINT, before, scratch=log / SCRATCH)
    return Ledger(log, ORIGIN).publish(entries(first, size), first=first, signer=SIGNER)


@pytest.mark.parametrize(
    ("story", "killed", "target", "name", "broken"),
    [
        (GROWN, never, files, "sync_folder", no_names),
        (GROWN, never, files.Staging, "settle", renamed_early),
        (GROWN, never, files.Staging, "settle", unflushed),
        (GROWN, never, publishing, "write_durably", in_place),
        (TILE, made_a_folder, files, "make_folder", trusting),
    ],
)
def test_it_would_be_found(
    story: Story,
    killed: Callable[[str], bool],
    target: Any,
    name: str,
    broken: Callable[..., None],
    quick: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each care that publishing takes is needed: without it a state is found that must not be."""

    def careless(log: Path, size: int) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(target, name, broken)
            publish(log, size)

    with pytest.raises(FaultError):
        go_through(story, quick, most=100, killed=killed, under_test=careless)


def test_a_checkpoint_before_its_tiles_would_be_found(quick: Path) -> None:
    with pytest.raises(FaultError, match="names tile"):
        go_through(GROWN, quick, most=100, under_test=checkpoint_first)


def test_what_the_model_of_the_disk_cannot_see_stops_it(quick: Path) -> None:
    disk = Disk(quick / "disk")
    disk.root.mkdir()
    with disk.recorded():
        (disk.root / "a").mkdir()
        with pytest.raises(UnseenError):
            (disk.root / "a" / "file").write_bytes(b"by other means")
    assert list(disk.states(100)) == [{"a": None}, {}]
