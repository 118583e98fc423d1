"""What the registry says about one request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from comity.core.canonical import Json

if TYPE_CHECKING:
    from comity.identity.explanation import Explanation


class Decision(StrEnum):
    """Whether exactly one person is certain, several or an uncertain one might be, or nobody is."""

    CONFIRMED = "confirmed"
    AMBIGUOUS = "ambiguous"
    NONE = "none"


@dataclass(frozen=True)
class Match:
    """The decision about one request, with what decided it.

    `key` is what the caller named the request by. `person_id` only where confirmed. `conflict` is
    the rule `identity.conflict`: the number belongs to one person and name + address to another,
    or two people share the number. `flags` are the confirmed person's flags (for a conflict, those
    of all persons concerned). `*_agrees` say whether a field agrees as far as the policy tolerates
    (a birth date with a typing error does); None where the request or the record has no such field,
    or the policy leaves it aside. A confirmed person's are never False. `evidence` is the sealed
    part: the compared fields and levels of the candidates that decided it, from which `decide`
    gives the same decision again."""

    key: str
    decision: Decision
    person_id: str | None = None
    weight: float = 0.0
    runner_up_weight: float | None = None
    name_agrees: bool | None = None
    address_agrees: bool | None = None
    dob_agrees: bool | None = None
    tin_agrees: bool | None = None
    candidates: int = 0
    conflict: bool = False
    flags: frozenset[str] = frozenset()
    reason: str = ""
    evidence: Mapping[str, Json] = field(default_factory=dict)

    def explain(self) -> Explanation:
        """The decision and what led to it, field by field, as text, HTML or JSON; made from the
        evidence alone. It holds personal data, for the holder's reviewer.

        Raises UsageError where the evidence was sealed in a form that is not known any more."""
        from comity.identity.explanation import explain  # which imports this

        return explain(self)

    @classmethod
    def from_json(cls, key: str, value: Mapping[str, Any]) -> Match:
        """A match as it was sealed; the request's name is not part of that. Raises KeyError,
        TypeError or ValueError for anything else."""
        return cls(
            **{
                **value,
                "key": key,
                "decision": Decision(value["decision"]),
                "flags": frozenset(value["flags"]),
            }
        )
