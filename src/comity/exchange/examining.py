"""Examination of a batch with nothing but the agreement: what a requester runs before sending.

The same rules as an exchange applies, by the same code; what needs a roster, a manifest or the
exchange's own knowledge is judged as far as it is at hand, and named where it is not.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from itertools import cycle, starmap
from pathlib import Path

from comity.agreement.loading import LoadedAgreement, load_agreement
from comity.agreement.roster import Roster
from comity.agreement.rosters import load_roster
from comity.core.errors import AgreementError
from comity.examination.context import Circumstances, Context
from comity.examination.engine import compile_agreement
from comity.examination.results import Answer, write_answers
from comity.exchange.bench import Bench, Said
from comity.exchange.crew import Crew
from comity.exchange.looking import Surveyed, hands, jobs_of, look_through
from comity.request.intake import Batch, open_batch
from comity.request.manifest import Manifest, manifest_path, read_manifest
from comity.request.result_file import check_output

Progress = Callable[[int], None]


@dataclass(frozen=True)
class Examined:
    """How a batch came out: rows by outcome (`returned`, `refused`, `sound`), unmet findings by
    rule, and the rules that could not be judged in full, with what they lack."""

    rows: int
    outcomes: Mapping[str, int]
    rules: Mapping[str, int]
    not_run: Mapping[str, tuple[str, ...]]

    @property
    def sound(self) -> bool:
        """Whether every row is."""
        return self.outcomes.get("sound", 0) == self.rows


def examine_file(
    batch: Path,
    agreement: Path,
    out: Path,
    *,
    at: datetime,
    roster: Path | None = None,
    manifest: Path | None = None,
    progress: Progress = lambda _done: None,
) -> Examined:
    """Judge a batch file and write `request_id, outcome, rule_ids, reasons` a row to `out`.

    `at` is the moment as of which everything is judged; `roster` the requester's; `manifest` the
    signed manifest (without it, the one that stands beside the batch, if any). Raises
    AgreementError, IntakeError and UsageError for files that cannot be read as a whole."""
    check_output(out, batch, agreement, *filter(None, (roster, manifest)))
    loaded = load_agreement(agreement)
    examination = compile_agreement(loaded.agreement, loaded.positions, str(agreement))
    officers = None if roster is None else _requester_roster(roster, loaded)
    beside = manifest_path(batch)
    signed = manifest or (beside if beside.exists() else None)
    with open_batch(batch, facts=examination.facts, required=examination.required_columns) as file:
        statement = None if signed is None else read_manifest(signed)
        around = _circumstances(at, file, loaded, officers, statement)
        tally = _Tally(Counter(), Counter())
        with Crew(hands(file), Bench(file.reader, around.fingerprint)) as crew:
            surveyed = look_through(file, crew, lambda _: None)
            context = Context(loaded.agreement, around, surveyed.survey.finish(around.history))
            for ready in [w.ask(Bench.examine_in, examination, context) for w in crew.workers]:
                ready.result()
            rows = write_answers(_answers(file, surveyed, crew, tally, progress), out)
    lacking = {
        rule.id: tuple(sorted(rule.needs - around.known)) for rule in examination.not_run(around)
    }
    return Examined(rows, dict(tally.outcomes), dict(tally.rules), lacking)


@dataclass(frozen=True)
class _Tally:
    outcomes: Counter[str]
    rules: Counter[str]

    def add(self, answer: Answer) -> None:
        self.outcomes[answer.outcome] += 1
        self.rules.update(answer.rule_ids)


def _answers(
    file: Batch, surveyed: Surveyed, crew: Crew, tally: _Tally, progress: Progress
) -> Iterator[Answer]:
    """The answer to each row, in order; the crew is a few jobs ahead."""
    ahead: deque[Future[list[Said]]] = deque()
    jobs = zip(cycle(crew.workers), jobs_of(file), surveyed.rows)
    first, done = 1, 0
    for worker, blocks, rows in jobs:
        ahead.append(worker.ask(Bench.answers, first, blocks))
        first += rows
        while len(ahead) > 2 * len(crew.workers) or (ahead and first > surveyed.survey.rows):
            said = ahead.popleft().result()
            for answer in starmap(Answer, said):
                tally.add(answer)
                yield answer
            done += len(said)
            progress(done)


def _requester_roster(path: Path, loaded: LoadedAgreement) -> Roster:
    roster = load_roster(path)
    requester = loaded.agreement.parties.requester.id
    if roster.party != requester:
        raise AgreementError(
            "This is not the roster of the agreement's requester.",
            where=str(path),
            cure=f"Name the roster of {requester}.",
        )
    return roster


def _circumstances(
    at: datetime,
    file: Batch,
    loaded: LoadedAgreement,
    roster: Roster | None,
    manifest: Manifest | None,
) -> Circumstances:
    known = {"roster"} if roster is not None else set()
    fault = None
    if manifest is not None:
        known.add("manifest")
        fault = (
            manifest.fault(file.digest, loaded.digest, roster)
            if roster is not None
            else manifest.mismatch(file.digest, loaded.digest)
        )
    return Circumstances(
        at=at,
        known=frozenset(known),
        roster=roster,
        manifest=manifest,
        manifest_fault=fault,
    )
