"""Replaying what was determined, from sealed inputs: promise 7.

A batch is looked through again as a whole, under the circumstances of its receipt, and then every
row is examined and determined anew and compared with what was sealed. The decision about the person
is taken again from the sealed evidence; the search behind it is repeated, too, where the registry
that serves is still the one of then.
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import count, islice
from typing import TypeVar

from comity.core.clock import parse_moment
from comity.core.errors import UsageError
from comity.examination.context import Context
from comity.examination.engine import compile_agreement
from comity.examination.rule import RULES
from comity.examination.survey import Survey
from comity.exchange.circumstances import circumstances
from comity.exchange.crew import Crew, processors
from comity.exchange.officers import Credentials, exchange_target, identify, permit
from comity.exchange.opening import Exchange
from comity.exchange.parties import adopted_agreement
from comity.exchange.pseudonyms import Pseudonyms
from comity.exchange.record import OFFICE_ACT
from comity.exchange.replay_desk import ReplayDesk
from comity.exchange.searching_again import FOUND_ANOTHER, SearchAgain, registry_of_then
from comity.identity.registry import Registry
from comity.request.manifest import manifest_from
from comity.store import acts, cases, disposals, parties
from comity.store.acts import SealedDossier
from comity.store.cases import Batch

_AT_A_TIME = 5_000
_ALONE = 20_000
"""Rows below which other processes would not be ready before the work is done."""

T = TypeVar("T")
_LISTED = 1_000
"""Differing requests that are listed; all are counted."""

_ACROSS_ROWS = frozenset(f"finding: {rule.id}" for rule in RULES.values() if rule.whole_batch)

Tell = Callable[[int, int], None]
"""Hears how many rows are replayed, and of how many."""


@dataclass(frozen=True)
class Replayed:
    """A batch replayed: rows that came out the same, rows whose sealed inputs were disposed of,
    rows that were determined under another version of the rules, and those that differ, each with
    what (in words without data). Where rows of this or of an earlier batch were disposed of, the
    rules that look beyond the request cannot be applied again in full; rows that differ in one of
    these are `incomplete`.
    `matches` counts identity decisions that were taken again from their evidence, `searched` those
    of them for which the registry was searched again."""

    batch: str
    rows: int
    same: int
    matches: int
    searched: int
    disposed: int
    incomplete: int
    other_rules: int
    different: int
    listed: tuple[tuple[str, tuple[str, ...]], ...]


def replay(
    exchange: Exchange,
    credentials: Credentials,
    *,
    batch: str | None = None,
    since: date | None = None,
    until: date | None = None,
    tell: Tell = lambda _done, _all: None,
) -> list[Replayed]:
    """Replay a batch, or all that were received in a period (days in UTC, both included).

    For an officer with the authority `account`, and recorded. Raises UsageError for an unknown
    batch or one whose judging has not ended."""
    actor = identify(exchange, credentials)
    permit(exchange, actor, "account", exchange_target(exchange))
    with exchange.database.reading() as connection:
        found = cases.all_batches(connection, batch)
    if batch is not None and not found:
        raise UsageError("No batch of this id was received.", cure="See `comity status`.")
    if batch is not None and found[0].state == "judging":
        raise UsageError(
            "The batch is still being judged.", cure="Run `comity submit` on its file to the end."
        )
    chosen = [
        one
        for one in found
        if one.state != "judging"
        and (since is None or parse_moment(one.received).date() >= since)
        and (until is None or parse_moment(one.received).date() <= until)
    ]
    rows, done = sum(one.rows for one in chosen), 0
    made: list[Replayed] = []
    with _collecting_seldom(), registry_of_then(exchange) as registry:
        for one in chosen:
            told = partial(_told, tell, done, rows)
            made.append(_replayed(exchange, one, registry, told))
            done += one.rows
    with exchange.recording() as recorder:
        recorder.record(
            OFFICE_ACT,
            {},
            payload={
                "act": "replay",
                "officer": actor.officer.id,
                "batches": [one.batch for one in made],
                "different": sum(one.different for one in made),
            },
        )
    return made


@contextmanager
def _collecting_seldom() -> Iterator[None]:
    """What is made of a dossier has no cycles, and there is much of it: looking for them takes an
    eighth of the time."""
    usual = gc.get_threshold()
    gc.set_threshold(500_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _told(tell: Tell, before: int, rows: int, now: int) -> None:
    tell(before + now, rows)


def _replayed(
    exchange: Exchange, batch: Batch, registry: Registry | None, tell: Callable[[int], None]
) -> Replayed:
    adopted = adopted_agreement(exchange, batch.agreement, batch.agreement_digest)
    agreement = adopted.agreement
    examination = compile_agreement(agreement, adopted.positions)
    with exchange.database.reading() as connection:
        received = acts.payload(connection, exchange.keys, batch.entry)
        stays = parties.all_stays(connection)
        gone = disposals.disposed_before(connection, batch.id)
        kek = acts.kek_of(connection, batch.id)
    keks = {} if kek is None else {kek: exchange.keys.kek(kek)}
    manifest = None if received["manifest"] is None else manifest_from(received["manifest"])
    around = circumstances(exchange, batch, str(received["file"]), adopted, manifest)
    pseudonyms = Pseudonyms(exchange.keys.derived("pseudonyms"))
    survey, search = Survey(), SearchAgain(registry, agreement.identity)
    counts = dict.fromkeys(
        ("same", "matches", "disposed", "incomplete", "other_rules", "different"), 0
    )
    listed: list[tuple[str, tuple[str, ...]]] = []
    rows = 0
    others = processors() if batch.rows >= _ALONE else 0
    with Crew(others, ReplayDesk(batch.id, keks, pseudonyms, search.digest)) as crew:
        for _, disposed, looked in _through(exchange, batch, crew, ReplayDesk.look):
            counts["disposed"] += disposed
            survey.add(looked.traits)
            search.add(looked.searchable)
        gone = gone or counts["disposed"] > 0
        search.finish()
        context = Context(agreement, around, survey.finish(around.history)).for_rows(pseudonyms)
        setting = (agreement, adopted.digest, examination, context, stays)
        for begun in [worker.ask(ReplayDesk.begin, *setting) for worker in crew.workers]:
            begun.result()
        for there, disposed, judged in _through(exchange, batch, crew, ReplayDesk.judge):
            rows += len(there) + disposed
            counts["matches"] += judged.matches
            counts["other_rules"] += judged.other_rules
            counts["same"] += judged.same
            differing = dict(judged.differing)
            for row in search.differing.intersection(there):
                counts["same"] -= row not in differing
                differing.setdefault(row, []).append(FOUND_ANOTHER)
            for row, what in sorted(differing.items()):
                if gone and not _ACROSS_ROWS.isdisjoint(what):
                    counts["incomplete"] += 1
                    continue
                counts["different"] += 1
                if len(listed) < _LISTED:
                    listed.append((f"{batch.id}/{row}", tuple(what)))
            tell(rows)
    return Replayed(batch.id, rows, **counts, searched=search.searched, listed=tuple(listed))


def _through(
    exchange: Exchange,
    batch: Batch,
    crew: Crew,
    task: Callable[[ReplayDesk, Sequence[SealedDossier]], T],
) -> Iterator[tuple[list[int], int, T]]:
    """Have a task done on all rows of a batch, some thousands at a time, by the crew in turn; gives
    the rows, how many beside them were disposed of, and what came of it, in order."""
    waiting: deque[tuple[list[int], int, Future[T]]] = deque()
    with exchange.database.reading() as connection:
        rows = acts.sealed_dossiers(connection, batch.id)
        for turn in count():
            chunk = list(islice(rows, _AT_A_TIME))
            if chunk:
                there = [one for one in chunk if one is not None]
                worker = crew.workers[turn % len(crew.workers)]
                asked = worker.ask(task, there)
                waiting.append(([one.row for one in there], len(chunk) - len(there), asked))
            while waiting and (not chunk or len(waiting) > 2 * len(crew.workers)):
                numbers, disposed, done = waiting.popleft()
                yield numbers, disposed, done.result()
            if not chunk:
                return
