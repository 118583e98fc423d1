"""`comity audit`: sealed entries shown to an auditor and checked; determinations replayed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from comity.agreement.roster_keys import read_public_keys
from comity.agreement.rosters import load_roster
from comity.cli.output import (
    AsJson,
    AsOfficer,
    ExchangeDir,
    KeyFile,
    LogKey,
    credentials,
    emit,
    not_verified,
    opened,
    passphrase,
    stages,
    table,
)
from comity.core.canonical import Json
from comity.core.errors import UsageError
from comity.core.keys import load_encryption_key
from comity.exchange import auditing, certifying, replaying
from comity.exchange.verifying import check_key
from comity.request.result_file import write_whole

app = typer.Typer(
    help="Show an auditor what is sealed; replay what was determined.", no_args_is_help=True
)


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
    jwk = read_public_keys(auditor).encryption_key
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
    log_key: LogKey,
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
    with not_verified(as_json):
        found = auditing.check_opening(file, proof, log_key, secret)
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


@app.command()
def certificate(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The certificate.")],
    log_key: LogKey,
    roster: Annotated[
        Path | None, typer.Option(help="The holder's roster: also check who signed.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a certificate of disposal offline: that the log bears out what was destroyed, when and
    by which authority. Ends with 1 where it does not."""
    check_key(log_key)
    officers = None if roster is None else load_roster(roster)
    with not_verified(as_json):
        found = certifying.check_certificate(file, log_key, officers)
    emit(as_json, {"verified": True, **found}, lambda c: _show_certificate(c, found))


def _show_certificate(screen: Console, found: Mapping[str, Json]) -> None:
    screen.print(
        f"Batch {found['batch']}: what was sealed of {found['requests']} requests was destroyed "
        f"({found['disposal']}, recorded {found['recorded']}).\n"
        f"{found['method']}\n"
        f"By {found['officer']}, ordered by {found['ordered_by']}, under {found['authority']}: "
        f"{found['payload_days']} days after {found['released']}.\n"
        f"Kept by holds: {found['kept']} requests. Backups made before are "
        f"{found['earlier_backups']}.",
        markup=False,
    )


@app.command()
def replay(
    batch: Annotated[str | None, typer.Argument(help="One batch; else all of the period.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="DATE", help="Received on it or later.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="DATE", help="Received on it or before.")
    ] = None,
    exchange: ExchangeDir = None,
    officer: AsOfficer = None,
    key: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Make every determination anew from what was sealed of it, and compare bit for bit.

    Rules, whole-batch rules and the decision about the person are applied again; the registry is
    searched again where it is still the one of then. For an officer with the authority `account`,
    and recorded. Ends with 1 where one differs, naming the request, the field and the rule, but no
    data."""
    with opened(exchange) as one, one.writing(), stages() as report:
        made = replaying.replay(
            one,
            credentials(officer, key),
            batch=batch,
            since=None if since is None else _day(since, "--since"),
            until=None if until is None else _day(until, "--until"),
            tell=lambda done, total: report("replaying", done, total),
        )
    heads = (
        *("batch", "rows", "same", "different", "matches", "searched"),
        *("disposed", "incomplete", "other_rules"),
    )
    rows = [[getattr(found, name) for name in heads] for found in made]
    data: list[Json] = [
        {
            **dict(zip(heads, row, strict=True)),
            "listed": [{"request": name, "what": list(what)} for name, what in found.listed],
        }
        for found, row in zip(made, rows, strict=True)
    ]
    emit(as_json, data, lambda c: _show_replayed(c, heads, rows, made))
    if any(found.different for found in made):
        raise typer.Exit(1)


def _day(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError("This is not a date.", where=option, cure="E.g. 2026-11-24.") from None


def _show_replayed(
    screen: Console,
    heads: Sequence[str],
    rows: Sequence[Sequence[object]],
    made: Sequence[replaying.Replayed],
) -> None:
    if not rows:
        screen.print("No batch was received then.")
        return
    screen.print(table([name.replace("_", " ") for name in heads], rows))
    for found in made:
        for request, what in found.listed:
            screen.print(f"{request}: {'; '.join(what)}", markup=False)
    screen.print(
        "Decided anew from the sealed requests and evidence. "
        + _searches(sum(one.matches for one in made), sum(one.searched for one in made))
    )


def _searches(matches: int, searched: int) -> str:
    """What a replay says of the search of the registry."""
    if searched == matches:
        return f"The registry was searched again for each of {matches:,} matches."
    return (
        f"The registry was searched again for {searched:,} of {matches:,} matches; for the others "
        "it is another one now, or gone."
    )
