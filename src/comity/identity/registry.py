"""The holder's registry: build an index once, then ask it who a request is about."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from types import TracebackType

import duckdb
from filelock import FileLock, Timeout

from comity.agreement.model import IdentityPolicy
from comity.core.errors import RegistryError, UsageError
from comity.identity import storage
from comity.identity.index import build_files
from comity.identity.manifest import RegistryManifest, Remark
from comity.identity.match import Match
from comity.identity.matching import match_of
from comity.identity.record import Subject, standardise, subject_of
from comity.identity.search import search
from comity.request.model import Request

__all__ = ["Registry", "RegistryManifest", "Remark", "Subject", "subject_of", "verify"]

BATCH = 20_000
"""Subjects searched at a time, which bounds the memory of a batch of any size."""


class Registry:
    """An open index of persons and addresses. Use it as a context manager, or `close` it."""

    def __init__(
        self, path: Path, manifest: RegistryManifest, database: duckdb.DuckDBPyConnection
    ) -> None:
        self.path = path
        self.manifest = manifest
        self._database = database

    @staticmethod
    def build(
        source: Path,
        out: Path,
        *,
        key: bytes | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> RegistryManifest:
        """Build an index from a CSV or Parquet source (columns: `source.COLUMNS`) at `out`.

        With a 32-byte `key` the index is encrypted at rest. `progress` hears how many rows were
        read. A row that cannot be used is counted and listed in the manifest. An index that stands
        at `out` serves until the new one is whole and on disk, then is replaced in one step.

        Raises UsageError where `out` is a file, and RegistryError: no such source, wrong columns or
        encoding, no usable row, no room, or another build of the same index is running."""
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
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(out.parent / f".{out.name}.lock", timeout=0):
                return _build(source, out, key, progress)
        except Timeout:
            raise RegistryError(
                "Another build of this index is running.",
                where=str(out),
                cure="Wait for it to end.",
            ) from None
        except (OSError, duckdb.Error) as error:
            raise RegistryError(
                f"The index could not be written ({_kind(error)}).",
                where=str(out),
                cure="Check room and rights on the disk; the old index, if any, still serves.",
            ) from None

    @staticmethod
    def open(path: Path, *, key: bytes | None = None) -> Registry:
        """Open an index for reading. Many processes may at once.

        Raises RegistryError: no index, another schema version, wrong or missing key, or files
        that are not those of the manifest."""
        manifest = RegistryManifest.read(path / storage.MANIFEST)
        if manifest.encrypted and key is None:
            raise RegistryError(
                "The index is encrypted.", where=str(path), cure="Give the key it was built with."
            )
        if not manifest.encrypted:
            key = None
        file = path / storage.INDEX
        if storage.file_digest(file) != manifest.digest:
            again = RegistryManifest.read(path / storage.MANIFEST)
            if again.digest == manifest.digest or storage.file_digest(file) != again.digest:
                raise RegistryError(
                    "The index is not the one its manifest describes; it is damaged or altered.",
                    where=str(file),
                    cure="Restore it, or build the index again from its source.",
                )
            manifest = again
        database = storage.connect()
        try:
            storage.attach(database, file, "idx", key, read_only=True)
            storage.seal(database)
        except BaseException:
            database.close()
            raise
        return Registry(path, manifest, database)

    def verify(self, subjects: Iterable[Subject], policy: IdentityPolicy) -> list[Match]:
        """Who the subjects are: one Match each, in their order."""
        pending = iter(subjects)
        matches: list[Match] = []
        while batch := list(islice(pending, BATCH)):
            matches += self._verify(batch, policy)
        return matches

    def _verify(self, batch: Sequence[Subject], policy: IdentityPolicy) -> list[Match]:
        standards = [standardise(subject) for subject in batch]
        found = search(self._database, standards)
        return [
            match_of(subject.key, standard, found, row, policy, self.manifest.persons)
            for row, (subject, standard) in enumerate(zip(batch, standards, strict=True))
        ]

    def flags(self, person_ids: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """The flags that stand beside these persons now. A person who is not there is absent from
        the answer."""
        wanted = sorted(set(person_ids))
        if not wanted:
            return {}
        rows = self._database.execute(
            "SELECT person_id, flags FROM idx.person WHERE person_id IN (SELECT unnest(?))",
            [wanted],
        ).fetchall()
        return {person_id: frozenset(flags) for person_id, flags in rows}

    def close(self) -> None:
        """Let go of the index's files."""
        self._database.close()

    def __enter__(self) -> Registry:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def verify(registry: Registry, requests: Iterable[Request], policy: IdentityPolicy) -> list[Match]:
    """Who each request is about: one Match each, in their order, named by the request's id."""
    return registry.verify(map(subject_of, requests), policy)


def _build(
    source: Path, out: Path, key: bytes | None, progress: Callable[[int], None] | None
) -> RegistryManifest:
    for stale in out.parent.glob(f".{out.name}.building-*"):
        shutil.rmtree(stale, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{out.name}.building-", dir=out.parent))
    try:
        manifest = build_files(source, folder, key, progress)
        (folder / storage.MANIFEST).write_text(
            json.dumps(manifest.to_json(), indent=1, sort_keys=True) + "\n", "utf-8"
        )
        shutil.rmtree(folder / "spill", ignore_errors=True)
        for file in (*folder.iterdir(), folder):
            _sync(file)
        _take_place(folder, out)
        _sync(out.parent)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return manifest


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
