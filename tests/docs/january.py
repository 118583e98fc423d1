"""The exchange that the page on recalls starts from: the answers of 2025, given under the reading
of that year. A number and a name were enough, and no address was asked for."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.exchange.office import (
    AGREEMENT,
    PERSON,
    REQUEST,
    Office,
    SettableClock,
    sign_by_both,
)
from tests.exchange.recalls import ASKED, OTHER, Desk

from comity.agreement.editing import with_amendment
from comity.agreement.model import Safeguards
from comity.demo.officers import HOLDER, REQUESTER, make_rosters
from comity.exchange import parties
from comity.exchange.opening import Settings, create

_ADDRESS_RULES = ("address.present", "address.complete", "address.residence")
THIRD = dict(
    PERSON,
    person_id="P3",
    tin="853-44-2020",
    first_name="Ignatius",
    last_name="Thistlewood",
    date_of_birth="1966-08-30",
    street="77 Larkspur Ct",
    city="Reno",
    state="NV",
    postal_code="89501",
)


def lax_agreement() -> str:
    """The reference agreement with the reading of 2025."""
    text = AGREEMENT.read_text("utf-8")
    for rule in _ADDRESS_RULES:
        text, cut = re.subn(rf"  - id: [a-z-]+\n    rule: {rule}\n(?:    .*\n)*", "", text)
        assert cut == 1, rule
    text = text.replace(
        "  requires: [name, address]\n",
        "  requires: [name, number]\n  opinion: reading-of-2025\n",
    ).replace("  id: name_and_address\n", "  id: name_and_number\n")
    return (
        text
        + (
            "opinions:\n  - id: reading-of-2025\n    author: Office of Chief Counsel\n"
            "    dated: 2025-04-01\n    reference: Memorandum of that day\nomitted:\n"
        )
        + "".join(f"  - {{rule: {rule}, opinion: reading-of-2025}}\n" for rule in _ADDRESS_RULES)
    )


def make_world(folder: Path) -> None:
    """`exchange/`, `keys/` and `corrected.yaml`, with three answers of yesterday."""
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    at = midnight - timedelta(days=1)
    cast = make_rosters(folder, today=at.date())
    source = folder / "lax.yaml"
    source.write_text(lax_agreement(), "utf-8")
    agreement = sign_by_both(folder, cast, at - timedelta(days=1), source)
    settings = Settings(HOLDER, REQUESTER, "log.test.example/comity")
    exchange = create(folder / "exchange", settings, SettableClock(at))
    office = Office(folder, exchange, cast, SettableClock(at), agreement)
    operator = office.credentials(cast.operator)
    with exchange.writing():
        parties.add_roster(exchange, cast.holder_roster, None)
        parties.add_roster(exchange, cast.requester_roster, None)
        parties.adopt_agreement(exchange, agreement, operator)
        today = at.date()
        standing = Safeguards(today - timedelta(days=41), today + timedelta(days=324))
        parties.record_safeguards(exchange, standing, operator)
    office.build(PERSON, OTHER, THIRD)
    Desk(office).disclose(
        dict(REQUEST, tin="850-12-3456"),
        dict(ASKED, tin="851-22-9071", street="Failed to Provide", city="", state=""),
        dict(
            REQUEST,
            request_id="R3",
            case_number="FD-2025-000003",
            tin="853-44-2020",
            first_name="Ignatius",
            last_name="Thistlewood",
            date_of_birth="1966-08-30",
            street="500 Nowhere Rd",
        ),
    )
    exchange.close()
    why = ("Office of Chief Counsel", "Office of Disclosure", "Name and address, as the law says.")
    corrected = with_amendment(AGREEMENT.read_text("utf-8"), AGREEMENT.name, *why)
    (folder / "corrected.yaml").write_text(corrected, "utf-8")
