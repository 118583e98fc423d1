"""Replaying what was determined, from sealed inputs: promise 7.

A batch is looked through again as a whole, under the circumstances of its receipt, and then every
row is examined and determined anew and compared with what was sealed. The decision about the person
is taken again from the sealed evidence; the search behind it is repeated, too, where the registry
that serves is still the one of then.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from comity.core.clock import parse_moment
from comity.core.errors import UsageError
from comity.determination.determine import RULES_VERSION
from comity.determination.stay import Reach
from comity.examination.context import Context
from comity.examination.engine import compile_agreement
from comity.examination.examiner import Examiner
from comity.examination.rule import RULES
from comity.examination.survey import Survey
from comity.examination.traits import traits_of
from comity.exchange.circumstances import circumstances
from comity.exchange.officers import Credentials, exchange_target, identify, permit
from comity.exchange.opening import Exchange
from comity.exchange.parties import adopted_agreement
from comity.exchange.record import OFFICE_ACT
from comity.exchange.searching_again import FOUND_ANOTHER, SearchAgain, registry_of_then
from comity.identity.registry import Registry
from comity.oversight.replay import differences
from comity.request.manifest import manifest_from
from comity.request.model import Request
from comity.store import acts, cases, disposals, parties
from comity.store.acts import Dossier
from comity.store.cases import Batch

_AT_A_TIME = 5_000
_LISTED = 1_000
"""Differing requests that are listed; all are counted."""

_NOT_COMMITTED = "commitment: what is sealed is not what the log committed to"
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
    examination = compile_agreement(adopted.agreement, adopted.positions)
    with exchange.database.reading() as connection:
        received = acts.payload(connection, exchange.keys, batch.entry)
        stays = parties.all_stays(connection)
        gone = disposals.disposed_before(connection, batch.id)
    manifest = None if received["manifest"] is None else manifest_from(received["manifest"])
    around = circumstances(exchange, batch, str(received["file"]), adopted, manifest)
    survey = Survey()
    search = SearchAgain(registry, adopted.agreement.identity)
    for sealed in _chunks(exchange, batch):
        there = [one for one in sealed if one is not None]
        requests = [_request(one) for one in there]
        survey.add(traits_of(requests, around.fingerprint))
        search.add(there, requests)
        gone = gone or len(there) < len(sealed)
    search.finish()
    context = Context(adopted.agreement, around, survey.finish(around.history))
    examiner = Examiner(examination, context)
    counts = dict.fromkeys(
        ("same", "matches", "disposed", "incomplete", "other_rules", "different"), 0
    )
    listed: list[tuple[str, tuple[str, ...]]] = []
    done = 0
    for chunk in _chunks(exchange, batch):
        done += len(chunk)
        there = [one for one in chunk if one is not None]
        counts["disposed"] += len(chunk) - len(there)
        current = [one for one in there if _version(one) == RULES_VERSION]
        counts["other_rules"] += len(there) - len(current)
        requests = [_request(one) for one in current]
        for one, request, examined in zip(
            current, requests, examiner.examine(requests), strict=True
        ):
            reach = Reach(adopted.agreement.id, batch.id, request.row, request.statute)
            what = [] if one.committed else [_NOT_COMMITTED]
            what += differences(
                one.content, examined.findings, adopted.agreement, adopted.digest, reach, stays
            )
            what += [FOUND_ANOTHER] if request.row in search.differing else []
            counts["matches"] += one.content["match"] is not None
            if gone and not _ACROSS_ROWS.isdisjoint(what):
                counts["incomplete"] += 1
                continue
            counts["different" if what else "same"] += 1
            if what and len(listed) < _LISTED:
                listed.append((reach.request, tuple(what)))
        tell(done)
    return Replayed(batch.id, done, **counts, searched=search.searched, listed=tuple(listed))


def _chunks(exchange: Exchange, batch: Batch) -> Iterator[list[Dossier | None]]:
    """The dossiers of a batch, some thousands at a time."""
    with exchange.database.reading() as connection:
        held: list[Dossier | None] = []
        for sealed in acts.dossiers(connection, exchange.keys, batch.id):
            held.append(sealed)
            if len(held) == _AT_A_TIME:
                yield held
                held = []
        if held:
            yield held


def _request(dossier: Dossier) -> Request:
    found: Any = dossier.content["request"]
    return Request.from_json(found)


def _version(dossier: Dossier) -> str:
    found: Any = dossier.content["determination"]
    return str(found["rules_version"])
