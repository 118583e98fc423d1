"""The secondary unit: apartment, suite, floor, … (Publication 28, 2.1.3 and Appendix C2)."""

from __future__ import annotations

import re

from comity.request.address.suffixes import SUFFIXES
from comity.request.address.words import (
    CLEAR_STANDALONE_UNITS,
    DIRECTIONS,
    ORDINALS,
    SCARCE_UNITS,
    STANDALONE_UNITS,
    UNITS,
    word_set,
)

Unit = tuple[str, str]
"""Designator and number, either may be ''."""

_FUSED = re.compile(r"(APT|STE|UNIT|UNT|RM|LOT|SPC|BLDG|FL|TRLR|SUITE|PMB)-?(\d.*|[A-Z])")
_DASH_AT_LETTER = re.compile(r"(?<=\d)[-.](?=[A-Z])|(?<=[A-Z])[-.](?=\d)")
_ORDINAL = re.compile(r"0*(\d+)(?:ST|ND|RD|TH)")
_NO_UNIT = word_set(
    "NA|N/A|N A|NONE|NIL|NULL|NO|NO UNIT|NO APT|NO APARTMENT|NOT APPLICABLE|"
    "UNKNOWN|UNK|HOUSE|SINGLE FAMILY|0|00|000|X|XX|XXX",
    between="|",
)
_ROAD_NUMBERS = word_set("HIGHWAY HWY ROUTE RTE RT LOOP EXPRESSWAY EXPY INTERSTATE FM RM SR CR US")
_ROAD_OWNERS = word_set(
    "COUNTY CO CNTY CTY STATE ST TOWNSHIP TWP TOWN RANCH FARM MARKET FOREST SERVICE FIRE"
)


def unit_number(text: str) -> str:
    """`4-B`, `4 B` and `004B` as `4B`; `3-104` keeps its dash, for it is not unit 3104."""
    text = text.replace(" ", "").replace("#", "")
    if "-" in text or "." in text:
        text = _DASH_AT_LETTER.sub("", text)
    return text.lstrip("0") or text


def take_units(tokens: list[str]) -> list[Unit]:
    """Take the units off the end of a delivery line (changes `tokens`), in the order written.

    The first token is left alone: it is the house number or the street."""
    units: list[Unit] = []
    while len(tokens) > 2 and _take_one(tokens, units):
        pass
    if not units and len(tokens) > 3:
        _take_bare(tokens, units)
    units.reverse()
    return units


def _take_one(tokens: list[str], units: list[Unit]) -> bool:
    last, before = tokens[-1], tokens[-2]
    if before in UNITS and _is_identifier(last):
        if before == "NO" and not last[0].isdigit():
            return False
        designator = UNITS[before]
        if len(tokens) == 3 and designator in SCARCE_UNITS:
            return False
        del tokens[-2:]
        if designator == "#" and len(tokens) > 2 and tokens[-1] in UNITS:
            designator = UNITS[tokens.pop()]
        units.append((designator, unit_number(last)))
        return True
    if len(last) == 1 and len(tokens) > 4 and before[0].isdigit() and tokens[-3] in UNITS:
        units.append((UNITS[tokens[-3]], unit_number(before + last)))
        del tokens[-3:]
        return True
    if last in UNITS and UNITS[last] == "FL" and (level := _level(before)):
        del tokens[-2:]
        units.append(("FL", level))
        return True
    if last in STANDALONE_UNITS and (
        last in CLEAR_STANDALONE_UNITS
        or (len(tokens) > 3 and (units or before in SUFFIXES or before in DIRECTIONS))
    ):
        units.append((STANDALONE_UNITS[tokens.pop()], ""))
        return True
    if not last.isalpha() and (fused := _FUSED.fullmatch(last)):
        tokens.pop()
        units.append((UNITS[fused[1]], unit_number(fused[2])))
        return True
    return False


def _take_bare(tokens: list[str], units: list[Unit]) -> None:
    """A number or letter right after the suffix, as in `123 MAIN ST 4B`."""
    last, before = tokens[-1], tokens[-2]
    if last in DIRECTIONS or not (
        before in SUFFIXES or (before in DIRECTIONS and tokens[-3] in SUFFIXES and len(tokens) > 4)
    ):
        return
    if not (last[0].isdigit() or len(last) == 1) or _ORDINAL.fullmatch(last):
        return
    if before in _ROAD_NUMBERS or tokens[-3] in _ROAD_OWNERS or last in SUFFIXES:
        return
    tokens.pop()
    units.append(("#", unit_number(last)))


def read_units(text: str) -> list[Unit]:
    """The units of a field that holds nothing else (folded text, `#` set apart)."""
    if not text or text in _NO_UNIT:
        return []
    units: list[Unit] = []
    designator, number = "", ""
    for token in text.split():
        fused = _FUSED.fullmatch(token)
        if token in UNITS or fused:
            word = UNITS[fused[1] if fused else token]
            if word == "FL" and not designator and (level := _level(number)):
                units.append(("FL", level))
                designator = number = ""
                continue
            if word == "#" and designator and not number:
                continue
            if designator or number:
                units.append((designator or "#", unit_number(number)))
            designator, number = word, fused[2] if fused else ""
        elif token in STANDALONE_UNITS and not designator and not number:
            units.append((STANDALONE_UNITS[token], ""))
        else:
            number += token if len(token) < 3 or not number else " " + token
    if designator or number:
        units.append((designator or "#", unit_number(number)))
    return units


def join_units(units: list[Unit]) -> Unit:
    """One designator and one number for all of them: `BLDG A`, `APT 4` -> (`BLDG`, `A APT 4`)."""
    if len(units) == 1:
        return units[0]
    seen: list[Unit] = []
    for unit in units:
        if not any(unit[1] == other[1] and "#" in (unit[0], other[0]) for other in seen):
            seen.append(unit) if unit not in seen else None
        elif unit[0] != "#":
            seen = [unit if other[1] == unit[1] else other for other in seen]
    if not seen:
        return "", ""
    (designator, number), *more = seen
    tail = " ".join(" ".join(part for part in unit if part) for unit in more)
    return designator, f"{number} {tail}".strip()


def _is_identifier(text: str) -> bool:
    return len(text) <= 2 or any(map(str.isdigit, text))


def _level(text: str) -> str:
    """The storey of `2ND` or `SECOND`."""
    found = _ORDINAL.fullmatch(ORDINALS.get(text, text))
    return found[1] if found else ""
