"""Reports: the yearly sums that anybody may read, and the accounting of every request."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import sqlalchemy as sa

from comity.core.canonical import Json
from comity.core.outcome import Status
from comity.exchange.officers import Credentials, exchange_target, identify, permit
from comity.exchange.opening import Exchange
from comity.exchange.parties import adopted_agreement
from comity.request.result_file import write_rows
from comity.store import acts, reports
from comity.store.reports import Asked
from comity.store.sealing import KeyEncryptionKeys

ACCOUNTING = pa.schema(
    [
        (name, pa.string())
        for name in (
            *("request", "received", "agreement", "requester", "case_number", "statute"),
            *("purpose", "reason", "recipients", "status", "answered", "items", "packages"),
            "disposed",
            "recalled",
        )
    ]
)
"""The columns of an accounting (26 USC 6103(p)(3)(A)): every request with its reason and date, and
what was disclosed on it to whom. `recipients` are those who were sent the answer; of a request that
was not answered, those whom it names. Of one that was `disposed` of (when), case number, purpose
and reason are gone. `recalled` names the incidents that call the answer back."""


@dataclass(frozen=True)
class YearlySums:
    """One agreement in one year, as 26 USC 6103(p)(3)(C) asks: requests received, by status;
    answers given; about how many persons; for which purposes. `incidents` were opened in that year
    under it, and call back `recalled` disclosures, of whatever year."""

    agreement: str
    requester: str
    received: int
    statuses: Mapping[Status, int]
    disclosures: int
    persons: int
    purposes: tuple[str, ...]
    incidents: int = 0
    recalled: int = 0


def yearly_sums(exchange: Exchange, year: int) -> list[YearlySums]:
    """The sums over the requests received, and the incidents opened, in a calendar year (UTC), by
    agreement."""
    with exchange.database.reading() as connection:
        received = reports.received_by_agreement(connection, year)
        statuses = reports.statuses_by_agreement(connection, year)
        disclosed = reports.disclosed_by_agreement(connection, year)
        recalled = reports.incidents_by_agreement(connection, year)
    found: list[YearlySums] = []
    for name in sorted({*received, *recalled}):
        rows = received.get(name, 0)
        agreement = adopted_agreement(exchange, name).agreement
        told = {status: statuses.get(name, {}).get(status.value, 0) for status in Status}
        told[Status.PENDING] += rows - sum(told.values())
        given, persons = disclosed.get(name, (0, 0))
        found.append(
            YearlySums(
                name,
                agreement.parties.requester.name,
                rows,
                told,
                given,
                persons,
                tuple(f"{one.title} ({one.statute})" for one in agreement.statutes),
                *recalled.get(name, (0, 0)),
            )
        )
    return found


def write_accounting(exchange: Exchange, year: int, out: Path, credentials: Credentials) -> int:
    """Write the accounting of a year's requests (CSV, JSONL or Parquet by the ending); returns how
    many. That it was made is itself recorded.

    Raises AuthorizationError unless the officer's authority is `account`, UsageError where the file
    cannot be written."""
    actor = identify(exchange, credentials)
    permit(exchange, actor, "account", exchange_target(exchange))
    with exchange.recording() as recorder:
        body: dict[str, Json] = {"officer": actor.officer.id, "year": year}
        recorder.record("accounting.made", body)
        rows = _accounting(exchange, recorder.connection, year)
        return write_rows(rows, ACCOUNTING, out)


def _accounting(
    exchange: Exchange, connection: sa.Connection, year: int
) -> Iterator[Mapping[str, str]]:
    keys = exchange.keys
    carried: dict[tuple[str, int], list[str]] = defaultdict(list)
    for batch, row, package in reports.packages_of(connection, year):
        carried[batch, row].append(package)
    recalls: dict[tuple[str, int], list[str]] = defaultdict(list)
    for batch, row, incident in reports.recalls_of(connection, year):
        recalls[batch, row].append(incident)
    for one in reports.asked_in(connection, year):
        kept = _kept(connection, keys, one) if one.disposed is None else _left(connection, one)
        yield {
            "request": f"{one.batch}/{one.row}",
            "received": one.received,
            "agreement": one.agreement,
            "requester": exchange.settings.requester,
            **kept,
            "status": one.status,
            "answered": one.answered or "",
            "packages": ";".join(carried[one.batch, one.row]),
            "disposed": one.disposed or "",
            "recalled": ";".join(recalls.get((one.batch, one.row), [])),
        }


def _kept(connection: sa.Connection, keys: KeyEncryptionKeys, one: Asked) -> dict[str, str]:
    """What the sealed payloads of a request say of it."""
    asked = acts.payload(connection, keys, one.entry)["request"]
    assert isinstance(asked, Mapping)
    given = {} if one.disclosure is None else acts.payload(connection, keys, one.disclosure)
    items = given.get("items")
    return {
        "case_number": str(asked["case_number"]),
        "statute": str(asked["statute"]),
        "purpose": str(asked["proceeding"]),
        "reason": str(asked["reason"]),
        "recipients": _joined(given.get("recipients", asked["recipients"])),
        "items": ";".join(sorted(items)) if isinstance(items, Mapping) else "",
    }


def _left(connection: sa.Connection, one: Asked) -> dict[str, str]:
    """What is left of a request whose payloads were disposed of."""
    of = reports.named_in if one.disclosure is None else reports.sent_to
    return {
        **dict.fromkeys(("case_number", "purpose", "reason"), ""),
        "statute": one.statute or "",
        "recipients": ";".join(of(connection, one.batch, one.row)),
        "items": one.items or "",
    }


def _joined(names: Json) -> str:
    return ";".join(map(str, names)) if isinstance(names, list | tuple) else ""
