"""What two requests have in common: the reason, the person asked about, the case.

What is compared is text in a normal form, so that another spelling of the same makes no other."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter

from comity.request.address import fold, parse
from comity.request.address.words import word_set
from comity.request.model import Request

_NUMBERS = re.compile(r"\b\w*\d\w*")
_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"[^\W\d_]+")
_NAME_INSIDE = re.compile(r"(?=[A-Z])(?:(?<=[^\s.!?:;] )|(?<=\b(?:Mr|Ms|Dr)\. )|(?<=\bMrs\. ))\w+")
_MONTHS = word_set(
    "january february march april may june july august september october november december "
    "jan feb mar apr jun jul aug sep sept oct nov dec "
    "monday tuesday wednesday thursday friday saturday sunday"
)
_DROPPED = _MONTHS | {"mr", "mrs", "ms", "miss", "dr"}
_NO_PART_OF_A_NUMBER = re.compile(r"[\W_]+")


def reason_core(request: Request) -> str:
    """A reason without case, punctuation, numbers, dates and names: what is left tells whether two
    reasons were written or stamped.

    The subject's own names and the letters of the case number are known; any other word that begins
    with a capital inside a sentence counts as a name, but in a text that has capitals all over."""
    read = _read(request.reason)
    own = _own_words(*_names(request))
    if own.isdisjoint(read.core_words):
        return read.core
    return " ".join([word for word in read.core.split(" ") if word not in own])


def reason_words(request: Request) -> frozenset[str]:
    """The words of a reason, lower case, but for numbers, dates and the subject's own name."""
    return _read(request.reason).words - _own_words(*_names(request))


_names = attrgetter("first_name", "middle_name", "last_name", "case_number")


@dataclass(frozen=True, slots=True)
class _Read:
    """What follows from the text of a reason alone."""

    words: frozenset[str]
    core: str
    core_words: frozenset[str]


@lru_cache(maxsize=1_024)
def _read(text: str) -> _Read:
    """A stamped reason stands on hundreds of thousands of rows: it is read once."""
    words = _WORD.findall(text)
    core = every = _words_of(text)
    if 2 * sum([word[0].isupper() for word in words]) < len(words):
        nameless = _NAME_INSIDE.sub(" ", text)
        core = every if nameless == text else _words_of(nameless)
    return _Read(frozenset(every), " ".join(core), frozenset(core))


def _words_of(text: str) -> list[str]:
    text = text.lower()
    if _DIGIT.search(text):
        text = _NUMBERS.sub(" ", text)
    return [word for word in _WORD.findall(text) if word not in _DROPPED]


@lru_cache(maxsize=1_024)
def _own_words(*names: str) -> frozenset[str]:
    return frozenset([word.lower() for word in _WORD.findall(" ".join(names))])


def subjects_of(request: Request) -> tuple[str, ...]:
    """The person asked about, in each way in which a second request about the same one can be told
    from the request alone: the name with the birth date, the number, the standard address. Empty
    where there is no name; the first is the one that persons are counted by."""
    first, last = folded(request.first_name), folded(request.last_name)
    if not (first or last):
        return ()
    born, number = request.date_of_birth, digits_of(request.tin)
    ways = [f"{last}|{first}|{born.isoformat()}"] if born else []
    if number:
        ways.append(f"{last}|{number}")
    place = parse(request.street, request.unit, request.city, request.state, request.postal_code)
    where = (place.house_number, place.street_key, place.unit_number, place.city, place.state)
    ways.append("|".join((last, first, *where)))
    return tuple(ways)


def matter_of(request: Request) -> str:
    """The case, whatever the spelling of its number."""
    return _NO_PART_OF_A_NUMBER.sub("", request.case_number.upper())


def digits_of(text: str) -> str:
    """The digits of a number, whatever stands between them."""
    return text if text.isdigit() else "".join([c for c in text if c.isdigit()])


@lru_cache(maxsize=65_536)
def folded(text: str) -> str:
    """A name in plain capitals, in one."""
    return fold(text).replace(" ", "").replace("-", "")


def subject_of(request: Request) -> str:
    """The first of `subjects_of`; empty where there is none."""
    return next(iter(subjects_of(request)), "")
