"""What a requester may learn: five words, and what needs the registry only at the release."""

import pytest

from comity.core.outcome import Outcome, Status, status_of


@pytest.mark.parametrize("released", [False, True])
@pytest.mark.parametrize("outcome", [Outcome.HELD, Outcome.READY, Outcome.STAYED])
def test_what_waits_is_pending_and_nothing_finer(outcome: Outcome, released: bool) -> None:
    assert status_of(outcome, released=released) is Status.PENDING


def test_an_unknown_person_looks_like_a_waiting_one_until_release() -> None:
    assert status_of(Outcome.NOT_VERIFIED, released=False) is Status.PENDING
    assert status_of(Outcome.NOT_VERIFIED, released=True) is Status.NOT_VERIFIED


@pytest.mark.parametrize("released", [False, True])
def test_what_is_deficient_is_answered_at_once(released: bool) -> None:
    assert status_of(Outcome.RETURNED, released=released) is Status.RETURNED
    assert status_of(Outcome.REFUSED, released=released) is Status.REFUSED
