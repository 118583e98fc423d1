"""`determine`: from agreement, request, findings, match and stays to one outcome. Pure.

The order is the law's: what is deficient is answered before anything is looked up (R20), so a
match is only ever judged where every finding is met; doubt about the person is never disclosed
(R06, R17); a stay stops what would otherwise be ready (R27).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from comity.agreement.model import Agreement, Element
from comity.core.canonical import Json, digest
from comity.core.citation import Citation
from comity.core.clock import stamp
from comity.core.outcome import Outcome
from comity.determination.stay import Reach, Stay, covering
from comity.examination.finding import Finding, Verdict, deficiency
from comity.identity.match import Decision, Match

RULES_VERSION = "1"
"""Named in every determination. Raise it with any change of a rule or of this function that can
change an outcome; docs/adr tells how old versions stay runnable."""


@dataclass(frozen=True)
class Determination:
    """What was decided about one request, on what grounds, as of when."""

    request: str
    outcome: Outcome
    findings: tuple[Finding, ...]
    evidence_digest: str
    agreement_digest: str
    rules_version: str
    at: datetime

    def grounds(self) -> tuple[Finding, ...]:
        """The findings that are unmet or for review."""
        return tuple(f for f in self.findings if f.verdict in (Verdict.UNMET, Verdict.REVIEW))

    def to_json(self) -> dict[str, Json]:
        """The determination as sealed, and compared bit for bit by a replay."""
        return {
            "request": self.request,
            "outcome": self.outcome.value,
            "findings": [f.to_json() for f in self.findings],
            "evidence_digest": self.evidence_digest,
            "agreement_digest": self.agreement_digest,
            "rules_version": self.rules_version,
            "at": stamp(self.at),
        }


def determine(
    agreement: Agreement,
    agreement_digest: str,
    reach: Reach,
    findings: Sequence[Finding],
    match: Match | None,
    stays: tuple[Stay, ...],
    at: datetime,
) -> Determination:
    """Decide one request.

    `findings` are the examination's, `match` is None exactly where one of them is unmet. Raises
    ValueError if a sound request comes without a match, or a deficient one with a match: both
    would be mistakes of the caller that must not pass for a decision."""
    settled = list(findings)
    outcome = deficiency(settled)
    if (outcome is None) != (match is not None):
        raise ValueError("a match belongs to a request whose findings are all met, and only there")
    if outcome is None and match is not None:
        about = identity_findings(agreement, match)
        settled += about
        outcome = _of_match(match, about)
        stopped = stay_finding(agreement, stays, reach, at)
        settled.append(stopped)
        if outcome in (Outcome.READY, Outcome.HELD) and stopped.verdict is Verdict.UNMET:
            outcome = Outcome.STAYED
    assert outcome is not None
    return Determination(
        request=reach.request,
        outcome=outcome,
        findings=tuple(settled),
        evidence_digest=digest(cast("Json", dict(match.evidence) if match else {})),
        agreement_digest=agreement_digest,
        rules_version=RULES_VERSION,
        at=at,
    )


def identity_findings(agreement: Agreement, match: Match) -> list[Finding]:
    """`subject.protected` and `identity.conflict` on a match."""
    return [_protected(agreement, match.flags), _conflict(agreement, match)]


def stay_finding(
    agreement: Agreement, stays: tuple[Stay, ...], reach: Reach, at: datetime
) -> Finding:
    """`stay.none`: no stay in force covers the request."""
    _, citation = _element(agreement, "stay.none", Citation("orders of courts", law="R27"))
    if not covering(stays, reach, at):
        return Finding("stay.none", Verdict.MET, citation, Outcome.STAYED)
    return Finding(
        "stay.none",
        Verdict.UNMET,
        citation,
        Outcome.STAYED,
        reason="A stay covers this request.",
        cure="It can be answered once the stay is lifted.",
    )


def is_protected(agreement: Agreement, flags: frozenset[str]) -> bool:
    """Whether a record with these flags is held for a human.

    Any flag protects, unless the agreement's element lists those that do."""
    element, _ = _element(agreement, "subject.protected", Citation(""))
    listed = element.parameters.get("flags") if element else None
    if isinstance(listed, tuple | list):
        return bool(flags & frozenset(str(flag) for flag in listed))
    return bool(flags)


def _of_match(match: Match, about: Sequence[Finding]) -> Outcome:
    if any(f.verdict is Verdict.UNMET for f in about):
        return Outcome.HELD
    return Outcome.READY if match.decision is Decision.CONFIRMED else Outcome.NOT_VERIFIED


def _protected(agreement: Agreement, flags: frozenset[str]) -> Finding:
    _, citation = _element(
        agreement, "subject.protected", Citation("26 USC 6103(i)(6)", law="R15, R17")
    )
    if not is_protected(agreement, flags):
        return Finding("subject.protected", Verdict.MET, citation, Outcome.HELD)
    return Finding(
        "subject.protected",
        Verdict.UNMET,
        citation,
        Outcome.HELD,
        reason="The matched record bears a flag.",
        cure="An officer of the holder decides.",
    )


def _conflict(agreement: Agreement, match: Match) -> Finding:
    _, citation = _element(
        agreement, "identity.conflict", Citation("D. Mass. 5 Feb 2026; TIGTA 8 Jun 2026", law="R17")
    )
    if not match.conflict:
        return Finding("identity.conflict", Verdict.MET, citation, Outcome.HELD)
    return Finding(
        "identity.conflict",
        Verdict.UNMET,
        citation,
        Outcome.HELD,
        reason="Number and name with address point to different persons.",
        cure="An officer of the holder decides; no person is certain.",
    )


def _element(agreement: Agreement, rule: str, default: Citation) -> tuple[Element | None, Citation]:
    for element in agreement.elements:
        if element.rule == rule:
            return element, element.citation
    return None, default
