"""A match explained: what the explanation says is what the decision saw."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.identity.conftest import Row, write_source
from tests.identity.explained import (
    FIELD_VALUES,
    POLICY,
    Outline,
    evidence_of,
    explained_of,
    weighed,
)
from tests.identity.test_decision import CANDIDATES, CERTAIN, POLICIES

from comity.agreement.model import IdentityPolicy
from comity.core.canonical import Json
from comity.core.errors import UsageError
from comity.exchange.submitting import match_json
from comity.identity.decision import decide
from comity.identity.doubts import Doubt, address_agrees, name_agrees
from comity.identity.evidence import VERSION, CandidateEvidence, Circumstances
from comity.identity.explanation import Role
from comity.identity.explanation_fields import contributions, explain_fields
from comity.identity.explanation_words import FIELDS, Standing, level_words
from comity.identity.match import Decision, Match
from comity.identity.model import LEVELS
from comity.identity.registry import Registry, Subject

WILLIAM = {
    "first_name": "William",
    "last_name": "Quimby",
    "date_of_birth": "1971-03-09",
    "tin": "219-09-1234",
    "street": "12 Walnut Street",
    "city": "Peoria",
    "state": "IL",
    "postal_code": "61601",
}


PERSONS: list[Row] = [
    WILLIAM | {"person_id": "father", "flags": "minor;deceased"},
    WILLIAM
    | {"person_id": "son", "suffix": "Jr", "date_of_birth": "1999-05-01", "tin": "319-09-4321"},
    WILLIAM
    | {
        "person_id": "stranger",
        "first_name": "Otto",
        "last_name": "Ystrad",
        "date_of_birth": "1950-01-01",
        "tin": "529-09-1299",
        "street": "99 Elm Avenue",
    },
]


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    folder = tmp_path_factory.mktemp("explain")
    Registry.build(write_source(PERSONS, folder / "source.csv"), folder / "index")
    with Registry.open(folder / "index") as opened:
        yield opened


def asked(key: str = "r1", **fields: str) -> Subject:
    return Subject(key=key, **(WILLIAM | fields))


def match(registry: Registry, **fields: str) -> Match:
    (found,) = registry.verify([asked(**fields)], POLICY)
    return found


def test_a_confirmed_person_is_explained_field_by_field(registry: Registry) -> None:
    explained = match(registry, first_name="Bill").explain()
    assert explained.decision is Decision.CONFIRMED
    assert explained.person_id == "father"
    assert explained.needed == ()
    first = explained.candidates[0]
    assert (first.person_id, first.role) == ("father", Role.CONFIRMED)
    fields = {field.field: field for field in first.fields}
    assert (fields["given"].asked, fields["given"].recorded) == ("BILL", "WILLIAM")
    assert fields["given"].standing is Standing.DOUBT
    assert fields["given"].doubt is Doubt.SLIGHT
    assert "short form" in fields["given"].words
    assert fields["house"].standing is Standing.AGREES
    assert fields["middle"].standing is Standing.NOT_COMPARED
    assert fields["area"].asked == "PEORIA IL 61601"
    assert (first.name_agrees, first.address_agrees, first.dob_agrees, first.tin_agrees) == (
        (True,) * 4
    )
    son = next(one for one in explained.candidates if one.person_id == "son")
    assert {f.field: f.standing for f in son.fields}["dob"] is Standing.CONTRADICTS
    assert son.why == "The birth date is another."


def test_rivals_are_named_with_the_reason(registry: Registry) -> None:
    explained = match(registry, tin="", date_of_birth="").explain()
    assert explained.decision is Decision.AMBIGUOUS
    assert explained.person_id is None
    roles = {one.person_id: one.role for one in explained.candidates}
    assert roles == {"father": Role.NEAREST, "son": Role.RIVAL}
    assert "name and address agree" in explained.candidates[1].why


def test_a_conflict_names_whose_number_it_is(registry: Registry) -> None:
    explained = match(registry, tin="529091299").explain()
    assert explained.conflict
    stranger = next(one for one in explained.candidates if one.person_id == "stranger")
    assert stranger.role is Role.RIVAL
    assert "the number asked is this person's" in stranger.why
    assert "The name is another." in stranger.why
    assert "officers" in explained.needed[0]


@pytest.mark.parametrize(
    ("given", "cure", "words"),
    [
        (
            {"first_name": "W", "tin": "", "date_of_birth": ""},
            {"tin": "219091234"},
            "this person's number",
        ),
        (
            {"date_of_birth": "1944-01-01", "tin": ""},
            {"date_of_birth": "1971-03-09"},
            "this person's birth date instead of the one given,",
        ),
    ],
)
def test_what_would_have_been_enough_is_enough(
    registry: Registry, given: dict[str, str], cure: dict[str, str], words: str
) -> None:
    before = match(registry, **given)
    assert before.decision is not Decision.CONFIRMED
    assert any(words in one for one in before.explain().needed)
    after = match(registry, **(given | cure))
    assert (after.decision, after.person_id) == (Decision.CONFIRMED, "father")


def test_what_would_not_have_been_enough_is_not_promised() -> None:
    """Of two persons with one birth date and one number on record neither tells them apart."""
    twins = [replace(CERTAIN, person_id=name, fields=FIELD_VALUES) for name in ("one", "other")]
    said = explained_of(POLICY, twins).needed
    assert said[0] == (
        "Neither this person's birth date nor number, nor both, would have been enough."
    )
    assert "tells this person from whoever stands in the way" in said[1]
    alone: dict[str, Json] = {**FIELD_VALUES, "number": ["319094321"]}
    said = explained_of(POLICY, [twins[0], replace(twins[1], fields=alone)]).needed
    assert said == (
        "Enough would have been this person's number instead of the one given, judged by the "
        "persons kept here.",
    )


def test_what_would_be_the_least(registry: Registry) -> None:
    moved = match(registry, street="77 Oak Street", city="Tulsa", state="OK", postal_code="74101")
    assert moved.decision is Decision.NONE
    explained = moved.explain()
    assert explained.needed == ("At the least, an address that is one of this person's.",)
    assert explained.candidates[0].why == "The address is none of this person's."


@pytest.mark.parametrize(
    "fields", [{}, {"tin": "", "date_of_birth": ""}, {"tin": "529091299"}, {"last_name": "Zzyzx"}]
)
def test_a_sealed_match_is_explained_alike(registry: Registry, fields: dict[str, str]) -> None:
    made = match(registry, **fields)
    sealed = json.loads(json.dumps(match_json(made)))
    again = Match.from_json("r1", sealed)
    assert again == made
    assert again.explain() == made.explain()
    assert again.explain().to_html() == made.explain().to_html()
    assert match_json(again) == match_json(made)


def test_the_explanation_is_json(registry: Registry) -> None:
    explained = match(registry, tin="").explain()
    value = json.loads(json.dumps(explained.to_json()))
    assert value["request_id"] == "r1"
    assert value["decision"] == "confirmed"
    (given,) = [f for f in value["candidates"][0]["fields"] if f["field"] == "given"]
    assert given == {
        "field": "given",
        "asked": "WILLIAM",
        "recorded": "WILLIAM",
        "level": "exact",
        "standing": "agrees",
        "doubt": None,
        "words": "the same given name",
    }
    bits = [part["bits"] for part in value["candidates"][0]["contributions"]]
    assert sum(bits) == pytest.approx(value["candidates"][0]["weight"], abs=1e-9)


def test_a_row_that_was_not_looked_up_has_nothing_but_its_reason() -> None:
    explained = Match("r9", Decision.NONE, reason="The row is malformed.").explain()
    assert explained.candidates == ()
    assert "The row is malformed." in explained.to_text()
    assert "The row is malformed." in explained.to_html()
    Outline.of(explained.to_html()).check()


def test_every_level_has_words_and_a_standing_as_the_rule_takes_it() -> None:
    for field, levels in LEVELS.items():
        for level in levels:
            assert level_words(field, level) != level.replace("_", " "), (field, level)
            candidate = at_level(field, level)
            shown = {f.field: f for f in explain_fields(POLICY, FIELD_VALUES, candidate)}
            if level == "straight":
                assert field not in shown
                continue
            refused = shown[field].standing in (Standing.DISAGREES, Standing.CONTRADICTS)
            agrees = name_agrees(candidate) and address_agrees(POLICY, candidate)
            if field in ("given", "family", "suffix", "street", "unit", "area"):
                missing = shown[field].standing is Standing.NOT_COMPARED
                assert (refused or missing) is not agrees or level == "number_typo", (field, level)
            if refused:
                assert decide(POLICY, [candidate]).decision is not Decision.CONFIRMED


def at_level(field: str, level: str) -> CandidateEvidence:
    """The certain candidate with one field at another level."""
    values = FIELD_VALUES
    if field in vars(CERTAIN.name):
        return replace(CERTAIN, name=replace(CERTAIN.name, **{field: level}), fields=values)
    if field in vars(CERTAIN.place):
        return replace(CERTAIN, place=replace(CERTAIN.place, **{field: level}), fields=values)
    assert field in ("dob", "number")
    if field == "dob":
        return replace(CERTAIN, fields=values, dob=level)
    return replace(CERTAIN, fields=values, number=level)


@given(weighed())
@settings(max_examples=300, deadline=None)
def test_what_the_fields_weigh_adds_up(candidate: CandidateEvidence) -> None:
    parts = contributions(candidate)
    assert round(sum(round(part.bits * 1000) for part in parts)) == round(candidate.weight * 1000)
    told = [field for part in parts for field in part.fields]
    assert len(told) == len(set(told))
    assert set(told) <= set(FIELDS)
    exact = {f for f in ("given", "family") if getattr(candidate.name, f) == "exact"}
    assert all(set(part.fields) == exact for part in parts if len(part.fields) > 1)


@given(POLICIES, CANDIDATES, st.sampled_from([(), ("household",), ("address", "house_given")]))
@settings(max_examples=200, deadline=None)
def test_whatever_was_decided_can_be_explained(
    policy: IdentityPolicy, candidates: list[CandidateEvidence], cut: tuple[str, ...]
) -> None:
    found = [replace(one, fields=FIELD_VALUES) for one in candidates]
    around = Circumstances(cut=cut)
    verdict = decide(policy, found, around)
    explained = explained_of(policy, found, around)
    assert len(explained.candidates) == len(found)
    rivals = {one.person_id for one in explained.candidates if one.role is Role.RIVAL}
    assert rivals == {found[i].person_id for i in verdict.rivals}
    confirmed = [one for one in explained.candidates if one.role is Role.CONFIRMED]
    assert len(confirmed) == (verdict.decision is Decision.CONFIRMED)
    assert bool(explained.needed) == (
        verdict.decision is not Decision.CONFIRMED and verdict.about is not None
    )
    assert len(explained.cut) == len(cut)
    aside = "address" not in policy.requires
    for one in explained.candidates:
        assert (one.address_agrees is None) is aside
        left = {field.field for field in one.fields if field.standing is Standing.LEFT_ASIDE}
        assert left == ({"house", "street", "unit", "area"} if aside else set())
    assert all(one.why for one in explained.candidates)
    assert not explained.remarks or explained.conflict or "model" in explained.remarks[0]
    explained.to_text()
    Outline.of(explained.to_html()).check()


def test_what_was_cut_is_told() -> None:
    found = [replace(CERTAIN, fields=FIELD_VALUES)]
    explained = explained_of(POLICY, found, Circumstances(cut=("household", "newer_key")))
    assert explained.decision is Decision.AMBIGUOUS
    text, page = explained.to_text(), explained.to_html()
    for words in ("in the building of a candidate", "newer key"):
        assert words in text
        assert words in page


def test_more_than_the_kept_and_a_shared_number_are_told() -> None:
    found = [replace(CERTAIN, number="equal", fields=FIELD_VALUES)]
    explained = explained_of(POLICY, found, Circumstances(number_holders=3))
    assert "Recorded under the number asked: 3 persons." in explained.remarks
    match = Match("r", Decision.NONE, candidates=40, evidence=evidence_of(found))
    assert "Of 40 persons compared, the 1 nearest are kept." in match.explain().remarks


def test_other_rules_and_other_models_are_told() -> None:
    found = [replace(CERTAIN, fields=FIELD_VALUES)]
    old = Match(
        "r", Decision.AMBIGUOUS, reason="Of old.", candidates=1, evidence=evidence_of(found)
    )
    assert any("By today's rules" in one for one in old.explain().remarks)
    former = explained_of(POLICY, found, version=VERSION - 1)
    assert any("another version of the rules" in one for one in former.remarks)
    unknown = explained_of(POLICY, found, model="sha256:" + "0" * 64)
    assert unknown.candidates[0].contributions == ()
    assert any("model that is not here" in one for one in unknown.remarks)
    assert "Bits</th>" not in unknown.to_html()
    known = explained_of(POLICY, [replace(found[0], weight=-3.5)])
    assert known.candidates[0].contributions == (), "levels that cannot weigh so little"


@pytest.mark.parametrize(
    "broken",
    [
        {"candidates": None},
        {"candidates": [{"person_id": "Quimby"}]},
        {"circumstances": {}},
        {"asked": {"name": ["Quimby"]}},
        {"policy": "Quimby"},
    ],
)
def test_unreadable_evidence_is_an_error_that_shows_nothing(broken: dict[str, Json]) -> None:
    found = [replace(CERTAIN, fields=FIELD_VALUES)]
    match = Match("r", Decision.CONFIRMED, evidence=evidence_of(found) | broken)
    with pytest.raises(UsageError) as caught:
        match.explain()
    assert caught.value.cure
    assert "Quimby" not in caught.value.message
    assert caught.value.__cause__ is None
