"""What is wrong with an address as an address, judged from its parsed parts.

`faults` answers for the three address rules at once, so that a row is parsed once. The questions
come in the order in which a clerk would ask them: is there anything (`present`), would it be
delivered (`complete`), and is it where a person is at home (`residence`)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from comity.examination.address_parts import (
    Line,
    house_number_fault,
    last_line_only,
    street_filler,
    street_name_fault,
)
from comity.examination.institutions import Institution, find_institution
from comity.examination.noise import is_noise, is_number_filler
from comity.examination.placeholders import is_placeholder_text, words_of
from comity.examination.postal_places import (
    city_contradicts,
    is_assigned,
    is_known_city,
    state_contradicts,
)
from comity.examination.rule import Unmet
from comity.request.address import Address, Form, fold, parse
from comity.request.address.last_line import split_zip, standard_city, standard_state
from comity.request.address.words import MILITARY_STATES, STATES

_CODES = frozenset(STATES.values())
_CANADIAN = re.compile(r"[A-Z]\d[A-Z] ?\d[A-Z]\d")
_SUPPLY = "Supply the address of the taxpayer as the requester knows it, or withdraw the request."


@dataclass(frozen=True, slots=True)
class AddressFaults:
    """What each of the three rules finds; None where it is met."""

    present: Unmet | None = None
    complete: Unmet | None = None
    residence: Unmet | None = None


@lru_cache(maxsize=8_192)
def faults(
    street: str, unit: str, city: str, state: str, postal_code: str, country: str
) -> AddressFaults:
    """Judge an address as it stands in a row. Never raises, whatever the text."""
    said_city, said_state, said_code, nation = (
        "" if text and is_filler(text) else text
        for text, is_filler in (
            (city, is_placeholder_text),
            (state, _is_state_filler),
            (postal_code, is_placeholder_text),
            (country, is_placeholder_text),
        )
    )
    address = parse(street, unit, said_city, said_state, said_code, nation)
    if _is_mislabelled(address, said_state, said_code):
        address = parse(street, unit, said_city, said_state, said_code, "US")
    abroad = _is_abroad(address)
    line = Line(fold(street), address)
    present = _present(line, city, state, postal_code, abroad)
    complete = None
    if not abroad:
        complete = _complete(line, said_code) if present is None else _last_line(line, said_code)
    return AddressFaults(present, complete, _residence(line, unit, city))


# --- present ---------------------------------------------------------------------------------


def _present(line: Line, city: str, state: str, postal_code: str, abroad: bool) -> Unmet | None:
    absent = [name for name, text in (("street", line.text), ("city", fold(city))) if not text]
    if not (fold(state) or fold(postal_code) or abroad):
        absent.append("state and postal code")
    if absent:
        return Unmet(f"The address lacks the {_listed(absent)}.", f"Supply the {_listed(absent)}.")
    filler = street_filler(line)
    if filler:
        return Unmet(f"The street field {filler}.", _SUPPLY)
    filler = _city_filler(city)
    if filler:
        return Unmet(f"The city field {filler}.", "Supply the city or town of the address.")
    if state and _is_state_filler(state):
        return Unmet(
            "The state field holds a placeholder.", "Supply the state, or leave the field empty."
        )
    if postal_code and _is_code_filler(postal_code, abroad):
        return Unmet(
            "The postal code is a placeholder.", "Supply the postal code, or leave the field empty."
        )
    if last_line_only(line, city):
        return Unmet(
            "The street field only repeats the city, state or postal code.", "Supply the street."
        )
    return None


@lru_cache(maxsize=65_536)
def _city_filler(city: str) -> str:
    """What fills the city field instead of a city, as a predicate; '' where nothing does."""
    words = words_of(city)
    if is_placeholder_text(city):
        known = words and is_known_city(standard_city(city))
        return "" if known else "holds a placeholder"
    if all(word.isdigit() for word in words):
        return "holds a number"
    if all(map(is_noise, words)) and not is_known_city(standard_city(city)):
        return "holds keyboard noise"
    if len(words) == 1 and len(words[0]) == 1 and words[0].isascii():
        return "holds a single letter"
    return ""


def _is_state_filler(state: str) -> bool:
    return standard_state(state) not in _CODES and is_placeholder_text(state)


def _is_code_filler(postal_code: str, abroad: bool) -> bool:
    if is_placeholder_text(postal_code):
        return True
    digits = "".join(c for c in fold(postal_code) if c.isdigit())
    if not digits or abroad or len(digits) != len(fold(postal_code).replace("-", "")):
        return False
    if set(digits) == {"0"}:
        return True
    return is_number_filler(digits) and not (len(digits) == 5 and is_assigned(digits))


# --- complete --------------------------------------------------------------------------------


def _complete(line: Line, postal_code: str) -> Unmet | None:
    found = house_number_fault(line) or street_name_fault(line)
    if found:
        return Unmet(*found)
    return _last_line(line, postal_code)


def _last_line(line: Line, postal_code: str) -> Unmet | None:
    """Whether city, state and postal code agree."""
    address = line.address
    if address.state and address.state not in _CODES:
        return Unmet(
            "The state is none of the United States, and no other country is named.",
            "Correct the state, or name the country.",
        )
    if not address.zip5:
        if fold(postal_code):
            return Unmet(
                "The postal code has neither five digits nor nine.", "Correct the postal code."
            )
        return None
    if not is_assigned(address.zip5):
        return Unmet(
            "The postal code is one that no state or territory has.", "Correct the postal code."
        )
    if address.state and state_contradicts(address.zip5, address.state):
        return Unmet(
            "The state and the postal code contradict each other.",
            "Correct the state or the postal code.",
        )
    if address.city and city_contradicts(address.zip5, address.city):
        return Unmet(
            "The city and the postal code contradict each other.",
            "Correct the city or the postal code.",
        )
    return None


# --- residence -------------------------------------------------------------------------------


def _residence(line: Line, unit: str, city: str) -> Unmet | None:
    for name, text in (("street", line.text), ("unit", fold(unit)), ("city", fold(city))):
        found = find_institution(text) if text else None
        if found:
            return institution_fault(name, found)
    return None


def institution_fault(field: str, kind: Institution) -> Unmet:
    """The finding that a field names an institution."""
    return Unmet(
        f"The {field} field names {kind.value}, which is not an address of the taxpayer.",
        "Supply an address at which the taxpayer lives or lived, or receives mail.",
    )


# --- where -----------------------------------------------------------------------------------


def _is_mislabelled(address: Address, state: str, postal_code: str) -> bool:
    """Whether the address is plainly of the United States whatever the country field says: state
    and postal code agree. An invented country does not excuse an address from the rules."""
    if address.country == "US":
        return False
    zip5, _ = split_zip(postal_code)
    code = standard_state(state) if state else ""
    return bool(zip5) and code in _CODES and is_assigned(zip5) and not state_contradicts(zip5, code)


def _is_abroad(address: Address) -> bool:
    if address.country:
        return address.country != "US"
    if address.form in (Form.MILITARY, Form.DIPLOMATIC) or address.state in MILITARY_STATES:
        return False
    return bool(_CANADIAN.fullmatch(address.postal_code))


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and the {names[-1]}"
