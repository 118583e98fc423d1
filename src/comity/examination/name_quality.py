"""Telling a person's name from what is written where none is known."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from comity.examination.noise import is_noise, is_repeated
from comity.examination.placeholder_words import MISTYPED
from comity.examination.placeholders import is_placeholder, words_of
from comity.request.address import fold
from comity.request.address.words import word_set

_NEVER_A_NAME = word_set(
    "UNKNOWN UNK UNKN UNKWN FNU LNU NFN NLN NFNU NLNU NMN FNAME LNAME FIRSTNAME LASTNAME NONAME "
    "UNNAMED UNIDENTIFIED ANONYMOUS UNSPECIFIED UNDISCLOSED NONE TBD TBA XX ZZ NOTPROVIDED "
    "NOTGIVEN FAILEDTOPROVIDE REFUSED REDACTED WITHHELD MISSING PLACEHOLDER DUMMY UNDEFINED "
    "DESCONOCIDO DESCONOCIDA DESCONHECIDO DESCONHECIDA NINGUNO INCONNU INCONNUE ENKONI UNBEKANNT "
    "APELLIDO SURNAME FULANO FULANA"
)
"""Entries that stand for nothing in either field. Words that are names of people somewhere (Null,
Blank, Nada, Nil, Na) are left out; Dummy and Missing are not among the 162,253 family names of a
hundred bearers or more in the census of 2010, nor is Alien."""

_NEVER_A_GIVEN_NAME = word_set("NULL TEST BLANK MR MRS SUBJECT ALIEN MALE FEMALE DOE")
_NEVER_A_FAMILY_NAME = word_set("SUBJECT ALIEN JR SR")
_STAND_INS = word_set(
    "JOHN|JANE|JON|JANIE|JOHNNY|BABY|BABY BOY|BABY GIRL|INFANT|JUAN|JUANA", between="|"
)
_NAMES_OF_NOBODY = frozenset(
    (("JOHN", "Q PUBLIC"), ("JANE", "Q PUBLIC"), ("JOHN", "PUBLIC"), ("NA", "NA"), ("NULL", "NULL"),
     ("FIRST", "LAST"), ("GIVEN", "FAMILY"), ("MICKEY", "MOUSE"), ("NO", "NAME"), ("ANY", "PERSON"),
     ("ANY", "BODY"), ("NIL", "NIL"), ("NADA", "NADA"), ("BLANK", "BLANK"), ("JOHN", "ROE"),
     ("JANE", "ROE"))
)  # fmt: skip


_NEWBORN = word_set("INFANT NEWBORN")
_OF_A_CHILD = _NEWBORN | word_set("BABY BOY GIRL MALE FEMALE CHILD TWIN SON DAUGHTER OF")


@lru_cache(maxsize=65_536)
def name_filler(name: str, *, family: bool) -> str:
    """What stands in a name field instead of a name, as a predicate (`is a placeholder`); '' where
    it may be a name.

    One letter of an alphabet is a placeholder; two letters are a name (Li, Ng, Xu), and so is one
    character of a script that writes words with it."""
    text = fold(name)
    letters = [c for c in text if c.isalpha()]
    if not letters:
        return "holds no letter"
    if any(c.isdigit() for c in text):
        return "holds digits"
    if len(letters) == 1 and letters[0] < "\u2e80":
        return "is a single letter"
    words = words_of(name)
    joined = "".join(words)
    if text in ("N/A", "N A") and not name.isalpha():
        return "is a placeholder"
    own = _NEVER_A_FAMILY_NAME if family else _NEVER_A_GIVEN_NAME
    if joined in _NEVER_A_NAME or joined in own or MISTYPED.get(joined) == "UNKNOWN":
        return "is a placeholder"
    if any(word in ("UNKNOWN", "FNU", "LNU") for word in words):
        return "is a placeholder"
    if not family and _is_unnamed_child(words):
        return "is a placeholder"
    if len(words) > 1 and is_placeholder(words):
        return "is a placeholder"
    if is_repeated(joined) or all(map(is_noise, words)):
        return "is keyboard noise"
    return ""


def _is_unnamed_child(words: Sequence[str]) -> bool:
    """What a hospital writes before a child has a name: `BABY BOY`, `INFANT MALE`, `BABY GIRL TWO`,
    `INFANT OF MARIA`. `BABY` alone is a name, and there are Infant Jesuses."""
    if "".join(words).startswith(("BABYBOY", "BABYGIRL")):
        return True
    if len(words) > 1 and words[0] in _OF_A_CHILD and words[1] == "OF":
        return True
    return not _NEWBORN.isdisjoint(words) and _OF_A_CHILD.issuperset(words)


@lru_cache(maxsize=16_384)
def _in_words(name: str) -> str:
    return " ".join(words_of(name))


def is_nobody(first: str, last: str) -> bool:
    """Whether given and family name together are a stand-in: John or Jane Doe."""
    given, family = _in_words(first), _in_words(last)
    if (given, family) in _NAMES_OF_NOBODY:
        return True
    return family == "DOE" and given in _STAND_INS
