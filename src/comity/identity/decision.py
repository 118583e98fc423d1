"""The rule: one certain person, or nobody. Pure.

It works on levels (see `compare`) and in words, so that a reviewer can follow it:

1. A candidate is *contradicted* by another birth date, another number, another generation (Jr and
   Sr), another unit or another house; a contradicted candidate is never confirmed.
2. What agrees only loosely is a *doubt* with a weight of its own. A slight doubt may stand alone;
   an ordinary one needs an equal birth date or number beside it; a grave one an equal number, a
   dire one both.
3. Any other person whom the request may just as well mean, at the same address and not
   contradicted, leaves the request ambiguous, unless date or number tell the two apart; and one
   whose name is nearer does so even where date and number are not theirs. So does a namesake at
   exactly the address asked, where the other is reached by a typing error in the address; whoever
   is reached so, with no date or number near, is no rival of who lives there.
4. A number that is another's, or several persons', is a conflict for a human.
5. Where the search was cut short, nobody is confirmed.

The source is DESIGN's identity policy; LAW.md R04-R06, R16, R17 stand behind it. The doubts and
their weights are in `doubts`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from comity.agreement.model import IdentityPolicy
from comity.identity.doubts import (
    DATE,
    UNIT,
    Doubt,
    address_agrees,
    contradiction,
    doubts,
    like_name,
    name_agrees,
    near_place,
)
from comity.identity.evidence import CandidateEvidence, Circumstances
from comity.identity.match import Decision
from comity.identity.rivals import bearer, closeness, dweller, is_rival, nearer, next_door, support

_BEARS: Mapping[str, tuple[int, Doubt]] = {
    "": (1, Doubt.SLIGHT),
    "near date": (2, Doubt.SLIGHT),
    "date": (5, Doubt.ORDINARY),
    "number": (5, Doubt.GRAVE),
    "both": (10, Doubt.DIRE),
}
"""By what supports a candidate: the most doubt it bears in sum, and at once."""


@dataclass(frozen=True)
class Verdict:
    """What the rule says. `about` indexes the candidate that the verdict is about (the confirmed
    one, else the nearest), `rivals` the others that decided it."""

    decision: Decision
    reason: str
    about: int | None = None
    rivals: tuple[int, ...] = ()
    conflict: bool = False
    flags: frozenset[str] = frozenset()


def decide(
    policy: IdentityPolicy,
    candidates: Sequence[CandidateEvidence],
    circumstances: Circumstances | None = None,
) -> Verdict:
    """Decide about one request from the evidence alone.

    Deterministic, and independent of the order of the candidates but for the indices returned."""
    around = circumstances or Circumstances()
    order = sorted(
        range(len(candidates)), key=lambda i: (-candidates[i].weight, candidates[i].person_id)
    )
    meant = [i for i in order if _may_be_meant(policy, candidates[i])]
    holders = [i for i in order if candidates[i].number == "equal"]
    if conflict := _conflict(policy, candidates, meant, holders, around):
        flags = frozenset(around.holder_flags).union(
            *(candidates[i].flags for i in {*meant, *holders})
        )
        about = meant[0] if meant else (holders[0] if holders else None)
        rivals = tuple(i for i in dict.fromkeys([*meant, *holders]) if i != about)
        return Verdict(Decision.AMBIGUOUS, conflict, about, rivals, True, flags)
    standing = [i for i in meant if not contradiction(policy, candidates[i])]
    if not standing:
        return _nobody(policy, candidates, order, meant)
    certain = [i for i in standing if not shortfall(policy, candidates, i)]
    if not certain:
        about = standing[0]
        reason = shortfall(policy, candidates, about)
        return Verdict(Decision.AMBIGUOUS, reason, about, tuple(standing[1:]))
    about = max(certain, key=lambda i: (support(candidates[i]), candidates[i].weight))
    rivals = tuple(i for i in standing if i != about and is_rival(candidates[about], candidates[i]))
    if rivals:
        reason = "Another person at this address may be meant as well."
        return Verdict(Decision.AMBIGUOUS, reason, about, rivals)
    if (there := dweller(policy, candidates, about)) is not None:
        reason = "A person of this name stands at exactly the address asked."
        return Verdict(Decision.AMBIGUOUS, reason, about, (there,))
    if (called := nearer(candidates, meant, about)) is not None:
        reason = "By its name the request rather means another person at this address."
        return Verdict(Decision.AMBIGUOUS, reason, about, (called,))
    if (dated := bearer(candidates, about)) is not None:
        reason = "The birth date or number is that of another person at this address."
        return Verdict(Decision.AMBIGUOUS, reason, about, (dated,))
    if cut := _blind(policy, candidates[about], around):
        reason = f"So many persons stand under one key ({cut}) that others may be meant."
        return Verdict(Decision.AMBIGUOUS, reason, about)
    seen = _words(policy, candidates[about])
    return Verdict(
        Decision.CONFIRMED,
        f"One person agrees{': ' + seen if seen else ''}.",
        about,
        flags=frozenset(candidates[about].flags),
    )


def shortfall(policy: IdentityPolicy, candidates: Sequence[CandidateEvidence], index: int) -> str:
    """Why a candidate that is not contradicted is not certain, in words; '' where it is."""
    candidate = candidates[index]
    if "name" in policy.requires and not name_agrees(candidate):
        return "The name agrees only in part."
    if "address" in policy.requires and not address_agrees(policy, candidate):
        return "The address agrees only in part."
    if "date_of_birth" in policy.requires and candidate.dob != "equal":
        return "The birth date is required and does not agree."
    if "number" in policy.requires and candidate.number != "equal":
        return "The number is required and does not agree."
    if candidate.inconsistent:
        return "The record contradicts itself."
    found = doubts(policy, candidate)
    by = _supports(candidate)
    most, heaviest = _BEARS[by]
    if by == "near date":
        found.remove(DATE["close"])
    if sum(doubt for doubt, _ in found) > most or any(doubt > heaviest for doubt, _ in found):
        return f"Not enough supports it beside {', '.join(words for _, words in found)}."
    if heaviest < Doubt.ORDINARY and _namesake(policy, candidates, index):
        return "Another person of this name stands at this address, and nothing tells them apart."
    return ""


def _supports(candidate: CandidateEvidence) -> str:
    date, number = candidate.dob == "equal", candidate.number == "equal"
    if date or number:
        return "both" if date and number else "number" if number else "date"
    return "near date" if candidate.dob == "close" else ""


def _may_be_meant(policy: IdentityPolicy, candidate: CandidateEvidence) -> bool:
    """Whether the request may mean this person, looked at with a generous eye."""
    name, place = candidate.name, candidate.place
    if not like_name(name):
        return False
    if "address" in policy.requires:
        return near_place(place) and place.unit in UNIT
    return candidate.dob in ("equal", "close", "close_generation") or candidate.number in (
        "equal",
        "close",
    )


def _conflict(
    policy: IdentityPolicy,
    candidates: Sequence[CandidateEvidence],
    meant: Sequence[int],
    holders: Sequence[int],
    around: Circumstances,
) -> str:
    if around.number_holders > 1 or len(holders) > 1:
        return "Several persons are recorded under this number."
    others = [i for i in meant if i not in holders]
    if not holders or not others:
        return ""
    holder = holders[0]
    nearest = min(closeness(candidates[i]) for i in others)
    as_near = holder in meant and closeness(candidates[holder]) <= nearest
    if as_near and dweller(policy, candidates, holder) is None:
        return ""  # of those who may be meant, the holder's name and address are as near as any
    return "The number is one person's, name and address are another's."


def _namesake(policy: IdentityPolicy, candidates: Sequence[CandidateEvidence], index: int) -> bool:
    """Whether another person of agreeing name stands at this address, contradicted or not."""
    return any(
        i != index
        and name_agrees(other)
        and _may_be_meant(policy, other)
        and not next_door(candidates[index], other)
        for i, other in enumerate(candidates)
    )


def _blind(policy: IdentityPolicy, candidate: CandidateEvidence, around: Circumstances) -> str:
    """The cut keys that may hide a rival, or '' where another key shows them all.

    `household` lists everyone at the candidate's own recorded address; who else may be meant
    stands under the request's address or under house number and given name. Somebody next door
    whose name is nearer stands under the family name's sound alone, and matters where nothing
    supports the candidate."""
    cut = set(around.cut)
    if "address" in policy.requires:
        hidden = {"household"} & cut
        if cut >= {"address", "house_given"}:
            hidden |= {"address", "house_given"}
        if not support(candidate):
            hidden |= {"family_sound"} & cut
    else:
        hidden = {"family_dob", "given_dob"} & cut if candidate.number != "equal" else set()
    return ", ".join(sorted(hidden | ({"number"} & cut)))


def _nobody(
    policy: IdentityPolicy,
    candidates: Sequence[CandidateEvidence],
    order: Sequence[int],
    meant: Sequence[int],
) -> Verdict:
    if meant:
        return Verdict(Decision.NONE, contradiction(policy, candidates[meant[0]]), meant[0])
    named = [i for i in order if name_agrees(candidates[i])]
    if named:
        return Verdict(Decision.NONE, "The address is none of this person's.", named[0])
    return Verdict(Decision.NONE, "Nobody's name and address agree.", order[0] if order else None)


def _words(policy: IdentityPolicy, candidate: CandidateEvidence) -> str:
    return ", ".join(words for _, words in doubts(policy, candidate))


def replay(policy: IdentityPolicy, evidence: Mapping[str, Any]) -> Verdict:
    """Decide again from a match's sealed evidence. Raises KeyError or TypeError for any other."""
    candidates = [CandidateEvidence.from_json(one) for one in evidence["candidates"]]
    return decide(policy, candidates, Circumstances.from_json(evidence["circumstances"]))
