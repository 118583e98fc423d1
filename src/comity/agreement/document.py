"""Reading what people write: YAML 1.2 into frozen values, every error with file, line and field.

The YAML is composed, not constructed: no tags, no anchors, no duplicate keys, no surprises, and
each value keeps the place where it stands. pydantic then fits the plain values to a dataclass.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Generic, TypeAlias, TypeVar, cast, get_args, get_type_hints

from pydantic import TypeAdapter, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from comity.core.errors import AgreementError

MAX_CHARACTERS = 1_000_000
MAX_DEPTH = 20
_SHOWN = 20

T = TypeVar("T")
Path: TypeAlias = tuple[str | int, ...]
Positions: TypeAlias = Mapping[Path, tuple[int, int]]
"""Line and column, from 1, of every value of a document by its path."""


@dataclass(frozen=True)
class Fault:
    """Something wrong at a place of a document, told in words."""

    path: Path
    what: str


@dataclass(frozen=True)
class Parsed(Generic[T]):
    """A value and where each part of it stands in its file."""

    value: T
    name: str
    positions: Positions

    def fail(self, faults: list[Fault]) -> AgreementError:
        """One error that names every fault with its place."""
        return _error(self.name, self.positions, faults)


def parse_document(text: str, name: str, kind: type[T], what: str) -> Parsed[T]:
    """Read YAML text as a `kind` (a dataclass). `name` is the file's, `what` the document's, for
    messages. Raises AgreementError that lists every fault with its line."""
    if len(text) > MAX_CHARACTERS:
        raise AgreementError(
            f"The file is larger than {MAX_CHARACTERS:,} characters.",
            where=name,
            cure=f"This is hardly {what}.",
        )
    try:
        node = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        raise AgreementError(
            f"This is not YAML: {error.problem or 'it cannot be read'}.",
            where=where,
            cure="Check indentation, colons and quotes on this line and the one before it.",
        ) from None
    except (YAMLError, ValueError, RecursionError):
        raise AgreementError("This is not YAML.", where=name) from None
    reader = _Reader(name)
    plain = None if node is None else reader.plain(node, ())
    if reader.faults:
        raise _error(name, reader.positions, reader.faults)
    try:
        value = cast("T", _adapter(kind).validate_python(plain))
    except ValidationError as error:
        faults = [_fault(dict(one), kind) for one in error.errors()]
        raise _error(name, reader.positions, faults) from None
    return Parsed(value, name, reader.positions)


_ADAPTERS: dict[type[object], TypeAdapter[object]] = {}


def _adapter(kind: type[object]) -> TypeAdapter[object]:
    """Built once a kind: building one takes some milliseconds, using it microseconds."""
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def to_plain(value: object) -> dict[str, object]:
    """A dataclass of these documents as plain JSON values."""
    made = _adapter(type(value)).dump_python(value, mode="json")
    assert isinstance(made, dict)
    return made


def json_schema(kind: type[object], title: str) -> dict[str, object]:
    """The JSON Schema (2020-12) of a document."""
    made = _adapter(kind).json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **made,
        "title": title,
    }


class _Reader:
    """Turns composed YAML into plain values, and notes places and faults."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.positions: dict[Path, tuple[int, int]] = {}
        self.faults: list[Fault] = []
        self._seen: set[int] = set()

    def plain(self, node: Node, path: Path) -> object:
        self.positions.setdefault(path, (node.start_mark.line + 1, node.start_mark.column + 1))
        if id(node) in self._seen or node.anchor:
            self.faults.append(Fault(path, "anchors and aliases (& and *) are not allowed"))
            return None
        self._seen.add(id(node))
        if len(path) > MAX_DEPTH:
            self.faults.append(Fault(path, "it is nested too deeply"))
            return None
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.plain(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, path) if isinstance(node, ScalarNode) else None

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, object]:
        made: dict[str, object] = {}
        for key, value in node.value:
            name = str(key.value) if isinstance(key, ScalarNode) else "?"
            here = (*path, name)
            if name in made:
                self.faults.append(Fault(here, "the key stands twice"))
            self.positions[here] = (key.start_mark.line + 1, key.start_mark.column + 1)
            made[name] = self.plain(value, here)
        return made

    def _scalar(self, node: ScalarNode, path: Path) -> object:
        text = str(node.value)
        match str(node.tag).rpartition(":")[2]:
            case "str" | "timestamp":
                return text
            case "null":
                return None
            case "bool":
                return text.lower() == "true"
            case "int":
                try:
                    return int(text.replace("_", ""), 0)
                except ValueError:
                    return text
            case "float":
                return float(text.replace("_", ""))
        self.faults.append(Fault(path, "YAML tags (!) are not allowed"))
        return None


def _fault(error: dict[str, object], kind: type[object]) -> Fault:
    """A pydantic error in our words. The value itself is never quoted."""
    loc = error["loc"]
    assert isinstance(loc, tuple)
    path: Path = tuple(part for part in loc if isinstance(part, int | str))
    match error["type"]:
        case "missing" | "missing_argument":
            return Fault(path, "the key is missing")
        case "extra_forbidden" | "unexpected_keyword_argument":
            near = difflib.get_close_matches(str(path[-1]), sorted(_names(kind)), 1)
            return Fault(
                path, "the key is not known" + (f"; did you mean `{near[0]}`?" if near else "")
            )
        case "literal_error":
            expected = error.get("ctx")
            words = expected.get("expected") if isinstance(expected, dict) else ""
            return Fault(path, f"expected one of {words}")
        case _:
            message = str(error["msg"])
            return Fault(path, message[:1].lower() + message[1:])


def _names(kind: object, seen: frozenset[object] = frozenset()) -> set[str]:
    """The keys of a document's dataclass and of those inside it."""
    if kind in seen:
        return set()
    found: set[str] = set()
    for part in get_args(kind):
        found |= _names(part, seen)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        for one in fields(kind):
            found |= {one.name} | _names(hints[one.name], seen | {kind})
    return found


def _error(name: str, positions: Positions, faults: list[Fault]) -> AgreementError:
    lines = [_line(name, positions, fault) for fault in faults[:_SHOWN]]
    if len(faults) > _SHOWN:
        lines.append(f"… and {len(faults) - _SHOWN} more")
    return AgreementError("\n".join(dict.fromkeys(lines)))


def _line(name: str, positions: Positions, fault: Fault) -> str:
    at = fault.path
    while at and at not in positions:
        at = at[:-1]
    line, column = positions.get(at, (1, 1))
    field = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in fault.path).lstrip(".")
    return f"{name}:{line}:{column}: {field or 'document'}: {fault.what}"
