"""`comity demo`: the whole way on a made-up office, in about a minute."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, cast

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from comity.cli.output import AsJson, emit, table
from comity.core.canonical import Json
from comity.demo.report import Report
from comity.demo.run import run_demo

_REASONS = 10


def demo(
    directory: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="A new or empty folder.")
    ] = Path("demo"),
    persons: Annotated[int, typer.Option(min=700, help="Persons in the registry.")] = 100_000,
    requests: Annotated[int, typer.Option(min=100, help="Rows of the batch.")] = 10_000,
    force: Annotated[
        bool, typer.Option("--force", help="Replace a demonstration that stands there.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show the whole way on made-up people: a batch with the defects of the file of 2025, what the
    procedure of 2025 would have disclosed, what Comity does, and a log that verifies.

    Leaves a folder to explore, with a page of figures."""
    with _progress() as report:
        found = run_demo(
            directory, persons=persons, requests=requests, force=force, progress=report
        )
    data = cast("dict[str, Json]", dataclasses.asdict(found))
    data |= {"seconds": found.seconds, "directory": str(directory)}
    emit(as_json, data, lambda screen: _show(screen, found, directory))


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """A line a stage on a terminal, nothing in a pipe. A stage ends where the next begins."""
    screen = Console(stderr=True)
    with Progress(
        TextColumn("{task.description:24}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=screen,
        disable=not screen.is_terminal,
    ) as bars:
        stages: list[str] = []

        def report(stage: str, done: int, total: int) -> None:
            if not stages or stages[-1] != stage:
                _finish(bars)
                stages.append(stage)
                bars.add_task(stage, total=None)
            bars.update(bars.task_ids[-1], completed=done, total=total or None)

        yield report
        _finish(bars)


def _finish(bars: Progress) -> None:
    if bars.task_ids:
        bars.update(bars.task_ids[-1], completed=1, total=1)


def _show(screen: Console, found: Report, directory: Path) -> None:
    course = found.course
    screen.print(
        f"\n{course.received:,} requests against {found.persons:,} persons, "
        f"{found.seconds:.0f} s.\n",
        markup=False,
    )
    outcomes = [
        ("returned, to be completed", course.returned),
        ("refused", course.refused),
        ("not verified: no certain person, or denied", course.not_verified),
        ("disclosed", course.disclosed),
    ]
    screen.print(table(("Where the rows went", "rows"), outcomes))
    screen.print(
        f"\nOf {course.held:,} held cases two officers approved {course.held_approved:,} and "
        f"denied {course.denied:,}. A stay halted {found.stay.halted:,} answers until it was "
        "lifted.\n",
        markup=False,
    )
    reasons = [(r.rule, r.outcome, r.rows, r.citation) for r in found.reasons[:_REASONS]]
    screen.print(table(("Commonest reasons", "", "rows", "source"), reasons))
    screen.print()
    screen.print(table(("On this same batch", "2025", "Comity"), _sides(found)))
    _show_log(screen, found)
    screen.print(
        f"\nThe page:    {directory / 'index.html'}\n"
        f"The folder:  {directory} (README.txt says what is in it and what to try)",
        markup=False,
    )


def _sides(found: Report) -> list[tuple[str, int, int]]:
    then, now = found.then, found.now
    return [
        ("answers given", then.answers, now.answers),
        ("  without a lawful request", then.unlawful, now.unlawful),
        ("  about the wrong person", then.wrong_person, now.wrong_person),
        ("  lawful and about the person meant", then.right, now.right),
        (f"of {now.due:,} lawful and certain, answered", then.due_answered, now.due_answered),
    ]


def _show_log(screen: Console, found: Report) -> None:
    log = found.log
    screen.print(
        f"\nThe log verifies: {log.size:,} entries, root {log.root}, {log.verify_seconds:.1f} s.\n"
        f"With byte {log.offset:,} of {log.file} changed it does not:\n  {log.said}",
        markup=False,
    )
