"""Judging: the rows of a staged batch are examined, looked up, determined, sealed and recorded.

The rows go in jobs to the desks (see desk.py), which examine them; whom the sound ones of many jobs
ask about is looked up together; the desks determine and seal; and so many rows at a time are
recorded, each time in one transaction and in the order of the file. While one window of rows is
looked up and recorded, the desks examine the next.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from comity.agreement.model import IdentityPolicy
from comity.core.canonical import Json
from comity.exchange.crew import Crew, Worker
from comity.exchange.desk import Desk, Settled
from comity.exchange.looking import Surveyed, Tell, jobs_of
from comity.exchange.opening import Exchange
from comity.exchange.pseudonyms import Pseudonyms
from comity.exchange.record import first_numbers
from comity.identity.registry import Registry, Subject
from comity.request.intake import Batch as BatchFile
from comity.store.cases import Batch
from comity.store.database import insert_rows
from comity.store.sealing import SealedPayloads
from comity.store.tables import askings, engagements, requests

WINDOW = 100_000
"""Rows that are looked up together: one search costs the registry much the same for a few hundred
subjects as for ten thousand. Two windows are held in memory."""


@dataclass
class _Job:
    """Some rows on their way: `first` to `last`, at one desk."""

    number: int
    worker: Worker
    first: int
    last: int
    sound: Future[list[Subject]]
    names: pa.RecordBatch
    settled: Future[Settled] | None = None
    subjects: list[Subject] = field(default_factory=list)


class Judging:
    """Judges the rows after row `done` of a batch, whose desks have begun; `kek` is the name of the
    key that they seal under."""

    def __init__(
        self,
        exchange: Exchange,
        batch: Batch,
        file: BatchFile,
        surveyed: Surveyed,
        crew: Crew,
        *,
        kek: str,
        done: int,
        chunk: int,
    ) -> None:
        self._exchange = exchange
        self._batch = batch
        self._file = file
        self._surveyed = surveyed
        self._crew = crew
        self._kek = kek
        self._done = done
        self._chunk = chunk
        self._numbers = self._coming_numbers()

    def run(self, registry: Registry, policy: IdentityPolicy, tell: Tell) -> None:
        """Judge, telling after each transaction how many rows are done."""
        recording = _Recording(
            self._exchange, self._batch, self._kek, self._done, self._chunk, tell
        )
        windows = self._windows()
        now = next(windows, None)
        while now is not None:
            following = next(windows, None)  # the desks go on while this one is looked up
            self._look_up(now, registry, policy)
            for job in now:
                assert job.settled is not None
                recording.add(job.names, job.settled.result())
                job.settled = None  # what is recorded is not held any longer
            now = following
        recording.finish()

    def _coming_numbers(self) -> range | list[int]:
        """The number of the log's entry about each row that is left."""
        left = self._batch.rows - self._done
        sizes = [min(self._chunk, left - at) for at in range(0, left, self._chunk)]
        with self._exchange.database.reading() as connection:
            firsts = first_numbers(connection, sizes)
        if not firsts:
            return []
        if firsts[-1] - firsts[0] == sum(sizes[:-1]):  # without entries between
            return range(firsts[0], firsts[0] + left)
        return [
            n for first, size in zip(firsts, sizes, strict=True) for n in range(first, first + size)
        ]

    def _windows(self) -> Iterator[list[_Job]]:
        """The jobs that are left, given out to the desks, a window at a time."""
        window: list[_Job] = []
        held = last = 0
        names = self._surveyed.survey.fingerprints()
        for number, (blocks, rows) in enumerate(
            zip(jobs_of(self._file), self._surveyed.rows, strict=True)
        ):
            first, last = last + 1, last + rows
            fingerprints = next(names)
            if last <= self._done:
                continue
            worker = self._crew.workers[number % len(self._crew.workers)]
            at = self._exchange.clock.now()
            sound = worker.ask(Desk.examine, number, first, self._done, blocks, at)
            after = max(first, self._done + 1)
            window.append(
                _Job(number, worker, after, last, sound, fingerprints.slice(after - first))
            )
            held += rows
            if held >= WINDOW:
                yield window
                window, held = [], 0
        if window:
            yield window

    def _look_up(self, window: list[_Job], registry: Registry, policy: IdentityPolicy) -> None:
        """Look up whom a window's sound rows ask about, and have its jobs settled."""
        for job in window:
            job.subjects = job.sound.result()
        everybody = [subject for job in window for subject in job.subjects]
        matches = iter(registry.verify(everybody, policy) if everybody else ())
        at = self._exchange.clock.now()
        for job in window:
            start = self._done + 1
            numbers = self._numbers[job.first - start : job.last + 1 - start]
            found = [next(matches) for _ in job.subjects]
            job.settled = job.worker.ask(Desk.settle, job.number, list(numbers), found, at)


class _Recording:
    """Records settled rows, `chunk` of them in one transaction."""

    def __init__(
        self, exchange: Exchange, batch: Batch, kek: str, done: int, chunk: int, tell: Tell
    ) -> None:
        self._exchange = exchange
        self._batch = batch
        self._kek = kek
        self._done = done
        self._chunk = chunk
        self._tell = tell
        self._rows: list[tuple[object, ...]] = []
        self._sealed: list[list[Any]] = [[], [], [], [], []]
        self._bodies: list[dict[str, Json]] = []
        self._officers: deque[tuple[str, int, str]] = deque()
        self._askings: deque[tuple[str, int, str]] = deque()
        self._body_of: dict[str, dict[str, Json]] = {}

    def add(self, names: pa.RecordBatch, settled: Settled) -> None:
        """The next rows, with the fingerprints of their ids, subjects and cases."""
        batch, pseudonym = self._batch.id, self._exchange.pseudonym
        numbers = names.column("row").to_pylist()
        first = numbers[0]
        nameless = {"id": pseudonym("request", ""), "subject": pseudonym("subject", "")}
        handles, subjects, matters = (
            [nameless[name] if one is None else one.hex() for one in names.column(name).to_pylist()]
            for name in ("id", "subject", "matter")
        )
        sealed = settled.sealed
        self._rows += zip(
            *([batch] * len(numbers), numbers, handles, subjects, matters),
            *(settled.outcomes, settled.rules, settled.statuses, sealed.numbers),
            strict=True,
        )
        for held, more in zip(
            self._sealed,
            (sealed.numbers, sealed.names, sealed.wrapped, sealed.sealed, sealed.commitments),
            strict=True,
        ):
            held.extend(more)
        for status in settled.statuses:
            self._bodies.append(self._body_of.setdefault(status, {"status": status}))
        self._officers.extend((batch, first + place, who) for place, who in settled.officers)
        self._askings.extend((batch, first + place, way) for place, way in settled.askings)
        while len(self._rows) >= self._chunk:
            self._record(self._chunk)

    def finish(self) -> None:
        """Record what is left."""
        if self._rows:
            self._record(len(self._rows))

    def _record(self, count: int) -> None:
        last = self._done + count
        payloads = SealedPayloads(*(column[:count] for column in self._sealed))
        with self._exchange.recording() as recorder:
            at = recorder.record_many(
                "request.determined",
                self._bodies[:count],
                payloads,
                agreement=self._batch.agreement,
                kek=self._kek,
            )
            to = recorder.connection
            insert_rows(to, _REQUESTS, [(*row, at) for row in self._rows[:count]])
            insert_rows(to, _ENGAGEMENTS, _taken(self._officers, last))
            insert_rows(to, _ASKINGS, _taken(self._askings, last))
        for column in (self._rows, self._bodies, *self._sealed):
            del column[:count]  # type: ignore[attr-defined]
        self._done = last
        self._tell(last)


def _taken(rows: deque[tuple[str, int, str]], last: int) -> list[tuple[str, int, str]]:
    """Take the first rows off, up to this one of the batch."""
    taken: list[tuple[str, int, str]] = []
    while rows and rows[0][1] <= last:
        taken.append(rows.popleft())
    return taken


_REQUESTS = [
    requests.c[name]
    for name in (
        *("batch", "row", "handle", "subject", "matter"),
        *("outcome", "rules", "status", "entry", "at"),
    )
]
_ENGAGEMENTS = [engagements.c[name] for name in ("batch", "row", "officer")]
_ASKINGS = [askings.c[name] for name in ("batch", "row", "subject")]


def pseudonyms_of(exchange: Exchange) -> Pseudonyms:
    """The exchange's pseudonyms, for use in another process."""
    return Pseudonyms(exchange.keys.derived("pseudonyms"))
