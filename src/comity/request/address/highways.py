"""Numbered roads in the words of Publication 28, Appendix F: `COUNTY ROAD 120`, `FM 1960`."""

from __future__ import annotations

import re

from comity.request.address.words import STATES

_ROADS = {
    word: standard
    for standard, words in {
        "ROAD": "ROAD RD",
        "HIGHWAY": "HIGHWAY HWY HIWAY HIWY HWAY HIGHWY",
        "ROUTE": "ROUTE RTE RT",
        "TRUNK HIGHWAY": "TRUNK",
    }.items()
    for word in words.split()
}
_OWNERS = {
    "COUNTY": "COUNTY", "CNTY": "COUNTY", "CTY": "COUNTY", "CO": "COUNTY",
    "STATE": "STATE", "ST": "STATE", "US": "US", "U": "US",
    "TOWNSHIP": "TOWNSHIP", "TWP": "TOWNSHIP", "RANCH": "RANCH", "FARM": "FM", "FOREST": "FOREST",
    "FS": "FOREST", "INTERSTATE": "INTERSTATE", "OLD": "OLD", "NEW": "NEW", "BUSINESS": "BUSINESS",
    "BUS": "BUSINESS", "PRIVATE": "PRIVATE", "INDIAN": "INDIAN",
}  # fmt: skip
_ALONE = {
    "HIGHWAY": "HIGHWAY", "HWY": "HIGHWAY", "HIWAY": "HIGHWAY",
    "ROUTE": "ROUTE", "RTE": "ROUTE", "RT": "ROUTE", "ROAD": "ROAD", "RD": "ROAD",
    "I": "INTERSTATE", "IH": "INTERSTATE", "INTERSTATE": "INTERSTATE", "US": "US HIGHWAY",
    "CR": "COUNTY ROAD", "CORD": "COUNTY ROAD", "CTH": "COUNTY HIGHWAY", "CH": "COUNTY HIGHWAY",
    "SR": "STATE ROUTE", "SH": "STATE HIGHWAY", "STH": "STATE HIGHWAY", "TR": "TOWNSHIP ROAD",
    "TSR": "TOWNSHIP ROAD", "FM": "FM", "FR": "FM", "RM": "RM", "RR": "RANCH ROAD",
    "PR": "PRIVATE ROAD",
    "LOOP": "LOOP", "EXPRESSWAY": "EXPRESSWAY", "SPUR": "SPUR", "USH": "US HIGHWAY",
    "CARR": "CARR", "CARRETERA": "CARR",
}  # fmt: skip
_CODES = frozenset(code for name, code in STATES.items() if name == code) - {"AA", "AE", "AP"}
_STATE_NAMES = frozenset(name for name, code in STATES.items() if name != code and " " not in name)
_FUSED = re.compile(r"([A-Z]{1,3})-?(\d+[A-Z]?)")
_NUMBER = re.compile(r"\d+(?:-\d+)?(?:-?[A-Z]{1,2})?")
_COUNTY_LETTERS = re.compile(r"[A-Z]{1,3}")
_ORDINAL = re.compile(r"\d+(?:ST|ND|RD|TH)")
_FUSED_KINDS = _ALONE | {"M": "STATE HIGHWAY", "K": "STATE HIGHWAY"}

HIGHWAY_STARTS: frozenset[str] = frozenset(_ALONE) | frozenset(_OWNERS) | _CODES | _STATE_NAMES
"""First words that a numbered road may begin with (each also begins other streets' names)."""


def read_highway(tokens: list[str], start: int, end: int) -> tuple[str, int]:
    """The numbered road that begins at `start`, in standard words, and how many tokens it takes.

    ('', 0) where there is none: `STATE ST`, `COUNTY LINE RD`."""
    first = tokens[start]
    if not first.isalpha():
        fused = _FUSED.fullmatch(first)
        if not fused:
            return "", 0
        kind = _FUSED_KINDS.get(fused[1]) or ("STATE HIGHWAY" if fused[1] in _CODES else "")
        return (f"{kind} {fused[2]}", 1) if kind else ("", 0)
    if first in ("OLD", "NEW", "BUSINESS", "BUS"):
        if start + 1 < end and (
            tokens[start + 1] in HIGHWAY_STARTS or not tokens[start + 1].isalpha()
        ):
            name, used = read_highway(tokens, start + 1, end)
            return (f"{_OWNERS[first]} {name}", used + 1) if used else ("", 0)
        return "", 0
    kind, used = _kind(tokens, start, end)
    if not kind or start + used >= end:
        return "", 0
    number = tokens[start + used]
    if _NUMBER.fullmatch(number) and not _ORDINAL.fullmatch(number):
        return f"{kind} {number.replace('-', '') if number[-1].isalpha() else number}", used + 1
    if (
        kind.startswith("COUNTY ")
        and len(number) < 4
        and _COUNTY_LETTERS.fullmatch(number)
        and number not in _ROADS
    ):
        return f"{kind} {number}", used + 1
    return "", 0


def _kind(tokens: list[str], start: int, end: int) -> tuple[str, int]:
    first = tokens[start]
    second = tokens[start + 1] if start + 1 < end else ""
    if first == "FARM" and tokens[start + 1 : start + 3] == ["TO", "MARKET"]:
        return "FM", 4 if tokens[start + 3 : start + 4] in (["ROAD"], ["RD"]) else 3
    if first == "RANCH" and tokens[start + 1 : start + 3] == ["TO", "MARKET"]:
        return "RM", 4 if tokens[start + 3 : start + 4] in (["ROAD"], ["RD"]) else 3
    if first == "U" and second == "S":
        road = tokens[start + 2] if start + 2 < end else ""
        return "US HIGHWAY", 3 if road in _ROADS else 2
    if first in _OWNERS and second in _ROADS:
        owner, road, used = _OWNERS[first], _ROADS[second], 2
        if road == "TRUNK HIGHWAY":
            used = 3 if start + 2 < end and tokens[start + 2] in _ROADS else 2
            road = "HIGHWAY"
        if owner == "US":
            road = "HIGHWAY"
        return (
            ("FM", used)
            if owner == "FM"
            else (("INTERSTATE", used) if owner == "INTERSTATE" else (f"{owner} {road}", used))
        )
    if first in ("FOREST", "FS") and second == "SERVICE":
        return "FOREST ROAD", 3 if tokens[start + 2 : start + 3] in (["ROAD"], ["RD"]) else 2
    if first in ("FM", "RM", "LOOP", "CR", "SR", "TR") and second in _ROADS:
        return _ALONE[first], 2
    if first in _ALONE:
        return _ALONE[first], 1
    if first in _CODES or first in _STATE_NAMES:
        return "STATE HIGHWAY", 2 if second in _ROADS else 1
    return "", 0
