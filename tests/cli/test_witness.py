"""`comity witness`: from nothing to cosigning, and what is found when a log was forked."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.cli.shell import Shell
from tests.exchange.office import REQUEST, Office
from tests.exchange.servers import serving
from tests.exchange.witnesses import served
from tests.ledger.conftest import ORIGIN, SIGNER, make_entries, publish_log
from tests.ledger.test_fork import forked_log

from comity.exchange.opening import open_exchange
from comity.exchange.witness_folder import open_witness
from comity.ledger.cosignature import CosignatureVerifier
from comity.ledger.note import NoteSigner, parse_note
from comity.ledger.publish import Ledger
from comity.review.decision import Verdict

KEY = str(SIGNER.verifier)
TOOL = Path(__file__).parents[2] / "tools" / "check_tlog_proof.py"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return publish_log(tmp_path / "log", 300)


@pytest.fixture
def witness(tmp_path: Path, comity: Shell) -> Path:
    folder = tmp_path / "w"
    made = comity("witness", "init", folder, "--name", "witness.example/ig", "--json")
    assert made.code == 0, made.err
    assert json.loads(made.out)["key"] == (folder / "witness.vkey").read_text().strip()
    assert comity("witness", "trust", folder, KEY).code == 0
    return folder


def test_a_published_log_is_followed(
    witness: Path, log: Path, comity: Shell, tmp_path: Path
) -> None:
    with serving(log) as address:
        first = comity("witness", "follow", witness, address, "--out", tmp_path / "cosigned")
        assert (first.code, first.out) == (0, f"Cosigned {ORIGIN}: 300 entries, 300 new.\n")
        publish_log(log, 1000)
        again = comity("witness", "follow", witness, address, "--json")
        assert json.loads(again.out) == {"origin": ORIGIN, "size": 1000, "before": 300}
        assert comity("witness", "follow", witness, log).code == 0
    key = CosignatureVerifier.parse((witness / "witness.vkey").read_text())
    note = parse_note((tmp_path / "cosigned").read_bytes())
    assert key.verify(note, 2**40) is not None
    SIGNER.verifier.verify(note)
    shown = comity("witness", "show", witness, "--json")
    assert json.loads(shown.out)["logs"] == [{"origin": ORIGIN, "size": 1000}]


def test_a_fork_is_found_while_following_and_a_third_person_checks_it(
    witness: Path, log: Path, comity: Shell, tmp_path: Path
) -> None:
    assert comity("witness", "follow", witness, log).code == 0
    other = forked_log(tmp_path / "other", 200, 500)
    found = comity("witness", "follow", witness, other)
    assert found.code == 1
    assert "was forked" in found.err
    (evidence,) = open_witness(witness).forks()
    assert str(evidence) in found.err
    assert comity("witness", "show", witness).code == 1

    checked = comity("ledger", "check", evidence, "--log-key", KEY, "--json")
    assert checked.code == 0, checked.err
    told = json.loads(checked.out)
    assert (told["proof"], told["contradicts"], told["size"]) == ("fork", 300, 500)
    assert "WAS FORKED" in comity("ledger", "check", evidence, "--log-key", KEY).out
    latest = open_witness(witness).latest(ORIGIN)
    assert latest is not None
    assert b"\n300\n" in latest, "nothing of the other history was cosigned"

    evidence.write_text(evidence.read_text().replace('"other_root": "', '"other_root": "A'))
    assert comity("ledger", "check", evidence, "--log-key", KEY).code == 1


def test_two_witnesses_that_were_shown_two_histories_find_out(
    witness: Path, log: Path, comity: Shell, tmp_path: Path
) -> None:
    """Of different sizes: the published log decides. Read from their addresses."""
    other = forked_log(tmp_path / "other", 200, 500)
    second = tmp_path / "v"
    comity("witness", "init", second, "--name", "witness.example/court")
    comity("witness", "trust", second, KEY)
    assert comity("witness", "follow", witness, log).code == 0
    assert comity("witness", "follow", second, other).code == 0
    out = tmp_path / "evidence"
    with served(witness) as (one, _), served(second) as (two, _):
        alone = comity("witness", "compare", one, two, "--log-key", KEY, "--out", out)
        assert alone.code == 2
        assert "--log" in alone.err
        with serving(other) as published:
            found = comity(
                "witness", "compare", one, two, "--log-key", KEY, "--log", published, "--out", out
            )
    assert found.code == 1
    assert "FORKED" in found.out
    checked = comity("ledger", "check", out / "fork-1.fork.json", "--log-key", KEY)
    assert checked.code == 0
    assert "WAS FORKED" in checked.out


def test_two_witnesses_of_one_size_need_nothing_else(
    witness: Path, log: Path, comity: Shell, tmp_path: Path
) -> None:
    other = forked_log(tmp_path / "other", 200, 300)
    assert comity("witness", "follow", witness, log).code == 0
    found = comity(
        "witness", "compare", witness, other / "checkpoint", "--log-key", KEY, "--out", tmp_path
    )
    assert found.code == 1
    assert comity("ledger", "check", tmp_path / "fork-1.fork.json", "--log-key", KEY).code == 0
    good = comity("witness", "compare", witness, log / "checkpoint", "--log-key", KEY, "--json")
    assert good.code == 0
    assert json.loads(good.out)["forks"] == []


def test_one_history_at_different_times_is_one(
    witness: Path, log: Path, comity: Shell, tmp_path: Path
) -> None:
    assert comity("witness", "follow", witness, log).code == 0
    publish_log(log, 1000)
    call = ("witness", "compare", witness, log / "checkpoint", "--log-key", KEY)
    found = comity(*call, "--log", log)
    assert (found.code, "One history." in found.out) == (0, True)
    short = publish_log(tmp_path / "short", 100)
    behind = comity(*call, "--log", short, "--json")
    assert behind.code == 1
    assert len(json.loads(behind.out)["undecided"]) == 2


def test_a_log_that_shrinks_is_not_cosigned(
    witness: Path, log: Path, comity: Shell, tmp_path: Path
) -> None:
    assert comity("witness", "follow", witness, log).code == 0
    shrunk = comity("witness", "follow", witness, publish_log(tmp_path / "short", 100))
    assert shrunk.code == 1
    assert "has 100 entries, and had 300 before" in shrunk.err


def test_a_log_that_changed_its_key_is_followed_on(
    witness: Path, log: Path, comity: Shell, tmp_path: Path
) -> None:
    new = NoteSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"\x02" * 32))
    assert comity("witness", "follow", witness, log).code == 0
    assert comity("witness", "trust", witness, str(new.verifier)).code == 0
    grown = tmp_path / "grown"
    Ledger(grown, ORIGIN).publish(make_entries(0, 500), first=0, signer=new)
    assert comity("witness", "follow", witness, grown).code == 0
    forked = forked_log(tmp_path / "other", 200, 600)
    found = comity("witness", "follow", witness, forked)
    assert (found.code, "was not cosigned" in found.err) == (1, True)
    shorter = comity("witness", "follow", witness, log)
    assert (shorter.code, "had 500 before" in shorter.err) == (1, True)


def test_bad_calls_are_told_in_words(
    witness: Path, log: Path, comity: Shell, tmp_path: Path
) -> None:
    calls = [
        (("witness", "follow", tmp_path, log), 2, "no witness here"),
        (("witness", "trust", witness, "rubbish"), 2, "not a verifier key"),
        (("witness", "init", witness, "--name", "x"), 2, "stands here already"),
        (("witness", "follow", witness, tmp_path / "none"), 1, "missing"),
        (("witness", "follow", witness, "http://127.0.0.1:9/"), 2, "cannot be reached"),
        (("witness", "compare", witness, "--log-key", KEY), 2, "nothing to compare"),
        (("witness", "compare", log / "checkpoint", tmp_path / "no", "--log-key", KEY), 2, "read"),
        (("witness", "serve", witness, "--host", "203.0.113.9"), 2, "cannot listen"),
    ]
    for words, code, said in calls:
        found = comity(*words)
        assert (found.code, said in found.err) == (code, True), found
    unknown = tmp_path / "unknown"
    comity("witness", "init", unknown, "--name", "witness.example/new")
    found = comity("witness", "follow", unknown, log)
    assert (found.code, "does not watch" in found.err) == (2, True)


def test_following_again_and_again_goes_on_after_a_fault(
    witness: Path, log: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "comity.cli", "witness", "follow", str(witness), str(log)]
    script = "import sys; from comity.cli.main import run_words; sys.exit(run_words(sys.argv[1:]))"
    command = [sys.executable, "-uc", script, *command[3:], "--every", "1"]
    checkpoint = (log / "checkpoint").read_bytes()
    (log / "checkpoint").unlink()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        assert process.stdout is not None
        assert "missing" in process.stderr.readline()
        (log / "checkpoint").write_bytes(checkpoint)
        assert process.stdout.readline() == f"Cosigned {ORIGIN}: 300 entries, 300 new.\n"
        process.kill()


def test_an_exchange_whose_witnesses_come_and_go(
    office: Office, comity: Shell, tmp_path: Path
) -> None:
    """All of it by commands: the policy, an outage, the retry, the proof with its quorum."""
    exchange = office.exchange.directory
    key = (exchange / "log.vkey").read_text().strip()
    operator = (
        "--as",
        office.cast.operator,
        "--key",
        office.cast.signing_key(office.cast.operator),
    )
    place = ("--exchange", exchange)
    assert "No witnesses are needed" in comity("ledger", "policy", *place).out
    folders = [tmp_path / name for name in ("w1", "w2")]
    for folder in folders:
        assert comity("witness", "init", folder, "--name", f"{folder.name}.example").code == 0
        assert comity("witness", "trust", folder, key).code == 0
    keys = [(folder / "witness.vkey").read_text().strip() for folder in folders]
    policy = tmp_path / "policy"
    with ExitStack() as servers:
        urls = [servers.enter_context(served(folder))[0] for folder in folders]
        named = [f"witness w{n} {k} {u}" for n, (k, u) in enumerate(zip(keys, urls, strict=True))]
        policy.write_text("\n".join([*named, "group g all w0 w1", "quorum g", ""]))
        nobody = comity("ledger", "policy", policy, *place)
        assert (nobody.code, "needs an officer" in nobody.err) == (2, True)
        adopted = comity("ledger", "policy", policy, *place, *operator)
        assert (adopted.code, adopted.err) == (0, "")
        assert comity("ledger", "policy", *place, "--json").code == 0
        verified = comity("ledger", "verify", exchange, "--log-key", key)
        assert verified.code == 0
        assert "Witnesses: 2 of 2 cosigned, which is the quorum" in verified.out

    office.clock.moment = datetime.now(UTC)
    office.exchange = open_exchange(exchange, office.clock)
    office.submit(REQUEST)
    office.decide(Verdict.APPROVE, "b000001/1")
    office.disclose()
    office.exchange.close()
    waits = comity("ledger", "checkpoint", *place, "--json")
    assert waits.code == 1
    assert "too few witnesses" in waits.err
    assert json.loads(waits.out)["waits_for_witnesses"] is True
    assert not list(exchange.glob("packages/*.comity"))

    with ExitStack() as servers:
        for folder, url in zip(folders, urls, strict=True):
            servers.enter_context(served(folder, port=int(url.rpartition(":")[2])))
        retried = comity("ledger", "checkpoint", *place)
        assert (retried.code, retried.err) == (0, "")
    assert len(list(exchange.glob("packages/*.comity"))) == 1
    (file,) = json.loads(
        comity("ledger", "prove", exchange, "--batch", "b000001", "--out", tmp_path, "--json").out
    )["files"]
    shown = comity("ledger", "check", file, "--log-key", key, "--policy", policy)
    assert (shown.code, "Cosigned by: w0, w1." in shown.out) == (0, True), shown
    alone = subprocess.run(
        [sys.executable, TOOL, file, key, *keys], capture_output=True, text=True, check=False
    )
    assert (alone.returncode, "Cosigned by w2.example" in alone.stdout) == (0, True)
    other = tmp_path / "w3"
    comity("witness", "init", other, "--name", "w3.example")
    stranger = (other / "witness.vkey").read_text().strip()
    policy.write_text(f"witness w3 {stranger}\nquorum w3\n")
    lacking = comity("ledger", "check", file, "--log-key", key, "--policy", policy)
    assert (lacking.code, "Missing: w3" in lacking.err) == (1, True)
    assert comity("ledger", "verify", exchange, "--log-key", key, "--policy", policy).code == 1
