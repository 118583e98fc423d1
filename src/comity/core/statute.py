"""Citations of the United States Code, read so that two spellings of one provision are one.

`8 U.S.C. § 1253(a)(1)(A)`, `8 USC 1253 (a)(1)(A)` and `INA 243(a)(1)(A)` are the same provision;
whoever cites it cites a part of `8 USC 1253(a)(1)`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_INA_SECTIONS = {
    "212": "1182",
    "237": "1227",
    "240": "1229A",
    "241": "1231",
    "243": "1253",
    "274": "1324",
    "274A": "1324A",
    "275": "1325",
    "276": "1326",
}
"""Sections of the Immigration and Nationality Act by their place in title 8."""

_SIGN = r"(?:\s*(?:§+|SECTIONS?|SEC\b\.?|SECS\b\.?))?\s*"
_CODE = r"(?:UNITED STATES CODE|U\.?\s?S\.?\s?C\.?(?:\s?A\.?)?)"
_SECTION = r"(?P<section>\d{1,5}[A-Z]{0,2}(?:-\d{1,3})?)"
_PARTS = r"(?P<parts>(?:\s*\(\s*[0-9A-Z]{1,5}\s*\))*)"
_BY_CODE = re.compile(
    rf"(?:TITLE\s+)?(?P<title>\d{{1,2}})\s*,?\s*{_CODE},?{_SIGN}{_SECTION}{_PARTS}"
)
_BY_ACT = re.compile(rf"(?:INA|I\.N\.A\.){_SIGN}{_SECTION}{_PARTS}")


@dataclass(frozen=True)
class Statute:
    """A provision: title and section of the Code, and the parts below, outermost first."""

    title: int
    section: str
    parts: tuple[str, ...] = ()

    def is_within(self, other: Statute) -> bool:
        """Whether this is the other provision or a part of it."""
        return (self.title, self.section) == (other.title, other.section) and self.parts[
            : len(other.parts)
        ] == other.parts


def parse_statute(text: str) -> Statute | None:
    """The provision that a text cites and nothing else beside it; None where it is no citation."""
    plain = text.strip().upper()
    for pattern in (_BY_CODE, _BY_ACT):
        if found := pattern.fullmatch(plain):
            return _statute(found)
    return None


def cited_statutes(text: str) -> tuple[Statute, ...]:
    """Every provision of the Code that a text cites, in order."""
    return tuple(_statute(found) for found in _BY_CODE.finditer(text.upper()))


def _statute(found: re.Match[str]) -> Statute:
    parts = tuple(re.findall(r"[0-9A-Z]+", found["parts"]))
    if "title" in found.re.groupindex:
        return Statute(int(found["title"]), found["section"], parts)
    return Statute(8, _INA_SECTIONS.get(found["section"], f"INA {found['section']}"), parts)
