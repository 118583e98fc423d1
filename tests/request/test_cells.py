"""A row's cells: one normal form, and whatever cannot be read safely is taken out and told."""

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.request.cells import MAX_CELL, MAX_LIST, MAX_REASON, Cells, to_request
from comity.request.model import Problem, Request


def request(**cells: str | list[str]) -> Request:
    return to_request(1, Cells(2, {"request_id": "r1", **cells}), frozenset({"removal_ground"}))


def told(one: Request) -> list[str]:
    return [f"{problem.column}: {problem.what}" for problem in one.problems]


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("  12  Elm\u00a0St\n", "12 Elm St"),
        ("Jose\u0301", "José"),
        ("\u200cنام", "\u200cنام"),
        ("=", "="),
        ("-5", "-5"),
        ("+1 808 555-0100", "+1 808 555-0100"),
        ("- -", "- -"),
    ],
)
def test_the_normal_form(raw: str, clean: str) -> None:
    one = request(street=raw)
    assert one.street == clean
    assert told(one) == (["street: it begins like a spreadsheet formula"] if clean == "=" else [])


@pytest.mark.parametrize(
    ("raw", "clean", "what"),
    [
        ("a\x00b", "ab", "it has control characters"),
        ("a\x1bb", "ab", "it has control characters"),
        ("a\u0085b", "ab", "it has control characters"),
        ("a\u202eb", "ab", "it has invisible or direction-changing characters"),
        ("a\u200bb", "ab", "it has invisible or direction-changing characters"),
        ("a\u00adb", "ab", "it has invisible or direction-changing characters"),
        ("a\ufeffb", "ab", "it has invisible or direction-changing characters"),
        ("a\U000e0041b", "ab", "it has invisible or direction-changing characters"),
        ("a\ufffdb", "a\ufffdb", "it has bytes that are not UTF-8"),
        ("a\ud800b", "ab", "it has bytes that are not UTF-8"),
        ("=1+1", "=1+1", "it begins like a spreadsheet formula"),
        ("  =cmd|' /C calc'!A0", "=cmd|' /C calc'!A0", "it begins like a spreadsheet formula"),
        ("@SUM(A1)", "@SUM(A1)", "it begins like a spreadsheet formula"),
        ("+A1", "+A1", "it begins like a spreadsheet formula"),
        ("-A1+2", "-A1+2", "it begins like a spreadsheet formula"),
    ],
)
def test_what_is_not_safe_to_read_is_told(raw: str, clean: str, what: str) -> None:
    one = request(street=raw)
    assert one.street == clean
    assert told(one) == [f"street: {what}"]


@pytest.mark.parametrize(("column", "limit"), [("street", MAX_CELL), ("reason", MAX_REASON)])
def test_a_cell_is_cut_at_its_limit(column: str, limit: int) -> None:
    assert told(request(**{column: "x" * limit})) == []
    one = request(**{column: "x" * (limit + 1)})
    assert told(one) == [f"{column}: it is longer than {limit:,} characters"]
    assert len(str(getattr(one, column))) == limit


@pytest.mark.parametrize(
    ("raw", "born", "what"),
    [
        ("1980-12-31", date(1980, 12, 31), None),
        ("19801231", date(1980, 12, 31), None),
        ("", None, None),
        ("1980-02-30", None, "it is not a date"),
        ("12/31/1980", None, "it is not a date"),
        ("1980-W01-1", None, "it is not a date"),
        ("1980-12-31T00:00", None, "it is not a date"),
        ("١٩٨٠-12-31", None, "it is not a date"),
        ("1849-12-31", None, "it lies too far in the past"),
    ],
)
def test_dates_of_birth(raw: str, born: date | None, what: str | None) -> None:
    one = request(date_of_birth=raw)
    assert one.date_of_birth == born
    if what is None:
        assert told(one) == []
    else:
        assert told(one)[0].startswith(f"date_of_birth: {what}")


def test_lists_are_split_cleaned_and_limited() -> None:
    assert request(tax_periods=" 2023 ;; 2022-12;").tax_periods == ("2023", "2022-12")
    assert request(recipients=["o1", " o2 ", ""]).recipients == ("o1", "o2")
    one = request(recipients=";".join(["o"] * (MAX_LIST + 1)))
    assert told(one) == [f"recipients: it has more than {MAX_LIST} parts"]
    assert len(one.recipients) == MAX_LIST


def test_facts_stand_apart_and_are_always_there() -> None:
    assert request().facts == {"removal_ground": ""}
    assert request(removal_ground=" 8 USC 1227(a) ").facts == {"removal_ground": "8 USC 1227(a)"}


def test_a_row_that_could_not_be_read_is_told_once() -> None:
    problem = Problem("", "it has 3 cells where the header has 4")
    assert to_request(1, Cells(2, {}, (problem,)), frozenset()).problems == (problem,)


def test_no_problem_repeats_the_value() -> None:
    secret = "=\x00\u202e123-45-6789\ufffd"
    one = request(street=secret, date_of_birth=secret, tin=secret)
    assert one.problems
    assert not any("6789" in problem.what for problem in one.problems)


texts = st.text(st.characters(), max_size=30)


@given(
    st.dictionaries(
        st.sampled_from(["street", "reason", "date_of_birth", "tax_periods", "tin", "request_id"]),
        texts | st.lists(texts, max_size=3),
    )
)
def test_whatever_the_cells_hold_a_request_comes_of_it(cells: dict[str, str | list[str]]) -> None:
    one = to_request(1, Cells(1, cells), frozenset())
    for value in (one.street, one.reason, *one.tax_periods):
        assert value == unicodedata.normalize("NFC", value).strip()
        value.encode()
    again = to_request(1, Cells(1, {"request_id": "r", "street": one.street}), frozenset())
    assert again.street == one.street
    assert Request.from_json(one.to_json()) == one
