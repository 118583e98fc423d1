"""Putting a new index, or an update of one, in the place of the old: whole, or not at all."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from comity.core.errors import RegistryError, UsageError
from comity.identity import storage
from comity.identity.index import Report, build_files
from comity.identity.manifest import RegistryManifest
from comity.identity.opening import checked, recorded_manifest
from comity.identity.update import forget_old, update_files


def build_index(source: Path, out: Path, key: bytes | None, report: Report) -> RegistryManifest:
    """Build an index at `out`; see Registry.build."""
    out = out.absolute()
    if out.exists() and not out.is_dir():
        raise UsageError(
            "An index is a directory, and a file stands there.",
            where=str(out),
            cure="Name a new or empty directory, or move the file away.",
        )
    if out.exists() and not (out / storage.MANIFEST).exists() and any(out.iterdir()):
        raise RegistryError(
            "The target holds something that is no index.",
            where=str(out),
            cure="Name a new or empty directory.",
        )
    with _writing(out) as folder:
        manifest = build_files(source, folder, key, report)
        _write_manifest(manifest, folder / storage.MANIFEST)
        _sync_all(folder)
        _take_place(folder, out)
        _sync(out.parent)
    return manifest


def update_index(
    out: Path,
    source: Path | None,
    removed: Path | None,
    key: bytes | None,
    report: Report,
    recorded: Callable[[RegistryManifest], bool],
) -> RegistryManifest:
    """Update the index at `out`; see Registry.update."""
    if source is None and removed is None:
        raise UsageError(
            "There is nothing to update the index with.",
            cure="Give a source of changed persons, a list of removed ones, or both.",
        )
    out = out.absolute()
    RegistryManifest.read(out / storage.MANIFEST)
    with _writing(out) as folder:
        manifest = checked(out, recorded_manifest(out, recorded), recorded)
        if manifest.encrypted and key is None:
            raise RegistryError(
                "The index is encrypted.", where=str(out), cure="Give the key it was built with."
            )
        used = key if manifest.encrypted else None
        updated = update_files(out, manifest, source, removed, folder, used, report)
        assert updated.delta is not None
        _sync_all(folder)
        target = out / updated.delta.folder
        shutil.rmtree(target, ignore_errors=True)  # of an update that was cut off before its end
        folder.rename(target)
        _sync(out)
        for one, name in ((manifest, storage.BEFORE), (updated, storage.MANIFEST)):
            fresh = out / f"{name}.new"
            _write_manifest(one, fresh)
            _sync(fresh)
            fresh.rename(out / name)
            _sync(out)
        forget_old(out, updated)
    return updated


@contextmanager
def _writing(out: Path) -> Iterator[Path]:
    """An empty folder beside an index, for whoever alone may change it now; gone afterwards."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(out.parent / f".{out.name}.lock", timeout=0):
            for stale in out.parent.glob(f".{out.name}.building-*"):
                shutil.rmtree(stale, ignore_errors=True)
            folder = Path(tempfile.mkdtemp(prefix=f".{out.name}.building-", dir=out.parent))
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)
    except Timeout:
        raise RegistryError(
            "Another build or update of this index is running.",
            where=str(out),
            cure="Wait for it to end.",
        ) from None
    except (OSError, duckdb.Error) as error:
        raise RegistryError(
            f"The index could not be written ({_kind(error)}).",
            where=str(out),
            cure="Check memory and the room on the disk; the old index, if any, still serves.",
        ) from None


def _write_manifest(manifest: RegistryManifest, file: Path) -> None:
    file.write_text(json.dumps(manifest.to_json(), indent=1, sort_keys=True) + "\n", "utf-8")


def _sync_all(folder: Path) -> None:
    shutil.rmtree(folder / "spill", ignore_errors=True)
    for file in (*folder.iterdir(), folder):
        _sync(file)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _take_place(new: Path, out: Path) -> None:
    """Put `new` where `out` is, in one step; what was there ends up at `new`."""
    if not out.exists() or not any(out.iterdir()):
        new.rename(out)
        return
    exchange, here = 2, -100  # RENAME_EXCHANGE, AT_FDCWD: renameat2(2), Linux
    with contextlib.suppress(AttributeError):
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.renameat2(here, os.fsencode(new), here, os.fsencode(out), exchange) == 0:
            return
        if ctypes.get_errno() not in (errno.EINVAL, errno.ENOSYS):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    aside = new.with_name(new.name + "-old")
    out.rename(aside)
    new.rename(out)
    aside.rename(new)


def _kind(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return type(error).__name__
