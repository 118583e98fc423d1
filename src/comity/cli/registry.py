"""`comity registry build`: an index of persons."""

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
    progress,
    table,
)
from comity.core.canonical import Json
from comity.core.errors import UsageError
from comity.exchange.registry import build_registry
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
    if out is not None and (officer or key):
        raise UsageError(
            "--out makes a stand-alone index, in which no officer acts.",
            cure="Leave out --out to build the exchange's registry, or --as and --key.",
        )
    if out is None and exchange is None:
        raise UsageError(
            "This does not say where the index goes.",
            cure="Give --out DIR for a stand-alone one, or --exchange DIR --as OFFICER --key FILE.",
        )
    with progress("Reading the registry") as report:
        if out is not None:
            secret = index_key()
            manifest = Registry.build(source, out, key=secret, progress=report)
        else:
            who = credentials(officer, key)
            with opened(exchange) as one, one.writing():
                manifest = build_registry(one, source, who, report)
                out = one.registry_path
    emit(as_json, _built(manifest, out), lambda c: _show_built(c, manifest, out))


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
        "listed": [
            {"line": r.line, "reason": r.reason, "excluded": r.excluded} for r in manifest.remarks
        ],
    }


def _show_built(console: Console, manifest: RegistryManifest, out: Path) -> None:
    console.print(
        f"{manifest.persons:,} persons with {manifest.addresses:,} addresses, of "
        f"{manifest.rows:,} rows; {'encrypted' if manifest.encrypted else 'not encrypted'}, "
        f"in {out}",
        markup=False,
    )
    for heading, found in (
        ("rows left out because of", manifest.exclusions),
        ("rows taken, with", manifest.warnings),
    ):
        if found:
            console.print()
            console.print(table((heading, "rows"), counts(found)))
    if manifest.remarks:
        console.print()
        shown = manifest.remarks[:LISTED]
        rows = [(f"{r.line}", "left out" if r.excluded else "taken", r.reason) for r in shown]
        console.print(table(("line", "", "what"), rows))
        if len(manifest.remarks) > LISTED:
            console.print(f"… and more: see {out / 'manifest.json'}", markup=False)
    if manifest.common_keys:
        total = sum(manifest.common_keys.values())
        console.print(
            f"\n{total:,} keys stand for more than {manifest.cap} persons each and bring no "
            "candidates; where that could hide somebody, nobody is confirmed.",
            markup=False,
        )
