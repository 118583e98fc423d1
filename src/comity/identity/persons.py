"""From rows in the order of their persons to the tables of an index, a chunk at a time.

A person's rows stand together, so everything that is said of one person (names, numbers, keys) is
settled within a chunk, and memory holds one chunk whatever the size of the registry. What is said
of all of them (which keys are too common, who bears a name) is gathered in `work` databases and
settled at the end; see `index`.
"""

from __future__ import annotations

from collections.abc import Iterable

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from comity.identity.keys import BUILDING, KEYS, NO_LETTERS, key_columns, keyed
from comity.identity.letters import letters
from comity.identity.rows import RECORDED

CHUNK = 500_000
"""Rows put into the index at a time."""

TABLES = """
CREATE TABLE {s}.person (
  pid UINTEGER, person_id VARCHAR, dob DATE, number VARCHAR, flags VARCHAR[], inconsistent BOOLEAN);
CREATE TABLE {s}.number (pid UINTEGER, number VARCHAR);
CREATE TABLE {s}.name (
  pid UINTEGER, given VARCHAR, middle VARCHAR, family VARCHAR, suffix VARCHAR, sounds VARCHAR[]);
CREATE TABLE {s}.address (
  pid UINTEGER, house VARCHAR, line VARCHAR, core VARCHAR, pre VARCHAR, street_suffix VARCHAR,
  post VARCHAR, unit VARCHAR, city VARCHAR, state VARCHAR, postal VARCHAR, bid UBIGINT);
CREATE TABLE {s}.several (pid UINTEGER, rows BIGINT)
"""
"""The persons of an index, in order of `pid`, which counts from 0 in the order of `person_id`.

`person.number` is the first number on record; `name`, `number` and `address` have all of them, each
once. An address that cannot be compared is left out. `bid` names a building, see keys.BUILDING.
`several` says of whom there was more than one row."""

_PERSON = """
CREATE OR REPLACE TABLE part.person AS
SELECT pid, any_value(person_id) AS person_id, arg_min(dob, line_no) AS dob,
       coalesce(arg_min(nullif(number, ''), line_no), '') AS number,
       coalesce(list_sort(list_distinct(flatten(list(flags)))), []) AS flags,
       coalesce(min(dob) <> max(dob), false)
         OR coalesce(min(nullif(number, '')) <> max(nullif(number, '')), false) AS inconsistent,
       min(line_no) AS line_no, count(*) AS rows
FROM rows GROUP BY pid ORDER BY pid
"""
_ONE_ROW_PERSON = """
CREATE OR REPLACE TABLE part.person AS
SELECT pid, person_id, dob, number, flags, false AS inconsistent, line_no, 1 AS rows FROM rows
"""
"""The same where every person of the chunk has one row, which spares the grouping."""

_WORD_TABLES = """
CREATE SCHEMA part;
CREATE TABLE part.given_word (given VARCHAR, letters UBIGINT);
CREATE TABLE part.family_word (family VARCHAR, letters UBIGINT)
"""
_NEW_WORDS = f"""
INSERT INTO part.given_word SELECT given, {letters("given", "'A'")}
  FROM (SELECT DISTINCT given FROM rows) ANTI JOIN part.given_word USING (given);
INSERT INTO part.family_word SELECT family, {letters("'A'", "family")}
  FROM (SELECT DISTINCT family FROM rows) ANTI JOIN part.family_word USING (family)
"""
"""The letters of each word once, beside an A: counting them costs more than all the rest."""
_LETTERS = f"""(CASE WHEN {NO_LETTERS} IN (g.letters, f.letters) THEN {NO_LETTERS}
                     ELSE g.letters + f.letters - {letters("'A'", "'A'")} END)::UBIGINT"""
"""`letters` of a name, put together from those of its words."""

_OTHERS = """
CREATE OR REPLACE TABLE part.number AS
  SELECT {distinct} pid, number FROM rows WHERE number <> '' {order};
CREATE OR REPLACE TABLE part.name AS
  SELECT {distinct} pid, given, middle, family, suffix, sounds, {letters} AS letters
  FROM rows JOIN part.given_word g USING (given) JOIN part.family_word f USING (family)
  WHERE given <> '' OR family <> '' ORDER BY pid;  -- a join keeps no order
CREATE OR REPLACE TABLE part.address AS
  SELECT {distinct} pid, house, line, core, pre, street_suffix, post, unit, city, state, postal,
         md5_number_lower({building}) AS bid
  FROM rows WHERE line <> '' AND (city <> '' OR postal <> '') {order}
"""
_KEPT = """
INSERT INTO {s}.person SELECT * EXCLUDE (line_no, rows) FROM part.person;
INSERT INTO {s}.number SELECT * FROM part.number;
INSERT INTO {s}.name SELECT * EXCLUDE (letters) FROM part.name;
INSERT INTO {s}.address SELECT * FROM part.address;
INSERT INTO {s}.several SELECT pid, rows FROM part.person WHERE rows > 1;
INSERT INTO {items}.address SELECT {item} FROM rows
"""
_WORDS = """
INSERT INTO {work}.word
  SELECT 'given', given, count(DISTINCT pid) FROM part.name WHERE given <> '' GROUP BY given
  UNION ALL
  SELECT 'family', family, count(DISTINCT pid) FROM part.name WHERE family <> '' GROUP BY family
"""
_RECORDED = ", ".join(f"recorded_{name}" for name in RECORDED)
_ITEM = f"person_id, {_RECORDED}, address_from, address_to, dates_sound"


class PersonWriter:
    """Takes rows (`rows.ROW_SCHEMA`) ordered by person and then line, numbers the persons, and
    fills the tables of `index` and `items`, and of `work` what is still to be sorted or summed."""

    def __init__(
        self, database: duckdb.DuckDBPyConnection, *, index: str, items: str, work: str, first: int
    ) -> None:
        self._database = database
        self._index, self._items, self._work = index, items, work
        self._next = first
        self._pending: list[pa.Table] = []
        self._last: str | None = None
        self.inconsistent: tuple[int, list[int]] = (0, [])
        """How many persons' rows contradict each other, and the line where each of them begins. Not
        those whose lines are below 1, which an update has carried over from one before."""
        database.execute(_WORD_TABLES)
        database.execute(TABLES.format(s=index))
        database.execute(f"CREATE TABLE {work}.word (kind VARCHAR, word VARCHAR, bearers BIGINT)")
        for kind in KEYS:
            database.execute(f"CREATE TABLE work_{kind}.key ({key_columns(kind)})")

    def write(self, rows: pa.Table) -> None:
        """Put rows into the index, all but those of the last person, of whom more may come."""
        rows = pa.concat_tables([*self._pending, rows])
        if not rows.num_rows:
            return
        last = rows.column("person_id")[-1]
        if self._pending and rows.column("person_id")[0] == last:
            self._pending = [rows]
            return
        same = pc.equal(rows.column("person_id"), last)
        cut = pc.index(same, True).as_py()
        self._pending = [rows.slice(cut)]
        if cut:
            self._put(rows.slice(0, cut))

    def close(self) -> int:
        """Put in the last person; how many there are in all."""
        for rows in self._pending:
            self._put(rows)
        self._pending = []
        self._database.execute("DROP SCHEMA part CASCADE")
        return self._next

    def _put(self, rows: pa.Table) -> None:
        ids = rows.column("person_id").combine_chunks()
        another = pc.not_equal(ids.slice(1), ids.slice(0, len(ids) - 1))
        pids = np.zeros(len(ids), np.uint32)
        np.cumsum(another.to_numpy(zero_copy_only=False), out=pids[1:])
        single = bool(int(pids[-1]) + 1 == len(ids))
        pids += self._next
        self._next = int(pids[-1]) + 1
        self._database.register("rows", rows.append_column("pid", pa.array(pids)))
        try:
            self._tables(single=single)
            self._keys(single=single)
        finally:
            self._database.unregister("rows")

    def _tables(self, *, single: bool) -> None:
        self._database.execute(_ONE_ROW_PERSON if single else _PERSON)
        self._database.execute(_NEW_WORDS)
        self._database.execute(
            _OTHERS.format(
                distinct="" if single else "DISTINCT",
                order="" if single else "ORDER BY pid",
                letters=_LETTERS,
                building=BUILDING,
            )
        )
        self._database.execute(_KEPT.format(s=self._index, items=self._items, item=_ITEM))
        self._database.execute(_WORDS.format(work=self._work))
        if not single:
            self._count_inconsistent()

    def _count_inconsistent(self) -> None:
        found = self._database.execute(
            "SELECT line_no FROM part.person WHERE inconsistent AND line_no > 0 ORDER BY line_no"
        ).fetchall()
        count, lines = self.inconsistent
        self.inconsistent = count + len(found), lines + [line for (line,) in found]

    def _keys(self, *, single: bool) -> None:
        for kind in KEYS:
            distinct = "" if single else "DISTINCT"
            self._database.execute(
                f"INSERT INTO work_{kind}.key SELECT {distinct} * FROM ({keyed(kind, 'part')})"
            )


def in_chunks(rows: Iterable[pa.RecordBatch], size: int = CHUNK) -> Iterable[pa.Table]:
    """Batches put together to tables of about so many rows."""
    held: list[pa.RecordBatch] = []
    count = 0
    for batch in rows:
        held.append(batch)
        count += batch.num_rows
        if count >= size:
            yield pa.Table.from_batches(held)
            held, count = [], 0
    if held:
        yield pa.Table.from_batches(held)
