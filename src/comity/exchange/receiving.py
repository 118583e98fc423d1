"""The recipient's side: opening a package, saying that it arrived; and taking in the receipt."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from comity.core.canonical import Json, digest_bytes
from comity.core.clock import Clock, SystemClock
from comity.core.errors import AuthorizationError, ConflictError, KeyMaterialError, UsageError
from comity.core.statement import Statement, decode_public_key
from comity.disclosure.package import MAX_BYTES, open_package
from comity.disclosure.receipt import KIND, sign_receipt
from comity.exchange.handed import read_handed
from comity.exchange.officers import Credentials, current_roster, logged_refusal, permit
from comity.exchange.opening import Exchange
from comity.request.result_file import write_whole
from comity.review.authority import Actor, Target
from comity.store import cases
from comity.store.tables import receipts


@dataclass(frozen=True)
class Arrived:
    """An opened package: its verified manifest, its answers, and the file's digest."""

    manifest: Mapping[str, Json]
    answers: tuple[Mapping[str, Json], ...]
    digest: str


def open_file(package: Path, key: EllipticCurvePrivateKey, holder_key: str) -> Arrived:
    """Verify and decrypt a package file; needs no exchange. `holder_key` as `ed25519:…`.

    Raises UsageError if the file cannot be read, KeyMaterialError if it does not open or verify."""
    content = read_handed(package, "package", MAX_BYTES)
    opened = open_package(content, key, decode_public_key(holder_key))
    return Arrived(opened.manifest, opened.answers, digest_bytes(content))


def write_answers(arrived: Arrived, out: Path) -> None:
    """Keep the opened answers as JSON Lines, readable by the owner alone."""
    lines = (json.dumps(answer, ensure_ascii=False, sort_keys=True) for answer in arrived.answers)
    write_whole(out, "".join(f"{line}\n" for line in lines).encode(), private=True)


def write_receipt(
    arrived: Arrived, credentials: Credentials, out: Path, clock: Clock | None = None
) -> None:
    """Sign the receipt of an opened package and write it to a file."""
    at = (clock or SystemClock()).now()
    signed = sign_receipt(
        arrived.manifest, arrived.digest, credentials.officer, credentials.key, at
    )
    write_whole(out, json.dumps(signed.to_json(), indent=1).encode() + b"\n")


def take_receipt(exchange: Exchange, path: Path) -> str:
    """Record a recipient's signed receipt; returns the package's id. The same receipt again changes
    nothing.

    Raises UsageError for a package that was not made here, KeyMaterialError for a file that is no
    receipt or a signature that does not verify, AuthorizationError (recorded) for anybody but the
    recipient, ConflictError where the digest is not the package's."""
    statement = _statement(path)
    body = statement.body
    name, officer_id = str(body.get("package")), str(body.get("officer"))
    with exchange.database.reading() as connection:
        found = next((p for p in cases.package_rows(connection) if p.id == name), None)
    if found is None:
        raise UsageError("No package of this id was made here.", where=str(path))
    roster = current_roster(exchange, exchange.settings.requester)
    officer = None if roster is None else roster.officer(officer_id)
    if officer is None:
        with logged_refusal(exchange, "receive", officer_id, name):
            raise AuthorizationError("The receipt is signed by nobody on the requester's roster.")
    statement.verify(decode_public_key(officer.signing_key))
    actor = Actor(officer, exchange.settings.requester, exchange.clock.now())
    attributes = {"requester": exchange.settings.requester, "recipient": found.recipient}
    permit(exchange, actor, "receive", Target("Package", name, attributes))
    if body.get("digest") != found.digest:
        raise ConflictError(
            f"The receipt is for another content than that of package {name}.",
            cure="The package may have been altered on its way: report an incident.",
        )
    if found.received is None:
        with exchange.recording() as recorder:
            done = recorder.record(
                "package.received",
                {"package": name, "batch": found.batch, "recipient": officer.id},
                payload=statement.to_json(),
            )
            row: dict[str, object] = {"package": name, "officer": officer.id, "at": done.at}
            row |= {"statement": json.dumps(statement.to_json())}
            cases.insert(recorder.connection, receipts, [row])
    return name


def _statement(path: Path) -> Statement:
    try:
        return Statement.from_json(json.loads(read_handed(path, "receipt", 64 * 1024)), kind=KIND)
    except (ValueError, RecursionError):
        raise KeyMaterialError("This is not a receipt.", where=str(path)) from None
