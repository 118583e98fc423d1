"""Who decided a match, why, and what would have been enough. Pure.

Nothing is decided here: the reasons come from the same functions as the decision, and what would
have been enough from deciding again on evidence that is altered in one or two fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import Any

from comity.agreement.model import IdentityPolicy
from comity.identity.compare import compare_dates, compare_numbers
from comity.identity.decision import Verdict, decide, shortfall
from comity.identity.doubts import (
    LIKE_FAMILY,
    LIKE_GIVEN,
    address_agrees,
    contradiction,
    name_agrees,
)
from comity.identity.evidence import VERSION, CandidateEvidence, Circumstances
from comity.identity.match import Decision, Match
from comity.identity.rivals import closeness


class Role(StrEnum):
    """A candidate's part in the decision."""

    CONFIRMED = "confirmed"
    NEAREST = "nearest"
    """Whom the decision is about, though nobody is confirmed."""
    RIVAL = "rival"
    """May be meant as well, or else stands in the way."""
    OTHER = "other"


def roles(kept: Sequence[CandidateEvidence], verdict: Verdict) -> Iterator[tuple[int, Role]]:
    """Every candidate with its part: whom the decision is about, the rivals, the others by
    weight."""
    if verdict.about is not None:
        certain = verdict.decision is Decision.CONFIRMED
        yield verdict.about, Role.CONFIRMED if certain else Role.NEAREST
    yield from ((i, Role.RIVAL) for i in verdict.rivals)
    others = [i for i in range(len(kept)) if i != verdict.about and i not in verdict.rivals]
    others.sort(key=lambda i: (-kept[i].weight, kept[i].person_id))
    yield from ((i, Role.OTHER) for i in others)


def why(
    policy: IdentityPolicy,
    kept: Sequence[CandidateEvidence],
    verdict: Verdict,
    index: int,
    role: Role,
) -> str:
    """Why a candidate has its part, in one or two sentences."""
    if role is Role.CONFIRMED:
        return "Certain by itself, and nobody else may be meant."
    speaks = _against(policy, kept, index)
    if role is Role.RIVAL:
        about = kept[verdict.about] if verdict.about is not None else kept[index]
        found = _rivalry(policy, about, kept[index])
        said = f"Stands in the way: {', and '.join(found)}." if found else "May be meant as well."
        return f"{said} {speaks}".rstrip()
    if role is Role.NEAREST:
        return speaks or "Certain by itself, were it not for others."
    return speaks or "Agrees, but less well."


def _against(policy: IdentityPolicy, kept: Sequence[CandidateEvidence], index: int) -> str:
    """What speaks against a candidate being meant, the plainest first; '' where nothing does."""
    one = kept[index]
    if one.name.given not in LIKE_GIVEN or one.name.family not in LIKE_FAMILY:
        return "The name is another."
    if "address" in policy.requires and not address_agrees(policy, one):
        other = "different" in (one.place.house, one.place.street, one.place.area)
        if other or "missing" in (one.place.house, one.place.street):
            return "The address is none of this person's."
    return contradiction(policy, one) or shortfall(policy, kept, index)


def _rivalry(
    policy: IdentityPolicy, about: CandidateEvidence, other: CandidateEvidence
) -> list[str]:
    """What makes a candidate a rival of the one that the decision is about."""
    found = []
    addressed = "address" in policy.requires
    if other.number == "equal":
        found.append("the number asked is this person's" + (", too" * (about.number == "equal")))
    if other.dob == "equal" and about.dob != "equal":
        found.append("the birth date asked is this person's")
    if closeness(other) < closeness(about):
        found.append("the name asked is nearer to this person's")
    if addressed and other.place.house == "equal" and about.place.house == "typo":
        found.append("the house number asked is this person's, without a typing error")
    if name_agrees(other) and (not addressed or address_agrees(policy, other)):
        found.append("name and address agree" if addressed else "the name agrees")
    return found


def needed(
    policy: IdentityPolicy,
    kept: Sequence[CandidateEvidence],
    around: Circumstances,
    verdict: Verdict,
    evidence: Mapping[str, Any],
) -> tuple[str, ...]:
    """What would have been enough to confirm the person whom the decision is about, or what would
    be the least; empty where somebody is confirmed, or nobody was compared.

    Raises KeyError, TypeError or ValueError where the evidence has another form."""
    if verdict.decision is Decision.CONFIRMED or verdict.about is None:
        return ()
    if verdict.conflict:
        return (
            "A conflict is for officers: the requester's own record must say whose number it is.",
        )
    about = kept[verdict.about]
    least = list(_least(policy, about))
    if least:
        return tuple(least)
    dob, numbers = _on_record(about)
    enough: list[tuple[str, ...]] = []
    for way in (("dob",), ("number",), ("dob", "number")):
        possible = (dob or "dob" not in way) and (numbers or "number" not in way)
        if possible and not any(set(other) <= set(way) for other in enough):
            altered = [_altered(one, way, dob, numbers) for one in kept]
            again = decide(policy, altered, around)
            if again.decision is Decision.CONFIRMED and again.about == verdict.about:
                enough.append(way)
    if enough:
        ways = ", or ".join(_way(way, evidence["asked"]) for way in enough)
        return (f"Enough would have been {ways}, judged by the persons kept here.",)
    said = ["Neither this person's birth date nor number, nor both, would have been enough."]
    if verdict.rivals:
        said.append("It would take what tells this person from whoever stands in the way.")
    return tuple(said)


def _least(policy: IdentityPolicy, one: CandidateEvidence) -> Iterator[str]:
    if not name_agrees(one):
        yield "At the least, a name that agrees with the recorded one."
    if "address" in policy.requires and not address_agrees(policy, one):
        borne = replace(one, dob="equal")
        if not address_agrees(policy, borne):  # a birth date bears some errors of an address
            yield "At the least, an address that is one of this person's."
    if one.inconsistent:
        yield "At the least, a record that does not contradict itself."


def _altered(
    one: CandidateEvidence, way: Sequence[str], dob: str, numbers: Sequence[str]
) -> CandidateEvidence:
    """A candidate as it would stand if the request gave this birth date, this number, or both."""
    recorded, own = _on_record(one)
    if "dob" in way:
        day = date.fromisoformat(recorded) if recorded else None
        one = replace(one, dob=compare_dates(date.fromisoformat(dob), day))
    if "number" in way:
        levels = [compare_numbers(numbers[0], number) for number in own or [""]]
        one = replace(one, number=next(filter(levels.__contains__, _NEAREST_FIRST)))
    return one


def _on_record(one: CandidateEvidence) -> tuple[str, list[str]]:
    """The recorded birth date and numbers, as sealed. Raises TypeError for another form."""
    numbers = one.fields["number"]
    if not isinstance(numbers, list | tuple):
        raise TypeError("number")
    return str(one.fields["date_of_birth"]), [str(number) for number in numbers]


_NEAREST_FIRST = ("equal", "close", "neighbour", "not_recorded", "not_given", "different")


def _way(way: Sequence[str], asked: Mapping[str, Any]) -> str:
    called = {"dob": ("date_of_birth", "birth date"), "number": ("number", "number")}
    parts = []
    for field in way:
        column, name = called[field]
        instead = any(asked[column]) if column == "number" else asked[column]
        parts.append(f"this person's {name}" + (" instead of the one given" if instead else ""))
    return " and ".join(parts)


def remarks(
    match: Match,
    kept: Sequence[CandidateEvidence],
    around: Circumstances,
    verdict: Verdict,
    *,
    weighed: bool,
) -> tuple[str, ...]:
    """What else a reader must know: that the rules have changed, or that not all can be shown."""
    found = []
    if match.conflict:
        found.append("This is a conflict of identities, which officers look at.")
    if around.number_holders > 1:
        found.append(f"Recorded under the number asked: {around.number_holders:,} persons.")
    if (verdict.decision, verdict.conflict) != (match.decision, match.conflict):
        found.append(
            f"By today's rules the same evidence is {verdict.decision.value}: {verdict.reason}"
        )
    elif match.evidence.get("version") != VERSION:
        found.append("The evidence was sealed under another version of the rules.")
    if len(kept) < match.candidates:
        found.append(
            f"Of {match.candidates:,} persons compared, the {len(kept):,} nearest are kept."
        )
    if kept and not weighed:
        found.append(
            "The weights were made by a model that is not here; only their sums are shown."
        )
    return tuple(found)
