"""From the candidates of one request to its Match. Pure; `verifying` does it for batches."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

from comity.agreement.model import IdentityPolicy
from comity.core.canonical import Json
from comity.identity.compare import PlaceLevels, compare_dates, compare_numbers, compare_places
from comity.identity.compare_names import InUse, NameLevels, compare_names
from comity.identity.decision import Verdict, decide
from comity.identity.doubts import (
    AREA,
    FAMILY,
    GIVEN,
    HOUSE,
    MIDDLE,
    ORDER,
    STREET,
    SUFFIX,
    UNIT,
    Doubts,
    agreements,
    like_name,
    near_place,
)
from comity.identity.evidence import (
    VERSION,
    WITNESSES,
    CandidateEvidence,
    Circumstances,
    policy_to_json,
    shown,
)
from comity.identity.lookup import Found, Record
from comity.identity.match import Decision, Match
from comity.identity.names import Name
from comity.identity.place import Place
from comity.identity.record import Standard
from comity.identity.vocabulary import in_use
from comity.identity.weight import model_digest, weigh

NO_NAME = NameLevels("missing", "missing", "not_recorded", "agrees")
NO_PLACE = PlaceLevels("missing", "missing", "equal", "different")


def match_of(
    key: str, asked: Standard, found: Found, policy: IdentityPolicy, persons: int
) -> Match:
    """Compare, decide and put together what is known about one request."""
    around = found.around
    compared = (_compare(asked, record, found, persons) for record in found.records)
    candidates = [one for one in compared if is_candidate(one)]
    verdict = decide(policy, candidates, around)
    about = candidates[verdict.about] if verdict.about is not None else None
    kept = _kept(policy, candidates, around, verdict)
    others = [c.weight for i, c in enumerate(candidates) if i != verdict.about]
    confirmed = verdict.decision is Decision.CONFIRMED
    agreed = agreements(policy, about) if about else (None,) * 4
    return Match(
        key=key,
        decision=verdict.decision,
        person_id=about.person_id if about and confirmed else None,
        weight=about.weight if about else 0.0,
        runner_up_weight=max(others, default=None),
        name_agrees=agreed[0],
        address_agrees=agreed[1],
        dob_agrees=agreed[2],
        tin_agrees=agreed[3],
        candidates=len(candidates),
        conflict=verdict.conflict,
        flags=verdict.flags,
        reason=verdict.reason,
        evidence={
            "version": VERSION,
            "policy": policy_to_json(policy),
            "model": model_digest(),
            "asked": _shown(asked.name, asked.place, asked.dob, [asked.number]),
            "candidates": [one.to_json() for one in kept],
            "circumstances": around.to_json(),
        },
    )


def is_candidate(one: CandidateEvidence) -> bool:
    """Whether `decide` looks at this person: the same number; the same birth date with a like name
    or address; or a like name at a like address."""
    like, near = like_name(one.name), near_place(one.place)
    return one.number == "equal" or (one.dob == "equal" and (like or near)) or (like and near)


def _kept(
    policy: IdentityPolicy,
    candidates: list[CandidateEvidence],
    around: Circumstances,
    verdict: Verdict,
) -> list[CandidateEvidence]:
    """The candidates that are sealed: whoever decided first, then the nearest others; all of them
    where those few would not give the same decision again."""
    nearest = sorted(range(len(candidates)), key=lambda i: -candidates[i].weight)
    deciding = [] if verdict.about is None else [verdict.about]
    order = dict.fromkeys([*deciding, *verdict.rivals, *nearest])
    kept = [candidates[i] for i in order]
    few = kept[:WITNESSES]
    again = decide(policy, few, around)
    same = (again.decision, again.conflict) == (verdict.decision, verdict.conflict)
    if same and verdict.about is not None and again.about is not None:
        same = few[again.about] is candidates[verdict.about]
    if same and verdict.conflict:
        rivals = [few[i].person_id for i in again.rivals]
        same = rivals == [candidates[i].person_id for i in verdict.rivals]
    return few if same else kept


def _compare(asked: Standard, record: Record, found: Found, persons: int) -> CandidateEvidence:
    """The evidence of one candidate: its nearest name and its nearest address."""
    name, levels = Name(), NO_NAME
    for one in record.names:
        compared = compare_names(
            asked.name, one, names_in_use(asked.name, one, found.bearers, persons)
        )
        if levels is NO_NAME or name_cost(compared) < name_cost(levels):
            name, levels = one, compared
    place, near = Place(), NO_PLACE
    for other in record.places:
        known = (
            (asked.place.postal, asked.place.line) in found.streets,
            (other.postal, other.line) in found.streets,
        )
        against = compare_places(asked.place, other, known)
        if near is NO_PLACE or place_cost(against) < place_cost(near):
            place, near = other, against
    numbers = [compare_numbers(asked.number, number) for number in record.numbers] or [
        compare_numbers(asked.number, "")
    ]
    number = min(numbers, key=_NUMBERS.index)
    dob = compare_dates(asked.dob, record.dob)
    return CandidateEvidence(
        person_id=record.person_id,
        name=levels,
        place=near,
        dob=dob,
        number=number,
        weight=weigh(
            levels,
            near,
            dob,
            number,
            bearers=(
                found.bearers.get(("given", name.given), 1),
                found.bearers.get(("family", name.family), 1),
            ),
            persons=persons,
        ),
        inconsistent=record.inconsistent,
        flags=record.flags,
        fields=_shown(name, place, record.dob, list(record.numbers)),
    )


_NUMBERS = ("equal", "close", "neighbour", "not_recorded", "not_given", "different")


def names_in_use(
    asked: Name, recorded: Name, bearers: Mapping[tuple[str, str], int], persons: int
) -> InUse:
    """Which words of two names are names in use; `bearers` counts persons by kind and word."""

    def both(a: str, b: str, kind: Literal["given", "family"]) -> tuple[bool, bool]:
        if a == b:
            return True, True
        return (
            in_use(a, kind, bearers.get((kind, a), 0), persons),
            in_use(b, kind, bearers.get((kind, b), 0), persons),
        )

    return InUse(
        given=both(asked.given, recorded.given, "given"),
        family=both(asked.family, recorded.family, "family"),
    )


Cost = tuple[bool, int, int]
"""How far a name or address is from the one asked, for choosing the nearest of several: whether it
cannot be meant at all, the gravest doubt, and the sum of doubts."""


def _cost(parts: list[tuple[Doubts, str]], *, meant: bool) -> Cost:
    costs = [int(table[level][0]) if level in table else 9 for table, level in parts]
    return not meant, max(costs), sum(costs)


def name_cost(levels: NameLevels) -> Cost:
    """The cost of a name."""
    parts = [
        (GIVEN, levels.given),
        (FAMILY, levels.family),
        (MIDDLE, levels.middle),
        (SUFFIX, levels.suffix),
        (ORDER, levels.order),
    ]
    return _cost(parts, meant=like_name(levels))


def place_cost(levels: PlaceLevels) -> Cost:
    """The cost of an address."""
    parts = [
        (HOUSE, levels.house),
        (STREET, levels.street),
        (UNIT, levels.unit),
        (AREA, levels.area),
    ]
    return _cost(parts, meant=near_place(levels))


def _shown(name: Name, place: Place, dob: date | None, numbers: list[str]) -> dict[str, Json]:
    texts = (name.given, name.middle, name.family, name.suffix, place.house, place.line)
    return shown((*texts, place.unit, place.city, place.state, place.postal), dob, numbers)
