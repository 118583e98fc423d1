"""JSON Lines: one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from comity.request.cells import Cells
from comity.request.csv_rows import MAX_LINE
from comity.request.model import Problem

_BOM = b"\xef\xbb\xbf"


class JsonlRows:
    """The rows of a JSON Lines file; every object names its own columns."""

    columns: tuple[str, ...] | None = None

    def __init__(self, path: Path) -> None:
        self._path = path

    def __iter__(self) -> Iterator[Cells]:
        with self._path.open("rb") as file:
            number = 0
            while raw := file.readline(MAX_LINE + 1):
                number += 1
                raw = raw.removeprefix(_BOM) if number == 1 else raw
                if len(raw) > MAX_LINE and not raw.endswith(b"\n"):
                    while (rest := file.readline(MAX_LINE + 1)) and not rest.endswith(b"\n"):
                        pass
                    what = f"the line is longer than {MAX_LINE:,} bytes"
                    yield Cells(number, {}, (Problem("", what),))
                elif raw.strip():
                    yield _cells(number, raw)


def _cells(number: int, raw: bytes) -> Cells:
    problems: list[Problem] = []

    def take(pairs: list[tuple[str, object]]) -> dict[str, object]:
        if len({name for name, _ in pairs}) < len(pairs):
            problems.append(Problem("", "a key stands twice in the object"))
        return dict(pairs)

    try:
        found = json.loads(raw.decode("utf-8"), object_pairs_hook=take)
    except UnicodeDecodeError:
        return Cells(number, {}, (Problem("", "the line is not UTF-8"),))
    except (ValueError, RecursionError):
        return Cells(number, {}, (Problem("", "the line is not a JSON object"),))
    if not isinstance(found, dict):
        return Cells(number, {}, (Problem("", "the line is not a JSON object"),))
    values: dict[str, str | list[str]] = {}
    for name, value in found.items():
        if value is None:
            values[name] = ""
        elif isinstance(value, str) or _texts(value):
            values[name] = value
        else:
            values[name] = ""
            problems.append(Problem(name, "it is not text (write numbers and dates in quotes)"))
    return Cells(number, values, tuple(problems))


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(part, str) for part in value)
