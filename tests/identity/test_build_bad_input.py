"""Sources that are wrong in every way: an error that says what to do, or a row that is counted and
listed; never a crash, never a silent drop."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.identity.conftest import BuildIndex, write_source
from tests.identity.test_update import PERSON, asked

from comity.agreement.model import IdentityPolicy
from comity.core.errors import RegistryError
from comity.identity.keys import CAP
from comity.identity.match import Decision, Match
from comity.identity.registry import Registry

Row = Mapping[str, str]


def match(index: Path, row: Row) -> Match:
    with Registry.open(index) as registry:
        (found,) = registry.verify([asked(row)], IdentityPolicy())
    return found


def parquet(path: Path, **columns: Any) -> Path:
    """PERSON twice as Parquet, with other columns in place of some."""
    table = {name: [value, value] for name, value in PERSON.items()}
    pq.write_table(pa.table({**table, "person_id": ["p1", "p2"], **columns}), path)
    return path


# --- rows ----------------------------------------------------------------------------------------


def test_bytes_of_another_encoding_in_parquet_cost_their_row_only(tmp_path: Path) -> None:
    names = pa.array([b"Ada", "Adà".encode("latin-1")], pa.binary())
    for kind, column in (("text", names.view(pa.string())), ("bytes", names)):
        source = parquet(tmp_path / f"{kind}.parquet", first_name=column)
        manifest = Registry.build(source, tmp_path / kind)
        assert manifest.exclusions == {"the row is not in UTF-8": 1}
        assert [(r.line, r.excluded) for r in manifest.remarks] == [(2, True)]
        assert match(tmp_path / kind, PERSON).person_id == "p1"


def test_rows_and_exclusions_add_up_over_chunks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("comity.identity.source_csv.CHUNK", 4)
    monkeypatch.setattr("comity.identity.source_csv._AT_A_TIME", 4)
    lines = [",".join(PERSON).encode()]
    for number in range(40):
        row = ",".join(dict(PERSON, person_id=f"p{number}").values()).encode()
        if number % 5 == 0:
            row = b"too,few"
        elif number % 7 == 0:
            row = row.replace(b"Ada", b"Ad\xe0")
        lines.append(row)
    source = tmp_path / "s.csv"
    source.write_bytes(b"\n".join(lines))
    manifest = Registry.build(source, tmp_path / "index")
    assert manifest.rows == 40
    assert manifest.rows - manifest.excluded == manifest.addresses
    told = [remark.line for remark in manifest.remarks if remark.excluded]
    assert told == [n + 2 for n in range(40) if n % 5 == 0 or n % 7 == 0]


@pytest.mark.parametrize("size", [1, 2, 3, 1_000])
def test_rows_are_told_by_the_line_where_they_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """Also after cells of several lines, blank lines, and rows whose quoting is malformed."""
    monkeypatch.setattr("comity.identity.source_csv._AT_A_TIME", size)
    monkeypatch.setattr("comity.identity.source_csv.CHUNK", 2 * size)
    source = tmp_path / "s.csv"
    source.write_bytes(
        b"person_id,first_name,last_name,street\r\n"
        b'p1,Ada,Quimby,"12 Walnut St\r\nApt 4\n\rin the yard"\r\n'  # lines 2 to 5
        b",no,id,x\r\n"  # 6
        b"\r\n"
        b'p2,"open"ended,Quimby,x\r\n'  # 8
        b",no,id,x\n"  # 9
        b"too,few\n"  # 10
        b"p3,Ad\xe0,Quimby,x\n"  # 11
        b",no,id,x\r"  # 12, ended as on an old Macintosh
        b",no,id,x\n"  # 13
        b'p4,"never closed,Quimby,x\n'  # 14
    )
    manifest = Registry.build(source, tmp_path / "index")
    told = {remark.line: remark.reason for remark in manifest.remarks if remark.excluded}
    quoting = "the row's quoting or length is malformed"
    assert told == {
        **dict.fromkeys((6, 9, 12, 13), "no person_id"),
        **dict.fromkeys((8, 14), quoting),
        10: "the row has another number of cells than the header",
        11: "the row is not in UTF-8",
    }
    assert (manifest.persons, manifest.rows) == (1, 9)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("محمد", "الهاشمي"),
        ("‏דוד‏", "כהן"),
        ("李", "小龙"),
        ("Ștefan", "Łukaszewicz"),
        ("Анна", "Қасымова"),
        ("अनिता", "शर्मा"),
        ("O’Neil", "Smith\u2011Jones"),
    ],
)
def test_names_of_every_script_are_found_again(
    build_index: BuildIndex, first: str, last: str
) -> None:
    named = dict(PERSON, first_name=first, last_name=last)
    index = build_index([named, dict(PERSON, person_id="p2", tin="211-44-0002")])
    assert match(index, named).person_id == "p1"


def test_empty_names_are_counted_and_confirm_nobody(build_index: BuildIndex) -> None:
    nameless = dict(PERSON, first_name="  ", last_name="?")
    index = build_index([nameless])
    with Registry.open(index) as registry:
        warnings = registry.manifest.warnings
    assert warnings == {"no name that can be compared; can never be confirmed": 1}
    assert match(index, PERSON).decision is not Decision.CONFIRMED
    assert match(index, nameless).decision is not Decision.CONFIRMED


@pytest.mark.parametrize(
    "day", ["1971-02-30", "9999-12-31", "0000-00-00", "1971-13-01", "09.03.1971", "19710309x"]
)
def test_an_impossible_date_is_absent_and_told(build_index: BuildIndex, day: str) -> None:
    index = build_index([dict(PERSON, date_of_birth=day), dict(PERSON, person_id="p2", tin="")])
    with Registry.open(index) as registry:
        assert registry.manifest.warnings["impossible birth date, taken as absent"] == 1


def test_null_bytes(build_index: BuildIndex, tmp_path: Path) -> None:
    """In a person's id they cost the row; elsewhere they part words, as a space does."""
    odd = dict(PERSON, first_name="Ada\0", street="12\0Walnut Street")
    index = build_index([odd, dict(PERSON, person_id="p\0")])
    assert match(index, PERSON).person_id == "p1"
    with Registry.open(index) as registry:
        assert registry.manifest.excluded == 1
    source = parquet(tmp_path / "s.parquet", first_name=["Ada\0", "\0"])
    assert Registry.build(source, tmp_path / "other").rows == 2


def test_more_persons_under_one_number_than_the_cap(build_index: BuildIndex) -> None:
    crowd = [
        dict(PERSON, person_id=f"p{n}", first_name=f"Ada{n}", street=f"{n} Oak St", flags="minor")
        for n in range(CAP + 1)
    ]
    other = dict(PERSON, person_id="q", tin="211-44-0009", first_name="Otto")
    index = build_index([*crowd, other])
    with Registry.open(index) as registry:
        assert registry.manifest.common_keys["number"] == 1
    found = match(index, dict(other, tin=PERSON["tin"]))
    assert found.decision is not Decision.CONFIRMED
    assert found.conflict
    assert match(index, other).person_id == "q"


# --- files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("first_name", [{"name": "Ada"}, {"name": "Ada"}]),
        ("flags", [[{"flag": "minor"}], []]),
        ("flags", [[["minor"]], []]),
    ],
)
def test_nested_columns_are_named(tmp_path: Path, column: str, values: list[Any]) -> None:
    source = parquet(tmp_path / "s.parquet", **{column: pa.array(values)})
    with pytest.raises(RegistryError, match=f"'{column}' .* nested"):
        Registry.build(source, tmp_path / "index")
    assert not (tmp_path / "index").exists()


def test_other_types_are_read_as_python_writes_them(tmp_path: Path) -> None:
    source = parquet(
        tmp_path / "s.parquet",
        person_id=pa.array([17, 18], pa.int32()),
        first_name=pa.array(["Ada", "Ada"]).dictionary_encode(),
        last_name=pa.array(["Quimby", None], pa.large_string()),
        date_of_birth=pa.array([datetime(1971, 3, 9, 23, 30, tzinfo=UTC), None]),
        middle_name=pa.nulls(2),
        suffix=pa.array([True, None]),
        address_from=pa.array([0, None], pa.date64()),
        postal_code=pa.array([61601.0, None], pa.float64()),
    )
    manifest = Registry.build(source, tmp_path / "index")
    assert manifest.persons == 2
    assert "impossible birth date, taken as absent" not in manifest.warnings
    assert "impossible address dates" not in manifest.warnings


@pytest.mark.parametrize("kept", [4, 0.5, 0.9, -1])
def test_a_truncated_parquet_leaves_the_old_index(tmp_path: Path, kept: float) -> None:
    index = tmp_path / "index"
    Registry.build(write_source([PERSON], tmp_path / "s.csv"), index)
    source = parquet(tmp_path / "s.parquet")
    content = source.read_bytes()
    source.write_bytes(content[: int(kept * len(content)) if 0 < kept < 1 else int(kept)])
    with pytest.raises(RegistryError, match="cannot be read as Parquet"):
        Registry.build(source, index)
    assert match(index, PERSON).person_id == "p1"


def test_a_parquet_that_breaks_in_the_middle_leaves_the_old_index(tmp_path: Path) -> None:
    index = tmp_path / "index"
    Registry.build(write_source([PERSON], tmp_path / "s.csv"), index)
    rows = [dict(PERSON, person_id=f"p{n:05d}", first_name=f"Ada{n}") for n in range(4_000)]
    source = tmp_path / "s.parquet"
    pq.write_table(pa.Table.from_pylist(rows), source, row_group_size=1_000)
    content = bytearray(source.read_bytes())
    column = pq.ParquetFile(source).metadata.row_group(2).column(0)
    begin = column.dictionary_page_offset or column.data_page_offset
    content[begin : begin + 40] = b"\xff" * 40
    source.write_bytes(content)
    with pytest.raises(RegistryError, match="cannot be read as Parquet"):
        Registry.build(source, index)
    assert match(index, PERSON).person_id == "p1"
    assert not [path for path in tmp_path.iterdir() if "building" in path.name]


_SMALL_DISK = """
import resource, sys
from pathlib import Path
from comity.core.errors import RegistryError
from comity.identity.registry import Registry
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
try:
    if sys.argv[3] == "build":
        Registry.build(Path(sys.argv[1]), Path(sys.argv[2]))
    else:
        Registry.update(Path(sys.argv[2]), Path(sys.argv[1]))
except RegistryError as error:
    print(error)
"""


@pytest.mark.parametrize("act", ["build", "update"])
def test_a_full_disk_leaves_the_old_index(tmp_path: Path, act: str) -> None:
    """No file can grow past a megabyte, which is what DuckDB meets on a full disk."""
    index = tmp_path / "index"
    Registry.build(write_source([PERSON], tmp_path / "s.csv"), index)
    rows = (dict(PERSON, person_id=f"p{n}", street=f"{n} Oak St {n * 7919}") for n in range(20_000))
    source = write_source(rows, tmp_path / "many.csv")
    done = subprocess.run(
        [sys.executable, "-c", _SMALL_DISK, source, index, act],
        capture_output=True,
        text=True,
        env={**os.environ},
        check=False,
    )
    assert "could not be written" in done.stdout, done.stderr
    assert "room on the disk" in done.stdout
    assert match(index, PERSON).person_id == "p1"
    assert not [path for path in tmp_path.iterdir() if "building" in path.name]
    assert not list(index.glob("delta-*"))
