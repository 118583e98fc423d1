"""Two procedures on one batch, each against the truth that a made world knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from comity.demo.world import Truth


@dataclass(frozen=True)
class Tally:
    """What a procedure gave out, and how it stands to the truth.

    `answers` gave a person's address. Of them `unlawful` answered a request that did not set forth
    what the law asks for, `wrong_person` gave the address of somebody else than who was meant (or
    of somebody, where nobody of the registry was), `both` were both. `due` is how many requests
    were lawful, named one person with certainty and gave an address of that person, whatever a
    review may say of them; `due_answered` how many of those were answered, rightly."""

    answers: int
    unlawful: int
    wrong_person: int
    both: int
    due: int
    due_answered: int

    @property
    def right(self) -> int:
        """Answers to a lawful request about the person meant."""
        return self.answers - self.unlawful - self.wrong_person + self.both


def tally(disclosed: Mapping[int, str | None], truth: Mapping[int, Truth]) -> Tally:
    """Compare whom a procedure disclosed, by row (absent or None: no answer), with the truth."""
    answered = [(truth[row], person) for row, person in disclosed.items() if person is not None]
    unlawful = [not true.lawful for true, _ in answered]
    wrong = [true.person_id != person for true, person in answered]
    due = {row for row, true in truth.items() if true.lawful and true.certain}
    return Tally(
        answers=len(answered),
        unlawful=sum(unlawful),
        wrong_person=sum(wrong),
        both=sum(u and w for u, w in zip(unlawful, wrong, strict=True)),
        due=len(due),
        due_answered=sum(disclosed.get(row) == truth[row].person_id for row in due),
    )
