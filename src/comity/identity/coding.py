"""Standard values as numbers: the tables in which a large batch is compared.

Every distinct text of the index has an id, every distinct street and every distinct last line of an
address, too; `coded` has one row a person, name and address with ids instead of texts. Equal values
have equal ids, so most of a comparison is whole numbers; a distinct pair of values that needs a
closer look is looked at once.

Ids are dense and count from 0, which is the empty value. Beside each text stands its `marks`: which
letters and digits occur in it and how long it is, enough to say that two words are far apart
without reading them (see `Marks`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from comity.identity.kinship import akin_pairs, full_names
from comity.identity.names import STAND_IN, WIFE
from comity.identity.schema import AREA_FIELDS, STREET_FIELDS
from comity.identity.vocabulary import bearers_of_use, names_in_table
from comity.identity.weight import term_weight

Ids = NDArray[np.int64]

CODED_PLACE = ("house", "street", "unit", "area")
"""The fields of an address in `coded`; those of a name are schema.NAME_FIELDS."""

_SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
SIGNS = (1 << len(_SIGNS)) - 1
LENGTH_AT = len(_SIGNS)
_LONGEST = 31
ODD, SPACED, UMLAUT, TITLED, SHORT = (1 << (LENGTH_AT + 5 + at) for at in range(5))
"""Marks are an unsigned number: a bit for each sign, five bits of length, and what else matters to
names. ODD: empty, longer than 31, or anything but capitals, digits and spaces, so that nothing is
said of its signs. SPACED: several words, whose signs and length are those of all of them. UMLAUT:
has AE, OE or UE. TITLED: ends in a title that a husband's name may follow, or in a word that stands
for no name. SHORT: one letter."""


def marks(column: str) -> str:
    """The marks of a text, in SQL."""
    bits = " + ".join(
        f"(contains({column}, '{sign}')::UBIGINT << {at})" for at, sign in enumerate(_SIGNS)
    )
    length = f"length(replace({column}, ' ', ''))"
    plain = f"{length} <= {_LONGEST} AND regexp_full_match({column}, '[A-Z0-9][A-Z0-9 ]*')"
    size = f"({length}::UBIGINT << {LENGTH_AT})"
    umlaut = " OR ".join(f"contains({column}, '{two}')" for two in ("AE", "OE", "UE"))
    titles = ", ".join(f"'{word}'" for word in (*sorted(WIFE), STAND_IN))
    flags = (
        (SPACED, f"contains({column}, ' ')"),
        (UMLAUT, f"({umlaut})"),
        (TITLED, f"split_part({column}, ' ', -1) IN ({titles})"),
        (SHORT, f"{length} = 1"),
    )
    further = " + ".join(f"({test})::UBIGINT * {flag}" for flag, test in flags)
    return f"((CASE WHEN {plain} THEN {bits} + {size} ELSE {ODD} END) + {further})::UBIGINT"


SUFFIXED = 1 << (LENGTH_AT + 10)
"""Beside the marks of a street's core: whether it has a suffix."""
POSTAL_AT = LENGTH_AT + 10
"""From here on, beside the marks of an area's city: bits of a hash of its postal code."""


def street_marks() -> str:
    """The marks of a street, in SQL, from its `core` and `street_suffix`."""
    core = marks("replace(core, ' ', '')")
    return f"({core} + (street_suffix <> '')::UBIGINT * {SUFFIXED})::UBIGINT"


def area_marks() -> str:
    """The marks of an area, in SQL, from its `city` and `postal`."""
    city = marks("replace(city, ' ', '')")
    return f"({city} + ((md5_number_lower(postal) & 65535) << {POSTAL_AT}))::UBIGINT"


def number_value(column: str) -> str:
    """A number as a whole number that equals another's only where the texts are equal, in SQL: its
    digits behind a 1, 0 for none, and a negative hash for what is not decimal or too long."""
    return (
        f"(CASE WHEN {column} IS NULL OR {column} = '' THEN 0 "
        f"WHEN length({column}) < 18 AND regexp_full_match({column}, '[0-9]+') "
        f"THEN ('1' || {column})::BIGINT "
        f"ELSE -1 - (md5_number_lower({column}) >> 1)::BIGINT END)"
    )


def date_value(column: str) -> str:
    """A date as its eight digits (20250407), 0 for none, in SQL."""
    return f"coalesce(year({column}) * 10000 + month({column}) * 100 + day({column}), 0)::INTEGER"


def as_ids(values: NDArray[Any]) -> Ids:
    """A column of whole numbers as DuckDB gives it; unsigned 64 bits keep their pattern."""
    whole = np.asarray(values)
    return whole.view(np.int64) if whole.dtype == np.uint64 else whole.astype(np.int64)


def distinct_ids(ids: Ids) -> Ids:
    """The distinct ones of some ids, in order."""
    seen = np.zeros(int(ids.max(initial=-1)) + 1, np.bool_)
    seen[ids] = True
    return np.flatnonzero(seen)


_STREET = ", ".join(STREET_FIELDS)

_DICTIONARIES = (
    (
        "word",
        ("text",),
        """SELECT given AS text FROM {s}.name UNION SELECT middle FROM {s}.name
        UNION SELECT split_part(given, ' ', 1) FROM {s}.name
        UNION SELECT family FROM {s}.name UNION SELECT suffix FROM {s}.name
        UNION SELECT house FROM {s}.address UNION SELECT unit FROM {s}.address""",
        marks("text"),
    ),
    (
        "street_form",
        STREET_FIELDS,
        f"SELECT DISTINCT {_STREET} FROM {{s}}.address",
        street_marks(),
    ),
    (
        "area",
        AREA_FIELDS,
        f"SELECT DISTINCT {', '.join(AREA_FIELDS)} FROM {{s}}.address",
        area_marks(),
    ),
)
"""Each dictionary's table, fields, rows (in SQL), and marks."""

_HEADS = """
CREATE TABLE {s}.head AS
SELECT w.id, h.id AS head FROM {s}.word w JOIN word h ON h.text = split_part(w.text, ' ', 1)
WHERE contains(w.text, ' ') AND replace(w.text, ' ', '') NOT IN (SELECT unnest($1)) ORDER BY w.id
"""
"""The first word of texts that are several. Left out are those that would be a name with short
forms, or a short form, if they were written in one: what their words tell is not enough."""

_AT_A_TIME = 4_000_000
"""Persons coded at a time, which bounds the memory of the joins."""

_CODED = f"""
SELECT p.pid, coalesce(g.id, 0) AS given, coalesce(m.id, 0) AS middle, coalesce(f.id, 0) AS family,
       coalesce(s.id, 0) AS suffix, coalesce(h.id, 0) AS house, coalesce(t.id, 0) AS street,
       coalesce(u.id, 0) AS unit, coalesce(r.id, 0) AS area, coalesce(a.bid, 0)::UBIGINT AS bid,
       {date_value("p.dob")} AS dob, {number_value("p.number")} AS number, p.inconsistent
FROM (FROM {{s}}.person WHERE {{some}}) p
LEFT JOIN (FROM {{s}}.name WHERE {{some}}) n USING (pid)
LEFT JOIN (FROM {{s}}.address WHERE {{some}}) a USING (pid)
LEFT JOIN word g ON g.text = n.given LEFT JOIN word m ON m.text = n.middle
LEFT JOIN word f ON f.text = n.family LEFT JOIN word s ON s.text = n.suffix
LEFT JOIN word h ON h.text = a.house LEFT JOIN word u ON u.text = a.unit
LEFT JOIN street_form t ON {" AND ".join(f"t.{field} = a.{field}" for field in STREET_FIELDS)}
LEFT JOIN area r ON {" AND ".join(f"r.{field} = a.{field}" for field in AREA_FIELDS)}
ORDER BY p.pid
"""


def make_coded(database: duckdb.DuckDBPyConnection, schema: str, base: str | None = None) -> None:
    """Make `word`, `head`, `street_form`, `area` and `coded` of a schema from its `person`, `name`
    and `address`, which stand in the order of `pid`.

    Texts that the schema `base` has keep its ids; the others count on from there. Who has no name
    or no address that can be compared has 0 there."""
    for table, fields, rows, marked in _DICTIONARIES:
        listed = ", ".join(fields)
        some = " OR ".join(f"{field} <> ''" for field in fields)
        known = f"ANTI JOIN {base}.{table} USING ({listed})" if base else ""
        begin = f"(SELECT max(id) FROM {base}.{table})" if base else "0"
        nothing = ", ".join(f"'' AS {field}" for field in fields)
        database.execute(
            f"CREATE TABLE {schema}.{table} AS SELECT *, {marked} AS marks FROM ("
            f"SELECT ({begin} + row_number() OVER (ORDER BY {listed}))::UINTEGER AS id, {listed} "
            f"FROM ({rows.format(s=schema)}) {known} WHERE {some}"
            + ("" if base else f" UNION ALL SELECT 0, {nothing}")
            + ") ORDER BY id"
        )
        both = f"FROM {schema}.{table}" + (f" UNION ALL FROM {base}.{table}" if base else "")
        database.execute(f"CREATE OR REPLACE TEMP VIEW {table} AS {both}")
    database.execute(_HEADS.format(s=schema), [sorted(_akin_names())])
    ((first, last),) = database.execute(
        f"SELECT min(pid), max(pid) FROM {schema}.person"
    ).fetchall()
    verb = f"CREATE TABLE {schema}.coded AS"
    for least in range(first or 0, (last or 0) + 1, _AT_A_TIME):
        some = f"pid BETWEEN {least} AND {least + _AT_A_TIME - 1}"
        database.execute(f"{verb} {_CODED.format(s=schema, some=some)}")
        verb = f"INSERT INTO {schema}.coded"
    for table, *_ in _DICTIONARIES:
        database.execute(f"DROP VIEW {table}")


@dataclass(frozen=True)
class Marks:
    """Marks by id, of a column of pairs: what can be said of two texts without reading them.

    Each typing error leaves at most one sign of a word without its like, and changes the length by
    at most one."""

    a: NDArray[np.uint64]
    b: NDArray[np.uint64]

    def joined(self) -> Marks:
        """The same of several words written in one."""
        return Marks(self.a & ~np.uint64(SPACED), self.b & ~np.uint64(SPACED))

    def beyond(self) -> NDArray[np.bool_]:
        """Whether the first is surely none of the second's words: it has a sign that these lack."""
        told = (self.b & np.uint64(ODD)) == 0
        return np.asarray(told & (self._only(self.a, self.b) > 0), np.bool_)

    def far(self, errors: int = 2) -> NDArray[np.bool_]:
        """Whether the texts are surely more than so many typing errors apart."""
        lacking = np.maximum(self._only(self.a, self.b), self._only(self.b, self.a))
        apart = np.abs(self._length(self.a) - self._length(self.b))
        far: NDArray[np.bool_] = self.plain() & ((lacking > errors) | (apart > errors))
        return far

    def no_prefix(self) -> NDArray[np.bool_]:
        """Whether surely neither begins with the other."""
        return self.plain() & (self._only(self.a, self.b) > 0) & (self._only(self.b, self.a) > 0)

    def plain(self) -> NDArray[np.bool_]:
        """Whether both texts are one word of capitals and digits."""
        plain: NDArray[np.bool_] = ((self.a | self.b) & np.uint64(ODD | SPACED)) == 0
        return plain

    @staticmethod
    def _only(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> NDArray[np.uint8]:
        only: NDArray[np.uint8] = np.bitwise_count(one & ~other & np.uint64(SIGNS))
        return only

    @staticmethod
    def _length(value: NDArray[np.uint64]) -> NDArray[np.int64]:
        return (value >> np.uint64(LENGTH_AT) & np.uint64(31)).astype(np.int64)


@dataclass(frozen=True)
class Dictionary:
    """What is kept in memory of an open index's texts, by id: some bytes for each distinct text.

    `words`, `streets` and `areas` are marks (of a street those of its core, of an area those of its
    city). `given_in_use` and `family_in_use` are `vocabulary.in_use`; `has_relatives` says whether
    a given name has short forms or other spellings; `akin` names the ids of the words of
    `kinship.akin_pairs`; `heads` are the ids of the first words of those that are several (see
    `_HEADS`), else their own. `given_terms` and `family_terms` are `weight.term_weight`."""

    words: NDArray[np.uint64]
    streets: NDArray[np.uint64]
    areas: NDArray[np.uint64]
    given_in_use: NDArray[np.bool_]
    family_in_use: NDArray[np.bool_]
    has_relatives: NDArray[np.bool_]
    akin: Mapping[str, int]
    heads: Ids
    given_terms: Ids
    family_terms: Ids

    @classmethod
    def load(cls, database: duckdb.DuckDBPyConnection, persons: int) -> Dictionary:
        """From the index attached as `idx`, which holds that many persons."""
        marks_of = {
            table: database.execute(f"SELECT marks FROM idx.{table} ORDER BY id").fetchnumpy()
            for table in ("word", "street_form", "area")
        }
        size = len(marks_of["word"]["marks"])
        in_use, terms = {}, {}
        for kind in ("given", "family"):
            bearers = np.zeros(size, np.int64)
            borne = database.execute(
                "SELECT id, bearers FROM idx.word JOIN idx.vocabulary v ON v.word = text "
                f"WHERE kind = '{kind}'"
            ).fetchnumpy()
            bearers[borne["id"]] = borne["bearers"]
            in_use[kind] = bearers >= bearers_of_use(persons)
            listed = ids_of_words(
                database, names_in_table("given" if kind == "given" else "family")
            )
            in_use[kind][list(listed.values())] = True
            distinct, inverse = np.unique(bearers, return_inverse=True)
            worth = [term_weight(count, persons) for count in distinct.tolist()]
            terms[kind] = np.array(worth, np.int64)[inverse]
        relatives = np.zeros(size, np.bool_)
        relatives[list(ids_of_words(database, full_names()).values())] = True
        marked = {table: np.asarray(found["marks"], np.uint64) for table, found in marks_of.items()}
        return cls(
            marked["word"],
            marked["street_form"],
            marked["area"],
            in_use["given"],
            in_use["family"],
            relatives,
            ids_of_words(database, _akin_names()),
            heads_of(database, size),
            terms["given"],
            terms["family"],
        )


@cache
def _akin_names() -> frozenset[str]:
    return frozenset(name for pair in akin_pairs() for name in pair)


def heads_of(database: duckdb.DuckDBPyConnection, size: int) -> Ids:
    """By id the first word of each of the index's words."""
    heads = np.arange(size)
    known = database.execute("SELECT id, head FROM idx.head").fetchnumpy()
    heads[known["id"]] = known["head"]
    return heads


def ids_of_words(database: duckdb.DuckDBPyConnection, texts: Iterable[str]) -> dict[str, int]:
    """The ids of those of some texts that the index has."""
    database.register("listed", pa.table({"text": pa.array(sorted(texts), pa.string())}))
    rows = database.execute(
        "SELECT text, id FROM idx.word SEMI JOIN listed USING (text)"
    ).fetchall()
    database.unregister("listed")
    return dict(rows)
