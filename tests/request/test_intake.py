"""Intake of whole files: what is no batch, which columns, and the same rows from each format."""

import gzip
import json
import os
import tracemalloc
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from comity.core.errors import IntakeError
from comity.request.intake import Batch, open_batch
from comity.request.model import COLUMNS, Request

ROW = {
    "request_id": "r1",
    "case_number": "2026-CR-1",
    "first_name": "Ann",
    "middle_name": "",
    "last_name": "Lee",
    "suffix": "Jr",
    "date_of_birth": "1980-12-31",
    "tin": "900-12-3456",
    "street": "12 Elm St",
    "unit": "Apt 3",
    "city": "Springfield",
    "state": "IL",
    "postal_code": "62701",
    "country": "US",
    "tax_periods": "2023;2022-12",
    "statute": "8 USC 1253(a)(1)",
    "proceeding": "investigation",
    "reason": "A reason, with a comma",
    "recipients": "o1; o2",
    "removal_order_number": "A-1",
}
FACTS = ("removal_order_number",)


def requests(batch: Batch) -> list[Request]:
    with batch:
        return [request for chunk in batch.chunks() for request in chunk]


def write_csv(path: Path, rows: list[dict[str, str]]) -> Path:
    names = list(rows[0])
    lines = [",".join(names)]
    lines += [",".join('"' + row[n].replace('"', '""') + '"' for n in names) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def write_jsonl(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def write_parquet(path: Path, rows: list[dict[str, Any]]) -> Path:
    pq.write_table(pa.Table.from_pylist(rows), path)
    return path


def test_a_row_becomes_a_request(tmp_path: Path) -> None:
    (one,) = requests(open_batch(write_csv(tmp_path / "b.csv", [ROW]), facts=FACTS))
    assert one == Request(
        row=1,
        line=2,
        request_id="r1",
        case_number="2026-CR-1",
        first_name="Ann",
        last_name="Lee",
        suffix="Jr",
        date_of_birth=date(1980, 12, 31),
        tin="900-12-3456",
        street="12 Elm St",
        unit="Apt 3",
        city="Springfield",
        state="IL",
        postal_code="62701",
        country="US",
        tax_periods=("2023", "2022-12"),
        statute="8 USC 1253(a)(1)",
        proceeding="investigation",
        reason="A reason, with a comma",
        recipients=("o1", "o2"),
        facts={"removal_order_number": "A-1"},
    )
    assert Request.from_json(json.loads(json.dumps(one.to_json()))) == one


def test_the_three_formats_say_the_same(tmp_path: Path) -> None:
    rows = [ROW, ROW | {"request_id": "r2", "first_name": "Zoë", "date_of_birth": "1980-02-30"}]
    read = [
        requests(open_batch(made, facts=FACTS))
        for made in (
            write_csv(tmp_path / "b.csv", rows),
            write_jsonl(tmp_path / "b.jsonl", rows),
            write_parquet(tmp_path / "b.parquet", rows),
        )
    ]
    without_lines = [[{**r.to_json(), "line": 0} for r in found] for found in read]
    assert without_lines[0] == without_lines[1] == without_lines[2]
    assert [[r.line for r in found] for found in read] == [[2, 3], [1, 2], [1, 2]]
    assert [p.column for p in read[0][1].problems] == ["date_of_birth"]


def test_lists_and_dates_may_be_typed(tmp_path: Path) -> None:
    typed = ROW | {"tax_periods": ["2023", "2022-12"], "recipients": ["o1", "o2"]}
    expected = requests(open_batch(write_jsonl(tmp_path / "a.jsonl", [ROW]), facts=FACTS))
    assert requests(open_batch(write_jsonl(tmp_path / "b.jsonl", [typed]), facts=FACTS)) == expected
    dated = typed | {"date_of_birth": date(1980, 12, 31)}
    assert (
        requests(open_batch(write_parquet(tmp_path / "b.parquet", [dated]), facts=FACTS))
        == expected
    )


def test_unknown_columns_are_named_with_a_hint(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "b.csv", [ROW | {"Postal Code": "x", "shoe_size": "9"}])
    with pytest.raises(IntakeError, match="`Postal Code`, `shoe_size` are not known") as caught:
        open_batch(path, facts=FACTS)
    assert "did you mean `postal_code`" in caught.value.what


def test_a_fact_is_known_only_where_the_agreement_names_it(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "b.csv", [ROW])
    with pytest.raises(IntakeError, match="`removal_order_number`"):
        open_batch(path)


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_missing_columns_are_named(ending: str, tmp_path: Path) -> None:
    write = {"csv": write_csv, "jsonl": write_jsonl, "parquet": write_parquet}[ending]
    rows: list[Any] = [{"request_id": "r1", "first_name": "Ann"}]
    with pytest.raises(IntakeError, match="`last_name`, `street` are missing"):
        open_batch(
            write(tmp_path / f"b.{ending}", rows),
            required=("request_id", "first_name", "last_name", "street"),
        )


def test_a_column_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "b.csv"
    path.write_text("request_id,first_name,last_name,first_name\nr1,A,B,C\n")
    with pytest.raises(IntakeError, match="`first_name` stand twice"):
        open_batch(path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("b.csv", "Ann,Lee,123-45-6789,Springfield\nBob,Day,,Shelbyville\n"),
        ("b.csv", '{"request_id": "r1", "first_name": "Ann", "last_name": "Lee"}\n'),
        ("b.jsonl", '{"Ann": "Lee"}\n'),
    ],
)
def test_a_file_without_its_names_shows_no_person(name: str, content: str, tmp_path: Path) -> None:
    """A header that is missing makes the first person's data the names of the columns."""
    (tmp_path / name).write_text(content)
    with pytest.raises(IntakeError, match="None of the columns is known") as caught:
        open_batch(tmp_path / name)
    for private in ("Ann", "Lee", "6789", "Springfield"):
        assert private not in caught.value.message


def test_wrong_names_throughout_are_met_with_the_right_ones(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("Request ID,First Name,Last Name\nr1,A,B\n")
    with pytest.raises(IntakeError, match="`request_id`, `first_name`, `last_name`"):
        open_batch(tmp_path / "b.csv")


def zipped(path: Path) -> bytes:
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("xl/workbook.xml", "<x/>")
    return path.read_bytes()


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (gzip.compress(b"request_id", mtime=0), "gzip"),
        (b"%PDF-1.7\n", "a PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook"),
        (b"BZh91AY", "bzip2"),
        (b"\xfd7zXZ\x00", "xz"),
        ("request_id".encode("utf-16"), "UTF-16"),
        (b"", "empty"),
        (b"PAR1 cut", "damaged or cut"),
    ],
)
def test_a_file_of_another_kind_is_told_by_its_content(
    content: bytes, what: str, tmp_path: Path
) -> None:
    for ending in ("csv", "jsonl", "parquet", "dat"):
        path = tmp_path / f"b.{ending}"
        path.write_bytes(content)
        with pytest.raises(IntakeError, match=what):
            open_batch(path)


def test_a_workbook_is_told_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "b.csv"
    path.write_bytes(zipped(tmp_path / "b.xlsx"))
    with pytest.raises(IntakeError, match="Excel workbook"):
        open_batch(path)


def test_an_unknown_ending_a_missing_file_a_folder_a_pipe(tmp_path: Path) -> None:
    (tmp_path / "b.dat").write_text("request_id\n")
    with pytest.raises(IntakeError, match="type is not known"):
        open_batch(tmp_path / "b.dat")
    with pytest.raises(IntakeError, match="cannot be read"):
        open_batch(tmp_path / "none.csv")
    with pytest.raises(IntakeError, match="no file"):
        open_batch(tmp_path)
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(IntakeError, match="no file"):
        open_batch(tmp_path / "pipe.csv")


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_a_file_without_rows(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"b.{ending}"
    if ending == "csv":
        path.write_text("request_id,first_name,last_name\n\n")
    elif ending == "jsonl":
        path.write_text("\n\n")
    else:
        table = pa.table({name: pa.array([], pa.string()) for name in COLUMNS})
        pq.write_table(table, path)
    with pytest.raises(IntakeError, match="holds no requests"):
        requests(open_batch(path))


def test_a_file_that_changes_while_it_is_read(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "b.csv", [ROW] * 3)
    batch = open_batch(path, facts=FACTS)
    assert len(requests(batch)) == len(requests(batch)) == 3
    with path.open("a") as file:
        file.write("\n")
    with pytest.raises(IntakeError, match="changed while it was read"):
        requests(batch)
    path.write_bytes(b"")
    with pytest.raises(IntakeError, match=r"no requests|changed"):
        requests(batch)
    path.unlink()
    with pytest.raises(IntakeError, match="cannot be read"):
        requests(batch)


def test_chunks_have_the_size_asked_for_and_lose_nothing(tmp_path: Path) -> None:
    rows = [ROW | {"request_id": f"r{n}"} for n in range(10)]
    with open_batch(write_csv(tmp_path / "b.csv", rows), facts=FACTS) as batch:
        chunks = list(batch.chunks(4))
    assert [len(chunk) for chunk in chunks] == [4, 4, 2]
    assert [r.request_id for chunk in chunks for r in chunk] == [f"r{n}" for n in range(10)]
    assert [r.row for chunk in chunks for r in chunk] == list(range(1, 11))


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_a_large_file_needs_little_memory(ending: str, tmp_path: Path) -> None:
    """Ten times the rows, the same memory: a chunk at a time."""
    peaks = []
    for rows in (1_000, 8_000):
        path = tmp_path / f"{rows}.{ending}"
        with path.open("w") as file:
            if ending == "csv":
                file.write("request_id,first_name,last_name,reason\n")
            for number in range(rows):
                if ending == "csv":
                    file.write(f"r{number},Ann,Lee,{'x' * 60}\n")
                else:
                    file.write(
                        f'{{"request_id":"r{number}","first_name":"Ann","last_name":"Lee"}}\n'
                    )
        tracemalloc.start()
        with open_batch(path) as batch:
            assert sum(len(chunk) for chunk in batch.chunks(200)) == rows
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.3 + 500_000
    assert peaks[1] < 16 << 20


@given(st.sampled_from(["csv", "jsonl", "parquet"]), st.binary(max_size=400))
def test_arbitrary_bytes_are_requests_or_an_intake_error(
    tmp_path_factory: pytest.TempPathFactory, ending: str, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("any") / f"b.{ending}"
    path.write_bytes(content)
    try:
        requests(open_batch(path))
    except IntakeError:
        return


@given(
    st.sampled_from(["csv", "jsonl"]),
    st.lists(st.sampled_from([*'",\n\r\\{}[]:;=\0x1é\ufeff', "\ud7ff", '""', "\r\n"])),
)
def test_arbitrary_rows_below_a_sound_head_are_requests(
    tmp_path_factory: pytest.TempPathFactory, ending: str, body: list[str]
) -> None:
    """The sound row is read as it is, and every row stands in order, at a line of its own."""
    path = tmp_path_factory.mktemp("any") / f"b.{ending}"
    head = "request_id,first_name,last_name\nr1,A,B\n"
    if ending == "jsonl":
        head = '\n{"request_id":"r1","first_name":"A","last_name":"B"}\n'
    path.write_bytes((head + "".join(body)).encode())
    try:
        rows = requests(open_batch(path))
    except IntakeError:
        # Some line is an object with a key of its own.
        assume(ending == "csv")
        raise
    assert (rows[0].request_id, rows[0].problems) == ("r1", ())
    assert [r.row for r in rows] == list(range(1, len(rows) + 1))
    assert [r.line for r in rows] == sorted({r.line for r in rows})


@pytest.fixture(scope="module")
def parquet_bytes(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = write_parquet(tmp_path_factory.mktemp("parquet") / "b.parquet", [ROW] * 3)
    return path.read_bytes()


@given(st.integers(0, 10_000))
def test_a_cut_parquet_file_is_an_intake_error(
    tmp_path_factory: pytest.TempPathFactory, parquet_bytes: bytes, length: int
) -> None:
    path = tmp_path_factory.mktemp("cut") / "b.parquet"
    path.write_bytes(parquet_bytes[: 4 + length % (len(parquet_bytes) - 4)])
    with pytest.raises(IntakeError, match="damaged or cut"):
        requests(open_batch(path, facts=FACTS))
