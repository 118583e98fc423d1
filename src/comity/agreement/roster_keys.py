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
from pathlib import Path

from comity.agreement.document import Fault, Parsed, Positions
from comity.agreement.document import Path as FieldPath
from comity.agreement.loading import read_text
from comity.agreement.plain_yaml import read_plain
from comity.agreement.roster import Roster
from comity.agreement.rosters import parse_roster
from comity.core.errors import UsageError

_FIELDS = ("signing_key", "encryption_key")


@dataclass(frozen=True)
class PublicKeys:
    """What an officer hands in: both public halves, the second as a JWK."""

    officer: str
    signing_key: str
    encryption_key: Mapping[str, str]

    def written(self, field: str) -> str:
        """A key as a roster writes it."""
        if field == "signing_key":
            return json.dumps(self.signing_key)
        return json.dumps(dict(self.encryption_key))


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

    Raises AgreementError, with the draft's lines, where it is no roster or an empty key has nobody
    to come from."""
    known = {one.officer: one for one in keys}
    plain = read_plain(text)
    lines = text.split("\n")
    faults: list[Fault] = []
    for path, officer in _empty(plain.value):
        if officer not in known:
            faults.append(Fault(path, "no file holds this officer's public keys"))
            continue
        _fill(lines, plain.positions, path, known[officer].written(str(path[-1])))
    made = "\n".join(lines)
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


def _fill(lines: list[str], positions: Positions, path: FieldPath, value: str) -> None:
    line, column = positions[path]
    before, after = lines[line - 1][: column - 1], lines[line - 1][column - 1 :]
    # a `null` written out, or `~`, is as empty as nothing
    key = re.match(rf"([\"']?{path[-1]}[\"']?\s*:)(?:\s*(?:null|~)(?=\s|$))?", after, re.IGNORECASE)
    if key is not None:
        lines[line - 1] = f"{before}{key[1]} {value}{after[key.end() :]}"
