"""A candidate of an explanation: each field as asked and recorded, and what it weighs. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from comity.agreement.model import IdentityPolicy
from comity.core.canonical import Json
from comity.identity.doubts import Doubt
from comity.identity.evidence import CandidateEvidence
from comity.identity.explanation_words import (
    CONTRADICTING,
    DOUBTS,
    FIELDS,
    GROUPS,
    NEITHER,
    NOT_COMPARED,
    Standing,
    level_words,
)
from comity.identity.model import TERMS, load_model
from comity.identity.weight import MOST_OF_A_TERM, level_weights, model_digest


@dataclass(frozen=True)
class FieldExplanation:
    """A field as asked and as recorded, in standard form, and how the two stand to each other.

    `level` is the comparison's own word, `words` what it means."""

    field: str
    asked: str
    recorded: str
    level: str
    standing: Standing
    doubt: Doubt
    words: str

    @property
    def label(self) -> str:
        """What the field is called."""
        return FIELDS[self.field]

    def to_json(self) -> dict[str, Json]:
        return {
            "field": self.field,
            "asked": self.asked,
            "recorded": self.recorded,
            "level": self.level,
            "standing": self.standing.value,
            "doubt": self.doubt.name.lower() if self.doubt else None,
            "words": self.words,
        }


@dataclass(frozen=True)
class Contribution:
    """What a field, or two of which only the sum is known, adds to a candidate's weight."""

    fields: tuple[str, ...]
    bits: float


def explain_fields(
    policy: IdentityPolicy, asked: Mapping[str, Any], candidate: CandidateEvidence
) -> tuple[FieldExplanation, ...]:
    """Every compared field of a candidate; the order of the names only where it is another.

    `asked` holds the request's compared values as sealed. Raises KeyError, TypeError or ValueError
    for any other form."""
    wanted, recorded = _values(asked), _values(candidate.fields)
    levels = _levels(candidate)
    return tuple(
        _explain(policy, field, wanted.get(field, ""), recorded.get(field, ""), level)
        for field, level in levels.items()
        if level != "straight"
    )


def _explain(
    policy: IdentityPolicy, field: str, asked: str, recorded: str, level: str
) -> FieldExplanation:
    doubt, _ = DOUBTS[field].get(level, (Doubt.NO_DOUBT, ""))
    words = level_words(field, level)
    if GROUPS[field] == "address" and "address" not in policy.requires:
        return FieldExplanation(
            field, asked, recorded, level, Standing.LEFT_ASIDE, Doubt.NO_DOUBT, words
        )
    if doubt:
        standing = Standing.DOUBT
    elif level in NOT_COMPARED:
        standing = Standing.NOT_COMPARED
    elif level in DOUBTS[field]:
        standing = Standing.AGREES
        if not asked and not recorded and field != "order":
            words = NEITHER
    else:
        standing = Standing.CONTRADICTS if field in CONTRADICTING else Standing.DISAGREES
    return FieldExplanation(field, asked, recorded, level, standing, doubt, words)


def _levels(candidate: CandidateEvidence) -> dict[str, str]:
    """The candidate's level of every field, in the order shown."""
    levels = {**vars(candidate.name), **vars(candidate.place)}
    levels |= {"dob": candidate.dob, "number": candidate.number}
    return {field: levels[field] for field in FIELDS}


def _values(shown: Mapping[str, Any]) -> dict[str, str]:
    """The sealed values by field, as text."""
    given, middle, family, suffix = map(str, shown["name"])
    house, street = map(str, shown["street"])
    city, state, postal = map(str, shown["area"])
    return {
        "given": given,
        "family": family,
        "middle": middle,
        "suffix": suffix,
        "dob": str(shown["date_of_birth"]),
        "number": ", ".join(map(str, shown["number"])),
        "house": house,
        "street": street,
        "unit": str(shown["unit"]),
        "area": " ".join(part for part in (city, state, postal) if part),
    }


def contributions(
    candidate: CandidateEvidence, model: str | None = None
) -> tuple[Contribution, ...]:
    """What each field adds to the candidate's weight, in the order shown; empty where that cannot
    be told any more.

    `model` is the digest of the weight model that weighed, by default today's. How rare an exact
    name is stands only in the sum, so it is what the levels leave over; of two exact names only
    their sum can be told."""
    weights = _weights(model_digest() if model is None else model)
    if weights is None:
        return ()
    levels = _levels(candidate)
    parts = {field: worth[levels[field]] for field, worth in weights.items()}
    rest = round(candidate.weight * 1000) - sum(parts.values())
    exact = [field for field in TERMS if levels[field] == "exact"]
    if not 0 <= rest <= len(exact) * MOST_OF_A_TERM:
        return ()
    shared = sum(parts.pop(field) for field in exact) + rest
    split: dict[Sequence[str], int] = {tuple(exact): shared} if exact else {}
    split |= {(field,): millibits for field, millibits in parts.items()}
    order = list(FIELDS)
    return tuple(
        Contribution(tuple(fields), millibits / 1000)
        for fields, millibits in sorted(split.items(), key=lambda one: order.index(one[0][0]))
        if millibits
    )


@cache
def _weights(model: str) -> Mapping[str, Mapping[str, int]] | None:
    """Millibits by field and level of the model of this digest; None where it is not known."""
    if model == model_digest():
        return level_weights()
    for file in files("comity.identity").joinpath("data").iterdir():
        if file.name.startswith("model-") and file.name.endswith(".json"):
            known = load_model(file.name.removesuffix(".json"))
            if known.digest == model:
                return known.weights()
    return None
