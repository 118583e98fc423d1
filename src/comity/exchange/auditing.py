"""Showing an auditor what is sealed behind one entry of the log, and checking what was shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from comity.core.canonical import Json, digest
from comity.core.errors import ConflictError, KeyMaterialError, LedgerError, UsageError
from comity.exchange.handed import read_handed
from comity.exchange.log_proofs import check_proof
from comity.exchange.officers import Credentials, exchange_target, identify, permit
from comity.exchange.opening import Exchange
from comity.exchange.record import OFFICE_ACT
from comity.ledger.entry import Entry
from comity.oversight.openings import MAX_BYTES, Opening, Part
from comity.store import acts
from comity.store.acts import SealedPart
from comity.store.sealing import KeyEncryptionKeys, open_sealed


@dataclass(frozen=True)
class Shown:
    """A checked opening: the entry that commits to it, its number, and what was behind it."""

    number: int
    entry: Entry
    payloads: tuple[Mapping[str, Json], ...]


def open_entry(
    exchange: Exchange,
    number: int,
    auditor: Mapping[str, str],
    credentials: Credentials,
    *,
    request: str | None = None,
) -> bytes:
    """What is sealed behind entry `number`, encrypted to the auditor's P-256 JWK, and nothing else.

    Of an act that has a part for each of several requests, `request` names the one to be opened.
    For an officer with the authority `account`; the act is recorded like every act of the office,
    so that it shows neither which entry nor to whom.

    Raises UsageError where there is no such entry, ConflictError where nothing (left) can be
    opened or the store does not bear out the log, KeyMaterialError for a key that is none."""
    actor = identify(exchange, credentials)
    permit(exchange, actor, "account", exchange_target(exchange))
    with exchange.recording() as recorder:
        opening = _opening(exchange, recorder.connection, number, request)
        shown = opening.encode(auditor)
        recorder.record(
            OFFICE_ACT,
            {},
            payload={
                "act": "open",
                "entry": number,
                "part": request,
                "auditor": digest(dict(auditor)),
                "officer": actor.officer.id,
            },
        )
    return shown


def _opening(
    exchange: Exchange, connection: sa.Connection, number: int, request: str | None
) -> Opening:
    body = acts.entry(connection, number) if number >= 0 else None
    if body is None:
        raise UsageError(f"There is no entry {number}.", cure="See `comity ledger checkpoint`.")
    entry = Entry.parse(body)
    found = acts.sealed_parts(connection, number)
    single = len(found) == 1 and found[0].commitment == entry.commitment
    own = [part for part in found if single or part.key_name == f"act/{number}"]
    others = [part for part in found if part not in own]
    if request is not None and request not in [part.key_name for part in others]:
        raise UsageError(
            f"Entry {number} has no part about that request.", cure="Leave --request away."
        )
    wanted = others if request is not None else own
    wanted = [part for part in wanted if request in (None, part.key_name)]
    if not wanted:
        raise ConflictError(
            f"Entry {number} has nothing sealed of its own.",
            cure="Name one of the requests it is about with --request, if it has parts.",
        )
    keys = exchange.keys
    parts = [_part(part, keys, number, shown=part in wanted) for part in (*own, *others)]
    if not single and not own:
        parts.insert(0, Part(None))
    made = Opening(exchange.settings.origin, number, tuple(parts), several=not single)
    try:
        made.check(number, entry, exchange.settings.origin)
    except LedgerError as error:
        raise ConflictError(
            "What the store holds is not what the log commits to.",
            cure=f"{error.what} Verify the log and the backup.",
        ) from None
    return made


def _part(part: SealedPart, keys: KeyEncryptionKeys, number: int, *, shown: bool) -> Part:
    if not shown:
        return Part(part.commitment)
    if part.wrapped is None:
        raise ConflictError(
            f"What was sealed behind entry {number} was destroyed.",
            cure="Its key is gone by disposal; the log still shows that it was there.",
        )
    kek = keys.kek(part.kek)
    salt, payload = open_sealed(kek, part.wrapped, part.sealed, part.key_name, number)
    return Part(part.commitment, salt, payload)


def check_opening(
    file: Path, proof: Path, verifier_key: str, key: EllipticCurvePrivateKey
) -> Shown:
    """Open what an auditor was shown and check it against the proof of its entry, offline.

    Raises KeyMaterialError where the key does not open it, LedgerError where the entry commits to
    something else or the proof does not hold, UsageError where a file cannot be read."""
    proven = check_proof(proof, verifier_key)
    if proven.entry is None or proven.number is None:
        raise UsageError(
            "This proof is of no entry.", where=str(proof), cure="Give that of the entry."
        )
    try:
        opening = Opening.decode(read_handed(file, "opening", MAX_BYTES), key)
        opening.check(proven.number, proven.entry, proven.checkpoint.origin)
    except (LedgerError, KeyMaterialError) as error:
        raise type(error)(error.what, where=str(file), cure=error.cure) from None
    return Shown(proven.number, proven.entry, tuple(opening.payloads()))
