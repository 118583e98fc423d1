"""Imposing and lifting stays."""

from __future__ import annotations

import json

import sqlalchemy as sa

from comity.core.clock import stamp
from comity.core.errors import UsageError
from comity.core.statement import sign
from comity.core.statute import parse_statute
from comity.determination.stay import Scope, Stay
from comity.exchange.officers import (
    Credentials,
    current_roster,
    exchange_target,
    identify,
    permit,
)
from comity.exchange.opening import Exchange
from comity.exchange.parties import adopted_agreement
from comity.exchange.record import Recorder
from comity.exchange.reviewing import find
from comity.exchange.status import batch_statuses
from comity.identity.record import FLAGS
from comity.review.decision import check_reason
from comity.store import parties
from comity.store.tables import stays


def add_stay(
    exchange: Exchange, scope: Scope, value: str, order: str, credentials: Credentials
) -> Stay:
    """Impose a stay, in force from now on. `order` says on whose authority (court, docket, date).

    Raises UsageError for a scope without its value, or a value that names nothing here: a stay
    with a slip in it would stop nobody."""
    actor = identify(exchange, credentials)
    permit(exchange, actor, "stay", exchange_target(exchange))
    value = _named(exchange, scope, value.strip())
    order = check_reason(order)
    with exchange.recording() as recorder:
        return impose(exchange, recorder, scope, value, order, credentials)


def impose(
    exchange: Exchange,
    recorder: Recorder,
    scope: Scope,
    value: str,
    order: str,
    credentials: Credentials,
) -> Stay:
    """Impose a stay in the transaction of another act. The officer's authority, and that the value
    names something, are the caller's to check."""
    number = len(parties.all_stays(recorder.connection)) + 1
    name, at = f"s{number:04d}", exchange.clock.now()
    said = sign(
        "stay",
        {
            "stay": name,
            "scope": scope.value,
            "value": value,
            "order": order,
            "officer": credentials.officer,
            "at": stamp(at),
        },
        credentials.key,
    )
    envelope = said.to_json()
    recorder.record("stay.added", {"stay": name}, payload=envelope)
    row = {"id": name, "scope": scope.value, "value": value, "order": order}
    row |= {"imposed": stamp(at), "imposed_by": credentials.officer}
    parties.add(recorder.connection, stays, row | {"imposing": json.dumps(envelope)})
    return Stay(name, scope, value, at)


def lift_stay(exchange: Exchange, name: str, reason: str, credentials: Credentials) -> None:
    """Lift a stay: another officer than the one who imposed it. Raises UsageError if there is no
    such stay in force."""
    reason = check_reason(reason)
    actor = identify(exchange, credentials)
    with exchange.database.reading() as connection:
        query = sa.select(stays.c.imposed_by, stays.c.lifted).where(stays.c.id == name)
        found = connection.execute(query).one_or_none()
    if found is None or found.lifted is not None:
        raise UsageError("No stay of this id is in force.", cure="See `comity stay list`.")
    permit(exchange, actor, "lift", exchange_target(exchange, imposed_by=found.imposed_by))
    with exchange.recording() as recorder:
        at = stamp(exchange.clock.now())
        body = {"stay": name, "reason": reason, "officer": actor.officer.id, "at": at}
        envelope = sign("stay-lifted", body, credentials.key).to_json()
        recorder.record("stay.lifted", {"stay": name}, payload=envelope)
        recorder.connection.execute(
            sa.update(stays)
            .where(stays.c.id == name)
            .values(lifted=at, lifted_by=actor.officer.id, lifting=json.dumps(envelope))
        )


def all_stays(exchange: Exchange) -> tuple[Stay, ...]:
    """Every stay ever imposed, oldest first."""
    with exchange.database.reading() as connection:
        return parties.all_stays(connection)


def _named(exchange: Exchange, scope: Scope, value: str) -> str:
    """The value as stays are compared by it, once it is known to name something."""
    if (scope is Scope.EXCHANGE) == bool(value):
        raise UsageError(
            f"A stay on `{scope.value}` "
            + ("takes no value." if scope is Scope.EXCHANGE else "needs a value."),
            cure="E.g. --scope agreement --value us-irs-ice-2025, or --scope exchange.",
        )
    match scope:
        case Scope.AGREEMENT:
            adopted_agreement(exchange, value)
        case Scope.STATUTE:
            _check_statute(exchange, value)
        case Scope.BATCH:
            batch_statuses(exchange, value)
        case Scope.REQUEST:
            return find(exchange, value)[1].request
        case Scope.RECIPIENT:
            roster = current_roster(exchange, exchange.settings.requester)
            if roster is None or roster.officer(value) is None:
                raise UsageError(
                    "No officer of this id is on the requester's roster.",
                    cure="Name the officer's id as the roster has it.",
                )
        case Scope.CLASS if value not in FLAGS:
            raise UsageError(
                "No class of subjects has this name.", cure=f"The classes are {', '.join(FLAGS)}."
            )
    return value


def _check_statute(exchange: Exchange, value: str) -> None:
    with exchange.database.reading() as connection:
        adopted = parties.agreement_ids(connection)
    programmes = {
        statute.statute.casefold()
        for agreement in adopted
        for statute in adopted_agreement(exchange, agreement).agreement.statutes
    }
    if parse_statute(value) is None and value.casefold() not in programmes:
        raise UsageError(
            "This is neither a citation nor a programme of an agreement.",
            cure="Write it as `8 USC 1253(a)(1)`.",
        )
