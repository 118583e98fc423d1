"""Who may decide: officers of the holder in office, none who asked, two for what is held."""

from __future__ import annotations

import dataclasses
from io import StringIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from ruamel.yaml import YAML
from tests.exchange.office import PERSON, REASON, REQUEST, Office, make_office

from comity.core.errors import AuthorizationError, ConflictError, UsageError
from comity.core.statement import Statement
from comity.exchange import disclosing, parties, reviewing, signing
from comity.exchange.officers import Credentials
from comity.ledger.entry import Entry
from comity.review.decision import Verdict
from comity.store import acts


def refusals(office: Office) -> int:
    with office.exchange.database.reading() as connection:
        entries = [Entry.parse(data) for data in acts.entries_from(connection, 0)]
    return sum(entry.type == "attempt.refused" for entry in entries)


@pytest.mark.parametrize(
    ("officer", "why"),
    [
        ("ice-preparer", "never decides on it"),
        ("dhs-secretary", "never decides on it"),
        ("irs-operator", "authority `approve`"),
        ("irs-counsel", "authority `approve`"),
        ("inv-01", "authority `approve`"),
    ],
)
def test_others_than_disclosure_officers_are_refused_and_logged(
    office: Office, officer: str, why: str
) -> None:
    office.submit(REQUEST)
    with pytest.raises(AuthorizationError, match=why):
        office.decide(Verdict.APPROVE, "b000001/1", by=officer)
    assert refusals(office) == 1
    assert office.outcomes() == ["ready"]


def test_another_s_key_is_refused_and_logged(office: Office) -> None:
    office.submit(REQUEST)
    stranger = Credentials("irs-disclosure-1", Ed25519PrivateKey.generate())
    with office.exchange.writing(), pytest.raises(AuthorizationError, match="key is not the one"):
        reviewing.decide(office.exchange, Verdict.APPROVE, {"b000001/1": REASON}, stranger)
    assert refusals(office) == 1


def test_an_ended_appointment_gives_no_authority(office: Office) -> None:
    office.submit(REQUEST)
    roster = office.folder / "holder-2.yaml"
    roster.write_text(_end_approvers(office.cast.holder_roster.read_text()))
    with office.exchange.writing():
        parties.add_roster(office.exchange, roster, office.credentials(office.cast.holder_head))
    with pytest.raises(AuthorizationError, match="authority `approve`"):
        office.decide(Verdict.APPROVE, "b000001/1")
    assert refusals(office) == 1


def _end_approvers(text: str) -> str:
    """The roster's next version, in which appointments to the Office of Disclosure have ended."""
    yaml = YAML()
    roster = yaml.load(text)
    roster["version"] = 2
    for officer in roster["officers"]:
        for appointment in officer["appointments"]:
            if appointment["office"] == "Office of Disclosure":
                appointment["period"]["end"] = "2026-02-01"
    out = StringIO()
    yaml.dump(roster, out)
    return out.getvalue()


def test_who_prepared_or_signed_never_decides(office: Office) -> None:
    """Were the same person an officer of the holder, the separation would still hold."""
    batch = office.write(REQUEST)
    manifest = signing.sign_batch(
        batch,
        office.agreement,
        "irs-disclosure-1",
        office.credentials(office.cast.requester_head),
        clock=office.clock,
    )
    office.hand_in(batch, manifest)
    assert office.outcomes() == ["ready"]
    with pytest.raises(AuthorizationError, match="never decides on it"):
        office.decide(Verdict.APPROVE, "b000001/1", by="irs-disclosure-1")
    office.decide(Verdict.APPROVE, "b000001/1", by="irs-disclosure-2")


def test_a_held_case_needs_two(tmp_path: Path) -> None:
    office = make_office(tmp_path, dict(PERSON, flags="impairment"))
    office.submit(REQUEST)
    office.decide(Verdict.APPROVE, "b000001/1", by="irs-disclosure-1")
    (closed,) = office.disclose()
    assert closed.undecided == 1
    with pytest.raises(AuthorizationError, match="decides once"):
        office.decide(Verdict.APPROVE, "b000001/1", by="irs-disclosure-1")
    office.decide(Verdict.APPROVE, "b000001/1", by="irs-disclosure-2")
    (closed,) = office.disclose()
    assert closed.answers == 1


def test_a_conflict_can_only_be_denied(tmp_path: Path) -> None:
    other = dict(
        PERSON, person_id="P2", first_name="Ottoline", date_of_birth="1948-02-02", street="1 Fir St"
    )
    office = make_office(tmp_path, PERSON, other)
    office.submit(dict(REQUEST, tin="850-12-3456"))
    assert office.rules() == [("identity.conflict",)]
    with pytest.raises(AuthorizationError, match="no one person is certain"):
        office.decide(Verdict.APPROVE, "b000001/1")
    office.decide(Verdict.DENY, "b000001/1")
    office.disclose()
    assert office.statuses() == ["not_verified"]


def test_one_denial_stands_against_approvals(office: Office) -> None:
    office.submit(REQUEST)
    office.decide(Verdict.DENY, "b000001/1", by="irs-disclosure-1")
    with pytest.raises(AuthorizationError):
        office.decide(Verdict.APPROVE, "b000001/1", by="irs-disclosure-2")
    (closed,) = office.disclose()
    assert (closed.answers, closed.released) == (0, True)


def test_each_decision_has_a_reason(office: Office) -> None:
    office.submit(REQUEST)
    with office.exchange.writing(), pytest.raises(UsageError, match="needs a reason"):
        reviewing.decide(
            office.exchange,
            Verdict.APPROVE,
            {"b000001/1": "ok"},
            office.credentials("irs-disclosure-1"),
        )


def test_a_statement_verifies_without_the_database(office: Office) -> None:
    office.submit(REQUEST)
    office.decide(Verdict.APPROVE, "b000001/1")
    with office.exchange.database.reading() as connection:
        number = acts.entry_count(connection) - 1
        sealed = acts.payload(connection, office.exchange.keys, number, "b000001/1")
    statement = Statement.from_json(sealed, kind="review-decision")
    key = office.credentials("irs-disclosure-1").key.public_key()
    statement.verify(key)
    assert statement.body["verdict"] == "approve"
    assert statement.body["reason"] == REASON
    with pytest.raises(Exception, match="does not verify"):
        dataclasses.replace(
            statement, payload=statement.payload.replace(b"approve", b"deny....")
        ).verify(key)


def test_the_operator_cannot_disclose(office: Office) -> None:
    office.submit(REQUEST)
    office.decide(Verdict.APPROVE, "b000001/1")
    operator = office.credentials(office.cast.operator)
    with office.exchange.writing(), pytest.raises(AuthorizationError, match="`disclose`"):
        disclosing.disclose(office.exchange, operator)
    assert office.statuses() == ["pending"]


def test_a_roster_is_changed_by_its_party_alone(office: Office) -> None:
    roster = office.folder / "holder-2.yaml"
    roster.write_text(office.cast.holder_roster.read_text().replace("version: 1", "version: 2", 1))
    head, other = office.cast.holder_head, office.cast.requester_head
    again = office.folder / "holder-1b.yaml"
    again.write_text(office.cast.holder_roster.read_text().replace("irs-counsel", "irs-adviser"))
    with office.exchange.writing():
        with pytest.raises(AuthorizationError):
            parties.add_roster(office.exchange, roster, None)
        requester, holder = office.credentials(other), office.credentials(head)
        with pytest.raises(AuthorizationError):
            parties.add_roster(office.exchange, roster, requester)
        parties.add_roster(office.exchange, roster, holder)
        with pytest.raises(ConflictError, match="higher version"):
            parties.add_roster(office.exchange, again, holder)


def test_who_alone_approved_a_case_does_not_send_it(office: Office) -> None:
    office.submit(REQUEST)
    office.decide(Verdict.APPROVE, "b000001/1", by="irs-disclosure-2")
    (closed,) = office.disclose()
    assert (closed.answers, closed.undecided) == (0, 1)
    assert "Its one approver cannot also send it." in closed.halted
    other = office.credentials("irs-disclosure-1")
    with office.exchange.writing():
        (closed,) = disclosing.disclose(office.exchange, other)
    assert closed.answers == 1
