"""Comparison of a request's name with a recorded one, word by word. Pure.

As in `compare`, what comes out are levels: words that say how two values stand to each other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from comity.identity.distance import is_transposition, typing_distance
from comity.identity.kinship import kinship, relatives
from comity.identity.names import STAND_IN, WIFE, Name, family_words
from comity.identity.vocabulary import other_readings


@dataclass(frozen=True)
class NameLevels:
    """How two names stand to each other.

    `given`: exact, part, plain_short_form, short_form, doubtful_short_form, own_name, spelling,
    initial, typo, doubtful_typo, mangled (two typing errors, and no name), titled (Mrs before it,
    on one side), stand_in (the same word, which elsewhere stands for no name), middle_name, near
    (one typing error from it, but a name of its own), akin (two, or its beginning), missing,
    different.
    `family`: exact, particle, first_part (the request lacks the record's later words), part,
    reordered, spelling, typo, doubtful_typo, mangled, part_typo, former, near, missing, different.
    `middle`: agrees, not_given (in the request), not_recorded, different.
    `suffix`: the same, and similar (Jr and II).
    `order`: straight, swapped (given and family name), plainly_swapped (and neither word can be
    meant where it stands), rearranged (same words, other fields)."""

    given: str
    family: str
    middle: str
    suffix: str
    order: str = "straight"


@dataclass(frozen=True)
class InUse:
    """Whether the words on the request's and the record's side are names in use; see
    `vocabulary.in_use`."""

    given: tuple[bool, bool] = (False, False)
    family: tuple[bool, bool] = (False, False)


def compare_names(asked: Name, recorded: Name, in_use: InUse) -> NameLevels:
    """Compare a request's name with a recorded one."""
    middle, suffix = (
        compare_middles(asked, recorded),
        compare_suffixes(asked.suffix, recorded.suffix),
    )
    given = _given(asked, recorded, in_use.given)
    family = _family(asked, recorded, in_use.family)
    straight = NameLevels(given, family, middle, suffix)
    if given in UNLIKE or family in UNLIKE:
        if not (asked.given and asked.family and recorded.given and recorded.family):
            return straight
        if _joined(asked.given, asked.middle, asked.family) and _same_words(asked, recorded):
            crossed = (asked.given, asked.family) == (recorded.family, recorded.given)
            order = "plainly_swapped" if crossed and _misplaced(in_use) else "rearranged"
            return NameLevels("exact", "exact", "agrees", suffix, order)
        if given not in UNLIKE or family not in UNLIKE:
            return straight
        swapped = Name(asked.family, asked.middle, asked.given, asked.suffix)
        turned = InUse((in_use.family[0], in_use.given[1]), (in_use.given[0], in_use.family[1]))
        given = _given(swapped, recorded, turned.given)
        family = _family(swapped, recorded, turned.family)
        if given not in UNLIKE and family not in UNLIKE and "exact" in (given, family):
            plain = given == family == "exact" and _misplaced(in_use)
            order = "plainly_swapped" if plain else "swapped"
            return NameLevels(given, family, middle, suffix, order)
    return straight


def _misplaced(in_use: InUse) -> bool:
    """Whether a name that is the record's when turned round cannot be meant as it stands: what
    stands for the given name is a family name in use and no given name, and the other is a given
    name in use."""
    return in_use.family[1] and in_use.given[1] and not in_use.given[0]


UNLIKE = frozenset({"near", "akin", "missing", "different", "middle_name", "former"})
"""Levels of given or family name with which a name may rather be meant the other way round."""


_TITLE_FITS = frozenset({"exact", "plain_short_form", "short_form", "spelling"})


def _joined(*parts: str) -> str:
    return "".join("".join(parts).split())


def _run_together(a: Name, b: Name) -> bool:
    """Mary Ann, Maryann, and Mary with the middle name Ann; but not Carla and Carl A."""
    words = f"{a.given} {a.middle} {b.given} {b.middle}".split()
    alike = _joined(a.given, a.middle) == _joined(b.given, b.middle)
    return alike and min(map(len, words), default=0) > 1


def _same_words(a: Name, b: Name) -> bool:
    words = [sorted(f"{n.given} {n.middle} {n.family}".split()) for n in (a, b)]
    return words[0] == words[1]


def _given(asked: Name, recorded: Name, in_use: tuple[bool, bool]) -> str:
    if not asked.given or not recorded.given:
        return "missing"
    if STAND_IN in (asked.given, recorded.given):
        # a name only where both sides have it, and a middle name beside it says that it is one
        if asked.given != recorded.given:
            return "missing"
        return "exact" if compare_middles(asked, recorded) == "agrees" else "stand_in"
    if _titled(asked.given) != _titled(recorded.given):
        level = _given(_untitled(asked), _untitled(recorded), in_use)
        return "titled" if level in _TITLE_FITS else level
    if _joined(asked.given) == _joined(recorded.given) or _run_together(asked, recorded):
        return "exact"
    a, b = asked.given.split(), recorded.given.split()
    if a[0] == b[0] and not is_initial(a[0]):
        # the rest of a double name may stand as a middle name on the other side; see `_middle`
        matched = _within(a[1:], f"{recorded.given} {recorded.middle}") and _within(
            b[1:], f"{asked.given} {asked.middle}"
        )
        return "exact" if matched else "part"
    level = compare_given_words(a[0], b[0], in_use)
    if level == "different" and len(a) + len(b) > 2:
        level = compare_given_words(_joined(asked.given), _joined(recorded.given), in_use)
    if level == "different":
        others = (f"{recorded.given} {recorded.middle}".split(), f"{asked.given} {asked.middle}")
        if (not is_initial(a[0]) and a[0] in others[0]) or (
            not is_initial(b[0]) and b[0] in others[1].split()
        ):
            return "middle_name"
    return level


def _within(words: list[str], others: str) -> bool:
    return all(any(_middle_word(word, other) for other in others.split()[1:]) for word in words)


def is_initial(word: str) -> bool:
    """Whether a word is one letter of an alphabet with capitals; a single ideograph is a name."""
    return len(word) == 1 and word.upper() != word.lower()


def _titled(given: str) -> bool:
    return given.rpartition(" ")[2] in WIFE


def _untitled(name: Name) -> Name:
    return replace(name, given=" ".join(w for w in name.given.split() if w not in WIFE))


@lru_cache(maxsize=65536)
def compare_given_words(a: str, b: str, in_use: tuple[bool, bool]) -> str:
    """The level of `given` of two names of one word each, beside which nothing else stands."""
    if a == b:
        return "exact"
    if is_initial(a) or is_initial(b):
        return "initial" if a[0] == b[0] else "different"
    if kin := kinship(a, b):
        return kin
    distance, shorter = typing_distance(a, b), min(len(a), len(b))
    alike = distance == 1 or (distance == 2 and shorter >= 4) or a.startswith(b) or b.startswith(a)
    if not alike:
        mistyped = not in_use[0] and shorter >= 3
        return "doubtful_typo" if mistyped and _near_relative(a, b) else "different"
    if distance == 2 and 4 <= shorter < 7 and a[0] == b[0] and not in_use[0]:
        return "akin" if other_readings(a, b) else "mangled"
    if distance > 1 and (all(in_use) or distance > 2 or shorter < 7):
        return "akin"
    if all(in_use) or shorter < 3:
        return "near"
    # Mario and Maria, Carlo and Carlos: another ending makes another person's name
    ending = a.startswith(b) or b.startswith(a) or a[:-1] == b[:-1]
    plain = distance == 1 and shorter >= 4 and a[0] == b[0] and not ending
    if plain and (any(in_use) or is_transposition(a, b)) and not _other_name(a, b, in_use):
        return "typo"
    return "doubtful_typo"


def _other_name(a: str, b: str, in_use: tuple[bool, bool]) -> bool:
    """Whether the mistyped one of two words may as well be a third name."""
    return (not in_use[0] and other_readings(a, b)) or (not in_use[1] and other_readings(b, a))


def _near_relative(asked: str, recorded: str) -> bool:
    """Whether the word is one typing error from a short form or spelling of the recorded name."""
    return any(
        typing_distance(asked, name) == 1
        for name in relatives(recorded)
        if len(name) > 3 or is_transposition(asked, name)
    )


def compare_middles(asked: Name, recorded: Name) -> str:
    """The level of `middle`; a given name's further words are middle names."""
    a = f"{' '.join(asked.given.split()[1:])} {asked.middle}".split()
    b = f"{' '.join(recorded.given.split()[1:])} {recorded.middle}".split()
    if not a or not b:
        return "not_given" if not a else "not_recorded"
    if "".join(a) == "".join(b):
        return "agrees"
    if _run_together(asked, recorded):
        return "agrees"
    few, many = sorted((a, b), key=len)
    return "agrees" if all(any(_middle_word(x, y) for y in many) for x in few) else "different"


def _middle_word(a: str, b: str) -> bool:
    if is_initial(a) or is_initial(b):
        return a[0] == b[0]
    return a == b or bool(kinship(a, b)) or (typing_distance(a, b) == 1 and min(len(a), len(b)) > 3)


def compare_suffixes(a: str, b: str) -> str:
    """The level of `suffix`."""
    if a == b or {a, b} == {"", "I"}:
        return "agrees"
    if not a or not b:
        return "not_given" if not a else "not_recorded"
    return "similar" if {a, b} in ({"JR", "II"}, {"SR", "I"}) else "different"


def _family(asked: Name, recorded: Name, in_use: tuple[bool, bool]) -> str:
    if not asked.family or not recorded.family:
        return "missing"
    if is_initial(_joined(asked.family)) or is_initial(_joined(recorded.family)):
        return "missing"
    level = compare_families(asked.family, recorded.family, in_use)
    if level == "different" and (
        asked.family == recorded.middle or recorded.family == asked.middle
    ):
        return "former"
    return level


@lru_cache(maxsize=65536)
def compare_families(a: str, b: str, in_use: tuple[bool, bool]) -> str:
    """The level of `family` of two names, as far as these alone tell it."""
    x, y = _joined(a), _joined(b)
    if x == y:
        return "exact"
    p, q = family_words(a), family_words(b)
    if p == q or "".join(p) == "".join(q):
        return "particle"
    if sorted(p) == sorted(q):
        return "reordered"
    if _undotted(x) == _undotted(y):
        return "spelling"
    if len(p) < len(q) and q[: len(p)] == p:
        return "first_part"
    few, many = sorted((p, q), key=len)
    if len(few) < len(many) and set(few) <= set(many):
        return "part"
    distance, shorter = typing_distance(x, y), min(len(x), len(y))
    if distance == 1 and shorter >= 3:
        return "doubtful_typo" if all(in_use) else "typo"
    if distance == 2 and shorter >= 7:
        return "near" if all(in_use) else "doubtful_typo"
    if len(few) < len(many) and all(any(_near_word(v, w) for w in many) for v in few):
        return "part_typo"
    if distance == 2 and shorter >= 4:
        return "near" if in_use[0] else "mangled"
    if set(p) & set(q) or any(_near_word(v, w) for v in p for w in q):
        return "near"
    return "different"


def _near_word(a: str, b: str) -> bool:
    return typing_distance(a, b) <= 1 and min(len(a), len(b)) >= 4


def _undotted(text: str) -> str:
    """German ae, oe, ue as the bare vowels to which folding brings ä, ö, ü."""
    return text.replace("AE", "A").replace("OE", "O").replace("UE", "U")
