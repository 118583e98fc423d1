"""City, state, postal code and country in standard form."""

from __future__ import annotations

import re

from comity.request.address.folding import fold
from comity.request.address.words import (
    CITIES,
    CITY_STARTS,
    CITY_WORDS,
    STATES,
    UNITED_STATES,
)

_ZIP = re.compile(r"(\d{5})[- ]?(\d{4})?")


def standard_city(city: str, state: str = "") -> str:
    """A city's name in full words: `ST PAUL` and `SAINT PAUL` are one, so are `FT` and `FORT`.

    A state written after the name is taken off where it is `state` itself."""
    text = fold(city)
    if " " not in text:
        return CITIES.get(text, text)
    words = text.split()
    if state and len(words) > 1 and STATES.get(words[-1]) == state and words[-1] != "CITY":
        tail = words.pop()
        if not words or (len(words) == 1 and words[0] in ("NEW", "WEST", "NORTH", "SOUTH")):
            words.append(tail)
    if len(words) > 1:
        words[0] = CITY_STARTS.get(words[0], words[0])
        words[1:] = [CITY_WORDS.get(word, word) for word in words[1:]]
    text = " ".join(words)
    return CITIES.get(text, text)


def standard_state(state: str) -> str:
    """The two-letter code of a state, territory or military area; other text folded."""
    if state in STATES:
        return STATES[state]
    text = fold(state)
    return STATES.get(text, text)


def standard_country(country: str) -> str:
    """`US`, or the folded name, or ''."""
    if not country:
        return ""
    text = fold(country)
    return "US" if text in UNITED_STATES else text


def split_zip(postal_code: str) -> tuple[str, str]:
    """ZIP code and its four further digits; ('', '') where the text is neither five digits nor
    nine."""
    if len(postal_code) == 5 and postal_code.isdecimal() and postal_code.isascii():
        return postal_code, ""
    found = _ZIP.fullmatch(fold(postal_code))
    return (found[1], found[2] or "") if found else ("", "")
