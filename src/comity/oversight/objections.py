"""What a corrected rule, agreement or stay has to object to a disclosure. Pure.

A replay asks whether the same comes out; this asks whether the answer could have gone out. Only
what was not known when it went out counts: a case that was held for a flag, and approved by two
officers, is not touched by that flag.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from comity.agreement.model import Agreement
from comity.determination.determine import is_protected
from comity.examination.finding import Finding, Verdict
from comity.identity.decision import replay as decide_again
from comity.identity.evidence import VERSION
from comity.identity.match import Decision
from comity.oversight.incident import CANNOT_TELL

IDENTITY = "identity"
"""Stands among rule ids for the decision about the person."""
_AGAINST = (Verdict.UNMET.value, Verdict.REVIEW.value)


def objections(
    sealed: Mapping[str, Any],
    findings: Sequence[Finding],
    agreement: Agreement,
    only: Collection[str] = (),
) -> list[str]:
    """Why this disclosed request would not have been answered so, in words that name rules but no
    data; empty where there is nothing.

    `sealed` is its dossier, `findings` are what the corrected rules say, `agreement` the
    (corrected) agreement. `only` names the rules that count (and `identity`); none: all of them."""
    then = {
        one["rule"]
        for one in sealed["determination"]["findings"]
        if one["verdict"] in _AGAINST and one["rule"] != "stay.none"
    }
    now = [one.rule for one in findings if one.verdict.value in _AGAINST]
    now += _of_identity(sealed, agreement)
    return [
        words(rule)
        for rule in dict.fromkeys(now)
        if rule not in then and (not only or rule.partition(":")[0] in only)
    ]


def words(rule: str) -> str:
    """A rule, or what was found about the person, as it is listed."""
    return rule if rule.startswith(IDENTITY) else f"finding: {rule}"


def _of_identity(sealed: Mapping[str, Any], agreement: Agreement) -> list[str]:
    """What the identity decision, taken again from the sealed evidence, says against it."""
    match = sealed["match"]
    if match is None:
        return [f"{IDENTITY}: nobody was looked up"]
    evidence = match["evidence"]
    if evidence.get("version") != VERSION:
        return [f"{IDENTITY}: {CANNOT_TELL}, the evidence has another form"]
    verdict = decide_again(agreement.identity, evidence)
    found: list[str] = []
    if verdict.conflict:
        found.append("identity.conflict")
    elif verdict.decision is not Decision.CONFIRMED:
        found.append(f"{IDENTITY}: no one person is certain")
    elif evidence["candidates"][verdict.about]["person_id"] != match["person_id"]:
        found.append(f"{IDENTITY}: another person is meant")
    if is_protected(agreement, frozenset(match["flags"])):
        found.append("subject.protected")
    return found
