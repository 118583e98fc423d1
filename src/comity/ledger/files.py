"""Files that are whole or not there, and survive the loss of power."""

from __future__ import annotations

import os
from pathlib import Path


def write_durably(path: Path, data: bytes, *, scratch: Path) -> None:
    """Write a file in one step: a reader sees the old content or the new, never a part.

    The content grows at `scratch`, which is on the same file system and has one writer at a time.
    It stands outside the folders that are served, so a crash leaves nothing among the tiles, and
    the next write takes it over."""
    make_folder(path.parent)
    with scratch.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)
    sync_folder(path.parent)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, each durable before anything is put into it."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
