"""What is written beside the street: whom the mail is for, before the house number or after the
street, and in the unit field.

An acronym or a bare word (`ICE`, `POE`, `SPC`, `SHERIFF`) is an institution only there: in a street
it is a name (`12 ICE POND RD`, `12 POE ST`), and beside a dwelling's word or a person's it is one
as well (`ICE HOUSE APTS`, `C/O ANNA POE`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from comity.examination.address_parts import Line
from comity.examination.institutions import DWELLINGS, NO_STREET_TYPES, Institution
from comity.examination.postal_places import is_known_city
from comity.request.address import Form
from comity.request.address.last_line import standard_city
from comity.request.address.suffixes import SUFFIXES
from comity.request.address.words import DIRECTIONS, UNITS, word_set

_STREETS = frozenset((Form.STREET, Form.PUERTO_RICO, Form.FOREIGN))
_CARE_OF = (("C/O",), ("C", "O"), ("CO",), ("CARE", "OF"), ("ATTN",), ("ATTENTION",))
_AGENCIES = word_set("ICE INS CBP HSI DHS ERO USCIS USBP EOIR")
_THINGS = (
    DWELLINGS
    | frozenset(word for word, kind in SUFFIXES.items() if kind not in NO_STREET_TYPES)
    | word_set(
        "HOUSE HOME HALL RESIDENCE FAMILY HOUSEHOLD MANOR LODGE HOTEL MOTEL RANCH FARM TOWER "
        "TOWERS STUDIO CABIN CREAM RINK ARENA PLANT CASTLE PALACE AGE BOX SKATING CRYSTAL COLD "
        "AGENCY INSURANCE"
    )
)
"""What a word before them belongs to, be it an agency's acronym or not."""

_OFFICERS = word_set("SHERIFF SHERIFFS POLICE MARSHAL MARSHALS CONSTABLE CONSTABLES")
_NO_SURNAMES = word_set("SHERIFF SHERIFFS POLICE MARSHALS CONSTABLES")
_SIGNS = _AGENCIES | _OFFICERS | {"SPC", "POE"}
_BODIES = word_set("COUNTY CNTY CTY CO PARISH CITY STATE TOWN TOWNSHIP BOROUGH US FEDERAL")
_CROSSINGS = word_set(
    "BRIDGE CROSSING BORDER LAND INTERNATIONAL INTL AIRPORT SEAPORT US CBP SAN SANTA EL LOS LAS "
    "DEL MESA PASO RIO PUENTE GARITA"
)
"""Words of border crossings' names."""


def may_name_institution(text: str) -> bool:
    """The quick look before the close: whether a folded text has any of the words."""
    return not _SIGNS.isdisjoint(text.replace("/", " ").split())


def beside_street(line: Line) -> list[tuple[str, ...]]:
    """The words before the house number, and those after the street or box; for a line that has
    neither number nor kind of street, all of it."""
    address = line.address
    words = line.text.split()
    if address.form not in _STREETS:
        numbers = [at for at, word in enumerate(words) if any(map(str.isdigit, word))]
        after = words[numbers[-1] + 1 :] if numbers else []
    elif not (address.house_number or address.suffix or address.box):
        return [tuple(words)]
    else:
        after = after_suffix(line)
    return [tuple(part) for part in (address.building.split(), after) if part]


def after_suffix(line: Line) -> list[str]:
    """The words after a street's suffix that are neither a direction nor a unit: `TORONTO CANADA`
    of `12 KING ST TORONTO CANADA`."""
    if line.address.suffix:
        return []
    name = line.address.street_name.split()
    for at in range(1, len(name) - 1):
        if name[at] in SUFFIXES:
            rest = name[at + 1 :]
            while rest and rest[0] in DIRECTIONS:
                del rest[0]
            return rest
    return []


def institution_beside(words: Sequence[str], line: Line) -> Institution | None:
    """The institution that words beside the street name by an acronym or an officer's title."""
    personal, words = _without_care_of(words)
    words = [part for word in words for part in word.split("/") if part]
    if len(words) > 2 and words[0] in UNITS and any(map(str.isdigit, words[1])):
        words = words[2:]  # `STE 4 ICE`
    if len(words) > 1 and words[0] == "THE":
        words = words[1:]
    if not words:
        return None

    def is_place(part: Sequence[str]) -> bool:
        return _is_place(part, line)

    if _names_agency(words, is_place):
        return Institution.OFFICE
    if _names_officer(words, is_place):
        return Institution.OFFICE
    if _names_processing_center(words):
        return Institution.CUSTODY
    if not personal and _names_port(words, is_place):
        return Institution.PORT
    return None


def _without_care_of(words: Sequence[str]) -> tuple[bool, Sequence[str]]:
    """Whether the words begin with `C/O` or the like, and what follows it."""
    for start in _CARE_OF:
        if tuple(words[: len(start)]) == start and len(words) > len(start):
            return True, words[len(start) :]
    return False, words


def _names_agency(words: Sequence[str], is_place: Callable[[Sequence[str]], bool]) -> bool:
    """`ICE`, `ICE BOISE`, `BOISE ICE`; not `ICE HOUSE`, `VANILLA ICE`."""
    if words[0] in _AGENCIES:
        return _THINGS.isdisjoint(words[1:])
    return words[-1] in _AGENCIES and is_place(words[:-1])


def _names_officer(words: Sequence[str], is_place: Callable[[Sequence[str]], bool]) -> bool:
    """`SHERIFF`, `ADA CO SHERIFF`, `BOISE POLICE`; not `SHERIFF JALLOW`, `OMAR SHERIFF`."""
    if words[-1] not in _OFFICERS:
        return False
    if len(words) == 1:
        return words[0] in _NO_SURNAMES
    return words[-2] in _BODIES or is_place(words[:-1])


def _names_processing_center(words: Sequence[str]) -> bool:
    """`KROME SPC`: a service processing centre has a name before it, a trailer space a number or
    letter after it (`SPC 12`) and at most a street before it."""
    for at in range(1, len(words)):
        before, after = words[at - 1], words[at + 1 : at + 2]
        if words[at] != "SPC" or not before.isalpha() or before in SUFFIXES or before in UNITS:
            continue
        if not after or after[0] in UNITS:
            return True
    return False


def _names_port(words: Sequence[str], is_place: Callable[[Sequence[str]], bool]) -> bool:
    """`POE`, `POE SANTA INES`, `BRIDGE II POE`; not `POE HOUSE`, `ANNA POE`."""
    if words[0] == "POE":
        return _THINGS.isdisjoint(words[1:])
    if words[-1] != "POE":
        return False
    if not _CROSSINGS.isdisjoint(words[:-1]) or not SUFFIXES.keys().isdisjoint(words[1:-1]):
        return True  # `EAGLE PASS POE`; the first word may be somebody's (`GLEN POE`)
    return is_place(words[:-1])


def _is_place(words: Sequence[str], line: Line) -> bool:
    """Whether the words are a town: the address's own, or one known by a name of several words
    (a single word is a person's name as often as not)."""
    town = standard_city(" ".join(words))
    return town == line.address.city or (len(words) > 1 and is_known_city(town))
