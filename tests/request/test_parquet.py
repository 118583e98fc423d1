"""Parquet: typed columns, and columns that no request has."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from comity.core.errors import IntakeError
from comity.request.intake import open_batch
from comity.request.model import Request

Read = Callable[..., list[Request]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """The requests of a Parquet file with these columns besides the least."""

    def reading(rows: int = 1, schema: bool = True, **columns: Any) -> list[Request]:
        least = {
            "request_id": [f"r{n}" for n in range(rows)],
            "first_name": ["Ann"] * rows,
            "last_name": ["Lee"] * rows,
        }
        path = tmp_path / "batch.parquet"
        # other writers leave Arrow's own schema out
        pq.write_table(pa.table(least | columns), path, store_schema=schema)
        with open_batch(path) as batch:
            return [request for chunk in batch.chunks() for request in chunk]

    return reading


def told(request: Request) -> list[str]:
    return [f"{problem.column}: {problem.what}" for problem in request.problems]


BORN = date(1980, 12, 31)


@pytest.mark.parametrize(
    "column",
    [
        pa.array([BORN], pa.date32()),
        pa.array([BORN], pa.date64()),
        pa.array([datetime(1980, 12, 31, 23, 59)], pa.timestamp("us")),
        pa.array([datetime(1980, 12, 31, tzinfo=UTC)], pa.timestamp("ms", tz="UTC")),
        pa.array([datetime(1980, 12, 30, 23, tzinfo=UTC)], pa.timestamp("us", tz="Europe/Berlin")),
        pa.array([347_068_800_000_000_001], pa.timestamp("ns")),
        pa.array(["1980-12-31"], pa.large_string()),
        pa.array(["19801231"]).dictionary_encode(),
    ],
)
def test_a_date_of_birth_in_any_type_of_date_or_text(column: pa.Array, read: Read) -> None:
    (one,) = read(date_of_birth=column)
    assert (one.date_of_birth, one.problems) == (BORN, ())


def test_a_day_that_no_calendar_has_costs_its_row_alone(read: Read) -> None:
    days = pa.array([4_000_000, 4_017], pa.int32()).cast(pa.date32())
    rows = read(2, date_of_birth=days)
    assert told(rows[0]) == ["date_of_birth: it is not a date in the form 1980-12-31"]
    assert rows[1].date_of_birth == BORN


def test_lists_of_text_and_nothing(read: Read) -> None:
    rows = read(2, recipients=[["o1", "o2"], None], tin=["900123456", None])
    assert [(r.recipients, r.tin, r.problems) for r in rows] == [
        (("o1", "o2"), "900123456", ()),
        ((), "", ()),
    ]


@pytest.mark.parametrize(
    "column", [[900123456], [1.5], [True], [b"900123456"], [{"a": "b"}], [[1]], [["a", None]]]
)
def test_a_column_of_another_type_is_a_problem_of_each_row(column: Any, read: Read) -> None:
    (one,) = read(tin=column)
    assert told(one) == ["tin: its column has neither text nor dates"]
    assert one.tin == ""


def test_text_that_is_not_utf_8_costs_its_row_alone(read: Read) -> None:
    raw = pa.array([b"\xff\xfe", "Zoë".encode()], pa.binary())
    broken = pa.Array.from_buffers(pa.string(), 2, raw.buffers())
    rows = read(2, city=broken)
    assert told(rows[0]) == ["city: it has bytes that are not UTF-8"]
    assert (rows[1].city, rows[1].problems) == ("Zoë", ())


def test_one_huge_text_on_every_row_is_held_once(read: Read) -> None:
    """A small file must not become gigabytes of memory: a text is stored once for all rows."""
    reasons = pa.DictionaryArray.from_arrays(pa.array([0] * 400, pa.int32()), ["x" * 1_000_000])
    rows = read(400, schema=False, reason=reasons)
    assert {told(r)[0] for r in rows} == {"reason: it is longer than 20,000 characters"}
    assert len(rows) == 400


def test_rows_too_large_to_be_requests_are_refused(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("comity.request.parquet_rows._MAX_BYTES", 10_000)
    assert len(read(3, reason=[str(n) * 900 for n in range(3)])) == 3
    with pytest.raises(IntakeError, match="too large to be requests"):
        read(30, reason=[str(n) * 900 for n in range(30)])


def test_a_column_twice_is_refused(tmp_path: Path) -> None:
    texts = pa.array(["x"])
    names = ["request_id", "first_name", "last_name", "city", "city"]
    pq.write_table(pa.Table.from_arrays([texts] * 5, names=names), tmp_path / "b.parquet")
    with pytest.raises(IntakeError, match="`city` stand twice"):
        open_batch(tmp_path / "b.parquet")
