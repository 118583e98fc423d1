"""The witness on disk and on the network: one history, whatever races, crashes or lies."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
import urllib3
from tests.exchange.witnesses import make_folder, served
from tests.ledger.conftest import ORIGIN, SIGNER
from tests.ledger.witnesses import History

from comity.core.errors import KeyMaterialError, LedgerError, UsageError
from comity.exchange import witness_server
from comity.exchange.witness_folder import create_witness, open_witness
from comity.ledger.cosignature import CosignatureVerifier
from comity.ledger.fork import Fork
from comity.ledger.note import parse_note
from comity.ledger.witness import MAX_SUBMISSION

A, B = History("a", shared=8), History("b", shared=8)
LATEST = f"/{sha256(ORIGIN.encode()).hexdigest()}/checkpoint"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folder(tmp_path / "w", SIGNER.verifier).directory


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """One that runs on; its logs are the tests' own."""
    path = make_folder(tmp_path_factory.mktemp("w") / "w").directory
    with served(path) as (address, process):
        yield address, path
        assert process.poll() is None, "it outlived every test"
        process.terminate()
        _, told = process.communicate(timeout=10)
    assert "Traceback" not in told
    assert ORIGIN not in told, "nothing of a call stands in the log"


def post(address: str, body: bytes) -> urllib3.BaseHTTPResponse:
    return urllib3.request("POST", f"{address}/add-checkpoint", body=body, retries=False)


def test_the_whole_of_the_protocol_over_http(folder: Path) -> None:
    key = CosignatureVerifier.parse((folder / "witness.vkey").read_text())
    with served(folder) as (address, _):
        assert urllib3.request("GET", address + LATEST).status == 404
        granted = post(address, A.call(0, 9))
        assert granted.status == 200
        note = parse_note(A.note(9) + granted.data)
        assert key.verify(note, int(time.time())) is not None
        latest = urllib3.request("GET", address + LATEST)
        assert (latest.status, latest.data) == (200, A.note(9) + granted.data)
        told = post(address, A.call(3, 20))
        assert (told.status, told.data) == (409, b"9\n")
        assert told.headers["content-type"] == "text/x.tlog.size"
        assert post(address, A.call(9, 20)).status == 200
        assert post(address, B.call(20, 20)).status == 422
        assert post(address, b"nonsense").status == 400
    (evidence,) = open_witness(folder).forks()
    assert [c.size for c in Fork.parse(evidence.read_bytes()).check(SIGNER.verifier)] == [20, 20]


def test_a_log_that_is_trusted_while_it_serves_is_known_at_once(
    server: tuple[str, Path],
) -> None:
    address, path = server
    assert post(address, A.call(0, 9)).status == 404
    open_witness(path).trust(SIGNER.verifier)
    assert post(address, A.call(0, 9)).status == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/add-checkpoint", 405),
        ("PUT", "/add-checkpoint", 405),
        ("POST", "/", 404),
        ("GET", "/", 404),
        ("GET", "/checkpoint", 404),
        ("GET", f"/{'0' * 64}/checkpoint", 404),
        ("GET", f"/{'A' * 64}/checkpoint", 404),
        ("GET", "/..%2f..%2fwitness.pem/checkpoint", 404),
        ("GET", "/%2e%2e/checkpoint", 404),
        ("GET", f"/{'0' * 64}%00/checkpoint", 404),
        ("GET", "/witness.pem", 404),
    ],
)
def test_there_is_nothing_else(
    server: tuple[str, Path], method: str, path: str, status: int
) -> None:
    host, port = server[0].removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as line:
        line.sendall(f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        assert line.recv(9999).startswith(f"HTTP/1.1 {status} ".encode())


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (b"\x00\xff\x16\x03\x01 rubbish\r\n\r\n", b"HTTP/1.1 400"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 60_000, b"HTTP/1.1 400"),
        (b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", b"HTTP/1.1 4"),
        (
            b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            b"HTTP/1.1 400",
        ),
        (
            b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n"
            + bytes(MAX_SUBMISSION + 1),
            b"HTTP/1.1 413",
        ),
    ],
    ids=["rubbish", "long head", "negative", "bad chunks", "too large"],
)
def test_bad_http_is_answered(server: tuple[str, Path], sent: bytes, expected: bytes) -> None:
    host, port = server[0].removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as line:
        with contextlib.suppress(OSError):  # it may stop listening in the middle
            line.sendall(sent)
        assert line.recv(9999).startswith(expected)


SHORT = "from comity.exchange import witness_server\nwitness_server.PATIENCE = 0.3\n"


@pytest.mark.parametrize(
    "pieces",
    [
        [],
        [b"POST /add-ch"],
        [b"P"] * 40,
        [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", *[b"P"] * 40],
        [b"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n", *[b"o"] * 40],
    ],
    ids=["silent", "half a head", "dripping head", "dripping second head", "dripping body"],
)
def test_who_dawdles_is_left(folder: Path, pieces: list[bytes]) -> None:
    with served(folder, prelude=SHORT) as (address, _):
        host, port = address.removeprefix("http://").split(":")
        begun = time.monotonic()
        with socket.create_connection((host, int(port)), timeout=5) as line:
            line.settimeout(5)
            ended = threading.Event()

            def drip() -> None:
                for piece in pieces:
                    if ended.is_set():
                        return
                    try:
                        line.sendall(piece)
                    except OSError:
                        return
                    time.sleep(0.05)

            thread = threading.Thread(target=drip)
            thread.start()
            while True:
                try:
                    got = line.recv(4096)
                except OSError:
                    break
                if not got or b"HTTP/1.1 408" in got:
                    break
            ended.set()
            thread.join()
        assert time.monotonic() - begun < 1.8
        assert post(address, A.call(0, 9)).status == 200, "and others are served"


def test_the_witness_s_own_failure_is_no_traceback(folder: Path) -> None:
    open_witness(folder)._write(
        folder / "logs" / sha256(ORIGIN.encode()).hexdigest() / "checkpoint", b"rubbish", ORIGIN
    )
    with served(folder) as (address, process):
        assert post(address, A.call(0, 9)).status == 500
        process.terminate()
        _, told = process.communicate(timeout=10)
    assert "Traceback" not in told
    assert "failed" in told


def test_a_flood_of_forks_in_several_processes_gets_one_cosigned(folder: Path) -> None:
    """Two servers on one folder, and many clients: one of the two histories is ever cosigned."""
    statuses: dict[str, list[int]] = {"a": [], "b": []}
    with served(folder) as (one, _), served(folder) as (two, _):
        start = threading.Barrier(12)

        def ask(number: int) -> None:
            life, name = ((A, "a"), (B, "b"))[number % 2]
            address = (one, two)[number // 2 % 2]
            start.wait()
            for old, new in ((0, 20), (20, 30), (30, 40)):
                statuses[name].append(post(address, life.call(old, new)).status)

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    granted = {name for name, found in statuses.items() if 200 in found}
    assert len(granted) == 1
    assert {s for found in statuses.values() for s in found} <= {200, 409, 422}
    latest = open_witness(folder).latest(ORIGIN)
    assert latest is not None
    life = A if granted == {"a"} else B
    assert latest.startswith(life.note(40)[: len(life.tree(40).to_text())])


KILL_AFTER = """
import os, signal
from comity.exchange.witness_folder import WitnessFolder
keep = WitnessFolder.keep
def kept(self, origin, note):
    keep(self, origin, note)
    os.kill(os.getpid(), signal.SIGKILL)
WitnessFolder.keep = kept
"""
KILL_BEFORE = KILL_AFTER.replace("    keep(self, origin, note)\n", "")


def test_killed_between_record_and_answer_it_has_not_forgotten(folder: Path) -> None:
    with served(folder, prelude=KILL_AFTER) as (address, process):
        with pytest.raises(urllib3.exceptions.HTTPError):
            post(address, A.call(0, 20))
        assert process.wait(10) == -signal.SIGKILL
    with served(folder) as (address, _):
        assert post(address, B.call(0, 20)).status == 409
        told = post(address, A.call(0, 20))
        assert (told.status, told.data) == (409, b"20\n")
        assert post(address, A.call(20, 20)).status == 200


def test_killed_before_the_record_nothing_was_given_out(folder: Path) -> None:
    with served(folder, prelude=KILL_BEFORE) as (address, process):
        with pytest.raises(urllib3.exceptions.HTTPError):
            post(address, A.call(0, 20))
        assert process.wait(10) == -signal.SIGKILL
    with served(folder) as (address, _):
        assert post(address, B.call(0, 20)).status == 200


def test_the_record_is_durable_before_the_answer(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Content and name are flushed, in that order, before add_checkpoint returns."""
    done: list[str] = []
    real = os.fsync

    def noted(handle: int) -> None:
        real(handle)
        done.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file")

    monkeypatch.setattr(os, "fsync", noted)
    witness = open_witness(folder).witness()
    assert witness.add_checkpoint(A.call(0, 9)).status == 200
    assert done[-2:] == ["file", "folder"]


def test_killed_at_random_moments_it_never_cosigns_two_histories(folder: Path) -> None:
    """A process that cosigns as fast as it can is killed again and again; whatever it printed as
    given out is of one history, and the record is never behind it."""
    script = (
        "import sys, time\nfrom pathlib import Path\n"
        "from comity.exchange.witness_folder import open_witness\n"
        "from tests.ledger.witnesses import History\n"
        "life = History(sys.argv[2], shared=1, size=400)\n"
        "folder = open_witness(Path(sys.argv[1])); witness = folder.witness()\n"
        "from tests.ledger.conftest import ORIGIN\n"
        "for _ in range(400):\n"
        "    latest = folder.latest(ORIGIN)\n"
        "    old = int(latest.split(b'\\n')[1]) if latest else 0\n"
        "    answer = witness.add_checkpoint(life.call(old, old + 1))\n"
        "    print(old + 1, answer.status, flush=True)\n"
    )
    granted: list[tuple[int, str]] = []
    for turn in range(8):
        life = "ab"[turn % 2]
        with subprocess.Popen(
            [sys.executable, "-c", script, folder, life],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        ) as process:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(1 + turn * 3)]
            process.kill()
            lines += process.stdout.read().splitlines(keepends=True)
        for line in lines:
            if line.endswith(" 200\n"):
                granted.append((int(line.split()[0]), life))
        latest = open_witness(folder).latest(ORIGIN)
        recorded = int(latest.split(b"\n")[1]) if latest else 0
        assert all(size <= recorded for size, _ in granted)
    beyond = {life for size, life in granted if size > 1}
    assert len(beyond) == 1, "the first to get beyond what both share is the only one"
    sizes = [size for size, _ in granted]
    assert sizes == sorted(set(sizes))


def test_a_folder_is_made_once_and_its_key_is_private(tmp_path: Path) -> None:
    made = create_witness(tmp_path / "w", "witness.example/ig")
    assert (made.directory / "witness.pem").stat().st_mode & 0o777 == 0o600
    assert (made.directory / "witness.vkey").read_text().strip() == str(made.signer.verifier)
    assert str(open_witness(tmp_path / "w").signer.verifier) == str(made.signer.verifier)
    with pytest.raises(UsageError, match="stands here already"):
        create_witness(tmp_path / "w", "other")
    with pytest.raises(UsageError, match="--name"):
        create_witness(tmp_path / "v", "two words")
    with pytest.raises(UsageError, match="no witness here"):
        open_witness(tmp_path)
    quantum = create_witness(tmp_path / "q", "witness.example/q", post_quantum=True)
    quantum.trust(SIGNER.verifier)
    assert quantum.witness().add_checkpoint(A.call(0, 9)).status == 200


def test_further_keys_of_a_log_are_trusted_beside_the_first(folder: Path) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from comity.ledger.note import NoteSigner

    new = NoteSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"\x02" * 32))
    opened = open_witness(folder)
    assert opened.witness().add_checkpoint(A.call(0, 9, new)).status == 403
    opened.trust(new.verifier)
    opened.trust(new.verifier)
    assert len(opened.keys(ORIGIN)) == 2
    assert opened.witness().add_checkpoint(A.call(0, 9)).status == 200
    assert opened.witness().add_checkpoint(A.call(9, 20, new)).status == 200


@pytest.mark.parametrize("damage", ["", "rubbish", "{}", '{"format": 9, "name": "x"}', "[1]"])
def test_a_broken_folder_says_so(folder: Path, damage: str) -> None:
    (folder / "witness.json").write_text(damage)
    with pytest.raises(UsageError, match="cannot be read"):
        open_witness(folder)


def test_broken_keys_say_so(folder: Path) -> None:
    opened = open_witness(folder)
    (folder / "logs" / sha256(ORIGIN.encode()).hexdigest() / "keys").write_text("rubbish\n")
    with pytest.raises(LedgerError, match="keys of a watched log"):
        opened.keys(ORIGIN)
    (folder / "witness.pem").write_text("rubbish")
    with pytest.raises(KeyMaterialError, match="witness's key"):
        open_witness(folder).witness()


def test_checkpoints_that_do_not_continue_are_kept_but_not_without_end(folder: Path) -> None:
    witness = open_witness(folder).witness()
    assert witness.add_checkpoint(A.call(0, 9)).status == 200
    for number in range(120):
        life = History(f"c{number}", size=10)
        assert witness.add_checkpoint(life.call(9, 10)).status == 422
    assert len(list((folder / "evidence").glob("*-refused-*"))) == 100


def test_an_address_that_is_not_to_be_had_is_said_so(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(UsageError, match="cannot listen"):
            witness_server.serve(open_witness(folder), "127.0.0.1", taken.getsockname()[1])
