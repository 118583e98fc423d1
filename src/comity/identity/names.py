"""A person's name in standard form: what may be compared, and nothing that is only spelling style.

Folding keeps what tells people apart and drops what does not: case, accents on Latin, Greek and
Cyrillic letters, apostrophes, hyphens, titles. Letters of other scripts stay as they are, with
their marks, because there a mark is part of the letter.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

MAX_LENGTH = 200
"""Characters. A longer field is not a name; it is treated as absent and never agrees."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LETTERS = str.maketrans(
    {
        "Æ": "AE",
        "Œ": "OE",
        "Ø": "O",
        "Ł": "L",
        "Đ": "D",
        "Ð": "D",
        "Þ": "TH",
        "Ħ": "H",
        "İ": "I",
        "ẞ": "SS",
    }
)
_APOSTROPHES = frozenset("'’‘ʻʼʹ`´′＇")
_TITLES = _words("MR MX DR PROF REV FR HON SIR DAME")
WIFE = _words("MRS MS MISS SRA SRTA MME")
"""Titles that may stand before the husband's given name; kept, as the last word of `given`."""
_TWO_PERSONS = _words("AND OR")
_DEGREES = _words("MD PHD ESQ DDS CPA RN JD DVM")
_ABSENT = _words("FNU LNU NFN NLN NMN NMI NONE UNKNOWN NULL NA")
STAND_IN = "NA"
"""A word that mostly stands for no name but is a given name, too; kept where it stands alone."""
_SUFFIXES = {
    "JR": "JR",
    "JNR": "JR",
    "JUNIOR": "JR",
    "SR": "SR",
    "SNR": "SR",
    "SENIOR": "SR",
    "I": "I",
    "1ST": "I",
    "II": "II",
    "2ND": "II",
    "III": "III",
    "3RD": "III",
    "IV": "IV",
    "4TH": "IV",
    "V": "V",
    "5TH": "V",
}
_TRAILING = frozenset(_SUFFIXES) - {"I", "V", "JUNIOR", "SENIOR"}
"""Suffixes recognised at the end of a family name; the rest may be names themselves."""
PARTICLES = _words(
    "DE LA LAS LOS DEL DELA DELLA DI DA DO DOS DAS DU LE VAN VON DER DEN TER TEN ZU AL EL UL BIN "
    "BINT IBN BEN ABU ABD Y E SAN SANTA ST"
)
"""Words before a family name that are written apart, joined or left out."""


@dataclass(frozen=True)
class Name:
    """A name in standard form: folded words separated by one space; '' where absent.

    `suffix` is one of JR, SR, I, II, III, IV, V or ''."""

    given: str = ""
    middle: str = ""
    family: str = ""
    suffix: str = ""

    def __bool__(self) -> bool:
        return bool(self.given or self.family)


def standardise_name(first: str, middle: str, last: str, suffix: str) -> Name:
    """Bring the four name fields of a request or a record to standard form.

    Each field is brought to it alone (which lets columns do it once a distinct value); only a
    STAND_IN for both names is no name at all."""
    given, in_given = standardise_given(first)
    if given == STAND_IN and is_stand_in(last):
        given = ""
    middles, in_middle = standardise_middle(middle)
    family, in_family = standardise_family(last)
    ending = standardise_suffix(suffix) or in_family or in_given or in_middle
    return Name(given=given, middle=middles, family=family, suffix=ending)


def is_stand_in(text: str) -> bool:
    """Whether a field holds nothing but STAND_IN."""
    return fold(text) == STAND_IN


def standardise_given(first: str) -> tuple[str, str]:
    """A given name, and the generational suffix that stood at its end.

    One that names two persons (`John & Mary`) is none; a STAND_IN alone stays."""
    given = [STAND_IN] if is_stand_in(first) else _named(first)
    if _TWO_PERSONS & set(given) or any(sign in first for sign in "&+/"):
        given = []
    titles = [word for word in given[:-1] if word in WIFE]
    while len(given) > 1 and (given[0] in _TITLES or given[0] in WIFE):
        given = given[1:]
    return _without_suffix(given + titles[:1])


def standardise_middle(middle: str) -> tuple[str, str]:
    """Middle names, and the generational suffix at their end; it may be all there is."""
    return _without_suffix(_named(middle), alone=True)


def standardise_family(last: str) -> tuple[str, str]:
    """A family name, and the generational suffix that stood at its end."""
    return _without_suffix(_named(last))


def _named(text: str) -> list[str]:
    return [word for word in fold(text).split() if word not in _ABSENT]


def _without_suffix(words: list[str], *, alone: bool = False) -> tuple[str, str]:
    words, found = _take_suffix(words, alone=alone)
    return " ".join(words), found


def _take_suffix(words: list[str], *, alone: bool = False) -> tuple[list[str], str]:
    """Split a generational suffix (and degrees) off the end of a name's words."""
    found = ""
    while len(words) > (0 if alone else 1) and (words[-1] in _TRAILING or words[-1] in _DEGREES):
        found = _SUFFIXES.get(words[-1], found)
        words = words[:-1]
    return words, found


def standardise_suffix(text: str) -> str:
    """JR, SR, I … V, or '' for anything else (a degree is no suffix that tells people apart)."""
    for word in fold(text).split():
        if word in _SUFFIXES:
            return _SUFFIXES[word]
    return ""


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Upper-case words of letters and digits, one space between; '' if longer than MAX_LENGTH."""
    if len(text) > MAX_LENGTH:
        return ""
    if text.isascii() and text.isalpha():
        return text.upper()
    return " ".join("".join(_characters(text)).split())


def _characters(text: str) -> list[str]:
    out: list[str] = []
    drops_marks = False
    upper = unicodedata.normalize("NFKC", text).upper().translate(_LETTERS)
    for character in unicodedata.normalize("NFKD", upper):
        category = unicodedata.category(character)
        if category[0] == "M":
            if not drops_marks:
                out.append(character)
        elif category[0] in "LN":
            drops_marks = "\u0041" <= character <= "\u052f"  # Latin, Greek, Cyrillic
            out.append(character)
        elif category not in ("Cf", "Cs", "Cn") and character not in _APOSTROPHES:
            out.append(" ")
    return out


def family_words(family: str) -> tuple[str, ...]:
    """The words of a family name that carry it: without particles, unless it has nothing else."""
    words = tuple(family.split())
    return tuple(word for word in words if word not in PARTICLES) or words


_SOUNDS = str.maketrans(
    {
        **dict.fromkeys("CKQXG", "K"),
        **dict.fromkeys("SZ", "S"),
        **dict.fromkeys("DT", "T"),
        **dict.fromkeys("BP", "P"),
        **dict.fromkeys("VFW", "F"),
        **dict.fromkeys("MN", "N"),
        **dict.fromkeys("AEIOUY", "A"),
        "J": "J",
        "H": "",
    }
)


@lru_cache(maxsize=65536)
def sound(word: str) -> str:
    """A rough English and Spanish sound of one word, for finding candidates, never for deciding.

    Its first sound and at most three consonants after it; a word of another script stands for
    itself (its first four letters)."""
    if not word.isascii():
        return word[:4]
    mapped = word.replace("PH", "F").translate(_SOUNDS)
    out = mapped[:1]
    for before, letter in pairwise(mapped):
        if letter != "A" and letter != before:
            out += letter
    return out[:4]


def sounds(family: str) -> tuple[str, ...]:
    """The sounds of a family name's words and, where there are several, of all of them joined."""
    words = family_words(family)
    joined = "".join(family.split())
    return tuple(sorted({sound(word) for word in (*words, joined) if word}))
