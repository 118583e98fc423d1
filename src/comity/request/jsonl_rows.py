"""JSON Lines: one object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from comity.request.blocks import MAX_LINE, Block, lines_of, text_blocks
from comity.request.cells import Cells
from comity.request.digested import DigestedFile
from comity.request.model import Problem


class JsonlRows:
    """The rows of a JSON Lines file; every object names its own columns."""

    def __init__(self, content: DigestedFile) -> None:
        self._content = content
        self.form = JsonlForm()

    @property
    def columns(self) -> tuple[str, ...] | None:
        """Every row names its own."""
        return None

    def blocks(self) -> Iterator[Block]:
        """The lines of the file."""
        return text_blocks(self._content.pieces(), len)


@dataclass(frozen=True)
class JsonlForm:
    """How lines of JSON are read."""

    def cells(self, block: Block) -> Iterator[Cells]:
        """The objects of a block; what is none has its problem. Blank lines are none."""
        for number, raw in enumerate(lines_of(block), block.line):
            if len(raw) > MAX_LINE:
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
