"""`comity stay`: stop disclosures at once, and let them go again."""

from __future__ import annotations

from collections.abc import Sequence
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
    table,
)
from comity.core.clock import stamp
from comity.determination.stay import Scope, Stay
from comity.exchange import staying

app = typer.Typer(help="Stop disclosures, at once.", no_args_is_help=True)


@app.command()
def add(
    scope: Annotated[Scope, typer.Option(help="What it covers.")],
    order: Annotated[
        str, typer.Option(help="On whose authority: court, docket, date (10 characters or more).")
    ],
    value: Annotated[
        str, typer.Option(help="Which agreement, statute, batch, request, recipient or flag.")
    ] = "",
    exchange: ExchangeDir = None,
    officer: AsOfficer = None,
    key: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Impose a stay; it binds the very next disclosure."""
    with opened(exchange) as one, one.writing():
        made = staying.add_stay(one, scope, value, order, credentials(officer, key))
    emit(as_json, {"stay": made.id}, lambda c: c.print(f"Stay {made.id} is in force."))


@app.command()
def lift(
    stay: Annotated[str, typer.Argument(help="The stay's id.")],
    reason: Annotated[str, typer.Option(help="Why it ends (10 characters or more).")],
    exchange: ExchangeDir = None,
    officer: AsOfficer = None,
    key: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Lift a stay; by another officer than the one who imposed it."""
    with opened(exchange) as one, one.writing():
        staying.lift_stay(one, stay, reason, credentials(officer, key))
    emit(as_json, {"lifted": stay}, lambda c: c.print(f"Stay {stay} is lifted.", markup=False))


@app.command("list")
def list_stays(exchange: ExchangeDir = None, as_json: AsJson = False) -> None:
    """Every stay, in force or lifted."""
    with opened(exchange) as one:
        show_orders("stay", staying.all_stays(one), as_json=as_json)


def show_orders(noun: str, found: Sequence[Stay], *, as_json: bool) -> None:
    """Stays, or holds, as a list."""
    heads = (noun, "scope", "value", "imposed", "lifted")
    rows = [
        (s.id, s.scope.value, s.value, stamp(s.imposed), stamp(s.lifted) if s.lifted else "")
        for s in found
    ]
    emit(
        as_json,
        [dict(zip(heads, row, strict=True)) for row in rows],
        lambda c: c.print(table(heads, rows) if rows else f"No {noun}s."),
    )
