"""What an agreement or roster is, as one digest: canonical JSON without the signatures."""

from __future__ import annotations

from typing import cast

from comity.agreement.document import to_plain
from comity.agreement.model import Agreement
from comity.agreement.roster import Roster
from comity.core.canonical import Json, digest


def agreement_json(agreement: Agreement) -> dict[str, Json]:
    """The agreement as plain JSON, without its signatures: what both parties sign."""
    plain = cast("dict[str, Json]", to_plain(agreement))
    return {name: value for name, value in plain.items() if name != "signatures"}


def agreement_digest(agreement: Agreement) -> str:
    """`sha256:…` over the canonical JSON (RFC 8785) of the agreement: without its signatures, and
    without what has its default (see `to_plain`)."""
    return digest(agreement_json(agreement))


def roster_digest(roster: Roster) -> str:
    """`sha256:…` over the canonical JSON of a roster."""
    return digest(cast("dict[str, Json]", to_plain(roster)))
