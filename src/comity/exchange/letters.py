"""Letters to the persons whose information is called back, in one file for a mailing officer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from comity.agreement.coverage import under_gate
from comity.agreement.model import Agreement
from comity.agreement.roster_keys import PublicKeys
from comity.core.canonical import Json, digest
from comity.core.clock import parse_moment
from comity.core.errors import ConflictError
from comity.disclosure.items import ItemVault
from comity.disclosure.mailing import mailing
from comity.disclosure.notice import make_notice
from comity.exchange.incident_status import standing_of
from comity.exchange.noticing import facts_of, incident_of, keep, next_name
from comity.exchange.officers import Credentials, identify, permit
from comity.exchange.opening import Exchange
from comity.exchange.parties import adopted_agreement
from comity.exchange.registry import open_registry, recorded_digests
from comity.oversight.incident import Kind
from comity.oversight.notice_text import Facts, Told, letter_text
from comity.review.authority import Target
from comity.store import incidents
from comity.store.incidents import Given, Incident

_ITEMS = {
    "last_known_address": "your mailing address on file",
    "verified": "that our record agrees with what was asked",
}


@dataclass(frozen=True)
class Letters:
    """How many letters were made, of them without an address on file, and how many disclosures
    could not be told of, because what was sealed of them is gone."""

    notice: str
    letters: int
    unaddressed: int
    untold: int


@dataclass(frozen=True)
class _About:
    """What one person is told of: the name on record, and each disclosure."""

    name: str
    told: tuple[Told, ...]
    tax: bool


def make_letters(
    exchange: Exchange, credentials: Credentials, name: str, reader: PublicKeys
) -> Letters:
    """Write to every person whose information an incident calls back; kept as one notice, encrypted
    to the mailing officer. Addresses are those of the registry as it is now.

    Raises ConflictError before inspector and safeguards office were told, where the letters are
    made already, or the incident is closed."""
    with exchange.database.reading() as connection:
        incident = incident_of(connection, name)
    actor = identify(exchange, credentials)
    attributes = {"holder": exchange.settings.holder, "opened_by": incident.opened_by}
    permit(exchange, actor, "tell", Target("Incident", name, attributes))
    status = standing_of(exchange, incident)
    if incident.closed is not None:
        raise ConflictError(f"Incident {name} is closed.")
    if any(one.notice.kind == Kind.PERSONS for one in status.notices):
        raise ConflictError(
            f"The letters of incident {name} are made.",
            cure="Write them out again with `comity recall notices`.",
        )
    with exchange.recording() as recorder:
        connection = recorder.connection
        about, untold = _about(exchange, connection, incident)
        leave = mailing(name, about, status.unreported)
        with ItemVault.open(
            exchange.registry_path,
            exchange.keys.derived("registry"),
            recorded_digests(exchange)[1],
        ) as vault:
            addresses = vault.mailing_addresses(leave)
        with open_registry(exchange) as registry:
            flags = registry.flags(about)
        facts = facts_of(exchange, connection, incident)
        letters = [
            _letter(facts, one, addresses.get(person), flags.get(person, frozenset()))
            for person, one in sorted(about.items())
        ]
        notice = next_name(connection, name)
        cover: dict[str, Json] = {"incident": name, "notice": notice}
        cover |= {"holder": exchange.settings.holder, "reader": reader.officer}
        content = make_notice(
            cover,
            {"letters": letters},
            reader.encryption_key,
            exchange.keys.package_signer(),
        )
        payload: dict[str, Json] = {"officer": actor.officer.id, "letters": len(letters)}
        payload["reader"] = digest(dict(reader.encryption_key))
        keep(recorder, incident, notice, Kind.PERSONS, content, payload=payload)
    return Letters(notice, len(letters), len(about.keys() - addresses.keys()), untold)


def _about(
    exchange: Exchange, connection: sa.Connection, incident: Incident
) -> tuple[dict[str, _About], int]:
    """What each person is told of, by person, and how many disclosures nobody can be told of."""
    keys = exchange.keys
    rows = {(batch, row) for batch, row, _ in incidents.recalled_rows(connection, incident.id)}
    under = incidents.agreements_of(connection, sorted({batch for batch, _ in rows}))
    agreements = {
        batch: adopted_agreement(exchange, *which).agreement for batch, which in under.items()
    }
    about: dict[str, _About] = {}
    untold = 0
    for batch, agreement in sorted(agreements.items()):
        for one in incidents.given(connection, keys, batch):
            if (one.batch, one.row) not in rows:
                continue
            handle = f"{one.batch}/{one.row}"
            answer = incidents.payload_if_there(connection, keys, one.answer, handle)
            if answer is None or one.dossier is None:
                untold += 1
                continue
            person = str(answer["person_id"])
            known = about.get(person, _About(_name(one, person), (), tax=False))
            told = (*known.told, _told(one, answer, agreement))
            about[person] = _About(known.name, told, known.tax or under_gate(agreement))
    return about, untold


def _told(one: Given, answer: Mapping[str, Json], agreement: Agreement) -> Told:
    items, recipients = answer["items"], answer["recipients"]
    assert isinstance(items, Mapping)
    assert isinstance(recipients, Sequence)
    words = tuple(_ITEMS.get(name, name) for name in sorted(items))
    return Told(parse_moment(one.at), words, agreement.title, len(recipients))


def _name(one: Given, person: str) -> str:
    """The name on record, as it was compared."""
    assert one.dossier is not None
    candidates: Sequence[Mapping[str, Any]] = one.dossier["match"]["evidence"]["candidates"]
    for candidate in candidates:
        if candidate["person_id"] == person:
            return " ".join(filter(None, map(str, candidate["fields"]["name"])))
    return ""


def _letter(
    facts: Facts, about: _About, address: Mapping[str, Json] | None, flags: frozenset[str]
) -> Json:
    lines: list[str] = []
    if address is not None:
        place = (address["city"], address["state"], address["postal_code"])
        lines = [
            *(str(address[name]) for name in ("street", "unit") if address[name]),
            " ".join(str(part) for part in place if part),
        ]
    text = letter_text(facts, about.name, lines, about.told, tax=about.tax)
    return {"text": list(text), "addressed": address is not None, "flags": sorted(flags)}
