"""Certificates of what was disposed of: made from the log, and checked by a stranger."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from comity.agreement.roster import Roster
from comity.core.canonical import Json
from comity.core.clock import parse_moment
from comity.core.errors import ComityError, ConflictError, LedgerError
from comity.core.statement import Statement, decode_public_key
from comity.exchange.destroying import DONE
from comity.exchange.handed import read_handed
from comity.exchange.log_proofs import LogProofs
from comity.exchange.opening import Exchange
from comity.ledger.note import NoteVerifier
from comity.oversight.certificate import MAX_BYTES, Certificate
from comity.store import acts, disposals
from comity.store.disposals import Disposal
from comity.store.sealing import open_sealed

AUTHORITY = "dispose"


def certificates(exchange: Exchange, batch: str | None = None) -> list[tuple[str, bytes]]:
    """A certificate of every disposal (of a batch) that is done: a name for its file, the content.

    Raises ConflictError where one is done and no published checkpoint names it yet."""
    with exchange.database.reading() as connection:
        done = [d for d in disposals.all_disposals(connection, batch) if d.state == DONE]
    if not done:
        return []
    proofs = LogProofs(exchange.directory / "log", exchange.log_verifier_key)
    made: list[tuple[str, bytes]] = []
    for one in done:
        assert one.entry is not None
        if one.entry >= proofs.checkpoint.size:
            raise ConflictError(
                f"No published checkpoint names disposal {one.id} yet.",
                cure="Publish one: `comity ledger checkpoint`.",
            )
        proof = proofs.of_entry(one.entry).encode()
        made.append((f"{one.batch}-{one.id}.disposal.json", _certificate(exchange, one, proof)))
    return made


def _certificate(exchange: Exchange, disposal: Disposal, proof: bytes) -> bytes:
    assert disposal.entry is not None
    with exchange.database.reading() as connection:
        (part,) = acts.sealed_parts(connection, disposal.entry)
    assert part.wrapped is not None
    kek = exchange.keys.kek(part.kek)
    salt, payload = open_sealed(kek, part.wrapped, part.sealed, part.key_name, disposal.entry)
    return Certificate(salt, payload, proof).encode()


def check_certificate(
    file: Path, verifier_key: str, roster: Roster | None = None
) -> Mapping[str, Json]:
    """What a certificate says, once it is checked against the log's key, offline; and with the
    holder's roster, that two officers of it signed who might then.

    Raises LedgerError where it does not hold, UsageError where it cannot be read."""
    try:
        found = Certificate.parse(read_handed(file, "certificate", MAX_BYTES))
        entry, checkpoint = found.check(NoteVerifier.parse(verifier_key))
        said = found.statements()
        for one in said if roster is not None else ():
            assert roster is not None
            _check_officer(one, roster)
    except LedgerError as error:
        raise LedgerError(error.what, where=str(file), cure=error.cure) from None
    log: dict[str, Json] = {"origin": checkpoint.origin, "size": checkpoint.size}
    return {**said[1].body, "recorded": entry.at, "log": log}


def _check_officer(said: Statement, roster: Roster) -> None:
    body = said.body
    officer = roster.officer(str(body.get("officer")))
    try:
        if officer is None or not officer.holds(AUTHORITY, parse_moment(str(body["at"]))):
            raise ValueError
        said.verify(decode_public_key(officer.signing_key))
    except (ComityError, ValueError, KeyError):
        raise LedgerError(
            "A statement was not signed by an officer of this roster who might dispose then.",
            cure="Give the roster that stood at the time; else keep the certificate as evidence.",
        ) from None
