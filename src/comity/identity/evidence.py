"""What decides a match: the levels of each candidate, and what surrounds them.

This is the sealed part of a match. It is JSON both ways, so that a replay years later decides on
the same values, whether or not the index still exists.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from comity.agreement.model import IdentityPolicy
from comity.core.canonical import Json
from comity.identity.compare import PlaceLevels
from comity.identity.compare_names import NameLevels

VERSION = 3
"""Of the evidence's form and of the rules in `decision`; replay checks it."""
WITNESSES = 20
"""Candidates kept as evidence beside those that decided, the nearest first."""


@dataclass(frozen=True)
class CandidateEvidence:
    """One person of the registry beside one request.

    `dob` and `number` are levels of `compare_dates` and `compare_numbers`. `inconsistent` says
    that the person's own rows contradict one another. `weight` ranks (log2 of a likelihood ratio)
    and decides nothing. `fields` holds the compared values of the record, in standard form."""

    person_id: str
    name: NameLevels
    place: PlaceLevels
    dob: str
    number: str
    weight: float = 0.0
    inconsistent: bool = False
    flags: tuple[str, ...] = ()
    fields: Mapping[str, Json] = field(default_factory=dict)

    def to_json(self) -> dict[str, Json]:
        # not `asdict`: its deep copies took half of the time of a batch
        return {
            **vars(self),
            "name": dict(vars(self.name)),
            "place": dict(vars(self.place)),
            "flags": list(self.flags),
            "fields": dict(self.fields),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> CandidateEvidence:
        """Raises KeyError or TypeError for anything that `to_json` does not write."""
        return cls(
            **{
                **value,
                "name": NameLevels(**value["name"]),
                "place": PlaceLevels(**value["place"]),
                "flags": tuple(value["flags"]),
            }
        )


@dataclass(frozen=True)
class Circumstances:
    """What a decision needs beside the candidates.

    `cut` names the keys under which so many persons stand that not all became candidates.
    `number_holders` counts the persons recorded under the request's number, `holder_flags` are
    the flags of all of them."""

    cut: tuple[str, ...] = ()
    number_holders: int = 0
    holder_flags: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Json]:
        return {
            "cut": list(self.cut),
            "number_holders": self.number_holders,
            "holder_flags": list(self.holder_flags),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Circumstances:
        return cls(tuple(value["cut"]), value["number_holders"], tuple(value["holder_flags"]))


def policy_to_json(policy: IdentityPolicy) -> dict[str, Json]:
    """The policy as sealed beside the evidence."""
    return {
        "id": policy.id,
        "requires": list(policy.requires),
        "house_number": policy.house_number,
    }


def shown(texts: Sequence[str], dob: date | None, numbers: list[str]) -> dict[str, Json]:
    """The compared values in standard form, as sealed; `texts` are given, middle and family name,
    suffix, house, street, unit, city, state and postal code."""
    given, middle, family, suffix, house, line, unit, city, state, postal = texts
    return {
        "name": [given, middle, family, suffix],
        "street": [house, line],
        "unit": unit,
        "area": [city, state, postal],
        "date_of_birth": dob.isoformat() if dob else "",
        "number": numbers,
    }
