"""What an agreement that is not exact is worth: the doubts, and what contradicts. Pure tables.

Each level of `compare` stands here with its weight and its words; a level that stands nowhere does
not agree. A doubt's weight is set by whom it could confuse: docs/explanation/identity.md has the
case for each.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from comity.agreement.model import IdentityPolicy
from comity.identity.compare import PlaceLevels
from comity.identity.compare_names import NameLevels
from comity.identity.evidence import CandidateEvidence


class Doubt(IntEnum):
    """How much support an agreement that is not exact needs."""

    NO_DOUBT = 0
    SLIGHT = 1
    """May stand alone; with others it needs support."""
    ORDINARY = 2
    """Needs an equal birth date or an equal number."""
    GRAVE = 3
    """Needs an equal number."""
    DIRE = 4
    """Needs both."""


Doubts = Mapping[str, tuple[Doubt, str]]
"""By level: how grave, and in words. A level that is absent does not agree at all."""

_NONE = (Doubt.NO_DOUBT, "")
GIVEN: Doubts = {
    "exact": _NONE,
    "plain_short_form": (Doubt.SLIGHT, "a short form that is hardly ever a name of its own"),
    "short_form": (Doubt.ORDINARY, "a short form of the given name"),
    "spelling": (Doubt.ORDINARY, "another spelling of the given name"),
    "part": (Doubt.ORDINARY, "a part of the given name"),
    "doubtful_short_form": (Doubt.ORDINARY, "a short form that may stand for another given name"),
    "titled": (Doubt.ORDINARY, "Mrs before the given name, which may be the husband's"),
    "initial": (Doubt.ORDINARY, "an initial for the given name"),
    "stand_in": (Doubt.ORDINARY, "a given name that elsewhere stands for none"),
    "typo": (Doubt.ORDINARY, "a typing error in the given name"),
    "doubtful_typo": (Doubt.GRAVE, "a given name so near that it may be another"),
    "own_name": (Doubt.GRAVE, "a short form that is a name of its own"),
    "middle_name": (Doubt.DIRE, "a middle name for the given name"),
    "mangled": (Doubt.DIRE, "two typing errors in the given name"),
}
FAMILY: Doubts = {
    "exact": _NONE,
    "particle": (Doubt.SLIGHT, "a particle of the family name"),
    "spelling": (Doubt.SLIGHT, "another spelling of the family name"),
    "typo": (Doubt.SLIGHT, "a typing error in the family name"),
    "first_part": (Doubt.SLIGHT, "a second family name on record that the request lacks"),
    "part": (Doubt.ORDINARY, "a part of the family name"),
    "reordered": (Doubt.ORDINARY, "the order of the family names"),
    "doubtful_typo": (Doubt.ORDINARY, "a family name so near that it may be another"),
    "part_typo": (Doubt.GRAVE, "a part of the family name with a typing error"),
    "mangled": (Doubt.GRAVE, "two typing errors in the family name"),
    "former": (Doubt.GRAVE, "a family name that is recorded as a middle name"),
}
MIDDLE: Doubts = {
    "agrees": _NONE,
    "not_given": _NONE,
    "not_recorded": _NONE,
    "different": (Doubt.GRAVE, "another middle name"),
}
SUFFIX: Doubts = {
    "agrees": _NONE,
    "not_given": (Doubt.ORDINARY, "a suffix on record that the request lacks"),
    "not_recorded": (Doubt.ORDINARY, "a suffix that is not on record"),
    "similar": (Doubt.ORDINARY, "another suffix of the same generation"),
}
ORDER: Doubts = {
    "straight": _NONE,
    "plainly_swapped": (Doubt.SLIGHT, "given and family name plainly in each other's place"),
    "swapped": (Doubt.ORDINARY, "given and family name in each other's place"),
    "rearranged": (Doubt.ORDINARY, "the words of the name in other fields"),
}
HOUSE: Doubts = {
    "equal": _NONE,
    "none": (Doubt.ORDINARY, "an address without a house or box number"),
    "typo": (Doubt.ORDINARY, "a typing error in the house number"),
}
STREET: Doubts = {
    "equal": _NONE,
    "abridged": (Doubt.ORDINARY, "a street suffix or direction on one side only"),
    "typo": (Doubt.SLIGHT, "a typing error in the street"),
    "doubtful_typo": (Doubt.ORDINARY, "typing errors in a short or much altered street name"),
    "number_typo": (Doubt.ORDINARY, "a typing error in the number of the street"),
}
UNIT: Doubts = {
    "equal": _NONE,
    "one_sided": (Doubt.ORDINARY, "a unit on one side only"),
    "words_differ": (Doubt.ORDINARY, "another name of the building"),
}
AREA: Doubts = {
    "equal": _NONE,
    "city_differs": (Doubt.ORDINARY, "another city of the same postal code"),
    "state_differs": (Doubt.ORDINARY, "another state"),
    "postal_typo": (Doubt.ORDINARY, "a typing error in the postal code"),
    "postal_differs": (Doubt.GRAVE, "another postal code"),
    "postal_missing": (Doubt.SLIGHT, "no postal code on one side"),
}
DATE: Doubts = {
    "equal": _NONE,
    "not_given": _NONE,
    "not_recorded": (Doubt.SLIGHT, "no birth date on record to compare"),
    "close": (Doubt.SLIGHT, "a typing error in the birth date"),
    "close_generation": (Doubt.GRAVE, "a birth date a generation apart by one digit"),
}
NUMBER: Doubts = {
    "equal": _NONE,
    "not_given": _NONE,
    "not_recorded": (Doubt.SLIGHT, "no number on record to compare"),
    "close": (Doubt.SLIGHT, "a typing error in the number"),
    "neighbour": (Doubt.GRAVE, "a number that differs at its end, as twins' do"),
}
LIKE_GIVEN = frozenset(GIVEN) | {"near", "akin", "missing"}
LIKE_FAMILY = frozenset(FAMILY) | {"near"}


def like_name(name: NameLevels) -> bool:
    """Whether a name may be meant at all, looked at with a generous eye."""
    return name.given in LIKE_GIVEN and name.family in LIKE_FAMILY


def near_place(place: PlaceLevels) -> bool:
    """Whether an address may be the one meant, whatever its unit."""
    return place.house in HOUSE and place.street in STREET and place.area in AREA


def name_agrees(candidate: CandidateEvidence) -> bool:
    """Whether the name agrees, by what the levels say alone."""
    name = candidate.name
    return name.given in GIVEN and name.family in FAMILY and name.suffix in SUFFIX


def address_agrees(policy: IdentityPolicy, candidate: CandidateEvidence) -> bool:
    """Whether the address agrees, by what the levels say alone.

    A typing error in the number of house or street is borne only where the rest of the address
    agrees well and the birth date or the number is equal, and not at all under a policy of exact
    numbers (DESIGN)."""
    place = candidate.place
    agrees = (
        place.house in HOUSE
        and place.street in STREET
        and place.unit in UNIT
        and place.area in AREA
    )
    if place.house == "typo" or place.street == "number_typo":
        # one error, not one in each: whoever lives at the number asked in a street whose name is
        # mistyped, too, might not be found
        others = place.street == "equal" if place.house == "typo" else place.house == "equal"
        return (
            agrees
            and others
            and place.unit in ("equal", "one_sided")
            and place.area in ("equal", "postal_missing")
            and policy.house_number == "tolerant"
            and "equal" in (candidate.dob, candidate.number)
        )
    return agrees


def date_agrees(candidate: CandidateEvidence) -> bool | None:
    """Whether the birth date agrees, as far as typing errors are borne; None where there is none to
    compare."""
    return None if candidate.dob in _NOT_COMPARED else candidate.dob in DATE


def number_agrees(candidate: CandidateEvidence) -> bool | None:
    """The same of the number."""
    return None if candidate.number in _NOT_COMPARED else candidate.number in NUMBER


AGREES = ("name_agrees", "address_agrees", "dob_agrees", "tin_agrees")
"""The fields of a Match that `agreements` gives, in order."""
Agreements = tuple[bool, bool | None, bool | None, bool | None]


def agreements(policy: IdentityPolicy, candidate: CandidateEvidence) -> Agreements:
    """Whether name, address, birth date and number of a candidate agree; see `Match`."""
    return (
        name_agrees(candidate),
        address_agrees(policy, candidate) if "address" in policy.requires else None,
        date_agrees(candidate),
        number_agrees(candidate),
    )


_NOT_COMPARED = ("not_given", "not_recorded")


def contradiction(policy: IdentityPolicy, candidate: CandidateEvidence) -> str:
    """What speaks against this person, in words; '' where nothing does."""
    if date_agrees(candidate) is False:
        return "The birth date is another."
    if number_agrees(candidate) is False:
        return "The number is another."
    if candidate.name.suffix not in SUFFIX:
        return "The suffix names another generation."
    if "address" in policy.requires and candidate.place.unit not in UNIT:
        return "The unit is another."
    return ""


def doubts(policy: IdentityPolicy, candidate: CandidateEvidence) -> list[tuple[Doubt, str]]:
    """Every doubt about a candidate whose name (and address, where required) agrees."""
    name, place = candidate.name, candidate.place
    found = [
        GIVEN[name.given],
        FAMILY[name.family],
        MIDDLE[name.middle],
        SUFFIX[name.suffix],
        ORDER[name.order],
        DATE[candidate.dob],
        NUMBER[candidate.number],
    ]
    if "address" in policy.requires:
        found += [HOUSE[place.house], STREET[place.street], UNIT[place.unit], AREA[place.area]]
    return sorted((doubt for doubt in found if doubt[0]), reverse=True)
