"""Acting as an officer: the key proves who, the roster says what office, Cedar says whether.

Every refused attempt is recorded before it is told, in a transaction of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from comity.agreement.roster import Roster
from comity.agreement.rosters import parse_roster
from comity.core.errors import AuthorizationError
from comity.core.statement import encode_public_key
from comity.exchange.opening import Exchange
from comity.review.authority import Actor, Target, authorize
from comity.store import parties


@dataclass(frozen=True)
class Credentials:
    """Who says to be acting, and the private key that shall prove it."""

    officer: str
    key: Ed25519PrivateKey


def current_roster(exchange: Exchange, party: str, as_of: str | None = None) -> Roster | None:
    """The newest roster of a party (as it stood at a moment), or None where none was added."""
    with exchange.database.reading() as connection:
        found = parties.roster_text(connection, party, as_of)
    return None if found is None else parsed_roster(found[1], f"roster of {party}")


@lru_cache(maxsize=8)
def parsed_roster(text: str, name: str) -> Roster:
    """A roster is read at every act of an officer, and its YAML takes a quarter of a second."""
    return parse_roster(text, name)


def current_rosters(exchange: Exchange, as_of: str | None = None) -> dict[str, Roster]:
    """The newest roster of each of the exchange's parties that has one."""
    named = (exchange.settings.holder, exchange.settings.requester)
    found = {party: current_roster(exchange, party, as_of) for party in named}
    return {party: roster for party, roster in found.items() if roster is not None}


def identify(exchange: Exchange, credentials: Credentials) -> Actor:
    """The officer whose registered key this is. Raises AuthorizationError, after recording the
    attempt, for an unknown officer or another's key."""
    with logged_refusal(exchange, "identify", credentials.officer):
        return _identify(exchange, credentials)


def permit(exchange: Exchange, actor: Actor, action: str, target: Target) -> None:
    """Raise AuthorizationError, after recording the attempt, unless the policies permit it."""
    with logged_refusal(exchange, action, actor.officer.id, target.id):
        authorize(actor, action, target)


@contextmanager
def logged_refusal(
    exchange: Exchange, action: str, officer: str, target: str = ""
) -> Iterator[None]:
    """Record an AuthorizationError raised inside as a refused attempt, and let it go on."""
    try:
        yield
    except AuthorizationError as error:
        with exchange.recording() as recorder:
            recorder.record(
                "attempt.refused",
                {},
                payload={
                    "action": action,
                    "officer": officer[:128],
                    "target": target,
                    "why": error.what,
                },
            )
        exchange.publish()
        raise


def _identify(exchange: Exchange, credentials: Credentials) -> Actor:
    ours = encode_public_key(credentials.key.public_key())
    for party, roster in current_rosters(exchange).items():
        officer = roster.officer(credentials.officer)
        if officer is None:
            continue
        if officer.signing_key != ours:
            raise AuthorizationError(
                f"The key is not the one on the roster for officer {officer.id}.",
                cure="Use that officer's own key file.",
            )
        return Actor(officer, party, exchange.clock.now())
    raise AuthorizationError(
        "No officer of this id is on a current roster.",
        cure="Check --as, or have the party add a roster with `comity roster add`.",
    )


def exchange_target(exchange: Exchange, **attributes: str) -> Target:
    """The exchange as a thing to act upon."""
    return Target("Exchange", "exchange", {"holder": exchange.settings.holder, **attributes})
