"""The command line as a person meets it: arguments in, exit code and what is printed out."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from comity.cli.main import run_words


@dataclass(frozen=True)
class Said:
    """How a command ended."""

    code: int
    out: str
    err: str


class Shell:
    """Runs commands in this process, as `main` does."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._capture = capture

    def __call__(self, *arguments: object) -> Said:
        self._capture.readouterr()
        code = run_words([str(argument) for argument in arguments])
        printed = self._capture.readouterr()
        assert "Traceback" not in printed.err
        return Said(code, printed.out, printed.err)
