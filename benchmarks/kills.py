"""An office at work, killed again and again, while an outsider watches the published log.

    python benchmarks/kills.py [--kills 500] [--every-step] [--database URL] [--seed 1]

A process submits batches, decides, discloses, imposes and lifts stays; each act that returned it
acknowledges through a pipe. It is killed (SIGKILL) at instants drawn at random; with `--every-step`
at every SQL statement, commit and file operation of a whole job, one after the other. The next
process does what an operator does: runs the same command again. Meanwhile another process copies
the published log over and over, as an outsider would, and takes nothing on trust.

At the end: every act that was acknowledged is in the log, once; numbers have no gaps; the log says
what the database says; every package is there and whole; every sealed determination opens and is
what the log commits to; and whatever checkpoint the outsider ever saw named tiles that were there
and right, and every later one continued it.

`--database` takes the URL of an empty database of another kind than SQLite.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it also runs as a script
from tests.exchange.office import (
    AGREEMENT_ID,
    NOW,
    PERSON,
    REASON,
    REQUEST,
    Office,
    Row,
    SettableClock,
    make_office,
)

from benchmarks.outsider import FORK, FaultError, watched
from comity.core.outcome import Outcome
from comity.determination.stay import Scope
from comity.exchange import disclosing, reviewing, staying, submitting
from comity.exchange.officers import Credentials
from comity.exchange.opening import Exchange, open_exchange
from comity.exchange.verifying import verify_log
from comity.ledger.entry import Entry
from comity.ledger.note import NoteVerifier
from comity.ledger.reading import read_entries
from comity.ledger.tiles import ENTRIES, WIDTH, Tile
from comity.review.decision import Verdict
from comity.store import acts, cases

ACTS = ("submit", "approve", "disclose", "stay", "lift")
"""What a job consists of, in order; each job has the next batch and the next stay."""


@dataclass(frozen=True)
class Work:
    """Batches that are ready to be handed in, and who does what with them."""

    exchange: Path
    batches: list[tuple[Path, Path]]
    preparer: Credentials
    approver: Credentials
    sender: Credentials
    counsel: Credentials
    lifter: Credentials

    def do(self, number: int) -> None:
        """Act `number`, whether or not a process that was killed has done it: as somebody would who
        runs the command again, or looks first where it would not do to run it twice."""
        job, kind = divmod(number, len(ACTS))
        # Everybody in the office was appointed and trained by 2 March 2026, and not for ever.
        clock = SettableClock(NOW + timedelta(days=1, minutes=number))
        exchange = open_exchange(self.exchange, clock)
        try:
            with exchange.writing():
                getattr(self, f"_{ACTS[kind]}")(exchange, job)
        finally:
            exchange.close()

    def _submit(self, exchange: Exchange, job: int) -> None:
        batch, manifest = self.batches[job]
        submitting.submit(exchange, batch, AGREEMENT_ID, self.preparer, manifest_path=manifest)

    def _approve(self, exchange: Exchange, job: int) -> None:
        batch = batch_name(job)
        with exchange.database.reading() as connection:
            decided = cases.verdicts(connection, batch)
            found = cases.cases(connection, batch)
        if not decided:
            reasons = {one.request: REASON for one in found if one.outcome is Outcome.READY}
            reviewing.decide(exchange, Verdict.APPROVE, reasons, self.approver)

    def _disclose(self, exchange: Exchange, job: int) -> None:
        with exchange.database.reading() as connection:
            (batch,) = cases.all_batches(connection, batch_name(job))
        if batch.state == "judged":
            disclosing.disclose(exchange, self.sender, batch.id)

    def _stay(self, exchange: Exchange, job: int) -> None:
        if len(staying.all_stays(exchange)) <= job:
            order = f"Order {job} of a made-up court, 2 March 2026."
            staying.add_stay(exchange, Scope.CLASS, "minor", order, self.counsel)

    def _lift(self, exchange: Exchange, job: int) -> None:
        if staying.all_stays(exchange)[job].lifted is None:
            staying.lift_stay(exchange, f"s{job + 1:04d}", REASON, self.lifter)


def batch_name(job: int) -> str:
    """The batch of a job: jobs are done one after the other."""
    return f"b{job + 1:06d}"


def prepare(office: Office, jobs: int, rows: int = 2) -> Work:
    """So many batches, written and signed."""
    batches = []
    for job in range(jobs):
        batch = office.write(*(_row(job, row) for row in range(rows)))
        batches.append((batch, office.sign(batch)))
    officers = office.cast.disclosure_officers
    return Work(
        office.exchange.directory,
        batches,
        office.credentials(office.cast.preparer),
        office.credentials(officers[0]),
        office.credentials(officers[1]),
        office.credentials(office.cast.counsel),
        office.credentials(office.cast.inspector),
    )


def _row(job: int, row: int) -> Row:
    """Each of a case of its own, with a reason of its own; the second never lawful."""
    words = "".join(chr(ord("a") + int(digit)) for digit in f"{job:05d}{row}")
    changed = dict(REQUEST, request_id=f"R{row}", case_number=f"FD-2025-{job:06d}")
    changed["reason"] = f"{REQUEST['reason']} {words}"
    return changed if row == 0 else changed | {"street": "Failed to Provide"}


@dataclass
class Counts:
    """What happened."""

    kills: int = 0
    lives: int = 0
    acknowledged: int = 0
    seen: int = 0
    entries: int = 0
    killed_at: Counter[str] = field(default_factory=Counter)

    def outside(self, seen: int, entries: int) -> None:
        """What an outsider saw."""
        self.seen, self.entries = seen, entries


def _live(work: Work, first: int, last: int, told: Connection, step: int | None) -> None:
    """A process's life: the acts from `first` on, each acknowledged when it has returned."""
    if step is not None:
        _die_at(step)
    for number in range(first, last):
        work.do(number)
        told.send_bytes(number.to_bytes(4, "big"))


def _die_at(step: int) -> None:
    """End this process, as SIGKILL does, at the SQL statement, commit or file operation of this
    number."""
    left = iter(range(step, -1, -1))

    def count(*_arguments: object, **_options: object) -> None:
        if next(left) == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    sa.event.listen(Engine, "before_cursor_execute", count)
    sa.event.listen(Engine, "commit", count)
    for name in ("open", "write", "fsync", "replace", "rename", "mkdir", "unlink", "rmdir"):
        setattr(os, name, _after(count, getattr(os, name)))


def _after(count: Callable[[], None], real: Any) -> Any:
    def call(*arguments: Any, **options: Any) -> Any:
        count()
        return real(*arguments, **options)

    return call


class Killing:
    """Lives of the office, one after the other."""

    def __init__(self, work: Work, seed: int) -> None:
        self.work = work
        self.counts = Counts()
        self._draw = random.Random(seed)
        self._next = 0

    def warm_up(self) -> None:
        """Do a job in this process: whoever is forked from it has everything loaded."""
        for number in range(len(ACTS)):
            self.work.do(number)
        self._next = len(ACTS)

    def live(self, *, longest: float | None = None, step: int | None = None) -> bool:
        """One life, that ends by itself at the end of its job (False), or by a kill."""
        last = (self._next // len(ACTS) + 1) * len(ACTS)
        told, tells = FORK.Pipe(duplex=False)
        process = FORK.Process(target=_live, args=(self.work, self._next, last, tells, step))
        process.start()
        tells.close()
        self.counts.lives += 1
        at = self._next
        process.join(None if longest is None else self._draw.uniform(0, longest))
        if process.is_alive():
            process.kill()
        process.join()
        with suppress(EOFError):
            while True:
                self._next = int.from_bytes(told.recv_bytes(), "big") + 1
                self.counts.acknowledged += 1
        killed = process.exitcode == -signal.SIGKILL
        if killed:
            self.counts.kills += 1
            self.counts.killed_at[ACTS[max(at, self._next) % len(ACTS)]] += 1
        elif process.exitcode:
            raise FaultError(f"after a kill, act {self._next} does not go on")
        return killed

    def at_random(self, kills: int) -> None:
        """Kill so many lives at instants drawn at random: at most so late that about half of the
        lives get an act done, however busy the machine is."""
        longest = 0.3
        while self.counts.kills < kills and self._next < self._most - len(ACTS):
            before = self._next
            self.live(longest=longest)
            longest *= 1.1 if self._next == before else 0.9

    def at_every_step(self, first: int = 0, stride: int = 1) -> None:
        """Kill a job at its step `first`, and finish it; the next one at a later step; and so on,
        until one ends before it is killed."""
        step = first
        while self._next < self._most - len(ACTS) and self.live(step=step):
            self.finish()
            step += stride

    def finish(self) -> None:
        """End the job that is under way, or may be: whoever was killed may have begun the next."""
        self.live()

    @property
    def _most(self) -> int:
        return len(self.work.batches) * len(ACTS)

    @property
    def jobs(self) -> int:
        """How many jobs were done."""
        return self._next // len(ACTS)


def check(office: Office, jobs: int) -> None:
    """After so many whole jobs: nothing lost, nothing doubled. Raises FaultError."""
    exchange = open_exchange(office.exchange.directory)
    found = verify_log(exchange.directory / "log", exchange.log_verifier_key)
    once = ("batch.received", "batch.judged", "batch.released", "stay.added", "stay.lifted")
    expected = dict.fromkeys((*once, "package.made", "request.answered"), jobs)
    expected["request.determined"] = 2 * jobs
    counted = {name: found.types.get(name, 0) for name in expected}
    if counted != expected:
        raise FaultError(f"{counted} instead of {expected}")
    with exchange.database.reading() as connection:
        bodies = list(acts.entries_from(connection, 0))
        if len(bodies) != acts.entry_count(connection):
            raise FaultError("numbers have gaps")
        tiles = range((len(bodies) - 1) // WIDTH + 1)
        published: list[bytes] = []
        for index in tiles:
            width = min(WIDTH, len(bodies) - index * WIDTH)
            published += read_entries(exchange.directory / "log", Tile(ENTRIES, index, width))
        if published != bodies:
            raise FaultError("the log does not say what the database says")
        for job in range(jobs):
            batch = batch_name(job)
            if [len(given) for given in cases.verdicts(connection, batch).values()] != [1]:
                raise FaultError(f"{batch} is not decided once")
            for dossier in acts.dossiers(connection, exchange.keys, batch):
                if dossier is None or not dossier.committed:
                    raise FaultError(f"a determination of {batch} is lost")
    made = [Entry.parse(body).body for body in bodies if b'"package.made"' in body]
    for body in made:
        content = (exchange.package_path / f"{body['package']}.comity").read_bytes()
        if f"sha256:{sha256(content).hexdigest()}" != body["digest"]:
            raise FaultError("a package is not whole")
    exchange.close()


def run(
    folder: Path, *, kills: int, seed: int, every: tuple[int, int] | None, database: str = "sqlite"
) -> Counts:
    """The whole of it in a folder; `every` is the first step and the stride for kills at steps.
    Raises FaultError for anything lost, doubled or contradicted."""
    office = make_office(folder, PERSON, database=database)
    killing = Killing(prepare(office, kills + 2 if every is None else kills), seed)
    key = NoteVerifier.parse(office.exchange.log_verifier_key)
    office.exchange.close()
    with watched(office.exchange.directory / "log", key, killing.counts.outside):
        killing.warm_up()
        if every is None:
            killing.at_random(kills)
        else:
            killing.at_every_step(*every)
        killing.finish()
    check(office, killing.jobs)
    return killing.counts


def main() -> None:
    """Run it and print the counts."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--every-step", action="store_true")
    parser.add_argument("--database", default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", help="where to work (default: a temporary folder)")
    args = parser.parse_args()
    folder = Path(tempfile.mkdtemp(dir=args.folder))
    every, began = (0, 1) if args.every_step else None, time.perf_counter()
    try:
        found = run(
            folder / "office",
            kills=args.kills,
            seed=args.seed,
            every=every,
            database=args.database,
        )
    finally:
        shutil.rmtree(folder)
    print(f"{found.kills:,} kills in {found.lives:,} lives, {time.perf_counter() - began:,.0f} s")
    print("killed during " + ", ".join(f"{n} {k:,}" for n, k in found.killed_at.most_common()))
    print(f"{found.acknowledged:,} acts acknowledged, each in the log once; none lost")
    print(f"{found.seen:,} checkpoints seen from outside, each continued by the next")
    print(f"{found.entries:,} entries, the log verifies")


if __name__ == "__main__":
    main()
