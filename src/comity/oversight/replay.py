"""Replay: a determination made anew from what was sealed of it, and compared bit for bit. Pure.

The rules are applied to the sealed request, the identity decision is taken from the sealed
evidence, and `determine` puts the two together again. What comes out must have the same canonical
bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from comity.agreement.model import Agreement
from comity.core.canonical import Json, canonical
from comity.core.clock import parse_moment
from comity.determination.determine import Determination, determine
from comity.determination.stay import Reach, Stay
from comity.examination.finding import Finding
from comity.identity.decision import replay as decide_again
from comity.identity.doubts import AGREES, agreements
from comity.identity.evidence import CandidateEvidence, policy_to_json
from comity.identity.match import Decision, Match


def differences(
    sealed: Mapping[str, Any],
    findings: Sequence[Finding],
    agreement: Agreement,
    agreement_digest: str,
    reach: Reach,
    stays: tuple[Stay, ...],
) -> list[str]:
    """Where the sealed dossier (see exchange.dossier) is not what comes out now, in words that name
    fields and rules but no data; empty where it is the same to the last bit.

    `findings` are what the rules say now; `reach` is without the match's flags."""
    match = None if sealed["match"] is None else Match.from_json(reach.request, sealed["match"])
    found = [] if match is None else _of_match(match, agreement)
    if match is not None:
        reach = Reach(reach.agreement, reach.batch, reach.row, reach.statute, match.flags)
    then = sealed["determination"]
    try:
        again = determine(
            agreement, agreement_digest, reach, findings, match, stays, parse_moment(then["at"])
        )
    except ValueError:  # what was looked up would not be now, or the other way round
        return found + _of_findings(then["findings"][: len(findings)], findings)
    return found + _of_determination(then, again)


def _of_match(match: Match, agreement: Agreement) -> list[str]:
    """What of a match does not follow from its evidence."""
    policy, evidence = agreement.identity, match.evidence
    if evidence["policy"] != policy_to_json(policy):
        return ["match: it was decided under another identity policy than the agreement's"]
    verdict = decide_again(policy, evidence)
    about = None
    if verdict.about is not None:
        about = CandidateEvidence.from_json(_candidates(evidence)[verdict.about])
    confirmed = verdict.decision is Decision.CONFIRMED
    agreed = agreements(policy, about) if about else (None,) * 4
    again = {
        "decision": verdict.decision,
        "reason": verdict.reason,
        "conflict": verdict.conflict,
        "flags": verdict.flags,
        "person_id": about.person_id if about and confirmed else None,
        "weight": about.weight if about else 0.0,
        **dict(zip(AGREES, agreed, strict=True)),
    }
    return [f"match: {name}" for name, value in again.items() if getattr(match, name) != value]


def _candidates(evidence: Mapping[str, Json]) -> Sequence[Mapping[str, Any]]:
    listed = evidence["candidates"]
    assert isinstance(listed, Sequence)
    return [one for one in listed if isinstance(one, Mapping)]


def _of_determination(then: Mapping[str, Any], again: Determination) -> list[str]:
    now = again.to_json()
    if canonical(then) == canonical(now):
        return []
    found = [name for name in now if name != "findings" and then.get(name) != now[name]]
    found += _of_findings(then["findings"], again.findings)
    return found or ["findings: their order"]


def _of_findings(then: Sequence[Mapping[str, Any]], now: Sequence[Finding]) -> list[str]:
    """The rules whose findings differ."""
    before = {one["rule"]: one for one in then}
    after = {one.rule: one.to_json() for one in now}
    return [
        f"finding: {rule}"
        for rule in dict.fromkeys([*before, *after])
        if before.get(rule) != after.get(rule)
    ]
