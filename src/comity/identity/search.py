"""Finding the candidates of a batch: joins of its keys with the index's, nothing decided.

The batch is put into tables of the index's own form (schema `asked`), so that both sides' keys come
from one piece of SQL. What comes out per request is a handful of persons with their names and
addresses in standard form, and which keys were cut.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from comity.identity.evidence import Circumstances
from comity.identity.index import PERSONS, ROW_SCHEMA, flat, table_of
from comity.identity.keys import HOUSEHOLD, KEYS, hashed
from comity.identity.names import Name, sounds
from comity.identity.place import Place
from comity.identity.record import Standard

_NEAR_PLACE = (
    "(a.house = b.house OR damerau_levenshtein(a.house, b.house) <= 1) AND "
    "(a.core = b.core OR jaro_winkler_similarity(a.line, b.line) > 0.8) AND "
    "(a.postal = b.postal OR a.city = b.city OR jaro_winkler_similarity(a.city, b.city) > 0.8)"
)
"""Whether a request's address `a` may be a recorded one `b`: a coarse sieve before `compare`."""

_SIEVE = f"""
CREATE OR REPLACE TEMP TABLE kept AS
WITH near AS (
  SELECT DISTINCT f.rid, f.pid FROM found f
  JOIN asked.address a ON a.pid = f.rid JOIN idx.address b ON b.pid = f.pid
  WHERE {_NEAR_PLACE}
), named AS (
  SELECT DISTINCT f.rid, f.pid FROM found f
  JOIN asked.name a ON a.pid = f.rid JOIN idx.name b ON b.pid = f.pid
  WHERE list_has_any(a.sounds, b.sounds) OR a.given = b.given
     OR jaro_winkler_similarity(a.family, b.family) > 0.8
     OR jaro_winkler_similarity(a.given, b.given) > 0.8
)
SELECT f.rid, f.pid FROM found f
JOIN asked.person p ON p.pid = f.rid JOIN idx.person q ON q.pid = f.pid
LEFT JOIN near n ON n.rid = f.rid AND n.pid = f.pid
LEFT JOIN named m ON m.rid = f.rid AND m.pid = f.pid
WHERE (p.number <> '' AND EXISTS (SELECT 1 FROM idx.number h
                                  WHERE h.pid = f.pid AND h.number = p.number))
   OR (p.dob = q.dob AND (n.rid IS NOT NULL OR m.rid IS NOT NULL))
   OR (n.rid IS NOT NULL AND m.rid IS NOT NULL)
"""
"""Candidates worth comparing: same number; same birth date with a like name or address; or both a
like name and a like address."""


@dataclass(frozen=True)
class Record:
    """A person of the registry as compared: every recorded name and address."""

    person_id: str
    dob: date | None
    numbers: tuple[str, ...]
    flags: tuple[str, ...]
    inconsistent: bool
    names: tuple[Name, ...]
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Found:
    """What a search brings: per request (by position) its candidates and circumstances, the
    records, how many persons bear each name, and the streets known by postal code."""

    candidates: dict[int, list[int]]
    around: dict[int, Circumstances]
    records: dict[int, Record]
    bearers: dict[tuple[str, str], int] = field(default_factory=dict)
    streets: frozenset[tuple[str, str]] = frozenset()


def search(database: duckdb.DuckDBPyConnection, batch: Sequence[Standard]) -> Found:
    """Find the candidates of a batch. The index is attached as `idx`; leaves no table behind."""
    database.execute("CREATE SCHEMA asked")
    try:
        _put(database, batch)
        around = _join(database)
        pairs = database.execute("SELECT rid, pid FROM kept ORDER BY ALL").fetchall()
        candidates: dict[int, list[int]] = defaultdict(list)
        for rid, pid in pairs:
            candidates[rid].append(pid)
        return Found(
            dict(candidates), around, _records(database), _bearers(database), _streets(database)
        )
    finally:
        database.execute("DROP SCHEMA asked CASCADE")
        database.execute(
            "DROP TABLE IF EXISTS found; DROP TABLE IF EXISTS kept; "
            "DROP TABLE IF EXISTS keys; DROP TABLE IF EXISTS met"
        )


def _put(database: duckdb.DuckDBPyConnection, batch: Sequence[Standard]) -> None:
    rows = ((i, f"{i:012d}", [], *flat(standard)) for i, standard in enumerate(batch))
    database.register("batch", table_of(rows, ROW_SCHEMA))
    database.execute(PERSONS.format(s="asked", row="batch"))
    database.unregister("batch")
    # requests are numbered from 0 in the order of the batch
    for table in ("person", "number", "name", "address"):
        database.execute(f"UPDATE asked.{table} SET pid = pid - 1")
    crossed = [
        (i, n.family, n.middle, n.given, n.suffix, list(sounds(n.given)))
        for i, n in enumerate(standard.name for standard in batch)
        if n.given and n.family and n.given != n.family
    ]
    database.register("crossed", table_of(crossed, _NAME))
    database.execute("INSERT INTO asked.name SELECT * FROM crossed")
    database.unregister("crossed")


_NAME = pa.schema(
    [("pid", pa.int64())]
    + [(name, pa.string()) for name in ("given", "middle", "family", "suffix")]
    + [("sounds", pa.list_(pa.string()))]
)


def _join(database: duckdb.DuckDBPyConnection) -> dict[int, Circumstances]:
    """Fill `found` and `kept`; give the circumstances of the requests that have any."""
    cut: dict[int, set[str]] = defaultdict(set)
    database.execute("CREATE TEMP TABLE found (rid BIGINT, pid BIGINT)")
    for kind, select in KEYS.items():
        _candidates(database, kind, select, cut)
    # whoever else lives where a candidate lives: the request is taken to ask about that house too
    database.execute(
        f"""INSERT INTO asked.address BY NAME
        SELECT f.rid AS pid, b.bid, any_value(b.house) AS house, any_value(b.line) AS line,
               any_value(b.core) AS core, any_value(b.pre) AS pre,
               any_value(b.street_suffix) AS street_suffix, any_value(b.post) AS post,
               '' AS unit, any_value(b.city) AS city, any_value(b.state) AS state,
               any_value(b.postal) AS postal
        FROM found f JOIN asked.address a ON a.pid = f.rid JOIN idx.address b ON b.pid = f.pid
        WHERE {_NEAR_PLACE} GROUP BY f.rid, b.bid"""
    )
    _candidates(database, "household", HOUSEHOLD, cut)
    database.execute("CREATE OR REPLACE TEMP TABLE found AS SELECT DISTINCT * FROM found")
    database.execute(_SIEVE)
    holders = {rid: (count, flags) for rid, count, flags in database.execute(_HOLDERS).fetchall()}
    return {
        rid: Circumstances(tuple(sorted(cut[rid])), *_held(holders.get(rid)))
        for rid in cut.keys() | holders.keys()
    }


def _held(holders: tuple[int, list[str]] | None) -> tuple[int, tuple[str, ...]]:
    return (holders[0], tuple(holders[1])) if holders else (0, ())


_HOLDERS = """
WITH holders AS (
  SELECT h.number, count(*) AS persons, list_sort(list_distinct(flatten(list(q.flags)))) AS flags
  FROM idx.number h JOIN idx.person q USING (pid)
  WHERE h.number IN (SELECT number FROM asked.number) GROUP BY h.number
)
SELECT p.pid, persons, flags FROM asked.number p JOIN holders USING (number)
"""


def _candidates(
    database: duckdb.DuckDBPyConnection, kind: str, select: str, cut: dict[int, set[str]]
) -> None:
    database.execute(f"CREATE OR REPLACE TEMP TABLE keys AS {hashed(select.format(s='asked'))}")
    common = f"(SELECT key FROM idx.common WHERE kind = '{kind}')"
    database.execute(
        f"INSERT INTO found SELECT DISTINCT k.pid, i.pid FROM keys k "
        f"JOIN idx.key_{kind} i USING (key) WHERE k.key NOT IN {common}"
    )
    cuts = database.execute(f"SELECT DISTINCT pid FROM keys WHERE key IN {common}").fetchall()
    for (rid,) in cuts:
        cut[rid].add(kind)


def _columns(database: duckdb.DuckDBPyConnection, query: str) -> Iterator[tuple[Any, ...]]:
    table = database.execute(query).to_arrow_table()
    return zip(*(column.to_pylist() for column in table.columns), strict=True)


def _records(database: duckdb.DuckDBPyConnection) -> dict[int, Record]:
    database.execute("CREATE OR REPLACE TEMP TABLE met AS SELECT DISTINCT pid FROM kept")
    names: dict[int, list[Name]] = defaultdict(list)
    places: dict[int, list[Place]] = defaultdict(list)
    numbers: dict[int, list[str]] = defaultdict(list)
    for pid, given, middle, family, suffix in _columns(
        database,
        "SELECT pid, given, middle, family, suffix FROM idx.name SEMI JOIN met USING (pid) "
        "ORDER BY ALL",
    ):
        names[pid].append(Name(given, middle, family, suffix))
    for pid, *parts in _columns(
        database,
        "SELECT pid, house, line, core, pre, street_suffix, post, unit, city, state, postal "
        "FROM idx.address SEMI JOIN met USING (pid) ORDER BY ALL",
    ):
        places[pid].append(Place(*parts))
    for pid, number in _columns(
        database, "SELECT pid, number FROM idx.number SEMI JOIN met USING (pid) ORDER BY ALL"
    ):
        numbers[pid].append(number)
    return {
        pid: Record(
            person_id,
            dob,
            tuple(numbers[pid]),
            tuple(flags),
            inconsistent,
            tuple(names[pid]),
            tuple(places[pid]),
        )
        for pid, person_id, dob, flags, inconsistent in _columns(
            database,
            "SELECT pid, person_id, dob, flags, inconsistent FROM idx.person "
            "SEMI JOIN met USING (pid)",
        )
    }


def _bearers(database: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], int]:
    return {
        (kind, word): count
        for kind, word, count in _columns(
            database,
            """SELECT kind, word, bearers FROM idx.vocabulary WHERE word IN (
                 SELECT unnest([given, family]) FROM asked.name
                 UNION SELECT unnest([given, family]) FROM idx.name SEMI JOIN met USING (pid))""",
        )
    }


def _streets(database: duckdb.DuckDBPyConnection) -> frozenset[tuple[str, str]]:
    return frozenset(
        _columns(
            database,
            """SELECT postal, line FROM idx.street WHERE (postal, line) IN (
                 SELECT (postal, line) FROM asked.address
                 UNION SELECT (postal, line) FROM idx.address SEMI JOIN met USING (pid))""",
        )
    )
