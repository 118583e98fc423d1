"""`comity recall status`: the clock, who was told, who has answered, which copies are left."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from comity.cli.output import AsJson, ExchangeDir, emit, number, opened, table
from comity.core.canonical import Json
from comity.core.clock import stamp
from comity.exchange import incident_status
from comity.exchange.incident_status import NoticeStanding, Standing


def status(
    incident: Annotated[str | None, typer.Argument(help="One incident; else all.")] = None,
    exchange: ExchangeDir = None,
    as_json: AsJson = False,
) -> None:
    """How incidents stand. Ends with 1 where a report or an answer is overdue."""
    with opened(exchange) as one:
        found = incident_status.standings(one, incident)
    emit(as_json, [_data(each) for each in found], lambda c: _show(c, found))
    if any(each.overdue for each in found):
        raise typer.Exit(1)


def _data(one: Standing) -> Json:
    incident = one.incident
    return {
        "incident": incident.id,
        "state": "closed" if incident.closed else "open",
        "cause": incident.cause,
        "disclosures": one.disclosures,
        "suspected": incident.suspected,
        "opened": incident.opened,
        "opened_by": incident.opened_by,
        "closed": incident.closed,
        "closed_by": incident.closed_by,
        "due": incident.due,
        "reported": None if one.clock.done is None else stamp(one.clock.done),
        "hours_left": _hours(one),
        "late": one.clock.late,
        "overdue": one.overdue,
        "unreported": list(one.unreported),
        "wanting": dict(one.wanting),
        "outstanding": one.outstanding,
        "notices": [_notice_data(one, notice) for notice in one.notices],
    }


def _notice_data(one: Standing, standing: NoticeStanding) -> Json:
    notice, deadline = standing.notice, standing.deadline
    return {
        "notice": notice.id,
        "to": notice.kind,
        "recipient": notice.recipient or None,
        "due": notice.due,
        "sent": notice.sent,
        "recorded": notice.recorded,
        "late": deadline is not None and deadline.late,
        "overdue": not one.incident.closed and deadline is not None and deadline.overdue(one.now),
        "packages": [
            {
                "package": package,
                "copies": answer.copies if answer else None,
                "opened": answer.opened if answer else None,
                "used": answer.used if answer else None,
                "passed_on": answer.passed_on if answer else None,
                "answered": answer.at if answer else None,
            }
            for package in standing.packages
            for answer in [standing.answers.get(package)]
        ],
    }


def _hours(one: Standing) -> float:
    return round(one.left.total_seconds() / 3600, 2)


def _show(screen: Console, found: list[Standing]) -> None:
    if not found:
        screen.print("No incident was opened.")
    for one in found:
        incident = one.incident
        state = f"closed by {incident.closed_by}" if incident.closed else "open"
        lines = [
            f"Incident {incident.id}: {state}, {number(one.disclosures, 'disclosure')}, "
            f"suspected {incident.suspected[:16]}Z, opened by {incident.opened_by}.",
            f"Reports: {_clock(one)}.",
        ]
        screen.print("\n".join(lines), markup=False)
        heads = ("notice", "to", "sent", "answered", "copies left", "")
        rows = [_row(one, notice) for notice in one.notices]
        screen.print(table(heads, rows))
        lines = [f"{words}: {count:,}" for words, count in one.wanting.items()]
        if lines and not incident.closed:
            screen.print(f"Still wanting: {'; '.join(lines)}.", markup=False)


def _clock(one: Standing) -> str:
    """`4.5 hours left`, `OVERDUE by 3.0 hours`, `out 2.1 hours before the end`, `LATE by …`."""
    hours = abs(_hours(one))
    if one.clock.done is None:
        missing = f" (to the {' and the '.join(one.unreported)})"
        if one.clock.overdue(one.now):
            return f"OVERDUE by {hours:.1f} hours{missing}"
        return f"{hours:.1f} hours left{missing}"
    return f"out, LATE by {hours:.1f} hours" if one.clock.late else f"out, {hours:.1f} hours early"


def _row(one: Standing, standing: NoticeStanding) -> tuple[object, ...]:
    notice, heard, deadline = standing.notice, standing.heard, standing.deadline
    word = ""
    if deadline is not None and not one.incident.closed and deadline.overdue(one.now):
        word = "OVERDUE"
    elif deadline is not None and deadline.late:
        word = "late"
    answered = f"{heard.answered} of {heard.packages}" if heard.kind.answered else ""
    left = str(heard.packages - heard.gone) if heard.kind.answered else ""
    sent = "" if notice.sent is None else f"{notice.sent[:16]}Z"
    reader = notice.recipient or notice.kind
    if notice.party:
        reader = f"further, by {notice.recipient}"
    return (notice.id, reader, sent, answered, left, word)
