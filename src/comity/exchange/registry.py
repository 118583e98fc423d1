"""The exchange's registry: built encrypted, opened for a look-up, its digest in the log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from comity.core.canonical import Json
from comity.core.errors import RegistryError, UsageError
from comity.exchange.officers import Credentials, exchange_target, identify, permit
from comity.exchange.opening import Exchange
from comity.identity.registry import Registry, RegistryManifest
from comity.store import parties
from comity.store.tables import registries


def build_registry(
    exchange: Exchange,
    source: Path,
    credentials: Credentials,
    progress: Callable[[int], None] | None = None,
) -> RegistryManifest:
    """Build the registry from CSV or Parquet, encrypted at rest, and record its digest."""
    actor = identify(exchange, credentials)
    permit(exchange, actor, "registry", exchange_target(exchange))
    key = exchange.keys.derived("registry")
    manifest = Registry.build(source, exchange.registry_path, key=key, progress=progress)
    with exchange.recording() as recorder:
        digests: dict[str, Json] = {
            "digest": manifest.digest,
            "items_digest": manifest.items_digest,
        }
        done = recorder.record(
            "registry.built",
            {**digests, "officer": actor.officer.id},
            payload={"persons": manifest.persons, "addresses": manifest.addresses},
        )
        row = {"entry": done.number, **digests, "built": done.at}
        parties.add(recorder.connection, registries, row)
    return manifest


@contextmanager
def open_registry(exchange: Exchange) -> Iterator[Registry]:
    """The registry, for the time of the block.

    Raises UsageError where none was built, RegistryError where it is not the one that the log says
    was built last."""
    recorded = recorded_digests(exchange)
    registry = Registry.open(exchange.registry_path, key=exchange.keys.derived("registry"))
    try:
        if (registry.manifest.digest, registry.manifest.items_digest) != recorded:
            raise RegistryError(
                "The registry is not the one that the log says was built last.",
                where=str(exchange.registry_path),
                cure="Its files were exchanged, or a build was cut off at its end: build it again.",
            )
        yield registry
    finally:
        registry.close()


def recorded_digests(exchange: Exchange) -> tuple[str, str]:
    """The digests of index and items of the registry that was built last.

    Raises UsageError where none was built."""
    with exchange.database.reading() as connection:
        found = parties.newest_registry(connection)
    if found is None or not exchange.registry_path.exists():
        raise UsageError(
            "This exchange has no registry yet.",
            where=str(exchange.directory),
            cure="Build one with `comity registry build SOURCE --exchange DIR --as … --key …`.",
        )
    return found
