"""The demonstration's folder: made once, replaced only on demand, and never anybody else's."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from comity.core.errors import UsageError

MARKER = ".comity-demo"
_MADE = ("world", "exchange", "opened", "log-tampered")
_WRITTEN = (
    "agreement.yaml",
    "answers.csv",
    "findings.csv",  # where a command of the README puts its result
    "log.vkey",
    "index.html",
    "README.txt",
)


@dataclass(frozen=True)
class Folder:
    """Where everything of a demonstration stands."""

    path: Path

    @property
    def world(self) -> Path:
        """The made-up world: registry, batch, truth, rosters, keys."""
        return self.path / "world"

    @property
    def exchange(self) -> Path:
        """The exchange."""
        return self.path / "exchange"

    @property
    def log(self) -> Path:
        """The exchange's log."""
        return self.exchange / "log"

    @property
    def agreement(self) -> Path:
        """The agreement with both parties' signatures."""
        return self.path / "agreement.yaml"

    @property
    def answers(self) -> Path:
        """The requester's copy."""
        return self.path / "answers.csv"

    @property
    def opened(self) -> Path:
        """Packages as their recipients opened them."""
        return self.path / "opened"

    @property
    def tampered(self) -> Path:
        """A copy of the log in which one byte is another."""
        return self.path / "log-tampered"

    @property
    def log_key(self) -> Path:
        """The log's public key."""
        return self.path / "log.vkey"

    @property
    def page(self) -> Path:
        """The page."""
        return self.path / "index.html"

    @property
    def readme(self) -> Path:
        """What is here, and what to try."""
        return self.path / "README.txt"


def prepare(path: Path, *, force: bool) -> Folder:
    """An empty folder for a demonstration.

    Raises UsageError where the path holds anything. One that was stopped before its page was
    written, and with `force` any demonstration, is removed first, and nothing but what it made."""
    if path.exists() and not path.is_dir():
        raise UsageError("This is a file.", where=str(path), cure="Name a folder: comity demo DIR.")
    if (path / MARKER).is_file():
        if not force and Folder(path).page.exists():
            raise UsageError(
                "A demonstration stands here already.",
                where=str(path),
                cure="Look at its index.html, name another folder, or replace it with --force.",
            )
        _clear(path)
    elif path.exists() and any(path.iterdir()):
        raise UsageError(
            "The folder holds something that is no demonstration.",
            where=str(path),
            cure="Name a new or empty folder: comity demo DIR.",
        )
    path.mkdir(parents=True, exist_ok=True)
    (path / MARKER).write_text("This folder was made by `comity demo`, which may replace it.\n")
    return Folder(path)


def _clear(path: Path) -> None:
    made = {*_MADE, *_WRITTEN, MARKER}
    if any(one.name not in made for one in path.iterdir()):
        raise UsageError(
            "The folder holds more than the demonstration that stands here.",
            where=str(path),
            cure="Move that away, or name another folder.",
        )
    for name in _MADE:
        if (path / name).is_symlink():
            (path / name).unlink()
        elif (path / name).exists():
            shutil.rmtree(path / name)
    for name in (*_WRITTEN, MARKER):  # the marker last: whatever is left is still a demonstration
        (path / name).unlink(missing_ok=True)
