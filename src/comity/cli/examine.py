"""`comity examine`: what a requester runs before sending."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from comity.cli.output import AsJson, counts, emit, moment, progress, table
from comity.core.canonical import Json
from comity.exchange.examining import Examined, examine_file


def examine(
    batch: Annotated[Path, typer.Argument(metavar="BATCH", help="CSV, JSON Lines or Parquet.")],
    agreement: Annotated[Path, typer.Option(help="The agreement (YAML).")],
    out: Annotated[Path, typer.Option(help="Where the findings go: .csv, .jsonl or .parquet.")],
    roster: Annotated[Path | None, typer.Option(help="The requester's roster (YAML).")] = None,
    manifest: Annotated[
        Path | None,
        typer.Option(help="The signed manifest; else the one beside the batch, if any."),
    ] = None,
    at: Annotated[str | None, typer.Option(help="Judge as of this day; else today.")] = None,
    as_json: AsJson = False,
) -> None:
    """Judge a batch against an agreement, before it is sent: no exchange, no registry.

    Ends with 0 where every request is sound, with 1 where one is not."""
    with progress("Examining") as report:
        found = examine_file(
            batch,
            agreement,
            out,
            at=moment(at),
            roster=roster,
            manifest=manifest,
            progress=report,
        )
    emit(as_json, _data(found, out), lambda c: _show(c, found, out))
    if not found.sound:
        raise typer.Exit(1)


def _data(found: Examined, out: Path) -> Json:
    return {
        "rows": found.rows,
        "outcomes": dict(found.outcomes),
        "rules": dict(found.rules),
        "not_run": {rule: list(lacks) for rule, lacks in found.not_run.items()},
        "out": str(out),
    }


def _show(console: Console, found: Examined, out: Path) -> None:
    console.print(table(("outcome", "requests"), counts(found.outcomes)))
    if found.rules:
        console.print()
        console.print(table(("unmet rule", "requests"), counts(found.rules)))
    if found.not_run:
        console.print()
        rows = [(rule, ", ".join(lacks)) for rule, lacks in found.not_run.items()]
        console.print(table(("not judged in full", "for want of the"), rows))
    console.print(f"\n{found.rows:,} requests examined; findings in {out}", markup=False)
