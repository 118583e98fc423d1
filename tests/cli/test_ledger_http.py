"""`comity ledger` reads a log where it is published, and says what a server did wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.shell import Shell
from tests.exchange.servers import serving
from tests.exchange.witnesses import make_folder
from tests.ledger.conftest import ORIGIN, SIGNER, publish_log

from comity.core.canonical import Json
from comity.exchange.witnessing import follow
from comity.ledger.entry import Entry
from comity.ledger.publish import Ledger

KEY = str(SIGNER.verifier)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return publish_log(tmp_path / "log", 700)


def test_a_published_log_is_verified_and_proven(log: Path, comity: Shell, tmp_path: Path) -> None:
    with serving(log.parent) as address:
        url = f"{address}/log/"
        told = comity("ledger", "verify", url, "--log-key", KEY, "--json")
        assert told.code == 0, told.err
        found = json.loads(told.out)
        assert (found["origin"], found["size"], found["tiles_past_checkpoint"]) == (
            ORIGIN,
            700,
            None,
        )
        assert (
            f"The log in {address}/log verifies."
            in comity("ledger", "verify", url, "--log-key", KEY).out
        )
        made = comity("ledger", "prove", url, "--entry", 5, "--log-key", KEY, "--out", tmp_path)
        assert made.code == 0, made.err
    checked = comity("ledger", "check", tmp_path / "entry-5.tlog-proof", "--log-key", KEY)
    assert checked.code == 0


def test_its_key_never_comes_from_the_same_server(log: Path, comity: Shell) -> None:
    (log / "log.vkey").write_text(KEY)
    with serving(log) as address:
        told = comity("ledger", "verify", address)
    assert (told.code, "--log-key" in told.err) == (2, True)


def test_what_is_wrong_there_is_told_by_its_address(log: Path, comity: Shell) -> None:
    (log / "tile/entries/001").unlink()
    with serving(log) as address:
        told = comity("ledger", "verify", address, "--log-key", KEY)
        assert told.code == 1
        assert f"{address}/tile/entries/001: The server answers 404" in told.err
    gone = comity("ledger", "verify", address, "--log-key", KEY)
    assert (gone.code, "cannot be reached" in gone.err) == (2, True)
    wrong = comity("ledger", "verify", "https://", "--log-key", KEY)
    assert (wrong.code, "not the address" in wrong.err) == (2, True)


@pytest.mark.parametrize("policy", ["rubbish\n", "quorum x\n", 7, None])
def test_a_log_that_adopts_what_is_no_policy_does_not_verify(
    policy: Json, log: Path, comity: Shell
) -> None:
    at = "2027-01-01T00:00:00.000000Z"
    data = Entry("witnesses.adopted", at, None, None, None, {"policy": policy}).encode()
    Ledger(log, ORIGIN).publish([data], first=700, signer=SIGNER)
    told = comity("ledger", "verify", log, "--log-key", KEY)
    assert (told.code, "Entry 700 adopts what is no policy" in told.err) == (1, True)


def test_a_log_whose_witnesses_were_taken_off_does_not_pass(
    log: Path, comity: Shell, tmp_path: Path
) -> None:
    folder = make_folder(tmp_path / "w", SIGNER.verifier)
    policy = f"witness w {folder.signer.verifier} https://w.example\nquorum w\n"
    at = "2027-01-01T00:00:00.000000Z"
    entry = Entry("witnesses.adopted", at, None, None, None, {"policy": policy}).encode()
    Ledger(log, ORIGIN).publish([entry], first=700, signer=SIGNER)
    lacking = comity("ledger", "verify", log, "--log-key", KEY, "--json")
    assert lacking.code == 1
    assert json.loads(lacking.out)["policy_in_log"]["absent"] == ["w"]
    assert (
        "which is NOT the quorum of entry 700"
        in comity("ledger", "verify", log, "--log-key", KEY).out
    )
    Ledger(log, ORIGIN).announce(follow(folder, log).note)
    assert comity("ledger", "verify", log, "--log-key", KEY).code == 0
