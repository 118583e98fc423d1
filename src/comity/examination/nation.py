"""Of which country an address is, and whether its fields agree about it."""

from __future__ import annotations

import re

from comity.examination.address_parts import Line
from comity.examination.addressee import after_suffix
from comity.examination.postal_places import (
    is_assigned,
    is_known_city,
    serves,
    state_contradicts,
)
from comity.request.address import Address, Form, fold
from comity.request.address.countries import COUNTRIES
from comity.request.address.last_line import split_zip, standard_city, standard_state
from comity.request.address.parse import restore_zero
from comity.request.address.words import MILITARY_STATES, STATES, word_set

_CODES = frozenset(STATES.values())
_TERRITORIES = word_set("AS FM GU MH MP PR PW VI")
_CANADIAN = re.compile(r"[A-Z]\d[A-Z] ?\d[A-Z]\d")
_LAST_WORDS = frozenset(country.rsplit(" ", 1)[-1] for country in COUNTRIES)
_ALSO_PERSONS = word_set("CHAD CHINA INDIA ISRAEL JORDAN KENYA")
_PERSONAL = word_set("C/O ATTN ATTENTION")


def is_american(city: str, state: str, postal_code: str) -> bool:
    """Whether city, state and postal code are plainly of the United States, whatever the country
    field says: state and code agree, or where one is absent the city agrees with the other."""
    zip5, _ = split_zip(postal_code)
    code = standard_state(state) if state else ""
    town = standard_city(city, code)
    zip5 = zip5 or restore_zero(postal_code, code)
    if zip5 and code:
        return code in _CODES and is_assigned(zip5) and not state_contradicts(zip5, code)
    if zip5:
        return serves(zip5, town)
    return not fold(postal_code) and code in _CODES and is_known_city(town, code)


def may_bear(country: str, state: str) -> bool:
    """Whether a country may stand beside an American last line: one that only says again which
    territory or associated state it is, or in which a post of the armed forces lies."""
    code = standard_state(state)
    return code in MILITARY_STATES or (code in _TERRITORIES and standard_state(country) == code)


def is_abroad(address: Address) -> bool:
    """Whether an address is one of another country."""
    if address.country:
        return address.country != "US"
    if address.form in (Form.MILITARY, Form.DIPLOMATIC) or address.state in MILITARY_STATES:
        return False
    return bool(_CANADIAN.fullmatch(address.postal_code))


def street_names_country(street: str, line: Line) -> bool:
    """Whether the street field goes on to another country after the street: `CALLE REFORMA 12,
    TIJUANA, MEXICO`. Streets called after one (`12 CALLE DE MEXICO`, `7 PERU RD`) do not, nor does
    a town of that name in the address's state."""
    if line.text.rstrip(" 0123456789").rsplit(" ", 1)[-1] not in _LAST_WORDS:
        return False
    parts = [part for part in map(fold, street.split(",")) if part]
    if len(parts) > 1 and _is_country(parts[-1].rstrip(" 0123456789"), line.address):
        return True
    words = after_suffix(line)
    if not words and line.address.building and not line.address.suffix:
        words = line.address.street_name.split()
    while words and words[-1].isdigit():
        words = words[:-1]
    if len(words) < 2 or not _PERSONAL.isdisjoint(words) or words[-1] in _ALSO_PERSONS:
        return False
    tails = (" ".join(words[at:]) for at in range(1, len(words)))
    return any(_is_country(tail, line.address) for tail in tails) and (
        " ".join(words[-2:]) not in STATES
    )


def _is_country(text: str, address: Address) -> bool:
    if text not in COUNTRIES or text in address.city.split():
        return False
    return not is_known_city(standard_city(text), address.state)
