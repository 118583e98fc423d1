"""What must hold of the decision, whatever the candidates are."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.agreement.model import IdentityPolicy
from comity.identity.compare import PlaceLevels
from comity.identity.compare_names import NameLevels
from comity.identity.decision import Verdict, decide, shortfall
from comity.identity.doubts import (
    AREA,
    DATE,
    FAMILY,
    GIVEN,
    HOUSE,
    MIDDLE,
    NUMBER,
    ORDER,
    STREET,
    SUFFIX,
    UNIT,
    Doubt,
    address_agrees,
    date_agrees,
    name_agrees,
    number_agrees,
)
from comity.identity.evidence import CandidateEvidence, Circumstances
from comity.identity.match import Decision

POLICY = IdentityPolicy()
CERTAIN = CandidateEvidence(
    "certain",
    NameLevels("exact", "exact", "agrees", "agrees"),
    PlaceLevels("equal", "equal", "equal", "equal"),
    "not_given",
    "not_given",
    weight=40.0,
)


def levels(table: object, *others: str) -> st.SearchStrategy[str]:
    """A level, more often than not one that agrees without a doubt."""
    assert isinstance(table, dict)
    sound = [level for level, (doubt, _) in table.items() if doubt is Doubt.NO_DOUBT]
    return st.sampled_from(sound) | st.sampled_from([*table, *others])


NAMES = st.builds(
    NameLevels,
    levels(GIVEN, "near", "akin", "missing", "different"),
    levels(FAMILY, "near", "missing", "different"),
    levels(MIDDLE),
    levels(SUFFIX, "different"),
    levels(ORDER),
)
PLACES = st.builds(
    PlaceLevels,
    levels(HOUSE, "missing", "different"),
    levels(STREET, "missing", "different"),
    levels(UNIT, "different"),
    levels(AREA, "different"),
)
ANYBODY = st.builds(
    CandidateEvidence,
    st.uuids().map(str),
    NAMES,
    PLACES,
    levels(DATE, "different"),
    levels(NUMBER, "different"),
    st.floats(-20, 80),
    inconsistent=st.just(False) | st.booleans(),
    flags=st.lists(st.sampled_from(["impairment", "minor"]), unique=True).map(tuple),
)
LIKELY = st.builds(
    replace,
    st.just(CERTAIN),
    person_id=st.uuids().map(str),
    dob=levels(DATE),
    number=levels(NUMBER),
    name=st.just(CERTAIN.name) | NAMES,
    place=st.just(CERTAIN.place) | PLACES,
)
CANDIDATES = st.lists(LIKELY | ANYBODY, max_size=4, unique_by=lambda candidate: candidate.person_id)
POLICIES = st.builds(
    IdentityPolicy,
    requires=st.sampled_from(
        [("name", "address"), ("name", "date_of_birth", "number"), ("name", "address", "number")]
    ),
    house_number=st.sampled_from(["tolerant", "exact"]),
)


def who(verdict: Verdict, candidates: list[CandidateEvidence]) -> str | None:
    """The confirmed person."""
    if verdict.decision is not Decision.CONFIRMED:
        return None
    assert verdict.about is not None
    return candidates[verdict.about].person_id


@given(POLICIES, CANDIDATES, st.data())
def test_the_order_of_candidates_does_not_matter(
    policy: IdentityPolicy, candidates: list[CandidateEvidence], data: st.DataObject
) -> None:
    others = data.draw(st.permutations(candidates))
    one, other = decide(policy, candidates), decide(policy, others)
    assert (one.decision, who(one, candidates), one.conflict, one.reason, one.flags) == (
        other.decision,
        who(other, others),
        other.conflict,
        other.reason,
        other.flags,
    )


@settings(max_examples=300)
@given(POLICIES, CANDIDATES)
def test_whoever_is_confirmed_agrees_and_is_not_contradicted(
    policy: IdentityPolicy, candidates: list[CandidateEvidence]
) -> None:
    verdict = decide(policy, candidates)
    if verdict.decision is not Decision.CONFIRMED:
        return
    assert verdict.about is not None
    one = candidates[verdict.about]
    assert not verdict.conflict
    assert name_agrees(one)
    assert date_agrees(one) is not False
    assert number_agrees(one) is not False
    assert date_agrees(one) is None or one.dob in DATE
    assert number_agrees(one) is None or one.number in NUMBER
    assert not one.inconsistent
    assert address_agrees(policy, one) or "address" not in policy.requires
    assert one.number == "equal" or "number" not in policy.requires
    assert verdict.flags == frozenset(one.flags)


@settings(max_examples=300)
@given(CANDIDATES, st.integers(0, 3), st.booleans())
def test_a_contradiction_never_confirms(
    candidates: list[CandidateEvidence], index: int, by_date: bool
) -> None:
    if index >= len(candidates):
        return
    one = candidates[index]
    changed = list(candidates)
    changed[index] = replace(one, dob="different") if by_date else replace(one, number="different")
    assert who(decide(POLICY, changed), changed) != one.person_id


@settings(max_examples=300)
@given(CANDIDATES)
def test_a_second_person_who_cannot_be_told_apart_leaves_nobody(
    candidates: list[CandidateEvidence],
) -> None:
    verdict = decide(POLICY, candidates)
    if verdict.decision is not Decision.CONFIRMED:
        return
    assert verdict.about is not None
    twice = [*candidates, replace(candidates[verdict.about], person_id="another")]
    assert decide(POLICY, twice).decision is Decision.AMBIGUOUS


@settings(max_examples=300)
@given(POLICIES, CANDIDATES, CANDIDATES)
def test_another_candidate_never_helps_anybody_else(
    policy: IdentityPolicy, few: list[CandidateEvidence], more: list[CandidateEvidence]
) -> None:
    both = [*few, *more]
    person = who(decide(policy, both), both)
    if person in {candidate.person_id for candidate in few}:
        assert who(decide(policy, few), few) == person


@given(CANDIDATES)
def test_a_number_alone_never_confirms(candidates: list[CandidateEvidence]) -> None:
    for part in ("house", "street", "area"):
        apart = [
            replace(c, dob="equal", number="equal", place=replace(c.place, **{part: "different"}))
            for c in candidates
        ]
        assert decide(POLICY, apart).decision is not Decision.CONFIRMED


@given(CANDIDATES)
def test_an_address_and_a_number_without_the_name_never_confirm(
    candidates: list[CandidateEvidence],
) -> None:
    for part in ("given", "family"):
        apart = [
            replace(c, dob="equal", number="equal", name=replace(c.name, **{part: "different"}))
            for c in candidates
        ]
        assert decide(POLICY, apart).decision is not Decision.CONFIRMED


@given(CANDIDATES, st.sampled_from(["household", "number"]))
def test_nobody_is_confirmed_where_a_rival_may_be_hidden(
    candidates: list[CandidateEvidence], kind: str
) -> None:
    blind = Circumstances(cut=(kind,))
    assert decide(POLICY, candidates, blind).decision is not Decision.CONFIRMED


@given(CANDIDATES)
def test_a_number_of_several_persons_is_a_conflict(candidates: list[CandidateEvidence]) -> None:
    shared = Circumstances(number_holders=2, holder_flags=("minor",))
    verdict = decide(POLICY, candidates, shared)
    assert verdict.conflict
    assert verdict.decision is Decision.AMBIGUOUS
    assert "minor" in verdict.flags


@given(CANDIDATES)
def test_evidence_survives_json(candidates: list[CandidateEvidence]) -> None:
    read = [CandidateEvidence.from_json(json.loads(json.dumps(c.to_json()))) for c in candidates]
    assert read == candidates
    assert decide(POLICY, read) == decide(POLICY, candidates)


DOUBTS = [
    ("name", part, level, doubt)
    for part, table in (
        ("given", GIVEN),
        ("family", FAMILY),
        ("middle", MIDDLE),
        ("suffix", SUFFIX),
        ("order", ORDER),
    )
    for level, (doubt, _) in table.items()
] + [
    ("place", part, level, doubt)
    for part, table in (("house", HOUSE), ("street", STREET), ("unit", UNIT), ("area", AREA))
    for level, (doubt, _) in table.items()
]


@pytest.mark.parametrize(("group", "part", "level", "doubt"), DOUBTS)
def test_each_doubt_needs_the_support_that_its_weight_says(
    group: str, part: str, level: str, doubt: Doubt
) -> None:
    changed = replace(getattr(CERTAIN, group), **{part: level})
    one = replace(CERTAIN, **{group: changed})
    alone, dated, numbered, both = (
        not shortfall(POLICY, [with_support], 0)
        for with_support in (
            one,
            replace(one, dob="equal"),
            replace(one, number="equal"),
            replace(one, dob="equal", number="equal"),
        )
    )
    assert alone == (doubt <= Doubt.SLIGHT)
    assert dated == (doubt <= Doubt.ORDINARY)
    assert numbered == (doubt <= Doubt.GRAVE)
    assert both


def test_a_namesake_counts_even_where_the_birth_date_is_not_theirs() -> None:
    """The date is not the son's, and the father's record has none: the father, perhaps."""
    father = replace(CERTAIN, dob="not_recorded")
    son = replace(CERTAIN, person_id="son", dob="different")
    assert decide(POLICY, [father]).decision is Decision.CONFIRMED
    assert decide(POLICY, [father, son]).decision is Decision.AMBIGUOUS


def test_a_birth_date_that_is_another_household_members_is_no_typing_error() -> None:
    wife = replace(CERTAIN, dob="close")
    husband = replace(
        CERTAIN, person_id="husband", name=replace(CERTAIN.name, given="different"), dob="equal"
    )
    assert decide(POLICY, [wife]).decision is Decision.CONFIRMED
    assert decide(POLICY, [wife, husband]).decision is Decision.AMBIGUOUS


@settings(max_examples=300)
@given(CANDIDATES, levels(DATE, "different"), levels(NUMBER, "different"))
def test_a_tolerated_house_number_never_wins_against_a_namesake_at_the_one_asked(
    candidates: list[CandidateEvidence], dob: str, number: str
) -> None:
    verdict = decide(POLICY, candidates)
    if verdict.decision is not Decision.CONFIRMED:
        return
    assert verdict.about is not None
    one = candidates[verdict.about]
    dweller = replace(CERTAIN, person_id="dweller", dob=dob, number=number)
    both = [*candidates, dweller]
    if one.place.house == "typo":
        assert who(decide(POLICY, both), both) in (None, "dweller")


def test_the_number_of_the_one_and_the_house_of_the_other_is_a_conflict() -> None:
    near = replace(CERTAIN, place=replace(CERTAIN.place, house="typo"), number="equal")
    for number in ("different", "not_recorded"):
        dweller = replace(CERTAIN, person_id="dweller", number=number)
        assert decide(POLICY, [near, dweller]).conflict
    assert decide(POLICY, [near]).decision is Decision.CONFIRMED


def test_whom_only_a_mistyped_house_number_would_reach_is_no_rival() -> None:
    near = replace(CERTAIN, person_id="near", place=replace(CERTAIN.place, house="typo"))
    assert who(decide(POLICY, [CERTAIN, near]), [CERTAIN, near]) == "certain"
    assert not address_agrees(POLICY, near)
    vouched = replace(near, dob="equal")
    assert address_agrees(POLICY, vouched)
    undated = replace(CERTAIN, dob="not_recorded")
    for dob in ("equal", "close"):
        both = [undated, replace(near, dob=dob)]
        assert decide(POLICY, both).decision is Decision.AMBIGUOUS


def test_a_nearer_name_blocks_though_date_and_number_are_not_theirs() -> None:
    father = replace(
        CERTAIN, name=replace(CERTAIN.name, suffix="not_recorded"), dob="equal", weight=60.0
    )
    son = replace(CERTAIN, person_id="son", dob="different")
    assert decide(POLICY, [father]).decision is Decision.CONFIRMED
    assert decide(POLICY, [father, son]).decision is Decision.AMBIGUOUS
    numbered = [replace(father, number="equal"), replace(son, number="different")]
    assert decide(POLICY, numbered).conflict
