"""The tables of an index are what plain Python makes of the same rows, however they come."""

from __future__ import annotations

import hashlib
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
from benchmarks.adversarial import make
from tests.identity.conftest import write_source

from comity.identity import storage
from comity.identity.columns import FIELDS
from comity.identity.keys import CAP, NO_LETTERS
from comity.identity.letters import letters
from comity.identity.names import sounds
from comity.identity.record import Standard, Subject, flags_of, standardise
from comity.identity.registry import Registry

Row = Mapping[str, str]


def hashed(*parts: object) -> int:
    """The lower half of MD5 over the parts, as `md5_number_lower` gives it."""
    text = "|".join("" if part is None else str(part) for part in parts)
    return int.from_bytes(hashlib.md5(text.encode()).digest()[8:], "little")


class Naive:
    """An index by the plain functions, one person after another."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.persons: dict[str, list[Standard]] = defaultdict(list)
        self.flags: dict[str, set[str]] = defaultdict(set)
        for row in rows:
            subject = Subject("", **{name: row.get(name, "") for name in FIELDS})
            self.persons[row["person_id"]].append(standardise(subject))
            self.flags[row["person_id"]].update(flags_of(row.get("flags", "")))
        self.ids = sorted(self.persons)

    def keys(self) -> dict[str, dict[int, set[str]]]:
        """By kind and key the persons under it, common keys included."""
        found: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
        for person_id, rows in self.persons.items():
            dob = next((row.dob for row in rows if row.dob), None)
            for kind, key in _keys(rows, dob):
                found[kind][key].add(person_id)
        return found


def _keys(rows: Iterable[Standard], dob: object) -> Iterable[tuple[str, int]]:
    rows = list(rows)
    for row in rows:
        place, name = row.place, row.name
        if row.number:
            yield "number", hashed(row.number)
        if place and place.core:
            yield "address", _building(row)
            if place.city:
                key = hashed(place.house, place.core, place.city, place.state)
                yield "address_city", key
        if dob and name:
            for sound in sounds(name.family):
                yield "family_dob", hashed(sound, dob)
            if name.given:
                yield "given_dob", hashed(name.given.split(" ")[0], dob)
    for name in {row.name for row in rows if row.name.given}:
        for place in {row.place for row in rows if row.place and row.place.postal}:
            for sound in sounds(name.family):
                yield "family_sound", hashed(sound, name.given[0], place.postal)
            if place.house:
                yield "house_given", hashed(place.house, name.given.split(" ")[0], place.postal)


def _building(row: Standard) -> int:
    place = row.place
    if place.postal:
        return hashed(place.house, place.core, place.postal)
    return hashed(place.house, place.core, place.city, place.state)


def rows_of(seed: int = 5) -> list[Row]:
    """Rows of persons with one address and several, some of whom lack everything, with one person
    more at an address and under a number than the cap, and exactly as many under another."""
    rows = [dict(row) for row in make(400, 200, seed=seed, noise=0.2).registry]
    rows[3] |= {"first_name": "", "last_name": ""}
    rows[4] |= {"street": "", "postal_code": ""}
    rows[5] |= {"postal_code": ""}
    rows[6] |= {"flags": "minor;deceased", "date_of_birth": "", "tin": ""}
    rows[7] |= {"last_name": "de la Cruz-محمد", "first_name": "Mary Ann"}
    crowd = [dict(rows[8], person_id=f"X{n}", tin=rows[9]["tin"]) for n in range(CAP)]
    crowd[7]["flags"] = "identity_theft"
    full = [
        dict(rows[10], person_id=f"Y{n}", tin="211-44-1234", street=f"{n} Elm St")
        for n in range(CAP)
    ]
    return [*rows, *crowd, *full]


def opened(folder: Path) -> duckdb.DuckDBPyConnection:
    database = duckdb.connect()
    database.execute(f"ATTACH '{folder / storage.INDEX}' AS idx (READ_ONLY)")
    return database


@pytest.fixture(scope="module", params=["ordered", "shuffled", "chunks"])
def index(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of `rows_of()`: from a source in order, in none, and in small chunks."""
    rows = sorted(rows_of(), key=lambda row: row["person_id"])
    if request.param == "shuffled":
        random.Random(1).shuffle(rows)
    folder = tmp_path_factory.mktemp(request.param)
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "chunks":
            patch.setattr("comity.identity.source_csv.CHUNK", 61)
            patch.setattr("comity.identity.source_csv._AT_A_TIME", 61)
        Registry.build(write_source(rows, folder / "source.csv"), folder / "index")
    return folder / "index"


def test_keys_are_those_of_plain_python(index: Path) -> None:
    naive = Naive(rows_of())
    database = opened(index)
    for kind, keys in naive.keys().items():
        rare = {(key, p) for key, persons in keys.items() if len(persons) <= CAP for p in persons}
        found = database.execute(
            f"SELECT DISTINCT key, person_id FROM idx.key_{kind} JOIN idx.person USING (pid)"
        ).fetchall()
        assert set(found) == rare, kind
        common = {key: len(persons) for key, persons in keys.items() if len(persons) > CAP}
        told = database.execute(
            f"SELECT key, persons, flags FROM idx.common WHERE kind = '{kind}'"
        ).fetchall()
        assert {key: persons for key, persons, _ in told} == common, kind
        for key, _, flags in told:
            assert flags == sorted({f for p in keys[key] for f in naive.flags[p]}), kind
    assert database.execute("SELECT count(*) FROM idx.common").fetchone() != (0,)


def test_persons_are_those_of_plain_python(index: Path) -> None:
    naive = Naive(rows_of())
    database = opened(index)
    persons = database.execute("SELECT * FROM idx.person ORDER BY rowid").fetchall()
    assert [(pid, person_id) for pid, person_id, *_ in persons] == list(enumerate(naive.ids))
    for _, person_id, dob, number, flags, inconsistent in persons:
        rows = naive.persons[person_id]
        births = {row.dob for row in rows if row.dob}
        numbers = {row.number for row in rows if row.number}
        assert dob in births or (dob is None and not births)
        assert number in numbers or (number == "" and not numbers)
        assert flags == sorted(naive.flags[person_id])
        assert inconsistent == (len(births) > 1 or len(numbers) > 1)
    columns = {"name": "given, middle, family, suffix", "address": "* EXCLUDE (pid, person_id)"}
    for table in ("name", "address", "number"):
        found = database.execute(
            f"SELECT person_id, {columns.get(table, table)} FROM idx.{table} "
            "JOIN (SELECT pid, person_id FROM idx.person) USING (pid)"
        ).fetchall()
        assert len(found) == len(set(found)), table
        wanted = {
            (person_id, *fields)
            for person_id, rows in naive.persons.items()
            for row in rows
            if (fields := _fields(table, row))
        }
        assert set(found) == wanted, table


def _fields(table: str, row: Standard) -> tuple[object, ...]:
    """What a table holds of a row; () where the row has nothing for it."""
    match table:
        case "name":
            return tuple(vars(row.name).values()) if row.name else ()
        case "address":
            return (*vars(row.place).values(), _building(row)) if row.place else ()
        case _:
            return (row.number,) if row.number else ()


def test_counts_are_those_of_plain_python(index: Path) -> None:
    naive = Naive(rows_of())
    bearers: dict[tuple[str, str], set[str]] = defaultdict(set)
    houses: dict[tuple[str, str], set[str]] = defaultdict(set)
    several: dict[str, int] = {}
    for person_id, rows in naive.persons.items():
        for row in rows:
            bearers["given", row.name.given].add(person_id)
            bearers["family", row.name.family].add(person_id)
            if row.place:
                houses[row.place.postal, row.place.line].add(row.place.house)
        if len(rows) > 1:
            several[person_id] = len(rows)
    database = opened(index)
    assert dict(_pairs(database, "SELECT (kind, word), bearers FROM idx.vocabulary")) == {
        word: len(persons) for word, persons in bearers.items() if word[1]
    }
    assert dict(_pairs(database, "SELECT (postal, line), houses FROM idx.street")) == {
        street: len(numbers) for street, numbers in houses.items() if len(numbers) > 1
    }
    query = "SELECT person_id, rows FROM idx.several JOIN idx.person USING (pid)"
    assert dict(_pairs(database, query)) == several


def _pairs(database: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, Any]]:
    return database.execute(query).fetchall()


def test_address_keys_carry_letters_and_birth_date(index: Path) -> None:
    database = opened(index)
    for kind in ("address", "address_city"):
        wrong = database.execute(
            f"""SELECT count(*) FROM idx.key_{kind} k ANTI JOIN (
              SELECT pid, coalesce({letters("given", "family")}, {NO_LETTERS}) AS letters,
                     dob AS born
              FROM idx.person LEFT JOIN idx.name USING (pid)
            ) m ON k.pid = m.pid AND k.letters = m.letters AND k.born IS NOT DISTINCT FROM m.born"""
        ).fetchone()
        assert wrong == (0,)


def test_tables_stand_in_order(index: Path) -> None:
    database = opened(index)
    tables = [
        *(("pid", name) for name in ("number", "name", "address", "coded")),
        *(("key, pid", f"key_{kind}") for kind in (*Naive(rows_of()).keys(), "household")),
    ]
    for columns, table in tables:
        found = database.execute(f"SELECT {columns} FROM idx.{table} ORDER BY rowid").fetchall()
        assert found == sorted(found), table


def test_households_are_those_of_crowded_buildings_alone(index: Path) -> None:
    database = opened(index)
    living = database.execute(
        "SELECT DISTINCT pid FROM idx.address WHERE core <> '' AND bid IN "
        "(SELECT key FROM idx.common WHERE kind = 'address') ORDER BY pid"
    ).fetchall()
    assert len(living) > CAP
    births = database.execute(
        "SELECT DISTINCT p.pid, md5_number_lower(concat_ws('|', bid, 'D', dob)) AS key "
        "FROM idx.person p JOIN idx.address USING (pid) WHERE dob IS NOT NULL AND bid IN "
        "(SELECT key FROM idx.common WHERE kind = 'address')"
    ).fetchall()
    cut = {key for (key,) in database.execute("SELECT key FROM idx.common").fetchall()}
    found = set(database.execute("SELECT pid, key FROM idx.key_household").fetchall())
    assert {pair for pair in births if pair[1] not in cut} <= found
    assert {pid for pid, _ in found} <= {pid for (pid,) in living}


def test_a_source_in_any_order_gives_the_same_index(tmp_path: Path) -> None:
    rows = sorted(rows_of(), key=lambda row: row["person_id"])
    Registry.build(write_source(rows, tmp_path / "a.csv"), tmp_path / "a")
    late = [*rows[:-1], rows[0], rows[-1]]  # out of order at the end: read again and sorted
    Registry.build(write_source(late, tmp_path / "b.csv"), tmp_path / "b")
    one, other = opened(tmp_path / "a"), opened(tmp_path / "b")
    for table in ("person", "name", "address", "number", "vocabulary", "street", "key_number"):
        query = f"SELECT * FROM idx.{table} ORDER BY ALL"
        assert one.execute(query).fetchall() == other.execute(query).fetchall(), table
