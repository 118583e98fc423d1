"""`comity audit open` and `check`: one entry's payload for one auditor, and nothing beside it."""

from __future__ import annotations

import base64
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.cli.shell import Shell
from tests.exchange.office import REQUEST, Office

from comity.core.keys import load_encryption_key
from comity.demo.officers import PASSPHRASE
from comity.exchange.opening import open_exchange
from comity.ledger.entry import Entry
from comity.oversight.openings import Opening
from comity.review.decision import Verdict
from comity.store import acts

SEALED = ("request.determined", "b000001/1")


class Court:
    """An office that disclosed one of two answers, and an auditor with keys of their own."""

    def __init__(self, office: Office, comity: Shell, folder: Path) -> None:
        self.office, self.comity, self.folder = office, comity, folder
        self.folder.mkdir()
        office.submit(REQUEST, dict(REQUEST, request_id="R2", case_number="X-2"))
        office.decide(Verdict.APPROVE, "b000001/1", "b000001/2")
        office.disclose()
        office.exchange.close()
        self.log = office.exchange.directory / "log"
        self.key = (office.exchange.directory / "log.vkey").read_text().strip()
        made = comity("key", "new", "auditor", "--out", self.folder, "--json")
        self.public = self.folder / "auditor.json"
        self.public.write_text(made.out)
        self.private = self.folder / "auditor.enc.pem"

    def entries(self) -> list[Entry]:
        with (
            closing(open_exchange(self.office.exchange.directory)) as exchange,
            exchange.database.reading() as connection,
        ):
            return [Entry.parse(data) for data in acts.entries_from(connection, 0)]

    def number(self, kind: str, request: str | None = None) -> int:
        return next(
            n for n, e in enumerate(self.entries()) if (e.type, e.request) == (kind, request)
        )

    def open(self, number: int, *more: object, by: str = "irs-disclosure-1") -> tuple[int, str]:
        done = self.comity(
            *("audit", "open", number, "--auditor", self.public, "--out", self.folder / "opening"),
            *("--exchange", self.office.exchange.directory, "--as", by),
            *("--key", self.office.cast.signing_key(by), *more),
        )
        return done.code, done.err

    def check(self, number: int, *more: object) -> tuple[int, str]:
        proof = self.folder / f"entry-{number}.tlog-proof"
        if not proof.exists():
            self.comity("ledger", "prove", self.log, "--entry", number, "--out", self.folder)
        done = self.comity(
            *("audit", "check", self.folder / "opening", "--proof", proof),
            *("--log-key", self.key, "--decryption-key", self.private, *more),
        )
        assert REQUEST["last_name"] not in done.out + done.err
        return done.code, done.err

    def read(self) -> Opening:
        key = load_encryption_key(self.private, lambda: PASSPHRASE)
        return Opening.decode((self.folder / "opening").read_bytes(), key)


@pytest.fixture
def court(office: Office, comity: Shell, tmp_path: Path) -> Court:
    return Court(office, comity, tmp_path / "court")


def test_an_auditor_sees_what_one_entry_committed_to(court: Court) -> None:
    number = court.number(*SEALED)
    assert court.open(number) == (0, "")
    out = court.folder / "payload.json"
    assert court.check(number, "--out", out) == (0, "")
    (payload,) = map(json.loads, out.read_text().splitlines())
    assert payload["request"]["last_name"] == REQUEST["last_name"]
    assert payload["determination"]["outcome"] == "ready"
    assert out.stat().st_mode & 0o077 == 0


def test_nothing_of_another_entry_is_in_it(court: Court) -> None:
    court.open(court.number(*SEALED))
    opening = court.read()
    assert len(opening.parts) == 1
    data = (court.folder / "opening").read_bytes()
    assert REQUEST["last_name"].encode() not in data
    assert "b000001/2" not in json.dumps([part.to_json() for part in opening.parts])


def test_a_part_of_an_act_on_several_requests(court: Court) -> None:
    number = next(
        n
        for n, entry in enumerate(court.entries())
        if entry.type == "office.acted" and _part_names(court, n) >= {"b000001/1", "b000001/2"}
    )
    assert court.open(number, "--request", "b000001/2") == (0, "")
    assert court.check(number) == (0, "")
    opening = court.read()
    assert len(opening.parts) == 3  # its own, and one for each request
    (payload,) = opening.payloads()
    assert b"b000001/2" in base64.b64decode(str(payload["payload"]))  # a signed decision
    assert court.open(number, "--request", "b000001/9")[0] == 2


def test_the_act_is_recorded_and_does_not_show(court: Court) -> None:
    before = len(court.entries())
    court.open(court.number(*SEALED))
    added = court.entries()[before:]
    assert {entry.type for entry in added} == {"office.acted"}
    assert all(dict(entry.body) == {} and entry.request is None for entry in added)


def test_who_may_not_open(court: Court) -> None:
    number = court.number(*SEALED)
    for officer in ("ice-preparer", "irs-counsel"):
        code, said = court.open(number, by=officer)
        assert code == 1, officer
        assert "may not" in said or "authority" in said, said
    assert not (court.folder / "opening").exists()


def test_another_auditor_cannot_read_it(court: Court, comity: Shell) -> None:
    number = court.number(*SEALED)
    court.open(number)
    comity("key", "new", "other", "--out", court.folder)
    court.private = court.folder / "other.enc.pem"
    code, said = court.check(number)
    assert code == 2
    assert "does not open it" in said


def test_the_proof_of_another_entry(court: Court) -> None:
    court.open(court.number(*SEALED))
    code, said = court.check(court.number("request.determined", "b000001/2"))
    assert code == 1
    assert "not entry" in said


def test_a_payload_that_was_changed_in_the_opening(court: Court) -> None:
    number = court.number(*SEALED)
    court.open(number)
    opening = court.read()
    (part,) = opening.parts
    lie = Opening(
        opening.origin,
        number,
        (type(part)(part.commitment, part.salt, {**(part.payload or {}), "stays": ["s0001"]}),),
        several=False,
    )
    public = json.loads(court.public.read_text())["encryption_key"]
    (court.folder / "opening").write_bytes(lie.encode(public))
    code, said = court.check(number)
    assert code == 1
    assert "not the one that was committed to" in said


def test_what_is_not_there_any_more(court: Court) -> None:
    number = court.number(*SEALED)
    path = court.office.exchange.directory / "comity.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM data_keys WHERE name = ?", (SEALED[1],))
    code, said = court.open(number)
    assert code == 1
    assert "was destroyed" in said


@pytest.mark.parametrize("number", [-1, 99_999])
def test_no_such_entry(number: int, court: Court) -> None:
    code, said = court.open(number)
    assert code == 2
    assert "no entry" in said or "No such option" in said


def test_an_entry_with_nothing_sealed(court: Court) -> None:
    code, said = court.open(court.number("exchange.opened"))
    assert code == 1
    assert "nothing sealed" in said


def _part_names(court: Court, number: int) -> set[str]:
    with (
        closing(open_exchange(court.office.exchange.directory)) as exchange,
        exchange.database.reading() as connection,
    ):
        return {part.key_name for part in acts.sealed_parts(connection, number)}
