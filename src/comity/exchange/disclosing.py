"""Disclosure: a batch closes, and its answers go out together.

Nothing that needed the registry is answered before every case of the batch that can be decided is
decided: neither order nor time then tells a protected or doubtful person from an unknown one. What
a stay covers stays pending, and with it everything that is not verified.

One transaction holds the disclosures, the packages and their log entries; package files are put
in place afterwards from the database (see Exchange.publish), so that a crash in between loses and
doubles nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from comity.agreement.model import Agreement
from comity.agreement.roster import Roster
from comity.core.canonical import Json
from comity.core.errors import ConflictError, UsageError
from comity.core.outcome import Outcome
from comity.determination.stay import Reach, Stay
from comity.disclosure.items import ItemVault
from comity.disclosure.package import Package
from comity.disclosure.release import Halt, Release, release
from comity.exchange.officers import Credentials, current_roster, identify, permit
from comity.exchange.opening import Exchange
from comity.exchange.parties import adopted_agreement
from comity.exchange.proving import Prover
from comity.exchange.record import OFFICE_ACT, Recorder
from comity.exchange.registry import open_registry, recorded_digests
from comity.exchange.reviewing import underlying
from comity.exchange.sending import Leaving, release_rest, send
from comity.review.authority import Target
from comity.review.decision import approvers_needed, standing
from comity.store import acts, cases, parties
from comity.store.cases import UNDECIDED, Batch, Case


@dataclass(frozen=True)
class Disclosed:
    """What one run did for a batch. `halted` counts, by reason, what could not go out yet;
    `undecided` the cases that must be decided before anything goes out; `released` is whether the
    batch's other answers are now out too."""

    batch: str
    answers: int
    packages: tuple[str, ...]
    halted: Mapping[str, int]
    undecided: int
    released: bool


@dataclass(frozen=True)
class _Waiting:
    """An undecided case with its opened request, as of this moment."""

    case: Case
    reach: Reach
    request: Mapping[str, Json]
    person_id: str | None


def disclose(
    exchange: Exchange, credentials: Credentials, batch: str | None = None
) -> list[Disclosed]:
    """Close every batch that can be closed at this moment, or the one that is named.

    Raises UsageError for an unknown batch, ConflictError for a named one that is still being
    judged or was released, AuthorizationError if this officer may not."""
    actor = identify(exchange, credentials)
    with exchange.database.reading() as connection:
        found = cases.all_batches(connection, batch)
    for one in found:
        target = Target("Batch", one.id, {"holder": exchange.settings.holder})
        if batch is not None or one.state == "judged":
            permit(exchange, actor, "disclose", target)
    if batch is not None:
        if exchange.caught_up and found and found[0].state == "released":
            return [_finished(exchange, found[0])]
        _check(found)
    return [_disclose(exchange, one, actor.officer.id) for one in found if one.state == "judged"]


def _finished(exchange: Exchange, batch: Batch) -> Disclosed:
    """What a run did that was stopped after its transaction: its files stand only now."""
    with exchange.database.reading() as connection:
        answers = len(cases.disclosed_rows(connection, batch.id))
        made = tuple(package.id for package in cases.package_rows(connection, batch.id))
    return Disclosed(batch.id, answers, made, {}, 0, released=True)


def _check(found: Sequence[Batch]) -> None:
    if not found:
        raise UsageError("No batch of this id was received.", cure="See `comity status`.")
    match found[0].state:
        case "released":
            raise ConflictError(
                f"The answers of batch {found[0].id} are out; none goes out twice.",
                cure="Its packages and the log are complete; see `comity package list`.",
            )
        case "judging":
            raise ConflictError(
                f"Batch {found[0].id} is not judged to its end.",
                cure="Run the same `comity submit` again, to finish it.",
            )


def _disclose(exchange: Exchange, batch: Batch, officer: str) -> Disclosed:
    agreement = adopted_agreement(exchange, batch.agreement, batch.agreement_digest).agreement
    roster = current_roster(exchange, exchange.settings.requester)
    assert roster is not None
    with exchange.recording() as recorder:
        stays = parties.all_stays(recorder.connection)
        waiting = _waiting(exchange, recorder, batch)
        judged = _judge(exchange, recorder, batch, agreement, roster, waiting, stays, officer)
        leaving, halts = _with_items(exchange, agreement, judged)
        _record_run(recorder, batch, officer, halts)
        undecided = sum(halt.waits_for == "officer" for _, halt in halts)
        closes = not any(halt.waits_for in ("officer", "class") for _, halt in halts)
        made: list[Package] = []
        if closes:
            made = send(exchange, recorder, batch, agreement, roster, leaving, officer)
        released = closes and release_rest(exchange, recorder, batch, stays)
    return Disclosed(
        batch.id,
        len(leaving) if closes else 0,
        tuple(package.id for package in made),
        dict(Counter(halt.reason for _, halt in halts)),
        undecided,
        released,
    )


def _waiting(exchange: Exchange, recorder: Recorder, batch: Batch) -> list[_Waiting]:
    """The undecided cases with their sealed requests and the flags as of this moment (R15)."""
    keys = exchange.keys
    found: list[tuple[Case, dict[str, Json], str | None]] = []
    for case in cases.cases(recorder.connection, batch.id, UNDECIDED):
        opened = acts.payload(recorder.connection, keys, case.entry)
        match = opened.get("match")
        person = match.get("person_id") if isinstance(match, Mapping) else None
        request = opened["request"]
        assert isinstance(request, dict)
        found.append((case, request, None if person is None else str(person)))
    if not found:
        return []
    persons = sorted({person for _, _, person in found if person is not None})
    with open_registry(exchange) as registry:
        flags = registry.flags(persons)
    waiting: list[_Waiting] = []
    for case, request, person in found:
        reach = Reach(
            agreement=batch.agreement,
            batch=batch.id,
            row=case.row,
            statute=str(request.get("statute") or ""),
            flags=flags.get(person or "", frozenset()),
        )
        waiting.append(_Waiting(case, reach, request, person if person in flags else None))
    return waiting


def _judge(
    exchange: Exchange,
    recorder: Recorder,
    batch: Batch,
    agreement: Agreement,
    roster: Roster,
    waiting: Sequence[_Waiting],
    stays: tuple[Stay, ...],
    officer: str,
) -> list[tuple[_Waiting, Release | Halt]]:
    """The gate's answer on every waiting case. Who alone approved a case does not also send it."""
    given = cases.verdicts(recorder.connection, batch.id)
    prover = Prover(exchange, recorder.connection)
    now = exchange.clock.now()
    judged: list[tuple[_Waiting, Release | Halt]] = []
    for one in waiting:
        needed = approvers_needed(underlying(one.case), agreement.approvals.approvers)
        decided = given.get(one.case.row, [])
        verdicts = prover.proven(one.case, decided)
        answer = release(
            agreement=agreement,
            reach=one.reach,
            outcome=one.case.outcome,
            person_id=one.person_id,
            approved=standing(verdicts, needed),
            protected_then="subject.protected" in one.case.rules,
            stays=stays,
            named=_named(one.request),
            roster=roster,
            at=now,
        )
        if isinstance(answer, Release) and {by.officer for by in decided} == {officer}:
            answer = Halt(underlying(one.case), "Its one approver cannot also send it.")
        judged.append((one, answer))
    return judged


def _with_items(
    exchange: Exchange, agreement: Agreement, judged: Sequence[tuple[_Waiting, Release | Halt]]
) -> tuple[list[Leaving], list[tuple[Case, Halt]]]:
    """Read the agreed items of whatever may go out; what has none is halted."""
    halts = [(one.case, answer) for one, answer in judged if isinstance(answer, Halt)]
    free = [(one, answer) for one, answer in judged if isinstance(answer, Release)]
    if not free:
        return [], halts
    _, built = recorded_digests(exchange)
    key = exchange.keys.derived("registry")
    with ItemVault.open(exchange.registry_path, key, built) as vault:
        given = vault.read([leave for _, leave in free], agreement.items)
    why = "The record holds no item that can be given."
    halts += [
        (one.case, Halt(underlying(one.case), why, anew=True))
        for one, leave in free
        if leave.request not in given
    ]
    leaving = [
        Leaving(one.case, one.request, leave, given[leave.request])
        for one, leave in free
        if leave.request in given
    ]
    return leaving, halts


def _record_run(
    recorder: Recorder, batch: Batch, officer: str, halts: Sequence[tuple[Case, Halt]]
) -> None:
    """Keep what cases have become. The public entry is the same whether or not any has changed."""
    recorder.record(
        OFFICE_ACT,
        {},
        payload={"act": "disclose", "officer": officer, "batch": batch.id},
        parts={
            case.request: {"became": halt.outcome.value, "reason": halt.reason}
            for case, halt in halts
            if halt.anew or halt.outcome is not case.outcome
        },
    )
    for case, halt in halts:
        if halt.anew:
            cases.void_decisions(recorder.connection, case.batch, case.row)
        if halt.outcome is not case.outcome:
            _become(recorder, case, halt.outcome)


def _become(recorder: Recorder, case: Case, outcome: Outcome) -> None:
    rules = set(case.rules) - {"stay.none"}
    if outcome is Outcome.STAYED:
        rules.add("stay.none")
    elif outcome is Outcome.HELD:
        rules.add("subject.protected")
    cases.set_case(
        recorder.connection,
        case.batch,
        case.row,
        outcome=outcome.value,
        rules=";".join(sorted(rules)),
    )


def _named(request: Mapping[str, Json]) -> tuple[str, ...]:
    named = request.get("recipients")
    return tuple(str(n) for n in named) if isinstance(named, list | tuple) else ()
