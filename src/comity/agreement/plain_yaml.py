"""A small, strict YAML: mappings, lists, texts, numbers, true, false, null, and their places.

Agreements are signed, so their text must read the same to everybody. This reads the events of a
YAML 1.2 parser and builds plain values from them: no tags, no anchors, no key twice, no second
document, no character that a page does not show as it stands. It follows the JSON-like part of the
YAML 1.2 core schema (yaml.org/spec/1.2.2, 10.3), so `no` is a text and `010` is ten.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

Path: TypeAlias = tuple[str | int, ...]
Place: TypeAlias = tuple[int, int]
"""Line and column, both from 1."""
Positions: TypeAlias = Mapping[Path, Place]
"""Where every value of a document stands (for a key's value: the key), by its path."""

MAX_DEPTH = 20
MAX_INTEGER = 2**53 - 1
"""Canonical JSON can say no larger one (RFC 8785, 3.2.2.3)."""

_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff"
    "\ufff9-\ufffb\ud800-\udfff]"
)
"""Control and format characters. A right-to-left override (U+202E) makes a page read otherwise than
its bytes; an escape character does the same to a terminal."""
_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {"true": True, "True": True, "TRUE": True} | {
    "false": False,
    "False": False,
    "FALSE": False,
}


@dataclass(frozen=True)
class Fault:
    """Something wrong at a place of a document, told in words."""

    path: Path
    what: str


@dataclass(frozen=True)
class Plain:
    """What a text says as plain values, where each stands, and what is wrong with it."""

    value: object
    positions: Positions
    faults: tuple[Fault, ...]


def read_plain(text: str) -> Plain:
    """Read YAML text. Faults that stop the reading are told like all others."""
    text = text.removeprefix("\ufeff")
    hidden = _HIDDEN.search(text)
    if hidden is not None:
        place = _place_of(text, hidden.start())
        return Plain(None, {(): place}, (Fault((), _hidden_words(hidden[0])),))
    builder = _Builder()
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            builder.take(event)
    except _Stop:
        pass
    except MarkedYAMLError as error:
        mark = error.problem_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        what = (
            f"this is not YAML ({error.problem or 'it cannot be read'}); check indentation, "
            "colons and quotes on this line and the one before it"
        )
        return Plain(None, {(): place}, (Fault((), what),))
    except (YAMLError, ValueError, RecursionError):
        return Plain(None, {(): (1, 1)}, (Fault((), "this is not YAML"),))
    return Plain(builder.root, builder.positions, tuple(builder.faults))


class _Stop(Exception):  # noqa: N818 (not an error: nothing more is worth reading)
    """Nothing more is worth reading."""


@dataclass
class _Open:
    """A mapping or list still being filled."""

    path: Path
    made: dict[str, object] | list[object]
    key: str | None = None


@dataclass
class _Builder:
    """Turns events into values. It keeps its own stack, so that no nesting can exhaust Python's."""

    root: object = None
    positions: dict[Path, Place] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    _stack: list[_Open] = field(default_factory=list)
    _documents: int = 0

    def take(self, event: Any) -> None:
        """The next event of the parser."""
        place = (event.start_mark.line + 1, event.start_mark.column + 1)
        if isinstance(event, DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._stop((), place, "a second document begins (`---`); one file, one document")
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            self._stack.pop()
        elif isinstance(event, NodeEvent):
            self._node(event, place)

    def _node(self, event: NodeEvent, place: Place) -> None:
        top = self._stack[-1] if self._stack else None
        if top is not None and isinstance(top.made, dict) and top.key is None:
            self._key(event, place, top)
            return
        path = self._next_path(top)
        self.positions.setdefault(path, place)
        if isinstance(event, AliasEvent) or event.anchor:
            self._stop(path, place, "anchors and aliases (`&` and `*`) are not allowed")
        if getattr(event, "tag", None) is not None:
            self._stop(path, place, "tags (`!`) are not allowed")
        if len(path) > MAX_DEPTH:
            self._stop(path[:1], place, "it is nested too deeply")
        if isinstance(event, ScalarEvent):
            self._put(top, self._scalar(event, path))
            return
        made: dict[str, object] | list[object]
        made = {} if isinstance(event, MappingStartEvent) else []
        assert isinstance(event, MappingStartEvent | SequenceStartEvent)
        self._put(top, made)
        self._stack.append(_Open(path, made))

    def _key(self, event: NodeEvent, place: Place, top: _Open) -> None:
        if not isinstance(event, ScalarEvent) or event.anchor or event.tag is not None:
            self._stop(top.path, place, "a key is a plain word here")
        key = str(getattr(event, "value", ""))
        here = (*top.path, key)
        if key in top.made:
            self._stop(here, place, "the key stands twice")
        self.positions[here] = place
        top.key = key

    def _next_path(self, top: _Open | None) -> Path:
        if top is None:
            return ()
        if isinstance(top.made, list):
            return (*top.path, len(top.made))
        assert top.key is not None
        return (*top.path, top.key)

    def _put(self, top: _Open | None, value: object) -> None:
        if top is None:
            self.root = value
        elif isinstance(top.made, list):
            top.made.append(value)
        else:
            assert top.key is not None
            top.made[top.key], top.key = value, None

    def _scalar(self, event: ScalarEvent, path: Path) -> object:
        text = str(event.value)
        hidden = _HIDDEN.search(text)
        if hidden is not None:
            self.faults.append(Fault(path, _hidden_words(hidden[0])))
            return None
        if not event.implicit[0]:
            return text
        if text in _NULLS:
            return None
        if text in _BOOLEANS:
            return _BOOLEANS[text]
        return self._number(text, path)

    def _number(self, text: str, path: Path) -> object:
        """The number that a plain scalar is, or the text itself."""
        if _INTEGER.fullmatch(text):
            # far longer than any allowed number: not worth converting
            number = int(text) if len(text) < 40 else MAX_INTEGER + 1
            if abs(number) > MAX_INTEGER:
                self.faults.append(Fault(path, "the number is too large"))
            return number
        if _FLOAT.fullmatch(text):
            decimal = float(text)
            if not math.isfinite(decimal):
                self.faults.append(Fault(path, "the number is too large"))
                return 0.0
            return decimal
        return text

    def _stop(self, path: Path, place: Place, what: str) -> None:
        self.positions[path] = place
        self.faults.append(Fault(path, what))
        raise _Stop


def _place_of(text: str, index: int) -> Place:
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


def _hidden_words(character: str) -> str:
    return f"a hidden character (U+{ord(character):04X}) stands here; take it out"
