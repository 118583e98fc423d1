"""Reading what people write: plain YAML into frozen values, every error with file, line and field.

The values are fitted strictly: a number in quotes is a text, `yes` is no truth value, a day is
written as a day. pydantic does the fitting; its words are replaced by ours, which never quote the
value.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Generic, TypeVar, cast, get_args, get_type_hints

from pydantic import TypeAdapter, ValidationError

from comity.agreement.plain_yaml import Fault, Path, Positions, read_plain
from comity.core.errors import AgreementError

__all__ = ["Fault", "Parsed", "Path", "Positions", "json_schema", "parse_document", "to_plain"]

MAX_CHARACTERS = 1_000_000
_SHOWN = 20

T = TypeVar("T")


@dataclass(frozen=True)
class Parsed(Generic[T]):
    """A value and where each part of it stands in its file."""

    value: T
    name: str
    positions: Positions

    def fail(self, faults: list[Fault]) -> AgreementError:
        """One error that names every fault with its place."""
        return _error(self.name, self.positions, faults)


def parse_document(
    text: str,
    name: str,
    kind: type[T],
    what: str,
    others: Mapping[str, type[object]] | None = None,
) -> Parsed[T]:
    """Read YAML text as a `kind` (a dataclass). `name` is the file's, `what` the document's, for
    messages; `others` are the documents that may have been given in its place, by what they are
    called. Raises AgreementError that lists every fault with its line."""
    if len(text) > MAX_CHARACTERS:
        raise AgreementError(
            f"The file is larger than {MAX_CHARACTERS:,} characters.",
            where=name,
            cure=f"This is hardly {what}.",
        )
    plain = read_plain(text)
    if plain.faults:
        raise _error(name, plain.positions, list(plain.faults))
    if not isinstance(plain.value, dict):
        empty = plain.value is None
        found = "the file is empty" if empty else f"{what} begins with keys, each with its value"
        raise _error(name, plain.positions, [Fault((), found)])
    _refuse_another(set(plain.value), name, kind, what, others or {})
    try:
        # as JSON, because only there does pydantic's strict mode take days and tuples
        value = cast("T", _adapter(kind).validate_json(json.dumps(plain.value), strict=True))
    except ValidationError as error:
        raise _error(name, plain.positions, _faults(error, kind, plain.positions)) from None
    return Parsed(value, name, plain.positions)


def _refuse_another(
    keys: set[str], name: str, kind: type[object], what: str, others: Mapping[str, type[object]]
) -> None:
    """Raise AgreementError for a document of another kind: a fault for each of its keys would not
    tell that the wrong file was given."""
    own = keys & _keys(kind)
    for other, its in others.items():
        theirs = keys & _keys(its)
        if len(theirs) > len(own) and 2 * len(theirs) > len(keys):
            raise AgreementError(
                f"This is {other}, not {what}.", where=name, cure=f"Name the file of {what} here."
            )
    if keys and not own:
        raise AgreementError(
            f"This is not {what}: none of its keys belongs to one.",
            where=name,
            cure=f"Name the file of {what} here.",
        )


_ADAPTERS: dict[type[object], TypeAdapter[object]] = {}


def _adapter(kind: type[object]) -> TypeAdapter[object]:
    """Built once a kind: building one takes some milliseconds, using it microseconds."""
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def to_plain(value: object) -> dict[str, object]:
    """A dataclass of these documents as plain JSON values, without what has its default.

    So a digest of it stays the same when a later version of the model knows more keys; the other
    side of it is that the meaning of a default never changes."""
    made = _adapter(type(value)).dump_python(value, mode="json", exclude_defaults=True)
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


_WORDS = {
    "string_type": "text belongs here (put it in quotes if it looks like a number)",
    "string_pattern_mismatch": "it is empty",
    "int_type": "a whole number belongs here",
    "int_from_float": "a whole number belongs here",
    "bool_type": "true or false belongs here",
    "date_type": "a day belongs here, written as 2026-03-31",
    "date_parsing": "a day belongs here, written as 2026-03-31",
    "date_from_datetime_parsing": "a day belongs here, written as 2026-03-31",
    "date_from_datetime_inexact": "a day belongs here, written as 2026-03-31",
    "tuple_type": "a list belongs here",
    "dataclass_type": "keys with values belong here",
    "dict_type": "keys with values belong here",
    "mapping_type": "keys with values belong here",
    "missing": "the key is missing",
    "too_short": "the list is empty",
}
"""What pydantic finds (docs.pydantic.dev, "Validation errors"), in our words."""


def _faults(error: ValidationError, kind: type[object], positions: Positions) -> list[Fault]:
    """All that pydantic found. It calls a list too short whose items are merely wrong."""
    found: list[dict[str, Any]] = [dict(one) for one in error.errors()]
    wrong = {one["loc"][: len(one["loc"]) - n] for one in found for n in range(1, len(one["loc"]))}
    kept = [one for one in found if one["type"] != "too_short" or one["loc"] not in wrong]
    return [_fault(one, kind, positions) for one in kept]


def _fault(error: dict[str, Any], kind: type[object], positions: Positions) -> Fault:
    """A pydantic error in our words."""
    path: Path = tuple(part for part in error["loc"] if isinstance(part, int | str))
    found, context = str(error["type"]), error.get("ctx") or {}
    if found == "missing":
        return Fault(path, _WORDS[found])
    if found in ("extra_forbidden", "unexpected_keyword_argument"):
        near = difflib.get_close_matches(str(path[-1]), sorted(_keys(kind, path[:-1])), 1)
        hint = f"; did you mean `{near[0]}`?" if near else ""
        return Fault(path, "the key is not known" + hint)
    at = _standing(path, positions)
    if at != path:
        return Fault(at, "a text, a number, true or false, or a list of these belongs here")
    if found == "literal_error":
        return Fault(path, f"expected one of {context.get('expected', '')}")
    if found == "greater_than_equal":
        return Fault(path, f"the least is {context.get('ge')}")
    message = str(error["msg"])
    return Fault(path, _WORDS.get(found, message[:1].lower() + message[1:]))


def _standing(path: Path, positions: Positions) -> Path:
    """The longest beginning of a path that stands in the file: where one of several types could
    stand, pydantic goes on with their names."""
    while path not in positions:
        path = path[:-1]
    return path


def _keys(kind: object, path: Path = ()) -> set[str]:
    """The keys that may stand at a place of a document: those of its dataclass there, or none."""
    for part in path:
        if isinstance(part, str):
            hint = get_type_hints(kind)[part]
            kind = next((one for one in (hint, *get_args(hint)) if is_dataclass(one)), None)
    return {one.name for one in fields(kind)} if is_dataclass(kind) else set()


def _error(name: str, positions: Positions, faults: list[Fault]) -> AgreementError:
    lines = list(dict.fromkeys(_line(name, positions, fault) for fault in faults))
    if len(lines) > _SHOWN:
        lines = [*lines[:_SHOWN], f"… and {len(lines) - _SHOWN} more"]
    return AgreementError("\n".join(lines))


def _line(name: str, positions: Positions, fault: Fault) -> str:
    at = fault.path
    while at and at not in positions:
        at = at[:-1]
    line, column = positions.get(at, (1, 1))
    field = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in fault.path).lstrip(".")
    return f"{name}:{line}:{column}: {field or 'document'}: {fault.what}"
