"""`comity recall`: call disclosures back, and follow what becomes of them; the holder's side."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from comity.agreement.roster_keys import read_public_keys
from comity.cli.output import (
    AsJson,
    AsOfficer,
    ExchangeDir,
    KeyFile,
    credentials,
    emit,
    number,
    opened,
    stages,
)
from comity.cli.recall_answer import read, respond, take
from comity.cli.recall_found import show_opened, tell_found
from comity.cli.recall_status import status
from comity.core.canonical import Json
from comity.core.clock import parse_moment, stamp
from comity.core.errors import UsageError
from comity.exchange import letters as letters_of
from comity.exchange import noticing, recalling
from comity.exchange.opening import Exchange
from comity.exchange.recall_causes import Wrong, named_cause
from comity.oversight.incident import ANSWER_WITHIN
from comity.request.result_file import check_ending

app = typer.Typer(help="Call back what should not have been disclosed.", no_args_is_help=True)

Rules = Annotated[bool, typer.Option("--rules", help="Cause: rules that this release has mended.")]
Only = Annotated[
    list[str] | None,
    typer.Option("--rule", metavar="ID", help="With --rules or --agreement: only these rules."),
]
Corrected = Annotated[
    str | None,
    typer.Option("--agreement", metavar="FILE|ID", help="Cause: the agreement, corrected so."),
]
Persons = Annotated[
    Path | None,
    typer.Option("--persons", metavar="FILE", help="Cause: wrong records; a person_id a line."),
]
Registry = Annotated[
    bool,
    typer.Option(
        "--registry", help="Cause: the registry; matches are repeated against it as it is."
    ),
]
Stayed = Annotated[
    str | None, typer.Option("--stay", metavar="STAY", help="Cause: a stay that reaches back.")
]
Since = Annotated[
    str | None, typer.Option("--from", metavar="DATE", help="With --stay: since which day (UTC).")
]
Listing = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="All of them: .csv, .jsonl, .parquet.")
]


@app.command()
def find(
    rules: Rules = False,
    only: Only = None,
    agreement: Corrected = None,
    persons: Persons = None,
    registry: Registry = False,
    stay: Stayed = None,
    since: Since = None,
    out: Listing = None,
    exchange: ExchangeDir = None,
    officer: AsOfficer = None,
    key: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """List every disclosure that a cause touches, and change nothing.

    Each with its packages and recipients, and why, in words without data. What cannot be judged any
    more is listed too, as what cannot be told. Ends with 1 where there is any."""
    if out is not None:
        check_ending(out)
    with opened(exchange) as one, one.writing(), stages() as report:
        wrong = _cause(one, rules, only, agreement, persons, registry, stay, since)
        found = recalling.find(
            one,
            credentials(officer, key),
            wrong,
            lambda done, total: report("judging again", done, total),
        )
    tell_found(found, out, as_json)
    if found.touched:
        raise typer.Exit(1)


@app.command("open")
def open_incident(
    reason: Annotated[
        str, typer.Option(help="What was found and how; sealed (10 characters or more).")
    ],
    suspected: Annotated[
        str, typer.Option(metavar="WHEN", help="The first suspicion: 2026-01-14T09:30Z, or a day.")
    ],
    rules: Rules = False,
    only: Only = None,
    agreement: Corrected = None,
    persons: Persons = None,
    registry: Registry = False,
    stay: Stayed = None,
    since: Since = None,
    contact: Annotated[
        str, typer.Option(help="Whom recipients, inspector and persons ask; else your office.")
    ] = "",
    answer_within: Annotated[
        int, typer.Option(min=1, max=365, metavar="DAYS", help="How long recipients have.")
    ] = ANSWER_WITHIN.days,
    only_certain: Annotated[
        bool, typer.Option("--only-certain", help="Leave out what cannot be told.")
    ] = False,
    stop: Annotated[
        bool,
        typer.Option(
            "--stop", help="Also stay everything under the agreements (authority `stay`)."
        ),
    ] = False,
    exchange: ExchangeDir = None,
    officer: AsOfficer = None,
    key: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Call back what a cause touches: an incident, its notices, and its clock, in one act.

    The 24 hours for the reports run from the suspicion. It waits for nobody else."""
    moment = _moment(suspected, "--suspected")
    said = recalling.Opening(reason, moment, contact, timedelta(days=answer_within))
    with opened(exchange) as one, one.writing(), stages() as report:
        wrong = _cause(one, rules, only, agreement, persons, registry, stay, since)
        made = recalling.open_incident(
            one,
            credentials(officer, key),
            wrong,
            said,
            only_certain=only_certain,
            stay=stop,
            tell=lambda done, total: report("judging again", done, total),
        )
    data: dict[str, Json] = {"incident": made.incident, "due": stamp(made.due)}
    data |= {"disclosures": len(made.found.touched), "certain": made.found.certain}
    data |= {"stays": list(made.stays), "already": made.already}
    emit(as_json, data, lambda c: show_opened(c, made))


@app.command()
def notices(
    incident: Annotated[str, typer.Argument(help="The incident's id.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="The folder that they go into.")],
    exchange: ExchangeDir = None,
    as_json: AsJson = False,
) -> None:
    """Write an incident's notices out as files; the same bytes each time.

    Reports are plain text and a signed statement; everything else is encrypted to its reader."""
    with opened(exchange) as one, one.writing():
        written = noticing.write_notices(one, incident, out)
    emit(
        as_json,
        [str(path) for path in written],
        lambda c: c.print("\n".join(map(str, written)), markup=False),
    )


@app.command()
def letters(
    incident: Annotated[str, typer.Argument(help="The incident's id.")],
    mailing_key: Annotated[
        Path,
        typer.Option(
            help="The mailing officer's public key: what `comity key new --json` printed."
        ),
    ],
    exchange: ExchangeDir = None,
    officer: AsOfficer = None,
    key: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Make the letters to the persons concerned, encrypted to the mailing officer.

    Only once inspector and safeguards office were told. `comity recall notices` writes them out."""
    reader = read_public_keys(mailing_key)
    with opened(exchange) as one, one.writing():
        made = letters_of.make_letters(one, credentials(officer, key), incident, reader)
    lines = [f"{number(made.letters, 'letter')} in notice {made.notice}."]
    if made.unaddressed:
        lines.append(f"{made.unaddressed:,} without an address on file.")
    if made.untold:
        lines.append(f"{number(made.untold, 'disclosure')} of which nobody can be told any more.")
    data: dict[str, Json] = {"notice": made.notice, "letters": made.letters}
    data |= {"unaddressed": made.unaddressed, "untold": made.untold}
    emit(as_json, data, lambda c: c.print("\n".join(lines), markup=False))


@app.command()
def sent(
    notice: Annotated[str, typer.Argument(help="The notice's id.")],
    how: Annotated[str, typer.Option(help="By which way, to whom (10 characters or more).")],
    at: Annotated[
        str | None, typer.Option(metavar="WHEN", help="When, if not now: 2026-01-14T11:00Z.")
    ] = None,
    exchange: ExchangeDir = None,
    officer: AsOfficer = None,
    key: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Say that a notice went out, when and how. The first time stands."""
    moment = None if at is None else _moment(at, "--at")
    with opened(exchange) as one, one.writing():
        recalling.tell_sent(one, credentials(officer, key), notice, how, moment)
    emit(as_json, {"sent": notice}, lambda c: c.print(f"Notice {notice} is sent.", markup=False))


@app.command()
def close(
    incident: Annotated[str, typer.Argument(help="The incident's id.")],
    because: Annotated[
        str | None, typer.Option(help="Why, where answers, copies or letters are wanting.")
    ] = None,
    exchange: ExchangeDir = None,
    officer: AsOfficer = None,
    key: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Close an incident; by another officer than the one who opened it.

    The encrypted files of its notices go, and what it held may be disposed of again."""
    with opened(exchange) as one, one.writing():
        recalling.close_incident(one, credentials(officer, key), incident, because)
    emit(
        as_json,
        {"closed": incident},
        lambda c: c.print(f"Incident {incident} is closed.", markup=False),
    )


app.command()(status)
app.command()(read)
app.command()(respond)
app.command("answer")(take)


def _cause(
    exchange: Exchange,
    rules: bool,
    only: list[str] | None,
    agreement: str | None,
    persons: Path | None,
    registry: bool,
    stay: str | None,
    since: str | None,
) -> Wrong:
    return named_cause(
        exchange,
        rules=rules,
        only=only or (),
        agreement=agreement,
        persons=persons,
        registry=registry,
        stay=stay,
        since=None if since is None else _day(since),
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError("This is not a date.", where="--from", cure="E.g. 2025-08-07.") from None


def _moment(text: str, option: str) -> datetime:
    """A moment; of a day the first instant, so that a clock never starts too late."""
    try:
        return parse_moment(text)
    except ValueError:
        raise UsageError(
            "This is not a moment.", where=option, cure="Write it as 2026-01-14T09:30Z."
        ) from None
