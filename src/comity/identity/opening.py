"""Opening an index for reading: the files of its manifest, and no others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb

from comity.core.errors import RegistryError
from comity.identity import storage
from comity.identity.manifest import RegistryManifest
from comity.identity.views import views


def open_index(
    path: Path, key: bytes | None, recorded: Callable[[RegistryManifest], bool]
) -> tuple[RegistryManifest, duckdb.DuckDBPyConnection]:
    """The manifest of an index, and a database in which it stands as `idx`: the built file itself,
    or views that show it and its update as one.

    Raises RegistryError: no index, not the `recorded` one, another schema version, wrong or missing
    key, or files that are not those of the manifest."""
    manifest = recorded_manifest(path, recorded)
    if manifest.encrypted and key is None:
        raise RegistryError(
            "The index is encrypted.", where=str(path), cure="Give the key it was built with."
        )
    manifest = checked(path, manifest, recorded)
    database = storage.connect()
    try:
        _attach(database, path, manifest, key if manifest.encrypted else None)
    except BaseException:
        database.close()
        raise
    return manifest, database


def recorded_manifest(path: Path, recorded: Callable[[RegistryManifest], bool]) -> RegistryManifest:
    """The manifest of an index as it is, or as it was before the last update: whichever is the one
    that was recorded. Between an update's last step and its record, that is the one before.

    Raises RegistryError: no index, another schema version, neither of them recorded."""
    manifest = RegistryManifest.read(path / storage.MANIFEST)
    if recorded(manifest):
        return manifest
    before = path / storage.BEFORE
    if before.exists() and recorded(former := RegistryManifest.read(before)):
        return former
    raise RegistryError(
        "The registry is not the one that was recorded as built last.",
        where=str(path),
        cure="Its files were exchanged, or a build was cut off at its end: build it again.",
    )


def checked(
    path: Path, manifest: RegistryManifest, recorded: Callable[[RegistryManifest], bool]
) -> RegistryManifest:
    """The manifest, once all files that it names are found to be as it says.

    Another build or update may have taken the index's place meanwhile; then it is that one's."""
    try:
        _check(path, manifest)
    except RegistryError:
        again = recorded_manifest(path, recorded)
        if again.digest == manifest.digest:
            raise
        _check(path, again)
        return again
    return manifest


def _check(path: Path, manifest: RegistryManifest) -> None:
    for file, digest in manifest.index_files().items():
        if storage.file_digest(path / file) != digest:
            raise RegistryError(
                "The index is not the one its manifest describes; it is damaged or altered.",
                where=str(path / file),
                cure="Restore it, or build the index again from its source.",
            )


def _attach(
    database: duckdb.DuckDBPyConnection, path: Path, manifest: RegistryManifest, key: bytes | None
) -> None:
    files = [path / file for file in manifest.index_files()]
    if manifest.delta is None:
        storage.attach(database, files[0], "idx", key, read_only=True)
    else:
        storage.attach(database, files[0], "base", key, read_only=True)
        storage.attach(database, files[1], "delta", key, read_only=True)
        database.execute(views())
    storage.seal(database)
