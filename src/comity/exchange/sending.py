"""What goes out when a batch closes: packages to the named officers, answers to the rest.

Written inside the transaction of the disclosure; see disclosing.py for when.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from comity.agreement.digest import agreement_digest
from comity.agreement.model import Agreement
from comity.agreement.roster import Roster
from comity.core.canonical import Json
from comity.core.clock import stamp
from comity.core.outcome import Outcome, Status
from comity.determination.stay import Reach, Stay, covering
from comity.disclosure.package import Package, make_package
from comity.disclosure.release import Release
from comity.exchange.opening import Exchange
from comity.exchange.record import Recorder
from comity.store import acts, cases
from comity.store.cases import UNDECIDED, Batch, Case
from comity.store.tables import deliveries, disclosures, packages


@dataclass(frozen=True)
class Leaving:
    """A case that goes out: its request as sealed, the leave to answer it, and the items."""

    case: Case
    request: Mapping[str, Json]
    release: Release
    items: Mapping[str, Json]


def send(
    exchange: Exchange,
    recorder: Recorder,
    batch: Batch,
    agreement: Agreement,
    roster: Roster,
    leaving: Sequence[Leaving],
    officer: str,
) -> list[Package]:
    """Make a package a recipient, and record packages and answers."""
    answers: dict[str, list[tuple[int, Mapping[str, Json]]]] = {}
    for one in leaving:
        for recipient in one.release.recipients:
            row = (one.case.row, _answer(one))
            answers.setdefault(recipient, []).append(row)
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
        _record_package(recorder, batch, agreement, package, len(answers[recipient]))
    _record_answers(exchange, recorder, agreement, leaving)
    cases.insert(recorder.connection, deliveries, carried)
    return made


def _answer(one: Leaving) -> dict[str, Json]:
    """What a recipient gets of one request."""
    asked = one.request
    return {
        "request": one.case.request,
        "request_id": asked.get("request_id"),
        "case_number": asked.get("case_number"),
        "purpose": asked.get("proceeding"),
        "statute": asked.get("statute"),
        "items": one.items,
    }


def _record_package(
    recorder: Recorder, batch: Batch, agreement: Agreement, package: Package, answers: int
) -> None:
    body: dict[str, Json] = {"package": package.id, "batch": batch.id}
    body |= {"recipient": package.recipient, "answers": answers, "digest": package.digest}
    done = recorder.record("package.made", body, agreement=agreement.id)
    row: dict[str, object] = {"id": package.id, "batch": batch.id, "recipient": package.recipient}
    row |= {"digest": package.digest, "content": package.content, "made": done.at}
    cases.insert(recorder.connection, packages, [row])


def _record_answers(
    exchange: Exchange, recorder: Recorder, agreement: Agreement, leaving: Sequence[Leaving]
) -> None:
    rows: list[dict[str, object]] = []
    for one in leaving:
        case, leave = one.case, one.release
        done = recorder.record(
            "request.answered",
            {"status": Status.DISCLOSED.value},
            agreement=agreement.id,
            request=case.request,
            payload={
                "person_id": leave.person_id,
                "recipients": list(leave.recipients),
                "items": one.items,
            },
            key_name=case.request,
        )
        person = exchange.pseudonym("person", leave.person_id)
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


def release_rest(
    exchange: Exchange, recorder: Recorder, batch: Batch, stays: tuple[Stay, ...]
) -> bool:
    """Tell what is still pending, all at once, if nothing waits and no stay covers any of it.

    That somebody is not in the registry is an answer too: a stay that covers the batch, its
    agreement or a statute stops it like any other."""
    connection = recorder.connection
    left = cases.cases(connection, batch.id, [*UNDECIDED, Outcome.NOT_VERIFIED])
    now = exchange.clock.now()
    keys = exchange.keys
    if any(case.outcome in UNDECIDED for case in left):
        return False
    binding = tuple(s for s in stays if s.in_force(now) and s.scope.seen_by_requester)
    if binding:
        for case in left:
            request = acts.payload(connection, keys, case.entry)["request"]
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
