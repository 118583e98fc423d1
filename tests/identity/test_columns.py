"""The standard form by the column is the standard form of each row: the one cannot part from the
other, whatever the text."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pytest
from benchmarks.adversarial import make
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.identity.nasty import nasty_row

from comity.identity.columns import FIELDS, STANDARD_SCHEMA, flat, standardise_columns
from comity.identity.record import Subject, standardise

Row = Mapping[str, str]


def table_of(rows: Sequence[Row]) -> pa.Table:
    return pa.table(
        {name: pa.array([row.get(name) for row in rows], pa.string()) for name in FIELDS}
    )


def by_column(rows: Sequence[Row]) -> list[tuple[Any, ...]]:
    found = standardise_columns(table_of(rows))
    assert found.schema == STANDARD_SCHEMA
    columns = [column.to_pylist() for column in found.columns]
    columns[4] = [tuple(sounds) for sounds in columns[4]]
    return list(zip(*columns, strict=True))


def by_row(rows: Sequence[Row]) -> list[tuple[Any, ...]]:
    return [
        flat(standardise(Subject("", **{name: row.get(name) or "" for name in FIELDS})))
        for row in rows
    ]


def assert_same(rows: Sequence[Row]) -> None:
    for row, found, meant in zip(rows, by_column(rows), by_row(rows), strict=True):
        assert found == meant, row


@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_columns_are_rows_on_the_adversarial_set(noise: float) -> None:
    world = make(2_000, 2_000, seed=3, noise=noise)
    assert_same(world.registry)
    assert_same(world.requests)


@pytest.mark.parametrize("seed", range(4))
def test_columns_are_rows_on_everything_that_the_parser_knows(seed: int) -> None:
    dice = random.Random(seed)
    assert_same([nasty_row(dice) for _ in range(3_000)])


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
STREET = st.one_of(
    TEXT,
    st.builds(
        "{}{}{}".format,
        st.integers(0, 10**14),
        st.sampled_from([" ", "  ", "\t", "-", "\0", " #"]),
        TEXT,
    ),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.fixed_dictionaries(dict.fromkeys(FIELDS, TEXT) | {"street": STREET})))
def test_columns_are_rows_on_any_text(rows: list[Row]) -> None:
    assert_same(rows)


@pytest.mark.parametrize(
    "fields",
    [
        {"street": "5 Mile Rd"},  # the number is the street's
        {"street": "5 Mile Rd", "unit": "4"},
        {"street": "12 A Main St"},  # the number takes a letter
        {"street": "12 1/2 Main St"},
        {"street": "12 Old Fort Ct", "state": "CT"},  # the suffix is the state
        {"street": "12 Main St Peoria IL 61601", "city": "Peoria", "postal_code": "61601"},
        {"street": "12 Main St 61601", "postal_code": "61601", "country": "Canada"},
        {"street": "12 Main St 00907", "postal_code": "907", "state": "PR"},
        {"street": "12 Calle Luna", "state": "PR"},
        {"street": "12 Main St Apt 4", "unit": "4"},  # a unit in both fields
        {"street": "12 Main St", "unit": "PO Box 7"},
        {"street": "12 Unit 7", "state": "AE"},
        {"street": "12 Unit 7", "city": "APO"},
        {"street": "", "unit": "4"},
        {"street": "Main St # 4", "unit": ""},  # the unit is the house's number
        {"street": "Main St # 4", "unit": "N/A"},
        {"street": "12 Main St", "country": "x" * 201},
        {"street": "12 " + "Main " * 40},
        {"street": "730194628519 Main St"},
        {"first_name": "NA", "last_name": "NA"},
        {"first_name": "NA", "last_name": "Kim"},
        {"first_name": "Na", "last_name": "na jr"},
    ],
)
def test_where_one_field_has_a_say_in_another(fields: Row) -> None:
    base: Row = {"city": "Peoria", "state": "IL", "postal_code": "61601"}
    assert_same([{**base, **fields}, fields])


def test_absent_columns_nulls_and_other_types() -> None:
    plain = standardise_columns(pa.table({"last_name": ["Quimby", None]}))
    assert plain.column("family").to_pylist() == ["QUIMBY", ""]
    assert plain.column("dob").to_pylist() == [None, None]
    encoded = pa.table({"last_name": pa.array(["Quimby", None]).dictionary_encode()})
    assert standardise_columns(encoded).equals(plain)
    large = pa.table({"last_name": pa.array(["Quimby", None], pa.large_string())})
    assert standardise_columns(large).equals(plain)
    assert standardise_columns(large.slice(0, 0)).num_rows == 0


def test_a_table_larger_than_a_chunk_keeps_its_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comity.identity.columns.CHUNK", 7)
    rows = [{"street": f"{i} Main St", "last_name": "AB"[i % 2]} for i in range(50)]
    assert_same(rows)
