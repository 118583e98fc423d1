"""`comity ledger prove` and `check`: a disclosure shown to a stranger with one file and a key."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.shell import Shell
from tests.exchange.office import REQUEST, Office

from comity.ledger.proof_file import InclusionProof
from comity.review.decision import Verdict

TOOL = Path(__file__).parents[2] / "tools" / "check_tlog_proof.py"


@pytest.fixture
def disclosed(office: Office) -> Office:
    """Two requests were made; the first was answered."""
    office.submit(REQUEST, dict(REQUEST, request_id="R2", case_number="X-2", street="NA NA"))
    office.decide(Verdict.APPROVE, "b000001/1")
    office.disclose()
    office.exchange.close()
    return office


@pytest.fixture
def key(disclosed: Office) -> str:
    return (disclosed.exchange.directory / "log.vkey").read_text().strip()


def test_every_disclosure_of_a_batch_is_proven_and_checked(
    disclosed: Office, key: str, comity: Shell, tmp_path: Path
) -> None:
    log = disclosed.exchange.directory / "log"
    made = comity("ledger", "prove", log, "--batch", "b000001", "--out", tmp_path / "p", "--json")
    assert made.code == 0, made.err
    (file,) = json.loads(made.out)["files"]

    checked = comity("ledger", "check", file, "--log-key", key, "--json")
    assert checked.code == 0, checked.err
    told = json.loads(checked.out)
    assert told["verified"] is True
    assert told["entry"]["type"] == "request.answered"
    assert told["entry"]["request"] == "b000001/1"
    assert told["entry"]["body"] == {"status": "disclosed"}
    assert "request.answered" in comity("ledger", "check", file, "--log-key", key).out

    alone = subprocess.run([sys.executable, TOOL, file, key], capture_output=True, check=False)
    assert alone.returncode == 0
    assert b"PROVEN" in alone.stdout


def test_a_proof_holds_nothing_personal(disclosed: Office, comity: Shell, tmp_path: Path) -> None:
    place = ("--exchange", disclosed.exchange.directory)
    made = comity("ledger", "prove", *place, "--request", "b000001/1", "--out", tmp_path / "p")
    assert made.code == 0, made.err
    files = list((tmp_path / "p").iterdir())
    assert len(files) == 2  # determined, answered
    for file in files:
        entry = InclusionProof.parse(file.read_bytes()).extra or b""
        assert b'"b000001/1"' in entry
        for name in ("first_name", "last_name", "street", "city"):
            assert REQUEST[name].encode() not in entry


def test_a_log_that_grew_and_one_that_did_not(
    disclosed: Office, key: str, comity: Shell, tmp_path: Path
) -> None:
    log = disclosed.exchange.directory / "log"
    earlier = tmp_path / "checkpoint"
    earlier.write_bytes((log / "checkpoint").read_bytes())
    disclosed.submit(dict(REQUEST, request_id="R3", case_number="X-3"))
    disclosed.exchange.close()
    made = comity("ledger", "prove", log, "--since", earlier, "--out", tmp_path / "p", "--json")
    (file,) = json.loads(made.out)["files"]
    checked = comity("ledger", "check", file, "--log-key", key, "--since", earlier)
    assert checked.code == 0, checked.err
    assert "nothing was changed or taken out" in checked.out
    lacking = comity("ledger", "check", file, "--log-key", key)
    assert lacking.code == 2
    assert "--since" in lacking.err
    other = comity("ledger", "check", file, "--log-key", key, "--since", log / "checkpoint")
    assert other.code == 1
    assert "made for" in other.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((), 2, "exactly one of"),
        (("--entry", "1", "--batch", "b000001"), 2, "exactly one of"),
        (("--entry", "4000"), 2, "no entry 4000"),
        (("--since", "nowhere"), 2, "cannot be read"),
        (("--entry", "1", "--log-key", "x"), 2, "not a verifier key"),
        (("--batch", "b000009"), 1, ""),
        (("--request", "b000001/9"), 1, ""),
    ],
)
def test_calls_that_prove_nothing(
    words: tuple[str, ...], code: int, said: str, disclosed: Office, comity: Shell, tmp_path: Path
) -> None:
    log = disclosed.exchange.directory / "log"
    done = comity("ledger", "prove", log, "--out", tmp_path / "p", *words)
    assert (done.code, said in done.err) == (code, True), done.err
    assert not (tmp_path / "p").exists()


def test_a_file_that_is_no_proof(disclosed: Office, key: str, comity: Shell) -> None:
    log = disclosed.exchange.directory / "log"
    done = comity("ledger", "check", log / "checkpoint", "--log-key", key, "--json")
    assert done.code == 1
    assert json.loads(done.out)["verified"] is False
    assert comity("ledger", "check", log / "nothing", "--log-key", key).code == 2
    assert comity("ledger", "check", log, "--log-key", key).code == 2


def test_between_two_checkpoints_that_were_kept(
    office: Office, comity: Shell, tmp_path: Path
) -> None:
    log = office.exchange.directory / "log"
    kept: list[Path] = []
    for number in range(3):
        office.submit(dict(REQUEST, request_id=f"R{number}", case_number=f"X-{number}"))
        kept.append(tmp_path / f"checkpoint-{number}")
        kept[-1].write_bytes((log / "checkpoint").read_bytes())
    office.exchange.close()
    key = (office.exchange.directory / "log.vkey").read_text().strip()
    out = ("--out", tmp_path / "p", "--json")
    made = comity("ledger", "prove", log, "--since", kept[0], "--until", kept[1], *out)
    assert made.code == 0, made.err
    (file,) = json.loads(made.out)["files"]
    checked = comity("ledger", "check", file, "--since", kept[0], "--log-key", key, "--json")
    assert checked.code == 0, checked.err
    sizes = [int(one.read_text().split("\n")[1]) for one in kept]
    told = json.loads(checked.out)
    assert (told["continues"], told["size"]) == (sizes[0], sizes[1])
    assert comity("ledger", "prove", log, "--since", kept[2], "--until", kept[1], *out).code == 1
    assert comity("ledger", "prove", log, "--until", kept[1], *out).code == 2
    alone = comity("ledger", "prove", log, "--entry", 0, "--until", kept[1], *out)
    assert alone.code == 2
