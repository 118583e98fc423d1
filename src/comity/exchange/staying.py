"""Imposing and lifting stays."""

from __future__ import annotations

import json

import sqlalchemy as sa

from comity.core.clock import stamp
from comity.core.errors import UsageError
from comity.core.statement import sign
from comity.determination.stay import Scope, Stay
from comity.exchange.officers import Credentials, exchange_target, identify, permit
from comity.exchange.opening import Exchange
from comity.review.decision import check_reason
from comity.store import parties
from comity.store.tables import stays


def add_stay(
    exchange: Exchange, scope: Scope, value: str, order: str, credentials: Credentials
) -> Stay:
    """Impose a stay, in force from now on. `order` says on whose authority (court, docket, date).

    Raises UsageError for a scope without its value."""
    if (scope is Scope.EXCHANGE) == bool(value):
        raise UsageError(
            f"A stay on `{scope.value}` "
            + ("takes no value." if scope is Scope.EXCHANGE else "needs a value."),
            cure="E.g. --scope agreement --value us-irs-ice-2025, or --scope exchange.",
        )
    order = check_reason(order)
    actor = identify(exchange, credentials)
    permit(exchange, actor, "stay", exchange_target(exchange))
    with exchange.recording() as recorder:
        number = len(parties.all_stays(recorder.connection)) + 1
        name, at = f"s{number:04d}", exchange.clock.now()
        said = sign(
            "stay",
            {
                "stay": name,
                "scope": scope.value,
                "value": value,
                "order": order,
                "officer": actor.officer.id,
                "at": stamp(at),
            },
            credentials.key,
        )
        envelope = said.to_json()
        recorder.record("stay.added", {"stay": name, "scope": scope.value}, payload=envelope)
        row = {"id": name, "scope": scope.value, "value": value, "order": order}
        row |= {"imposed": stamp(at), "imposed_by": actor.officer.id}
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
