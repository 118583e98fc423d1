"""Who may receive under an agreement: one answer, asked when a request is examined and again when
it is answered."""

from __future__ import annotations

from datetime import datetime

from comity.agreement.model import RecipientPolicy
from comity.agreement.roster import Officer


def unfit(policy: RecipientPolicy, officer: Officer | None, at: datetime) -> str:
    """Why an officer may not receive at that moment, as the end of a sentence; '' where nothing
    stands against it."""
    if officer is None:
        return "is not on the requester's roster"
    offices = officer.offices_at(at)
    if not offices:
        return "holds no office today"
    if policy.offices and not set(offices) & set(policy.offices):
        return "holds none of the offices that may receive"
    if policy.training_required and not officer.trained_at(at):
        return "has no training in force"
    if officer.encryption_key is None:
        return "has no key on the roster to encrypt to"
    return ""
