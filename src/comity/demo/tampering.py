"""Changing one byte of a copy of the log, as somebody who would rewrite history must at least."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Tampering:
    """The byte at `offset` of `file` (below the log's folder) was `before` and is now `after`."""

    file: str
    offset: int
    before: int
    after: int


def tamper(log: Path, copy: Path) -> Tampering:
    """Copy a log and change one bit in the middle of the middle one of its entry tiles.

    Raises ValueError for a log without entries."""
    shutil.copytree(log, copy)
    tiles = sorted(path for path in (copy / "tile" / "entries").rglob("*") if path.is_file())
    whole = [path for path in tiles if not path.parent.name.endswith(".p")] or tiles
    if not whole:
        raise ValueError("a log without entries has nothing to change")
    tile = whole[len(whole) // 2]
    data = bytearray(tile.read_bytes())
    offset = len(data) // 2
    before = data[offset]
    data[offset] ^= 1
    tile.write_bytes(data)
    return Tampering(tile.relative_to(copy).as_posix(), offset, before, data[offset])
