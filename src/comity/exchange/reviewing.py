"""Review: what waits for a decision, one case in full, approve and deny."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from comity.agreement.model import Agreement
from comity.core.canonical import Json
from comity.core.clock import parse_moment
from comity.core.errors import AuthorizationError, UsageError
from comity.core.outcome import Outcome
from comity.exchange.officers import Credentials, identify, logged_refusal, permit
from comity.exchange.opening import Exchange
from comity.exchange.parties import adopted_agreement
from comity.exchange.record import OFFICE_ACT, Recorder
from comity.review.authority import Actor, Target
from comity.review.decision import Decision, Verdict, approvers_needed, check_reason, standing
from comity.store import acts, cases
from comity.store.cases import UNDECIDED, Batch, Case, Given
from comity.store.tables import decisions


@dataclass(frozen=True)
class Waiting:
    """A case that waits, and how far its review is. `age_days` since its determination."""

    case: Case
    approvals: int
    needed: int
    age_days: int


@dataclass(frozen=True)
class Reviewed:
    """What a decision on several requests did. `refused` maps a request to why not."""

    done: tuple[str, ...]
    refused: Mapping[str, str]


def waiting(exchange: Exchange, batch: str | None = None) -> list[Waiting]:
    """The undecided cases, oldest first (R23: an ageing request is shown)."""
    now = exchange.clock.now()
    found: list[Waiting] = []
    with exchange.database.reading() as connection:
        for one in cases.all_batches(connection, batch):
            agreed = _agreement(exchange, one).approvals.approvers
            given = cases.verdicts(connection, one.id)
            for case in cases.cases(connection, one.id, UNDECIDED):
                needed = approvers_needed(underlying(case), agreed)
                verdicts = [Verdict(one.verdict) for one in given.get(case.row, [])]
                if standing(verdicts, needed) is None:
                    age = (now - parse_moment(case.at)).days
                    found.append(Waiting(case, len(verdicts), needed, age))
    return found


def show(exchange: Exchange, request: str, credentials: Credentials) -> Mapping[str, Json]:
    """A case in full: request, findings, match with its evidence. The look itself is recorded
    (R37). Raises UsageError for an unknown request."""
    actor = identify(exchange, credentials)
    batch, case = find(exchange, request)
    permit(exchange, actor, "view", _target(exchange, batch, case, (), certain=True))
    with exchange.recording() as recorder:
        opened = acts.payload(recorder.connection, exchange.keys, case.entry)
        payload: Json = {"act": "view", "officer": actor.officer.id, "request": case.request}
        recorder.record(OFFICE_ACT, {}, payload=payload)
    return opened


def decide(
    exchange: Exchange,
    verdict: Verdict,
    reasons: Mapping[str, str],
    credentials: Credentials,
) -> Reviewed:
    """Approve or deny requests, each with its reason.

    Each is judged by itself: one that this officer may not decide is refused, logged, and leaves
    the others untouched. Raises AuthorizationError where every one of them is refused."""
    checked = {request: check_reason(reason) for request, reason in reasons.items()}
    actor = identify(exchange, credentials)
    refused: dict[str, str] = {}
    allowed: list[tuple[str, Batch, Case]] = []
    with exchange.database.reading() as connection:
        located = [(request, *_locate(exchange, connection, request)) for request in checked]
        given = {b.id: cases.verdicts(connection, b.id) for _, b, _ in located}
    for request, batch, case in located:
        before = given[batch.id].get(case.row, [])
        try:
            _allow(exchange, actor, verdict, batch, case, before)
            allowed.append((request, batch, case))
        except AuthorizationError as error:
            refused[request] = error.what
    if allowed:
        with exchange.recording() as recorder:
            signed = {
                case.request: _signed(exchange, recorder, credentials, verdict, case, checked[name])
                for name, _, case in allowed
            }
            _record(recorder, actor, verdict, signed, [case for _, _, case in allowed])
    else:
        raise AuthorizationError("; ".join(dict.fromkeys(refused.values())))
    return Reviewed(tuple(request for request, _, _ in allowed), refused)


def find(exchange: Exchange, request: str) -> tuple[Batch, Case]:
    """A case by its handle (`b0001/17`) or `b0001/` and the request id. Raises UsageError."""
    with exchange.database.reading() as connection:
        return _locate(exchange, connection, request)


def underlying(case: Case) -> Outcome:
    """What a stayed case is without the stay."""
    if case.outcome is not Outcome.STAYED:
        return case.outcome
    held = {"subject.protected", "identity.conflict"} & set(case.rules)
    return Outcome.HELD if held else Outcome.READY


def _locate(exchange: Exchange, connection: sa.Connection, request: str) -> tuple[Batch, Case]:
    name, _, rest = request.partition("/")
    found = cases.all_batches(connection, name) if rest else []
    rows: Sequence[int] = []
    if found:
        by_id = cases.rows_of_handle(connection, name, exchange.pseudonym("request", rest))
        rows = by_id or ([int(rest)] if rest.isdecimal() and len(rest) < 10 else [])
    located = cases.cases(connection, name, rows=rows) if rows else []
    if len(located) != 1:
        raise UsageError(
            "Several requests go by that name." if located else "No request goes by that name.",
            cure="Name it BATCH/ROW, as `comity review list` shows it.",
        )
    return found[0], located[0]


def _allow(
    exchange: Exchange,
    actor: Actor,
    verdict: Verdict,
    batch: Batch,
    case: Case,
    before: Sequence[Given],
) -> None:
    certain = case.outcome in UNDECIDED and "identity.conflict" not in case.rules
    decided_by = [one.officer for one in before]
    permit(
        exchange, actor, verdict.value, _target(exchange, batch, case, decided_by, certain=certain)
    )
    with logged_refusal(exchange, verdict.value, actor.officer.id, case.request):
        denied = any(one.verdict == Verdict.DENY for one in before)
        if case.outcome not in UNDECIDED or denied:
            raise AuthorizationError(f"Request {case.request} does not wait for a decision.")


def _signed(
    exchange: Exchange,
    recorder: Recorder,
    credentials: Credentials,
    verdict: Verdict,
    case: Case,
    reason: str,
) -> Json:
    """The officer's signed statement, bound to the very determination by its commitment."""
    sealed = acts.commitment_of(recorder.connection, case.entry)
    at = exchange.clock.now()
    said = Decision(case.request, sealed, verdict, credentials.officer, reason, at)
    return said.sign(credentials.key).to_json()


def _record(
    recorder: Recorder,
    actor: Actor,
    verdict: Verdict,
    signed: Mapping[str, Json],
    decided: Sequence[Case],
) -> None:
    payload: Json = {"act": verdict.value, "officer": actor.officer.id}
    done = recorder.record(OFFICE_ACT, {}, payload=payload, parts=signed)
    rows: list[dict[str, object]] = []
    for case in decided:
        row: dict[str, object] = {"entry": done.number, "batch": case.batch, "row": case.row}
        rows.append(row | {"officer": actor.officer.id, "verdict": verdict.value, "at": done.at})
        if verdict is Verdict.DENY:
            outcome = Outcome.NOT_VERIFIED.value
            cases.set_case(recorder.connection, case.batch, case.row, outcome=outcome)
    cases.insert(recorder.connection, decisions, rows)


def _target(
    exchange: Exchange, batch: Batch, case: Case, decided_by: Sequence[str], *, certain: bool
) -> Target:
    return Target(
        "Request",
        case.request,
        {
            "holder": exchange.settings.holder,
            "submitted_by": batch.submitted_by,
            "prepared_by": batch.prepared_by,
            "signed_by": batch.signed_by,
            "decided_by": frozenset(decided_by),
            "certain": certain,
        },
    )


def _agreement(exchange: Exchange, batch: Batch) -> Agreement:
    return adopted_agreement(exchange, batch.agreement, batch.agreement_digest).agreement


def summary(found: Sequence[Waiting]) -> Mapping[str, int]:
    """How many cases wait, by outcome."""
    return dict(Counter(w.case.outcome.value for w in found))
