"""Witnesses on this machine: folders, and servers in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from comity.exchange.witness_folder import WitnessFolder, create_witness
from comity.ledger.note import NoteVerifier


def make_folder(path: Path, *logs: NoteVerifier, name: str = "") -> WitnessFolder:
    """A witness that watches these logs."""
    folder = create_witness(path, name or f"witness.example/{path.name}")
    for log in logs:
        folder.trust(log)
    return folder


@contextmanager
def served(
    folder: Path, *, prelude: str = "", port: int = 0
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """`comity witness serve` in a process of its own: its address, and the process. `prelude` is
    run there before."""
    script = (
        f"{prelude}\nimport sys\nfrom comity.cli.main import run_words\n"
        "sys.exit(run_words(sys.argv[1:]))\n"
    )
    command = [sys.executable, "-c", script, "witness", "serve", str(folder), "--port", str(port)]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            assert " at http://" in said, process.communicate()
            yield said.split(" at ")[1].strip(), process
        finally:
            process.terminate()
