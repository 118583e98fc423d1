"""Files that somebody handed over: read with a limit, whatever they are."""

from __future__ import annotations

from pathlib import Path

from comity.core.errors import UsageError


def read_handed(path: Path, what: str, limit: int) -> bytes:
    """A file's content, cut one byte past `limit`, so that whoever parses it sees it is too large.

    Raises UsageError where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(limit + 1)
    except OSError as error:
        raise UsageError(
            f"The {what} cannot be read ({error.strerror}).",
            where=str(path),
            cure="Check the path and that you may read it.",
        ) from None
