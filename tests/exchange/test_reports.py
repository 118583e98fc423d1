"""The yearly sums add up, and the accounting has every request, refused ones too."""

from __future__ import annotations

import csv

import pytest
from tests.exchange.office import AGREEMENT_ID, REQUEST, Office
from tests.exchange.recalls import Desk

from comity.core.errors import AuthorizationError
from comity.core.outcome import Status
from comity.exchange import reporting
from comity.exchange.verifying import verify_log
from comity.review.decision import Verdict

YEAR = 2026


@pytest.fixture
def answered(office: Office) -> Office:
    """One disclosed, one returned, one refused, one not verified, one pending."""
    office.submit(
        REQUEST,
        dict(REQUEST, request_id="R2", case_number="X-2", street="NA NA"),
        dict(REQUEST, request_id="R3", case_number="X-3", statute="8 USC 1325(b)"),
        dict(REQUEST, request_id="R4", case_number="X-4", first_name="Ignatius"),
    )
    office.decide(Verdict.APPROVE, "b000001/1")
    office.disclose()
    office.submit(dict(REQUEST, request_id="R5", case_number="X-5"))
    return office


def test_yearly_sums(answered: Office) -> None:
    (sums,) = reporting.yearly_sums(answered.exchange, YEAR)
    assert (sums.agreement, sums.received) == (AGREEMENT_ID, 5)
    assert sums.statuses == dict.fromkeys(Status, 1)
    assert (sums.disclosures, sums.persons) == (1, 1)
    assert reporting.yearly_sums(answered.exchange, YEAR - 1) == []


def test_one_person_asked_about_twice_is_one_person(answered: Office) -> None:
    answered.decide(Verdict.APPROVE, "b000002/1")
    answered.disclose()
    (sums,) = reporting.yearly_sums(answered.exchange, YEAR)
    assert (sums.disclosures, sums.persons) == (2, 1)


def test_the_accounting_has_every_request(answered: Office) -> None:
    out = answered.folder / "accounting.csv"
    inspector = answered.credentials(answered.cast.inspector)
    with answered.exchange.writing():
        assert reporting.write_accounting(answered.exchange, YEAR, out, inspector) == 5
    log, key = answered.exchange.directory / "log", answered.exchange.log_verifier_key
    assert verify_log(log, key).types["accounting.made"] == 1
    with out.open() as file:
        rows = list(csv.DictReader(file))
    told = [row["status"] for row in rows]
    assert told == ["disclosed", "returned", "refused", "not_verified", "pending"]
    assert all(row["reason"] == REQUEST["reason"] and row["received"] for row in rows)
    first = rows[0]
    assert first["items"] == "last_known_address"
    assert first["packages"] == "b000001-p0001"
    assert first["recipients"] == "inv-01"
    assert first["answered"]
    assert "Juniper" not in out.read_text(), "an accounting tells what kind of item, not the item"


def test_the_accounting_is_for_who_must_keep_it(answered: Office) -> None:
    out = answered.folder / "accounting.csv"
    for officer in (answered.cast.operator, answered.cast.requester_head):
        who = answered.credentials(officer)
        with answered.exchange.writing(), pytest.raises(AuthorizationError, match="`account`"):
            reporting.write_accounting(answered.exchange, YEAR, out, who)
    assert not out.exists()


def test_recalled_answers_are_counted_and_named(answered: Office) -> None:
    """In the year of the incident, and beside the request that was answered."""
    persons = answered.folder / "persons.txt"
    persons.write_text("P1")
    desk = Desk(answered)
    desk.open(persons=persons)
    desk.later(days=320)
    desk.open(persons=persons)
    (sums,) = reporting.yearly_sums(answered.exchange, YEAR)
    assert (sums.incidents, sums.recalled) == (1, 1)
    (after,) = reporting.yearly_sums(answered.exchange, YEAR + 1)
    assert (after.received, after.incidents, after.recalled) == (0, 1, 1)
    out = answered.folder / "accounting.csv"
    with answered.exchange.writing():
        inspector = answered.credentials(answered.cast.inspector)
        reporting.write_accounting(answered.exchange, YEAR, out, inspector)
    with out.open() as file:
        assert [row["recalled"] for row in csv.DictReader(file)] == [
            "i000001;i000002",
            *[""] * 4,
        ]
