"""Rosters from YAML."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from comity.agreement.document import Fault, parse_document
from comity.agreement.loading import read_text
from comity.agreement.roster import Officer, Period, Roster
from comity.core.errors import KeyMaterialError
from comity.core.statement import decode_public_key

_ID = re.compile(r"[a-z0-9][a-z0-9.-]{1,62}")


def load_roster(path: Path) -> Roster:
    """Read a roster's file. Raises UsageError or AgreementError, with every fault and its line."""
    return parse_roster(read_text(path), str(path))


def parse_roster(text: str, name: str) -> Roster:
    """Read a roster's text; `name` is how messages call it."""
    parsed = parse_document(text, name, Roster, "a roster")
    faults = list(_faults(parsed.value))
    if faults:
        raise parsed.fail(faults)
    return parsed.value


def _faults(roster: Roster) -> Iterable[Fault]:
    seen: set[str] = set()
    for index, officer in enumerate(roster.officers):
        if not _ID.fullmatch(officer.id):
            yield Fault(
                ("officers", index, "id"), "an id has small letters, digits, dots and dashes"
            )
        if officer.id in seen:
            yield Fault(("officers", index, "id"), "another officer has this id")
        seen.add(officer.id)
        try:
            decode_public_key(officer.signing_key)
        except KeyMaterialError as error:
            yield Fault(("officers", index, "signing_key"), error.what)
        for field, periods in _periods(officer):
            if any(p.end is not None and p.end < p.start for p in periods):
                yield Fault(("officers", index, field), "a period ends before it starts")


def _periods(officer: Officer) -> Iterable[tuple[str, list[Period]]]:
    yield "appointments", [a.period for a in officer.appointments]
    yield "delegations", [d.period for d in officer.delegations]
    yield "details", [d.period for d in officer.details]
