"""How long what is sealed is kept: the clock of the agreement, and the holds that stop it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from comity.agreement.model import Retention
from comity.determination.stay import Reach, Scope, Stay, covering

HOLDABLE = (Scope.EXCHANGE, Scope.AGREEMENT, Scope.BATCH, Scope.REQUEST)
"""What a hold can cover. A hold is a stay of disposal: evidence that a court or an inspector may
ask for is kept, however old."""

METHOD = (
    "Cryptographic erase (NIST SP 800-88): the key-encryption key under which the data keys of "
    "these requests stood was destroyed, and with it every copy of what they seal; data keys, "
    "sealed payloads, pseudonyms and packages were then deleted from the database and its files."
)


def due(released: datetime, retention: Retention) -> datetime:
    """When the payloads of a batch are to be disposed of: so many days after its answers went
    out. A batch whose answers are not out is never due."""
    return released + timedelta(days=retention.payload_days)


@dataclass(frozen=True)
class Held:
    """What holds keep of a batch: the ones that keep all of it, and the rows that others keep."""

    whole: tuple[Stay, ...]
    rows: frozenset[int]


def held(holds: Iterable[Stay], agreement: str, batch: str, at: datetime) -> Held:
    """What the holds in force at that moment keep of a batch."""
    standing = tuple(hold for hold in holds if hold.in_force(at))
    whole = covering(standing, Reach(agreement, batch, 0), at)
    named = (hold.value.split("/") for hold in standing if hold.scope is Scope.REQUEST)
    return Held(whole, frozenset(int(row) for name, row in named if name == batch))
