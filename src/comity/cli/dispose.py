"""`comity dispose` and `comity hold`: destroy what is due, and keep what must be kept."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from comity.cli.output import (
    AsJson,
    AsOfficer,
    ExchangeDir,
    KeyFile,
    credentials,
    emit,
    number,
    opened,
    table,
)
from comity.cli.stay import show_orders
from comity.core.canonical import Json
from comity.core.clock import stamp
from comity.core.errors import UsageError
from comity.determination.stay import Scope
from comity.exchange import certifying, disposing, holding
from comity.exchange.disposing import Disposed, Standing
from comity.request.result_file import make_folder, write_whole

hold_app = typer.Typer(help="Keep what would be disposed of.", no_args_is_help=True)


def dispose(
    batch: Annotated[str | None, typer.Argument(help="One batch; else all that are due.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what is due, and when; changes nothing.")
    ] = False,
    certificates: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write the certificates of what was disposed of here."),
    ] = None,
    exchange: ExchangeDir = None,
    officer: AsOfficer = None,
    key: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Destroy what is sealed of batches whose time under their agreement is over.

    Two officers with the authority `dispose` are needed: the first one's call orders it, the second
    one's carries it out, and there is no way back. The keys of the requests are destroyed, so that
    no copy and no backup opens any more; what the accounting needs stays, and the log verifies as
    before. Holds (`comity hold`) keep what they cover. With --dry-run, or --certificates alone, no
    officer is needed."""
    if dry_run:
        with opened(exchange) as one:
            found = disposing.standings(one, batch)
            now = one.clock.now()
        data: list[Json] = [_standing(s, due=s.is_due(now)) for s in found]
        emit(as_json, data, lambda c: _show_standings(c, data))
        return
    if certificates is None and officer is None:
        raise UsageError(
            "This act needs an officer.",
            cure="Say who acts with --as OFFICER --key FILE, or look first with --dry-run.",
        )
    made: list[Disposed] = []
    written: list[str] = []
    with opened(exchange) as one:
        if officer is not None or key is not None:
            with one.writing():
                made = disposing.dispose(one, credentials(officer, key), batch)
        if certificates is not None:
            written = _write(certificates, certifying.certificates(one, batch))
    told: dict[str, Json] = {
        "disposals": [
            {
                "batch": d.batch,
                "disposal": d.disposal,
                "act": d.act,
                "requests": d.requests,
                "kept": d.kept,
            }
            for d in made
        ],
        "certificates": list(written),
    }
    emit(as_json, told, lambda c: _show(c, made, written, asked=officer is not None))


def _write(folder: Path, made: list[tuple[str, bytes]]) -> list[str]:
    make_folder(folder, "--certificates")
    for name, content in made:
        write_whole(folder / name, content)
    return [str(folder / name) for name, _ in made]


def _standing(one: Standing, *, due: bool) -> dict[str, Json]:
    return {
        "batch": one.batch,
        "agreement": one.agreement,
        "released": one.released,
        "due": None if one.due is None else stamp(one.due),
        "is_due": due,
        "requests": one.requests,
        "kept": one.kept,
        "holds": list(one.holds),
        "incidents": list(one.incidents),
        "ordered_by": None if one.order is None else one.order.ordered_by,
    }


def _show_standings(screen: Console, found: list[Json]) -> None:
    heads = ("batch", "requests", "kept", "due", "")
    rows: list[tuple[object, ...]] = []
    for one in found:
        assert isinstance(one, dict)
        due = one["due"]
        rows.append(
            (one["batch"], one["requests"], one["kept"], str(due)[:10] if due else "", _said(one))
        )
    screen.print(table(heads, rows) if rows else "No batch was received.")


def _said(one: dict[str, Json]) -> str:
    kept_by = [
        name
        for names in (one["holds"], one["incidents"])
        if isinstance(names, list)
        for name in names
    ]
    if one["released"] is None:
        return "its answers are not out"
    if kept_by:
        return f"kept by {', '.join(map(str, kept_by))}"
    if not one["requests"]:
        return "disposed of"
    if not one["is_due"]:
        return "not due yet"
    if one["ordered_by"]:
        return f"ordered by {one['ordered_by']}; another officer carries it out"
    return "DUE"


def _show(screen: Console, made: list[Disposed], written: list[str], *, asked: bool) -> None:
    for one in made:
        kept = f" {number(one.kept, 'request')} that holds keep stay." if one.kept else ""
        if one.act == disposing.ORDERED:
            screen.print(
                f"Disposal {one.disposal} of batch {one.batch} ({number(one.requests, 'request')}) "
                "is ordered. It takes effect when another officer runs the same command.",
                markup=False,
            )
        else:
            screen.print(
                f"Batch {one.batch}: what was sealed of {number(one.requests, 'request')} is "
                f"destroyed (disposal {one.disposal}).{kept}",
                markup=False,
            )
    if asked and not made:
        screen.print("Nothing is due, or it waits for another officer: see --dry-run.")
    for path in written:
        screen.print(path, markup=False)
    if not asked and not written:
        screen.print("Nothing was disposed of yet.")


@hold_app.command()
def add(
    scope: Annotated[
        Scope, typer.Option(help="What it covers: exchange, agreement, batch or request.")
    ],
    order: Annotated[
        str, typer.Option(help="On whose authority: court, docket, date (10 characters or more).")
    ],
    value: Annotated[str, typer.Option(help="Which agreement, batch or request.")] = "",
    exchange: ExchangeDir = None,
    officer: AsOfficer = None,
    key: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Impose a hold: what it covers is not disposed of, however old. Needs the authority `stay`."""
    with opened(exchange) as one, one.writing():
        made = holding.add_hold(one, scope, value, order, credentials(officer, key))
    emit(as_json, {"hold": made.id}, lambda c: c.print(f"Hold {made.id} is in force."))


@hold_app.command()
def lift(
    hold: Annotated[str, typer.Argument(help="The hold's id.")],
    reason: Annotated[str, typer.Option(help="Why it ends (10 characters or more).")],
    exchange: ExchangeDir = None,
    officer: AsOfficer = None,
    key: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Lift a hold; by another officer than the one who imposed it."""
    with opened(exchange) as one, one.writing():
        holding.lift_hold(one, hold, reason, credentials(officer, key))
    emit(as_json, {"lifted": hold}, lambda c: c.print(f"Hold {hold} is lifted.", markup=False))


@hold_app.command("list")
def list_holds(exchange: ExchangeDir = None, as_json: AsJson = False) -> None:
    """Every hold, in force or lifted."""
    with opened(exchange) as one:
        show_orders("hold", holding.all_holds(one), as_json=as_json)
