"""From the fields of a row to an Address."""

from __future__ import annotations

from comity.request.address.folding import fold
from comity.request.address.forms import STARTERS, Special, read_post, read_special
from comity.request.address.highways import read_highway
from comity.request.address.last_line import (
    split_zip,
    standard_city,
    standard_country,
    standard_state,
)
from comity.request.address.model import Address, Form
from comity.request.address.postal import state_of_prefix
from comity.request.address.puerto_rico import PLACE_WORDS, read_puerto_rico
from comity.request.address.street import find_number, read_street, take_milepost, take_number
from comity.request.address.suffixes import SUFFIXES
from comity.request.address.units import Unit, join_units, read_units, take_units
from comity.request.address.words import MILITARY_STATES, POST_OFFICES, STATES

_CODES = frozenset(STATES.values())


def parse(
    street: str,
    unit: str = "",
    city: str = "",
    state: str = "",
    postal_code: str = "",
    country: str = "",
) -> Address:
    """Parse an address as it stands in the columns of a request or a registry.

    Deterministic, never raises whatever the text, and takes time in proportion to its length.
    What is not understood is kept, folded: an address that is not of the United States still
    compares with itself."""
    code = standard_state(state) if state else ""
    town = standard_city(city, code) if city else ""
    nation = standard_country(country)
    zip5, zip4 = split_zip(postal_code) if postal_code else ("", "")
    domestic = nation == "US" or (not nation and (code in _CODES or (not code and zip5 != "")))
    if domestic:
        nation = "US"
        if postal_code and not zip5:
            zip5 = restore_zero(postal_code, code)
        postal = zip5 or fold(postal_code)
    elif nation or (code and code not in _CODES):
        zip5 = zip4 = ""
        postal = fold(postal_code)
    else:
        postal = zip5 or fold(postal_code)

    line = fold(street)
    if "#" in line:
        line = " ".join(line.replace("#", " # ").split())
    room = fold(unit) if unit else ""
    if "#" in room:
        room = " ".join(room.replace("#", " # ").split())
    tail = (town, code, zip5, zip4, postal, nation)
    if not line:
        return _address(Form.EMPTY, "", ("", "", "", ""), read_units(room), tail)

    if code in MILITARY_STATES or town[:3] in POST_OFFICES:
        whole = f"{line} {room}" if room else line
        if post := read_post(whole, diplomatic=town[:3] == "DPO" or " DPO " in f" {whole} "):
            return _special(post, [], tail)
    tokens = line.split()
    if len(tokens) > 3:
        _drop_last_line(tokens, zip5, code, city)
        line = ""
    if not STARTERS.isdisjoint(tokens) or tokens[0].startswith(("BOX", "POB", "RR", "HC", "GD")):
        special = read_special(line or " ".join(tokens))
        if special is not None and special.form is Form.PO_BOX and special.before:
            before = special.before.split()
            address = _street(before, room, tail, nation, box=special.box)
            if address.house_number:
                return address
        if special is not None:
            return _special(special, read_units(room), tail)
    if room and ("PO" in room or "BOX" in room):
        special = read_special(room)
        if special is not None and special.form is Form.PO_BOX:
            return _street(tokens, "", tail, nation, box=special.box)
    if code == "PR" and not PLACE_WORDS.isdisjoint(tokens):
        island = read_puerto_rico(tokens)
        units = island.units + read_units(room)
        return _address(
            Form.PUERTO_RICO,
            island.number,
            island.street,
            units,
            tail,
            urbanization=island.urbanization,
            building=island.building,
        )
    return _street(tokens, room, tail, nation)


Tail = tuple[str, str, str, str, str, str]
"""City, state, ZIP, its four further digits, postal code, country."""


def _street(tokens: list[str], room: str, tail: Tail, nation: str, box: str = "") -> Address:
    building = ""
    units: list[Unit] = []
    if len(tokens) > 3 and tokens[-1] == "N/A":
        tokens.pop()  # a unit that is not applicable
    lead = _leading_unit(tokens)
    units = take_units(tokens)
    if room:
        units += read_units(room)
    number = take_number(tokens)
    if not number and len(tokens) > 2:
        number, before = find_number(tokens)
        building = " ".join(before)
    if lead:
        units = lead + units
    if (
        not number
        and units
        and units[0][0] == "#"
        and not lead
        and units[0][1].isdigit()
        and not room
    ):
        number = units.pop(0)[1]
    if not number:
        number = take_milepost(tokens)
    if not number and _ends_in_number(tokens):
        number = tokens.pop()
    form = Form.STREET if nation in ("US", "") else Form.FOREIGN
    return _address(form, number, read_street(tokens), units, tail, box=box, building=building)


def _address(
    form: Form,
    number: str,
    street: tuple[str, str, str, str],
    units: list[Unit],
    tail: Tail,
    *,
    box: str = "",
    urbanization: str = "",
    building: str = "",
) -> Address:
    designator, unit = join_units(units) if units else ("", "")
    return Address(
        form,
        number,
        *street,
        designator,
        unit,
        box,
        "",
        urbanization,
        building,
        *tail,
    )


def _special(special: Special, units: list[Unit], tail: Tail) -> Address:
    designator, unit = join_units(units) if units else ("", "")
    return Address(
        special.form,
        special.box,
        "",
        special.name,
        "",
        "",
        designator,
        unit,
        special.box,
        special.route,
        "",
        special.before,
        *tail,
    )


def _ends_in_number(tokens: list[str]) -> bool:
    """Whether the house number stands last, as in `MAIN ST 123` and not in `COUNTY ROAD 120`."""
    if len(tokens) < 3 or not tokens[-1].isdigit() or tokens[-2] not in SUFFIXES:
        return False
    return not any(read_highway(tokens, start, len(tokens))[1] for start in range(len(tokens) - 1))


def _leading_unit(tokens: list[str]) -> list[Unit]:
    """`APT 4 123 MAIN ST`: the unit written first (changes `tokens`)."""
    if len(tokens) > 4 and not tokens[0][0].isdigit() and tokens[2][0].isdigit():
        units = read_units(f"{tokens[0]} {tokens[1]}")
        if len(units) == 1 and units[0][0] not in ("#", "") and units[0][1]:
            del tokens[:2]
            return units
        if tokens[0] == "#":
            del tokens[:2]
            return units
    return []


def _drop_last_line(tokens: list[str], zip5: str, code: str, city: str) -> None:
    """Take off a city, state and ZIP code that the street field repeats."""
    last = tokens[-1]
    if zip5 and last[:5] == zip5 and len(last) in (5, 9, 10):
        tokens.pop()
    elif not (code and (last == code or STATES.get(last) == code)):
        return
    if len(tokens) > 3 and code and STATES.get(tokens[-1]) == code:
        tokens.pop()
    if city:
        words = fold(city).split()
        if len(tokens) > len(words) + 2 and tokens[-len(words) :] == words:
            del tokens[-len(words) :]


def restore_zero(postal_code: str, code: str) -> str:
    """A ZIP code whose leading zeros a spreadsheet dropped, where the state bears it out."""
    digits = fold(postal_code)
    if len(digits) in (3, 4) and digits.isascii() and digits.isdigit():
        full = digits.zfill(5)
        if code and state_of_prefix(full[:3]) == code:
            return full
    return ""
