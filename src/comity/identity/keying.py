"""The tables of an index that look across all its persons: sorted keys, common keys, counts."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from comity.identity.keys import CAP, HOUSEHOLD, KEYS, SIEVED, hashed

COMMON = "CREATE TABLE idx.common (kind VARCHAR, key UBIGINT, persons BIGINT, flags VARCHAR[])"
"""Keys that stand for more than CAP persons, which are not in the tables of keys, with the flags
of everybody under them."""

_AT_A_TIME = 8_000_000
"""Addresses whose houses are counted at a time."""


def count_words(database: duckdb.DuckDBPyConnection) -> None:
    """`vocabulary`: how many persons bear a word as their given or family name."""
    database.execute(
        "CREATE TABLE idx.vocabulary AS "
        "SELECT kind, word, sum(bearers)::BIGINT AS bearers FROM work.word "
        "GROUP BY ALL ORDER BY ALL"
    )


def count_streets(database: duckdb.DuckDBPyConnection) -> None:
    """`street`: the streets of a postal code on which there is more than one house."""
    ((addresses,),) = database.execute("SELECT count(*) FROM idx.address").fetchall()
    passes = addresses // _AT_A_TIME + 1
    database.execute("CREATE TEMP TABLE counted (postal VARCHAR, line VARCHAR, houses BIGINT)")
    for turn in range(passes):
        part = f"WHERE hash(postal) % {passes} = {turn}" if passes > 1 else ""
        database.execute(
            "INSERT INTO counted SELECT postal, line, count(DISTINCT house) AS houses "
            f"FROM idx.address {part} GROUP BY postal, line HAVING houses > 1"
        )
    database.execute(
        "CREATE TABLE idx.street AS SELECT * FROM counted ORDER BY ALL; DROP TABLE counted"
    )


def make_keys(database: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """`key_*` and `common`, from the unsorted keys in `work_*`; gives each kind when it is done."""
    database.execute(COMMON)
    for kind in KEYS:
        _sort(database, kind, f"work_{kind}.key")
        yield kind
    _households(database)
    yield "household"


def sorted_columns(kind: str) -> str:
    """The columns of a table of keys."""
    return ", ".join(["key", "pid", *SIEVED.get(kind, ())])


def _sort(database: duckdb.DuckDBPyConnection, kind: str, keys: str) -> None:
    columns = sorted_columns(kind)
    database.execute(f"CREATE TEMP TABLE crowd AS {_too_common(database, keys)}")
    database.execute(
        f"INSERT INTO idx.common SELECT '{kind}', c.key, c.persons, coalesce(f.flags, []) "
        "FROM crowd c LEFT JOIN ("
        "  SELECT key, list_sort(list_distinct(flatten(list(flags)))) AS flags FROM ("
        f"    SELECT DISTINCT key, pid FROM {keys} SEMI JOIN crowd USING (key)"
        "  ) JOIN (SELECT pid, flags FROM idx.person WHERE len(flags) > 0) USING (pid) GROUP BY key"
        ") f USING (key) ORDER BY c.key"
    )
    database.execute(
        f"CREATE TABLE idx.key_{kind} AS SELECT {columns} FROM {keys} ANTI JOIN crowd USING (key) "
        "ORDER BY key, pid; DROP TABLE crowd"
    )


def _too_common(database: duckdb.DuckDBPyConnection, keys: str) -> str:
    """The SQL of the keys with more than CAP persons.

    Nearly every key is rare, so the rows are first counted by the keys' upper bits alone, which
    takes a few million counters and not one a key."""
    ((rows,),) = database.execute(f"SELECT count(*) FROM {keys}").fetchall()
    shift = 64 - max(8, int(rows // 16).bit_length())
    return (
        f"SELECT key, count(DISTINCT pid) AS persons FROM {keys} "
        f"WHERE key >> {shift} IN ("
        f"  SELECT key >> {shift} FROM {keys} GROUP BY 1 HAVING count(*) > {CAP}) "
        "GROUP BY key HAVING persons > {cap}".format(cap=CAP)
    )


def _households(database: duckdb.DuckDBPyConnection) -> None:
    """Who lives in the buildings that are crowded."""
    crowd_into(database, "crowd", "idx", "SELECT key FROM idx.common WHERE kind = 'address'")
    database.execute(f"CREATE TABLE crowd.key AS {hashed(HOUSEHOLD.format(s='crowd'))}")
    _sort(database, "household", "crowd.key")
    database.execute("DROP SCHEMA crowd CASCADE")


def crowd_into(
    database: duckdb.DuckDBPyConnection, schema: str, persons: str, buildings: str
) -> None:
    """Make a schema of the form of the index, of those in the schema `persons` who live in the
    buildings (`bid`) that a query gives."""
    database.execute(
        f"""CREATE SCHEMA {schema};
        CREATE TABLE {schema}.address AS SELECT pid, bid FROM {persons}.address
          WHERE core <> '' AND bid IN ({buildings});
        CREATE TABLE {schema}.name AS
          SELECT * FROM {persons}.name SEMI JOIN {schema}.address USING (pid);
        CREATE TABLE {schema}.person AS
          SELECT * FROM {persons}.person SEMI JOIN {schema}.address USING (pid)"""
    )
