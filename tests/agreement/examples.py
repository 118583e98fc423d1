"""A small agreement, two rosters and their keys, all made up."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from comity.agreement.loading import parse_agreement
from comity.agreement.model import Agreement
from comity.agreement.roster import Appointment, Officer, Period, Roster
from comity.core.statement import encode_public_key

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = tuple(sorted((ROOT / "agreements").glob("*.yaml")))
AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = datetime(2026, 12, 31, tzinfo=UTC)

AGREEMENT = """\
id: made-up
version: 1
title: A made-up agreement
purpose: To try things out.
parties:
  holder: {id: holder, name: Records Office, signatories: [Director]}
  requester: {id: requester, name: Asking Agency, signatories: [Director]}
authority:
  - source: Made-up Act, section 7
effective: 2026-01-01
facts:
  - {name: order_date, type: date, description: The day of the order.}
statutes:
  - statute: 8 USC 1253(a)(1)
    title: Wilful failure to depart
    kind: criminal
    facts: [order_date]
    citation: {source: 8 USC 1253(a)(1)}
elements:
  - id: name
    rule: name.present
    citation: {source: 26 USC 6103(i)(2)(B)(i), law: R04}
  - id: reason
    rule: reason.individual
    citation: {source: 26 USC 6103(i)(2)(B)(iv)}
    parameters: {max_same: 10}
identity: {requires: [name, address]}
items:
  - item: last_known_address
    citation: {source: 26 USC 6103(i)(2)(C)}
    label: A mailing address.
recipients: {training_required: true}
approvals: {approvers: 1}
limits: {per_day: 10, per_year: 100}
retention:
  payload_days: 30
  citation: {source: 26 USC 6103(p)(4)}
"""


def small() -> Agreement:
    """The small agreement, read."""
    return parse_agreement(AGREEMENT, "small.yaml").agreement


def key(number: int) -> Ed25519PrivateKey:
    """A key that is the same in every run."""
    return Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)


HOLDER_KEY, REQUESTER_KEY, OTHER_KEY = key(1), key(2), key(3)
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))


def officer(
    id: str,
    signing_key: Ed25519PrivateKey,
    period: Period = YEAR,
    office: str = "Director",
    authorities: tuple[str, ...] = ("sign-agreement",),
) -> Officer:
    """An officer of one appointment."""
    return Officer(
        id,
        f"Officer {id}",
        encode_public_key(signing_key.public_key()),
        appointments=(Appointment(office, period, authorities),),
    )


def rosters(holder: Officer | None = None) -> dict[str, Roster]:
    """Both parties' rosters: `head` of the holder, `chief` of the requester."""
    return {
        "holder": Roster("holder", 1, (holder or officer("head", HOLDER_KEY),)),
        "requester": Roster("requester", 1, (officer("chief", REQUESTER_KEY),)),
    }
