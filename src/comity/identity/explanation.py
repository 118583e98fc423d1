"""A match explained, field by field, for the holder's reviewer. Pure.

An explanation is made from a match's sealed evidence alone, so that it says the same about a match
that was just made and about one that is read again years later. It holds personal data on purpose,
and says more than a requester may learn: it is for the reviewer, never for the requester.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from comity.agreement.model import IdentityPolicy
from comity.core.canonical import Json
from comity.core.errors import UsageError
from comity.identity.decision import Verdict, replay
from comity.identity.doubts import address_agrees, date_agrees, name_agrees, number_agrees
from comity.identity.evidence import CandidateEvidence, Circumstances
from comity.identity.explanation_fields import (
    Contribution,
    FieldExplanation,
    contributions,
    explain_fields,
)
from comity.identity.explanation_reasons import Role, needed, remarks, roles, why
from comity.identity.explanation_words import KEYS, MEANING
from comity.identity.match import Decision, Match

__all__ = [
    "CandidateExplanation",
    "Contribution",
    "Explanation",
    "FieldExplanation",
    "Role",
    "explain",
]


@dataclass(frozen=True)
class CandidateExplanation:
    """One person of the registry beside the request.

    `why` says what the person's part in the decision is. `weight` is in bits; `contributions` add
    up to it, and are empty where the weight model is not known any more. `*_agrees` are those of
    `Match`, of this person."""

    person_id: str
    role: Role
    why: str
    weight: float
    name_agrees: bool
    address_agrees: bool | None
    dob_agrees: bool | None
    tin_agrees: bool | None
    flags: tuple[str, ...]
    fields: tuple[FieldExplanation, ...]
    contributions: tuple[Contribution, ...]

    def to_json(self) -> dict[str, Json]:
        return {
            "person_id": self.person_id,
            "role": self.role.value,
            "why": self.why,
            "weight": self.weight,
            "name_agrees": self.name_agrees,
            "address_agrees": self.address_agrees,
            "dob_agrees": self.dob_agrees,
            "tin_agrees": self.tin_agrees,
            "flags": list(self.flags),
            "fields": [one.to_json() for one in self.fields],
            "contributions": [
                {"fields": list(part.fields), "bits": part.bits} for part in self.contributions
            ],
        }


@dataclass(frozen=True)
class Explanation:
    """What was decided about one request, and why.

    `reason` is the rule's own sentence, `meaning` what the decision is, in general. `candidates`
    are those kept as evidence, out of `compared`: whom the decision is about first, then those
    who decided it, then the others by weight. `cut` says what so many persons share that they were
    not all looked at. `needed` says what would have been enough, or would be the least; empty where
    a person is confirmed. `remarks` say what else the reader must know."""

    key: str
    decision: Decision
    conflict: bool
    reason: str
    meaning: str
    policy: str
    person_id: str | None
    weight: float
    runner_up_weight: float | None
    compared: int
    candidates: tuple[CandidateExplanation, ...]
    cut: tuple[str, ...]
    needed: tuple[str, ...]
    remarks: tuple[str, ...]

    def to_json(self) -> dict[str, Json]:
        """The explanation as a JSON object."""
        return {
            "request_id": self.key,
            "decision": self.decision.value,
            "conflict": self.conflict,
            "reason": self.reason,
            "meaning": self.meaning,
            "policy": self.policy,
            "person_id": self.person_id,
            "weight": self.weight,
            "runner_up_weight": self.runner_up_weight,
            "compared": self.compared,
            "candidates": [one.to_json() for one in self.candidates],
            "cut": list(self.cut),
            "needed": list(self.needed),
            "remarks": list(self.remarks),
        }

    def to_text(self, width: int = 110) -> str:
        """The explanation as plain text, at most `width` columns wide (never under 60)."""
        from comity.identity.explanation_text import render_text

        return render_text(self, width)

    def to_html(self) -> str:
        """The explanation as one HTML page that needs nothing beside itself, with a picture."""
        from comity.identity.explanation_page import Section, render_page

        return render_page([Section(self)])


def explain(match: Match) -> Explanation:
    """Explain a match from its evidence. Raises UsageError where the evidence is of a form that
    this version cannot read."""
    evidence = match.evidence
    if not evidence:
        return _explained(match, "", (), (), (), ())
    try:
        policy = read_policy(evidence)
        kept = [CandidateEvidence.from_json(one) for one in _list(evidence, "candidates")]
        around = Circumstances.from_json(_mapping(evidence, "circumstances"))
        verdict = replay(policy, evidence)
        candidates = _candidates(match, policy, kept, verdict)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise UsageError(
            "The evidence of this match cannot be read.",
            cure="It was sealed by another version of Comity; explain it with that one.",
        ) from None
    return _explained(
        match,
        policy_words(policy),
        candidates,
        tuple(KEYS.get(kind, kind.replace("_", " ")) for kind in around.cut),
        needed(policy, kept, around, verdict, evidence),
        remarks(match, kept, around, verdict, weighed=all(c.contributions for c in candidates)),
    )


def _explained(
    match: Match,
    policy: str,
    candidates: tuple[CandidateExplanation, ...],
    cut: tuple[str, ...],
    enough: tuple[str, ...],
    remarked: tuple[str, ...],
) -> Explanation:
    return Explanation(
        key=match.key,
        decision=match.decision,
        conflict=match.conflict,
        reason=match.reason,
        meaning=MEANING[match.decision],
        policy=policy,
        person_id=match.person_id,
        weight=match.weight,
        runner_up_weight=match.runner_up_weight,
        compared=match.candidates,
        candidates=candidates,
        cut=cut,
        needed=enough,
        remarks=remarked,
    )


def _candidates(
    match: Match, policy: IdentityPolicy, kept: list[CandidateEvidence], verdict: Verdict
) -> tuple[CandidateExplanation, ...]:
    asked = _mapping(match.evidence, "asked")
    model = match.evidence.get("model")
    addressed = "address" in policy.requires
    return tuple(
        CandidateExplanation(
            person_id=kept[i].person_id,
            role=role,
            why=why(policy, kept, verdict, i, role),
            weight=kept[i].weight,
            name_agrees=name_agrees(kept[i]),
            address_agrees=address_agrees(policy, kept[i]) if addressed else None,
            dob_agrees=date_agrees(kept[i]),
            tin_agrees=number_agrees(kept[i]),
            flags=kept[i].flags,
            fields=explain_fields(policy, asked, kept[i]),
            contributions=contributions(kept[i], model if isinstance(model, str) else None),
        )
        for i, role in roles(kept, verdict)
    )


def read_policy(evidence: Mapping[str, Any]) -> IdentityPolicy:
    """The identity policy as sealed (`evidence.policy_to_json`)."""
    sealed = evidence["policy"]
    return IdentityPolicy(sealed["id"], tuple(sealed["requires"]), sealed["house_number"])


def policy_words(policy: IdentityPolicy) -> str:
    """What a policy asks for, in one sentence."""
    called = {"date_of_birth": "birth date"}
    must = [called.get(field, field) for field in policy.requires]
    asked = f"{', '.join(must[:-1])} and {must[-1]}" if len(must) > 1 else "".join(must)
    exact = "; no error in a house number is borne" if policy.house_number == "exact" else ""
    return f"{policy.id}: {asked} must agree, and nothing that is given may contradict{exact}."


def _mapping(evidence: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = evidence[name]
    if not isinstance(value, Mapping):
        raise TypeError(name)
    return value


def _list(evidence: Mapping[str, Any], name: str) -> list[Any]:
    value = evidence[name]
    if not isinstance(value, list | tuple):
        raise TypeError(name)
    return list(value)
