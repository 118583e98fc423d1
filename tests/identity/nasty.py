"""Rows made of everything that the standard form looks at, put together at random.

Every word that the parser of addresses and the folding of names know stands here beside numbers,
codes, other scripts and control characters, so that each shortcut meets what could break it."""

from __future__ import annotations

import random

from comity.identity import names
from comity.identity.columns import FIELDS
from comity.request.address import forms, highways, puerto_rico, suffixes, words

STREET_WORDS = sorted(
    {
        *words.DIRECTIONS, *words.UNITS, *words.STANDALONE_UNITS, *words.STATES, *words.ORDINALS,
        *words.TENS, *words.NUMBER_WORDS, *words.NAME_STARTS, *words.CITY_WORDS,
        *words.POST_OFFICES, *suffixes.SUFFIXES, *puerto_rico.PLACE_WORDS, *forms.STARTERS,
        *highways.HIGHWAY_STARTS, "MILE", "MI", "MM", "MP", "MILEPOST", "KM", "N/A", "PSC", "CMR",
        "UNIT", "BOX", "C/O", "APT", "MAIN", "OAK", "USS", "MLK", "DR MLK", "A", "B", "X", "1/2",
        "½", "#", "#4", "No.", "2ND", "3", "12", "4B", "61601", "61601-1234", "616011234", "00907",
        "É", "Ñuñoa", "北京", "١٢", "-", ".", "/", "O'Brien", "3-104", "12.5", "A-1", "B12",
        "N6W23001", "12MAIN",
    }
)  # fmt: skip
NAME_WORDS = sorted(
    {
        *names._ABSENT, *names._TITLES, *names.WIFE, *names._TWO_PERSONS, *names._DEGREES,
        *names._SUFFIXES, *names.PARTICLES, "Ada", "Zoë", "JOSÉ", "O’Neil", "Smith-Jones",
        "Łukasz", "محمد", "李", "ß", "I", "a", "", "&", "John & Mary", "N/A", "NA", "+", "Mr.",
    }
)  # fmt: skip
NUMBERS = (
    *("", "12 ", "7301 ", "00 ", "5 ", "1/2 ", "12-3 ", "12A ", "1 2 ", "61601 ", "١٢ "),
    *("12\u0301 ", " 12 ", "12  ", "9" * 12 + " ", "9" * 13 + " ", "730194628519 "),
)
TAILS = ("Peoria IL 61601", "IL", "CT", "PR", "ON", "San Juan PR", "61601", "Ft Worth TX")
CHOICES: dict[str, tuple[str, ...]] = {
    "city": (
        *("Peoria", "Ft Worth", "San Juan", "Peoria IL", "APO", "FPO AE", "St Paul", "", "DPO"),
        *("!!!", "New York NY", "a\x1fb", "Toronto", "a\0b"),
    ),
    "state": (
        *("IL", "il", "Illinois", "PR", "CT", "AE", "TX", "NY", "", "ON", "I\x1fL", "Puerto Rico"),
        *("ZZ", "LA", "A\0E", "N Y"),
    ),
    "postal_code": (
        *("61601", "61601-1234", "616011234", "", "907", "00907", "K1A 0B1", "6160", "x"),
        *("6 1601", "61601 1234", "61601-123"),
    ),
    "country": ("", "", "US", "USA", "Canada", "x" * 201, "Puerto Rico", "Guam"),
    "date_of_birth": (
        *("1980-03-12", "19800312", "1980-0312", "1980-02-30", "", "1849-12-31", "2100-01-01"),
        *("2101-01-01", " 1980-03-12 ", "1980-03-12T00:00:00", "x", "١٩٨٠-03-12"),
        "1980-03-12" + " " * 20 + "x",
    ),
    "tin": (
        *("", "211-44-0001", "211440001", "000000000", "123456789", "123-45-6789", "12-3456789"),
        *("21144", "AB1", "abc", "999-99-9999", "٢١١-44-0001", "211440001\n", " 211440001"),
        *("ß11440", "2" * 21),
    ),
}


def nasty_row(dice: random.Random) -> dict[str, str]:
    """One subject's fields."""
    row = {
        name: dice.choice(NAME_WORDS) if dice.random() < 0.5 else _words(dice, NAME_WORDS, 4)
        for name in ("first_name", "middle_name", "last_name", "suffix")
    }
    number = dice.choice(NUMBERS) if dice.random() < 0.8 else ""
    row["street"] = number + _words(dice, STREET_WORDS, 6)
    if dice.random() < 0.2:
        row["street"] += " " + dice.choice(TAILS)
    row["unit"] = "" if dice.random() < 0.4 else _words(dice, STREET_WORDS, 2)
    row |= {name: dice.choice(values) for name, values in CHOICES.items()}
    if dice.random() < 0.3:
        row["city"] = _words(dice, STREET_WORDS, 2)
    return {name: row[name] for name in FIELDS}


_SPACES = ("  ", "\t", "\0", ", ", ". ", " #", "\n", "\u00a0", "\x1f")


def _words(dice: random.Random, of: list[str], most: int) -> str:
    text = " ".join(dice.choice(of) for _ in range(dice.randint(0, most)))
    style = dice.random()
    if style < 0.4:
        text = text.title() if style < 0.3 else text.lower()
    if dice.random() < 0.05:
        text = text.replace(" ", dice.choice(_SPACES))
    return text * 40 if dice.random() < 0.01 else text
