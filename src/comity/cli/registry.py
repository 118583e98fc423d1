"""`comity registry build` and `update`: an index of persons."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from comity.cli.index_key import index_key
from comity.cli.output import (
    AsJson,
    AsOfficer,
    ExchangeDir,
    KeyFile,
    counts,
    credentials,
    emit,
    opened,
    stages,
    table,
)
from comity.core.canonical import Json
from comity.core.errors import UsageError
from comity.exchange.registry import build_registry, update_registry
from comity.identity.manifest import Delta
from comity.identity.registry import Registry, RegistryManifest

app = typer.Typer(help="The holder's registry of persons.", no_args_is_help=True)

LISTED = 10
"""Rows left out or warned about that are shown one by one; the manifest lists more."""


@app.callback()
def _registry() -> None:
    """The holder's registry of persons."""


@app.command()
def build(
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help="CSV or Parquet.")],
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A stand-alone index, for `comity match`.")
    ] = None,
    exchange: ExchangeDir = None,
    officer: AsOfficer = None,
    key: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Build the index of a registry; the old one serves until the new one is whole.

    With --out a stand-alone index, encrypted where COMITY_REGISTRY_KEY (64 hex digits) is set.
    Without it the exchange's own, always encrypted and recorded in its log."""
    _check_target(out, exchange, officer, key, "--out")
    with stages() as report:
        if out is not None:
            manifest = Registry.build(source, out, key=index_key(), report=report)
        else:
            who = credentials(officer, key)
            with opened(exchange) as one, one.writing():
                manifest = build_registry(one, source, who, report=report)
                out = one.registry_path
    emit(as_json, _built(manifest, out), lambda c: _show_built(c, manifest, out))


@app.command()
def update(
    source: Annotated[
        Path | None,
        typer.Argument(
            metavar="[SOURCE]", help="CSV or Parquet: all rows of each changed or new person."
        ),
    ] = None,
    removed: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Persons to remove: one person_id a line.")
    ] = None,
    registry: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A stand-alone index, as built with --out.")
    ] = None,
    exchange: ExchangeDir = None,
    officer: AsOfficer = None,
    key: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Bring an index up to date with changed and removed persons, without building it again.

    The old index serves until the new one is whole. With --registry a stand-alone index; without
    it the exchange's own, recorded in its log. Build again now and then: each update carries
    everything that changed since."""
    _check_target(registry, exchange, officer, key, "--registry")
    with stages() as report:
        if registry is not None:
            manifest = Registry.update(
                registry, source, removed=removed, key=index_key(), report=report
            )
        else:
            who = credentials(officer, key)
            with opened(exchange) as one, one.writing():
                manifest = update_registry(one, source, removed, who, report)
                registry = one.registry_path
    emit(as_json, _updated(manifest, registry), lambda c: _show_updated(c, manifest, registry))


def _check_target(
    alone: Path | None, exchange: Path | None, officer: str | None, key: Path | None, option: str
) -> None:
    """Raises UsageError unless the call names a stand-alone index or an exchange and who acts."""
    if alone is not None and (officer or key):
        raise UsageError(
            f"{option} names a stand-alone index, in which no officer acts.",
            cure=f"Leave out {option} for the exchange's registry, or --as and --key.",
        )
    if alone is None and exchange is None:
        raise UsageError(
            "This does not say which index is meant.",
            cure=f"Give {option} DIR for a stand-alone one, "
            "or --exchange DIR --as OFFICER --key FILE.",
        )


def _built(manifest: RegistryManifest, out: Path) -> Json:
    return {
        "registry": str(out),
        "persons": manifest.persons,
        "addresses": manifest.addresses,
        "rows": manifest.rows,
        "excluded": dict(manifest.exclusions),
        "warnings": dict(manifest.warnings),
        "common_keys": dict(manifest.common_keys),
        "encrypted": manifest.encrypted,
        "digest": manifest.digest,
        "listed": _listed(manifest),
    }


def _show_built(console: Console, manifest: RegistryManifest, out: Path) -> None:
    console.print(
        f"{manifest.persons:,} persons with {manifest.addresses:,} addresses, of "
        f"{manifest.rows:,} rows; {'encrypted' if manifest.encrypted else 'not encrypted'}, "
        f"in {out}",
        markup=False,
    )
    _show_remarks(console, manifest, out)
    if manifest.common_keys:
        total = sum(manifest.common_keys.values())
        console.print(
            f"\n{total:,} keys stand for more than {manifest.cap} persons each and bring no "
            "candidates; where that could hide somebody, nobody is confirmed.",
            markup=False,
        )


def _show_remarks(console: Console, of: RegistryManifest | Delta, out: Path) -> None:
    for heading, found in (
        ("rows left out because of", of.exclusions),
        ("rows taken, with", of.warnings),
    ):
        if found:
            console.print()
            console.print(table((heading, "rows"), counts(found)))
    if of.remarks:
        console.print()
        shown = of.remarks[:LISTED]
        rows = [(f"{r.line}", "left out" if r.excluded else "taken", r.reason) for r in shown]
        console.print(table(("line", "", "what"), rows))
        if len(of.remarks) > LISTED:
            console.print(f"… and more: see {out / 'manifest.json'}", markup=False)


def _updated(manifest: RegistryManifest, out: Path) -> Json:
    delta = manifest.delta
    assert delta is not None
    return {
        "registry": str(out),
        "persons": manifest.persons,
        "addresses": manifest.addresses,
        "changed": delta.persons,
        "gone": delta.gone,
        "rows": delta.rows,
        "removed": delta.removed - delta.not_there,
        "not_there": delta.not_there,
        "excluded": dict(delta.exclusions),
        "warnings": dict(delta.warnings),
        "digest": manifest.digest,
        "listed": _listed(delta),
    }


def _listed(of: RegistryManifest | Delta) -> Json:
    return [{"line": r.line, "reason": r.reason, "excluded": r.excluded} for r in of.remarks]


def _show_updated(console: Console, manifest: RegistryManifest, out: Path) -> None:
    delta = manifest.delta
    assert delta is not None
    console.print(
        f"{manifest.persons:,} persons with {manifest.addresses:,} addresses after {delta.rows:,} "
        f"rows and {delta.removed - delta.not_there:,} removals, in {out}",
        markup=False,
    )
    console.print(
        f"Changed since the index was built: {delta.persons:,} persons new or changed, "
        f"{delta.gone:,} of the {delta.base_persons:,} replaced or removed.",
        markup=False,
    )
    if delta.not_there:
        console.print(f"To be removed, but not in the registry: {delta.not_there:,}", markup=False)
    _show_remarks(console, delta, out)
