"""Filling officers' public keys into a roster that was written by hand.

Every officer makes a pair of keys and hands in the public halves (`comity key new --json`). Whoever
keeps the roster writes offices, authorities and periods, leaves the keys empty, and has them filled
in: nobody copies base64 by hand, and no line moves.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from comity.agreement.document import Fault, Parsed, Positions
from comity.agreement.document import Path as FieldPath
from comity.agreement.loading import read_text
from comity.agreement.plain_yaml import read_plain
from comity.agreement.roster import Roster
from comity.agreement.rosters import parse_roster
from comity.core.errors import UsageError

_FIELDS = ("signing_key", "encryption_key")
_EMPTY = {
    field: re.compile(
        # a `null` written out, or `~`, is as empty as nothing; it may stand on a later line
        rf"([\"']?{field}[\"']?\s*:)(?:((?:\s|#.*)*)(?:null|~)(?=[\s,}}]|$))?",
        re.IGNORECASE,
    )
    for field in _FIELDS
}
"""A key that has no value yet: up to its colon, then what stands between that and a `null`."""


@dataclass(frozen=True)
class PublicKeys:
    """What an officer hands in: both public halves, the second as a JWK."""

    officer: str
    signing_key: str
    encryption_key: Mapping[str, str]

    def plain(self, field: str | int) -> str | dict[str, str]:
        """The key that goes into a field of the roster."""
        return self.signing_key if field == "signing_key" else dict(self.encryption_key)

    def written(self, field: str | int) -> str:
        """That key as a roster writes it."""
        return json.dumps(self.plain(field))


def read_public_keys(path: Path) -> PublicKeys:
    """What `comity key new OFFICER --json` printed. Raises UsageError for anything else."""
    try:
        said = json.loads(read_text(path))
        officer, signing, encryption = said["id"], said["signing_key"], said["encryption_key"]
        texts = [officer, signing, *encryption, *encryption.values()]
        if not all(isinstance(text, str) for text in texts):
            raise TypeError
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise UsageError(
            "These are not an officer's public keys.",
            where=str(path),
            cure="Give the file that holds what `comity key new OFFICER --json` printed.",
        ) from None
    return PublicKeys(officer, signing, encryption)


def with_keys(text: str, name: str, keys: Iterable[PublicKeys]) -> tuple[str, Roster]:
    """The draft's text with every empty `signing_key` and `encryption_key` filled in and nothing
    else changed, and the roster that it then is.

    Raises AgreementError, with the draft's lines, where it is no roster, or an empty key has nobody
    to come from or stands where nothing can be filled in."""
    known = {one.officer: one for one in keys}
    plain = read_plain(text)
    empty = dict(_empty(plain.value))
    faults = [
        Fault(path, "no file holds this officer's public keys")
        for path, officer in empty.items()
        if officer not in known
    ]
    if faults and not plain.faults:
        raise Parsed(None, name, plain.positions).fail(faults)
    wanted = {path: known[officer] for path, officer in empty.items() if officer in known}
    made = _filled(text, plain.positions, wanted)
    reread = read_plain(made).value
    faults = [
        Fault(
            path,
            f"officer {keys.officer}: the key cannot be filled in as it is laid out; write "
            f"`{path[-1]}:` on a line of its own with nothing behind it",
        )
        for path, keys in wanted.items()
        if _at(reread, path) != keys.plain(path[-1])
    ]
    if faults and not plain.faults:
        raise Parsed(None, name, plain.positions).fail(faults)
    return made, parse_roster(made, name)


def _empty(value: object) -> Iterable[tuple[FieldPath, str]]:
    """The keys that are left empty, with whose they are."""
    officers = value.get("officers") if isinstance(value, dict) else None
    for index, officer in enumerate(officers if isinstance(officers, list) else []):
        if isinstance(officer, dict):
            for field in _FIELDS:
                if field in officer and officer[field] is None:
                    yield ("officers", index, field), str(officer.get("id"))


def _filled(text: str, positions: Positions, wanted: Mapping[FieldPath, PublicKeys]) -> str:
    """The text with each key's value put in; where none can be, the text stays as it is."""
    starts = [0, *accumulate(map(len, text.splitlines(keepends=True)))]
    done, parts = 0, []
    for path in sorted(wanted, key=lambda path: positions[path]):
        line, column = positions[path]
        key = _EMPTY[str(path[-1])].match(text, starts[line - 1] + column - 1)
        if key is not None:
            between = (key[2] or "").rstrip(" ")
            parts += [text[done : key.end(1)], " ", wanted[path].written(path[-1]), between]
            done = key.end()
    return "".join([*parts, text[done:]])


def _at(value: Any, path: FieldPath) -> object:
    """What stands at a place, None where the text no longer has it."""
    try:
        for part in path:
            value = value[part]
    except (KeyError, IndexError, TypeError):
        return None
    return value
