"""`comity ledger`: check a log from its files, prove what stands in it, print its checkpoint."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from comity.cli.output import (
    AsJson,
    ExchangeDir,
    LogKey,
    MaybeLogKey,
    emit,
    not_verified,
    number,
    opened,
    table,
)
from comity.core.canonical import Json
from comity.core.errors import UsageError
from comity.exchange.log_proofs import (
    LogProofs,
    Proven,
    about_request,
    check_proof,
    consistency_name,
    disclosure_of,
    file_name,
    read_checkpoint,
    write_proof,
)
from comity.exchange.verifying import Verified, check_key, key_beside, log_folder, verify_log

app = typer.Typer(
    help="The log: check it, prove what stands in it, print its checkpoint.", no_args_is_help=True
)

LogDir = Annotated[
    Path | None,
    typer.Argument(metavar="[DIR]", help="A log's folder, or an exchange's."),
]


@app.command()
def verify(
    directory: LogDir = None,
    log_key: MaybeLogKey = None,
    exchange: ExchangeDir = None,
    as_json: AsJson = False,
) -> None:
    """Recompute a whole log from its files: entries, hashes, signature, and the sums of requests.

    Nothing else is needed, neither the database nor a secret key. Ends with 1 and names the file
    if anything is wrong."""
    log = _log(directory, exchange)
    key, beside = _key(log, log_key)
    with not_verified(as_json):
        found = verify_log(log, key)
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


@app.command()
def prove(
    directory: LogDir = None,
    entry: Annotated[
        int | None, typer.Option("--entry", metavar="N", help="The entry of this number.")
    ] = None,
    request: Annotated[
        str | None,
        typer.Option("--request", metavar="BATCH/ROW", help="Every entry about this request."),
    ] = None,
    batch: Annotated[
        str | None,
        typer.Option("--batch", metavar="BATCH", help="Every disclosure of this batch."),
    ] = None,
    since: Annotated[
        Path | None,
        typer.Option(
            "--since",
            metavar="FILE",
            help="That the log continues this earlier checkpoint of it.",
        ),
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Where the proof files go.")
    ] = Path(),
    log_key: MaybeLogKey = None,
    exchange: ExchangeDir = None,
    as_json: AsJson = False,
) -> None:
    """Write proofs that anybody can check offline: of an entry, of all about a request, of every
    disclosure of a batch, or that the log only grew since a checkpoint.

    Each file holds the entry, the hashes and the signed checkpoint, and nothing personal. Made from
    the published files alone, so who has a copy of the log can make them. Ends with 1 where the log
    does not bear it out or nothing was found."""
    if sum(choice is not None for choice in (entry, request, batch, since)) != 1:
        raise UsageError(
            "What is to be proven?",
            cure="Give exactly one of --entry, --request, --batch and --since.",
        )
    log = _log(directory, exchange)
    key, _ = _key(log, log_key)
    proofs = LogProofs(log, key)
    written: list[Path] = []
    if since is not None:
        made = proofs.since(read_checkpoint(since))
        name = consistency_name(made.old, proofs.checkpoint.size)
        written.append(write_proof(out, name, made.encode()))
    elif entry is not None:
        written.append(write_proof(out, file_name(entry), proofs.of_entry(entry).encode()))
    else:
        wanted = about_request(request) if request is not None else disclosure_of(batch or "")
        for place, proof in proofs.of_entries(wanted):
            written.append(write_proof(out, file_name(place), proof.encode()))
    data: dict[str, Json] = {
        "origin": proofs.checkpoint.origin,
        "size": proofs.checkpoint.size,
        "files": [str(path) for path in written],
    }
    emit(as_json, data, lambda c: _show_written(c, written))
    if not written:
        raise typer.Exit(1)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A proof file.")],
    log_key: LogKey,
    since: Annotated[
        Path | None,
        typer.Option(
            "--since", metavar="FILE", help="The earlier checkpoint, for a proof that a log grew."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a proof file offline: that its entry stands in the log, or that the log only grew.

    Nothing else is needed, neither the log nor a network. The key must be given: a proof shows no
    more than that whoever holds this key signed it. Ends with 1 if the proof does not hold."""
    check_key(log_key)
    with not_verified(as_json):
        found = check_proof(file, log_key, since)
    emit(as_json, {"verified": True, **found.to_json()}, lambda c: _show_proven(c, found))


def _log(directory: Path | None, exchange: Path | None) -> Path:
    place = directory or exchange
    if place is None:
        raise UsageError("Which log?", cure="Name its folder, or an exchange with --exchange.")
    return log_folder(place)


def _key(log: Path, log_key: str | None) -> tuple[str, Path | None]:
    """The verifier key, and the file it lies in where it did not come with the call."""
    if log_key is None:
        return key_beside(log)
    check_key(log_key)
    return log_key, None


def _show_written(screen: Console, written: list[Path]) -> None:
    for path in written:
        screen.print(str(path), markup=False)
    screen.print(
        f"{number(len(written), 'proof')}. Whoever gets one checks it with: "
        "comity ledger check FILE --log-key VKEY"
        if written
        else "The log has no such entry."
    )


def _show_proven(screen: Console, found: Proven) -> None:
    point = found.checkpoint
    if found.earlier is not None:
        screen.print(
            f"The log {point.origin} of {point.size:,} entries continues what it was at "
            f"{found.earlier.size:,}: nothing was changed or taken out.",
            markup=False,
        )
        return
    assert found.entry is not None
    assert found.number is not None
    screen.print(
        f"Entry {found.number:,} stands in the log {point.origin} of {point.size:,} entries:",
        markup=False,
    )
    rows = [(name, _plain(value)) for name, value in found.entry.to_json().items()]
    screen.print(table(("field", "value"), rows))


def _plain(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


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
