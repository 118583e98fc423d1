"""Imposing and lifting holds: what a court or an inspector may ask for is not disposed of."""

from __future__ import annotations

from comity.core.errors import UsageError
from comity.determination.stay import Scope, Stay
from comity.disclosure.retention import HOLDABLE
from comity.exchange import orders
from comity.exchange.officers import Credentials, exchange_target, identify, permit
from comity.exchange.opening import Exchange
from comity.exchange.orders import Register
from comity.exchange.staying import named
from comity.review.decision import check_reason
from comity.store import parties
from comity.store.tables import holds

HOLDS = Register("hold", holds)


def add_hold(
    exchange: Exchange, scope: Scope, value: str, order: str, credentials: Credentials
) -> Stay:
    """Impose a hold, in force from now on. `order` says on whose authority (court, docket, date).

    For an officer with the authority `stay`. Raises UsageError for a scope that a hold cannot have,
    or a value that names nothing here."""
    actor = identify(exchange, credentials)
    permit(exchange, actor, "hold", exchange_target(exchange))
    if scope not in HOLDABLE:
        raise UsageError(
            f"A hold cannot be on a {scope.value}.",
            where="--scope",
            cure=f"Choose one of {', '.join(HOLDABLE)}.",
        )
    value, order = named(exchange, scope, value.strip()), check_reason(order)
    with exchange.recording() as recorder:
        made, said = orders.impose(exchange, recorder, HOLDS, scope, value, order, credentials)
        recorder.record("hold.added", {"hold": made.id}, payload=said)
    return made


def lift_hold(exchange: Exchange, name: str, reason: str, credentials: Credentials) -> None:
    """Lift a hold: another officer than the one who imposed it. Raises UsageError if there is no
    such hold in force."""
    reason = check_reason(reason)
    actor = identify(exchange, credentials)
    target = exchange_target(exchange, imposed_by=orders.imposer(exchange, HOLDS, name))
    permit(exchange, actor, "lift-hold", target)
    with exchange.recording() as recorder:
        said = orders.lift(exchange, recorder, HOLDS, name, reason, credentials)
        recorder.record("hold.lifted", {"hold": name}, payload=said)


def all_holds(exchange: Exchange) -> tuple[Stay, ...]:
    """Every hold ever imposed, oldest first."""
    with exchange.database.reading() as connection:
        return parties.all_stays(connection, holds)
