"""A log is verified over HTTP as from its folder, and a server that lies in any way is refused."""

from __future__ import annotations

import gzip
import os
import resource
import shutil
import socket
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
import urllib3
from tests.exchange.servers import Answer, lying, serving
from tests.ledger.conftest import ORIGIN, SIGNER, make_entries, publish_log

from comity.core.errors import ComityError, LedgerError, UsageError
from comity.exchange import http_log
from comity.exchange.http_log import HttpLog, UnreachableError
from comity.exchange.log_proofs import LogProofs
from comity.exchange.verifying import verify_log
from comity.ledger.note import NoteSigner
from comity.ledger.publish import Ledger
from comity.ledger.tiles import MAX_ENTRY

KEY = str(SIGNER.verifier)
BUNDLE = "tile/entries/001"


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish_log(tmp_path_factory.mktemp("log") / "x", 300, 1000, 5000)


def test_python_s_own_server_publishes_a_log(log: Path) -> None:
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"]
    with subprocess.Popen(
        [*command, "--directory", str(log)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as server:
        try:
            assert server.stdout is not None
            said = server.stdout.readline().decode()
            address = said[said.index("(") + 1 : said.index(")")].rstrip("/")
            assert verify_log(HttpLog(address), KEY).checkpoint == verify_log(log, KEY).checkpoint
        finally:
            server.terminate()


NGINX = """daemon off; pid {run}/pid; error_log {run}/error.log;
events {{}}
http {{
  access_log off; client_body_temp_path {run}; proxy_temp_path {run}; fastcgi_temp_path {run};
  uwsgi_temp_path {run}; scgi_temp_path {run};
  gzip on; gzip_types *; gzip_min_length 1;
  server {{ listen 127.0.0.1:{port}; location / {{ root {root}; }} }}
}}
"""


@pytest.fixture
def nginx(log: Path, tmp_path: Path) -> Iterator[str]:
    """nginx, which compresses what it serves."""
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        if os.environ.get("COMITY_INDEPENDENT"):
            pytest.fail("nginx is not installed, and COMITY_INDEPENDENT demands it")
        pytest.skip("nginx is not installed; python's own server is tested above")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    root = tmp_path / "www"
    shutil.copytree(log, root)
    run = tmp_path / "run"
    run.mkdir()
    (tmp_path / "conf").write_text(NGINX.format(run=run, port=port, root=root))
    if os.getuid() == 0:  # its workers run as another user, who must be able to read the files
        conf = (tmp_path / "conf").read_text()
        (tmp_path / "conf").write_text("user root;\n" + conf)
    with subprocess.Popen(
        [program, "-c", tmp_path / "conf", "-p", run], stderr=subprocess.DEVNULL
    ) as server:
        try:
            for _ in range(200):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.02)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def test_nginx_publishes_a_log_and_compresses_it(log: Path, nginx: str) -> None:
    found = verify_log(HttpLog(nginx), KEY)
    assert found.checkpoint == verify_log(log, KEY).checkpoint
    assert found.totals["received"] == 100_000


def test_what_is_found_is_what_the_folder_says(log: Path) -> None:
    with serving(log.parent) as address:
        there = verify_log(HttpLog(f"{address}/x/"), KEY)
        proof = LogProofs(HttpLog(f"{address}/x"), KEY).of_entry(4321)
    here = verify_log(log, KEY)
    assert (there.checkpoint, there.types, there.totals) == (
        here.checkpoint,
        here.types,
        here.totals,
    )
    assert (here.beyond, there.beyond) == (0, None)
    assert proof == LogProofs(log, KEY).of_entry(4321)


def test_files_are_fetched_several_at_a_time_but_not_all(log: Path) -> None:
    lock = threading.Lock()
    held, most = 0, 0

    class Counted(HttpLog):
        def read(self, path: str, limit: int) -> bytes:
            nonlocal held, most
            with lock:
                held += 1
                most = max(most, held)
            time.sleep(0.002)
            return super().read(path, limit)

    with lying(log, "never", send(404, b"")) as address:
        source = Counted(address)
        source.read("checkpoint", 9_999)
        held = 0
        wanted = [(f"tile/0/{i:03d}", 8192) for i in range(19)] * 3
        for data, (path, _) in zip(source.read_each(wanted), wanted, strict=True):
            assert data == (log / path).read_bytes()
            with lock:
                held -= 1
    assert 1 < most <= http_log.AT_ONCE + 1


def send(status: int, body: bytes, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Connection", "close")
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers and "Transfer_Encoding" not in headers:
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def raw(data: bytes) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(data)

    return answer


def bomb(size: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    piece = bytes(1 << 20)
    return b"".join(packer.compress(piece) for _ in range(size >> 20)) + packer.flush()


TRUE = b"".join(len(one).to_bytes(2, "big") + one for one in list(make_entries(0, 512))[256:])
LIES: dict[str, tuple[Answer, str]] = {
    "missing": (send(404, b"no"), "answers 404"),
    "broken": (send(500, b"no"), "answers 500"),
    "empty": (send(200, b""), "exactly 256 entries"),
    "no content": (send(204, b""), "answers 204"),
    "a part": (send(206, TRUE[:50]), "answers 206"),
    "cut inside": (send(200, TRUE[:-1]), "exactly 256 entries"),
    "cut on the wire": (
        send(200, TRUE[:-9], Content_Length=str(len(TRUE))),
        "broke off in the middle",
    ),
    "longer": (send(200, TRUE + b"\0"), "exactly 256 entries"),
    "altered": (send(200, TRUE.replace(b"b0001/300", b"b0001/301")), "not those of entries"),
    "another type": (send(200, b"<html>not here</html>"), "exactly 256 entries"),
    "huge": (send(200, bytes(256 * (MAX_ENTRY + 2) + 1)), "sends more than"),
    "huge, it says": (send(200, b"", Content_Length=str(1 << 60)), "broke off in the middle"),
    "negative length": (send(200, b"x", Content_Length="-5"), "exactly 256 entries"),
    "bomb": (send(200, bomb(1 << 30), Content_Encoding="gzip"), "sends more than"),
    "bombs in a bomb": (
        send(200, gzip.compress(bomb(1 << 30)), Content_Encoding="gzip, gzip"),
        "sends more than",
    ),
    "no gzip": (send(200, TRUE, Content_Encoding="gzip"), "not compressed as it says"),
    "gzip cut": (send(200, gzip.compress(TRUE)[:-40], Content_Encoding="gzip"), "256 entries"),
    "unknown encoding": (send(200, TRUE[::-1], Content_Encoding="x-other"), "256 entries"),
    "bad chunks": (send(200, b"zz\r\nabc", Transfer_Encoding="chunked"), "broke off in the middle"),
    "chunks cut": (
        send(200, b"400\r\nabc", Transfer_Encoding="chunked"),
        "broke off in the middle",
    ),
    "elsewhere": (send(302, b"", Location="http://localhost:9/x"), "sends to another one"),
    "in circles": (send(302, b"", Location=f"/{BUNDLE}"), "in circles"),
    "no HTTP": (raw(b"\x16\x03\x01\x00\xff" * 9), "is not HTTP"),
    "nothing": (raw(b""), "is not HTTP"),
    "endless header": (raw(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000), "is not HTTP"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_refused_in_words(lie: str, log: Path) -> None:
    answer, expected = LIES[lie]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with (
        lying(log, BUNDLE, answer) as address,
        pytest.raises(LedgerError, match=expected) as told,
    ):
        verify_log(HttpLog(address), KEY)
    assert told.value.where in (f"{address}/{BUNDLE}", f"{address}/tile/0/001")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400_000  # KiB


@pytest.mark.parametrize("lie", ["huge", "bomb", "empty", "no HTTP", "altered", "elsewhere"])
def test_a_lying_checkpoint_is_refused(lie: str, log: Path) -> None:
    with (
        lying(log, "checkpoint", LIES[lie][0]) as address,
        pytest.raises(LedgerError),
    ):
        verify_log(HttpLog(address), KEY)


def test_a_checkpoint_of_another_key_or_log_is_refused(log: Path, tmp_path: Path) -> None:
    other = NoteSigner("log.example/y", SIGNER._key)
    Ledger(tmp_path / "y", "log.example/y").publish(make_entries(0, 5), first=0, signer=other)
    with serving(tmp_path / "y") as address, pytest.raises(LedgerError, match=ORIGIN):
        verify_log(HttpLog(address), KEY)


def test_a_redirect_on_the_same_server_is_followed(log: Path) -> None:
    with lying(log, "moved/checkpoint", send(301, b"", Location="/checkpoint")) as address:
        assert HttpLog(f"{address}/moved").read("checkpoint", 9_999).startswith(ORIGIN.encode())


def test_a_server_that_drips_or_falls_silent_is_left(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "8000")
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(b"x")
                time.sleep(0.01)
        except OSError:
            pass

    def silent(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "8000")
        handler.end_headers()
        time.sleep(0.5)

    monkeypatch.setattr(http_log, "_LONGEST", 0.2)
    with lying(log, BUNDLE, drip) as address, pytest.raises(LedgerError, match="not done"):
        HttpLog(address).read(BUNDLE, 9_999)
    monkeypatch.setattr(http_log, "_PATIENCE", urllib3.Timeout(connect=1, read=0.1))
    with lying(log, BUNDLE, silent) as address, pytest.raises(LedgerError, match="silent"):
        HttpLog(address).read(BUNDLE, 9_999)


def test_nobody_there_says_nothing_about_the_log() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with pytest.raises(UnreachableError, match="cannot be reached") as told:
            verify_log(HttpLog(f"http://127.0.0.1:{free.getsockname()[1]}"), KEY)
    assert not isinstance(told.value, LedgerError)


@pytest.mark.parametrize(
    "url",
    [
        "http://",
        "http://user:word@log.example/",
        "http://log.example/?x",
        "http://log.example:99999/",
        "http://[::1/",
        "https://log.example/#a",
        "http://log.example:0/",
    ],
)
def test_what_is_no_address_is_said_so(url: str) -> None:
    with pytest.raises(UsageError, match="not the address") as told:
        HttpLog(url)
    assert isinstance(told.value, ComityError)
