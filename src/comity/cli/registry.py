"""`comity registry build` and `comity match`: an index of persons, and whom a file is about."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from comity.agreement.loading import load_agreement
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
from comity.identity.batch import Matched, match_file
from comity.identity.match import Decision
from comity.identity.registry import Registry, RegistryManifest

app = typer.Typer(help="The holder's registry of persons.", no_args_is_help=True)

KEY_VARIABLE = "COMITY_REGISTRY_KEY"
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
            secret = _index_key()
            manifest = Registry.build(source, out, key=secret, progress=report)
        else:
            who = credentials(officer, key)
            with opened(exchange) as one, one.writing():
                manifest = build_registry(one, source, who, report)
                out = one.registry_path
    emit(as_json, _built(manifest, out), lambda c: _show_built(c, manifest, out))


def match(
    requests: Annotated[
        Path, typer.Argument(metavar="REQUESTS", help="CSV, JSON Lines or Parquet.")
    ],
    registry: Annotated[Path, typer.Option(metavar="DIR", help="An index, as built with --out.")],
    out: Annotated[
        Path, typer.Option(metavar="FILE", help="Where results go: .csv, .jsonl or .parquet.")
    ],
    agreement: Annotated[
        Path | None,
        typer.Option(help="Match by this agreement's identity policy, and know its columns."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say of every request whom it is about: confirmed, ambiguous or none.

    COMITY_REGISTRY_KEY opens an encrypted index. Malformed rows come out as `none` and are told."""
    terms = load_agreement(agreement).agreement if agreement else None
    with progress("Matching") as report:
        found = match_file(
            requests, registry, out, key=_index_key(), agreement=terms, progress=report
        )
    _tell_malformed(found, requests)
    emit(as_json, _matched(found, out), lambda c: _show_matched(c, found, out))


def _index_key() -> bytes | None:
    """The key of a stand-alone index, from the environment. Raises UsageError for no such key."""
    text = os.environ.get(KEY_VARIABLE, "")
    if not text:
        return None
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise UsageError(
            "This is not a key of 32 bytes in hexadecimal.",
            where=KEY_VARIABLE,
            cure="Make one with: openssl rand -hex 32",
        )
    return key


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


def _tell_malformed(found: Matched, requests: Path) -> None:
    if not found.malformed:
        return
    screen = Console(stderr=True, highlight=False, soft_wrap=True)
    for line, what in found.listed:
        screen.print(f"{requests}:{line}: {what}", markup=False)
    screen.print(
        f"Malformed rows, not looked up, which stand as `none`: {found.malformed:,}",
        markup=False,
    )


def _matched(found: Matched, out: Path) -> Json:
    decisions: dict[str, Json] = {d.value: found.decisions.get(d, 0) for d in Decision}
    return {"rows": found.rows, **decisions, "malformed": found.malformed, "out": str(out)}


def _show_matched(console: Console, found: Matched, out: Path) -> None:
    rows = [(decision.value, found.decisions.get(decision, 0)) for decision in Decision]
    console.print(table(("decision", "requests"), rows))
    console.print(f"\n{found.rows:,} requests matched; results in {out}", markup=False)
