"""Imposing and lifting stays."""

from __future__ import annotations

from comity.core.errors import UsageError
from comity.core.statute import parse_statute
from comity.determination.stay import Scope, Stay
from comity.exchange import orders
from comity.exchange.officers import (
    Credentials,
    current_roster,
    exchange_target,
    identify,
    permit,
)
from comity.exchange.opening import Exchange
from comity.exchange.orders import Register
from comity.exchange.parties import adopted_agreement
from comity.exchange.record import Recorder
from comity.exchange.reviewing import find
from comity.exchange.status import batch_statuses
from comity.identity.record import FLAGS
from comity.review.decision import check_reason
from comity.store import parties
from comity.store.tables import stays

STAYS = Register("stay", stays)


def add_stay(
    exchange: Exchange, scope: Scope, value: str, order: str, credentials: Credentials
) -> Stay:
    """Impose a stay, in force from now on. `order` says on whose authority (court, docket, date).

    Raises UsageError for a scope without its value, or a value that names nothing here: a stay
    with a slip in it would stop nobody."""
    actor = identify(exchange, credentials)
    permit(exchange, actor, "stay", exchange_target(exchange))
    value, order = named(exchange, scope, value.strip()), check_reason(order)
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
    made, said = orders.impose(exchange, recorder, STAYS, scope, value, order, credentials)
    recorder.record("stay.added", {"stay": made.id}, payload=said)
    return made


def lift_stay(exchange: Exchange, name: str, reason: str, credentials: Credentials) -> None:
    """Lift a stay: another officer than the one who imposed it. Raises UsageError if there is no
    such stay in force."""
    reason = check_reason(reason)
    actor = identify(exchange, credentials)
    target = exchange_target(exchange, imposed_by=orders.imposer(exchange, STAYS, name))
    permit(exchange, actor, "lift", target)
    with exchange.recording() as recorder:
        said = orders.lift(exchange, recorder, STAYS, name, reason, credentials)
        recorder.record("stay.lifted", {"stay": name}, payload=said)


def all_stays(exchange: Exchange) -> tuple[Stay, ...]:
    """Every stay ever imposed, oldest first."""
    with exchange.database.reading() as connection:
        return parties.all_stays(connection)


def named(exchange: Exchange, scope: Scope, value: str) -> str:
    """The value as orders are compared by it, once it is known to name something. Raises UsageError
    where it names nothing here."""
    if (scope is Scope.EXCHANGE) == bool(value):
        raise UsageError(
            f"An order on `{scope.value}` "
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
