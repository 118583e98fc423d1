"""From a decided batch to what the caller gets: columns of results, or Match values. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from comity.agreement.model import IdentityPolicy
from comity.core.canonical import Json
from comity.identity.asking import Asked
from comity.identity.candidates import cut_names
from comity.identity.codes import unpack
from comity.identity.coding import Ids, distinct_ids
from comity.identity.deciding import Patterns, decide_patterns
from comity.identity.decision import Verdict
from comity.identity.doubts import AGREES, Agreements, agreements
from comity.identity.evidence import (
    VERSION,
    WITNESSES,
    CandidateEvidence,
    Circumstances,
    policy_to_json,
    shown,
)
from comity.identity.match import Decision, Match
from comity.identity.results import SCHEMA
from comity.identity.verifying import Candidates, Decided
from comity.identity.weight import model_digest


def table_of_results(
    decided: Decided, keys: pa.Array, policy: IdentityPolicy, person_ids: pa.Array
) -> pa.Table:
    """The results as columns (`results.SCHEMA`), one row a request, named by `keys`; `person_ids`
    name the confirmed persons, in the order of `confirmed_pids`."""
    about, confirmed = _about(decided)
    known = about >= 0
    at = np.where(known, about, 0)
    found = decided.candidates
    named = np.searchsorted(confirmed_pids(decided), found.pid[about[confirmed]])
    person = person_ids.take(pa.array(named))
    place = np.cumsum(confirmed) - 1
    runner_up = _runner_up(decided, about)
    columns: dict[str, Any] = {
        "request_id": keys,
        "decision": _by_verdict(decided, lambda verdict: verdict.decision.value, pa.string()),
        "person_id": person.take(pa.array(place, pa.int64(), mask=~confirmed)),
        "weight": pa.array(np.where(known, _at(found.weight, at), 0) / 1000),
        "runner_up_weight": pa.array(runner_up / 1000, mask=runner_up == _NO_WEIGHT),
    }
    agreed = _agreements(_at(found.pattern, at), known, policy)
    columns |= dict(zip(AGREES, agreed, strict=True))
    columns["candidates"] = pa.array(decided.count)
    return pa.table([columns[name] for name in SCHEMA.names], schema=SCHEMA)


def confirmed_pids(decided: Decided) -> Ids:
    """The persons who are confirmed, each once, in order."""
    about, confirmed = _about(decided)
    return distinct_ids(decided.candidates.pid[about[confirmed]])


_NO_WEIGHT = -(1 << 60)


def _about(decided: Decided) -> tuple[Ids, NDArray[np.bool_]]:
    """By request: the row of the candidate that the verdict is about (-1: none), and whether it
    is confirmed."""
    places = [-1 if verdict.about is None else verdict.about for verdict in decided.verdicts]
    sure = [verdict.decision is Decision.CONFIRMED for verdict in decided.verdicts]
    place = np.array(places, np.int64)[decided.verdict]
    confirmed = np.array(sure, np.bool_)[decided.verdict]
    return np.where(place >= 0, decided.first + place, -1), confirmed


def _at(values: Ids, rows: Ids) -> Ids:
    return values[rows] if len(values) else np.zeros(len(rows), np.int64)


def _runner_up(decided: Decided, about: Ids) -> Ids:
    """The greatest weight of the others; rows are in the order of weight."""
    first, count, weight = decided.first, decided.count, decided.candidates.weight
    row = np.where(about == first, first + 1, first)
    there = np.where(about >= 0, count > 1, count > 0)
    return np.where(there, _at(weight, np.where(there, row, 0)), _NO_WEIGHT)


def _by_verdict(decided: Decided, value: Any, kind: pa.DataType) -> pa.Array:
    return pa.array([value(verdict) for verdict in decided.verdicts], kind).take(
        pa.array(decided.verdict)
    )


def _agreements(pattern: Ids, known: NDArray[np.bool_], policy: IdentityPolicy) -> list[pa.Array]:
    distinct, inverse = np.unique(pattern, return_inverse=True)
    agreed = [_agreed(int(one), policy) if known.any() else (None,) * 4 for one in distinct]
    place = pa.array(inverse, mask=~known)
    return [pa.array([row[i] for row in agreed], pa.bool_()).take(place) for i in range(4)]


@lru_cache(maxsize=65536)
def _agreed(pattern: int, policy: IdentityPolicy) -> Agreements:
    name, place, dob, number, inconsistent = unpack(pattern)
    one = CandidateEvidence("", name, place, dob, number, inconsistent=inconsistent)
    return agreements(policy, one)


@dataclass(frozen=True)
class Person:
    """What is shown of a person beside names and addresses."""

    person_id: str
    dob: date | None
    numbers: tuple[str, ...]
    flags: tuple[str, ...]


def matches(
    decided: Decided,
    asked: Asked,
    standard: pa.Table,
    keys: Sequence[str],
    policy: IdentityPolicy,
    people: Mapping[int, Person],
) -> Iterator[Match]:
    """One Match a request, with its evidence; `people` are all candidates, by pid."""
    was_asked = _asked(standard)
    sealed_policy, model = policy_to_json(policy), model_digest()
    candidates = _Sealed(decided.candidates, asked, people)
    weight, pattern = decided.candidates.weight.tolist(), decided.candidates.pattern.tolist()
    rows = zip(
        *(keys, decided.first.tolist(), decided.count.tolist(), decided.verdict.tolist()),
        *(decided.cut.tolist(), decided.holders.tolist()),
        strict=True,
    )
    for row, (key, first, count, place, cut_bits, holders) in enumerate(rows):
        verdict = decided.verdicts[place]
        about = None if verdict.about is None else first + verdict.about
        cut = cut_names(cut_bits)
        held = range(first, first + count) if holders else range(0)
        flags = {f for i in held if pattern[i] & 7 == 0 for f in candidates.flags(i)}
        around = Circumstances(
            cut, holders, tuple(sorted(flags.union(decided.common_flags.get(row, ()))))
        )
        kept = _kept(policy, verdict, pattern[first : first + count], cut, holders)
        agreed = (None,) * 4 if about is None else _agreed(pattern[about], policy)
        confirmed = verdict.decision is Decision.CONFIRMED
        yield Match(
            key=key,
            decision=verdict.decision,
            person_id=candidates.name(about) if confirmed and about is not None else None,
            weight=0.0 if about is None else weight[about] / 1000,
            runner_up_weight=_second(weight, first, count, about),
            name_agrees=agreed[0],
            address_agrees=agreed[1],
            dob_agrees=agreed[2],
            tin_agrees=agreed[3],
            candidates=count,
            conflict=verdict.conflict,
            flags=_flags(verdict, first, around, candidates),
            reason=verdict.reason,
            evidence={
                "version": VERSION,
                "policy": sealed_policy,
                "model": model,
                "asked": was_asked(row),
                "candidates": [candidates(first + i) for i in kept],
                "circumstances": around.to_json(),
            },
        )


def _second(weight: list[int], first: int, count: int, about: int | None) -> float | None:
    others = [weight[i] for i in range(first, first + min(count, 2)) if i != about]
    return others[0] / 1000 if others else None


def _flags(
    verdict: Verdict, first: int, around: Circumstances, candidates: _Sealed
) -> frozenset[str]:
    """The confirmed person's flags; for a conflict, those of all concerned."""
    about = () if verdict.about is None else (verdict.about,)
    if verdict.conflict:
        concerned = [candidates.flags(first + i) for i in (*about, *verdict.rivals)]
        return frozenset(around.holder_flags).union(*concerned)
    if verdict.decision is Decision.CONFIRMED:
        return frozenset(candidates.flags(first + (verdict.about or 0)))
    return frozenset()


def _kept(
    policy: IdentityPolicy,
    verdict: Verdict,
    patterns: list[int],
    cut: tuple[str, ...],
    holders: int,
) -> Sequence[int]:
    """The candidates that are sealed: whoever decided first, then the nearest others; all of them
    where those few would not give the same decision again."""
    deciding = () if verdict.about is None else (verdict.about,)
    order = list(dict.fromkeys((*deciding, *verdict.rivals, *range(len(patterns)))))
    if len(order) <= WITNESSES:
        return order
    few = sorted(order[:WITNESSES])
    again = decide_patterns(policy, Patterns(tuple(patterns[i] for i in few), cut, min(holders, 2)))
    same = (again.decision, again.conflict) == (verdict.decision, verdict.conflict)
    if same and verdict.about is not None and again.about is not None:
        same = few[again.about] == verdict.about
    if same and verdict.conflict:
        same = [few[i] for i in again.rivals] == list(verdict.rivals)
    return order[:WITNESSES] if same else order


def _asked(standard: pa.Table) -> Callable[[int], dict[str, Json]]:
    """A function from a request to what it asked, in standard form."""
    texts = [standard[field].to_pylist() for field in _SHOWN]
    days, numbers = standard["dob"].to_pylist(), standard["number"].to_pylist()

    return lambda row: shown([text[row] for text in texts], days[row], [numbers[row]])


class _Sealed:
    """From a row of candidates to the candidate as it is sealed, made once."""

    def __init__(self, rows: Candidates, asked: Asked, people: Mapping[int, Person]) -> None:
        self._people = people
        self._pid, self._pattern = rows.pid.tolist(), rows.pattern.tolist()
        self._weight = rows.weight.tolist()
        self._ids = [rows.recorded[field].tolist() for field in _CODED]
        self._words = asked.words.of(np.concatenate([rows.recorded[f] for f in _CODED[:6]]))
        self._streets = asked.streets.of(rows.recorded["street"])
        self._areas = asked.areas.of(rows.recorded["area"])
        self._made: dict[int, dict[str, Json]] = {}

    def __call__(self, row: int) -> dict[str, Json]:
        made = self._made.get(row)
        if made is None:
            made = self._made[row] = self._sealed(row)
        return made

    def name(self, row: int) -> str:
        """The person's id."""
        return self._people[self._pid[row]].person_id

    def flags(self, row: int) -> tuple[str, ...]:
        """The person's flags."""
        return self._people[self._pid[row]].flags

    def _sealed(self, row: int) -> dict[str, Json]:
        person = self._people[self._pid[row]]
        name, place, dob, number, inconsistent = _sealed_levels(self._pattern[row])
        *words, street, area = (ids[row] for ids in self._ids)
        given, middle, family, suffix, house, unit = (self._words[i][0] for i in words)
        texts = [given, middle, family, suffix, house, self._streets[street][0], unit]
        return {
            "person_id": person.person_id,
            "name": name,
            "place": place,
            "dob": dob,
            "number": number,
            "weight": self._weight[row] / 1000,
            "inconsistent": inconsistent,
            "flags": list(person.flags),
            "fields": shown([*texts, *self._areas[area]], person.dob, list(person.numbers)),
        }


_CODED = ("given", "middle", "family", "suffix", "house", "unit", "street", "area")


@lru_cache(maxsize=65536)
def _sealed_levels(pattern: int) -> tuple[dict[str, str], dict[str, str], str, str, bool]:
    name, place, dob, number, inconsistent = unpack(pattern)
    return dict(vars(name)), dict(vars(place)), dob, number, inconsistent


_SHOWN = (
    *("given", "middle", "family", "suffix", "house", "line", "unit"),
    *("city", "state", "postal"),
)
