"""Comparison of one request with one record, field by field. Pure.

Each comparison gives a *level*: a word that says how two values stand to each other. What a level
is worth is not decided here but in `decision`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from comity.identity.distance import is_transposition, typing_distance
from comity.identity.kinship import kinship, relatives
from comity.identity.names import WIFE, Name, family_words
from comity.identity.place import Place
from comity.identity.vocabulary import other_readings
from comity.request.address.suffixes import FULL_WORDS

GENERATION_YEARS = 12
"""Fewer years between two birth dates than this cannot be a parent and a child."""


@dataclass(frozen=True)
class NameLevels:
    """How two names stand to each other.

    `given`: exact, part, short_form, doubtful_short_form, own_name, spelling, initial, typo,
    doubtful_typo, mangled (two typing errors, and no name), titled (Mrs before it, on one side),
    middle_name, near (one typing error from it, but a name of its own), akin (two, or its
    beginning), missing, different.
    `family`: exact, particle, part, reordered, spelling, typo, doubtful_typo, mangled, part_typo,
    former, near, missing, different.
    `middle`: agrees, not_given (in the request), not_recorded, different.
    `suffix`: the same, and similar (Jr and II).
    `order`: straight, swapped (given and family name), rearranged (same words, other fields)."""

    given: str
    family: str
    middle: str
    suffix: str
    order: str = "straight"


@dataclass(frozen=True)
class PlaceLevels:
    """How two addresses stand to each other.

    `house`: equal, typo, none (on either side: General Delivery), missing, different. `street`:
    equal, abridged (a suffix or directional on one side only), typo, doubtful_typo, number_typo
    (in the number of a numbered street), missing, different. `unit`: equal, one_sided,
    words_differ, different. `area`: equal, city_differs, state_differs, postal_typo,
    postal_differs, postal_missing, different."""

    house: str
    street: str
    unit: str
    area: str


@dataclass(frozen=True)
class InUse:
    """Whether the words on the request's and the record's side are names in use (see
    `vocabulary.in_use`; for streets: known from other addresses of the same postal code)."""

    given: tuple[bool, bool] = (False, False)
    family: tuple[bool, bool] = (False, False)
    street: tuple[bool, bool] = (False, False)


def compare_names(asked: Name, recorded: Name, in_use: InUse) -> NameLevels:
    """Compare a request's name with a recorded one."""
    middle, suffix = _middle(asked, recorded), _suffix(asked.suffix, recorded.suffix)
    given = _given(asked, recorded, in_use.given)
    family = _family(asked, recorded, in_use.family)
    straight = NameLevels(given, family, middle, suffix)
    if given in _UNLIKE or family in _UNLIKE:
        if not (asked.given and asked.family and recorded.given and recorded.family):
            return straight
        if _joined(asked.given, asked.middle, asked.family) and _same_words(asked, recorded):
            return NameLevels("exact", "exact", "agrees", suffix, "rearranged")
        if given not in _UNLIKE or family not in _UNLIKE:
            return straight
        swapped = Name(asked.family, asked.middle, asked.given, asked.suffix)
        crossed = InUse((in_use.family[0], in_use.given[1]), (in_use.given[0], in_use.family[1]))
        given = _given(swapped, recorded, crossed.given)
        family = _family(swapped, recorded, crossed.family)
        if given not in _UNLIKE and family not in _UNLIKE and "exact" in (given, family):
            return NameLevels(given, family, middle, suffix, "swapped")
    return straight


_UNLIKE = frozenset({"near", "akin", "missing", "different", "middle_name", "former"})


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
    if _titled(asked.given) != _titled(recorded.given):
        level = _given(_untitled(asked), _untitled(recorded), in_use)
        return "titled" if level in ("exact", "short_form", "spelling") else level
    if _joined(asked.given) == _joined(recorded.given) or _run_together(asked, recorded):
        return "exact"
    a, b = asked.given.split(), recorded.given.split()
    if a[0] == b[0] and not is_initial(a[0]):
        # the rest of a double name may stand as a middle name on the other side; see `_middle`
        matched = _within(a[1:], f"{recorded.given} {recorded.middle}") and _within(
            b[1:], f"{asked.given} {asked.middle}"
        )
        return "exact" if matched else "part"
    level = _given_word(a[0], b[0], in_use)
    if level == "different" and len(a) + len(b) > 2:
        level = _given_word(_joined(asked.given), _joined(recorded.given), in_use)
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
def _given_word(a: str, b: str, in_use: tuple[bool, bool]) -> str:
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


def _middle(asked: Name, recorded: Name) -> str:
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


def _suffix(a: str, b: str) -> str:
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
    level = _families(asked.family, recorded.family, in_use)
    if level == "different" and (
        asked.family == recorded.middle or recorded.family == asked.middle
    ):
        return "former"
    return level


@lru_cache(maxsize=65536)
def _families(a: str, b: str, in_use: tuple[bool, bool]) -> str:
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


@lru_cache(maxsize=65536)
def compare_places(asked: Place, recorded: Place, in_use: tuple[bool, bool]) -> PlaceLevels:
    """Compare a request's address with a recorded one.

    `in_use`: whether other addresses of the registry, too, are in that street of that postal code,
    on either side."""
    return PlaceLevels(
        house=_house(asked.house, recorded.house),
        street=_street(asked, recorded, in_use),
        unit=_unit(asked.unit, recorded.unit),
        area=_area(asked, recorded),
    )


def _house(a: str, b: str) -> str:
    if not a or not b:
        return "none" if a == b else "missing"
    if a == b:
        return "equal"
    return "typo" if typing_distance(a, b) == 1 else "different"


def _street(asked: Place, recorded: Place, in_use: tuple[bool, bool]) -> str:
    if not asked.line or not recorded.line:
        return "missing"
    if asked.line.replace(" ", "") == recorded.line.replace(" ", ""):
        return "equal"
    if _clash(asked.pre, recorded.pre) or _clash(asked.post, recorded.post):
        return "different"
    if asked.core == recorded.core:
        if not _clash(asked.suffix, recorded.suffix):
            return "abridged"
        return "different"
    if asked.suffix == recorded.suffix:
        return _street_words(asked.core, recorded.core, in_use)
    if asked.suffix and recorded.suffix:
        return "different"
    # one side bears no suffix that is known: it is left out, or its own typing error hides it
    spelled = [f"{place.core} {FULL_WORDS.get(place.suffix, '')}" for place in (asked, recorded)]
    level = _street_words(spelled[0], spelled[1], in_use)
    if level == "different":
        level = _street_words(asked.core, recorded.core, in_use)
        return "different" if level == "different" else "doubtful_typo"
    return level


def _street_words(a: str, b: str, in_use: tuple[bool, bool]) -> str:
    numbers = _digits(a), _digits(b)
    a, b = a.replace(" ", ""), b.replace(" ", "")
    distance, shorter = typing_distance(a, b), min(len(a), len(b))
    if numbers[0] != numbers[1]:
        one_error = all(numbers) and distance == 1 and not in_use[0]
        return "number_typo" if one_error else "different"
    short = shorter < (2 if in_use[1] else 3)
    if all(in_use) or distance > 2 or short or (distance == 2 and shorter < 8):
        return "different"
    return "typo" if distance <= 1 and shorter >= 5 else "doubtful_typo"


def _clash(a: str, b: str) -> bool:
    return bool(a and b and a != b)


def _digits(text: str) -> list[str]:
    """A numbered street is another street with another digit."""
    return [character for character in text if character.isdigit()]


def _unit(a: str, b: str) -> str:
    if a.replace(" ", "") == b.replace(" ", ""):
        return "equal"
    if not a or not b:
        return "one_sided"
    if _is_identifier(a) or _is_identifier(b):
        return "different"
    return "equal" if typing_distance(a, b) <= 2 and min(len(a), len(b)) >= 6 else "words_differ"


def _is_identifier(text: str) -> bool:
    return len(text) <= 3 or any(c.isdigit() for c in text)


def _area(asked: Place, recorded: Place) -> str:
    city = bool(asked.city and recorded.city) and _same_city(asked.city, recorded.city)
    city_clash = bool(asked.city and recorded.city) and not city
    state_clash = _clash(asked.state, recorded.state)
    if asked.postal and asked.postal == recorded.postal:
        if state_clash:
            return "state_differs" if city else "different"
        return "city_differs" if city_clash else "equal"
    if not city or state_clash:
        return "different"
    if not asked.postal or not recorded.postal:
        return "postal_missing"
    close = typing_distance(asked.postal, recorded.postal) == 1
    return "postal_typo" if close else "postal_differs"


def _same_city(a: str, b: str) -> bool:
    x, y = a.replace(" ", ""), b.replace(" ", "")
    return typing_distance(x, y) <= (0 if min(len(x), len(y)) < 4 else 1 if len(x) < 8 else 2)


def compare_dates(asked: date | None, recorded: date | None) -> str:
    """equal, close (a digit wrong or two neighbours changed, or day and month swapped),
    close_generation (the same, but GENERATION_YEARS or more apart), different, not_given,
    not_recorded."""
    if asked is None or recorded is None:
        return "not_given" if asked is None else "not_recorded"
    if asked == recorded:
        return "equal"
    x, y = (day.isoformat().replace("-", "") for day in (asked, recorded))
    wrong = sum(p != q for p, q in zip(x, y, strict=True))
    swapped = x[:4] == y[:4] and x[4:6] == y[6:] and x[6:] == y[4:6]
    if wrong > 1 and not swapped and not is_transposition(x, y):
        return "different"
    return "close_generation" if abs(asked.year - recorded.year) >= GENERATION_YEARS else "close"


def compare_numbers(asked: str, recorded: str) -> str:
    """equal, close (one typing error), neighbour (close, and only the last two digits differ, as
    the numbers of twins do), different, not_given, not_recorded."""
    if not asked or not recorded:
        return "not_recorded" if asked else "not_given"
    if asked == recorded:
        return "equal"
    if typing_distance(asked, recorded) != 1:
        return "different"
    return "neighbour" if asked[:-2] == recorded[:-2] else "close"
