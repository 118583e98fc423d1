"""`comity report`: yearly sums for the public, the accounting for who must keep it."""

from __future__ import annotations

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
    moment,
    opened,
    table,
)
from comity.core.outcome import Status
from comity.exchange import reporting

app = typer.Typer(help="Reports on what was asked and answered.", no_args_is_help=True)

Year = Annotated[int | None, typer.Option(min=1900, max=9998, help="Else the current one.")]


@app.command()
def public(year: Year = None, exchange: ExchangeDir = None, as_json: AsJson = False) -> None:
    """Requests, disclosures, persons concerned and incidents of a year, by agreement: no personal
    data. Answers recalled count in the year of the incident."""
    with opened(exchange) as one:
        found = reporting.yearly_sums(one, year or moment(None).year)
    heads = (
        *("agreement", "requester", "requests", *(s.value for s in Status)),
        *("answers", "persons", "incidents", "recalled"),
    )
    rows = [
        _row(f.agreement, f.requester, f.received, *f.statuses.values())
        + _row(f.disclosures, f.persons, f.incidents, f.recalled)
        for f in found
    ]
    emit(
        as_json,
        [
            dict(zip(heads, row, strict=True)) | {"purposes": list(f.purposes)}
            for row, f in zip(rows, found, strict=True)
        ],
        lambda c: c.print(
            table(heads, rows) if rows else "No request was received, and no incident opened."
        ),
    )


@app.command()
def accounting(
    out: Annotated[Path, typer.Option(help="Where it goes: .csv, .jsonl or .parquet.")],
    year: Year = None,
    exchange: ExchangeDir = None,
    officer: AsOfficer = None,
    key: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Every request of a year, refused ones too, with reason, date and what was disclosed.

    Holds what the requests say: for an officer with the authority `account`, and recorded."""
    with opened(exchange) as one, one.writing():
        who = credentials(officer, key)
        rows = reporting.write_accounting(one, year or moment(None).year, out, who)
    emit(
        as_json,
        {"requests": rows, "out": str(out)},
        lambda c: c.print(f"Accounting of {rows:,} requests in {out}", markup=False),
    )


def _row(*cells: str | int) -> tuple[str | int, ...]:
    return cells
