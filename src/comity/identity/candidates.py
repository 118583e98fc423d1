"""The candidates of a batch: joins of its keys with the index's; nothing decided.

A key under which more than CAP persons stand is not in the index's key tables and brings nobody:
which requests that concerns is told (`cut`).
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntFlag

import duckdb
import numpy as np
import pyarrow as pa

from comity.identity.asking import Asked
from comity.identity.coding import CODED_PLACE, Ids, as_ids
from comity.identity.keys import HOUSEHOLD, KEYS, SIEVED
from comity.identity.letters import maybe_alike
from comity.identity.pairs import Pairs
from comity.identity.schema import NAME_FIELDS


class Key(IntFlag):
    """The kinds of keys, as bits; in lower case their names in `keys`."""

    NUMBER = 1
    ADDRESS = 2
    ADDRESS_CITY = 4
    FAMILY_SOUND = 8
    HOUSE_GIVEN = 16
    FAMILY_DOB = 32
    GIVEN_DOB = 64
    HOUSEHOLD = 128


RECORDED = (*NAME_FIELDS, *CODED_PLACE, "dob", "number", "bid", "inconsistent")
AT_A_GLANCE = ("house", "dob", "number", "bid")
"""The fields that are enough to pass over most of those whom a key brings."""


def find(database: duckdb.DuckDBPyConnection) -> Pairs:
    """Everybody under one of the keys of the batch in the schema `asked`, at a glance: with the
    fields of AT_A_GLANCE alone. `read` gives the rest of those who are worth it.

    Leaves the temporary tables `asked_key` and `found`."""
    database.execute(
        "CREATE OR REPLACE TEMP TABLE asked_key AS "
        + " UNION ALL ".join(
            f"SELECT pid AS rid, {Key[kind.upper()].value}::UTINYINT AS kind, "
            f"md5_number_lower(text) AS key FROM ({select.format(s='asked')}) AS t(pid, text)"
            for kind, select in KEYS.items()
        )
    )
    under = " UNION ALL ".join(map(_under, KEYS))
    database.execute(
        "CREATE OR REPLACE TEMP TABLE found AS SELECT rid, pid, bool_or(holder) AS holder "
        f"FROM ({under}) GROUP BY rid, pid"
    )
    return _pairs(database, "found", AT_A_GLANCE)


def read(database: duckdb.DuckDBPyConnection, pairs: Ids) -> Pairs:
    """All that is recorded of some of the found pairs (see Pairs.pair)."""
    database.register("chosen", pa.table({"pair": pa.array(pairs)}))
    found = _pairs(database, "(SELECT found.rowid, * FROM found SEMI JOIN chosen ON pair = rowid)")
    database.unregister("chosen")
    return found


def _under(kind: str) -> str:
    """The persons under the batch's keys of one kind; of an address, those of a maybe like name or
    of the same birth date."""
    holder = kind == "number"
    found = (
        f"SELECT k.rid, i.pid, {holder} AS holder "
        f"FROM asked_key k JOIN idx.key_{kind} i USING (key)"
    )
    where = f" WHERE k.kind = {Key[kind.upper()].value}"
    if kind not in SIEVED:
        return found + where
    elsewhere = "(a.code = 0 OR a.code <> i.code) AND" if "code" in SIEVED[kind] else ""
    return f"{found} {_ALIKE.format(rid='k.rid')} {where} AND {elsewhere} {_LIKE}"


_ALIKE = "JOIN asked.request a ON a.pid = {rid}"
_LIKE = f"(a.dob = i.born OR {maybe_alike('a.letters', 'i.letters')})"


def find_households(database: duckdb.DuckDBPyConnection, asked: Asked, near: Pairs) -> Pairs:
    """Whoever else lives in the buildings of records that are near to what the requests ask: these
    are taken to ask about that house too.

    Whoever lives at a request's own address is found already, unless the building is so crowded
    that its key was cut: then those of like name or birth date are looked up there, too."""
    elsewhere = near.recorded["bid"] != asked.ids["bid"][near.rid]
    rid, bid = near.rid[elsewhere], near.recorded["bid"][elsewhere]
    database.register(
        "near_building",
        pa.table({"rid": pa.array(rid, pa.uint32()), "bid": pa.array(bid.view(np.uint64))}),
    )
    database.execute(
        """CREATE OR REPLACE TEMP TABLE building AS
        SELECT DISTINCT b.rid, b.bid, b.bid <> a.bid AS elsewhere
        FROM (FROM near_building UNION ALL SELECT pid, bid FROM asked.address) b
        JOIN asked.request a ON a.pid = b.rid"""
    )
    database.unregister("near_building")
    crowded = _crowded(database)
    database.execute(
        f"""CREATE OR REPLACE TEMP TABLE neighbour AS
        SELECT DISTINCT rid, pid, false AS holder FROM (
          SELECT n.rid, i.pid FROM building n JOIN idx.key_address i ON i.key = n.bid
          {_ALIKE.format(rid="n.rid")} WHERE n.elsewhere AND {_LIKE}
          UNION ALL {crowded}
        ) ANTI JOIN found USING (rid, pid)"""
    )
    return _pairs(database, "neighbour").after(_count(database, "found"))


def _crowded(database: duckdb.DuckDBPyConnection) -> str:
    database.execute(
        """CREATE OR REPLACE TEMP TABLE crowded AS SELECT rid AS pid, bid FROM building b
        SEMI JOIN (SELECT key FROM idx.common WHERE kind = 'address') c ON c.key = b.bid"""
    )
    database.execute("CREATE SCHEMA dwelling")
    try:
        for table in ("name", "person"):
            database.execute(f"CREATE VIEW dwelling.{table} AS SELECT * FROM asked.{table}")
        database.execute("CREATE VIEW dwelling.address AS SELECT pid, bid FROM crowded")
        database.execute(
            "INSERT INTO asked_key SELECT DISTINCT pid, 128, md5_number_lower(text) "
            f"FROM ({HOUSEHOLD.format(s='dwelling')}) AS t(pid, text)"
        )
    finally:
        database.execute("DROP SCHEMA dwelling CASCADE")
    return (
        "SELECT k.rid, i.pid FROM asked_key k JOIN idx.key_household i USING (key) "
        f"WHERE k.kind = {Key.HOUSEHOLD.value}"
    )


def cut_keys(database: duckdb.DuckDBPyConnection, rows: int) -> Ids:
    """By request the bits of the keys that were cut."""
    cases = " ".join(f"WHEN '{key.name.lower()}' THEN {key.value}" for key in Key if key.name)
    found = database.execute(
        "SELECT rid, bit_or(k.kind) AS kinds FROM asked_key k "
        f"JOIN (SELECT key, CASE c.kind {cases} END AS kind FROM idx.common c) USING (kind, key) "
        "GROUP BY rid"
    ).fetchnumpy()
    cut = np.zeros(rows, np.int64)
    cut[found["rid"]] = found["kinds"]
    return cut


def cut_names(bits: int) -> tuple[str, ...]:
    """The names of cut keys, in order."""
    return tuple(sorted(key.name.lower() for key in Key if key.name and bits & key.value))


def _pairs(
    database: duckdb.DuckDBPyConnection, table: str, fields: Sequence[str] = RECORDED
) -> Pairs:
    """The pairs with what is recorded; `holder` says that the request's number is the person's, the
    first on record or another."""
    coded = ", ".join(f"c.{field}" for field in fields)
    columns = database.execute(
        f"SELECT f.rowid AS pair, f.rid, c.pid, f.holder, {coded} "
        f"FROM {table} f JOIN idx.coded c USING (pid)"
    ).fetchnumpy()
    found = {name: as_ids(values) for name, values in columns.items()}
    return Pairs(found.pop("pair"), found.pop("rid"), found.pop("pid"), found)


def _count(database: duckdb.DuckDBPyConnection, table: str) -> int:
    ((count,),) = database.execute(f"SELECT count(*) FROM {table}").fetchall()
    return int(count)
