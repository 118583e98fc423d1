"""A crew: desks in processes of their own, so that a large batch is worked on by every processor.

Each is a fresh interpreter that knows nothing but what comes through its socket: keys and rows,
which so never touch a disk. Whoever started it is its only tie: when that ends, however it ends,
the socket closes and the process goes. Ctrl-C reaches only who started it.
"""

from __future__ import annotations

import gc
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Protocol, TypeVar

from comity.core.errors import EXIT_FOUND_WRONG, ComityError

T = TypeVar("T")


class CrewError(ComityError):
    """A process that worked on the batch is gone."""

    exit_code = EXIT_FOUND_WRONG


class Worker(Protocol):
    """Somebody at a desk. What it is asked for it does in order."""

    def ask(self, task: Callable[..., T], *arguments: object) -> Future[T]:
        """Have a method of the desk called."""
        ...


class Crew:
    """Workers with a desk each; use it as a context manager. With `size` 0 there is one, and it is
    this process: a small batch is done before another one would be ready."""

    def __init__(self, size: int, desk: object) -> None:
        self._others = [_Process(desk) for _ in range(size)]
        self.workers: tuple[Worker, ...] = tuple(self._others) or (_Here(desk),)

    def __enter__(self) -> Crew:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for worker in self._others:
            worker.stop()


def processors() -> int:
    """How many processors this process may use; 0 where it cannot start others."""
    return len(os.sched_getaffinity(0)) if sys.executable else 0


class _Here:
    def __init__(self, desk: Any) -> None:
        self._desk = desk

    def ask(self, task: Callable[..., T], *arguments: object) -> Future[T]:
        made: Future[T] = Future()
        made.set_result(task(self._desk, *arguments))
        return made


class _Process:
    """A worker in another process; a thread here waits for its answers."""

    def __init__(self, desk: object) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - this very interpreter
                [sys.executable, "-c", _PROGRAM, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                process_group=0,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=_environment(),
            )
        self._connection = Connection(ours.detach())
        self._thread = ThreadPoolExecutor(1)
        self._thread.submit(self._connection.send, desk)

    def ask(self, task: Callable[..., T], *arguments: object) -> Future[T]:
        return self._thread.submit(self._answer, task.__name__, arguments)

    def stop(self) -> None:
        """End it, in the middle of whatever it does."""
        self._process.kill()
        self._process.wait()
        self._thread.shutdown(wait=True, cancel_futures=True)
        self._connection.close()

    def _answer(self, name: str, arguments: tuple[object, ...]) -> Any:
        try:
            self._connection.send((name, arguments))
            answer, failure = self._connection.recv()
        except (EOFError, OSError):
            raise _gone("it was stopped") from None
        if failure:
            raise _gone(failure)
        return answer


def _environment() -> dict[str, str]:
    """This process's, with the modules that it finds, and without the passphrase of a key."""
    shared = {name: value for name, value in os.environ.items() if name != "COMITY_PASSPHRASE"}
    return shared | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


def _gone(why: str) -> CrewError:
    return CrewError(
        f"A process that worked on the batch failed ({why}).",
        cure="What was recorded stands; run the same command again, and it goes on.",
    )


_PROGRAM = "import sys; from comity.exchange.crew import serve; serve(int(sys.argv[1]))"


def serve(handle: int) -> None:
    """Work for whoever holds the other end of this socket, until it is closed."""
    # What a desk makes has no cycles, and there is much of it: looking for them takes an eighth.
    gc.set_threshold(500_000, 20, 20)
    with Connection(handle) as connection:
        try:
            desk = connection.recv()
            while True:
                name, arguments = connection.recv()
                try:
                    answer, failure = getattr(desk, name)(*arguments), ""
                except Exception as error:  # noqa: BLE001 - told by its kind alone: no data
                    answer, failure = None, type(error).__name__
                connection.send((answer, failure))
        except (EOFError, OSError):
            return
