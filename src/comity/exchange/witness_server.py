"""A witness on the network (C2SP tlog-witness): `POST /add-checkpoint`, and for who watches the
witness `GET /<SHA-256 of the origin>/checkpoint`.

Whoever calls may be hostile. A call is limited in size and in time, and what it held stands in no
log line and no error.
"""

from __future__ import annotations

import asyncio
import logging
import re
import socket
from collections.abc import Callable
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from comity.core.errors import ComityError, UsageError
from comity.exchange.witness_folder import WitnessFolder
from comity.ledger.witness import MAX_SUBMISSION

PATIENCE = 10.0
"""Seconds in which a call must have come in: its head, and then its body."""

MOST_CONNECTIONS = 64
_HASH = re.compile("[0-9a-f]{64}")
_log = logging.getLogger("comity.witness")


def application(folder: WitnessFolder) -> Starlette:
    """The witness as an ASGI application."""
    witness = folder.witness()

    async def add_checkpoint(request: Request) -> Response:
        try:
            async with asyncio.timeout(PATIENCE):
                body = await _body(request)
        except TimeoutError:
            return _plain(408, "The call did not come in in time.")
        except ClientDisconnect:
            return _plain(400, "The call broke off.")
        if body is None:
            return _plain(413, "The call is too large.")
        answer = await run_in_threadpool(witness.add_checkpoint, body)
        _log.info("add-checkpoint: %d", answer.status)
        return Response(answer.body, answer.status, {"Content-Type": answer.type})

    async def latest(request: Request) -> Response:
        origin = request.path_params["origin"]
        note = None
        if _HASH.fullmatch(origin):
            note = await run_in_threadpool(folder.latest_by_hash, origin)
        if note is None:
            return _plain(404, "Nothing was cosigned of such a log.")
        return Response(note, 200, {"Content-Type": "text/plain; charset=utf-8"})

    async def failed(_request: Request, error: Exception) -> Response:
        _log.error("failed: %s", error.what if isinstance(error, ComityError) else type(error))
        return _plain(500, "The witness itself failed; nothing was cosigned.")

    return Starlette(
        routes=[
            Route("/add-checkpoint", add_checkpoint, methods=["POST"]),
            Route("/{origin}/checkpoint", latest, methods=["GET"]),
        ],
        exception_handlers={Exception: failed},
    )


def serve(
    folder: WitnessFolder, host: str, port: int, ready: Callable[[str], None] = lambda _: None
) -> None:
    """Serve until stopped. `ready` is told the address once calls are taken; port 0 is any.

    Raises UsageError where the address is not to be had."""
    listening = _listen(host, port)
    config = uvicorn.Config(
        application(folder),
        http=_Impatient,
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="critical",
        server_header=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=int(PATIENCE),
        timeout_graceful_shutdown=5,
        h11_max_incomplete_event_size=16_384,
    )
    name = f"[{host}]" if ":" in host else host
    ready(f"http://{name}:{listening.getsockname()[1]}")
    try:
        uvicorn.Server(config).run([listening])
    finally:
        listening.close()


class _Impatient(H11Protocol):
    """Closes a connection whose next call does not begin in time, or whose head only drips; uvicorn
    itself waits for the first one without end."""

    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._waiting is None and (self.cycle is None or self.cycle.response_complete):
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
        super().connection_lost(exc)

    def _wait(self) -> None:
        before = self.cycle
        self._waiting = self.loop.call_later(PATIENCE, self._leave, before)

    def _leave(self, before: object) -> None:
        self._waiting = None
        if self.cycle is before and not self.transport.is_closing():
            self.transport.close()


async def _body(request: Request) -> bytes | None:
    """The body of a call; None for one that is too large, which is not read on."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_SUBMISSION:
            return None
    return bytes(body)


def _plain(status: int, text: str) -> Response:
    return PlainTextResponse(f"{text}\n", status)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.create_server((host, port), family=family, backlog=128)
        # Head and body of an answer are two packets; without this the second waits for the caller's
        # acknowledgement of the first, 40 ms (a cosignature takes 4).
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listening
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or "there is no such address"
        raise UsageError(
            f"The witness cannot listen there ({why}).",
            where=f"{host}:{port}",
            cure="Name an address of this machine and a free port with --host and --port.",
        ) from None
