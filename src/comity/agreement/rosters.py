"""Rosters from YAML, as strictly as agreements, with what no schema can say."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from comity.agreement.document import Fault, json_schema, parse_document
from comity.agreement.document import Path as FieldPath
from comity.agreement.loading import read_text
from comity.agreement.model import Agreement
from comity.agreement.roster import Officer, Period, Roster
from comity.core.errors import KeyMaterialError
from comity.core.statement import decode_public_key

_PARTY = re.compile(r"[a-z0-9][a-z0-9-]{1,62}")
_OFFICER = re.compile(r"[a-z0-9][a-z0-9.-]{1,62}")
_JWK = {"kty", "crv", "x", "y"}


def load_roster(path: Path) -> Roster:
    """Read a roster's file. Raises UsageError or AgreementError, with every fault and its line."""
    return parse_roster(read_text(path), str(path))


def parse_roster(text: str, name: str) -> Roster:
    """Read a roster's text; `name` is how messages call it."""
    parsed = parse_document(text, name, Roster, "a roster", {"an agreement": Agreement})
    faults = list(_faults(parsed.value))
    if faults:
        raise parsed.fail(faults)
    return parsed.value


def roster_schema() -> dict[str, object]:
    """The JSON Schema of a roster."""
    return json_schema(Roster, "A party's roster of officers")


def _faults(roster: Roster) -> Iterable[Fault]:
    if not _PARTY.fullmatch(roster.party):
        yield Fault(("party",), "an id has small letters, digits and dashes, 2 to 63 of them")
    ids: set[str] = set()
    keys: set[str] = set()
    for index, officer in enumerate(roster.officers):
        path: FieldPath = ("officers", index)
        if not _OFFICER.fullmatch(officer.id):
            yield Fault((*path, "id"), "an id has small letters, digits, dots and dashes")
        if officer.id in ids:
            yield Fault((*path, "id"), "another officer has this id")
        if officer.signing_key in keys:
            # two names with one key would be one person who approves what she prepared
            yield Fault((*path, "signing_key"), "another officer has this key")
        ids.add(officer.id)
        keys.add(officer.signing_key)
        yield from _keys(officer, path)
        yield from _periods(officer, path)
        yield from _delegations(roster, officer, path)


def _keys(officer: Officer, path: FieldPath) -> Iterable[Fault]:
    try:
        decode_public_key(officer.signing_key)
    except KeyMaterialError as error:
        yield Fault((*path, "signing_key"), error.message)
    if officer.encryption_key is None:
        return
    here = (*path, "encryption_key")
    if "d" in officer.encryption_key:
        yield Fault(
            here, "this is a private key; make a new pair and put only the public half here"
        )
    elif not _is_public_jwk(dict(officer.encryption_key)):
        yield Fault(here, "a public P-256 JWK belongs here: kty, crv, x and y, as `comity key new`")


def _is_public_jwk(jwk: dict[str, str]) -> bool:
    if set(jwk) != _JWK or (jwk["kty"], jwk["crv"]) != ("EC", "P-256"):
        return False
    try:
        # builds the point, so that one off the curve is found here and not at the first package
        ECKey.import_key(dict(jwk)).raw_value  # noqa: B018
    except (JoseError, ValueError):
        return False
    return True


def _periods(officer: Officer, path: FieldPath) -> Iterable[Fault]:
    every: tuple[tuple[str, list[Period]], ...] = (
        ("appointments", [a.period for a in officer.appointments]),
        ("delegations", [d.period for d in officer.delegations]),
        ("details", [d.period for d in officer.details]),
    )
    for field, periods in every:
        for number, period in enumerate(periods):
            if period.end is not None and period.end < period.start:
                yield Fault((*path, field, number, "period"), "it ends before it starts")


def _delegations(roster: Roster, officer: Officer, path: FieldPath) -> Iterable[Fault]:
    for number, delegation in enumerate(officer.delegations):
        here = (*path, "delegations", number)
        lender = roster.officer(delegation.delegated_by)
        if lender is None or lender is officer:
            yield Fault((*here, "delegated_by"), "this names no other officer of the roster")
        elif not any(
            delegation.authority in a.authorities
            and a.period.start <= delegation.period.start
            and (a.period.end is None or delegation.period.start <= a.period.end)
            for a in lender.appointments
        ):
            yield Fault(
                (*here, "authority"),
                "whoever delegates it has it by no appointment on the day the delegation starts",
            )
