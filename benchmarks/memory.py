"""Peak memory of this process and those it started, while a block runs."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from types import TracebackType

_EVERY = 0.25
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Peak:
    """Looks at the resident memory four times a second. `total` is the highest sum over this
    process and its children, `main` the highest of this process, in bytes."""

    def __init__(self) -> None:
        self.total = self.main = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(_EVERY):
            own = _resident(os.getpid())
            self.main = max(self.main, own)
            self.total = max(self.total, own + sum(map(_resident, _children())))


def _resident(process: int) -> int:
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * _PAGE
    except OSError:
        return 0


def _children() -> list[int]:
    found: list[int] = []
    for task in Path("/proc/self/task").iterdir():
        try:
            found += map(int, (task / "children").read_text().split())
        except OSError:
            continue
    return found
