"""`determine`: the outcomes of DESIGN, each from the inputs that must lead to it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.agreement.model import (
    Agreement,
    ApprovalPolicy,
    Element,
    IdentityPolicy,
    Item,
    Limits,
    Parties,
    Party,
    RecipientPolicy,
    Retention,
)
from comity.core.citation import Citation
from comity.core.outcome import Outcome
from comity.determination.determine import Determination, determine
from comity.determination.stay import Reach, Scope, Stay
from comity.examination.finding import Finding, Verdict
from comity.identity.match import Decision, Match

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
CITE = Citation("26 USC 6103(i)(2)", law="R01")
AGREEMENT = Agreement(
    id="made-up",
    version=1,
    title="A made-up agreement",
    purpose="Tests",
    parties=Parties(Party("holder", "Holder"), Party("requester", "Requester")),
    authority=(CITE,),
    effective=date(2025, 1, 1),
    statutes=(),
    elements=(),
    identity=IdentityPolicy(),
    items=(Item("last_known_address", CITE, "a mailing address"),),
    recipients=RecipientPolicy(),
    approvals=ApprovalPolicy(),
    limits=Limits(10, 10),
    retention=Retention(30, CITE),
)
REACH = Reach("made-up", "b0001", 1, "8 USC 1253(a)(1)")
CERTAIN = Match("b0001/1", Decision.CONFIRMED, person_id="p1", weight=20.0)


def finding(verdict: Verdict, outcome: Outcome = Outcome.RETURNED) -> Finding:
    return Finding("name.present", verdict, CITE, outcome, "reason", "cure")


MET = finding(Verdict.MET)


def decided(
    findings: list[Finding], match: Match | None, stays: tuple[Stay, ...] = ()
) -> Determination:
    return determine(AGREEMENT, "sha256:0", REACH, findings, match, stays, AT)


def test_lawful_and_certain_is_ready() -> None:
    assert decided([MET], CERTAIN).outcome is Outcome.READY


def test_one_unmet_rule_returns_and_a_refusal_outweighs_it() -> None:
    returned = finding(Verdict.UNMET)
    refused = finding(Verdict.UNMET, Outcome.REFUSED)
    assert decided([MET, returned], None).outcome is Outcome.RETURNED
    assert decided([returned, refused], None).outcome is Outcome.REFUSED


@pytest.mark.parametrize("decision", [Decision.NONE, Decision.AMBIGUOUS])
def test_none_and_several_are_the_same(decision: Decision) -> None:
    assert decided([MET], Match("b0001/1", decision)).outcome is Outcome.NOT_VERIFIED


def test_a_flag_holds() -> None:
    match = Match("k", Decision.CONFIRMED, "p1", flags=frozenset({"impairment"}))
    made = decided([MET], match)
    assert made.outcome is Outcome.HELD
    assert [f.rule for f in made.grounds()] == ["subject.protected"]


def test_only_the_listed_flags_hold_where_the_agreement_lists_them() -> None:
    import dataclasses

    element = Element("e", "subject.protected", CITE, {"flags": ("minor",)})
    narrowed = dataclasses.replace(AGREEMENT, elements=(element,))
    for flag, outcome in (("minor", Outcome.HELD), ("deceased", Outcome.READY)):
        match = Match("k", Decision.CONFIRMED, "p1", flags=frozenset({flag}))
        assert determine(narrowed, "d", REACH, [MET], match, (), AT).outcome is outcome


def test_a_conflict_holds_although_nobody_is_certain() -> None:
    made = decided([MET], Match("k", Decision.AMBIGUOUS, conflict=True))
    assert made.outcome is Outcome.HELD


@pytest.mark.parametrize(
    ("scope", "value"),
    [
        (Scope.EXCHANGE, ""),
        (Scope.AGREEMENT, "made-up"),
        (Scope.STATUTE, "8 U.S.C. 1253"),
        (Scope.STATUTE, "8 USC § 1253(a)"),
        (Scope.BATCH, "b0001"),
        (Scope.REQUEST, "b0001/1"),
    ],
)
def test_a_stay_stops_what_would_be_ready(scope: Scope, value: str) -> None:
    stay = Stay("s1", scope, value, AT)
    assert decided([MET], CERTAIN, (stay,)).outcome is Outcome.STAYED


@pytest.mark.parametrize(
    "stay",
    [
        Stay("s1", Scope.AGREEMENT, "another", AT),
        Stay("s1", Scope.STATUTE, "18 USC 1028", AT),
        Stay("s1", Scope.EXCHANGE, "", AT, lifted=AT),
        Stay("s1", Scope.EXCHANGE, "", datetime(2026, 3, 2, tzinfo=UTC)),
        Stay("s1", Scope.CLASS, "minor", AT),
    ],
)
def test_a_stay_that_does_not_reach_it_does_not_stop_it(stay: Stay) -> None:
    assert decided([MET], CERTAIN, (stay,)).outcome is Outcome.READY


def test_a_stay_does_not_change_what_is_deficient() -> None:
    stay = Stay("s1", Scope.EXCHANGE, "", AT)
    assert decided([finding(Verdict.UNMET)], None, (stay,)).outcome is Outcome.RETURNED


def test_looking_up_a_deficient_request_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="match"):
        decided([finding(Verdict.UNMET)], CERTAIN)
    with pytest.raises(ValueError, match="match"):
        decided([MET], None)


VERDICTS = st.builds(
    finding,
    st.sampled_from(list(Verdict)),
    st.sampled_from([Outcome.RETURNED, Outcome.REFUSED]),
)
MATCHES = st.builds(
    Match,
    st.just("k"),
    st.sampled_from(list(Decision)),
    st.just("p1"),
    conflict=st.booleans(),
    flags=st.frozensets(st.sampled_from(["minor", "impairment"])),
)
STAYS = st.tuples(
    st.sampled_from([Stay("s", Scope.EXCHANGE, "", AT), Stay("t", Scope.BATCH, "x", AT)])
)


@given(st.lists(VERDICTS), MATCHES, STAYS)
def test_ready_needs_everything_at_once(
    findings: list[Finding], match: Match, stays: tuple[Stay, ...]
) -> None:
    unmet = any(f.verdict is Verdict.UNMET for f in findings)
    made = decided(findings, None if unmet else match, stays)
    assert made == decided(findings, None if unmet else match, stays)
    if made.outcome is Outcome.READY:
        assert not unmet
        assert match.decision is Decision.CONFIRMED
        assert not match.conflict
        assert not match.flags
        assert all(s.scope is not Scope.EXCHANGE for s in stays)
