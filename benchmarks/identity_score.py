"""What is counted of a set: false confirmations and recall, by kind; and each answer's weight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from benchmarks.febrl import Truth
from benchmarks.precision_recall import Answer
from comity.identity.match import Decision, Match


@dataclass
class Score:
    """Counts over a set. `false`: confirmed somebody else; `found`: confirmed the right person."""

    asked: Counter[str] = field(default_factory=Counter)
    registered: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    on_file: Counter[str] = field(default_factory=Counter)
    found_on_file: Counter[str] = field(default_factory=Counter)
    false: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    def add(self, matches: Iterable[Match], truth: Truth) -> None:
        for match in matches:
            kind, person, on_file = truth[match.key]
            confirmed = match.decision is Decision.CONFIRMED
            right = confirmed and match.person_id == person
            self.asked[kind] += 1
            self.registered[kind] += bool(person)
            self.found[kind] += right
            self.on_file[kind] += on_file
            self.found_on_file[kind] += right and on_file
            if confirmed and not right:
                self.false[kind] += 1
                self.wrong.append(match.key)
            elif on_file and not right:
                self.missed.append(match.key)

    def table(self) -> str:
        lines = [f"{'kind':<18}{'asked':>8}{'false':>7}{'recall':>9}{'address on file':>18}"]
        for kind in [*sorted(self.asked), ""]:
            asked, registered, found, on_file, found_on_file, false = (
                counts[kind] if kind else counts.total()
                for counts in (
                    self.asked,
                    self.registered,
                    self.found,
                    self.on_file,
                    self.found_on_file,
                    self.false,
                )
            )
            lines.append(
                f"{kind or 'all':<18}{asked:>8}{false:>7}{_share(found, registered):>9}"
                f"{_share(found_on_file, on_file):>18}"
            )
        return "\n".join(lines)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.4f}" if whole else "-"


BY_RULE = frozenset(
    {
        *("moved_unknown", "number_only", "number_stolen", "number_shared", "member_mixed"),
        *("transposed_mixed", "couple"),
    }
)
"""Kinds that state a registered person (or two) who is not to be confirmed all the same: because
the address is none of theirs, or because the request mixes persons. A matcher that knows no such
rule confirms them by its own lights rightly, so they are also left out of a second count."""


@dataclass
class Answers:
    """The person whom a matcher names for each request, at every weight."""

    all: list[Answer] = field(default_factory=list)
    impartial: list[Answer] = field(default_factory=list)
    """Without the kinds of BY_RULE."""

    def add(
        self, named: Iterable[tuple[str, str, float]], truth: Truth, counted: Collection[str] = ()
    ) -> None:
        """`named`: request, person and weight. Only requests of the kinds in `counted` (all, if
        there are none) count for recall."""
        for key, named_person, weight in named:
            kind, person, on_file = truth[key]
            counts = on_file and (not counted or kind in counted)
            answer = Answer(weight, named_person == person, counts)
            self.all.append(answer)
            if kind not in BY_RULE:
                self.impartial.append(answer)


def counted_on_file(truth: Truth, counted: Collection[str] = ()) -> int:
    """How many requests count for recall."""
    return sum(on_file and (not counted or kind in counted) for kind, _, on_file in truth.values())


def nearest(match: Match) -> tuple[str, str, float] | None:
    """Whom the weight alone would name: the candidate of the greatest."""
    candidates: Any = match.evidence["candidates"]
    if not candidates:
        return None
    best = max(candidates, key=lambda one: one["weight"])
    return match.key, best["person_id"], best["weight"]
