"""Requests as anybody's table."""

from __future__ import annotations

from datetime import date

import duckdb
import pandas as pd
import pyarrow as pa
import pytest
from tests.identity.conftest import BuildIndex

from comity.core.errors import UsageError
from comity.identity.registry import Registry
from comity.identity.results import SCHEMA
from comity.identity.tables import requests_table

ROSA = {
    "first_name": "Rosa",
    "last_name": "Lindqvist",
    "street": "12 Oak St",
    "city": "Peoria",
    "state": "IL",
    "postal_code": "61601",
}


@pytest.fixture
def registry(build_index: BuildIndex) -> Registry:
    return Registry.open(build_index([{"person_id": "P1", "date_of_birth": "1971-03-09", **ROSA}]))


def asked() -> pa.Table:
    rows = [
        {"request_id": "a", "date_of_birth": date(1971, 3, 9), **ROSA},
        {"request_id": "b", "date_of_birth": None, **ROSA, "first_name": "Bob"},
    ]
    return pa.Table.from_pylist(rows)


def test_arrow_pandas_and_duckdb_give_the_same_arrow_table(registry: Registry) -> None:
    requests = asked()
    frame = pd.DataFrame(requests.to_pylist())
    with registry:
        found = registry.verify(requests)
        assert found.schema == SCHEMA
        assert found["request_id"].to_pylist() == ["a", "b"]
        assert found["person_id"].to_pylist() == ["P1", None]
        assert registry.verify(frame.assign(date_of_birth=["1971-03-09", ""])).equals(found)
        assert registry.verify(duckdb.sql("FROM requests").to_arrow_table()).equals(found)
        assert registry.verify(requests.slice(0, 0)).num_rows == 0
    assert hasattr(found, "__arrow_c_stream__")


def test_requests_without_ids_are_numbered(registry: Registry) -> None:
    with registry:
        found = registry.verify(asked().drop_columns(["request_id"]))
    assert found["request_id"].to_pylist() == ["0", "1"]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda t: t.append_column("surname", t["last_name"]), "unknown column 'surname'"),
        (lambda t: t.drop_columns(["street", "last_name"]), "columns 'last_name', 'street'"),
        (lambda t: t.append_column("city", t["city"]), "twice the column 'city'"),
        (lambda t: t.append_column("tin", pa.array([[1], [2]])), "'tin' of the requests holds"),
    ],
)
def test_a_wrong_table_is_told(change: object, what: str) -> None:
    with pytest.raises(UsageError) as told:
        requests_table(change(asked()))  # type: ignore[operator]
    assert what in str(told.value)


def test_what_only_looks_like_a_table_is_told() -> None:
    class Broken:
        def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
            raise ValueError

    with pytest.raises(UsageError, match="cannot be read as an Arrow table"):
        requests_table(Broken())
