"""CSV: one bad row costs one row, and the rest is read where it stands."""

import csv
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.core.errors import IntakeError
from comity.request import csv_rows
from comity.request.blocks import MAX_LINE
from comity.request.csv_rows import MAX_RECORD_LINES
from comity.request.intake import open_batch
from comity.request.model import Request

HEADER = "request_id,first_name,last_name,reason"
Read = Callable[[str | bytes], list[Request]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """The requests of a CSV file with this content."""

    def reading(content: str | bytes) -> list[Request]:
        path = tmp_path / "batch.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with open_batch(path) as batch:
            return [request for chunk in batch.chunks(3) for request in chunk]

    return reading


def told(request: Request) -> list[str]:
    return [f"{problem.column}: {problem.what}" for problem in request.problems]


def test_rows_are_read_in_order_with_their_lines(read: Read) -> None:
    rows = read(f"{HEADER}\nr1,Ann,Lee,x\n\nr2,Bob,Day,y\n")
    assert [(r.row, r.line, r.request_id, r.last_name) for r in rows] == [
        (1, 2, "r1", "Lee"),
        (2, 4, "r2", "Day"),
    ]
    assert not any(r.problems for r in rows)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False])
def test_line_ends(end: str, last: bool, read: Read) -> None:
    lines = [HEADER, "r1,Ann,Lee,x", "r2,Bob,Day,y"]
    rows = read(end.join(lines) + (end if last else ""))
    assert [(r.request_id, r.reason, r.problems) for r in rows] == [
        ("r1", "x", ()),
        ("r2", "y", ()),
    ]


def test_a_byte_order_mark_is_taken_off(read: Read) -> None:
    (one,) = read(f"{HEADER}\nr1,Zoë,Lee,x\n".encode("utf-8-sig"))
    assert (one.request_id, one.first_name, one.problems) == ("r1", "Zoë", ())


def test_bytes_that_are_not_utf_8_cost_their_row(read: Read) -> None:
    rows = read(f"{HEADER}\nr1,Zoë,Lee,x\nr2,Bob,Day,y\n".encode("latin-1"))
    assert told(rows[0]) == ["first_name: it has bytes that are not UTF-8"]
    assert rows[1].problems == ()


def test_quotes_commas_and_line_breaks_inside_cells(read: Read) -> None:
    rows = read(f'{HEADER}\nr1,"Ann ""Annie""","Lee, Jr","one\ntwo\r\nthree"\nr2,B,D,"y"\n')
    assert (rows[0].first_name, rows[0].last_name) == ('Ann "Annie"', "Lee, Jr")
    assert rows[0].reason == "one two three"
    assert [(r.line, r.problems) for r in rows] == [(2, ()), (5, ())]


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("r1,Ann,Lee", "it has 3 cells where the header has 4"),
        ("r1,Ann,Lee,x,y", "it has 5 cells where the header has 4"),
        (",,,", "the row is empty"),
        ('r1,"Ann,Lee,x', "a quotation mark is never closed"),
        ('r1,"Ann"x,Lee,x', "its quotation marks or line ends are out of order"),
        ("r1,Ann\rBob,Lee,x", "its quotation marks or line ends are out of order"),
        ("r1,Ann,Lee," + "x" * MAX_LINE, "the line is longer than 200,000 bytes"),
        ("r1,Ann,Lee," + "x" * 140_000, "a cell is longer than 131,072 characters"),
    ],
)
def test_a_malformed_row_costs_one_row(row: str, what: str, read: Read) -> None:
    rows = read(f"{HEADER}\nr0,A,B,x\n{row}\nr2,C,D,y\nr3,E,F,z\n")
    assert [r.line for r in rows] == [2, 3, 4, 5]
    assert told(rows[1]) == [f": {what}"]
    assert [r.request_id for r in rows if not r.problems] == ["r0", "r2", "r3"]


def test_two_open_quotes_do_not_swallow_what_lies_between(read: Read) -> None:
    rows = read(f'{HEADER}\nr1,A,B,"open\nr2,A,B,x\nr3,A,B,y\nr4,A,B,"open\nr5,A,B,z\n')
    assert [(r.line, bool(r.problems)) for r in rows] == [
        (2, True),
        (3, False),
        (4, False),
        (5, True),
        (6, False),
    ]


def test_a_cell_of_many_lines_up_to_the_limit(read: Read) -> None:
    inside = "\n".join(["x"] * MAX_RECORD_LINES)
    rows = read(f'{HEADER}\nr1,A,B,"{inside}\n"\nr2,A,B,y\n')
    assert [(r.request_id, r.problems) for r in rows] == [("r1", ()), ("r2", ())]
    rows = read(f'{HEADER}\nr1,A,B,"{inside}\n\n"\nr2,A,B,y\n')
    assert told(rows[0]) == [": a quotation mark is never closed"]
    assert rows[-1].request_id == "r2"


def test_a_line_too_long_inside_quotes_is_not_read_as_if_it_ended_there(read: Read) -> None:
    """What was cut off might have closed the quotation mark, or opened another."""
    rows = read(f'{HEADER}\nr1,A,B,"open\n{"x" * MAX_LINE}"\nr2,A,B,y\n')
    assert [told(r) for r in rows] == [
        [": a quotation mark is never closed"],
        [": the line is longer than 200,000 bytes"],
        [],
    ]
    seemingly_sound = f'r1,"open\nz","{"x" * 99_000}",{"x" * 120_000}'
    rows = read(f"{HEADER}\n{seemingly_sound}\nr2,A,B,y\n")
    assert [r.line for r in rows if r.problems] == [2, 3]


@pytest.mark.parametrize(
    "line", ['"r,A,B,x', 'r,A,B,"', '"', '"""', 'r,"A"",B,x', '",', 'r,A,B,"x""']
)
def test_open_quotes_on_every_line_take_linear_time(
    line: str, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each line is looked at a few times, however many quotation marks were left open before."""
    looked_at = 0

    def counting(line: bytes) -> bool:
        nonlocal looked_at
        looked_at += 1
        return line.count(b'"') % 2 == 1

    monkeypatch.setattr(csv_rows, "_is_odd", counting)
    rows = read(f"{HEADER}\n" + f"{line}\n" * 5_000)
    assert len(rows) in (2_500, 5_000)
    assert looked_at <= 6 * 5_000  # to cut the file into blocks, and to read them


def test_an_open_quote_looks_no_further_than_its_limit(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at = 0

    def counting(line: bytes) -> bool:
        nonlocal looked_at
        looked_at += 1
        return line.count(b'"') % 2 == 1

    monkeypatch.setattr(csv_rows, "_is_odd", counting)
    rows = read(f'{HEADER}\nr0,A,B,"x\n' + "r1,A,B,x\n" * 1_000)
    assert [bool(r.problems) for r in rows] == [True] + [False] * 1_000
    assert looked_at <= 2 * (1 + MAX_RECORD_LINES + 1_000) + 1_001


@pytest.mark.parametrize(
    "header",
    [
        b"request_id,first_n\xe4me,last_name",
        b'"request_id,first_name\n,last_name',
        b"request_id,first_name\rr1,A",
        "request_id,first_name,last_name".encode("utf-16-le"),
        b"request_id\x00,first_name,last_name",
        b"x" * (MAX_LINE + 1),
        b"\n",
    ],
)
def test_a_first_line_that_cannot_be_read(header: bytes, read: Read) -> None:
    with pytest.raises(IntakeError, match=r"first line|None of the columns"):
        read(header + b"\nr1,A,B\n")


@pytest.mark.parametrize("mark", [";", "\t"])
def test_another_separator_is_named(mark: str, read: Read) -> None:
    with pytest.raises(IntakeError, match="semicolons or tabs"):
        read(HEADER.replace(",", mark) + "\n")


def test_a_header_of_a_hundred_thousand_columns_is_refused_at_once(read: Read) -> None:
    with pytest.raises(IntakeError, match="columns"):
        read("request_id" + "," * 100_000 + "\nr1\n")


cell = st.text(st.characters(exclude_categories=["Cc", "Cs", "Co", "Cn", "Cf", "Zs", "Zl", "Zp"]))


@given(st.lists(st.tuples(cell, cell), min_size=1, max_size=5))
def test_what_a_writer_wrote_is_read(
    tmp_path_factory: pytest.TempPathFactory, names: list[tuple[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("csv") / "batch.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(["request_id", "first_name", "last_name"])
        writer.writerows([f"r{n}", *pair] for n, pair in enumerate(names))
    with open_batch(path) as batch:
        rows = [r for chunk in batch.chunks() for r in chunk]
    assert [(r.first_name, r.last_name) for r in rows] == [
        tuple(unicodedata.normalize("NFC", part) for part in pair) for pair in names
    ]
