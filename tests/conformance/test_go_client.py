"""A client that shares no code with Comity (golang.org/x/mod/sumdb) checks what Comity wrote, and
Comity checks what it made.

On a machine without Go these tests are skipped, unless COMITY_INDEPENDENT is set, as .ci/run does:
then they fail."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.exchange.servers import serving
from tests.exchange.witnesses import make_folder
from tests.ledger.conftest import ORIGIN, SIGNER, publish_log
from tests.ledger.test_fork import forked_log

from comity.exchange.http_log import HttpLog
from comity.exchange.log_proofs import LogProofs
from comity.exchange.witnessing import follow
from comity.ledger.cosignature import CosignatureVerifier
from comity.ledger.fork import between
from comity.ledger.note import parse_note
from comity.ledger.proof import consistency_proof, inclusion_proof
from comity.ledger.publish import Ledger

HERE = Path(__file__).parent
GOPATH = Path("/usr/share/gocode")
KEY = str(SIGNER.verifier)
SIZES = (1, 2, 255, 256, 257, 700, 70_000)
NOW = 1_700_000_000

Client = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Client:
    """The client, built from its source and Debian's package of golang.org/x/mod."""
    go = shutil.which("go")
    if go is None or not (GOPATH / "src/golang.org/x/mod/sumdb/tlog").is_dir():
        why = (
            "The independent client is not built: install Debian's packages golang-go and "
            "golang-golang-x-mod-dev."
        )
        if os.environ.get("COMITY_INDEPENDENT"):
            pytest.fail(why)
        pytest.skip(why)
    program = tmp_path_factory.mktemp("go") / "client"
    environment = {
        **os.environ,
        "GOPATH": str(GOPATH),
        "GO111MODULE": "off",
        "GOFLAGS": "",
        "CGO_ENABLED": "0",
        "GOTOOLCHAIN": "local",
    }
    environment.setdefault("HOME", str(program.parent))
    built = subprocess.run(
        [go, "build", "-o", program, HERE / "client" / "main.go"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr

    def run(*arguments: object) -> tuple[int, str]:
        done = subprocess.run(
            [program, *map(str, arguments)], capture_output=True, text=True, check=False
        )
        assert not done.stderr, done.stderr
        return done.returncode, done.stdout

    return run


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Logs of several sizes, published in two steps, by their size."""
    folder = tmp_path_factory.mktemp("logs")
    for size in SIZES:
        publish_log(folder / str(size), *sorted({max(1, size // 3), size}))
    return folder


@pytest.mark.parametrize("size", SIZES)
def test_it_reads_and_verifies_every_entry_of_our_log(
    size: int, client: Client, logs: Path
) -> None:
    with serving(logs / str(size)) as address:
        assert client("log", address, KEY) == (0, f"log {size} entries, 0 witnesses\n")


def test_it_refuses_our_log_with_a_byte_changed(client: Client, logs: Path, tmp_path: Path) -> None:
    for number, name in enumerate(
        ("checkpoint", "tile/entries/001", "tile/0/002.p/188", "tile/1/000.p/2")
    ):
        broken = tmp_path / str(number)
        shutil.copytree(logs / "700", broken)
        data = bytearray((broken / name).read_bytes())
        data[len(data) // 2] ^= 1
        (broken / name).write_bytes(data)
        with serving(broken) as address:
            code, said = client("log", address, KEY)
        assert (code, said[:3]) == (1, "NO:"), name


@pytest.mark.parametrize("size", SIZES)
def test_it_accepts_our_proofs_and_makes_the_same(
    size: int, client: Client, logs: Path, tmp_path: Path
) -> None:
    log = logs / str(size)
    proofs = LogProofs(log, KEY)
    with serving(log) as address:
        for index in sorted({0, size // 2, size - 1}):
            file = tmp_path / f"{index}.tlog-proof"
            file.write_bytes(proofs.of_entry(index).encode())
            assert client("inclusion", file, KEY) == (0, f"entry {index} of {size}\n")
            old = index + 1
            code, said = client("prove", address, KEY, index, old)
            assert code == 0, said
            made = json.loads(said)
            assert decoded(made["inclusion"]) == inclusion_proof(log, index, size)
            assert decoded(made["consistency"]) == consistency_proof(log, old, size)


def test_it_accepts_that_a_log_grew_and_nothing_else(client: Client, tmp_path: Path) -> None:
    log = publish_log(tmp_path / "log", 300)
    since = tmp_path / "since"
    since.write_bytes((log / "checkpoint").read_bytes())
    publish_log(log, 900)
    file = tmp_path / "grown"
    file.write_bytes(LogProofs(log, KEY).since(since.read_bytes()).encode())
    assert client("consistency", file, since, KEY) == (0, "900 continues 300\n")
    other = forked_log(tmp_path / "other", 100, 300) / "checkpoint"
    assert client("consistency", file, other, KEY)[0] == 1


def test_it_counts_our_witnesses(client: Client, logs: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    shutil.copytree(logs / "700", log)
    witnesses = [make_folder(tmp_path / name, SIGNER.verifier) for name in ("w1", "w2")]
    note = (log / "checkpoint").read_bytes()
    for one in witnesses:
        cosigned = parse_note(follow(one, log).note).signatures[-1]
        note += cosigned.line.encode()
    Ledger(log, ORIGIN).announce(note)
    keys = [one.signer.verifier for one in witnesses]
    with serving(log) as address:
        assert client("log", address, KEY, *keys) == (0, "log 700 entries, 2 witnesses\n")
        Ledger(log, ORIGIN).announce(note[:-9] + b"AAAAAA==\n")
        assert client("log", address, KEY, *keys)[0] == 1


def test_our_verifier_accepts_its_cosignature(client: Client, logs: Path) -> None:
    note = logs / "700" / "checkpoint"
    code, said = client("cosign", note, "07" * 32, "witness.example/go", NOW)
    assert code == 0, said
    key, line = said.splitlines()
    cosigned = parse_note(note.read_bytes() + f"{line}\n".encode())
    assert CosignatureVerifier.parse(key).verify(cosigned, NOW) == NOW


@pytest.mark.parametrize("size", [300, 500])
def test_a_third_person_without_comity_sees_the_fork(
    size: int, client: Client, tmp_path: Path
) -> None:
    one = publish_log(tmp_path / "one", 300)
    other = forked_log(tmp_path / "other", 100, size)
    earlier, later = ((p / "checkpoint").read_bytes() for p in (one, other))
    with serving(other) as address:
        fork = between(earlier, later, SIGNER.verifier, HttpLog(address))
    assert fork is not None
    file = tmp_path / "fork"
    file.write_bytes(fork.encode())
    assert client("fork", file, KEY) == (0, f"forked: 300 and {size}\n")
    file.write_bytes(fork.encode().replace(b'"consistency": [\n    "', b'"consistency": [\n    "A'))
    if size > 300:
        assert client("fork", file, KEY)[0] == 1


def decoded(texts: list[str] | None) -> list[bytes]:
    return [base64.b64decode(text) for text in texts or ()]
