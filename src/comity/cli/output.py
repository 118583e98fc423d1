"""What the commands share: options, output for people or machines, progress, errors."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from comity.core.canonical import Json
from comity.core.clock import SystemClock, parse_moment
from comity.core.errors import LedgerError, UsageError
from comity.core.keys import load_signing_key

if TYPE_CHECKING:
    from comity.exchange.officers import Credentials
    from comity.exchange.opening import Exchange

ExchangeDir = Annotated[
    Path | None,
    typer.Option(
        "--exchange", envvar="COMITY_EXCHANGE", metavar="DIR", help="The exchange's folder."
    ),
]
AsOfficer = Annotated[
    str | None, typer.Option("--as", metavar="OFFICER", help="The officer who acts.")
]
KeyFile = Annotated[
    Path | None,
    typer.Option("--key", metavar="FILE", help="That officer's private signing key (PEM)."),
]
_VERIFIER_KEY = typer.Option(
    "--log-key",
    metavar="VKEY",
    help="The log's verifier key, as the holder published it (NAME+HASH+KEY).",
)
LogKey = Annotated[str, _VERIFIER_KEY]
MaybeLogKey = Annotated[str | None, _VERIFIER_KEY]
AsJson = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]

Write = Callable[[str], None]


def console() -> Console:
    """Standard output as a rich console."""
    return Console(highlight=False, soft_wrap=not sys.stdout.isatty())


def emit(as_json: bool, data: Json, lines: Callable[[Console], None]) -> None:
    """Print `data` as JSON, or let `lines` write it for people."""
    if as_json:
        typer.echo(json.dumps(data, indent=2, ensure_ascii=False))
    else:
        lines(console())


@contextmanager
def not_verified(as_json: bool) -> Iterator[None]:
    """Tell machines, too, what does not verify, before the error goes its way."""
    try:
        yield
    except LedgerError as error:
        if as_json:
            typer.echo(json.dumps({"verified": False, "where": error.where, "what": error.what}))
        raise


def table(headings: Sequence[str], rows: Sequence[Sequence[object]], title: str = "") -> Table:
    """A plain table; numbers are set to the right, every cell is taken literally. It is folded to
    the width of a terminal, and never in a pipe."""
    made = Table(title=title or None, title_justify="left", box=None, pad_edge=False)
    terminal = sys.stdout.isatty()
    for index, heading in enumerate(headings):
        numeric = bool(rows) and all(isinstance(row[index], int | float) for row in rows)
        widest = max(map(cell_len, [heading, *(_cell(row[index]) for row in rows)]))
        made.add_column(
            heading,
            justify="right" if numeric else "left",
            overflow="fold",
            min_width=None if terminal else widest,
        )
    for row in rows:
        made.add_row(*(escape(_cell(cell)) for cell in row))
    return made


def _cell(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return "" if value is None else str(value)


@contextmanager
def opened(directory: Path | None) -> Iterator[Exchange]:
    """The exchange that the call names. Raises UsageError where it names none."""
    if directory is None:
        raise UsageError(
            "This command needs an exchange.",
            cure="Name it with --exchange DIR, or set COMITY_EXCHANGE.",
        )
    from comity.exchange.opening import open_exchange  # commands without an exchange go without it

    exchange = open_exchange(directory)
    try:
        yield exchange
        if exchange.waiting is not None:
            warn(exchange.waiting.message)
        if exchange.alarmed:
            from comity.exchange.witnessed import alarm

            warn(alarm(exchange.alarmed))
    finally:
        exchange.close()


def warn(message: str) -> None:
    """Say on the error channel what the reader must know although the command is done."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(
        f"[bold yellow]comity:[/] {escape(message)}"
    )


def credentials(officer: str | None, key: Path | None) -> Credentials:
    """Who acts. Raises UsageError unless both --as and --key are given."""
    if officer is None or key is None:
        raise UsageError(
            "This act needs an officer.", cure="Say who acts with --as OFFICER --key FILE."
        )
    from comity.exchange.officers import Credentials

    return Credentials(officer, load_signing_key(key, passphrase))


def passphrase() -> str:
    """The passphrase of a key file: COMITY_PASSPHRASE, or asked for on a terminal."""
    given = os.environ.get("COMITY_PASSPHRASE")
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise UsageError(
            "The key file needs its passphrase.",
            cure="Set COMITY_PASSPHRASE, or run the command on a terminal to be asked.",
        )
    return str(typer.prompt("Passphrase", hide_input=True, err=True))


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A progress bar on a terminal, nothing in a pipe. The callable takes how many are done."""
    with stages() as report:
        yield lambda done: report(what, done, total or 0)


@contextmanager
def stages() -> Iterator[Callable[[str, int, int], None]]:
    """The same for work in several stages: the callable takes the stage, how many are done, and
    how many there are (0 = not known)."""
    screen = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=screen,
        disable=not screen.is_terminal,
        transient=True,
    ) as bar:
        tasks: dict[str, TaskID] = {}

        def report(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage.capitalize(), total=total or None)
            bar.update(tasks[stage], completed=done)

        yield report


def moment(text: str | None) -> datetime:
    """The moment that `--at` names: a date-time with zone, or a day, of which the last second
    counts; now where it names none."""
    if text is None:
        return SystemClock().now()
    try:
        day = timedelta(days=1, seconds=-1) if len(text) == 10 else timedelta()
        return parse_moment(text) + day
    except ValueError:
        raise UsageError(
            "This is not a day.", where="--at", cure="Write it as 2026-03-31."
        ) from None


def number(count: int, noun: str) -> str:
    """`1 answer`, `1,200 answers`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def counts(data: Mapping[str, int]) -> list[tuple[str, int]]:
    """Counts as rows, largest first."""
    return sorted(data.items(), key=lambda item: (-item[1], item[0]))
