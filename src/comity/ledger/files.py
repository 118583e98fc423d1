"""Files that are whole or not there, and survive the loss of power."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path


def write_durably(path: Path, data: bytes, *, scratch: Path, mode: int = 0o666) -> None:
    """Write a file in one step: a reader sees the old content or the new, never a part.

    The content grows in the folder `scratch` (see `Staging`); `mode` is who may read it, less what
    the umask takes away."""
    with closing(Staging(scratch)) as staging:
        staging.put(path, data, mode)
        staging.settle()


class Staging:
    """Writes files many at a time: `put` one after the other, then `settle` them together.

    Each grows in the folder `scratch`, which is on the same file system, has one writer at a time
    and stands outside the folders that are served. It is put in its place only when its content is
    durable, and `settle` returns when its name is, too. So a crash leaves no part of a file in
    place; what it leaves in `scratch`, the next writer throws away."""

    _MOST = 128
    """Files open at a time. A folder is made durable once for so many, not once for each."""

    _FLUSHES = 8
    """Files that are flushed at a time: what they wait for is the disk's, and one flush of the file
    system's journal serves all of them (1,280 tiles: 3 s instead of 10 on a busy disk)."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._durable: set[Path] = set()
        self._open: list[tuple[int, Path, Path]] = []
        if scratch.is_file():
            scratch.unlink()  # as an earlier version left it
        make_folder(scratch.parent, self._durable)
        scratch.mkdir(exist_ok=True)
        for left in scratch.iterdir():
            left.unlink()

    def put(self, path: Path, data: bytes, mode: int = 0o666) -> None:
        """Write a file. It is in its place after `settle`, or earlier."""
        if len(self._open) == self._MOST:
            self.settle()
        grows = self._scratch / str(len(self._open))
        handle = os.open(grows, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        self._open.append((handle, grows, path))
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(handle, rest) :]

    def settle(self) -> None:
        """Make every file that was put durable, and then its name."""
        if not self._open:
            return
        folders = dict.fromkeys(path.parent for _, _, path in self._open)
        for folder in folders:
            make_folder(folder, self._durable)
        with ThreadPoolExecutor(self._FLUSHES) as pool:
            for _ in pool.map(os.fsync, [handle for handle, _, _ in self._open]):
                pass
        for _, grows, path in self._open:
            grows.replace(path)
        for folder in folders:
            sync_folder(folder)
        self._let_go()

    def close(self) -> None:
        """Throw away what was put and is not settled, and the folder in which it grew."""
        for grows in self._let_go():
            grows.unlink(missing_ok=True)
        self._scratch.rmdir()

    def _let_go(self) -> list[Path]:
        for handle, _, _ in self._open:
            os.close(handle)
        left, self._open = [grows for _, grows, _ in self._open], []
        return left


def make_folder(folder: Path, durable: set[Path] | None = None) -> None:
    """Make a folder and those above it, each durable before anything is put into it.

    One that stands there already may be of a writer that was killed before the folder's name was
    durable: so that is seen to here, too, except for those in `durable`, which grows."""
    durable = set() if durable is None else durable
    if folder in durable:
        return
    if not folder.is_dir():
        make_folder(folder.parent, durable)
        folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)
    durable.add(folder)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
