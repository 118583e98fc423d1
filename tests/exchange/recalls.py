"""Recalls, as an office makes them: for the tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.exchange.office import PERSON, REQUEST, Office, Row

from comity.agreement.roster_keys import PublicKeys
from comity.core.keys import load_encryption_key, new_encryption_key, public_jwk
from comity.demo.officers import PASSPHRASE
from comity.disclosure.notice import OpenedNotice
from comity.disclosure.notice_answer import Account, Copies
from comity.exchange import letters, notice_answers, noticing, recalling
from comity.exchange.incident_status import Standing, standings
from comity.exchange.notice_answers import Taken, open_notice_file
from comity.exchange.recall_causes import named_cause
from comity.exchange.recalling import Opened, Opening
from comity.exchange.touched import Found
from comity.ledger.entry import Entry
from comity.review.decision import Verdict
from comity.store import acts

OTHER: Row = dict(
    PERSON,
    person_id="P2",
    tin="851-22-9071",
    first_name="Bartholomew",
    last_name="Oakenshaw",
    date_of_birth="1950-01-01",
    street="9 Pine St",
    city="Reno",
    state="NV",
    postal_code="89501",
)
"""A second certain person, and a lawful request about that person for another officer."""
ASKED: Row = dict(
    REQUEST,
    request_id="R2",
    case_number="FD-2025-000002",
    first_name="Bartholomew",
    last_name="Oakenshaw",
    date_of_birth="1950-01-01",
    street="9 Pine St",
    city="Reno",
    state="NV",
    postal_code="89501",
    recipients="inv-02",
    reason="The payroll record that the grand jury asked for shows this residence after the order.",
)
REASON = "The criteria were found to be wrong in the January review."
HOW = "By courier to the duty desk."
DATA = ("Quartermain", "QUARTERMAIN", "Juniper", "JUNIPER", "Oakenshaw", "OAKENSHAW", "Pine St")
"""What must stand nowhere but in what is sealed."""


@dataclass
class Desk:
    """Who calls disclosures back: the first disclosure officer opens, the inspector closes."""

    office: Office
    mailer: Any = field(default_factory=new_encryption_key)

    def disclose(self, *requests: Row, batch: str = "b000001") -> None:
        """Submit, approve and disclose."""
        self.office.submit(*requests)
        ready = [
            f"{batch}/{row}"
            for row, outcome in enumerate(self.office.outcomes(batch), start=1)
            if outcome == "ready"
        ]
        self.office.decide(Verdict.APPROVE, *ready)
        self.office.disclose(batch)

    def find(self, by: str = "irs-disclosure-1", **cause: Any) -> Found:
        exchange = self.office.exchange
        with exchange.writing():
            wrong = named_cause(exchange, **cause)
            return recalling.find(exchange, self.office.credentials(by), wrong)

    def open(
        self,
        by: str = "irs-disclosure-1",
        *,
        suspected: datetime | None = None,
        only_certain: bool = False,
        stay: bool = False,
        **cause: Any,
    ) -> Opened:
        exchange = self.office.exchange
        said = Opening(REASON, suspected or self.office.clock.moment)
        with exchange.writing():
            return recalling.open_incident(
                exchange,
                self.office.credentials(by),
                named_cause(exchange, **cause),
                said,
                only_certain=only_certain,
                stay=stay,
            )

    def notices(self, incident: str = "i000001") -> dict[str, Path]:
        """The files of an incident's notices, by the notice."""
        out = self.office.folder / f"out-{self.office.clock.now():%H%M%S%f}"
        with self.office.exchange.writing():
            written = noticing.write_notices(self.office.exchange, incident, out)
        return {path.name[:13]: path for path in written}

    def sent(self, *names: str, at: datetime | None = None, by: str = "irs-disclosure-1") -> None:
        exchange = self.office.exchange
        with exchange.writing():
            for name in names:
                recalling.tell_sent(exchange, self.office.credentials(by), name, HOW, at)

    def letters(self, incident: str = "i000001") -> letters.Letters:
        exchange, jwk = self.office.exchange, public_jwk(self.mailer.public_key())
        with exchange.writing():
            return letters.make_letters(
                exchange,
                self.office.credentials("irs-disclosure-1"),
                incident,
                PublicKeys("irs-mailing", "", jwk),
            )

    def opened(self, path: Path, reader: str) -> OpenedNotice:
        key = load_encryption_key(self.office.cast.encryption_key(reader), lambda: PASSPHRASE)
        return open_notice_file(path, key, self.office.exchange.package_verifier_key)

    def answer(
        self,
        path: Path,
        reader: str,
        account: Account | None = None,
        *,
        by: str | None = None,
        packages: tuple[str, ...] = (),
    ) -> Path:
        """A signed answer, as the recipient makes it."""
        out = self.office.folder / f"answer-{self.office.clock.now():%H%M%S%f}.json"
        notice_answers.respond(
            self.opened(path, reader),
            account or Account(Copies.DESTROYED, "Shredded, NIST 800-88 purge"),
            self.office.credentials(by or reader),
            out,
            packages=packages,
            clock=self.office.clock,
        )
        return out

    def take(self, answer: Path) -> Taken:
        with self.office.exchange.writing():
            return notice_answers.take_answer(self.office.exchange, answer)

    def close(self, by: str = "irs-inspector", because: str | None = None) -> None:
        exchange = self.office.exchange
        with exchange.writing():
            who = self.office.credentials(by)
            recalling.close_incident(exchange, who, "i000001", because)

    def standing(self) -> Standing:
        (one,) = standings(self.office.exchange)
        return one

    def later(self, **by: float) -> None:
        """Let time go by."""
        self.office.clock.moment += timedelta(**by)

    def entries(self) -> list[Entry]:
        """The log as the database has it."""
        with self.office.exchange.database.reading() as connection:
            return [Entry.parse(body) for body in acts.entries_from(connection, 0)]

    def logged(self, kind: str) -> list[Entry]:
        return [entry for entry in self.entries() if entry.type == kind]


def touched(found: Found) -> dict[str, tuple[str, ...]]:
    """What was found: why, by request."""
    return {one.request: one.why for one in found.touched}
