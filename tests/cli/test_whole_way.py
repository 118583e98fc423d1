"""Every command of the way, from keys to a verified log."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from tests.cli.shell import Said, Shell
from tests.exchange.office import AGREEMENT_ID, REQUEST, Office


class Clerk:
    """Types commands on one exchange, as one officer or another."""

    def __init__(self, shell: Shell, office: Office) -> None:
        self.shell, self.office = shell, office

    def __call__(self, *arguments: object, by: str | None = None) -> Said:
        words = [*arguments, "--exchange", self.office.exchange.directory]
        if by is not None:
            words += ["--as", by, "--key", self.office.cast.signing_key(by)]
        return self.shell(*words)


@pytest.fixture
def clerk(comity: Shell, office: Office) -> Clerk:
    return Clerk(comity, office)


def test_from_submit_to_a_verified_log(clerk: Clerk, comity: Shell, tmp_path: Path) -> None:
    office = clerk.office
    batch = office.write(
        REQUEST,
        dict(REQUEST, request_id="R2", case_number="X-2", street="Failed to Provide"),
        dict(REQUEST, request_id="R3", case_number="X-3", first_name="Ignatius"),
    )
    head = ("--as", "dhs-secretary", "--key", office.cast.signing_key("dhs-secretary"))
    signed = comity(
        *("batch", "sign", batch, "--agreement", office.agreement),
        *("--prepared-by", "ice-preparer", *head),
    )
    assert signed.code == 0, signed.err

    made = clerk("submit", batch, "--agreement", AGREEMENT_ID, by="ice-preparer")
    assert made.code == 0, made.err
    assert "3 rows read" in made.out
    again = clerk("submit", batch, "--agreement", AGREEMENT_ID, "--json", by="ice-preparer")
    assert json.loads(again.out)["already"] is True

    listed = json.loads(clerk("review", "list", "--json").out)
    assert [(row["request"], row["outcome"]) for row in listed] == [("b000001/1", "ready")]
    shown = clerk("review", "show", "b000001/R1", by="irs-disclosure-1")
    for words in (
        "Outcome: ready",
        "Quartermain",
        "Identity: confirmed.",
        "person P1",
        "rules are",
    ):
        assert words in shown.out
    whole = json.loads(clerk("review", "show", "b000001/R1", "--json", by="irs-disclosure-1").out)
    assert whole["match"]["person_id"] == "P1"

    waits = clerk("disclose", by="irs-disclosure-2")
    assert waits.code == 1
    assert "Still to be decided: 1 case" in waits.out

    approve = ("review", "approve", "b000001/1", "--reason", "Checked against the record.")
    assert clerk(*approve, by="irs-disclosure-1").code == 0
    sent = clerk("disclose", "b000001", by="irs-disclosure-2")
    assert sent.code == 0, sent.err
    assert "1 answer in 1 package" in sent.out
    twice = clerk("disclose", "b000001", by="irs-disclosure-2")
    assert twice.code == 1
    assert "none goes out twice" in twice.err

    answers = tmp_path / "answers.csv"
    status = clerk("status", "b000001", "--out", answers, "--json")
    (row,) = json.loads(status.out)
    assert (row["disclosed"], row["returned"], row["not_verified"]) == (1, 1, 1)
    with answers.open() as file:
        told = list(csv.DictReader(file))
    assert [r["outcome"] for r in told] == ["disclosed", "returned", "not_verified"]
    assert [r["rule_ids"] for r in told] == ["", "address.present", ""]
    assert list(told[0]) == ["request_id", "outcome", "rule_ids", "reasons"]

    package = office.exchange.package_path / "b000001-p0001.comity"
    opened, receipt = tmp_path / "opened.jsonl", tmp_path / "receipt.json"
    done = clerk(
        *("package", "open", package, "--decryption-key", office.cast.encryption_key("inv-01")),
        *("--out", opened, "--receipt", receipt),
        by="inv-01",
    )
    assert done.code == 0, done.err
    assert json.loads(opened.read_text())["items"]["last_known_address"]["city"] == "Boise"
    assert opened.stat().st_mode & 0o077 == 0
    assert clerk("package", "receive", receipt).code == 0
    (delivered,) = json.loads(clerk("package", "list", "--json").out)
    assert delivered["received"]

    verified = clerk("ledger", "verify")
    assert verified.code == 0, verified.err
    tile = office.exchange.directory / "log" / "tile" / "0" / "000.p"
    (path,) = [p for p in tile.iterdir() if p.name == str(office.exchange.log.size())]
    path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])
    broken = clerk("ledger", "verify")
    assert broken.code == 1
    assert "tile/0" in broken.err


def test_a_list_of_decisions_from_a_file(clerk: Clerk, tmp_path: Path) -> None:
    office = clerk.office
    office.submit(REQUEST)
    listed = tmp_path / "decisions.csv"
    listed.write_text("request,reason\nb000001/R1,Checked against the record.\n")
    done = clerk("review", "approve", "--from", listed, "--json", by="irs-disclosure-1")
    assert json.loads(done.out) == {"done": ["b000001/R1"], "refused": {}}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("request\nb000001/1\n", ":1: Its columns are not"),
        ("request,reason\nb000001/1,\n", ":2: The row has not both"),
        ("request,reason\nb000001/1,a\nb000001/1,b\n", ":3: The request stands in the list"),
        ('request,reason\n"b000001/1,a\n', "not both"),
    ],
)
def test_a_list_that_is_none(clerk: Clerk, tmp_path: Path, text: str, words: str) -> None:
    clerk.office.submit(REQUEST)
    listed = tmp_path / "decisions.csv"
    listed.write_text(text)
    said = clerk("review", "approve", "--from", listed, by="irs-disclosure-1")
    assert said.code == 2
    assert words in said.err


def test_stays_by_command(clerk: Clerk) -> None:
    order = ("--order", "Order of the court, docket 26-0417")
    added = clerk("stay", "add", "--scope", "exchange", *order, by="irs-counsel")
    assert added.code == 0, added.err
    assert "exchange" in clerk("stay", "list").out
    alone = clerk("stay", "lift", "s0001", "--reason", "It was vacated.", by="irs-counsel")
    assert alone.code == 1
    lifted = clerk("stay", "lift", "s0001", "--reason", "It was vacated.", by="irs-inspector")
    assert lifted.code == 0, lifted.err


def test_an_exchange_from_nothing(comity: Shell, tmp_path: Path) -> None:
    made = comity(
        *("init", tmp_path / "x", "--holder", "us-irs", "--requester", "us-ice"),
        *("--origin", "log.example/one", "--json"),
    )
    assert made.code == 0, made.err
    key = json.loads(made.out)["log_key"]
    assert key.startswith("log.example/one+")
    assert comity("ledger", "verify", tmp_path / "x" / "log", "--log-key", key).code == 0
    twice = comity("init", tmp_path / "x", "--holder", "a", "--requester", "b", "--origin", "o")
    assert twice.code == 2
    assert "stands here already" in twice.err


def test_an_officer_s_keys(comity: Shell, tmp_path: Path) -> None:
    made = comity("key", "new", "officer-1", "--out", tmp_path, "--json")
    assert json.loads(made.out)["encryption_key"]["crv"] == "P-256"
    assert b"ENCRYPTED" in (tmp_path / "officer-1.sign.pem").read_bytes()
    assert comity("key", "new", "officer-1", "--out", tmp_path).code == 2
