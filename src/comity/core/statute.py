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
_CODE = (
    r"(?:TITLE\s+)?(?P<title>\d{1,2})\s*,?\s*"
    r"(?:UNITED STATES CODE|U\.?\s?S\.?\s?CODE|U\.?\s?S\.?\s?C\.?(?:\s?A\.?)?),?"
)
_ACT = r"(?:INA|I\.N\.A\.|IMMIGRATION AND NATIONALITY ACT),?"
_SECTION = r"(?P<section>\d{1,5}[A-Z]{0,2}(?:-\d{1,3})?)"
_PARTS = r"(?P<parts>(?:\s*\(\s*[0-9A-Z]{1,5}\s*\))*)"
_CITATION = re.compile(rf"(?<![0-9A-Z])(?:{_CODE}|{_ACT}){_SIGN}{_SECTION}{_PARTS}(?![0-9A-Z])")
_RANGE = re.compile(r"\s*\([0-9A-Z]{1,5}\)\s*(?:-|–|—|TO|THROUGH)\s*\([0-9A-Z]{1,5}\)$")


_IN_WORDS = re.compile(
    rf"SECTION\s+{_SECTION}{_PARTS}\s+OF\s+TITLE\s+(?P<title>\d{{1,2}}),?"
    r"(?:\s+OF)?(?:\s+THE)?\s+UNITED STATES CODE"
)
_TITLE_BEHIND = re.compile(r"\s+[-–—]\s+[^\d(]+$")
"""What a provision is called, behind a dash."""


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
    """The provision that a text cites and nothing else beside it; None where it is no citation.

    A range of parts (`(A)-(D)`) is the part above them; the same provision cited by Code and by
    Act is cited once."""
    plain = _RANGE.sub("", _TITLE_BEHIND.sub("", text.strip().upper()))
    plain = _IN_WORDS.sub(r"\g<title> USC \g<section>\g<parts>", plain)
    cited = set(cited_statutes(plain))
    if len(cited) != 1 or not set(_CITATION.sub("", plain)) <= set(" ()[],;="):
        return None
    return cited.pop()


def cited_statutes(text: str) -> tuple[Statute, ...]:
    """Every provision that a text cites, in order."""
    return tuple(map(_statute, _CITATION.finditer(text.upper())))


def _statute(found: re.Match[str]) -> Statute:
    parts = tuple(re.findall(r"[0-9A-Z]+", found["parts"]))
    if found["title"]:
        return Statute(int(found["title"]), found["section"], parts)
    return Statute(8, _INA_SECTIONS.get(found["section"], f"INA {found['section']}"), parts)
