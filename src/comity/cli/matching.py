"""`comity match`: whom a file is about, and why."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from comity.agreement.loading import load_agreement
from comity.agreement.model import Agreement
from comity.cli.index_key import index_key
from comity.cli.output import AsJson, console, emit, number, progress, table
from comity.core.canonical import Json
from comity.core.errors import UsageError
from comity.identity.batch import (
    Explained,
    ExplainedRows,
    Matched,
    explain_rows,
    match_file,
)
from comity.identity.explanation_page import Section, render_page
from comity.identity.explanation_words import visible
from comity.identity.match import Decision
from comity.request.result_file import write_whole

_PIPE_WIDTH = 110
"""Columns of an explanation in a pipe or a file."""


def match(
    requests: Annotated[
        Path, typer.Argument(metavar="REQUESTS", help="CSV, JSON Lines or Parquet.")
    ],
    registry: Annotated[Path, typer.Option(metavar="DIR", help="An index, as built with --out.")],
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where results go: .csv, .jsonl or .parquet."),
    ] = None,
    agreement: Annotated[
        Path | None,
        typer.Option(help="Match by this agreement's identity policy, and know its columns."),
    ] = None,
    explain: Annotated[
        str | None,
        typer.Option(
            metavar="REQUEST_ID",
            help="Explain this request's match, field by field; needs no --out.",
        ),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the explanation to this file, as a page."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say of every request whom it is about: confirmed, ambiguous or none.

    COMITY_REGISTRY_KEY opens an encrypted index. Malformed rows come out as `none` and are told.

    With --explain one row is looked up and explained: what was asked and what is recorded, how they
    stand to each other, who else might be meant, and what would have been needed. An explanation
    holds personal data and is for the holder's reviewer; a page is readable by its owner alone."""
    _check_call(requests, agreement, out, explain, html)
    terms = load_agreement(agreement).agreement if agreement else None
    said: dict[str, Json] = {}
    if out is not None:
        with progress("Matching") as report:
            found = match_file(
                requests, registry, out, key=index_key(), agreement=terms, progress=report
            )
        _tell_malformed(found, requests)
        said |= _matched(found, out)
        if not as_json:
            _show_matched(console(), found, out)
    if explain is not None:
        rows = _explain(requests, registry, explain, terms)
        if html is not None:
            write_whole(html, _page(rows, requests).encode(), private=True)
        said |= _explanations(rows, explain, html)
        if not as_json:
            _show_explained(rows, requests, html)
    if as_json:
        emit(True, said, lambda _: None)


def _check_call(
    requests: Path, agreement: Path | None, out: Path | None, explain: str | None, html: Path | None
) -> None:
    if out is None and explain is None:
        raise UsageError(
            "This does not say where the results go.",
            cure="Give --out FILE, or --explain REQUEST_ID for one row.",
        )
    if html is None:
        return
    if explain is None:
        raise UsageError(
            "--html writes an explanation, and this does not say of which request.",
            cure="Name it with --explain REQUEST_ID.",
        )
    for other in filter(None, (requests, agreement, out)):
        same = html.exists() and other.exists() and html.samefile(other)
        if same or html.absolute() == other.absolute():
            raise UsageError(
                "The page would overwrite a file of this call.",
                where=str(html),
                cure="Name another file for the page.",
            )


def _explain(
    requests: Path, registry: Path, request_id: str, terms: Agreement | None
) -> ExplainedRows:
    with progress("Looking for the row") as report:
        rows = explain_rows(
            requests, registry, request_id, key=index_key(), agreement=terms, progress=report
        )
    if rows.rows > len(rows.explained):
        Console(stderr=True, highlight=False, soft_wrap=True).print(
            f"Rows that bear this request id: {rows.rows:,}, of which the first "
            f"{len(rows.explained):,} are explained.",
            markup=False,
        )
    return rows


def _page(rows: ExplainedRows, requests: Path) -> str:
    return render_page(
        [
            Section(one.explanation, f"{requests.name}, line {one.line:,}", one.problems)
            for one in rows.explained
        ]
    )


def _explanations(rows: ExplainedRows, request_id: str, html: Path | None) -> dict[str, Json]:
    return {
        "request_id": request_id,
        "rows_of_request": rows.rows,
        "html": str(html) if html else None,
        "explanations": [_explanation(one) for one in rows.explained],
    }


def _explanation(one: Explained) -> Json:
    return {"line": one.line, "problems": list(one.problems), **one.explanation.to_json()}


def _show_explained(rows: ExplainedRows, requests: Path, html: Path | None) -> None:
    if html is not None:
        typer.echo(f"{number(len(rows.explained), 'explanation')} in {html}")
        return
    width = console().width if sys.stdout.isatty() else _PIPE_WIDTH
    for place, one in enumerate(rows.explained):
        if place:
            typer.echo()
        typer.echo(f"{requests}:{one.line}")
        for problem in one.problems:
            typer.echo(f"  {visible(problem)}")
        typer.echo(one.explanation.to_text(width))


def _tell_malformed(found: Matched, requests: Path) -> None:
    if not found.malformed:
        return
    screen = Console(stderr=True, highlight=False, soft_wrap=True)
    for line, what in found.listed:
        screen.print(f"{requests}:{line}: {what}", markup=False)
    screen.print(
        f"Malformed rows, not looked up, which stand as `none`: {found.malformed:,}",
        markup=False,
    )


def _matched(found: Matched, out: Path) -> dict[str, Json]:
    decisions: dict[str, Json] = {d.value: found.decisions.get(d, 0) for d in Decision}
    return {"rows": found.rows, **decisions, "malformed": found.malformed, "out": str(out)}


def _show_matched(screen: Console, found: Matched, out: Path) -> None:
    rows = [(decision.value, found.decisions.get(decision, 0)) for decision in Decision]
    screen.print(table(("decision", "requests"), rows))
    screen.print(f"\n{found.rows:,} requests matched; results in {out}", markup=False)
