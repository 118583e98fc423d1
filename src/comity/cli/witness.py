"""`comity witness`: watch a log for everybody, and vouch that it has one history."""

from __future__ import annotations

import logging
import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from comity.cli.output import AsJson, LogKey, emit, table, warn
from comity.core.canonical import Json
from comity.core.errors import ComityError, UsageError
from comity.exchange.http_log import place_of
from comity.exchange.log_proofs import write_proof
from comity.exchange.verifying import check_key
from comity.exchange.witness_folder import create_witness, open_witness
from comity.exchange.witnessing import Compared, Followed, ForkError, compare, follow, view
from comity.ledger.fork import SUFFIX
from comity.ledger.note import NoteVerifier
from comity.request.result_file import write_whole

app = typer.Typer(
    help="Watch a log for everybody, and vouch that it has one history.", no_args_is_help=True
)

WitnessDir = Annotated[Path, typer.Argument(metavar="DIR", help="The witness's folder.")]


@app.command()
def init(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")],
    name: Annotated[str, typer.Option(help="The witness's name, e.g. witness.example/ig.")],
    post_quantum: Annotated[
        bool, typer.Option("--post-quantum", help="An ML-DSA-44 key instead of an Ed25519 one.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make a witness: a folder with its key. Prints the verifier key that others need."""
    key = str(create_witness(directory, name, post_quantum=post_quantum).signer.verifier)
    emit(
        as_json,
        {"witness": str(directory), "key": key},
        lambda c: c.print(
            f"Witness made in {directory}. Publish its key, so that others can count it:\n"
            f"  {key}\nNext: comity witness trust {directory} LOG_KEY",
            markup=False,
        ),
    )


@app.command()
def trust(
    directory: WitnessDir,
    log_key: Annotated[
        str,
        typer.Argument(metavar="LOG_KEY", help="The log's verifier key, as the holder published."),
    ],
    as_json: AsJson = False,
) -> None:
    """Watch a log from now on. Take its key from where the holder published it."""
    check_key(log_key)
    key = NoteVerifier.parse(log_key)
    open_witness(directory).trust(key)
    emit(
        as_json,
        {"origin": key.name},
        lambda c: c.print(f"The log {key.name} is watched.", markup=False),
    )


@app.command("show")
def show(directory: WitnessDir, as_json: AsJson = False) -> None:
    """The witness's key, the logs that it watches, and the evidence that it keeps.

    Ends with 1 if there is evidence of a fork."""
    folder = open_witness(directory)
    key, watched, forks = str(folder.signer.verifier), folder.watched(), folder.forks()
    rows = [(one.origin, one.latest.size if one.latest else 0) for one in watched]
    data: dict[str, Json] = {
        "key": key,
        "logs": [{"origin": origin, "size": size} for origin, size in rows],
        "forks": [str(path) for path in forks],
    }

    def lines(screen: Console) -> None:
        screen.print(f"Key: {key}", markup=False)
        if rows:
            screen.print(table(("log", "entries cosigned"), rows))
        for path in forks:
            screen.print(f"FORKED: {path}", markup=False)

    emit(as_json, data, lines)
    if forks:
        raise typer.Exit(1)


@app.command()
def serve(
    directory: WitnessDir,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="The port; 0 is any.")] = 8730,
) -> None:
    """Answer logs that ask for cosignatures (C2SP tlog-witness), until stopped.

    Put a web server with TLS in front of it if it is to be reached from elsewhere."""
    from comity.exchange.witness_server import serve as run  # the others need no server

    folder = open_witness(directory)
    _ = folder.signer
    logging.basicConfig(format="%(asctime)s %(message)s", level=logging.WARNING, stream=sys.stderr)
    logging.getLogger("comity").setLevel(logging.INFO)
    run(folder, host, port, lambda address: typer.echo(f"Witness {folder.name} at {address}"))


@app.command("follow")
def follow_log(
    directory: WitnessDir,
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="A log's folder, or its http(s) address.")
    ],
    every: Annotated[
        int | None, typer.Option(min=1, metavar="SECONDS", help="Again and again, until stopped.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write the cosigned checkpoint here.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Look at a published log, and cosign its checkpoint if it only grew since the last time.

    Ends with 1, leaving evidence, if it was forked."""
    folder, place = open_witness(directory), place_of(source)
    while True:
        try:
            found = follow(folder, place)
            if out is not None:
                write_whole(out, found.note)
            _say_followed(found, as_json)
        except ForkError:
            raise
        except ComityError as error:
            if every is None:
                raise
            warn(error.message)
        if every is None:
            return
        time.sleep(every)


@app.command("compare")
def compare_views(
    views: Annotated[
        list[str],
        typer.Argument(
            metavar="VIEW…",
            help="What somebody saw: a checkpoint file, a witness's folder, a witness's address.",
        ),
    ],
    log_key: LogKey,
    log: Annotated[
        str | None,
        typer.Option(metavar="SOURCE", help="The published log, for views of different sizes."),
    ] = None,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Where evidence of a fork goes.")
    ] = Path(),
    as_json: AsJson = False,
) -> None:
    """Compare what several saw of one log. Ends with 1, leaving evidence, if it was forked."""
    check_key(log_key)
    verifier = NoteVerifier.parse(log_key)
    place = None if log is None else place_of(log)
    if len(views) < 2 and place is None:
        raise UsageError("There is nothing to compare.", cure="Name two views, or --log SOURCE.")
    found = compare([view(one, verifier) for one in views], verifier, place)
    kept = [
        write_proof(out, f"fork-{number}{SUFFIX}", fork.encode())
        for number, fork in enumerate(found.forks, 1)
    ]
    data: dict[str, Json] = {
        "origin": verifier.name,
        "views": [{"view": one.name, "size": one.tree.size} for one in found.views],
        "forks": [str(path) for path in kept],
        "undecided": list(found.open),
    }
    emit(as_json, data, lambda c: _show_compared(c, found, kept))
    if kept or found.open:
        raise typer.Exit(1)


def _say_followed(found: Followed, as_json: bool) -> None:
    tree = found.tree
    data: dict[str, Json] = {"origin": tree.origin, "size": tree.size, "before": found.before}
    grown = f"{tree.size:,} entries, {tree.size - found.before:,} new"
    emit(as_json, data, lambda c: c.print(f"Cosigned {tree.origin}: {grown}.", markup=False))


def _show_compared(screen: Console, found: Compared, kept: list[Path]) -> None:
    rows = [(one.name, one.tree.size) for one in found.views]
    screen.print(table(("view", "entries"), rows))
    for path in kept:
        screen.print(
            f"FORKED. Evidence: {path}. Anybody checks it with: comity ledger check {path} "
            "--log-key KEY",
            markup=False,
        )
    for name in found.open:
        screen.print(f"Not yet: {name} has seen more than the published log shows.", markup=False)
    if not kept and not found.open:
        screen.print("One history.")
