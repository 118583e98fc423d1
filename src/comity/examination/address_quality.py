"""What is wrong with an address as an address, judged from its parsed parts.

`faults` answers for the three address rules at once, so that a row is parsed once. The questions
come in the order in which a clerk would ask them: is there anything (`present`), would it be
delivered (`complete`), and is it where a person is at home (`residence`)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from comity.examination.address_parts import (
    Line,
    house_number_fault,
    last_line_only,
    street_filler,
    street_name_fault,
)
from comity.examination.addressee import (
    beside_street,
    institution_beside,
    may_name_institution,
)
from comity.examination.institutions import Institution, find_institution, undisguised
from comity.examination.nation import (
    is_abroad,
    is_american,
    may_bear,
    street_names_country,
)
from comity.examination.noise import is_noise, is_number_filler
from comity.examination.placeholders import is_placeholder_text, words_of
from comity.examination.postal_places import (
    city_contradicts,
    is_assigned,
    is_known_city,
    state_contradicts,
)
from comity.examination.rule import Unmet
from comity.request.address import fold, parse
from comity.request.address.last_line import standard_city, standard_state
from comity.request.address.words import STATES

_CODES = frozenset(STATES.values())
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
    mislabelled = address.country not in ("", "US") and is_american(city, said_state, said_code)
    if mislabelled:  # another country's name does not excuse an address from the rules
        nation = "US"
        address = parse(street, unit, said_city, said_state, said_code, nation)
    abroad = is_abroad(address)
    line = Line(fold(street), address)
    present = _present(line, city, state, postal_code, abroad)
    complete = None
    if mislabelled and not may_bear(country, said_state):
        complete = Unmet(
            "The country contradicts the state and the postal code.",
            "Correct the country, or the state and the postal code.",
        )
    elif not abroad:
        complete = _complete(line, said_code) if present is None else _last_line(line, said_code)
        if complete is None and street_names_country(street, line):
            complete = Unmet(
                "The street field names another country than the state and the postal code.",
                "Correct the street, or the city, state, postal code and country.",
            )
    shown = undisguised(line.text)
    if shown != line.text:
        line = Line(shown, parse(shown, unit, said_city, said_state, said_code, nation))
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
    room, town = undisguised(fold(unit)), undisguised(fold(city))
    for name, text in (("street", line.text), ("unit", room), ("city", town)):
        found = find_institution(text) if text else None
        if not found and may_name_institution(text):
            found = _institution_beside(name, text, line)
        if found:
            return institution_fault(name, found)
    return None


def _institution_beside(field: str, text: str, line: Line) -> Institution | None:
    if field == "city" and is_known_city(standard_city(text)):
        return None
    parts = beside_street(line) if field == "street" else [tuple(text.split())]
    found = (institution_beside(part, line) for part in parts)
    return next(filter(None, found), None)


def institution_fault(field: str, kind: Institution) -> Unmet:
    """The finding that a field names an institution."""
    return Unmet(
        f"The {field} field names {kind.value}, which is not an address of the taxpayer.",
        "Supply an address at which the taxpayer lives or lived, or receives mail.",
    )


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and the {names[-1]}"
