"""Officers come and go: periods at their edges, and what a roster's file may not say."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from tests.agreement.examples import HOLDER_KEY, REQUESTER_KEY, key

from comity.agreement.roster import Appointment, Delegation, Detail, Officer, Period
from comity.agreement.rosters import load_roster, parse_roster
from comity.core.errors import AgreementError
from comity.core.keys import public_jwk
from comity.core.statement import encode_public_key

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
FIRST, LAST = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 31, 23, 59, 59, 999999, UTC)
JUST = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("at", "covered"),
    [(FIRST - JUST, False), (FIRST, True), (LAST, True), (LAST + JUST, False)],
)
def test_a_period_has_both_its_days_whole(at: datetime, covered: bool) -> None:
    person = Officer(
        "a", "A", "k", training_expires=None, appointments=(Appointment("Clerk", MARCH, ("x",)),)
    )
    assert MARCH.covers(at) is covered
    assert person.offices_at(at) == (("Clerk",) if covered else ())
    assert person.holds("x", at) is covered
    assert not person.holds("y", at)


def test_an_open_period_goes_on() -> None:
    assert Period(date(2026, 3, 1)).covers(datetime(9999, 12, 31, tzinfo=UTC))
    assert not Period(date(2026, 3, 1)).covers(FIRST - JUST)


def test_days_are_days_in_utc() -> None:
    east = timezone(timedelta(hours=9))
    assert not MARCH.covers(datetime(2026, 3, 1, 8, 59, tzinfo=east))
    assert MARCH.covers(datetime(2026, 4, 1, 8, 59, tzinfo=east))
    with pytest.raises(ValueError, match="time zone"):
        MARCH.covers(datetime(2026, 3, 1))


def test_on_detail_only_the_other_office_and_none_of_the_own_authorities() -> None:
    lent = Detail("Elsewhere", Period(date(2026, 3, 10), date(2026, 3, 20)))
    person = Officer(
        "a",
        "A",
        "k",
        appointments=(Appointment("Clerk", MARCH, ("approve",)),),
        delegations=(Delegation("stay", "b", "Order 1", MARCH),),
        details=(lent,),
    )
    before, during = datetime(2026, 3, 9, tzinfo=UTC), datetime(2026, 3, 10, tzinfo=UTC)
    after = datetime(2026, 3, 21, tzinfo=UTC)
    for at in (before, after):
        assert person.offices_at(at) == ("Clerk",)
        assert person.holds("approve", at)
        assert person.holds("stay", at)
    assert person.offices_at(during) == ("Elsewhere",)
    assert not person.holds("approve", during)
    assert not person.holds("stay", during)


def test_training_is_good_through_its_last_day() -> None:
    person = Officer("a", "A", "k", training_expires=date(2026, 3, 31))
    assert person.trained_at(LAST)
    assert not person.trained_at(LAST + JUST)
    assert not Officer("a", "A", "k").trained_at(FIRST)


JWK = public_jwk(ec.derive_private_key(7, ec.SECP256R1()).public_key())
ROSTER = f"""\
party: holder
version: 1
officers:
  - id: head
    name: The Head
    signing_key: {encode_public_key(HOLDER_KEY.public_key())}
    appointments:
      - office: Director
        period: {{start: 2026-01-01, end: 2026-12-31}}
        authorities: [sign-agreement, approve]
  - id: clerk
    name: The Clerk
    signing_key: {encode_public_key(REQUESTER_KEY.public_key())}
    encryption_key: {{kty: EC, crv: P-256, x: {JWK["x"]}, y: {JWK["y"]}}}
    training_expires: 2026-12-31
    delegations:
      - authority: approve
        delegated_by: head
        instrument: Order 1
        period: {{start: 2026-02-01}}
    details:
      - {{office: Annex, period: {{start: 2026-05-01, end: 2026-05-31}}}}
"""


def test_a_roster_is_read(tmp_path: Path) -> None:
    file = tmp_path / "roster.yaml"
    file.write_text(ROSTER, "utf-8")
    roster = load_roster(file)
    clerk = roster.officer("clerk")
    assert clerk is not None
    assert clerk.holds("approve", datetime(2026, 4, 1, tzinfo=UTC))
    assert not clerk.holds("approve", datetime(2026, 5, 1, tzinfo=UTC))
    assert roster.officer("nobody") is None


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ("party: holder", "party: The Holder", "1:1: party", "small letters"),
        ("version: 1", "version: '1'", "2:1: version", "a whole number"),
        ("version: 1", "version: 0", "2:1: version", "the least is 1"),
        ("name: The Head", "nam: The Head", "5:5: officers[0].nam", "did you mean `name`?"),
        ("id: head", "id: The Head", "4:5: officers[0].id", "small letters"),
        ("id: clerk", "id: head", "11:5: officers[1].id", "another officer has this id"),
        ("id: clerk", "id: &x clerk", "11:9: officers[1].id", "anchors"),
        ("ed25519:", "rsa:", "6:5: officers[0].signing_key", "not a public signing key"),
        (
            encode_public_key(REQUESTER_KEY.public_key()),
            encode_public_key(HOLDER_KEY.public_key()),
            "13:5: officers[1].signing_key",
            "another officer has this key",
        ),
        ("kty: EC,", "kty: EC, d: AAAA,", "14:5: officers[1].encryption_key", "private key"),
        ("crv: P-256", "crv: P-384", "14:5: officers[1].encryption_key", "P-256 JWK"),
        (f"y: {JWK['y']}", f"y: {JWK['x']}", "14:5: officers[1].encryption_key", "P-256 JWK"),
        ("end: 2026-12-31", "end: 2025-12-31", "9:9: officers[0].appointments[0].period", "ends"),
        ("end: 2026-05-31", "end: 2026-04-30", "22:25: officers[1].details[0].period", "ends"),
        (
            "delegated_by: head",
            "delegated_by: clerk",
            "18:9: officers[1].delegations[0].delegated_by",
            "no other officer",
        ),
        (
            "authority: approve",
            "authority: stay",
            "17:9: officers[1].delegations[0].authority",
            "has it by no appointment",
        ),
        (
            "{start: 2026-02-01}",
            "{start: 2027-01-01}",
            "17:9: officers[1].delegations[0].authority",
            "on the day the delegation starts",
        ),
    ],
)
def test_a_rosters_fault_is_named_with_its_place(
    old: str, new: str, place: str, words: str
) -> None:
    assert old in ROSTER
    with pytest.raises(AgreementError) as caught:
        parse_roster(ROSTER.replace(old, new, 1), "r.yaml")
    lines = caught.value.message.splitlines()
    assert any(one.startswith(f"r.yaml:{place}: ") and words in one for one in lines), lines


def test_no_key_is_quoted_in_an_error() -> None:
    public = encode_public_key(key(9).public_key())
    with pytest.raises(AgreementError) as caught:
        parse_roster(ROSTER.replace("id: clerk", f"id: clerk\n    extra: {public}"), "r.yaml")
    assert public not in caught.value.message
