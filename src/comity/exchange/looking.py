"""Looking through a batch: the first pass, in jobs that the crew shares."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass

from comity.examination.survey import Survey
from comity.examination.traits import Traits
from comity.exchange.bench import Bench
from comity.exchange.crew import Crew, processors
from comity.request.blocks import Block
from comity.request.intake import Batch as BatchFile
from comity.request.intake import no_requests

JOB = 512 * 1024
"""Bytes of the file a job, or a little more: some 1,500 rows, a fifth of a second's work."""

ALONE = 4 * 1024 * 1024
"""Bytes of a batch from which on other processes are called in; they take half a second to be
there, in which so much is done without them."""

Tell = Callable[[int], None]
"""Hears how many rows are done."""


def hands(file: BatchFile) -> int:
    """How many other processes a batch is worth."""
    return processors() if file.size >= ALONE else 0


def jobs_of(file: BatchFile) -> Iterator[list[Block]]:
    """The file in jobs: the same ones each time it is read."""
    held: list[Block] = []
    size = 0
    for block in file.blocks():
        held.append(block)
        size += len(block.data)
        if size >= JOB:
            yield held
            held, size = [], 0
    if held:
        yield held


@dataclass(frozen=True)
class Surveyed:
    """A batch that was looked through: its survey, and how many rows each job has."""

    survey: Survey
    rows: tuple[int, ...]


def look_through(file: BatchFile, crew: Crew, tell: Tell) -> Surveyed:
    """Have a batch looked through for what no row shows by itself. Raises IntakeError if it is not
    what it was when it was opened, or holds no rows."""
    survey = Survey()
    rows: list[int] = []
    waiting: deque[Future[Traits]] = deque()

    def take() -> None:
        traits = waiting.popleft().result()
        survey.add(traits, after=survey.rows)
        rows.append(traits.rows.num_rows)
        tell(survey.rows)

    for number, blocks in enumerate(jobs_of(file)):
        waiting.append(crew.workers[number % len(crew.workers)].ask(Bench.survey, blocks))
        if len(waiting) > 2 * len(crew.workers):
            take()
    while waiting:
        take()
    if not survey.rows:
        raise no_requests(file.path)
    return Surveyed(survey, tuple(rows))
