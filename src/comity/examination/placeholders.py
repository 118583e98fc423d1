"""Telling an entry that stands for nothing from one that says something.

An entry is a placeholder if *all* of its words belong to saying that there is nothing, and at least
one of them says so: `UNKNOWN`, `NO KNOWN ADDRESS`, `FAILED TO PROVIDE 12345`. One word that says
something else (`HOMELESS HOLLOW`, `NONE SUCH`) and it is none. Everything is judged on folded text
(`comity.request.address.fold`), so that case, accents, punctuation and spacing do not matter."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from unicodedata import category

from comity.examination.noise import is_repeated
from comity.examination.placeholder_words import (
    ADDRESS_WORDS,
    ANY_PLACE,
    ANY_WHICH,
    CORE,
    FRAME,
    MISTYPED,
    NEGATORS,
    NEVER_A_STREET,
    PHRASES,
    UNSETTLED,
)
from comity.request.address.folding import fold
from comity.request.address.words import word_set

_SQUEEZED = frozenset(phrase.replace(" ", "") for phrase in PHRASES if " " in phrase)
_PHRASE_WORDS = frozenset(word for phrase in PHRASES for word in phrase.split())
_SIGNS = CORE | NEGATORS | ADDRESS_WORDS | _PHRASE_WORDS | ANY_WHICH | {"X"}
_ANY_STREET = word_set("ST RD AVE CALLE AVENIDA CAMINO VIA RUE RUA")
_SPLIT = re.compile(r"[\s\-/.#]+")
_LOOKALIKES = str.maketrans("01345", "OIEAS")


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text, folded, split at dashes, dots and slashes too; letters that stand
    apart (`U N K N O W N`, `N / A`) are put together, misspellings of the usual words mended."""
    return words_of_folded(fold(text))


@lru_cache(maxsize=65_536)
def words_of_folded(folded: str) -> tuple[str, ...]:
    """`words_of` for text that is folded already."""
    words: list[str] = []
    apart = ""
    for word in _SPLIT.split(folded):
        if len(word) == 1 and "A" <= word <= "Z":
            apart += word
            continue
        _add_apart(words, apart)
        apart = ""
        if word:
            words.append(_mended(word))
    _add_apart(words, apart)
    return tuple(words)


def _add_apart(words: list[str], letters: str) -> None:
    """Single letters: together if that makes a word that says nothing, else each for itself."""
    if letters:
        joined = MISTYPED.get(letters, letters)
        if not letters.replace("NA", ""):
            words.extend(["NA"] * (len(letters) // 2))
        elif len(letters) > 1 and (joined in CORE or is_repeated(letters)):
            words.append(joined)
        else:
            words.extend(letters)


def _mended(word: str) -> str:
    if word in MISTYPED:
        return MISTYPED[word]
    if not word.isalpha() and not word.isdigit():
        for letters in (word.strip("0123456789"), word.translate(_LOOKALIKES)):
            meant = MISTYPED.get(letters, letters)
            if meant in CORE and len(meant) > 2:
                return meant
    return word


def has_sign(words: Sequence[str]) -> bool:
    """Whether any of the words could belong to a placeholder: the quick look before the close."""
    return not _SIGNS.isdisjoint(words) or any(map(_is_x, words)) or "".join(words) in _SQUEEZED


def is_placeholder(words: Sequence[str]) -> bool:
    """Whether the words, as a whole, say that there is nothing. Numbers among them do not count:
    `DONT CARE 12345`. No words at all are no placeholder."""
    said = [word for word in words if not word.isdigit()]
    if not said:
        return False
    text = " ".join(said)
    if text in FRAME and len(said) < len(words):
        return False  # `CALLE 4`, `STREET 9`
    if text in PHRASES or "".join(said) in _SQUEEZED or text in NEVER_A_STREET:
        return True
    if is_specimen(said):
        return True
    if len(set(said)) == 1 and len(said[0]) == 1 and (len(said) > 1 or said[0] == "X"):
        return True
    sure = any(word in CORE or _is_x(word) for word in said)
    denied = len(said) > 1 and any(word in NEGATORS for word in said)
    if sure or denied:
        return all(w in CORE or w in NEGATORS or w in FRAME or _is_x(w) for w in said)
    bare = " ".join(word for word in said if word not in FRAME)
    if not bare:
        return not ADDRESS_WORDS.isdisjoint(said)
    return bare in PHRASES


def denies(words: Sequence[str]) -> bool:
    """`is_placeholder`, for words that stand beside others: there, words that only frame
    (`STREET`, `STATE`, `HOME`) say nothing."""
    return is_placeholder(words) and not all(w.isdigit() or w in FRAME for w in words)


def is_specimen(words: Sequence[str]) -> bool:
    """Whether the words are a place of a specimen address, which is no particular one: `ANY
    STREET`, `ANY TOWN RD`, `YOUR CITY`. There are Any Ways."""
    return len(words) > 1 and words[0] in ANY_WHICH and ANY_PLACE.issuperset(words[1:])


def may_name_a_street(word: str, kind: str) -> bool:
    """Whether a word of saying nothing may all the same be a street's name: there are Unknown
    Roads and Null Streets, but `XXX CT` and `TBD ST` are fillers. Who does not know the street
    does not know that it is a court either: `TBD CT` beside a number is its name."""
    if word in UNSETTLED:
        return kind not in _ANY_STREET
    return word not in NEVER_A_STREET and not _is_x(word)


def begins_denial(word: str) -> bool:
    """Whether a placeholder after other words may begin with this one."""
    return word in CORE or word in NEGATORS or _is_x(word)


@lru_cache(maxsize=65_536)
def is_placeholder_text(text: str) -> bool:
    """`is_placeholder` of a text as it stands in a field; punctuation alone is one, and text that
    cannot be seen is none."""
    words = words_of(text)
    if words:
        return is_placeholder(words)
    return any(not char.isspace() and category(char) != "Cf" for char in text)


def _is_x(word: str) -> bool:
    return len(word) > 1 and word == "X" * len(word)
