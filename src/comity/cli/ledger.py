"""`comity ledger`: check a log from its files, and print its checkpoint."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from comity.cli.output import AsJson, ExchangeDir, emit, opened, table
from comity.core.canonical import Json
from comity.core.errors import LedgerError, UsageError
from comity.exchange.verifying import Verified, check_key, key_beside, log_folder, verify_log

app = typer.Typer(help="The log: check it, print its checkpoint.", no_args_is_help=True)


@app.command()
def verify(
    directory: Annotated[
        Path | None,
        typer.Argument(metavar="[DIR]", help="A log's folder, or an exchange's."),
    ] = None,
    log_key: Annotated[
        str | None,
        typer.Option(
            "--log-key",
            metavar="VKEY",
            help="The log's verifier key, as the holder published it (NAME+HASH+KEY).",
        ),
    ] = None,
    exchange: ExchangeDir = None,
    as_json: AsJson = False,
) -> None:
    """Recompute a whole log from its files: entries, hashes, signature, and the sums of requests.

    Nothing else is needed, neither the database nor a secret key. Ends with 1 and names the file
    if anything is wrong."""
    place = directory or exchange
    if place is None:
        raise UsageError("Which log?", cure="Name its folder, or an exchange with --exchange.")
    log = log_folder(place)
    key, beside = (log_key, None) if log_key is not None else key_beside(log)
    if beside is None:
        check_key(key)
    try:
        found = verify_log(log, key)
    except LedgerError as error:
        if as_json:
            typer.echo(json.dumps({"verified": False, "where": error.where, "what": error.what}))
        raise
    source: Json = "given" if beside is None else "folder"
    data: dict[str, Json] = {
        "verified": True,
        "origin": found.checkpoint.origin,
        "size": found.checkpoint.size,
        "root": base64.b64encode(found.checkpoint.root).decode(),
        "key": {"source": source, "file": None if beside is None else str(beside), "key": key},
        "requests": dict(found.totals),
        "entries": dict(found.types),
        "tiles_past_checkpoint": found.beyond,
    }
    emit(as_json, data, lambda c: _show(c, log, found, beside))


@app.command()
def checkpoint(exchange: ExchangeDir = None, as_json: AsJson = False) -> None:
    """Print the current checkpoint, a C2SP signed note, after publishing what is outstanding."""
    with opened(exchange) as one:
        with one.writing():
            pass
        note = (one.directory / "log" / "checkpoint").read_bytes().decode()
        found = one.log.checkpoint()
    assert found is not None
    data: dict[str, Json] = {
        "origin": found.origin,
        "size": found.size,
        "root": base64.b64encode(found.root).decode(),
        "note": note,
    }
    emit(as_json, data, lambda _: typer.echo(note, nl=False))


def _show(screen: Console, log: Path, found: Verified, beside: Path | None) -> None:
    point = found.checkpoint
    screen.print(f"The log in {log} verifies.", markup=False)
    screen.print(f"Origin: {point.origin}", markup=False)
    screen.print(f"Root over {point.size:,} entries: {base64.b64encode(point.root).decode()}")
    if beside is None:
        screen.print("Key: given with the call.")
    else:
        screen.print(
            f"Key: taken from {beside}, so from the same hand as the log (trust on first use). "
            "Compare it with the one that the holder published, or give that with --log-key.",
            markup=False,
        )
    if found.beyond:
        screen.print(
            f"Note: {found.beyond} tiles reach past the checkpoint. Publishing is under way or was "
            "interrupted, or an older checkpoint was put back."
        )
    totals = {name.replace("_", " "): number for name, number in found.totals.items()}
    screen.print(table(("requests", "number"), list(totals.items()), "Requests add up:"))
    screen.print(table(("type", "entries"), sorted(found.types.items()), "Entries:"))
