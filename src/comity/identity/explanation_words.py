"""The words of an explanation: what every field, level, key and decision is called. Pure tables.

What leaves a doubt has its words in `doubts`; here stand the words of what agrees without one, of
what does not agree, and of what is not compared.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from enum import StrEnum

from comity.identity.doubts import (
    AREA,
    DATE,
    FAMILY,
    GIVEN,
    HOUSE,
    MIDDLE,
    NUMBER,
    ORDER,
    STREET,
    SUFFIX,
    UNIT,
    Doubt,
    Doubts,
)
from comity.identity.match import Decision


class Standing(StrEnum):
    """How a field of the request stands to the record, as the rule takes it."""

    AGREES = "agrees"
    DOUBT = "doubt"
    """Agrees, and needs support."""
    DISAGREES = "disagrees"
    """Is another; the person cannot be meant by name (or address)."""
    CONTRADICTS = "contradicts"
    """Is another, and rules the person out whatever else agrees."""
    NOT_COMPARED = "not compared"
    LEFT_ASIDE = "left aside"
    """The policy does not look at it."""


FIELDS: Mapping[str, str] = {
    "given": "given name",
    "family": "family name",
    "middle": "middle name",
    "suffix": "suffix",
    "order": "order of the names",
    "dob": "birth date",
    "number": "number",
    "house": "house number",
    "street": "street",
    "unit": "unit",
    "area": "city and postal code",
}
"""Every field that is compared, in the order shown."""

SHORT: Mapping[str, str] = {
    "given": "given",
    "family": "family",
    "middle": "middle",
    "suffix": "suffix",
    "dob": "birth date",
    "number": "number",
    "house": "house",
    "street": "street",
    "unit": "unit",
    "area": "area",
}
"""The same in a bar of the picture."""

GROUPS: Mapping[str, str] = {
    "given": "name",
    "family": "name",
    "middle": "name",
    "suffix": "name",
    "order": "name",
    "dob": "birth date",
    "number": "number",
    "house": "address",
    "street": "address",
    "unit": "address",
    "area": "address",
}
"""What a field belongs to; the picture has a colour for each."""

DOUBTS: Mapping[str, Doubts] = {
    "given": GIVEN,
    "family": FAMILY,
    "middle": MIDDLE,
    "suffix": SUFFIX,
    "order": ORDER,
    "dob": DATE,
    "number": NUMBER,
    "house": HOUSE,
    "street": STREET,
    "unit": UNIT,
    "area": AREA,
}

CONTRADICTING = frozenset({"dob", "number", "suffix", "unit"})
"""Fields of which another value rules a person out (`doubts.contradiction`)."""

NOT_COMPARED = frozenset({"missing", "not_given", "not_recorded"})

WORDS: Mapping[str, Mapping[str, str]] = {
    "given": {
        "exact": "the same given name",
        "near": "another given name, one typing error away",
        "akin": "another given name that looks like it",
        "missing": "no given name on one side",
        "different": "another given name",
    },
    "family": {
        "exact": "the same family name",
        "near": "another family name, a typing error or two away",
        "missing": "no family name on one side",
        "different": "another family name",
    },
    "middle": {
        "agrees": "the middle name agrees",
        "not_given": "not in the request",
        "not_recorded": "not on record",
    },
    "suffix": {
        "agrees": "the same suffix",
        "different": "a suffix of another generation",
    },
    "order": {"straight": "each name in its place"},
    "dob": {
        "equal": "the same birth date",
        "not_given": "not in the request",
        "different": "another birth date",
    },
    "number": {
        "equal": "the same number",
        "not_given": "not in the request",
        "different": "another number",
    },
    "house": {
        "equal": "the same house number",
        "missing": "a house number on one side only",
        "different": "another house number",
    },
    "street": {
        "equal": "the same street",
        "missing": "no street on one side",
        "different": "another street",
    },
    "unit": {"equal": "the same unit", "different": "another unit"},
    "area": {"equal": "the same city and postal code", "different": "another place"},
}
"""By field and level, where `doubts` has no words for it."""

NEITHER = "none on either side"
"""Of an agreement of nothing with nothing."""

NEEDS: Mapping[Doubt, str] = {
    Doubt.SLIGHT: "may stand alone; two of them need support",
    Doubt.ORDINARY: "needs an equal birth date or an equal number",
    Doubt.GRAVE: "needs an equal number; a birth date does not help",
    Doubt.DIRE: "needs an equal number and an equal birth date",
}
"""What each doubt needs, as docs/explanation/identity.md has it."""

MEANING: Mapping[Decision, str] = {
    Decision.CONFIRMED: "Exactly one person of the registry is certain.",
    Decision.AMBIGUOUS: "Several persons may be meant, or one who is not certain. Nobody is named.",
    Decision.NONE: "Nobody agrees in what the policy asks for, or whoever does is contradicted.",
}

KEYS: Mapping[str, str] = {
    "number": "the number asked",
    "address": "the house, street and postal code asked",
    "address_city": "the house, street and city asked",
    "family_sound": "the family name's sound, the given name's initial and the postal code",
    "house_given": "the house number, the given name and the postal code",
    "family_dob": "the family name's sound and the birth date",
    "given_dob": "the given name and the birth date",
    "household": "a name or birth date in the building of a candidate",
}
"""The keys of `keys`, as what they stand for."""


def level_words(field: str, level: str) -> str:
    """A level of a field in words."""
    doubt = DOUBTS[field].get(level)
    if doubt and doubt[1]:
        return doubt[1]
    return WORDS[field].get(level, level.replace("_", " "))


def visible(text: str) -> str:
    """Text with every character that controls a screen or turns the direction of writing shown by
    its code point, so that a name can neither hide nor move what stands beside it."""
    return "".join(_shown(character) for character in text)


_JOINERS = "\u200c\u200d"
"""Zero-width (non-)joiners: part of the spelling in Persian and in Indic scripts."""


def _shown(character: str) -> str:
    if character in _JOINERS or unicodedata.category(character)[0] not in "CZ" or character == " ":
        return character
    if unicodedata.category(character) == "Zs":
        return " "
    return f"⟨U+{ord(character):04X}⟩"
