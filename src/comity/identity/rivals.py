"""Who else the request may mean beside the one about to be confirmed. Pure.

Each function looks at the candidates in another way: a rival by evidence, by name, by address, by
birth date and number.
"""

from __future__ import annotations

from collections.abc import Sequence

from comity.agreement.model import IdentityPolicy
from comity.identity.doubts import AREA, FAMILY, GIVEN, HOUSE, STREET, UNIT, name_agrees
from comity.identity.evidence import CandidateEvidence


def support(candidate: CandidateEvidence) -> int:
    """How much vouches for a candidate beside name and address: 0 to 3, a number more than a birth
    date."""
    return 2 * (candidate.number == "equal") + (candidate.dob == "equal")


def is_rival(one: CandidateEvidence, other: CandidateEvidence) -> bool:
    """Whether the request may mean the other as well as the one that is certain by itself."""
    if support(one) > support(other):
        return one.number != "equal" and closeness(other) < closeness(one)
    if next_door(one, other):
        return False
    return name_agrees(other) or not (one.name.given == "exact" and other.name.given == "akin")


def next_door(one: CandidateEvidence, other: CandidateEvidence) -> bool:
    """Whether one lives at the house number asked and the other at one that only a typing error
    would explain, with no birth date or number near: that address does not agree."""
    near = other.dob in _NEAR_DATE or other.number in _NEAR_NUMBER
    return one.place.house == "equal" and other.place.house == "typo" and not near


_NEAR_DATE = frozenset({"equal", "close", "close_generation"})
_NEAR_NUMBER = frozenset({"equal", "close", "neighbour"})


def dweller(
    policy: IdentityPolicy, candidates: Sequence[CandidateEvidence], about: int
) -> int | None:
    """Another of this name, contradicted or not, at exactly the house number (the street) asked,
    where the one about to be confirmed is reached only by a typing error in it."""
    place = candidates[about].place
    reached = place.house == "typo" or place.street in ("typo", "doubtful_typo", "number_typo")
    if "address" not in policy.requires or not reached:
        return None
    for i, other in enumerate(candidates):
        there = other.place
        if (
            i != about
            and (other.name.given in GIVEN and other.name.family in FAMILY)
            and there.house in ("equal", "none")
            and there.street in ("equal", "abridged")
            and (there.area in AREA and there.unit in UNIT)
        ):
            return i
    return None


def closeness(candidate: CandidateEvidence) -> tuple[int, int, int]:
    """How far the name is from the record's: smaller is nearer.

    What the request leaves out speaks for nobody; what it states (a Jr, a middle name) speaks for
    whoever has it on record: a son written with `Jr` and with his father's number is the son, or
    nobody."""
    name = candidate.name
    given = int(GIVEN[name.given][0]) if name.given in GIVEN else 4
    family = int(FAMILY[name.family][0]) if name.family in FAMILY else 4
    stated = {"not_recorded": 1, "similar": 1, "different": 2}
    details = stated.get(name.middle, 0) + stated.get(name.suffix, 0)
    # a number alone does not make a Jr of whom the request calls by the father's bare name
    details += name.suffix == "not_given" and candidate.dob != "equal"
    return max(given, family), given + family, details


def nearer(candidates: Sequence[CandidateEvidence], meant: Sequence[int], about: int) -> int | None:
    """Another at this address whose name is nearer, though date or number are not theirs."""
    mark = closeness(candidates[about])
    return next((i for i in meant if closeness(candidates[i]) < mark), None)


def bearer(candidates: Sequence[CandidateEvidence], about: int) -> int | None:
    """Another person at this address to whom the request's birth date or number belongs, and not
    to the one about to be confirmed."""
    one = candidates[about]
    for i, other in enumerate(candidates):
        bears = (other.dob == "equal" != one.dob) or (other.number == "equal" != one.number)
        place = other.place
        if i != about and bears and place.house in HOUSE and place.street in STREET:
            return i
    return None
