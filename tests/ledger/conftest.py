"""A small log, made in several publishings, and what is needed to make others."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from comity.core.canonical import Json
from comity.ledger.entry import Entry
from comity.ledger.note import NoteSigner
from comity.ledger.publish import Ledger

ORIGIN = "log.example/x"
SIGNER = NoteSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"\x01" * 32))

Publish = Callable[..., Path]


def make_entries(first: int, last: int) -> Iterator[bytes]:
    """Entries `first` to `last` (exclusive) of a log whose sums add up."""
    for number in range(first, last):
        if number == 0:
            body: dict[str, Json] = {"batch": "b0001", "rows": 100_000}
            yield Entry("batch.received", _at(0), "a", None, None, body).encode()
        else:
            status = ("returned", "refused", "pending")[number % 3]
            committed = f"sha256:{number:064x}"
            request = f"b0001/{number}"
            one = Entry(
                "request.determined", _at(number), "a", request, committed, {"status": status}
            )
            yield one.encode()


def publish_log(folder: Path, *sizes: int) -> Path:
    """A log that was published at each of these sizes."""
    log = Ledger(folder, ORIGIN)
    for size in sizes:
        first = log.size()
        log.publish(make_entries(first, size), first=first, signer=SIGNER)
    return folder


def content(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def _at(number: int) -> str:
    return f"2026-11-24T01:56:{number // 1000 % 60:02d}.{number % 1000:06d}Z"


@pytest.fixture
def signer() -> NoteSigner:
    return SIGNER


@pytest.fixture
def entries() -> Callable[[int, int], Iterator[bytes]]:
    return make_entries


@pytest.fixture
def publish(tmp_path: Path) -> Publish:
    """Make a log under a name, published at each of the given sizes."""

    def made(name: str, *sizes: int) -> Path:
        return publish_log(tmp_path / name, *sizes)

    return made


@pytest.fixture
def files() -> Callable[[Path], dict[str, bytes]]:
    return content
