"""Deciding a batch: `decide` once per distinct pattern of candidates, then spread over requests.

What `decide` sees of a request is its candidates' levels in order of weight and its circumstances;
a large batch has few distinct ones. The order of candidates is that of `decide` itself: the weight
falling, then the person's id.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from comity.agreement.model import IdentityPolicy
from comity.identity.codes import DOB, NUMBER, code_of_name, code_of_place, pack, unpack
from comity.identity.compare import PlaceLevels
from comity.identity.compare_names import NameLevels
from comity.identity.decision import Verdict, decide
from comity.identity.doubts import LIKE_FAMILY, LIKE_GIVEN
from comity.identity.evidence import CandidateEvidence, Circumstances


@dataclass(frozen=True)
class Patterns:
    """What is decided about, without anybody's data: the candidates' patterns in order, the cut
    keys, and how many persons stand under the number (0, 1 or 2 for several)."""

    candidates: tuple[int, ...]
    cut: tuple[str, ...] = ()
    number_holders: int = 0


@lru_cache(maxsize=65536)
def canonical(pattern: int) -> int:
    """The pattern itself, or INERT for a candidate that `decide` passes over whatever else its
    levels are: a like name, an agreeing one, an equal birth date or an equal number is needed to
    be meant, to be a rival or to be named in a reason."""
    name, _, dob, number, _ = unpack(pattern)
    like = name.given in LIKE_GIVEN and name.family in LIKE_FAMILY
    return pattern if like or "equal" in (dob, number) else INERT


INERT = pack(
    code_of_name(NameLevels("different", "different", "not_given", "agrees")),
    code_of_place(PlaceLevels("different", "different", "equal", "different")),
    DOB.index("not_given"),
    NUMBER.index("not_given"),
    inconsistent=False,
)


@lru_cache(maxsize=65536)
def decide_patterns(policy: IdentityPolicy, patterns: Patterns) -> Verdict:
    """The verdict; its flags are left empty."""
    count = len(patterns.candidates)
    candidates = [_evidence(pattern, at, count) for at, pattern in enumerate(patterns.candidates)]
    around = Circumstances(patterns.cut, patterns.number_holders)
    return decide(policy, candidates, around)


def _evidence(pattern: int, at: int, count: int) -> CandidateEvidence:
    name, place, dob, number, inconsistent = unpack(pattern)
    # weights that keep the order given, and ids that do where weights are equal
    return CandidateEvidence(
        f"{at:09d}", name, place, dob, number, weight=float(count - at), inconsistent=inconsistent
    )
