"""`comity ledger`: check a log from its files, prove what stands in it, print its checkpoint."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Annotated

import typer

from comity.cli.ledger_page import (
    policy_words,
    show_proven,
    show_verified,
    show_written,
    stated_policy,
)
from comity.cli.output import (
    AsJson,
    AsOfficer,
    ExchangeDir,
    KeyFile,
    LogKey,
    MaybeLogKey,
    credentials,
    emit,
    not_verified,
    opened,
)
from comity.core.canonical import Json
from comity.core.errors import UsageError
from comity.exchange.log_proofs import (
    LogProofs,
    about_request,
    check_proof,
    consistency_name,
    disclosure_of,
    file_name,
    read_checkpoint,
    write_proof,
)
from comity.exchange.verifying import (
    check_key,
    demand,
    key_for,
    log_place,
    verify_log,
)
from comity.ledger.note import NoteVerifier
from comity.ledger.policy import Policy
from comity.ledger.reading import Place

PolicyFile = Annotated[
    Path | None,
    typer.Option(
        "--policy",
        metavar="FILE",
        help="A policy for witnesses (C2SP tlog-policy) whose quorum must have cosigned.",
    ),
]

app = typer.Typer(
    help="The log: check it, prove what stands in it, print its checkpoint.", no_args_is_help=True
)

LogSource = Annotated[
    str | None,
    typer.Argument(
        metavar="[SOURCE]",
        help="A log's folder, or an exchange's, or the http(s) address where a log is published.",
    ),
]


@app.command()
def verify(
    source: LogSource = None,
    log_key: MaybeLogKey = None,
    witnesses: PolicyFile = None,
    exchange: ExchangeDir = None,
    as_json: AsJson = False,
) -> None:
    """Recompute a whole log from its files: entries, hashes, signature, and the sums of requests.

    The files may stand in a folder or on a web server. Nothing else is needed, neither the database
    nor a secret key. Ends with 1 and names the file if anything is wrong."""
    log = _log(source, exchange)
    key, beside = _key(log, log_key)
    with not_verified(as_json):
        found = verify_log(log, key)
        seen = None
        if witnesses is not None:
            seen = demand(witnesses, found.note, NoteVerifier.parse(key))
    origin: Json = "given" if beside is None else "folder"
    data: dict[str, Json] = {
        "verified": True,
        "origin": found.checkpoint.origin,
        "size": found.checkpoint.size,
        "root": base64.b64encode(found.checkpoint.root).decode(),
        "key": {"source": origin, "file": None if beside is None else str(beside), "key": key},
        "requests": dict(found.totals),
        "entries": dict(found.types),
        "tiles_past_checkpoint": found.beyond,
        "witnesses": None if seen is None else dict(seen),
        "policy_in_log": stated_policy(found.policy),
    }
    emit(as_json, data, lambda c: show_verified(c, log, found, beside))
    if found.policy is not None and not found.policy.standing.met:
        raise typer.Exit(1)


@app.command()
def checkpoint(exchange: ExchangeDir = None, as_json: AsJson = False) -> None:
    """Print the current checkpoint, a C2SP signed note, after publishing what is outstanding.

    Where witnesses are needed, they are asked again; ends with 1 if too few cosign."""
    with opened(exchange) as one:
        with one.writing():
            pass
        waits = one.waiting is not None
        note = (one.directory / "log" / "checkpoint").read_bytes().decode()
        found = one.log.checkpoint()
    assert found is not None
    data: dict[str, Json] = {
        "origin": found.origin,
        "size": found.size,
        "root": base64.b64encode(found.root).decode(),
        "note": note,
        "waits_for_witnesses": waits,
    }
    emit(as_json, data, lambda _: typer.echo(note, nl=False))
    if waits:
        raise typer.Exit(1)


@app.command()
def policy(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="A policy (C2SP tlog-policy) to adopt.")
    ] = None,
    exchange: ExchangeDir = None,
    officer: AsOfficer = None,
    key: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Say which witnesses the log needs: from then on no checkpoint and no package gets out before
    their quorum has cosigned. Without FILE, show the policy in force.

    It is recorded in the log with its whole text, by an officer with the authority `operate`."""
    from comity.exchange.parties import adopt_witnesses
    from comity.exchange.witnessed import Witnesses

    with opened(exchange) as one:
        if file is not None:
            with one.writing():
                found: Policy | None = adopt_witnesses(one, file, credentials(officer, key))
        else:
            with one.database.reading() as connection:
                found = Witnesses(one.directory, one.log_verifier).policy(connection)
    text = None if found is None else found.text
    emit(
        as_json,
        {"policy": text, "adopted": file is not None},
        lambda c: c.print(policy_words(found, adopted=file is not None), markup=False),
    )


@app.command()
def prove(
    source: LogSource = None,
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
    until: Annotated[
        Path | None,
        typer.Option(
            "--until",
            metavar="FILE",
            help="With --since: in this later checkpoint of it, instead of the newest.",
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
    if until is not None and since is None:
        raise UsageError("--until needs --since.", cure="Name the earlier checkpoint with --since.")
    log = _log(source, exchange)
    key, _ = _key(log, log_key)
    proofs = LogProofs(log, key)
    written: list[Path] = []
    if since is not None:
        later = None if until is None else read_checkpoint(until)
        made = proofs.since(read_checkpoint(since), later)
        name = consistency_name(made.old, made.size)
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
    emit(as_json, data, lambda c: show_written(c, written))
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
    witnesses: PolicyFile = None,
    as_json: AsJson = False,
) -> None:
    """Check a file offline: that its entry stands in the log, that the log only grew, or that it
    was forked.

    Nothing else is needed, neither the log nor a network. The key must be given: a proof shows no
    more than that whoever holds this key signed it. Ends with 1 if the proof does not hold."""
    check_key(log_key)
    with not_verified(as_json):
        found = check_proof(file, log_key, since, witnesses)
    emit(as_json, {"verified": True, **found.to_json()}, lambda c: show_proven(c, found))


def _log(source: str | None, exchange: Path | None) -> Place:
    if source is None and exchange is None:
        raise UsageError(
            "Which log?", cure="Name its folder or address, or an exchange with --exchange."
        )
    return log_place(source if source is not None else str(exchange))


def _key(log: Place, log_key: str | None) -> tuple[str, Path | None]:
    """The verifier key, and the file it lies in where it did not come with the call."""
    if log_key is None:
        return key_for(log)
    check_key(log_key)
    return log_key, None
