"""Rows that are alike in what a rule reads share its finding, and nothing else changes."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examination.desk import FACTS, LAWFUL
from tests.exchange.office import AGREEMENT

from comity.agreement.loading import load_agreement
from comity.examination import examiner
from comity.examination.context import Circumstances, Context
from comity.examination.engine import compile_agreement
from comity.examination.examiner import Examiner
from comity.examination.rule import RULES
from comity.examination.survey import survey
from comity.request.cells import Cells, to_request
from comity.request.model import Problem, Request

LOADED = load_agreement(AGREEMENT)
EXAMINATION = compile_agreement(LOADED.agreement)
AROUND = Circumstances(at=datetime(2026, 3, 2, tzinfo=UTC))

SPOILT: Mapping[str, tuple[str, ...]] = {
    "first_name": ("", "UNKNOWN", "JOHN", "Maria"),
    "last_name": ("", "LNU", "DOE", "X"),
    "tin": ("", "000123456", "850-12-3456", "12345"),
    "date_of_birth": ("", "1979-05-14", "2099-01-01", "13/45/1990"),
    "street": ("", "Failed to Provide", "Main St", "12 Main St", "PO Box 4", "Harlow County Jail"),
    "unit": ("", "Apt 4", "ICE Field Office"),
    "city": ("", "Boise", "Bangor", "UNKNOWN"),
    "state": ("", "ID", "ME", "ZZ"),
    "postal_code": ("", "83702", "00000", "04401"),
    "country": ("", "US", "Mexico"),
    "case_number": ("", "FD-2025-9", "FD-2025-10", "NONE"),
    "tax_periods": ("", "2023", "2023;2024", "2099", "soon"),
    "statute": ("", "8 USC 1253(a)(1)", "8 USC 1325(b)"),
    "proceeding": ("", "grand jury proceeding", "civil immigration enforcement"),
    "reason": ("", "See file", "Needed for the investigation of Maria."),
    "recipients": ("", "inv-01", "ad-hollings;inv-02"),
    "removal_order_date": ("", "2024-01-02", "2026-03-01", "soon"),
    "removal_order_number": ("", "IJ-2024-1", "NONE"),
    "removal_ground": ("", "8 USC 1227(a)(1)(B)", "8 USC 1182(a)"),
}

rows = st.fixed_dictionaries({}, optional={k: st.sampled_from(v) for k, v in SPOILT.items()})


def requests_of(cells: list[dict[str, str]]) -> list[Request]:
    return [
        to_request(n, Cells(n + 1, {**LAWFUL, "request_id": f"R{n % 7}", **one}), FACTS)
        for n, one in enumerate(cells, 1)
    ]


def context_of(requests: list[Request]) -> Context:
    return Context(LOADED.agreement, AROUND, survey([requests], AROUND))


@settings(max_examples=60, deadline=None)
@given(st.lists(rows, min_size=1, max_size=25))
def test_it_finds_what_the_rules_find_row_by_row(cells: list[dict[str, str]]) -> None:
    requests = requests_of(cells)
    context = context_of(requests)
    shared = Examiner(EXAMINATION, context)
    found = [
        one.findings for at in range(0, 25, 7) for one in shared.examine(requests[at : at + 7])
    ]
    assert found == [EXAMINATION.examine(request, context) for request in requests]


@settings(deadline=None)
@given(st.lists(rows, min_size=2, max_size=12))
def test_it_may_forget_at_any_time(cells: list[dict[str, str]]) -> None:
    requests = requests_of(cells)
    context = context_of(requests)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(examiner, "KEPT", 2)
        shared = Examiner(EXAMINATION, context)
        found = [one.findings for request in requests for one in shared.examine([request])]
    assert found == [EXAMINATION.examine(request, context) for request in requests]


def test_what_it_remembers_does_not_grow_with_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examiner, "KEPT", 20)
    requests = requests_of([{"case_number": f"FD-{n}", "tin": f"{n}"} for n in range(400)])
    broken = [to_request(n, Cells(n, {**LAWFUL, "date_of_birth": "x"}), FACTS) for n in range(400)]
    shared = Examiner(EXAMINATION, context_of(requests))
    for request in [*requests, *broken]:
        shared.examine([request])
        assert len(shared._alike) <= 20
        for group in shared._groups:
            assert len(group._found) <= 20
            assert len(group._code_of_value) <= 20


def test_rows_that_come_out_alike_share_one_result() -> None:
    asked = [{"street": "NA NA"}, {"street": "NA NA", "first_name": "Ann"}, {"case_number": "FD-9"}]
    requests = requests_of(asked)
    shared = Examiner(EXAMINATION, context_of(requests))
    first, second, third = shared.examine(requests)
    assert first is second
    assert first is not third
    assert (first.deficiency, third.deficiency) == ("returned", None)


def test_a_row_that_is_none_has_one_finding() -> None:
    broken = to_request(7, Cells(8, {}, (Problem("", "it has 3 cells"),)), frozenset())
    context = context_of([broken])
    (one,) = Examiner(EXAMINATION, context).examine([broken])
    (finding,) = one.findings
    assert finding.rule == "row.wellformed"


class _Watched:
    """A request that tells which of its fields were looked at."""

    def __init__(self, request: Request, seen: set[str]) -> None:
        self._request, self._seen = request, seen

    def __getattr__(self, name: str) -> object:
        self._seen.add(name)
        return getattr(self._request, name)


@pytest.mark.parametrize("rule", [r for r in RULES.values() if r.reads is not None])
@settings(deadline=None)
@given(cells=rows)
def test_a_rule_reads_no_more_than_it_says(rule: object, cells: dict[str, str]) -> None:
    """Else rows that differ in what it reads beside would share its finding."""
    step = next((s for s in EXAMINATION.steps if s.rule is rule), None)
    assert step is not None, rule
    assert step.rule.reads is not None
    (request,) = requests_of([cells])
    seen: set[str] = set()
    step.rule.test(_Watched(request, seen), step.parameters, context_of([request]))  # type: ignore[arg-type]
    assert seen <= set(step.rule.reads)
    assert set(step.rule.reads) <= {field.name for field in dataclasses.fields(Request)}
