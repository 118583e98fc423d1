"""Calling disclosures back: finding them, opening an incident, saying what was sent, closing it.

Opening is one transaction: the signed statement, the list, the reports to inspector and safeguards
office, a notice to every recipient and the stays, or nothing of it. It waits for nobody. That the
incident is over is said by another officer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from comity.core.canonical import Json, digest
from comity.core.clock import parse_moment, stamp
from comity.core.errors import ConflictError, UsageError
from comity.core.statement import sign
from comity.determination.stay import Scope
from comity.exchange.incident_status import standing_of
from comity.exchange.noticing import incident_of, make_first_notices
from comity.exchange.officers import Credentials, exchange_target, identify, permit
from comity.exchange.opening import Exchange
from comity.exchange.recall_causes import ABOUT_PERSONS, Wrong
from comity.exchange.record import OFFICE_ACT, Recorder
from comity.exchange.staying import impose
from comity.exchange.touched import Found, Tell, find_touched
from comity.oversight.incident import ANSWER_WITHIN, Kind, Touched, report_due
from comity.review.authority import Actor, Target
from comity.review.decision import check_reason
from comity.store import cases, incidents, notices
from comity.store.incidents import Incident
from comity.store.tables import incidents as incident_table

_MAX_WORDS = 200


@dataclass(frozen=True)
class Opening:
    """What the officer says who opens an incident: why, since when it was suspected, whom to ask,
    and how long the recipients have."""

    reason: str
    suspected: datetime
    contact: str = ""
    answer_within: timedelta = ANSWER_WITHIN


@dataclass(frozen=True)
class Opened:
    """An incident that was opened; `already` where the same one was open."""

    incident: str
    due: datetime
    found: Found
    stays: tuple[str, ...]
    already: bool = False


def find(
    exchange: Exchange, credentials: Credentials, wrong: Wrong, tell: Tell = lambda *_: None
) -> Found:
    """What a cause touches, for an officer with the authority `incident`. The search is recorded
    like an act on single cases, so that it does not show."""
    actor = identify(exchange, credentials)
    permit(exchange, actor, "recall", exchange_target(exchange))
    found = find_touched(exchange, wrong, tell)
    with exchange.recording() as recorder:
        payload: dict[str, Json] = {"act": "recall.find", "officer": actor.officer.id}
        payload |= {"cause": wrong.to_json(), "touched": len(found.touched)}
        recorder.record(OFFICE_ACT, {}, payload=payload)
    return found


def open_incident(
    exchange: Exchange,
    credentials: Credentials,
    wrong: Wrong,
    said: Opening,
    *,
    only_certain: bool = False,
    stay: bool = False,
    tell: Tell = lambda *_: None,
) -> Opened:
    """Call back what a cause touches. What cannot be told counts as touched, unless `only_certain`.
    `stay` also stops everything under the agreements concerned, which takes the authority `stay`.

    Raises ConflictError where nothing is touched, UsageError for a suspicion still to come."""
    actor = identify(exchange, credentials)
    permit(exchange, actor, "recall", exchange_target(exchange))
    if stay:
        permit(exchange, actor, "stay", exchange_target(exchange))
    reason, contact = check_reason(said.reason), _contact(actor, said.contact)
    due = report_due(said.suspected, exchange.clock.now())
    found = find_touched(exchange, wrong, tell)
    if only_certain:
        found = found.without_doubtful()
    if not found.touched:
        raise ConflictError(
            "No disclosure is touched, so there is none to call back.",
            cure="Stop what is still to come with `comity stay add`, or look at the cause again.",
        )
    content = _content(exchange, wrong, said.suspected, found.touched)
    with exchange.database.reading() as connection:
        for one in incidents.all_incidents(connection):
            if one.content == content and one.closed is None:
                stays = tuple(filter(None, one.stays.split(";")))
                return Opened(one.id, parse_moment(one.due), found, stays, already=True)
    with exchange.recording() as recorder:
        incident = _record(
            *(exchange, recorder, credentials, actor, wrong, found),
            {"reason": reason, "suspected": stamp(said.suspected), "due": stamp(due)},
            content=content,
            contact=contact,
            answer_by=exchange.clock.now() + said.answer_within,
            stay=stay,
        )
        make_first_notices(exchange, recorder, incident)
    return Opened(incident.id, due, found, tuple(filter(None, incident.stays.split(";"))))


def _record(
    exchange: Exchange,
    recorder: Recorder,
    credentials: Credentials,
    actor: Actor,
    wrong: Wrong,
    found: Found,
    said: dict[str, Json],
    *,
    content: str,
    contact: str,
    answer_by: datetime,
    stay: bool,
) -> Incident:
    """The incident itself: statement, entry, row, list, and the stays that come with it."""
    connection = recorder.connection
    name, at = incidents.next_incident_id(connection), stamp(exchange.clock.now())
    touched: list[Json] = [
        {"request": one.request, "certain": one.certain, "why": list(one.why)}
        for one in found.touched
    ]
    rules = _rules(wrong, found.touched)
    body: dict[str, Json] = {"incident": name, **said, "wrong": wrong.to_json()}
    body |= {"disclosures": len(touched), "touched": digest(touched)}
    body |= {"officer": actor.officer.id, "at": at}
    statement = sign("incident", body, credentials.key).to_json()
    public: dict[str, Json] = {"incident": name, "cause": wrong.cause.public}
    public["rules"] = [rule for rule in rules if rule not in ABOUT_PERSONS]
    public |= {"disclosures": len(touched), "suspected": said["suspected"], "due": said["due"]}
    done = recorder.record(
        "incident.opened", public, payload={"statement": statement, "touched": touched}
    )
    row: dict[str, object] = {"id": name, "cause": wrong.cause.value, "rules": ";".join(rules)}
    row |= {"content": content, "suspected": said["suspected"], "due": said["due"]}
    row |= {"answer_by": stamp(answer_by), "opened": at, "opened_by": actor.officer.id}
    row |= {"contact": contact, "stays": "", "entry": done.number}
    cases.insert(connection, incident_table, [row])
    rows = [(one.batch, one.row, one.certain) for one in found.touched]
    incidents.insert_recalled(connection, name, rows)
    if stay:
        under = incidents.agreements_of(connection, sorted({one.batch for one in found.touched}))
        order = f"Incident {name}: {said['reason']}"
        imposed = [
            impose(exchange, recorder, Scope.AGREEMENT, agreement, order, credentials).id
            for agreement in sorted({agreement for agreement, _ in under.values()})
        ]
        _set(connection, name, stays=";".join(imposed))
    return incident_of(connection, name)


def tell_sent(
    exchange: Exchange,
    credentials: Credentials,
    notice: str,
    how: str,
    sent: datetime | None = None,
) -> None:
    """Record that a notice went out: when (now, or earlier) and how. The first time stands.

    The entry shows when it was said to have gone out, and its own time when that was said; a report
    past its 24 hours shows as late. Raises UsageError for an unknown notice or a time that cannot
    be, ConflictError for one that is recorded as sent."""
    now = exchange.clock.now()
    at, how = sent or now, check_reason(how)
    with exchange.database.reading() as connection:
        found = notices.notice(connection, notice)
        incident = None if found is None else incident_of(connection, found.incident)
    if found is None or incident is None:
        raise UsageError("There is no notice of this id.", cure="See `comity recall status`.")
    actor = identify(exchange, credentials)
    permit(exchange, actor, "tell", _target(exchange, incident))
    earliest = incident.suspected if Kind(found.kind).oversees else found.made
    if not parse_moment(earliest) <= at <= now:
        raise UsageError(
            f"Notice {notice} cannot have been sent then.",
            where="--at",
            cure="It is a moment between the making of the notice (for a report, the suspicion) "
            "and now.",
        )
    if found.sent is not None:
        raise ConflictError(f"Notice {notice} is recorded as sent.", cure="The first time stands.")
    late = found.due is not None and Kind(found.kind).oversees and stamp(at) > found.due
    with exchange.recording() as recorder:
        body: dict[str, Json] = {"notice": notice, "sent": stamp(at), "how": how}
        body |= {"officer": actor.officer.id, "at": stamp(now)}
        statement = sign("notice-sent", body, credentials.key).to_json()
        public: dict[str, Json] = {"incident": incident.id, "notice": notice, "late": late}
        done = recorder.record("notice.sent", public | {"sent": stamp(at)}, payload=statement)
        notices.set_notice(recorder.connection, notice, sent=stamp(at), recorded=done.at)


def close_incident(
    exchange: Exchange, credentials: Credentials, name: str, because: str | None = None
) -> None:
    """Close an incident, as another officer than the one who opened it.

    Inspector and safeguards office must have been told; whatever else is wanting (answers, copies,
    letters) `because` explains. The encrypted files of its notices go. Raises ConflictError where
    that is not so, or it is closed."""
    with exchange.database.reading() as connection:
        incident = incident_of(connection, name)
    actor = identify(exchange, credentials)
    permit(exchange, actor, "close", _target(exchange, incident))
    if incident.closed is not None:
        raise ConflictError(f"Incident {name} is closed.")
    status = standing_of(exchange, incident)
    if status.unreported:
        raise ConflictError(
            f"The {' and the '.join(status.unreported)} must know of incident {name} first.",
            cure="Send the reports, and say so with `comity recall sent`.",
        )
    if status.wanting and because is None:
        open_yet = "; ".join(f"{words}: {count:,}" for words, count in status.wanting.items())
        raise ConflictError(
            f"Incident {name} is not over ({open_yet}).",
            cure='Say why it may close: --because "…".',
        )
    with exchange.recording() as recorder:
        at = stamp(exchange.clock.now())
        body: dict[str, Json] = {"incident": name, "officer": actor.officer.id, "at": at}
        body |= {"because": None if because is None else check_reason(because)}
        body["wanting"] = dict(status.wanting)
        statement = sign("incident-closed", body, credentials.key).to_json()
        public: dict[str, Json] = {"incident": name, "outstanding": status.outstanding}
        done = recorder.record("incident.closed", public, payload=statement)
        closed = {"closed": at, "closed_by": actor.officer.id, "closing": done.number}
        _set(recorder.connection, name, **closed)
        kinds = [kind.value for kind in Kind if not kind.oversees]
        notices.forget_encrypted(recorder.connection, name, kinds)


def _target(exchange: Exchange, incident: Incident) -> Target:
    attributes = {"holder": exchange.settings.holder, "opened_by": incident.opened_by}
    return Target("Incident", incident.id, attributes)


def _set(connection: sa.Connection, name: str, **values: object) -> None:
    connection.execute(
        sa.update(incident_table).where(incident_table.c.id == name).values(**values)
    )


def _rules(wrong: Wrong, touched: Sequence[Touched]) -> tuple[str, ...]:
    """The rules that were wrong: those named, or those that now object."""
    if wrong.rules:
        return tuple(sorted(wrong.rules))
    found = {
        words.removeprefix("finding: ")
        for one in touched
        for words in one.why
        if words.startswith("finding: ")
    }
    return tuple(sorted(found))


def _content(
    exchange: Exchange, wrong: Wrong, suspected: datetime, touched: Sequence[Touched]
) -> str:
    """Tells one incident from another, so that a command that was run again opens no second."""
    listed: list[Json] = [[one.request, one.certain] for one in touched]
    return exchange.pseudonym("incident", digest([wrong.to_json(), stamp(suspected), listed]))


def _contact(actor: Actor, contact: str) -> str:
    """Whom to ask: what was said, or the officer's office."""
    kept = " ".join(contact.split())[:_MAX_WORDS]
    offices = actor.officer.offices_at(actor.at)
    return kept or ", ".join([*offices[:1], actor.party])
