"""The made-up population: what must hold for benchmarks to mean something."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from benchmarks.population import NUMBERS, Population, digits, write_registry
from benchmarks.population_draws import Dice
from benchmarks.population_requests import KINDS, requests
from hypothesis import given
from hypothesis import strategies as st

from comity.identity.record import Subject, standardise
from comity.identity.source import COLUMNS
from comity.request.address import parse

PERSONS = 20_000


@pytest.fixture(scope="module")
def population() -> Population:
    return Population(PERSONS)


@pytest.fixture(scope="module")
def rows(population: Population) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = population.registry(0, PERSONS).to_pylist()
    return made


@given(st.integers(1, 5000), st.integers(0, 3))
def test_a_permutation_loses_and_doubles_nothing(count: int, seed: int) -> None:
    out = Dice(seed).permuted("what", np.arange(count, dtype=np.uint64), count)
    assert sorted(out.tolist()) == list(range(count))


def test_digits_are_the_number_behind_zeros() -> None:
    numbers = np.array([0, 7, 123456789], np.uint64)
    absent = np.array([True, False, False])
    assert digits(numbers, 9, absent=absent).to_pylist() == [None, "000000007", "123456789"]
    assert digits(numbers, 9, "P").to_pylist()[1] == "P000000007"


def test_a_row_does_not_depend_on_the_chunk(population: Population) -> None:
    parts = [population.registry(0, 700), population.registry(700, 1000)]
    together = pa.concat_tables(parts, promote_options="default").to_pylist()
    assert together == population.registry(0, 1000).to_pylist()
    assert together != Population(PERSONS, 2).registry(0, 1000).to_pylist()


def test_numbers_are_possible_and_each_one_persons(rows: list[dict[str, Any]]) -> None:
    holders = defaultdict(set)
    for row in rows:
        if row["tin"]:
            holders[row["tin"]].add(row["person_id"])
    assert all(len(persons) == 1 for persons in holders.values())
    assert 0.97 < len(holders) / PERSONS < 0.99
    for tin in holders:
        assert tin[:3] not in ("000", "666")
        assert tin[0] != "9"
        assert tin[3:5] != "00"
        assert tin[5:] != "0000"
    many = Population(300_000).people(np.arange(300_000, dtype=np.uint64)).number
    assert len(np.unique(many[many > 0])) == np.sum(many > 0)


def test_persons_have_one_present_address_and_some_a_former_one(
    rows: list[dict[str, Any]],
) -> None:
    present = [row["person_id"] for row in rows if not row["address_to"]]
    assert present == [f"P{number:09d}" for number in range(1, PERSONS + 1)]
    assert 0.04 < len(rows) / PERSONS - 1 < 0.06
    assert all(not row["address_to"] or row["address_from"] < row["address_to"] for row in rows)


def test_households_share_an_address_and_mostly_a_family_name(
    rows: list[dict[str, Any]],
) -> None:
    homes = defaultdict(list)
    for row in rows:
        if not row["address_to"] and not row["unit"]:
            homes[row["street"], row["postal_code"]].append(row["last_name"])
    sizes = np.bincount([len(names) for names in homes.values()])
    assert sizes[1:4].sum() / len(homes) > 0.6
    assert sizes[7:].sum() / len(homes) < 0.01
    several = [names for names in homes.values() if len(names) > 1]
    assert np.mean([len(set(names)) < len(names) for names in several]) > 0.8


def test_rows_come_to_standard_form_with_nothing_lost(rows: list[dict[str, Any]]) -> None:
    for row in rows[:2000]:
        fields = {name: row[name] or "" for name in COLUMNS if name in Subject.__dataclass_fields__}
        standard = standardise(Subject(row["person_id"], **fields))
        address = parse(row["street"], row["unit"], row["city"], row["state"], row["postal_code"])
        assert standard.name.given
        assert standard.name.family
        assert standard.place.house
        assert standard.place.core
        assert bool(standard.place.unit) == bool(row["unit"])
        assert standard.place.postal == row["postal_code"]
        assert address.state == row["state"]
        assert (standard.dob is None) == (row["date_of_birth"] is None)


def test_requests_say_what_the_truth_says(
    population: Population, rows: list[dict[str, Any]]
) -> None:
    recorded = defaultdict(list)
    for row in rows:
        recorded[row["person_id"]].append(row)
    asked, truth = requests(population, 0, 10_000)
    kinds: dict[str, int] = defaultdict(int)
    on_file = []
    homes = {(row["last_name"], row["street"], row["postal_code"]) for row in rows}
    at_home: dict[str, list[bool]] = defaultdict(list)
    initials = defaultdict(set)
    for row in rows:
        home = row["last_name"], row["street"], row["postal_code"]
        initials[home].add(row["first_name"][0])
    like_somebody = []
    for request, true in zip(asked.to_pylist(), truth.to_pylist(), strict=True):
        assert request["request_id"] == true["request_id"]
        kinds[true["kind"]] += 1
        home = request["last_name"].upper(), request["street"].upper(), request["postal_code"][:5]
        at_home[true["kind"]].append(home in homes)
        if true["kind"] == "housemate":
            like_somebody.append(request["first_name"][0].upper() in initials[home])
        assert bool(true["person_id"]) == (true["kind"] in ("sound", "moved"))
        for row in recorded[true["person_id"]][:1]:
            assert request["date_of_birth"] in (None, row["date_of_birth"])
            if request["tin"]:
                assert sorted(request["tin"]) == sorted(row["tin"])
            postal = {one["postal_code"] for one in recorded[true["person_id"]]}
            here = request["postal_code"][:5] in postal
            on_file.append(here == (true["kind"] == "sound"))
    assert [round(kinds[kind] / 10_000, 1) for kind in KINDS[:2]] == pytest.approx([0.7, 0.15], 0.4)
    assert min(kinds[kind] for kind in KINDS) > 400
    assert np.mean(on_file) > 0.99
    expected = {"sound": 0.9, "moved": 0.0, "stranger": 0.0, "namesake": 0.0, "housemate": 0.9}
    shares = {kind: np.mean(at_home[kind]) for kind in KINDS}
    assert shares == pytest.approx(expected, abs=0.05)
    assert np.mean(like_somebody) < 0.01  # a nickname may begin like another's name


def test_requests_do_not_depend_on_how_many_are_made(population: Population) -> None:
    whole = requests(population, 0, 300)
    later = requests(population, 200, 300)
    for part, all_of in zip(later, whole, strict=True):
        assert part.to_pylist() == all_of.to_pylist()[200:]


def test_the_registry_file_has_the_columns_of_a_source(tmp_path: Any) -> None:
    rows = write_registry(Population(500), tmp_path / "registry.parquet")
    table = pq.read_table(tmp_path / "registry.parquet")
    assert table.num_rows == rows
    assert tuple(table.column_names) == COLUMNS
    assert set(table.schema.types) == {pa.string()}
    assert len(set(table["person_id"].to_pylist())) == 500


def test_a_population_has_a_largest_size() -> None:
    with pytest.raises(ValueError, match="population"):
        Population(NUMBERS)
