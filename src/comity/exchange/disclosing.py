"""Disclosure: what is approved goes out, and when nothing waits any more the batch is released.

One transaction holds the disclosures, the packages and their log entries; package files are put
in place afterwards from the database (see Exchange.publish), so that a crash in between loses and
doubles nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from comity.agreement.digest import agreement_digest
from comity.agreement.model import Agreement
from comity.agreement.roster import Roster
from comity.core.canonical import Json
from comity.core.clock import stamp
from comity.core.errors import UsageError
from comity.core.outcome import Outcome, Status
from comity.determination.stay import Reach, Stay, covering
from comity.disclosure.items import ItemVault
from comity.disclosure.package import Package, make_package
from comity.disclosure.release import Halt, Release, release
from comity.exchange.officers import Credentials, current_roster, identify, permit
from comity.exchange.opening import Exchange
from comity.exchange.parties import adopted_agreement
from comity.exchange.record import Recorder
from comity.exchange.registry import open_registry
from comity.exchange.reviewing import underlying
from comity.review.authority import Target
from comity.review.decision import Verdict, approvers_needed, standing
from comity.store import acts, cases, parties
from comity.store.cases import UNDECIDED, Batch, Case
from comity.store.tables import deliveries, disclosures, packages


@dataclass(frozen=True)
class Disclosed:
    """What one run did for a batch. `halted` counts, by reason, what could not go out yet;
    `released` is whether the batch's other answers are now out too."""

    batch: str
    answers: int
    packages: tuple[str, ...]
    halted: Mapping[str, int]
    released: bool


@dataclass(frozen=True)
class _Ready:
    case: Case
    reach: Reach
    request: Mapping[str, Json]
    person_id: str | None


def disclose(
    exchange: Exchange, credentials: Credentials, batch: str | None = None
) -> list[Disclosed]:
    """Disclose whatever is approved and lawful at this moment, batch by batch.

    Raises UsageError for an unknown batch, AuthorizationError if this officer may not."""
    actor = identify(exchange, credentials)
    with exchange.database.reading() as connection:
        found = cases.all_batches(connection, batch)
    if batch is not None and not found:
        raise UsageError("No batch of this id was received.", cure="See `comity status`.")
    done: list[Disclosed] = []
    for one in found:
        if one.state == "judged":
            target = Target("Batch", one.id, {"holder": exchange.settings.holder})
            permit(exchange, actor, "disclose", target)
            done.append(_disclose(exchange, one, actor.officer.id))
    return done


def _disclose(exchange: Exchange, batch: Batch, officer: str) -> Disclosed:
    agreement = adopted_agreement(exchange, batch.agreement, batch.agreement_digest).agreement
    roster = current_roster(exchange, exchange.settings.requester)
    assert roster is not None
    now = exchange.clock.now()
    with exchange.recording() as recorder:
        connection = recorder.connection
        stays = parties.all_stays(connection)
        verdicts = cases.verdicts(connection, batch.id)
        ready = _waiting(exchange, recorder, batch)
        halted: Counter[str] = Counter()
        leave: list[tuple[_Ready, Release]] = []
        for one in ready:
            needed = approvers_needed(underlying(one.case), agreement.approvals.approvers)
            given = [Verdict(v) for _, v in verdicts.get(one.case.row, [])]
            judged = release(
                agreement=agreement,
                reach=one.reach,
                outcome=one.case.outcome,
                person_id=one.person_id,
                approved=standing(given, needed),
                protected_then="subject.protected" in one.case.rules,
                stays=stays,
                named=_named(one.request),
                roster=roster,
                at=now,
            )
            if isinstance(judged, Halt):
                halted[judged.reason] += 1
                _halt(recorder, one.case, judged)
            else:
                leave.append((one, judged))
        made = _send(exchange, recorder, batch, agreement, roster, leave, officer)
        released = _release_rest(exchange, recorder, batch, stays)
    return Disclosed(batch.id, len(leave), tuple(p.id for p in made), dict(halted), released)


def _waiting(exchange: Exchange, recorder: Recorder, batch: Batch) -> list[_Ready]:
    """The undecided cases with their sealed requests and the flags as of this moment."""
    kek = exchange.keys.kek()
    found: list[tuple[Case, dict[str, Json], str | None]] = []
    for case in cases.cases(recorder.connection, batch.id, UNDECIDED):
        opened = acts.payload(recorder.connection, kek, case.entry)
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
    ready: list[_Ready] = []
    for case, request, person in found:
        reach = Reach(
            agreement=batch.agreement,
            batch=batch.id,
            row=case.row,
            statute=str(request.get("statute") or ""),
            flags=flags.get(person or "", frozenset()),
        )
        ready.append(_Ready(case, reach, request, person if person in flags else None))
    return ready


def _halt(recorder: Recorder, case: Case, halt: Halt) -> None:
    """Keep what the case has become. The public entry says nothing: see reviewing._record."""
    if halt.outcome is case.outcome:
        return
    rules = set(case.rules)
    if halt.outcome is Outcome.HELD:
        rules.add("subject.protected")
        cases.void_decisions(recorder.connection, case.batch, case.row)
    else:
        rules.add("stay.none")
    recorder.record(
        "review.recorded",
        {},
        payload={"request": case.request, "became": halt.outcome.value, "reason": halt.reason},
        key_name=case.request,
    )
    cases.set_case(
        recorder.connection,
        case.batch,
        case.row,
        outcome=halt.outcome.value,
        rules=";".join(sorted(rules)),
    )


def _send(
    exchange: Exchange,
    recorder: Recorder,
    batch: Batch,
    agreement: Agreement,
    roster: Roster,
    leave: list[tuple[_Ready, Release]],
    officer: str,
) -> list[Package]:
    """Read the agreed items, make a package a recipient, record all of it."""
    if not leave:
        return []
    answers: dict[str, list[tuple[int, Mapping[str, Json]]]] = {}
    with ItemVault.open(exchange.registry_path, exchange.keys.derived("registry")) as vault:
        given = vault.read([r for _, r in leave], agreement.items)
    for one, leaving in leave:
        answer: dict[str, Json] = {
            "request": one.case.request,
            "request_id": one.request.get("request_id"),
            "case_number": one.request.get("case_number"),
            "purpose": one.request.get("proceeding"),
            "statute": one.request.get("statute"),
            "items": given[leaving.request],
        }
        for recipient in leaving.recipients:
            answers.setdefault(recipient, []).append((one.case.row, answer))
    made: list[Package] = []
    number = cases.package_count(recorder.connection, batch.id)
    carried: list[dict[str, object]] = []
    for recipient in sorted(answers):
        number += 1
        person = roster.officer(recipient)
        assert person is not None
        assert person.encryption_key is not None
        package = make_package(
            manifest={
                "package": f"{batch.id}-p{number:04d}",
                "agreement": agreement.id,
                "agreement_version": agreement.version,
                "agreement_digest": agreement_digest(agreement),
                "batch": batch.id,
                "holder": exchange.settings.holder,
                "recipient": recipient,
                "released_by": officer,
                "made": stamp(exchange.clock.now()),
                "label": [item.label for item in agreement.items],
            },
            answers=[answer for _, answer in answers[recipient]],
            recipient_key=person.encryption_key,
            holder_key=exchange.keys.package_signer(),
        )
        made.append(package)
        carried += [
            {"package": package.id, "batch": batch.id, "row": row} for row, _ in answers[recipient]
        ]
        body: dict[str, Json] = {"package": package.id, "batch": batch.id, "recipient": recipient}
        body |= {"answers": len(answers[recipient]), "digest": package.digest}
        done = recorder.record("package.made", body, agreement=agreement.id)
        stored: dict[str, object] = {"id": package.id, "batch": batch.id, "recipient": recipient}
        stored |= {"digest": package.digest, "content": package.content, "made": done.at}
        cases.insert(recorder.connection, packages, [stored])
    _record_answers(exchange, recorder, agreement, leave, given)
    cases.insert(recorder.connection, deliveries, carried)
    return made


def _record_answers(
    exchange: Exchange,
    recorder: Recorder,
    agreement: Agreement,
    leave: list[tuple[_Ready, Release]],
    given: Mapping[str, Json],
) -> None:
    rows: list[dict[str, object]] = []
    for one, leaving in leave:
        case = one.case
        done = recorder.record(
            "request.answered",
            {"status": Status.DISCLOSED.value},
            agreement=agreement.id,
            request=case.request,
            payload={
                "person_id": leaving.person_id,
                "recipients": list(leaving.recipients),
                "items": given[leaving.request],
            },
            key_name=case.request,
        )
        person = exchange.pseudonym("person", leaving.person_id)
        row: dict[str, object] = {"batch": case.batch, "row": case.row, "person": person}
        rows.append(row | {"entry": done.number, "at": done.at})
        cases.set_case(
            recorder.connection,
            case.batch,
            case.row,
            outcome=Outcome.DISCLOSED.value,
            status=Status.DISCLOSED.value,
        )
    cases.insert(recorder.connection, disclosures, rows)


def _release_rest(
    exchange: Exchange, recorder: Recorder, batch: Batch, stays: tuple[Stay, ...]
) -> bool:
    """Tell what is still pending, all at once, if nothing waits and no stay covers any of it.

    That somebody is not in the registry is an answer too: a stay that covers the batch, its
    agreement or a statute stops it like any other."""
    connection = recorder.connection
    left = cases.cases(connection, batch.id, [*UNDECIDED, Outcome.NOT_VERIFIED])
    now = exchange.clock.now()
    kek = exchange.keys.kek()
    if any(case.outcome in UNDECIDED for case in left):
        return False
    binding = tuple(s for s in stays if s.in_force(now) and s.scope.seen_by_requester)
    if binding:
        for case in left:
            request = acts.payload(connection, kek, case.entry)["request"]
            statute = str(request.get("statute")) if isinstance(request, Mapping) else ""
            if covering(binding, Reach(batch.agreement, batch.id, case.row, statute), now):
                return False
    for case in left:
        recorder.record(
            "request.answered",
            {"status": Status.NOT_VERIFIED.value},
            agreement=batch.agreement,
            request=case.request,
        )
        cases.set_case(connection, batch.id, case.row, status=Status.NOT_VERIFIED.value)
    counts = cases.counts_by(connection, "status", batch.id)
    recorder.record(
        "batch.released",
        {"batch": batch.id, "received": batch.rows, **{s.value: counts.get(s, 0) for s in Status}},
        agreement=batch.agreement,
    )
    cases.set_batch(connection, batch.id, state="released", released=stamp(now))
    return True


def _named(request: Mapping[str, Json]) -> tuple[str, ...]:
    named = request.get("recipients")
    return tuple(str(n) for n in named) if isinstance(named, list | tuple) else ()
