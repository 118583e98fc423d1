"""Setting an exchange up: `init`, `roster fill|add`, `agreement adopt`, `safeguards record`."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from comity.agreement.loading import read_text
from comity.agreement.model import Safeguards
from comity.agreement.roster_keys import read_public_keys, with_keys
from comity.cli.output import AsJson, AsOfficer, ExchangeDir, KeyFile, credentials, emit, opened
from comity.core.errors import UsageError
from comity.exchange import parties
from comity.exchange.opening import Settings, create
from comity.request.result_file import write_whole

roster_app = typer.Typer(help="Rosters of officers.", no_args_is_help=True)
safeguards_app = typer.Typer(help="The requester's safeguard standing.", no_args_is_help=True)


@roster_app.callback()
def _rosters() -> None:
    """Rosters of officers."""


@safeguards_app.callback()
def _safeguards() -> None:
    """The requester's safeguard standing."""


def init(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")],
    holder: Annotated[str, typer.Option(help="The holder's party id, as in the agreement.")],
    requester: Annotated[str, typer.Option(help="The requester's party id.")],
    origin: Annotated[
        str, typer.Option(help="The log's name, e.g. comity.agency.example/us-irs-ice.")
    ],
    as_json: AsJson = False,
) -> None:
    """Make an exchange: folder, database, keys and an empty log."""
    exchange = create(directory, Settings(holder, requester, origin))
    try:
        key = exchange.log_verifier_key
    finally:
        exchange.close()
    emit(
        as_json,
        {"exchange": str(directory), "log_key": key},
        lambda c: c.print(
            f"Exchange made in {directory}.\nPublish the log's key, so that others can check it:\n"
            f"  {key}\nNext: comity roster add FILE --exchange {directory}",
            markup=False,
        ),
    )


@roster_app.command("add")
def roster_add(
    file: Annotated[Path, typer.Argument(help="The roster (YAML).")],
    exchange: ExchangeDir = None,
    officer: AsOfficer = None,
    key: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Add a party's roster. Its first one is the anchor of trust; later ones need --as and --key
    of one of its officers who has the authority `roster`."""
    who = credentials(officer, key) if officer or key else None
    with opened(exchange) as one, one.writing():
        party = parties.add_roster(one, file, who)
    emit(as_json, {"party": party}, lambda c: c.print(f"Roster of {party} added.", markup=False))


@roster_app.command("fill")
def roster_fill(
    draft: Annotated[
        Path, typer.Argument(metavar="DRAFT", help="A roster (YAML) with its keys left empty.")
    ],
    keys: Annotated[
        list[Path],
        typer.Argument(metavar="KEYS…", help="What `comity key new --json` printed, a file each."),
    ],
    out: Annotated[Path, typer.Option(metavar="FILE", help="The roster; a new file.")],
    as_json: AsJson = False,
) -> None:
    """Fill the officers' public keys into a drafted roster, and check it.

    Filled in is each `signing_key:` and `encryption_key:` that the draft leaves empty; nothing
    else changes."""
    if out.exists():
        raise UsageError(
            "The file exists already.", where=str(out), cure="Name a new one with --out."
        )
    made, roster = with_keys(read_text(draft), str(draft), map(read_public_keys, keys))
    write_whole(out, made.encode())
    emit(
        as_json,
        {"party": roster.party, "officers": len(roster.officers), "file": str(out)},
        lambda c: c.print(
            f"Roster of {roster.party}: {len(roster.officers)} officers, in {out}.", markup=False
        ),
    )


@safeguards_app.command("record")
def safeguards_record(
    accepted: Annotated[str, typer.Option(help="Day the safeguard report was accepted.")],
    valid_until: Annotated[str, typer.Option(help="Day by which the next one is due.")],
    correction_due: Annotated[
        list[str] | None, typer.Option(help="Due day of an open corrective action; repeat.")
    ] = None,
    exchange: ExchangeDir = None,
    officer: AsOfficer = None,
    key: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Record how the requester's safeguard report stands."""
    standing = Safeguards(
        _day(accepted), _day(valid_until), tuple(_day(d) for d in correction_due or [])
    )
    with opened(exchange) as one, one.writing():
        parties.record_safeguards(one, standing, credentials(officer, key))
    emit(as_json, {"recorded": True}, lambda c: c.print("Safeguard standing recorded."))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError("This is not a day.", cure="Write days as 2026-03-31.") from None
