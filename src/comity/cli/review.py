"""`comity review`: what waits, one case, approve, deny."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from comity.cli.case_page import show_case
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
from comity.core.errors import UsageError
from comity.exchange import reviewing
from comity.exchange.reviewing import Waiting
from comity.request.listing import read_reasons
from comity.review.decision import Verdict

app = typer.Typer(help="Decide on what waits for an officer.", no_args_is_help=True)

Requests = Annotated[
    list[str] | None, typer.Argument(metavar="REQUEST…", help="BATCH/ROW or BATCH/REQUEST_ID.")
]
Reason = Annotated[
    str | None,
    typer.Option("--reason", help="Why, for the named requests (10 characters or more)."),
]
FromFile = Annotated[
    Path | None,
    typer.Option("--from", help="CSV with the columns request and reason, one row a request."),
]


@app.command("list")
def list_waiting(
    batch: Annotated[str | None, typer.Argument(help="One batch; else all.")] = None,
    exchange: ExchangeDir = None,
    as_json: AsJson = False,
) -> None:
    """Show what waits for a decision, oldest first."""
    with opened(exchange) as one:
        found = reviewing.waiting(one, batch)
    rows = [_row(w) for w in found]
    heads = ("request", "outcome", "rules", "approvals", "needed", "days")
    emit(
        as_json,
        [dict(zip(heads, row, strict=True)) for row in rows],
        lambda c: c.print(table(heads, rows) if rows else "Nothing waits."),
    )


@app.command()
def show(
    request: Annotated[str, typer.Argument(help="BATCH/ROW or BATCH/REQUEST_ID.")],
    exchange: ExchangeDir = None,
    officer: AsOfficer = None,
    key: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Show a case in full, to an officer who may decide on it. The look is recorded."""
    with opened(exchange) as one, one.writing():
        found = reviewing.show(one, request, credentials(officer, key))
    emit(
        as_json,
        dict(found),
        lambda c: show_case(c, found),
    )


@app.command()
def approve(
    requests: Requests = None,
    reason: Reason = None,
    listed: FromFile = None,
    exchange: ExchangeDir = None,
    officer: AsOfficer = None,
    key: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Approve the disclosure of answers, each with its reason."""
    _decide(Verdict.APPROVE, requests, reason, listed, exchange, officer, key, as_json)


@app.command()
def deny(
    requests: Requests = None,
    reason: Reason = None,
    listed: FromFile = None,
    exchange: ExchangeDir = None,
    officer: AsOfficer = None,
    key: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Deny answers, each with its reason; the requester will see `not_verified`."""
    _decide(Verdict.DENY, requests, reason, listed, exchange, officer, key, as_json)


def _decide(
    verdict: Verdict,
    requests: list[str] | None,
    reason: str | None,
    listed: Path | None,
    exchange: Path | None,
    officer: str | None,
    key: Path | None,
    as_json: bool,
) -> None:
    with opened(exchange) as one, one.writing():
        reasons = _reasons(requests or [], reason, listed)
        made = reviewing.decide(one, verdict, reasons, credentials(officer, key))
    word = "Approved" if verdict is Verdict.APPROVE else "Denied"
    lines = [f"{word}: {len(made.done):,}."]
    lines += [f"Not {word.lower()}: {request}: {why}" for request, why in made.refused.items()]
    emit(
        as_json,
        {"done": list(made.done), "refused": dict(made.refused)},
        lambda c: c.print("\n".join(lines), markup=False),
    )
    if made.refused:
        raise typer.Exit(1)


def _reasons(requests: list[str], reason: str | None, listed: Path | None) -> Mapping[str, str]:
    reasons = read_reasons(listed) if listed is not None else {}
    if requests and reason is None:
        raise UsageError("The named requests need a reason.", cure='Add --reason "…".')
    reasons |= dict.fromkeys(requests, reason or "")
    if not reasons:
        raise UsageError(
            "Nothing is named to decide on.", cure="Name requests, or a list with --from FILE."
        )
    return reasons


def _row(found: Waiting) -> tuple[str, str, str, int, int, int]:
    case = found.case
    rules = " ".join(case.rules)
    return case.request, case.outcome.value, rules, found.approvals, found.needed, found.age_days
