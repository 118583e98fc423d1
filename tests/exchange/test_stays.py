"""A stay stops the very next disclosure, and a flag is read just before release."""

from __future__ import annotations

import pytest
from tests.exchange.office import AGREEMENT_ID, PERSON, REQUEST, Office, Row

from comity.core.errors import AuthorizationError, UsageError
from comity.core.keys import load_encryption_key
from comity.demo.officers import PASSPHRASE
from comity.determination.stay import Scope
from comity.exchange import staying
from comity.exchange.receiving import open_file
from comity.review.decision import Verdict

ORDER = "Order of the district court, docket 26-0417, 2 March 2026"


def impose(office: Office, scope: Scope, value: str = "") -> str:
    with office.exchange.writing():
        counsel = office.credentials(office.cast.counsel)
        return staying.add_stay(office.exchange, scope, value, ORDER, counsel).id


def lift(office: Office, name: str, by: str) -> None:
    with office.exchange.writing():
        staying.lift_stay(office.exchange, name, "The order was vacated.", office.credentials(by))


SCOPES = [
    (Scope.EXCHANGE, ""),
    (Scope.AGREEMENT, AGREEMENT_ID),
    (Scope.STATUTE, "8 U.S.C. § 1253(a)(1)"),
    (Scope.STATUTE, "8 USC 1253(a)(1)(A)"),
    (Scope.STATUTE, "8 USC 1253"),
    (Scope.BATCH, "b000001"),
    (Scope.REQUEST, "b000001/1"),
    (Scope.RECIPIENT, "inv-01"),
]


@pytest.mark.parametrize(("scope", "value"), SCOPES)
def test_it_binds_the_very_next_disclosure_and_lets_go(
    office: Office, scope: Scope, value: str
) -> None:
    office.submit(REQUEST, dict(REQUEST, request_id="R2", case_number="X-2", first_name="Ignatius"))
    office.decide(Verdict.APPROVE, "b000001/1")
    name = impose(office, scope, value)
    (closed,) = office.disclose()
    assert (closed.answers, closed.released) == (0, False)
    assert office.statuses() == ["pending", "pending"]
    lift(office, name, office.cast.inspector)
    (closed,) = office.disclose()
    assert (closed.answers, closed.released) == (1, True)
    assert office.statuses() == ["disclosed", "not_verified"]


def test_what_comes_in_under_a_stay_is_stayed(office: Office) -> None:
    impose(office, Scope.AGREEMENT, AGREEMENT_ID)
    office.submit(REQUEST)
    assert office.outcomes() == ["stayed"]
    assert office.statuses() == ["pending"]
    assert office.rules() == [("stay.none",)]


def test_a_stay_on_a_class_lets_the_others_wait_with_it(office: Office) -> None:
    """Were the unknown told while the stayed one stays pending, the requester would know."""
    office.build(dict(PERSON, flags="identity_theft"))
    impose(office, Scope.CLASS, "identity_theft")
    office.submit(REQUEST, dict(REQUEST, request_id="R2", case_number="X-2", first_name="Ignatius"))
    assert office.outcomes() == ["stayed", "not_verified"]
    (closed,) = office.disclose()
    assert not closed.released
    assert office.statuses() == ["pending", "pending"]


def test_another_statute_s_stay_does_not_bind(office: Office) -> None:
    impose(office, Scope.STATUTE, "8 USC 1326")
    office.submit(REQUEST)
    assert office.outcomes() == ["ready"]


def test_who_imposed_it_does_not_lift_it(office: Office) -> None:
    name = impose(office, Scope.EXCHANGE)
    with pytest.raises(AuthorizationError, match="another officer"):
        lift(office, name, office.cast.counsel)


@pytest.mark.parametrize(
    ("scope", "value"),
    [
        (Scope.EXCHANGE, "all"),
        (Scope.AGREEMENT, ""),
        (Scope.AGREEMENT, "us-irs-ice-2026"),
        (Scope.STATUTE, "1253"),
        (Scope.BATCH, "b000009"),
        (Scope.REQUEST, "b000001/9"),
        (Scope.RECIPIENT, "inv-99"),
        (Scope.CLASS, "protected"),
    ],
)
def test_a_stay_that_would_stop_nobody_is_an_error(
    office: Office, scope: Scope, value: str
) -> None:
    office.submit(REQUEST)
    with pytest.raises(UsageError):
        impose(office, scope, value)
    assert staying.all_stays(office.exchange) == ()


def test_a_flag_set_after_the_approval_holds_the_case_anew(office: Office) -> None:
    office.submit(REQUEST)
    office.decide(Verdict.APPROVE, "b000001/1")
    office.build(dict(PERSON, flags="impairment"))
    (closed,) = office.disclose()
    assert (closed.answers, closed.undecided) == (0, 1)
    assert office.outcomes() == ["held"]
    office.decide(Verdict.APPROVE, "b000001/1", by="irs-disclosure-1")
    assert office.disclose()[0].answers == 0, "the approval before the flag must not count"
    office.decide(Verdict.APPROVE, "b000001/1", by="irs-disclosure-2")
    assert office.disclose()[0].answers == 1


def test_a_person_who_has_left_the_registry_is_not_answered_about(office: Office) -> None:
    office.submit(REQUEST)
    office.decide(Verdict.APPROVE, "b000001/1")
    office.build(dict(PERSON, person_id="P77", first_name="Somebody", last_name="Elseworth"))
    (closed,) = office.disclose()
    assert closed.answers == 0
    assert office.statuses() == ["pending"]


def test_an_address_with_impossible_dates_is_not_given(office: Office) -> None:
    office.build(dict(PERSON, address_from="2024-13-45"))
    office.submit(REQUEST)
    office.decide(Verdict.APPROVE, "b000001/1")
    (closed,) = office.disclose()
    assert (closed.answers, closed.undecided) == (0, 1)
    office.decide(Verdict.DENY, "b000001/1")
    assert office.disclose()[0].released


FORMER = dict(PERSON, address_from="2010-01-01", address_to="2019-01-31")
CURRENT = dict(PERSON, street="9 Larkspur Ct", address_from="2019-02-01")


@pytest.mark.parametrize(
    ("addresses", "given"),
    [
        ([FORMER, CURRENT], "9 Larkspur Ct"),
        (
            [dict(FORMER, address_to="2025-12-31"), dict(CURRENT, address_from="2009-01-01")],
            "9 Lark",
        ),
        ([FORMER, dict(CURRENT, address_to="2018-01-01", address_from="")], "418 Juniper"),
        ([PERSON, dict(CURRENT, address_from="2020-01-01")], "9 Larkspur Ct"),
        ([FORMER, dict(CURRENT, address_from="2024-13-45")], "418 Juniper Hollow Rd"),
    ],
    ids=["current", "current though older", "ended last", "began last", "sound dates"],
)
def test_the_last_known_address_is_given_whichever_was_asked_with(
    office: Office, addresses: list[Row], given: str
) -> None:
    office.build(*addresses)
    office.submit(REQUEST)
    office.decide(Verdict.APPROVE, "b000001/1")
    (closed,) = office.disclose()
    key = load_encryption_key(office.cast.encryption_key("inv-01"), lambda: PASSPHRASE)
    package = office.exchange.package_path / f"{closed.packages[0]}.comity"
    (answer,) = open_file(package, key, office.exchange.package_verifier_key).answers
    assert given in str(answer["items"])
