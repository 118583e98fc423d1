"""Approvals and denials: signed statements of officers about determinations, with a reason each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from comity.core.canonical import Json
from comity.core.clock import stamp
from comity.core.errors import UsageError
from comity.core.outcome import Outcome
from comity.core.statement import Statement, sign

KIND = "review-decision"
MIN_REASON = 10
APPROVERS_OF_HELD = 2
"""A held case is a human decision of two persons (LAW, section 9: HOLD)."""


class Verdict(StrEnum):
    """What an officer decides on a request."""

    APPROVE = "approve"
    DENY = "deny"


@dataclass(frozen=True)
class Decision:
    """One officer's verdict on one determination."""

    request: str
    determination: str
    verdict: Verdict
    officer: str
    reason: str
    at: datetime

    def to_json(self) -> dict[str, Json]:
        """What is signed: the verdict is bound to the very determination, by its commitment."""
        return {
            "request": self.request,
            "determination": self.determination,
            "verdict": self.verdict.value,
            "officer": self.officer,
            "reason": self.reason,
            "at": stamp(self.at),
        }

    def sign(self, key: Ed25519PrivateKey) -> Statement:
        """The signed statement."""
        return sign(KIND, self.to_json(), key)


def check_reason(reason: str) -> str:
    """The reason, trimmed. Raises UsageError where it says nothing."""
    kept = " ".join(reason.split())
    if len(kept) < MIN_REASON:
        raise UsageError(
            f"A decision needs a reason of at least {MIN_REASON} characters.",
            cure='Say why, with --reason "…".',
        )
    return kept


def approvers_needed(outcome: Outcome, agreed: int) -> int:
    """How many officers must approve: as agreed, and never fewer than two for a held case."""
    return max(agreed, APPROVERS_OF_HELD) if outcome is Outcome.HELD else agreed


def standing(verdicts: list[Verdict], needed: int) -> Verdict | None:
    """Where the decisions so far leave a request: one denial denies it, enough approvals approve
    it, and otherwise it is open (None)."""
    if Verdict.DENY in verdicts:
        return Verdict.DENY
    return Verdict.APPROVE if verdicts.count(Verdict.APPROVE) >= needed else None
