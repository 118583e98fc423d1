"""`comity audit`: what is sealed behind one entry of the log, shown to one auditor, and checked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from comity.cli.output import (
    AsJson,
    AsOfficer,
    ExchangeDir,
    KeyFile,
    credentials,
    emit,
    opened,
    passphrase,
)
from comity.core.canonical import Json
from comity.core.errors import LedgerError
from comity.core.keys import load_encryption_key
from comity.exchange import auditing
from comity.exchange.verifying import check_key
from comity.request.result_file import write_whole

app = typer.Typer(help="Show an auditor what is sealed.", no_args_is_help=True)


@app.command("open")
def open_entry(
    entry: Annotated[int, typer.Argument(metavar="ENTRY", help="The number of the entry.")],
    auditor: Annotated[
        Path,
        typer.Option(help="The auditor's public key: what `comity key new --json` printed there."),
    ],
    out: Annotated[Path, typer.Option(help="Where the opening goes, encrypted to the auditor.")],
    request: Annotated[
        str | None,
        typer.Option(metavar="BATCH/ROW", help="Of an act on several requests, the part of this."),
    ] = None,
    exchange: ExchangeDir = None,
    officer: AsOfficer = None,
    key: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Open what is sealed behind one entry of the log to one auditor, and nothing else.

    For an officer with the authority `account`, and recorded. The file holds the salt and the
    payload, readable with the auditor's key alone; hand it over with the entry's proof
    (`comity ledger prove --entry`)."""
    jwk = auditing.read_jwk(auditor)
    with opened(exchange) as one, one.writing():
        shown = auditing.open_entry(one, entry, jwk, credentials(officer, key), request=request)
        write_whole(out, shown, private=True)
    emit(
        as_json,
        {"entry": entry, "out": str(out)},
        lambda c: c.print(
            f"What is sealed behind entry {entry:,} is in {out}, for the auditor alone.",
            markup=False,
        ),
    )


@app.command()
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The opening.")],
    proof: Annotated[Path, typer.Option(help="The proof of its entry (*.tlog-proof).")],
    log_key: Annotated[
        str,
        typer.Option(
            "--log-key",
            metavar="VKEY",
            help="The log's verifier key, as the holder published it (NAME+HASH+KEY).",
        ),
    ],
    decryption_key: Annotated[
        Path, typer.Option(help="The auditor's private encryption key (*.enc.pem).")
    ],
    out: Annotated[
        Path | None, typer.Option(help="Where the payload goes, as JSON for your eyes alone.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check, as the auditor and offline, that what was opened is what the log committed to.

    Ends with 1 where it is not. What it says is written to a file, never to the screen."""
    check_key(log_key)
    secret = load_encryption_key(decryption_key, passphrase)
    try:
        found = auditing.check_opening(file, proof, log_key, secret)
    except LedgerError as error:
        if as_json:
            typer.echo(json.dumps({"verified": False, "where": error.where, "what": error.what}))
        raise
    if out is not None:
        text = "".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in found.payloads)
        write_whole(out, text.encode(), private=True)
    data: dict[str, Json] = {
        "verified": True,
        "entry": found.number,
        "type": found.entry.type,
        "payloads": len(found.payloads),
        "out": None if out is None else str(out),
    }
    emit(
        as_json,
        data,
        lambda c: c.print(
            f"Entry {found.number:,} ({found.entry.type}) commits to exactly this"
            + (f"; it is in {out}." if out is not None else ". Give --out FILE to read it."),
            markup=False,
        ),
    )
