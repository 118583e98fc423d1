"""The exchange's registry: built encrypted, opened for a look-up, its digest in the log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from comity.core.errors import UsageError
from comity.exchange.officers import Credentials, exchange_target, identify, permit
from comity.exchange.opening import Exchange
from comity.identity.registry import Registry, RegistryManifest


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
        recorder.record(
            "registry.built",
            {"digest": manifest.digest, "officer": actor.officer.id},
            payload={"persons": manifest.persons, "addresses": manifest.addresses},
        )
    return manifest


@contextmanager
def open_registry(exchange: Exchange) -> Iterator[Registry]:
    """The registry, for the time of the block. Raises UsageError where none was built."""
    if not exchange.registry_path.exists():
        raise UsageError(
            "This exchange has no registry yet.",
            where=str(exchange.directory),
            cure="Build one with `comity registry build SOURCE --exchange DIR --as … --key …`.",
        )
    registry = Registry.open(exchange.registry_path, key=exchange.keys.derived("registry"))
    try:
        yield registry
    finally:
        registry.close()
