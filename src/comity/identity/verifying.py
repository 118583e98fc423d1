"""A batch from its standard form to its verdicts: find, compare, decide, each as columns."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from comity.agreement.model import IdentityPolicy
from comity.identity import codes
from comity.identity.asking import Asked, asking
from comity.identity.candidates import Key, cut_keys, find, find_households, read
from comity.identity.codes import by_code
from comity.identity.coding import CODED_PLACE, Dictionary, Ids, distinct_ids
from comity.identity.compare import compare_numbers
from comity.identity.comparing import Comparison
from comity.identity.deciding import decide_all
from comity.identity.decision import Verdict
from comity.identity.doubts import like_name, near_place
from comity.identity.matching import Cost, name_cost, place_cost
from comity.identity.pairs import Compared, Pairs
from comity.identity.schema import NAME_FIELDS
from comity.identity.weight import level_weights


@dataclass(frozen=True)
class Candidates:
    """The candidates of a batch, a row each, in the order of `decide`: by request, weight falling,
    person. `recorded` are the ids of the nearest name and address (see `coding`)."""

    rid: Ids
    pid: Ids
    pattern: Ids
    weight: Ids
    recorded: Mapping[str, Ids]

    def __len__(self) -> int:
        return len(self.rid)


@dataclass(frozen=True)
class Decided:
    """A batch as decided.

    `first` and `count` say which rows of `candidates` are a request's. `verdict` gives the place in
    `verdicts` of each request's verdict, whose indices count from the request's first row. `cut`
    holds bits of `Key`; `holders` how many persons stand under the request's number, and
    `common_flags` the flags of those under a number too common to look at. `stages` are seconds,
    `compared` counts the pairs looked at."""

    candidates: Candidates
    first: Ids
    count: Ids
    verdict: Ids
    verdicts: Sequence[Verdict]
    cut: Ids
    holders: Ids
    common_flags: Mapping[int, tuple[str, ...]]
    stages: Mapping[str, float]
    compared: int


def decide_batch(
    database: duckdb.DuckDBPyConnection,
    standard: pa.Table,
    policy: IdentityPolicy,
    dictionary: Dictionary,
) -> tuple[Decided, Asked]:
    """Decide about every row of `standard` (columns of STANDARD_SCHEMA), in order.

    `database` has the index of that dictionary attached as `idx`; no table is left behind."""
    clock = _Stages()
    with asking(database, standard, dictionary) as asked:
        clock.note("requests")
        try:
            comparison = Comparison(asked, asked.vocabulary(dictionary))
            found = find(database)
            clock.note("candidates")
            pairs, compared, looked = _compare(database, asked, comparison, found)
            cut = cut_keys(database, len(asked))
            common = _common_numbers(database)
        finally:
            for table in _TABLES:
                database.execute(f"DROP TABLE IF EXISTS {table}")
    candidates = _candidates(pairs, compared, dictionary)
    clock.note("comparison")
    holders = np.bincount(candidates.rid[candidates.pattern & 7 == 0], minlength=len(asked)).astype(
        np.int64
    )
    for rid, (persons, _) in common.items():
        holders[rid] = persons
    flags = {rid: flags for rid, (_, flags) in common.items()}
    count = np.bincount(candidates.rid, minlength=len(asked)).astype(np.int64)
    first = np.cumsum(count) - count
    verdict, verdicts = decide_all(candidates.pattern, first, count, policy, cut, holders)
    clock.note("decision")
    return Decided(
        candidates, first, count, verdict, verdicts, cut, holders, flags, clock.seconds, looked
    ), asked


_TABLES = ("asked_key", "found", "building", "neighbour", "crowded")


class _Stages:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._since = time.perf_counter()

    def note(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] = now - self._since
        self._since = now


def _compare(
    database: duckdb.DuckDBPyConnection, asked: Asked, comparison: Comparison, found: Pairs
) -> tuple[Pairs, Compared, int]:
    """Compare the found pairs and those who live with them; drop whom `decide` passes over."""
    pairs = read(database, distinct_ids(found.pair[comparison.worth_reading(found)]))
    near = comparison.near(pairs)
    neighbours = find_households(database, asked, pairs.take(near))
    looked = len(found) + len(neighbours)
    both = pairs.with_(neighbours)
    near = np.concatenate([near, np.ones(len(neighbours), np.bool_)])
    pairs = both.take(both.whole(comparison.worth_comparing(both, near)))
    compared = _with_all_numbers(database, pairs, comparison.compare(pairs))
    pairs, compared = _nearest(pairs, compared)
    kept = _kept(compared)
    return pairs.take(kept), compared.take(kept), looked


def _kept(compared: Compared) -> NDArray[np.bool_]:
    """The pairs that `decide` looks at: as `matching.is_candidate`."""
    person = compared.number == codes.NUMBER.index("equal")
    like = by_code(compared.name, _is_like) != 0
    near = by_code(compared.place, _is_near) != 0
    same_day = compared.dob == codes.DOB.index("equal")
    return np.asarray(person | (same_day & (like | near)) | (like & near), np.bool_)


def _is_like(code: int) -> bool:
    return like_name(codes.name_of_code(code))


def _is_near(code: int) -> bool:
    return near_place(codes.place_of_code(code))


def _with_all_numbers(
    database: duckdb.DuckDBPyConnection, pairs: Pairs, compared: Compared
) -> Compared:
    """The nearest of several numbers counts, and one that is not decimal is read as it stands."""
    doubtful = (pairs.recorded["inconsistent"] != 0) | (pairs.recorded["number"] < 0)
    rows = np.flatnonzero(doubtful & (compared.number != codes.NUMBER.index("not_given")))
    if not len(rows):
        return compared
    asked = pa.table({"place": rows, "rid": pairs.rid[rows], "pid": pairs.pid[rows]})
    database.register("doubtful", asked)
    numbers = database.execute(
        "SELECT d.place, a.number AS asked, b.number FROM doubtful d "
        "JOIN asked.request a ON a.pid = d.rid JOIN idx.number b ON b.pid = d.pid"
    ).fetchall()
    database.unregister("doubtful")
    number = compared.number.copy()
    nearest: dict[int, int] = {}
    for at, one, other in numbers:
        level = codes.NUMBER.index(compare_numbers(one, other))
        nearest[at] = min(level, nearest.get(at, level))
    for at, level in nearest.items():
        number[at] = level
    return replace(compared, number=number)


def _nearest(pairs: Pairs, compared: Compared) -> tuple[Pairs, Compared]:
    """Of each pair's names the nearest, of its addresses, too: one row a pair."""
    several = np.bincount(pairs.pair)[pairs.pair] > 1
    alone, rows = np.flatnonzero(~several), np.flatnonzero(several)
    names = np.concatenate(
        [alone, rows[_first(pairs, compared.name, NAME_FIELDS, _name_cost, rows)]]
    )
    places = np.concatenate(
        [alone, rows[_first(pairs, compared.place, CODED_PLACE, _place_cost, rows)]]
    )
    recorded = {
        field: values[names if field in NAME_FIELDS else places]
        for field, values in pairs.recorded.items()
    }
    nearest = Pairs(pairs.pair[names], pairs.rid[names], pairs.pid[names], recorded)
    return nearest, Compared(
        compared.name[names], compared.place[places], compared.dob[names], compared.number[names]
    )


def _first(
    pairs: Pairs, code: Ids, fields: Sequence[str], cost: Callable[[int], int], rows: Ids
) -> Ids:
    """Of some rows the cheapest of each pair, in the order of the pairs; of equals the first by
    their ids."""
    ids = (pairs.recorded[field][rows] for field in reversed(fields))
    order = np.lexsort((*ids, by_code(code[rows], cost), pairs.pair[rows]))
    return order[_begins(pairs.pair[rows][order])]


def _name_cost(code: int) -> int:
    return _cost(name_cost(codes.name_of_code(code)))


def _place_cost(code: int) -> int:
    return _cost(place_cost(codes.place_of_code(code)))


def _cost(cost: Cost) -> int:
    beyond, gravest, total = cost
    return (beyond * 1000 + gravest) * 1000 + total


def _begins(values: Ids) -> NDArray[np.bool_]:
    """Where a new value of a sorted column begins."""
    new = np.ones(len(values), np.bool_)
    new[1:] = values[1:] != values[:-1]
    return new


def _candidates(pairs: Pairs, compared: Compared, dictionary: Dictionary) -> Candidates:
    """The pairs with pattern and weight, in the order of `decide`."""
    pattern = (
        (compared.name << codes.NAME_SHIFT)
        + (compared.place << codes.PLACE_SHIFT)
        + (compared.dob << 3)
        + compared.number
        + np.where(pairs.recorded["inconsistent"] != 0, codes.INCONSISTENT, 0)
    )
    weight = by_code(pattern, _level_weight)
    for field, terms in (("given", dictionary.given_terms), ("family", dictionary.family_terms)):
        exact = (compared.name // codes.name_factor(field)) % codes.name_factor("family") == 0
        weight += np.where(exact, terms[pairs.recorded[field]], 0)
    order = np.lexsort((pairs.pid, -weight, pairs.rid))
    ordered = pairs.take(order)
    return Candidates(ordered.rid, ordered.pid, pattern[order], weight[order], ordered.recorded)


def _level_weight(pattern: int) -> int:
    name, place, dob, number, _ = codes.unpack(pattern)
    levels = {**vars(name), **vars(place), "dob": dob, "number": number}
    return sum(millibits[levels[field]] for field, millibits in level_weights().items())


def _common_numbers(
    database: duckdb.DuckDBPyConnection,
) -> dict[int, tuple[int, tuple[str, ...]]]:
    """By request with a number too common to look at: how many bear it, and their flags."""
    rows = database.execute(
        "SELECT rid, persons, flags FROM asked_key k JOIN idx.common c USING (key) "
        f"WHERE k.kind = {Key.NUMBER.value} AND c.kind = 'number'"
    ).fetchall()
    return {rid: (persons, tuple(flags)) for rid, persons, flags in rows}
