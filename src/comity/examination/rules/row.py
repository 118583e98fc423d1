"""Rules about the row itself: that it can be read, is asked once, and is within the limits."""

from __future__ import annotations

from comity.core.outcome import Outcome
from comity.examination.context import Context
from comity.examination.rule import NoParameters, Unmet, rule
from comity.request.model import Request

OWN_RULE = frozenset({"tin", "tax_periods"})
"""Columns whose malformed values are judged by a rule of their own."""


@rule(
    "row.wellformed",
    law="R03",
    source="26 USC 6103(i)(2)(B)",
    outcome=Outcome.RETURNED,
    question="Can the row be read, each cell as what its column says?",
    columns=("request_id",),
)
def row_wellformed(request: Request, _: NoParameters, __: Context) -> Unmet | None:
    bad = [p for p in request.problems if p.column not in OWN_RULE]
    if not bad:
        return None
    said = "; ".join(f"{p.column}: {p.what}" if p.column else p.what for p in bad[:5])
    return Unmet(
        f"Line {request.line} is malformed ({said}).", "Correct the row and send it again."
    )


@rule(
    "request.unique",
    law="R31",
    source="R31, reconciliation",
    outcome=Outcome.RETURNED,
    question="Is the subject asked about once under this case?",
    whole_batch=True,
)
def request_unique(request: Request, _: NoParameters, context: Context) -> Unmet | None:
    if request.row in context.circumstances.history.taken_up:
        return Unmet(
            "This row of this very file was taken up before.",
            "See the answer to the earlier batch; ask anew with a new request.",
        )
    if request.row in context.survey.same_id:
        return Unmet(
            "An earlier row of the batch has the same request id.",
            "Give every request an id of its own.",
        )
    if request.row in context.survey.repeated:
        return Unmet(
            "The same subject is asked about under the same case, and that request is still open.",
            "Wait for the answer to the first request.",
        )
    return None


@rule(
    "limits.volume",
    law="R21",
    source="D.D.C. 21 Nov 2025",
    outcome=Outcome.RETURNED,
    question="Is the request within the agreement's daily and yearly numbers?",
)
def limits_volume(request: Request, _: NoParameters, context: Context) -> Unmet | None:
    limits, history = context.agreement.limits, context.circumstances.history
    if request.row + history.received_today > limits.per_day:
        return Unmet(
            f"The agreement takes {limits.per_day:,} requests a day, and they are used up.",
            "Send it again on another day.",
        )
    if request.row + history.received_this_year > limits.per_year:
        return Unmet(
            f"The agreement takes {limits.per_year:,} requests a year, and they are used up.",
            "Send it again next year, or amend the agreement.",
        )
    return None
