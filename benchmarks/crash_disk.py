"""A disk that remembers what is durable, for benchmarks/power_loss.py and its tests.

`recorded` lets real code work on a real folder and follows every file operation of it in a model of
the disk: what each file and folder holds now, and what of it an fsync has made durable. `states`
then gives what the loss of power at that instant may leave. POSIX promises no more than this:

- what was written to a file since its last fsync may be missing, cut anywhere, zeros, or whole;
- what happened to the names of a folder since its last fsync may have happened or not, each name by
  itself; so a rename may leave both names, either or none;
- an fsync of a file says nothing about its name, and one of a folder nothing about its files.

File systems in use are kinder; what holds here holds on them. The model is that of Pillai et al.,
"All File Systems Are Not Created Equal", OSDI 2014, without its exceptions.
"""

from __future__ import annotations

import os
import random
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import combinations, islice, product
from math import prod
from pathlib import Path
from typing import Any

Tree = dict[str, "bytes | None"]
"""What a folder holds: the content of each file by its path, None for a folder."""

_AUDITED = frozenset(["open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.link"])


class KilledError(BaseException):
    """The process ends here; nothing that it would still do happens."""


class UnseenError(Exception):
    """The code did something to files that the model does not follow."""


@dataclass
class File:
    """A file: what it holds, and what of that is durable."""

    content: bytes = b""
    durable: bytes = b""

    def may_hold(self) -> list[bytes]:
        """What may be found after the loss of power."""
        if self.content == self.durable:
            return [self.content]
        half = self.content[: len(self.content) // 2]
        cut = [self.content, self.durable, b"", half, self.content[:-1], bytes(len(self.content))]
        return list(dict.fromkeys(cut))


@dataclass
class Folder:
    """A folder: its names, and what happened to them since they were last made durable."""

    names: dict[str, File | Folder] = field(default_factory=dict)
    durable: dict[str, File | Folder] = field(default_factory=dict)
    pending: dict[str, list[File | Folder | None]] = field(default_factory=dict)

    def put(self, name: str, what: File | Folder | None) -> None:
        """Give a name to something, or take it away."""
        self.pending.setdefault(name, []).append(what)
        if what is None:
            del self.names[name]
        else:
            self.names[name] = what

    def settle(self) -> None:
        """Make the names durable."""
        self.durable, self.pending = dict(self.names), {}


class Disk:
    """One folder of a real disk, followed operation by operation.

    With `stop` the operation of that number (from 0) does not happen, nor any after it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.top = Folder()
        self.done: list[str] = []
        """The operations so far, each as its name and path."""
        self.stop: int | None = None
        self.watch: Callable[[], None] = lambda: None
        """Called before each operation."""
        self._handles: dict[int, File | Folder] = {}
        self._lock = threading.RLock()

    def take(self, tree: Tree) -> None:
        """Begin with what stands in the folder, all of it durable."""
        self.top = Folder()
        for path, content in sorted(tree.items()):
            above, name = self._place(path)
            above.put(name, Folder() if content is None else File(content, content))
        _settle(self.top)

    def step(self, name: str, path: object) -> None:
        """Before an operation: it may be the one at which the process is killed."""
        if self.stop is not None and len(self.done) >= self.stop:
            raise KilledError
        self.watch()
        self.done.append(f"{name} {path}")

    def states(self, most: int, seed: int = 0) -> Iterator[Tree]:
        """What the loss of power at this instant may leave: all of it where there are at most
        `most` possibilities; else those in which at most two things differ from nothing or
        everything being durable, and others drawn at random."""
        choices = list(self._choices(self.top))
        counts = [len(options) for _, options in choices]
        for picked in _picks(counts, most, seed):
            taken = {id(of): options[at] for (of, options), at in zip(choices, picked, strict=True)}
            yield dict(self._left(self.top, "", taken))

    def _choices(self, folder: Folder) -> Iterator[tuple[object, list[Any]]]:
        """Everything about which the loss of power decides, with its possibilities; the first of
        each is that all has reached the disk, the last that nothing has."""
        reached: list[File | Folder] = list(folder.durable.values())
        for name, history in folder.pending.items():
            before = folder.durable.get(name)
            yield history, [*reversed(history), before]
            reached += [one for one in history if one is not None]
        for one in {id(one): one for one in reached}.values():
            if isinstance(one, Folder):
                yield from self._choices(one)
            elif one.content != one.durable:
                yield one, one.may_hold()

    def _left(
        self, folder: Folder, at: str, taken: dict[int, Any]
    ) -> Iterator[tuple[str, bytes | None]]:
        names = {**folder.durable}
        for name, history in folder.pending.items():
            names[name] = taken[id(history)]
        for name, one in names.items():
            if isinstance(one, Folder):
                yield at + name, None
                yield from self._left(one, f"{at}{name}/", taken)
            elif one is not None:
                yield at + name, taken.get(id(one), one.content)

    # What the real code does, followed. `path` is relative to the root.

    def _place(self, path: str) -> tuple[Folder, str]:
        *above, name = path.split("/")
        folder = self.top
        for part in above:
            found = folder.names[part]
            assert isinstance(found, Folder)
            folder = found
        return folder, name

    def find(self, path: str) -> File | Folder:
        """What stands under a path."""
        if path == ".":
            return self.top
        folder, name = self._place(path)
        return folder.names[name]

    def inside(self, path: object) -> str | None:
        """The path relative to the root, or None for one outside it."""
        if not isinstance(path, str | os.PathLike):
            return None
        try:
            return Path(os.path.abspath(os.fspath(path))).relative_to(self.root).as_posix()  # noqa: PTH100
        except (ValueError, TypeError):
            return None

    @contextmanager
    def recorded(self) -> Iterator[Disk]:
        """Follow what is done to the folder by `os` functions, which pathlib uses. Raises
        UnseenError if something is done by other means."""
        real = {name: getattr(os, name) for name in _FOLLOWED}
        names = {name: getattr(self, f"_{name}") for name in _FOLLOWED}

        def followed(name: str) -> Callable[..., Any]:
            def call(*arguments: Any, **options: Any) -> Any:
                with self._lock:
                    return names[name](real[name], *arguments, **options)

            return call

        for name in _FOLLOWED:
            setattr(os, name, followed(name))
        _AUDIT.disks.append(self)
        try:
            yield self
        finally:
            _AUDIT.disks.remove(self)
            for name, function in real.items():
                setattr(os, name, function)
            for handle in list(self._handles):
                real["close"](handle)
            self._handles.clear()

    def _open(self, real: Any, path: Any, flags: int, *rest: Any, **options: Any) -> int:
        where = self.inside(path)
        if where is None:
            return int(real(path, flags, *rest, **options))
        if not flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC):
            with _AUDIT.seen():
                handle = int(real(path, flags, *rest, **options))
            self._handles[handle] = self.find(where)
            return handle
        self.step("create", where)
        with _AUDIT.seen():
            handle = int(real(path, flags, *rest, **options))
        folder, name = self._place(where)
        if name not in folder.names:
            folder.put(name, File())
        file = folder.names[name]
        assert isinstance(file, File)
        if flags & os.O_TRUNC:
            file.content = b""
        self._handles[handle] = file
        return handle

    def _write(self, real: Any, handle: int, data: Any) -> int:
        file = self._handles.get(handle)
        if file is None:
            return int(real(handle, data))
        self.step("write", handle)
        count = int(real(handle, data))
        assert isinstance(file, File)
        file.content += bytes(data[:count])
        return count

    def _fsync(self, real: Any, handle: int) -> None:
        found = self._handles.get(handle)
        if found is None:
            real(handle)
            return
        self.step("fsync", handle)  # the real one is spared: the model alone says what is durable
        if isinstance(found, Folder):
            found.settle()
        else:
            found.durable = found.content

    def _close(self, real: Any, handle: int) -> None:
        self._handles.pop(handle, None)
        real(handle)

    def _rename(self, real: Any, source: Any, target: Any, **options: Any) -> None:
        old, new = self.inside(source), self.inside(target)
        if old is None or new is None:
            real(source, target, **options)
            return
        self.step("rename", f"{old} {new}")
        with _AUDIT.seen():
            real(source, target, **options)
        what = self.find(old)
        folder, name = self._place(new)
        folder.put(name, what)
        folder, name = self._place(old)
        folder.put(name, None)

    _replace = _rename

    def _mkdir(self, real: Any, path: Any, *rest: Any, **options: Any) -> None:
        where = self.inside(path)
        if where is None:
            real(path, *rest, **options)
            return
        self.step("mkdir", where)
        with _AUDIT.seen():
            real(path, *rest, **options)
        folder, name = self._place(where)
        folder.put(name, Folder())

    def _unlink(self, real: Any, path: Any, **options: Any) -> None:
        where = self.inside(path)
        if where is None:
            real(path, **options)
            return
        self.step("unlink", where)
        with _AUDIT.seen():
            real(path, **options)
        folder, name = self._place(where)
        folder.put(name, None)

    _remove = _unlink
    _rmdir = _unlink


_FOLLOWED = (
    *("open", "write", "fsync", "close", "rename", "replace", "mkdir"),
    *("unlink", "remove", "rmdir"),
)


class _Audit:
    """Python's own record of what is done to files, to notice what was not followed."""

    def __init__(self) -> None:
        self.disks: list[Disk] = []
        self._local = threading.local()
        self._installed = False

    @contextmanager
    def seen(self) -> Iterator[None]:
        """What happens now is followed."""
        if not self._installed:
            self._installed = True
            sys.addaudithook(self._hook)
        self._local.seen = True
        try:
            yield
        finally:
            self._local.seen = False

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.disks or event not in _AUDITED or getattr(self._local, "seen", False):
            return
        if event == "open" and not (
            isinstance(arguments[2], int)
            and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        ):
            return
        for disk in self.disks:
            if disk.inside(arguments[0]) is not None:
                raise UnseenError(f"{event} of {arguments[0]} is not followed")


_AUDIT = _Audit()


def read_tree(root: Path) -> Tree:
    """What a folder holds."""
    return {
        path.relative_to(root).as_posix(): None if path.is_dir() else path.read_bytes()
        for path in root.rglob("*")
    }


def write_tree(root: Path, tree: Tree) -> None:
    """Make a folder that holds this."""
    root.mkdir(parents=True)
    for path, content in tree.items():
        if content is None:
            (root / path).mkdir(parents=True, exist_ok=True)
        else:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(content)


def _settle(folder: Folder) -> None:
    folder.settle()
    for one in folder.names.values():
        if isinstance(one, Folder):
            _settle(one)


def _picks(counts: list[int], most: int, seed: int) -> Iterator[tuple[int, ...]]:
    """One possibility of each, see `Disk.states`."""
    if prod(counts) <= most:
        yield from product(*map(range, counts))
        return
    for base in ([0] * len(counts), [count - 1 for count in counts]):
        yield from islice(_near(base, counts), most // 3)
    draw = random.Random(seed)
    for _ in range(most // 3):
        yield tuple(draw.randrange(count) for count in counts)


def _near(base: list[int], counts: list[int]) -> Iterator[tuple[int, ...]]:
    """The base, and whatever differs from it in one place or two."""
    for several in (0, 1, 2):
        for places in combinations(range(len(counts)), several):
            for options in product(*(range(counts[place]) for place in places)):
                changed = list(base)
                for place, option in zip(places, options, strict=True):
                    changed[place] = option
                yield tuple(changed)
