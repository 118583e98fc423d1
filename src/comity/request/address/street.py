"""House number and street: number, directional, name, suffix, directional (Publication 28, 23)."""

from __future__ import annotations

import re

from comity.request.address.highways import HIGHWAY_STARTS, read_highway
from comity.request.address.suffixes import FULL_WORDS, SUFFIXES
from comity.request.address.words import (
    DIRECTION_WORDS,
    DIRECTIONS,
    NAME_STARTS,
    NUMBER_WORDS,
    ORDINALS,
    TENS,
    TWO_WORD_DIRECTIONS,
    ordinal,
    word_set,
)

_NUMBER = re.compile(
    r"\d+(?:[.-]\d+)*(?:-?[A-Z]{1,2})?"  # 123, 112-10, 39.2, 12A, 12-B
    r"|\d+-1/2|\d+[NSEW]\d+[A-Z]?"  # 123-1/2, 26W123 (Illinois)
    r"|[NSEW]\d+(?:[NSEW]\d+)?[A-Z]?"  # N6W23001 (Wisconsin)
    r"|[A-HJ-Z]-?\d+[A-Z]?"  # A17, B-12 (Puerto Rico)
)
_RUN_ON = re.compile(r"(\d+)-?([A-Z]{3,})")
_BEFORE_NUMBER = word_set("NO NUM NUMBER #")
_ORDINAL = re.compile(r"\d+(?:ST|ND|RD|TH)")
_FRACTION = re.compile(r"[1-9]/[1-9]")
_GRID = re.compile(r"[NSEW]\d+")
_MILE = frozenset(("MILE", "MI", "MM", "MP", "MILEPOST", "KM"))
_NUMBERED = frozenset(("ST", "AVE", "PL", "DR", "TER", "CT", "LN", "BLVD", "WAY", "CIR"))
_PREDIRECTIONS = DIRECTIONS | {"NO": "N", "SO": "S"}
_LETTERS_OF_HOUSES = frozenset("ABCFGH")
_BEFORE_A_ROADS_NUMBER = HIGHWAY_STARTS | word_set(
    "AVENUE AVE STREET ST EXIT CALLE AVENIDA UNIT APT LOT BOX PO RR HC PSC CAMINO HIGHWAY NO"
)
_KING = re.compile(r"(?:DR )?(?:MLK|M L KING|MARTIN L KING|MARTIN LUTHER KING)(?: JR)?")

Street = tuple[str, str, str, str]
"""Predirectional, name, suffix, postdirectional."""


def take_number(tokens: list[str]) -> str:
    """Take the house number off the front of a delivery line (changes `tokens`); '' if none."""
    first = tokens[0]
    if first in _BEFORE_NUMBER and len(tokens) > 2 and tokens[1].isdigit():
        del tokens[0]  # `NO. 12 MAIN ST`
        first = tokens[0]
    elif first[0].isdigit() and (run_on := _RUN_ON.fullmatch(first)):
        tokens[:1] = run_on.groups()  # `12MAIN ST`
        first = tokens[0]
    if first.isdigit():
        if len(tokens) == 3 and tokens[1] == "MILE":
            return ""
        return _with_fraction(first, tokens, 1)
    if first in NUMBER_WORDS:
        return _number_in_words(tokens)
    if first in _MILE and len(tokens) > 2 and tokens[1][0].isdigit():
        number = tokens[1]
        del tokens[:2]
        return f"{'KM' if first == 'KM' else 'MILE'} {number}"
    if not _NUMBER.fullmatch(first) or _ORDINAL.fullmatch(first):
        return ""
    if len(tokens) > 1 and _GRID.fullmatch(first) and _GRID.fullmatch(tokens[1]):
        tokens[:2] = [first + tokens[1]]
        first = tokens[0]
    if first.endswith("-1/2"):
        first = first[:-4] + " 1/2"
    elif "-" in first and (first[-1].isalpha() or first[0].isalpha()):
        head, _, tail = first.rpartition("-")
        first = head + tail
    return _with_fraction(first, tokens, 1)


def find_number(tokens: list[str]) -> tuple[str, list[str]]:
    """The house number further on in the line, after a building's name or `C/O`; takes it and
    what stands before it, and returns both. ('', []) where there is none.

    Of two numbers in a row the second is the house's: `LARCH CAMP 4, 12 MAIN ST`."""
    for index in range(1, len(tokens) - 1):
        if (_may_be_number(tokens, index) and not _may_be_number(tokens, index + 1)) or (
            tokens[index][0].isdigit()
            and index + 2 < len(tokens)
            and tokens[index - 1] not in _BEFORE_A_ROADS_NUMBER
            and tokens[index + 1] in DIRECTIONS
            and not _ORDINAL.fullmatch(tokens[index])
        ):
            before = tokens[:index]
            del tokens[:index]
            return take_number(tokens), before
    return "", []


def _may_be_number(tokens: list[str], index: int) -> bool:
    """Whether a token is written like a house number and a street's name can follow it."""
    if index + 1 >= len(tokens):
        return False
    token, following = tokens[index], tokens[index + 1]
    return (
        token[0].isdigit()
        and tokens[index - 1] not in _BEFORE_A_ROADS_NUMBER
        and (following not in SUFFIXES or following == "VIA" or _is_suffix(tokens, index + 2))
        and following not in DIRECTIONS
        and not _ORDINAL.fullmatch(token)
        and bool(_NUMBER.fullmatch(token))
    )


def _is_suffix(tokens: list[str], index: int) -> bool:
    return index < len(tokens) and tokens[index] in SUFFIXES


def take_milepost(tokens: list[str]) -> str:
    """Take the milepost off the end of a road that counts by them: `HIGHWAY 264 MILEPOST 441`."""
    if len(tokens) < 3 or tokens[-2] not in _MILE or not tokens[-1][0].isdigit():
        return ""
    number = f"{'KM' if tokens[-2] == 'KM' else 'MILE'} {tokens[-1]}"
    del tokens[-2:]
    return number


def _with_fraction(number: str, tokens: list[str], used: int) -> str:
    if len(tokens) > used:
        following = tokens[used]
        if following[0].isdigit():
            if "/" in following and _FRACTION.fullmatch(following):
                number, used = f"{number} {following}", used + 1
        elif (
            len(following) == 1
            and following in _LETTERS_OF_HOUSES
            and len(tokens) > used + 2
            and len(tokens[used + 1]) > 1
            and tokens[used + 1] not in SUFFIXES
        ):
            number, used = number + following, used + 1
    del tokens[:used]
    return number


def _number_in_words(tokens: list[str]) -> str:
    """`ONE MAIN ST` is 1 Main Street; `FIVE MILE RD`, `SEVEN OAKS LN` are names."""
    if len(tokens) < 3 or tokens[1] in ("MILE", "POINT", "NOTCH", "HORSE", "AND"):
        return ""
    if tokens[0] != "ONE" and tokens[1].endswith("S") and not tokens[1].endswith("SS"):
        return ""
    if tokens[0] != "ONE" and tokens[1] in SUFFIXES and len(tokens) == 3 and tokens[2] in SUFFIXES:
        return ""
    return NUMBER_WORDS[tokens.pop(0)]


def read_street(tokens: list[str]) -> Street:
    """Directionals, name and suffix from what stands between house number and unit."""
    count = len(tokens)
    if not count:
        return "", "", "", ""
    pre = post = suffix = ""
    start = 0
    if count > 2 and (tokens[-2], tokens[-1]) in _TWO and tokens[-3] in SUFFIXES:
        post = TWO_WORD_DIRECTIONS[_TWO[tokens[-2], tokens[-1]]]
        count -= 2
    elif (
        count > 1
        and tokens[-1] in DIRECTIONS
        and not (count == 2 and tokens[0] in SUFFIXES)
        and not (count > 2 and tokens[-2] in _PARTICLES)
    ):
        post = DIRECTIONS[tokens[-1]]
        count -= 1
    first = tokens[0]
    if first in _PREDIRECTIONS and count > 1 and not (count == 2 and tokens[1] in SUFFIXES):
        pre, start = _PREDIRECTIONS[first], 1
        if count > 3 and (pair := (pre, _PREDIRECTIONS.get(tokens[1], ""))) in TWO_WORD_DIRECTIONS:
            pre, start = TWO_WORD_DIRECTIONS[pair], 2
        first = tokens[start]
    if not first.isalpha() or (count > start + 1 and first in HIGHWAY_STARTS):
        name, used = read_highway(tokens, start, count)
    else:
        name, used = "", 0
    if used:
        start += used
        if count > start and tokens[count - 1] in SUFFIXES:
            suffix = SUFFIXES[tokens[count - 1]]
            count -= 1
            if suffix == "RD" and count == start:
                suffix = ""  # `FM 1960 RD` is FM 1960
        return pre, " ".join([name, *tokens[start:count]]), suffix, post
    if count > start + 1 and tokens[count - 1] in SUFFIXES:
        suffix = SUFFIXES[tokens[count - 1]]
        count -= 1
    return pre, _standard_name(tokens[start:count], suffix), suffix, post


def _standard_name(words: list[str], suffix: str) -> str:
    """A street's name with numbers in figures and abbreviations in full."""
    if len(words) == 1:
        word = words[0]
        if word.isalpha():
            if word in ORDINALS:
                return ORDINALS[word]
            if suffix:
                return DIRECTION_WORDS.get(word, word) if len(word) == 2 else word
            return FULL_WORDS.get(word, word)
        if word.isdigit() and suffix in _NUMBERED and len(word) < 4 and int(word):
            return ordinal(int(word))
        return ORDINALS.get(word, word)
    if not words:
        return ""
    first, last = words[0], words[-1]
    if last in SUFFIXES:
        words[-1] = FULL_WORDS[last]
    if first in NAME_STARTS:
        words[0] = NAME_STARTS[first]
    elif first in FULL_WORDS and not suffix:
        words[0] = FULL_WORDS[first]
    elif first in TENS and words[1] in ORDINALS and len(words) == 2:
        return ordinal(TENS[first] + int(ORDINALS[words[1]][:-2]))
    words = [ORDINALS.get(word, word) for word in words]
    name = " ".join(words)
    return "MARTIN LUTHER KING" if "K" in name and _KING.fullmatch(name) else name


_TWO = {
    (a, b): (DIRECTIONS[a], DIRECTIONS[b])
    for a in DIRECTIONS
    for b in DIRECTIONS
    if (DIRECTIONS[a], DIRECTIONS[b]) in TWO_WORD_DIRECTIONS
}
_PARTICLES = frozenset(("DEL", "DE", "THE", "LA", "EL", "OF"))
