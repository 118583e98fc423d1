"""One request examined under the reference agreement, for the tests of rules."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from comity.agreement.loading import load_agreement
from comity.agreement.model import Agreement
from comity.examination.context import Circumstances
from comity.examination.engine import compile_agreement
from comity.examination.finding import Finding, Verdict
from comity.request.cells import Cells, to_request
from comity.request.model import Request

ROOT = Path(__file__).parents[2]
AGREEMENT = load_agreement(ROOT / "agreements" / "us-irs-ice-2025.yaml").agreement
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
FACTS = frozenset({"removal_order_date", "removal_order_number", "removal_ground"})

LAWFUL = {
    "request_id": "R1",
    "case_number": "FD-2025-000417",
    "first_name": "Rosalind",
    "last_name": "Quartermain",
    "date_of_birth": "1979-05-14",
    "street": "418 Juniper Hollow Rd",
    "city": "Boise",
    "state": "ID",
    "postal_code": "83702",
    "tax_periods": "2023;2024",
    "statute": "8 USC 1253(a)(1)(A)",
    "proceeding": "grand jury proceeding",
    "reason": "Landlord confirms the lease was renewed after the order; the address identifies the "
    "witness to wilfulness before the grand jury term ends.",
    "recipients": "inv-01",
    "removal_order_date": "2024-06-03",
    "removal_order_number": "IJ-2024-118822",
    "removal_ground": "8 USC 1227(a)(2)(A)(iii)",
}


def row(number: int = 1, /, **cells: str) -> Request:
    """The lawful request with some cells changed."""
    return to_request(number, Cells(number + 1, {**LAWFUL, **cells}), FACTS)


def examine(
    *requests: Request, agreement: Agreement = AGREEMENT, **around: Any
) -> list[tuple[Finding, ...]]:
    """Every finding on each request of a batch; `around` are Circumstances."""
    examination = compile_agreement(agreement)
    context = examination.begin([list(requests)], Circumstances(**{"at": AT, **around}))
    return [examination.examine(request, context) for request in requests]


def unmet(*requests: Request, **around: Any) -> list[set[str]]:
    """The ids of the unmet rules of each request."""
    return [
        {finding.rule for finding in findings if finding.verdict is Verdict.UNMET}
        for findings in examine(*requests, **around)
    ]


def amended(**changes: Any) -> Agreement:
    """The reference agreement with some fields changed."""
    return dataclasses.replace(AGREEMENT, **changes)
