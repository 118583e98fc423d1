"""A batch file cut into blocks reads as the whole file does, and as it was when it was digested."""

from __future__ import annotations

import pickle
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.core.errors import IntakeError
from comity.request import blocks, csv_rows
from comity.request.blocks import Block
from comity.request.cells import Cells, to_request, to_requests
from comity.request.csv_rows import CsvForm
from comity.request.digested import PIECE, DigestedFile
from comity.request.intake import open_batch
from comity.request.model import Request

COLUMNS = ("request_id", "first_name", "last_name")
HEADER = ",".join(COLUMNS)
FACTS = frozenset({"removal_ground"})

line = st.lists(st.sampled_from([*'",a ;=-\r\t', "é", "\u200b", '""', "x,y,z"]), max_size=12).map(
    "".join
)


@settings(deadline=None)
@given(st.lists(line, max_size=30), st.sampled_from([1, 7, 40, 1_000_000]))
def test_a_cut_between_records_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], size: int
) -> None:
    """Whatever stands in the lines, quotation marks left open as well: in blocks of any size they
    are read as in one."""
    whole = Block(2, "\n".join(lines).encode())
    form = CsvForm(COLUMNS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK", size)
        pieces = [f"{HEADER}\n".encode(), *(f"{line}\n".encode() for line in lines)]
        cut = list(blocks.text_blocks(pieces, form.whole, skip=1))
    assert [cells for block in cut for cells in form.cells(block)] == list(form.cells(whole))
    if size == 1 and not any('"' in line for line in lines):
        assert len(cut) == len(lines)


@settings(deadline=None)
@given(st.lists(line, min_size=1, max_size=200))
def test_lines_read_together_are_read_as_each_for_itself(lines: list[str]) -> None:
    form = CsvForm(COLUMNS)
    block = Block(2, "\n".join(lines).encode())
    together = list(form.cells(block))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_rows, "_GROUP", 1)
        assert list(form.cells(block)) == together


def test_a_record_over_the_end_of_a_block_stays_whole(tmp_path: Path) -> None:
    path = tmp_path / "b.csv"
    row = 'r,"A\nB","' + "x\n" * 40 + '"\n'
    path.write_text(f"{HEADER}\n" + row * 5_000)
    with open_batch(path) as batch:
        cut = list(batch.blocks())
        found = [r for chunk in batch.chunks() for r in chunk]
    assert len(cut) > 2
    assert all(len(block.data) < 2 * blocks.BLOCK for block in cut)
    assert [r.row for r in found] == list(range(1, 5_001))
    assert [r.line for r in found] == [2 + 42 * n for n in range(5_000)]
    assert len({r.last_name for r in found}) == 1


def test_a_line_without_end_is_held_no_longer_than_its_limit() -> None:
    pieces = (b"x" * PIECE for _ in range(1_000))
    (block,) = blocks.text_blocks(pieces, len)
    assert len(block.data) == blocks.MAX_LINE + 1


cell = st.one_of(
    st.text(max_size=8),
    st.sampled_from(["2024;2025", "1980-12-31", "19801231", "1980-13-31", " 2024", "2024; 2025"]),
    st.sampled_from(["=SUM", "-1", "- x", "a  b", " a", "b ", "a|b", "|", "a| b", "", "x" * 1_200]),
)
rows = st.dictionaries(
    st.sampled_from(
        ["request_id", "first_name", "date_of_birth", "tax_periods", "reason", "removal_ground"]
    ),
    st.one_of(cell, st.lists(cell, max_size=2)),
)


@settings(deadline=None)
@given(st.lists(rows, max_size=5))
def test_the_quick_way_makes_the_requests_of_the_slow_one(values: list[dict[str, str]]) -> None:
    cells = [Cells(7, value) for value in values]
    assert to_requests(cells, FACTS, first=3) == [
        to_request(row, one, FACTS) for row, one in enumerate(cells, 3)
    ]


@pytest.mark.parametrize("column", ["request_id", "last_name", "tax_periods", "date_of_birth"])
@pytest.mark.parametrize(
    "odd",
    [" a", "a ", "a  b", "a\tb", "=a", "@a", "+a", "-a", "\u200b", "é", "e\u0301", "x" * 1_001],
)
def test_a_cell_that_needs_cleaning_is_cleaned(column: str, odd: str) -> None:
    values = {"request_id": "r1", "first_name": "A", column: odd, "reason": "why"}
    for cells in (Cells(2, values), Cells(2, dict(reversed(values.items())))):
        assert to_requests([cells], FACTS, first=1) == [to_request(1, cells, FACTS)]


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_a_reader_works_in_another_process(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"b.{ending}"
    names = ["Ann", "Bo", "Cy"]
    if ending == "parquet":
        table = {"request_id": names, "first_name": names, "last_name": names}
        pq.write_table(pa.table(table), path)
    elif ending == "csv":
        path.write_text(f"{HEADER}\n" + "".join(f"{n},{n},{n}\n" for n in names))
    else:
        path.write_text(
            "".join(f'{{"request_id":"{n}","last_name":"{n}","first_name":"{n}"}}\n' for n in names)
        )
    with open_batch(path) as batch:
        reader = pickle.loads(pickle.dumps(batch.reader))
        found: list[Request] = []
        for block in pickle.loads(pickle.dumps(list(batch.blocks()))):
            found += reader.requests(block, first=len(found) + 1)
        assert found == [r for chunk in batch.chunks() for r in chunk]
    assert [r.last_name for r in found] == names


def test_a_parquet_block_leaves_out_what_its_rows_do_not_hold(tmp_path: Path) -> None:
    """The dictionary of a large row group is not handed on with every block."""
    path = tmp_path / "b.parquet"
    names = [f"R{n:07d}" for n in range(40_000)]
    table = pa.table({column: pa.array(names).dictionary_encode() for column in COLUMNS})
    pq.write_table(table, path, dictionary_pagesize_limit=1 << 24)
    with open_batch(path) as batch:
        sizes = [len(block.data) for block in batch.blocks()]
        found = [r.last_name for chunk in batch.chunks() for r in chunk]
    assert len(sizes) == 8
    assert max(sizes) < 500_000
    assert found == names


@pytest.mark.parametrize("at", [0, PIECE - 1, PIECE, 3 * PIECE + 5])
def test_what_was_changed_is_never_read(tmp_path: Path, at: int) -> None:
    path = tmp_path / "b"
    path.write_bytes(bytes(range(256)) * (PIECE // 64))
    content = DigestedFile(path)
    with path.open("r+b") as file:
        file.seek(at)
        file.write(b"!")
    read = [0]
    with pytest.raises(IntakeError, match="changed while it was read"):
        read.extend(map(len, content.pieces()))
    assert sum(read) == at // PIECE * PIECE
    reading = content.open()
    reading.seek(at)
    with pytest.raises(IntakeError, match="changed while it was read"):
        reading.read(1)
    reading.close()


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3 * PIECE), st.integers(-1, 2 * PIECE)), max_size=6))
def test_a_digested_file_is_sought_in_like_any(
    tmp_path_factory: pytest.TempPathFactory, reads: list[tuple[int, int]]
) -> None:
    path = tmp_path_factory.mktemp("seek") / "b"
    path.write_bytes(b"0123456789" * (PIECE // 4))
    with DigestedFile(path).open() as ours, path.open("rb") as plain:
        for at, size in reads:
            assert ours.seek(at) == plain.seek(at)
            assert ours.read(size) == plain.read(size)
            assert ours.tell() == plain.tell()
        assert ours.seek(-5, 2) == plain.seek(-5, 2)
