"""The tables of a delta that look across all persons: what changes in the base's counts and keys.

Everything is worked out for the words, streets and keys that the change touches, and for no other:
of the persons that are `gone` from the base (in schema `lost`, in the form of the index), and of
those that the delta brings (`idx`, and `work*` for what is not sorted yet). See `views` for how a
search sees base and delta as one.
"""

from __future__ import annotations

import duckdb

from comity.identity.keying import COMMON, crowd_into, sorted_columns
from comity.identity.keys import CAP, HOUSEHOLD, KEYS, hashed, keyed
from comity.identity.letters import letters

_LOST = f"""
CREATE SCHEMA lost;
CREATE TABLE lost.person AS SELECT * FROM base.person SEMI JOIN idx.gone USING (pid);
CREATE TABLE lost.number AS SELECT * FROM base.number SEMI JOIN idx.gone USING (pid);
CREATE TABLE lost.name AS SELECT *, {letters("given", "family")} AS letters
  FROM base.name SEMI JOIN idx.gone USING (pid);
CREATE TABLE lost.address AS SELECT * FROM base.address SEMI JOIN idx.gone USING (pid)
"""

_WORDS = """
CREATE TABLE idx.vocabulary AS
WITH change AS (
  SELECT kind, word, bearers FROM work.word
  UNION ALL SELECT 'given', given, -count(DISTINCT pid) FROM lost.name
            WHERE given <> '' GROUP BY given
  UNION ALL SELECT 'family', family, -count(DISTINCT pid) FROM lost.name
            WHERE family <> '' GROUP BY family
)
SELECT kind, word, sum(bearers)::BIGINT AS bearers FROM (
  SELECT * FROM change
  UNION ALL SELECT kind, word, bearers FROM base.vocabulary SEMI JOIN change USING (kind, word)
) GROUP BY ALL ORDER BY ALL
"""
"""The words whose bearers may have changed, with how many they are now."""

_STREETS = """
CREATE TABLE idx.street AS
WITH touched AS (
  SELECT postal, line FROM idx.address UNION SELECT postal, line FROM lost.address
)
SELECT postal, line, count(DISTINCT house) AS houses FROM (
  SELECT postal, line, house FROM base.address
  SEMI JOIN touched USING (postal, line) ANTI JOIN idx.gone USING (pid)
  UNION ALL SELECT postal, line, house FROM idx.address
) GROUP BY ALL ORDER BY ALL
"""
"""The streets that the change touches, with the houses that are known there now."""


def merge(database: duckdb.DuckDBPyConnection) -> None:
    """Make `vocabulary`, `street`, `key_*` and `common` of the delta `idx` to the base `base`."""
    database.execute(_LOST)
    database.execute(_WORDS)
    database.execute(_STREETS)
    database.execute(COMMON)
    for kind in KEYS:
        lost = f"SELECT DISTINCT key, pid FROM ({keyed(kind, 'lost')})"
        _merge_keys(database, kind, f"work_{kind}.key", lost)
    _merge_households(database)
    database.execute("DROP SCHEMA lost CASCADE")


def _merge_keys(database: duckdb.DuckDBPyConnection, kind: str, fresh: str, lost: str) -> None:
    """Keep the fresh keys of one kind, and the common ones whose persons changed.

    A key that was common in the base stays so, for the base has no list of its persons, even where
    some were removed since: it goes on bringing nobody, which is never a wrong person."""
    database.execute(
        f"""CREATE TEMP TABLE brought AS
        SELECT key, count(DISTINCT pid) AS persons FROM {fresh} GROUP BY key;
        CREATE TEMP TABLE taken AS SELECT key, count(*) AS persons FROM ({lost}) GROUP BY key;
        CREATE TEMP TABLE was_common AS
        SELECT key, persons, flags FROM base.common WHERE kind = '{kind}' AND (
          key IN (SELECT key FROM brought) OR key IN (SELECT key FROM taken));
        CREATE TEMP TABLE held AS
        SELECT DISTINCT key, pid FROM base.key_{kind} SEMI JOIN brought USING (key)
        ANTI JOIN idx.gone USING (pid);
        CREATE TEMP TABLE crowd AS
        SELECT key, sum(persons)::BIGINT AS persons, [] AS flags FROM (
          SELECT key, persons FROM brought ANTI JOIN was_common USING (key)
          UNION ALL SELECT key, count(*) FROM held GROUP BY key
        ) GROUP BY key HAVING sum(persons) > {CAP}
        UNION ALL
        SELECT w.key, w.persons + coalesce(t.persons, 0) - coalesce(l.persons, 0), w.flags
        FROM was_common w LEFT JOIN brought t USING (key) LEFT JOIN taken l USING (key)"""
    )
    database.execute(
        f"""CREATE TEMP TABLE under AS
        SELECT DISTINCT key, pid FROM {fresh} SEMI JOIN crowd USING (key)
        UNION SELECT key, pid FROM held SEMI JOIN crowd USING (key);
        CREATE TEMP TABLE flagged AS
        SELECT key, flatten(list(flags)) AS flags FROM under JOIN (
          SELECT pid, flags FROM base.person WHERE len(flags) > 0
          UNION ALL SELECT pid, flags FROM idx.person WHERE len(flags) > 0
        ) USING (pid) GROUP BY key;
        INSERT INTO idx.common
        SELECT '{kind}', c.key, c.persons,
               list_sort(list_distinct(list_concat(c.flags, coalesce(f.flags, []))))
        FROM crowd c LEFT JOIN flagged f USING (key) ORDER BY c.key;
        CREATE TABLE idx.key_{kind} AS
        SELECT {sorted_columns(kind)} FROM {fresh} ANTI JOIN crowd USING (key) ORDER BY key, pid;
        DROP TABLE brought; DROP TABLE taken; DROP TABLE was_common; DROP TABLE held;
        DROP TABLE crowd; DROP TABLE under; DROP TABLE flagged"""
    )


_NOW_CROWDED = """
CREATE TEMP TABLE crowded AS
SELECT key AS bid, false AS newly FROM base.common WHERE kind = 'address'
UNION ALL
SELECT key, true FROM idx.common
ANTI JOIN (SELECT key FROM base.common WHERE kind = 'address') USING (key) WHERE kind = 'address'
"""
_THERE = """
CREATE SCHEMA there;
CREATE TABLE there.address AS
  SELECT pid, core, bid FROM idx.address
  UNION ALL
  SELECT b.pid, b.core, b.bid FROM base.address b SEMI JOIN (
    SELECT bid FROM crowded WHERE newly) USING (bid) ANTI JOIN idx.gone USING (pid);
CREATE TABLE there.name AS
  SELECT * FROM idx.name UNION ALL SELECT b.* FROM base.name b SEMI JOIN there.address USING (pid);
CREATE TABLE there.person AS
  SELECT pid, dob FROM idx.person
  UNION ALL SELECT pid, dob FROM base.person SEMI JOIN there.address USING (pid)
"""


def _merge_households(database: duckdb.DuckDBPyConnection) -> None:
    """The households of crowded buildings: of those that are crowded only now everybody's, of the
    others those of the delta's persons."""
    database.execute(_NOW_CROWDED)
    database.execute(_THERE)
    crowd_into(database, "crowd", "there", "SELECT bid FROM crowded")
    crowd_into(database, "crowd_lost", "lost", "SELECT bid FROM crowded WHERE NOT newly")
    database.execute(f"CREATE TABLE crowd.key AS {hashed(HOUSEHOLD.format(s='crowd'))}")
    lost = hashed(HOUSEHOLD.format(s="crowd_lost"))
    _merge_keys(database, "household", "crowd.key", lost)
    database.execute(
        "DROP SCHEMA crowd CASCADE; DROP SCHEMA crowd_lost CASCADE; DROP SCHEMA there CASCADE; "
        "DROP TABLE crowded"
    )
