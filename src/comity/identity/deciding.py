"""Deciding a batch: `decide` once per distinct pattern of candidates, then spread over requests.

What `decide` sees of a request is its candidates' levels in order of weight and its circumstances;
a large batch has few distinct ones. The order of candidates is that of `decide` itself: the weight
falling, then the person's id.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from comity.agreement.model import IdentityPolicy
from comity.identity.candidates import cut_names
from comity.identity.codes import DOB, NUMBER, by_code, code_of_name, code_of_place, pack, unpack
from comity.identity.coding import Ids
from comity.identity.compare import PlaceLevels
from comity.identity.compare_names import NameLevels
from comity.identity.decision import Verdict, decide
from comity.identity.doubts import like_name
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
    return pattern if like_name(name) or "equal" in (dob, number) else INERT


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


_AROUND_BITS = 10


def decide_all(
    patterns: Ids, first: Ids, count: Ids, policy: IdentityPolicy, cut: Ids, holders: Ids
) -> tuple[Ids, list[Verdict]]:
    """The place of each request's verdict among the verdicts, of which each is made once for a
    distinct set of patterns.

    `first` and `count` say which of the `patterns` are a request's, `cut` holds the bits of its cut
    keys, `holders` how many persons stand under its number."""
    pattern = by_code(patterns, canonical)
    several = np.minimum(holders, 2)
    around = cut * 4 + several
    verdict = np.zeros(len(first), np.int64)
    verdicts: list[Verdict] = []

    def settle(of: tuple[int, ...], circumstances: int) -> int:
        made = Patterns(of, cut_names(circumstances >> 2), circumstances & 3)
        verdicts.append(decide_patterns(policy, made))
        return len(verdicts) - 1

    for few in (0, 1):
        rows = np.flatnonzero(count == few)
        keys = around[rows] + ((pattern[first[rows]] << _AROUND_BITS) if few else 0)
        verdict[rows] = by_code(
            keys,
            lambda key, few=few: settle(  # type: ignore[misc]
                (key >> _AROUND_BITS,) * few, key & ((1 << _AROUND_BITS) - 1)
            ),
        )
    seen: dict[tuple[bytes, int], int] = {}
    rows = np.flatnonzero(count > 1)
    listed = zip(rows.tolist(), first[rows].tolist(), count[rows].tolist(), strict=True)
    for row, start, size in listed:
        these = pattern[start : start + size]
        key = (these.tobytes(), int(around[row]))
        place = seen.get(key)
        if place is None:
            place = seen[key] = settle(tuple(these.tolist()), key[1])
        verdict[row] = place
    return verdict, verdicts
