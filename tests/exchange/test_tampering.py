"""Whoever writes to the files of an exchange, but cannot sign, gets nothing out of it."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.exchange.office import PERSON, REQUEST, Office

from comity.core.errors import AuthorizationError, LedgerError, RegistryError
from comity.exchange.opening import open_exchange
from comity.exchange.record import OFFICE_ACT
from comity.review.decision import Decision, Verdict
from comity.store import acts, cases
from comity.store.tables import decisions


def sql(office: Office, statement: str, *values: object) -> None:
    """Write to the database behind the exchange's back."""
    path = office.exchange.directory / "comity.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        changed = connection.execute(statement, values).rowcount
    assert changed, "the tampering itself must work"


def test_an_approval_that_nobody_signed_counts_for_nothing(office: Office) -> None:
    office.submit(REQUEST)
    sql(
        office,
        "INSERT INTO decisions (entry, batch, row, officer, verdict, at) "
        "VALUES (3, 'b000001', 1, 'irs-disclosure-1', 'approve', '2026-03-02T09:00:30.000000Z')",
    )
    with pytest.raises(AuthorizationError, match="not borne out by a signed statement"):
        office.disclose()
    assert office.statuses() == ["pending"]
    assert not office.exchange.package_path.exists()


def test_a_denial_does_not_turn_into_an_approval(office: Office) -> None:
    office.submit(REQUEST)
    office.decide(Verdict.DENY, "b000001/1")
    sql(office, "UPDATE decisions SET verdict = 'approve'")
    sql(office, "UPDATE requests SET outcome = 'ready'")
    with pytest.raises(AuthorizationError, match="not borne out"):
        office.disclose()


def test_another_officer_s_name_is_not_put_under_a_decision(office: Office) -> None:
    office.submit(REQUEST)
    office.decide(Verdict.APPROVE, "b000001/1")
    sql(office, "UPDATE decisions SET officer = 'irs-disclosure-2'")
    with pytest.raises(AuthorizationError, match="not borne out"):
        office.disclose()


def test_an_approval_does_not_pass_to_another_request(office: Office) -> None:
    other = dict(PERSON, person_id="P2", tin="", first_name="Ottoline", street="9 Fir St")
    office.build(PERSON, other)
    second = dict(REQUEST, request_id="R2", case_number="X-2", street="9 Fir St")
    office.submit(REQUEST, dict(second, first_name="Ottoline"))
    assert office.outcomes() == ["ready", "ready"]
    office.decide(Verdict.APPROVE, "b000001/1")
    office.decide(Verdict.DENY, "b000001/2", by="irs-disclosure-2")
    sql(office, "UPDATE decisions SET row = 3 - row")
    with pytest.raises(AuthorizationError, match="not borne out"):
        office.disclose()


def test_an_unverified_request_is_not_made_ready_by_a_word(office: Office) -> None:
    office.submit(dict(REQUEST, first_name="Ignatius"))
    assert office.outcomes() == ["not_verified"]
    sql(office, "UPDATE requests SET outcome = 'ready'")
    with pytest.raises(AuthorizationError):
        office.decide(Verdict.APPROVE, "b000001/1", by="irs-counsel")
    office.decide(Verdict.APPROVE, "b000001/1")
    (closed,) = office.disclose()
    assert closed.answers == 0


def test_a_held_case_is_not_made_an_ordinary_one_by_a_word(office: Office) -> None:
    office.build(dict(PERSON, flags="protected_address"))
    office.submit(REQUEST)
    sql(office, "UPDATE requests SET outcome = 'ready', rules = ''")
    office.decide(Verdict.APPROVE, "b000001/1")
    (closed,) = office.disclose()
    assert (closed.answers, closed.undecided) == (0, 1)
    assert office.outcomes() == ["held"]


def test_an_older_database_is_not_gone_on_with(office: Office) -> None:
    directory = office.exchange.directory
    office.submit(REQUEST)
    office.exchange.close()
    shutil.copy(directory / "comity.db", office.folder / "old.db")
    office.exchange = open_exchange(directory, office.clock)
    office.submit(dict(REQUEST, request_id="R2", case_number="X-2"))
    office.exchange.close()
    for file in directory.glob("comity.db*"):
        file.unlink()
    shutil.copy(office.folder / "old.db", directory / "comity.db")
    office.exchange = open_exchange(directory, office.clock)
    before = (directory / "log" / "checkpoint").read_bytes()
    with pytest.raises(LedgerError, match="older one was put back"):
        office.disclose()
    assert (directory / "log" / "checkpoint").read_bytes() == before


def test_a_changed_last_entry_is_not_gone_on_with(office: Office) -> None:
    office.submit(REQUEST)
    changed = b'{"v":1}'
    sql(
        office,
        "UPDATE entries SET body = ? WHERE number = (SELECT max(number) FROM entries)",
        changed,
    )
    with pytest.raises(LedgerError, match="entries were changed"):
        office.decide(Verdict.APPROVE, "b000001/1")


def test_another_registry_in_the_place_of_the_recorded_one(office: Office) -> None:
    path, old = office.exchange.registry_path, office.folder / "old-registry"
    shutil.copytree(path, old)
    office.build(dict(PERSON, flags="identity_theft"))
    shutil.rmtree(path)
    shutil.copytree(old, path)
    with pytest.raises(RegistryError, match="built last"):
        office.submit(REQUEST)


def test_another_file_of_items_beside_the_index(office: Office) -> None:
    path, old = office.exchange.registry_path, office.folder / "items.duckdb"
    shutil.copy(path / "items.duckdb", old)
    office.build(dict(PERSON, street="418 Juniper Hollow Rd", postal_code="83704"), PERSON)
    office.submit(REQUEST)
    office.decide(Verdict.APPROVE, "b000001/1")
    shutil.copy(old, path / "items.duckdb")
    with pytest.raises(RegistryError, match="not those that were built"):
        office.disclose()
    assert office.statuses() == ["pending"]


def test_a_statement_signed_with_another_key_counts_for_nothing(office: Office) -> None:
    """Whoever holds the exchange's keys can seal anything, but not sign for an officer."""
    office.submit(REQUEST)
    exchange, officer = office.exchange, "irs-disclosure-1"
    with exchange.recording() as recorder:
        (case,) = cases.cases(recorder.connection, "b000001")
        sealed = acts.commitment_of(recorder.connection, case.entry)
        at = office.clock.now()
        said = Decision(case.request, sealed, Verdict.APPROVE, officer, "a reason", at)
        forged = said.sign(Ed25519PrivateKey.generate()).to_json()
        payload = {"act": "approve", "officer": officer}
        done = recorder.record(OFFICE_ACT, {}, payload=payload, parts={case.request: forged})
        row: dict[str, object] = {"entry": done.number, "batch": case.batch, "row": case.row}
        row |= {"officer": officer, "verdict": "approve", "at": done.at}
        cases.insert(recorder.connection, decisions, [row])
    with pytest.raises(AuthorizationError, match="not borne out"):
        office.disclose()
    assert office.statuses() == ["pending"]
