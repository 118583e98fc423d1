"""Signatures: by the right officer, in office when signing, over this very text; and amendments."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.agreement.examples import (
    AT,
    HOLDER_KEY,
    LATER,
    OTHER_KEY,
    REQUESTER_KEY,
    YEAR,
    officer,
    rosters,
    small,
)

from comity.agreement.digest import agreement_digest
from comity.agreement.model import Agreement, Party, Signature
from comity.agreement.roster import Appointment, Delegation, Detail, Officer, Period, Roster
from comity.agreement.signing import (
    amended,
    sign_agreement,
    verify_amendment,
    verify_signatures,
)
from comity.core.canonical import Json
from comity.core.errors import AgreementError, ConflictError
from comity.core.statement import encode_public_key, sign

CHIEF = sign_agreement(small(), "requester", "chief", REQUESTER_KEY, AT)


def head(
    agreement: Agreement | None = None, key: Ed25519PrivateKey = HOLDER_KEY, at: datetime = AT
) -> Signature:
    """The holder's signature."""
    return sign_agreement(agreement or small(), "holder", "head", key, at)


def signed(*signatures: Signature) -> Agreement:
    return dataclasses.replace(small(), signatures=signatures)


def said(at: str = "2026-03-02T12:00:00.000000Z") -> dict[str, Json]:
    """What the holder's signature is over, made by hand."""
    digest = agreement_digest(small())
    made: dict[str, Json] = {"agreement": "made-up", "version": 1, "digest": digest}
    return made | {"party": "holder", "officer": "head", "at": at}


def test_what_is_made_by_hand_stands_too() -> None:
    envelope = sign("agreement-signature", said(), HOLDER_KEY).to_json()
    signature = Signature("holder", "head", envelope)
    assert verify_signatures(signed(signature, CHIEF), rosters(), LATER).complete


def holder_problem(signature: Signature, on: Officer | None = None) -> str:
    """What is wrong with the holder's signature; the requester's is right."""
    report = verify_signatures(signed(signature, CHIEF), rosters(on), LATER)
    assert report.signed == {"requester"}
    assert not report.complete
    (problem,) = report.problems
    assert problem.startswith("holder: ")
    return problem


def test_both_parties_signatures_stand() -> None:
    report = verify_signatures(signed(head(), CHIEF), rosters(), LATER)
    assert report.complete
    assert report.signed == {"holder", "requester"}
    assert report.problems == ()


def test_one_signature_is_not_enough_and_none_is_none() -> None:
    assert verify_signatures(signed(head()), rosters(), LATER).problems == (
        "requester: it has not signed",
    )
    assert verify_signatures(small(), rosters(), LATER).signed == frozenset()


def test_another_key() -> None:
    assert "does not verify" in holder_problem(head(key=OTHER_KEY))


def test_a_changed_agreement_needs_both_again() -> None:
    changed = dataclasses.replace(signed(head(), CHIEF), purpose="To try other things out.")
    report = verify_signatures(changed, rosters(), LATER)
    assert report.signed == frozenset()
    assert all("another text" in problem for problem in report.problems)
    assert len(report.problems) == 2


def test_an_altered_payload_does_not_verify() -> None:
    envelope = dict(head().envelope)
    later = head(at=datetime(2026, 3, 3, tzinfo=UTC)).envelope
    envelope["payload"] = later["payload"]
    assert "does not verify" in holder_problem(Signature("holder", "head", envelope))


@pytest.mark.parametrize("envelope", [{}, {"payload": 1}, {"signatures": "x", "payload": "x"}])
def test_what_is_no_envelope_does_not_verify(envelope: dict[str, object]) -> None:
    assert "does not verify" in holder_problem(Signature("holder", "head", envelope))


def test_a_statement_of_another_kind_is_no_signature() -> None:
    envelope = sign("approval", said(), HOLDER_KEY).to_json()
    assert "does not verify" in holder_problem(Signature("holder", "head", envelope))


@pytest.mark.parametrize("at", ["yesterday", "2026-03-02T12:00:00", ""])
def test_a_signature_without_its_moment_does_not_verify(at: str) -> None:
    envelope = sign("agreement-signature", said(at), HOLDER_KEY).to_json()
    assert "does not verify" in holder_problem(Signature("holder", "head", envelope))


def test_a_signature_for_one_party_is_none_for_the_other() -> None:
    requester = sign_agreement(small(), "requester", "head", HOLDER_KEY, AT)
    taken = Signature("holder", "head", requester.envelope)
    assert "another party" in holder_problem(taken)


def test_an_unknown_officer_and_an_unknown_roster() -> None:
    assert "not on its roster" in holder_problem(
        sign_agreement(small(), "holder", "nobody", HOLDER_KEY, AT)
    )
    report = verify_signatures(signed(head(), CHIEF), {"requester": rosters()["requester"]}, LATER)
    assert report.problems == (
        "holder: its roster is not known, so its signature cannot be checked",
    )


@pytest.mark.parametrize(
    "on",
    [
        officer("head", HOLDER_KEY, Period(date(2026, 3, 3), None)),
        officer("head", HOLDER_KEY, Period(date(2025, 1, 1), date(2026, 3, 1))),
        officer("head", HOLDER_KEY, authorities=("approve",)),
        dataclasses.replace(officer("head", HOLDER_KEY), appointments=()),
        dataclasses.replace(
            officer("head", HOLDER_KEY), details=(Detail("Director", Period(date(2026, 3, 2))),)
        ),
    ],
    ids=["not yet", "no longer", "another authority", "no appointment", "on detail"],
)
def test_authority_is_judged_as_of_the_signing(on: Officer) -> None:
    assert "did not hold the authority" in holder_problem(head(), on)


def test_an_appointment_that_ended_after_signing_does_no_harm() -> None:
    ended = officer("head", HOLDER_KEY, Period(date(2026, 1, 1), date(2026, 3, 2)))
    assert verify_signatures(signed(head(), CHIEF), rosters(ended), LATER).complete


def test_only_the_offices_that_may_sign_do() -> None:
    clerk = officer("head", HOLDER_KEY, office="Clerk")
    assert "none of the offices" in holder_problem(head(), clerk)
    anybody = dataclasses.replace(
        small(),
        parties=dataclasses.replace(small().parties, holder=Party("holder", "Records Office")),
    )
    chief = sign_agreement(anybody, "requester", "chief", REQUESTER_KEY, AT)
    whole = dataclasses.replace(anybody, signatures=(head(anybody), chief))
    assert verify_signatures(whole, rosters(clerk), LATER).complete


def test_a_delegate_in_a_signing_office_signs() -> None:
    lender = officer("lender", OTHER_KEY)
    delegate = Officer(
        "head",
        "Officer head",
        encode_public_key(HOLDER_KEY.public_key()),
        appointments=(Appointment("Director", YEAR),),
        delegations=(Delegation("sign-agreement", "lender", "Order 1", YEAR),),
    )
    known = rosters() | {"holder": Roster("holder", 1, (lender, delegate))}
    assert verify_signatures(signed(head(), CHIEF), known, LATER).complete


def test_one_key_never_signs_for_both() -> None:
    both = rosters() | {"requester": Roster("requester", 1, (officer("chief", HOLDER_KEY),))}
    chief = sign_agreement(small(), "requester", "chief", HOLDER_KEY, AT)
    report = verify_signatures(signed(head(), chief), both, LATER)
    assert not report.complete
    assert report.signed == frozenset()


def test_nobody_signs_for_a_third_party() -> None:
    with pytest.raises(AgreementError, match="holder and requester"):
        sign_agreement(small(), "somebody", "head", HOLDER_KEY, AT)


def test_an_amendment_names_its_predecessor_and_loses_the_signatures() -> None:
    old = signed(head(), CHIEF)
    new = amended(old, "Ann", "Ben", "The limit was too low.")
    verify_amendment(old, new)
    assert new.version == 2
    assert new.signatures == ()
    assert new.amends is not None
    assert new.amends.predecessor == agreement_digest(old)
    # the old signatures are no signatures of the new version
    assert not verify_signatures(
        dataclasses.replace(new, signatures=old.signatures), rosters(), LATER
    ).signed
    third = amended(new, "Ann", "Ben", "Once more.")
    verify_amendment(new, third)
    with pytest.raises(ConflictError, match="does not name the digest"):
        verify_amendment(old, third)


def test_an_amendment_of_another_text_number_or_id_is_refused() -> None:
    old = small()
    new = amended(old, "Ann", "Ben", "Why")
    with pytest.raises(ConflictError, match="does not name the digest"):
        verify_amendment(dataclasses.replace(old, purpose="Other"), new)
    with pytest.raises(ConflictError, match="does not name the digest"):
        verify_amendment(old, dataclasses.replace(new, amends=None))
    with pytest.raises(ConflictError, match="is number 2"):
        verify_amendment(old, dataclasses.replace(new, version=3))
    with pytest.raises(ConflictError, match="is number 2"):
        verify_amendment(old, dataclasses.replace(new, id="other"))


def test_a_signature_of_tomorrow_does_not_stand_today() -> None:
    early = datetime(2026, 3, 2, 11, tzinfo=UTC)
    report = verify_signatures(signed(head(), CHIEF), rosters(), early)
    assert report.signed == frozenset()
    assert any("still to come" in problem for problem in report.problems)
