"""What a rule found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from comity.core.canonical import Json
from comity.core.citation import Citation
from comity.core.outcome import Outcome


class Verdict(StrEnum):
    """How a rule came out on a request."""

    MET = "met"
    UNMET = "unmet"
    REVIEW = "for_review"
    NOT_RUN = "not_run"


@dataclass(frozen=True)
class Finding:
    """One rule applied to one request.

    `reason` says in one sentence what was found and `cure` what would mend it; neither ever quotes
    the request. `outcome` is what an unmet (or for-review) finding leads to."""

    rule: str
    verdict: Verdict
    citation: Citation
    outcome: Outcome
    reason: str = ""
    cure: str = ""

    def to_json(self) -> dict[str, Json]:
        """The finding as stored, sealed and replayed.

        One that is met says no more than that: its citation stands in the agreement, which the
        determination names by its digest. Two thirds of what is sealed of a request would else be
        the citations of rules that it meets."""
        said: dict[str, Json] = {"rule": self.rule, "verdict": self.verdict.value}
        if self.verdict is Verdict.MET:
            return said
        return said | {
            "citation": str(self.citation),
            "outcome": self.outcome.value,
            "reason": self.reason,
            "cure": self.cure,
        }


def deficiency(findings: Iterable[Finding]) -> Outcome | None:
    """`refused` if any unmet rule refuses, else `returned` if any is unmet, else None: sound."""
    unmet = {finding.outcome for finding in findings if finding.verdict is Verdict.UNMET}
    if Outcome.REFUSED in unmet:
        return Outcome.REFUSED
    return Outcome.RETURNED if unmet else None
