"""The tutorial is run as it stands: its files written, its commands typed, its output compared."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TUTORIAL = ROOT / "docs" / "tutorial.md"
_BLOCK = re.compile(r"^```(?P<info>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_TITLE = re.compile(r'title="([^"]+)"')
_EXITS = re.compile(r"exits=(\d)")


@dataclass(frozen=True)
class File:
    """A fenced block with a title: a file that the reader writes."""

    name: str
    text: str


@dataclass(frozen=True)
class Command:
    """A line after `$ `, and what the tutorial shows below it."""

    line: str
    shown: tuple[str, ...]
    exits: int


def steps(text: str) -> Iterator[File | Command]:
    """What the reader does, in order."""
    for block in _BLOCK.finditer(text):
        info = block["info"]
        if title := _TITLE.search(info):
            yield File(title[1], block["text"])
        elif info.startswith("console"):
            exits = _EXITS.search(info)
            for one in re.split(r"^\$ ", block["text"], flags=re.MULTILINE)[1:]:
                line, *shown = one.rstrip("\n").split("\n")
                yield Command(line, tuple(shown), int(exits[1]) if exits else 0)


def matches(shown: tuple[str, ...], printed: str) -> bool:
    """Whether the output is the one shown: `…` on a line of its own stands for any lines, within
    a line for any characters and the spaces after them; spaces at the ends of lines do not count.
    """
    pattern = ""
    for line in shown:
        if line == "…":
            pattern += r"(?:[^\n]*\n)*?"
        else:
            pattern += "[^\n]*".join(re.escape(part) for part in re.split("… *", line)) + "[ ]*\n"
    plain = "".join(f"{line.rstrip()}\n" for line in printed.splitlines())
    return re.fullmatch(pattern, plain) is not None


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """The reader's shell, in an empty folder of the source tree."""
    shutil.copytree(ROOT / "agreements", tmp_path / "agreements")
    (tmp_path / "try").mkdir()
    unset = {"COMITY_EXCHANGE", "COMITY_REGISTRY_KEY", "COMITY_DEBUG", "FORCE_COLOR", "COLUMNS"}
    environment = {k: v for k, v in os.environ.items() if k not in unset}
    environment["COMITY_PASSPHRASE"] = "a passphrase for the tutorial"
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    with subprocess.Popen(
        ["bash", "--noprofile", "--norc"],
        cwd=tmp_path / "try",
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


def typed(shell: subprocess.Popen[str], line: str) -> tuple[str, int]:
    """What a line prints, on both channels, and its exit code."""
    assert shell.stdin is not None
    assert shell.stdout is not None
    shell.stdin.write(f"{{ {line}\n}} < /dev/null\ncode=$?; echo; echo end-of-command $code\n")
    shell.stdin.flush()
    printed = ""
    while not (end := re.search(r"\nend-of-command (\d+)\n\Z", printed)):
        said = shell.stdout.readline()
        assert said, f"the shell ended at: {line}"
        printed += said
    return printed[: end.start()], int(end[1])


def test_the_tutorial_works_as_it_stands(shell: subprocess.Popen[str], tmp_path: Path) -> None:
    done = 0
    for step in steps(TUTORIAL.read_text("utf-8")):
        if isinstance(step, File):
            (tmp_path / "try" / step.name).write_text(step.text, "utf-8")
            continue
        printed, code = typed(shell, step.line)
        assert code == step.exits, f"$ {step.line}\n{printed}"
        assert matches(step.shown, printed), f"$ {step.line}\n{printed}"
        done += 1
    assert done > 40


def test_output_is_compared() -> None:
    assert matches(("one", "…", "last …."), "one\n2\n3\nlast thing.\n")
    assert not matches(("one", "last"), "one\n2\nlast\n")
    assert not matches(("one two",), "one three\n")
    assert not matches((), "anything\n")
