"""A log on a web server, read as if it stood in a folder; the server may be hostile.

What it sends is limited by what the file at hand can be at most, decompressed; how long it takes is
limited, too. Nothing of it is believed before the hashes are compared.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import (
    DecodeError,
    HostChangedError,
    HTTPError,
    MaxRetryError,
    NewConnectionError,
    ProtocolError,
    ResponseError,
    TimeoutError,
)
from urllib3.response import BaseHTTPResponse

from comity.core.errors import LedgerError, UsageError
from comity.ledger.reading import Place

AT_ONCE = 8
"""Requests in flight for one sequence of files; a verification reads two at a time."""

_SIMPLE = 2
"""The same for a server that closes after each answer (HTTP/1.0): with more, the connections
overflow the queue of the plainest ones, and each that does costs a second (measured: 70,000 entries
from `python -m http.server`, 0.8 s with 2, 8 to 25 s with 8)."""

_PATIENCE = urllib3.Timeout(connect=5, read=15)
_LONGEST = 120.0
"""Seconds that one file may take, however steadily it drips."""

_PIECE = 65_536
_CURE = "The server, or somebody between, cut or altered it; get the log from elsewhere, too."
_HEADERS = {"Accept-Encoding": "gzip, identity", "User-Agent": "comity"}


class UnreachableError(UsageError):
    """A server does not answer; nothing is said about what it would have sent."""


class HttpLog:
    """The log below an http(s) address. Several files are fetched at a time by `read_each`."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._pool, self._prefix = connect(self.url, 2 * AT_ONCE)
        self._at_once = _SIMPLE

    def __str__(self) -> str:
        return self.url

    def read(self, path: str, limit: int) -> bytes:
        """A file's content. Raises LedgerError for one that is missing, cut, too large or
        wrongly encoded, UnreachableError where no answer comes."""
        address = f"{self._prefix}/{path}"
        try:
            with exchange_words(self._pool, "GET", address, _PATIENCE) as answer:
                self._at_once = AT_ONCE if answer.version > 10 else _SIMPLE
                if answer.status != 200:
                    raise LedgerError(
                        f"The server answers {answer.status} for a file of the log.",
                        where=path,
                        cure="It was not published, or was taken away."
                        if answer.status in (404, 410)
                        else _CURE,
                    )
                return read_limited(answer, limit, _LONGEST)
        except UnreachableError as error:
            raise UnreachableError(error.what, where=self.url, cure=error.cure) from None
        except LedgerError as error:
            raise LedgerError(error.what, where=path, cure=error.cure) from None

    def read_each(self, wanted: Iterable[tuple[str, int]]) -> Iterator[bytes]:
        """The contents of many files, in order; at most AT_ONCE are held at a time."""
        coming, most = iter(wanted), self._at_once
        with ThreadPoolExecutor(most) as threads:
            waiting = deque(threads.submit(self.read, *one) for one in islice(coming, most))
            try:
                while waiting:
                    data = waiting.popleft().result()
                    waiting.extend(threads.submit(self.read, *one) for one in islice(coming, 1))
                    yield data
            finally:
                for one in waiting:
                    one.cancel()


def place_of(text: str) -> Place:
    """The log that a call names: an http(s) address, or a folder."""
    return HttpLog(text) if is_url(text) else Path(text)


def is_url(text: str) -> bool:
    """Whether a call names a server."""
    return text.lower().startswith(("http://", "https://"))


def connect(url: str, at_once: int) -> tuple[urllib3.HTTPConnectionPool, str]:
    """Connections to the server of an address, and the path of that address, without a slash at
    its end. Raises UsageError for what is no plain http(s) address."""
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        if not sound or "@" in parts.netloc or parts.query or parts.fragment:
            raise ValueError
        pool = urllib3.connection_from_url(url, maxsize=at_once)
    except (ValueError, HTTPError):
        raise UsageError(
            "This is not the address of a server.",
            where=ascii(url)[1:-1][:120],
            cure="Write it as https://log.example/path, without user, query or fragment.",
        ) from None
    return pool, parts.path.rstrip("/")


def exchange_words(
    pool: urllib3.HTTPConnectionPool,
    method: str,
    path: str,
    patience: urllib3.Timeout,
    body: bytes | None = None,
) -> BaseHTTPResponse:
    """Ask a server; the answer's body is still to be read.

    Follows redirects of a GET on the same server alone. Raises UnreachableError where it does not
    answer, LedgerError where it sends elsewhere or answers what is no HTTP."""
    retries = urllib3.Retry(total=4, connect=1, read=1, redirect=3, status=0, other=0)
    try:
        return pool.urlopen(
            method,
            path,
            body=body,
            headers=_HEADERS,
            timeout=patience,
            retries=retries if method == "GET" else False,
            redirect=method == "GET",
            assert_same_host=True,
            preload_content=False,
        )
    except HostChangedError:
        raise LedgerError(
            "The server sends to another one, which is not followed.",
            cure="Name the address where it really is.",
        ) from None
    except (HTTPError, OSError) as error:
        raise _no_answer(error) from None


def read_limited(answer: BaseHTTPResponse, limit: int, longest: float) -> bytes:
    """The body of an answer, decompressed. Raises LedgerError where it is cut, larger than `limit`
    bytes, not encoded as it says, or still not there after `longest` seconds."""
    until = time.monotonic() + longest
    data = bytearray()
    try:
        while piece := answer.read1(min(_PIECE, limit + 1 - len(data)), decode_content=True):
            data += piece
            if len(data) > limit:
                answer.close()
                raise LedgerError(f"The server sends more than {limit:,} bytes.", cure=_CURE)
            if time.monotonic() > until:
                answer.close()
                raise LedgerError(f"The server is not done after {longest:.0f} s.", cure=_CURE)
    except DecodeError:
        raise LedgerError(
            "What the server sends is not compressed as it says.", cure=_CURE
        ) from None
    except TimeoutError:
        raise LedgerError("The server fell silent in the middle.", cure=_CURE) from None
    except (HTTPError, OSError):
        raise LedgerError("The answer broke off in the middle.", cure=_CURE) from None
    return bytes(data)


def _no_answer(error: Exception) -> UnreachableError | LedgerError:
    cause = error.reason if isinstance(error, MaxRetryError) else error
    if isinstance(cause, ResponseError):
        return LedgerError("The server sends round in circles.", cure=_CURE)
    if isinstance(cause, ProtocolError):
        return LedgerError("What the server answers is not HTTP.", cure=_CURE)
    late = isinstance(cause, TimeoutError) and not isinstance(cause, NewConnectionError)
    return UnreachableError(
        "The server does not answer in time." if late else "The server cannot be reached.",
        cure="Check the address and the network, then try again.",
    )
