"""An exchange with everything that acts need, made in a folder: rosters, keys, agreement, registry.

Everybody in it is made up.
"""

from __future__ import annotations

import atexit
import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from tests.examination.desk import LAWFUL

from comity.agreement.editing import with_signature
from comity.agreement.loading import load_agreement
from comity.agreement.model import Safeguards
from comity.agreement.signing import sign_agreement
from comity.core.keys import load_signing_key
from comity.demo.officers import HOLDER, PASSPHRASE, REQUESTER, Cast, make_rosters
from comity.exchange import disclosing, parties, registry, reviewing, signing, submitting
from comity.exchange.disclosing import Disclosed
from comity.exchange.officers import Credentials
from comity.exchange.opening import Exchange, Settings, create
from comity.exchange.submitting import Submitted
from comity.identity.source import COLUMNS as PERSON_COLUMNS
from comity.request.model import COLUMNS
from comity.review.decision import Verdict
from comity.store import cases

ROOT = Path(__file__).parents[2]
AGREEMENT = ROOT / "agreements" / "us-irs-ice-2025.yaml"
AGREEMENT_ID = "us-irs-ice-2025"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
FACTS = ("removal_order_date", "removal_order_number", "removal_ground")
REASON = "Findings and match were checked against the record."

Row = Mapping[str, str]

PERSON: Row = {
    "person_id": "P1",
    "tin": "850-12-3456",
    "first_name": "Rosalind",
    "last_name": "Quartermain",
    "date_of_birth": "1979-05-14",
    "street": "418 Juniper Hollow Rd",
    "city": "Boise",
    "state": "ID",
    "postal_code": "83702",
    "address_from": "2019-02-01",
}
"""A certain person of the registry."""

REQUEST: Row = LAWFUL
"""A lawful request about that person."""


class SettableClock:
    """A clock that a test moves; it goes on a second at every look."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        self.moment += timedelta(seconds=1)
        return self.moment


@dataclass
class Office:
    """An exchange and who works on it."""

    folder: Path
    exchange: Exchange
    cast: Cast
    clock: SettableClock
    agreement: Path
    sent: int = field(default=0)

    def credentials(self, officer: str) -> Credentials:
        """Somebody's, from the key file."""
        return Credentials(
            officer, load_signing_key(self.cast.signing_key(officer), lambda: PASSPHRASE)
        )

    def build(self, *persons: Row) -> None:
        """Build the registry anew from these persons."""
        source = write_csv(self.folder / "registry.csv", PERSON_COLUMNS, persons)
        with self.exchange.writing():
            registry.build_registry(self.exchange, source, self.credentials(self.cast.operator))

    def write(self, *requests: Row) -> Path:
        """A batch file of these requests."""
        self.sent += 1
        path = self.folder / f"batch-{self.sent}.csv"
        return write_csv(path, (*COLUMNS, *FACTS), requests)

    def sign(self, batch: Path, by: str | None = None) -> Path:
        """Its manifest, signed by the head of the requester (or another)."""
        return signing.sign_batch(
            batch,
            self.agreement,
            self.cast.preparer,
            self.credentials(by or self.cast.requester_head),
            clock=self.clock,
        )

    def submit(self, *requests: Row) -> Submitted:
        """Write, sign and submit these requests."""
        batch = self.write(*requests)
        return self.hand_in(batch, self.sign(batch))

    def hand_in(self, batch: Path, manifest: Path | None) -> Submitted:
        """Submit a file."""
        with self.exchange.writing():
            return submitting.submit(
                self.exchange,
                batch,
                AGREEMENT_ID,
                self.credentials(self.cast.preparer),
                manifest_path=manifest,
            )

    def look(self, request: str) -> None:
        """Look at a case, as the first disclosure officer."""
        with self.exchange.writing():
            officer = self.credentials(self.cast.disclosure_officers[0])
            reviewing.show(self.exchange, request, officer)

    def decide(self, verdict: Verdict, *requests: str, by: str | None = None) -> None:
        """Approve or deny, as the first disclosure officer (or another)."""
        with self.exchange.writing():
            reviewing.decide(
                self.exchange,
                verdict,
                dict.fromkeys(requests, REASON),
                self.credentials(by or self.cast.disclosure_officers[0]),
            )

    def disclose(self, batch: str | None = None) -> list[Disclosed]:
        """Close what can be closed, as the second disclosure officer."""
        with self.exchange.writing():
            return disclosing.disclose(
                self.exchange, self.credentials(self.cast.disclosure_officers[1]), batch
            )

    def outcomes(self, batch: str = "b000001") -> list[str]:
        """The true outcomes of a batch, in the order of its rows."""
        with self.exchange.database.reading() as connection:
            return [case.outcome.value for case in cases.cases(connection, batch)]

    def rules(self, batch: str = "b000001") -> list[tuple[str, ...]]:
        """The rules unmet or for review, in the order of the rows."""
        with self.exchange.database.reading() as connection:
            return [case.rules for case in cases.cases(connection, batch)]

    def statuses(self, batch: str = "b000001") -> list[str]:
        """What the requester may see."""
        with self.exchange.database.reading() as connection:
            return [case.status.value for case in cases.cases(connection, batch)]


def make_office(
    folder: Path, *persons: Row, at: datetime = NOW, database: str = "sqlite"
) -> Office:
    """An office on 2 March 2026 (or another day) whose registry holds these persons."""
    folder.mkdir(parents=True, exist_ok=True)
    clock = SettableClock(at)
    cast, agreement = _parties(at)
    exchange = create(
        folder / "exchange",
        Settings(HOLDER, REQUESTER, "log.test.example/comity", database),
        clock,
    )
    office = Office(folder, exchange, cast, clock, agreement)
    operator = office.credentials(cast.operator)
    with exchange.writing():
        parties.add_roster(exchange, cast.holder_roster, None)
        parties.add_roster(exchange, cast.requester_roster, None)
        parties.adopt_agreement(exchange, agreement, operator)
        today = at.date()
        standing = Safeguards(today - timedelta(days=41), today + timedelta(days=324))
        parties.record_safeguards(exchange, standing, operator)
    if persons:
        office.build(*persons)
    return office


@cache
def _parties(at: datetime) -> tuple[Cast, Path]:
    """Rosters, keys and the signed agreement, made once a test process: nobody changes them."""
    folder = Path(mkdtemp(prefix="comity-test-parties-"))
    atexit.register(rmtree, folder, ignore_errors=True)
    cast = make_rosters(folder, today=at.date())
    return cast, sign_by_both(folder, cast, at - timedelta(days=1))


def sign_by_both(folder: Path, cast: Cast, at: datetime, source: Path = AGREEMENT) -> Path:
    """A copy of the agreement with both parties' signatures."""
    text = source.read_text("utf-8")
    agreement = load_agreement(source).agreement
    for party, officer in ((HOLDER, cast.holder_head), (REQUESTER, cast.requester_head)):
        key = load_signing_key(cast.signing_key(officer), lambda: PASSPHRASE)
        signature = sign_agreement(agreement, party, officer, key, at)
        text = with_signature(text, source.name, signature)
    path = folder / "agreement.yaml"
    path.write_text(text, "utf-8")
    return path


def write_csv(path: Path, columns: Sequence[str], rows: Sequence[Row]) -> Path:
    """Rows as CSV; what a row does not have is empty."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, columns, restval="")
        out.writeheader()
        out.writerows(rows)
    return path
