"""The delivery line: what fills it instead of a street, and what it lacks to be delivered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from comity.examination.noise import is_noise, is_number_filler
from comity.examination.placeholders import (
    begins_denial,
    denies,
    has_sign,
    is_placeholder,
    is_specimen,
    may_name_a_street,
    words_of_folded,
)
from comity.request.address import Address, Form, fold
from comity.request.address.words import (
    DIRECTIONS,
    STATES,
    UNITED_STATES,
    UNITS,
    word_set,
)

_STREETS = frozenset((Form.STREET, Form.PUERTO_RICO, Form.FOREIGN))
_NUMBERED = {
    Form.PO_BOX: "post office box",
    Form.RURAL_ROUTE: "rural route box",
    Form.HIGHWAY_CONTRACT: "highway contract route box",
    Form.MILITARY: "military post's box",
    Form.DIPLOMATIC: "diplomatic post's box",
}
_BARE_KINDS = word_set(
    "STREET|ROAD|AVENUE|DRIVE|LANE|HIGHWAY|ROUTE|COURT|CALLE|AVENIDA|CAMINO|COUNTY ROAD|"
    "COUNTY HIGHWAY|STATE ROUTE|STATE ROAD|STATE HIGHWAY",
    between="|",
)
KINDS_BEFORE = word_set(
    "CALLE AVENIDA AVE CALLEJON CAMINO PASEO VIA VEREDA RUE RUA CARR CARRETERA CLL"
)
"""Kinds of street that are written before the name."""

_LONGEST = 8
"""Words of the longest placeholder looked for after a whole line."""

_NAMELESS = frozenset((("NO", "NAME"), ("SIN", "NOMBRE")))
_OPTIONAL = frozenset(("NA", "NONE", "NIL", "NULL"))
_ONLY_NUMBERS = re.compile(r"[\d /.-]+")
_SHIP = re.compile(r"(?:USS|USNS|USCGC|USCG|SHIP) ")

_BEFORE_A_NAME = KINDS_BEFORE | word_set("C AVENUE HIGHWAY HWY ROUTE RUTA")

Fault = tuple[str, str]
"""Reason and cure."""


@dataclass(frozen=True, slots=True)
class Line:
    """The street field, folded, and the address parsed from the row."""

    text: str
    address: Address

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the field, for the search for placeholders."""
        return words_of_folded(self.text)


def street_filler(line: Line) -> str:
    """What fills the street field instead of a street, as a predicate (`holds a placeholder`); ''
    where nothing does."""
    words, address = line.words, line.address
    digits = "".join(words)
    if not digits:
        return "holds only punctuation"
    if digits.isdigit():
        return _digits_filler(digits)
    if address.form in _STREETS:
        signs = has_sign(words)
        if signs and _has_placeholder(line, words):
            return "holds a placeholder"
        if _is_noise(line, words):
            return "holds keyboard noise"
    elif has_sign(words) and _is_denied_beside_box(line, words):
        return "holds a placeholder"
    return ""


def _is_denied_beside_box(line: Line, words: Sequence[str]) -> bool:
    """`UNKNOWN PO BOX 12`, `GENERAL DELIVERY UNKNOWN`; not `PO BOX 12 N/A`."""
    before = words_of_folded(line.address.building)
    return (bool(before) and is_placeholder(before)) or _ends_in_denial(words)


def _digits_filler(digits: str) -> str:
    if len(digits) in (5, 9):
        return "holds a postal code or a number of that length instead of a street"
    if len(digits) > 4 or is_number_filler(digits) or set(digits) == {"0"}:
        return "holds only digits"
    return ""


def _has_placeholder(line: Line, words: Sequence[str]) -> bool:
    """Whether the line is a placeholder, or has one before the house number, as the street's name,
    or after a whole line."""
    address = line.address
    if is_specimen((*words_of_folded(address.street_name), address.suffix)):
        return True
    if _is_street_of_odd_name(line):
        return False
    if is_placeholder(words):
        return True
    if address.building and denies(words_of_folded(address.building)):
        return True
    name = words_of_folded(address.street_name)
    if denies(name) and name not in _NAMELESS:
        return True
    place = {*words_of_folded(address.city), address.state}
    elsewhere = [word for word in words if word not in place]
    if len(elsewhere) < len(words) and not address.house_number and denies(elsewhere):
        return True
    return _ends_in_denial(name)


def _ends_in_denial(words: Sequence[str]) -> bool:
    """Whether a placeholder stands after other words; one for a unit that there is not (`N/A`)
    does not count."""
    return any(
        begins_denial(words[at])
        and denies(words[at:])
        and tuple(words[at:]) not in _NAMELESS
        and not _OPTIONAL.issuperset(words[at:])
        for at in range(max(1, len(words) - _LONGEST), len(words))
    )


def _is_street_of_odd_name(line: Line) -> bool:
    """Number, a name that a street may bear, and a suffix after it or, in the Romance languages,
    the kind of street before it: `7 UNKNOWN RD`, `12 NO NAME LN`, `4 VIA SCONOSCIUTA`."""
    address = line.address
    if not (line.text[0].isdigit() and address.house_number.strip("0")) or address.building:
        return False
    name = words_of_folded(address.street_name)
    kind = address.suffix
    if not kind:
        kind = "".join(line.text.split()[1:2])
        if len(name) != 2 or kind not in KINDS_BEFORE:
            return False
        name = name[1:]
    if len(name) == 1:
        return may_name_a_street(name[0], kind)
    return name in _NAMELESS or not denies(name)


def _is_noise(line: Line, words: Sequence[str]) -> bool:
    if len(words) > 2 and len(set(words)) == 1 and not words[0].isdigit():
        return True
    letters = [word for word in words if not word.isdigit()]
    if letters and all(map(is_noise, letters)):
        return True
    name = line.address.street_name.split()
    return any(map(is_noise, name if line.address.house_number else letters))


def last_line_only(line: Line, city: str) -> bool:
    """Whether the street field holds nothing but city, state, postal code or country."""
    address = line.address
    if address.form not in _STREETS:
        return False
    rest = line.text.replace(".", " ").split()
    codes = [word for word in rest if len(word) in (5, 9, 10) and word.replace("-", "").isdigit()]
    rest = [word for word in rest if word not in codes]
    if any(any(map(str.isdigit, word)) for word in rest):
        return False
    text, town = " ".join(rest), fold(city)
    if text == town or text in STATES or text in UNITED_STATES:
        return True
    for length in (1, 2):
        if len(rest) > length and " ".join(rest[-length:]) in STATES:
            head = " ".join(rest[:-length])
            return head == town or (bool(codes) and not address.suffix)
    return False


def house_number_fault(line: Line) -> Fault | None:
    """No number where the form of the delivery line needs one."""
    address = line.address
    number = address.house_number
    has_number = any(c.isdigit() and c != "0" for c in number)
    if address.form in _NUMBERED:
        if has_number or any(c.isalpha() for c in number):
            return None
        if _SHIP.match(address.street_name) or _SHIP.match(address.building):
            return None
        what = _NUMBERED[address.form]
        return f"The {what} has no number.", "Supply the number of the box."
    if address.form not in _STREETS or has_number:
        return None
    if address.box:
        return None  # a post office box beside the building's name
    if number == "0" and _is_full_street(address):
        return None  # some places count from nought
    if number and set(number) <= set("0 -"):
        return "The house number is zero.", "Supply the house number."
    first = line.text.split()[0]
    island = address.form is Form.PUERTO_RICO or address.state == "PR"
    if island and first not in UNITS and _is_numbered(f"{line.text} {address.unit}".split()):
        return None  # the number stands anywhere: `BUZON 1234`, `COND SOL APT 12`
    if first in UNITS and not address.suffix:
        return (
            "The street field holds only a unit, without house number and street.",
            "Supply the house number and the street.",
        )
    return "The street has no house number.", "Supply the house number."


def _is_full_street(address: Address) -> bool:
    """Whether name and kind of the street are both there: `OCEAN AVE`, `CALLE LUNA`."""
    name = address.street_name.split()
    if not name or not name[0].strip("0"):
        return False
    return bool(address.suffix) or len(name) > 1


def _is_numbered(words: Sequence[str]) -> bool:
    """Whether one of the words is a number that is not the street's name (`CALLE 5`)."""
    return any(
        any(map(str.isdigit, word)) and not (at and words[at - 1] in _BEFORE_A_NAME)
        for at, word in enumerate(words)
    )


def street_name_fault(line: Line) -> Fault | None:
    """No street beside the number."""
    address = line.address
    if address.form is Form.PUERTO_RICO:
        named = address.street_name or address.urbanization or address.building
    elif address.form in _STREETS:
        named = address.street_name
        lone = not (address.suffix or address.predirectional or address.postdirectional)
        if lone and (
            named in DIRECTIONS
            or named in _BARE_KINDS
            or named in UNITS
            or _ONLY_NUMBERS.fullmatch(named)
            or (len(named) == 1 and named.isascii())
        ):
            named = ""
    else:
        return None
    if named:
        return None
    return "The house number stands without a street name.", "Supply the name of the street."
