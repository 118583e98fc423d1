"""A batch of requests in the index's own terms: as tables for the keys, as ids for comparison.

Requests are numbered from 0 in the order of the batch; in the schema `asked` that number stands
where the index has the person's (`pid`), so that the SQL of `keys` makes both sides' keys. A text
that the index does not have gets an id of its own for the time of the batch.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from comity.identity.coding import (
    SPACED,
    Dictionary,
    Ids,
    area_marks,
    as_ids,
    date_value,
    distinct_ids,
    ids_of_words,
    marks,
    number_value,
    street_marks,
)
from comity.identity.keys import BUILDING, postal_number
from comity.identity.kinship import akin_pairs, full_names
from comity.identity.letters import letters_of
from comity.identity.names import sounds
from comity.identity.schema import AREA_FIELDS, STREET_FIELDS
from comity.identity.vocabulary import Vocabulary, names_in_table

WORDS = ("given", "middle", "family", "suffix", "house", "unit")
"""The fields that are coded as words."""


@dataclass(frozen=True)
class Texts:
    """The texts of one of the index's dictionaries and of the batch beside it, by id.

    `marks` are those of both; ids from `known` on are the batch's own, whose texts are `new`."""

    database: duckdb.DuckDBPyConnection
    table: str
    fields: Sequence[str]
    known: int
    new: Sequence[tuple[str, ...]]
    marks: NDArray[np.uint64]

    def of(self, ids: Ids) -> Mapping[int, tuple[str, ...]]:
        """The texts (one for each of `fields`) of some ids."""
        wanted = distinct_ids(ids)
        old = wanted[wanted < self.known]
        self.database.register("wanted_ids", pa.table({"id": pa.array(old, pa.uint32())}))
        rows = self.database.execute(
            f"SELECT id, {', '.join(self.fields)} FROM idx.{self.table} "
            "SEMI JOIN wanted_ids USING (id)"
        ).fetchall()
        self.database.unregister("wanted_ids")
        found = {row[0]: tuple(row[1:]) for row in rows}
        found |= {int(i): self.new[int(i) - self.known] for i in wanted[wanted >= self.known]}
        return found

    def parts(self, ids: Ids) -> Ids:
        """Of those texts that are several words: every word of each, and all of them in one, as
        `id of the text << 32 | id of the word`, sorted. Words that nobody has are left out."""
        several = distinct_ids(ids[(self.marks[ids] & np.uint64(SPACED)) != 0])
        words = {
            i: {*text.split(), text.replace(" ", "")} for i, (text,) in self.of(several).items()
        }
        known = ids_of_words(self.database, {word for every in words.values() for word in every})
        known |= {text: self.known + at for at, (text,) in enumerate(self.new)}
        pairs = [(i << 32) | known[w] for i, every in words.items() for w in every if w in known]
        return np.array(sorted(pairs), np.int64)


@dataclass(frozen=True)
class Asked:
    """A batch as numbers, one of each a request; see `coding` for what they mean."""

    ids: Mapping[str, Ids]
    """By field: given, middle, family, suffix, house, unit, street, area; and dob, number, bid."""
    words: Texts
    streets: Texts
    areas: Texts

    def __len__(self) -> int:
        return len(self.ids["given"])

    def known_streets(self, named: Sequence[tuple[str, str]]) -> frozenset[tuple[str, str]]:
        """Those of some streets (postal code, line) in which the index has several addresses."""
        database = self.words.database
        columns = {"postal": [p for p, _ in named], "line": [line for _, line in named]}
        database.register(
            "named", pa.table({k: pa.array(v, pa.string()) for k, v in columns.items()})
        )
        rows = database.execute(
            "SELECT postal, line FROM idx.street SEMI JOIN named USING (postal, line)"
        ).fetchall()
        database.unregister("named")
        return frozenset(rows)

    def vocabulary(self, dictionary: Dictionary) -> Vocabulary:
        """What is known of the words of index and batch."""
        new = [text for (text,) in self.words.new]

        def extended(known: NDArray[np.bool_], listed: Collection[str]) -> NDArray[np.bool_]:
            return np.concatenate([known, np.array([text in listed for text in new], np.bool_)])

        akin = dict(dictionary.akin) | {text: self.words.known + at for at, text in enumerate(new)}
        pairs = [(akin[a] << 32) | akin[b] for a, b in akin_pairs() if a in akin and b in akin]
        return Vocabulary(
            extended(dictionary.given_in_use, names_in_table("given")),
            extended(dictionary.family_in_use, names_in_table("family")),
            extended(dictionary.has_relatives, full_names()),
            np.array(sorted(pairs), np.int64),
            np.concatenate([dictionary.heads, self.words.known + np.arange(len(new))]),
        )


@contextmanager
def asking(
    database: duckdb.DuckDBPyConnection, standard: pa.Table, dictionary: Dictionary
) -> Iterator[Asked]:
    """Put a batch (columns of STANDARD_SCHEMA, one row a request) into the schema `asked` for the
    time of the block, and give it as numbers. The index is attached as `idx`."""
    numbered = standard.append_column("pid", pa.array(np.arange(standard.num_rows), pa.uint32()))
    database.register("standard", numbered)
    database.execute("CREATE SCHEMA asked")
    try:
        asked = _coded(database, standard, dictionary)
        _tables(database, standard, asked)
        yield asked
    finally:
        database.execute("DROP SCHEMA IF EXISTS asked CASCADE")
        database.unregister("standard")


def _coded(
    database: duckdb.DuckDBPyConnection, standard: pa.Table, dictionary: Dictionary
) -> Asked:
    dictionaries = [pc.dictionary_encode(standard[field].combine_chunks()) for field in WORDS]
    texts = pa.chunked_array([one.dictionary for one in dictionaries])
    words, ids = _texts(
        database, "word", ["text"], pa.table([texts], ["text"]), dictionary.words, marks("text")
    )
    found: dict[str, Ids] = {}
    begin = 0
    for field, one in zip(WORDS, dictionaries, strict=True):
        of_field = ids[begin : begin + len(one.dictionary)]
        found[field] = of_field[one.indices.to_numpy()] if len(one) else np.zeros(0, np.int64)
        begin += len(one.dictionary)
    streets, found["street"] = _tuples(
        database, standard, "street_form", STREET_FIELDS, street_marks(), dictionary.streets
    )
    areas, found["area"] = _tuples(
        database, standard, "area", AREA_FIELDS, area_marks(), dictionary.areas
    )
    plain = database.execute(
        f"SELECT {date_value('dob')} AS dob, {number_value('number')} AS number, "
        f"md5_number_lower({BUILDING}) AS bid "
        "FROM standard ORDER BY pid"
    ).fetchnumpy()
    found |= {name: as_ids(values) for name, values in plain.items()}
    return Asked(found, words, streets, areas)


def _tuples(
    database: duckdb.DuckDBPyConnection,
    standard: pa.Table,
    table: str,
    fields: Sequence[str],
    marked: str,
    known: NDArray[np.uint64],
) -> tuple[Texts, Ids]:
    """Ids of several fields together: each distinct combination is looked up once."""
    grouped = database.execute(
        f"SELECT {', '.join(fields)}, list(pid) AS pids FROM standard GROUP BY ALL"
    ).to_arrow_table()
    texts, ids = _texts(database, table, fields, grouped.select(list(fields)), known, marked)
    pids = grouped["pids"].combine_chunks()
    found = np.zeros(standard.num_rows, np.int64)
    if len(pids):
        found[pids.flatten().to_numpy()] = np.repeat(ids, pc.list_value_length(pids).to_numpy())
    return texts, found


def _texts(
    database: duckdb.DuckDBPyConnection,
    table: str,
    fields: Sequence[str],
    values: pa.Table,
    known: NDArray[np.uint64],
    marked: str,
) -> tuple[Texts, Ids]:
    """The ids of some rows of texts, in their order, and all texts from now on."""
    database.register("texts", values.append_column("place", pa.array(range(values.num_rows))))
    listed = ", ".join(fields)
    rows = database.execute(
        f"""SELECT place, id, {listed}, CASE WHEN id IS NULL THEN {marked} END AS marks FROM (
          SELECT v.*, i.id FROM (FROM texts) v LEFT JOIN idx.{table} i USING ({listed})
        ) ORDER BY place"""
    ).to_arrow_table()
    database.unregister("texts")
    ids = rows["id"].cast(pa.int64()).fill_null(-1).to_numpy().copy()
    new: dict[tuple[str, ...], int] = {}
    new_marks: list[int] = []
    missing = np.flatnonzero(ids < 0)
    columns = [rows[field].take(pa.array(missing)).to_pylist() for field in fields]
    seen = rows["marks"].take(pa.array(missing)).to_pylist()
    for at, mark, *text in zip(missing.tolist(), seen, *columns, strict=True):
        key = tuple(text)
        if not any(key):
            ids[at] = 0
            continue
        if key not in new:
            new[key] = len(known) + len(new)
            new_marks.append(mark)
        ids[at] = new[key]
    both = np.concatenate([known, np.array(new_marks, np.uint64)])
    return Texts(database, table, fields, len(known), list(new), both), ids


def _tables(database: duckdb.DuckDBPyConnection, standard: pa.Table, asked: Asked) -> None:
    given = pc.unique(standard["given"])
    heard = [sounds(name) for name in given.to_pylist()]
    database.register(
        "heard", pa.table({"given": given, "sounds": pa.array(heard, pa.list_(pa.string()))})
    )
    letters = letters_of(
        asked.words.marks[asked.ids["given"]], asked.words.marks[asked.ids["family"]]
    )
    database.register(
        "marked",
        pa.table({"pid": pa.array(np.arange(len(asked)), pa.uint32()), "letters": letters}),
    )
    database.execute(
        f"""CREATE TABLE asked.request AS
          SELECT *, md5_number_lower({BUILDING}) AS bid, {postal_number("postal")} AS code
          FROM standard JOIN marked USING (pid);
        CREATE VIEW asked.person AS SELECT pid, dob, number FROM asked.request;
        CREATE VIEW asked.number AS SELECT pid, number FROM asked.request WHERE number <> '';
        CREATE TABLE asked.name AS
          SELECT pid, given, middle, family, suffix, sounds
          FROM asked.request WHERE given <> '' OR family <> ''
          UNION ALL  -- given and family name may stand in each other's place
          SELECT pid, family, middle, given, suffix, h.sounds
          FROM asked.request JOIN heard h USING (given)
          WHERE given <> '' AND family <> '' AND given <> family;
        CREATE VIEW asked.address AS SELECT * FROM asked.request
          WHERE line <> '' AND (city <> '' OR postal <> '')"""
    )
    database.unregister("heard")
    database.unregister("marked")
