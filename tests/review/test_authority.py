"""Who may do what, as of the moment, and never alone."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from comity.agreement.roster import Appointment, Delegation, Detail, Officer, Period
from comity.core.errors import AuthorizationError
from comity.review.authority import AUTHORITIES, Actor, Target, authorize

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
REVIEWER = Officer(
    "h-1", "Made Up", "ed25519:", appointments=(Appointment("Disclosure", YEAR, ("approve",)),)
)


def request(**changed: str | bool | frozenset[str]) -> Target:
    attributes: dict[str, str | bool | frozenset[str]] = {
        "holder": "irs",
        "submitted_by": "r-1",
        "prepared_by": "r-2",
        "signed_by": "r-3",
        "decided_by": frozenset(),
        "certain": True,
    }
    return Target("Request", "b0001/1", attributes | changed)


def allowed(officer: Officer, party: str, action: str, target: Target, at: datetime = AT) -> bool:
    try:
        authorize(Actor(officer, party, at), action, target)
    except AuthorizationError:
        return False
    return True


def test_an_appointed_officer_of_the_holder_decides() -> None:
    for action in ("approve", "deny", "view"):
        assert allowed(REVIEWER, "irs", action, request())


@pytest.mark.parametrize(
    "day", [datetime(2025, 12, 31, 23, 59, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)]
)
def test_not_before_or_after_the_appointment(day: datetime) -> None:
    assert not allowed(REVIEWER, "irs", "approve", request(), day)


def test_not_for_the_other_party() -> None:
    assert not allowed(REVIEWER, "ice", "approve", request())


@pytest.mark.parametrize("role", ["submitted_by", "prepared_by", "signed_by"])
@pytest.mark.parametrize("action", ["approve", "deny"])
def test_who_prepared_does_not_decide(role: str, action: str) -> None:
    assert not allowed(REVIEWER, "irs", action, request(**{role: "h-1"}))


def test_each_officer_decides_once() -> None:
    assert not allowed(REVIEWER, "irs", "approve", request(decided_by=frozenset({"h-1"})))


def test_without_a_certain_person_only_denial_is_left() -> None:
    assert not allowed(REVIEWER, "irs", "approve", request(certain=False))
    assert allowed(REVIEWER, "irs", "deny", request(certain=False))


def test_on_detail_elsewhere_the_own_office_does_not_act() -> None:
    lent = Officer(
        "h-1", "Made Up", "", appointments=REVIEWER.appointments, details=(Detail("ICE", YEAR),)
    )
    assert not allowed(lent, "irs", "approve", request())


def test_a_delegation_gives_the_authority_for_its_time() -> None:
    lent = Delegation("approve", "h-0", "memorandum 7", Period(AT.date(), AT.date()))
    officer = Officer("h-2", "Made Up", "", delegations=(lent,))
    assert allowed(officer, "irs", "approve", request())
    assert not allowed(officer, "irs", "approve", request(), datetime(2026, 6, 2, tzinfo=UTC))


def test_a_stay_is_not_lifted_by_who_imposed_it() -> None:
    officer = Officer("h-1", "", "", appointments=(Appointment("Counsel", YEAR, ("stay",)),))
    mine = Target("Exchange", "exchange", {"holder": "irs", "imposed_by": "h-1"})
    theirs = Target("Exchange", "exchange", {"holder": "irs", "imposed_by": "h-9"})
    assert not allowed(officer, "irs", "lift", mine)
    assert allowed(officer, "irs", "lift", theirs)


def test_whatever_no_policy_names_is_refused() -> None:
    everything = Officer("h-1", "", "", appointments=(Appointment("All", YEAR, AUTHORITIES),))
    assert not allowed(everything, "irs", "erase", request())
    assert not allowed(everything, "irs", "approve", Target("Person", "p1", {"holder": "irs"}))


def test_an_id_cannot_break_out_of_the_policy_request() -> None:
    tricky = Officer('x"::Officer::"h-1', "", "", appointments=REVIEWER.appointments)
    assert allowed(tricky, "irs", "approve", request())
    assert not allowed(tricky, "irs", "approve", request(submitted_by='x"::Officer::"h-1'))
