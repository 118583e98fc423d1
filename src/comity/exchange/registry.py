"""The exchange's registry: built and updated, opened for a look-up, its digest in the log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from comity.core.canonical import Json
from comity.core.errors import UsageError
from comity.exchange.officers import Credentials, exchange_target, identify, permit
from comity.exchange.opening import Exchange
from comity.identity.index import Report
from comity.identity.registry import Registry, RegistryManifest
from comity.review.authority import Actor
from comity.store import parties
from comity.store.tables import registries


def build_registry(
    exchange: Exchange,
    source: Path,
    credentials: Credentials,
    progress: Callable[[int], None] | None = None,
    report: Report | None = None,
) -> RegistryManifest:
    """Build the registry from CSV or Parquet, encrypted at rest, and record its digest."""
    actor = identify(exchange, credentials)
    permit(exchange, actor, "registry", exchange_target(exchange))
    key = exchange.keys.derived("registry")
    manifest = Registry.build(
        source, exchange.registry_path, key=key, progress=progress, report=report
    )
    _record(exchange, "registry.built", manifest, actor)
    return manifest


def update_registry(
    exchange: Exchange,
    source: Path | None,
    removed: Path | None,
    credentials: Credentials,
    report: Report | None = None,
) -> RegistryManifest:
    """Bring the registry up to date with changed persons, and a list of removed ones, and record
    its digest. Cut off before its record, it is as if it had not been: the one before serves.

    Raises UsageError where none was built or neither file is given, RegistryError as
    Registry.update does."""
    actor = identify(exchange, credentials)
    permit(exchange, actor, "registry", exchange_target(exchange))
    manifest = Registry.update(
        exchange.registry_path,
        source,
        removed=removed,
        key=exchange.keys.derived("registry"),
        report=report,
        digests=recorded_digests(exchange),
    )
    _record(exchange, "registry.updated", manifest, actor)
    return manifest


def _record(exchange: Exchange, act: str, manifest: RegistryManifest, actor: Actor) -> None:
    with exchange.recording() as recorder:
        digests: dict[str, Json] = {
            "digest": manifest.digest,
            "items_digest": manifest.items_digest,
        }
        done = recorder.record(
            act,
            {**digests, "officer": actor.officer.id},
            payload={"persons": manifest.persons, "addresses": manifest.addresses},
        )
        row = {"entry": done.number, **digests, "built": done.at}
        parties.add(recorder.connection, registries, row)


@contextmanager
def open_registry(exchange: Exchange) -> Iterator[Registry]:
    """The registry, for the time of the block.

    Raises UsageError where none was built, RegistryError where it is not the one that the log says
    was built last."""
    key = exchange.keys.derived("registry")
    with Registry.open(
        exchange.registry_path, key=key, digests=recorded_digests(exchange)
    ) as registry:
        yield registry


def recorded_digests(exchange: Exchange) -> tuple[str, str]:
    """The digests of index and items of the registry that was built or updated last.

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
