"""Made-up people and homes, drawn from one seeded source of randomness."""

from __future__ import annotations

import random
from bisect import bisect
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from importlib.resources import files
from itertools import accumulate

from benchmarks.adversarial_words import (
    CITIES,
    COMMON_FAMILY,
    COMMON_GIVEN,
    SPELLINGS,
    STREETS,
    SUFFIXES,
)
from comity.identity.kinship import kinship


@dataclass(frozen=True, slots=True)
class Home:
    """A place to live; `unit` '' for a house of its own."""

    house: int
    street: str
    suffix: int
    city: int
    zone: int
    unit: str = ""
    direction: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody made up, registered (`id`) or not (`id` '')."""

    id: str
    given: str
    middle: str
    family: str
    suffix: str
    dob: date
    tin: str
    homes: tuple[Home, ...]


@dataclass(frozen=True, slots=True)
class Ask:
    """A request before noise: who it describes, where, and the truth about it.

    `truth` is the person who may be confirmed, '' if nobody may. `on_file`: the address is one of
    that person's, so that a confirmation can be hoped for. `firm`: date and number stay, because
    without them the request could not be told from an honest one. `taken`: house numbers where a
    registered namesake lives; no typing error may write one of these, because such a request would
    state that person and nobody else. `others`: likewise the given names of a twin or relative, in
    any form."""

    kind: str
    person: Person
    home: Home
    truth: str
    on_file: bool = True
    firm: bool = False
    show_unit: bool = True
    taken: frozenset[int] = frozenset()
    others: tuple[str, ...] = ()


ANY_HOUSE = frozenset(range(10_000))
"""As `taken`: no typing error in the house number at all."""

_ALPHABET, _DIGITS = "abcdefghijklmnopqrstuvwxyz", "0123456789"


def typo(source: random.Random, text: str) -> str:
    """One typing error: a character wrong, missing, doubled, or swapped with the next."""
    if len(text) < 2:
        return text
    letters = _DIGITS if text.isdigit() else _ALPHABET
    at = int(source.random() * (len(text) - 1))
    match int(source.random() * 4):
        case 0:
            return text[:at] + source.choice(letters) + text[at + 1 :]
        case 1:
            return text[:at] + text[at + 1 :]
        case 2:
            return text[:at] + text[at] + text[at:]
        case _:
            return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def same_name(one: str, other: str) -> bool:
    """Whether two given names may be one person's: equal, short forms or spellings."""
    return one.upper() == other.upper() or bool(kinship(one.upper(), other.upper()))


def dob_error(source: random.Random, dob: date) -> date:
    """A typing error in a birth date that leaves a date in the calendar."""
    for _ in range(20):
        text = f"{dob:%Y%m%d}"
        swapped = text[:4] + text[6:] + text[4:6]
        text = swapped if source.random() < 0.3 else typo(source, text)
        try:
            wrong = date(int(text[:4]), int(text[4:6]), int(text[6:8]))
        except ValueError:
            continue
        if len(text) == 8 and 1900 < wrong.year < 2027:
            return wrong
    return dob


class People:
    """Draws persons and homes, keeps who is registered and what is asked."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.people: list[Person] = []
        self.asks: list[Ask] = []
        self.numbers: set[int] = set()
        tables = files("comity.identity").joinpath("data")
        self.given = COMMON_GIVEN + self._rare(tables.joinpath("given_names.txt").read_text())
        self.family = COMMON_FAMILY + self._rare(tables.joinpath("surnames.txt").read_text())
        # a rank's share falls as names' shares do: a few are everywhere, most are rare
        most = max(len(self.given), len(self.family))
        self.weights = list(accumulate(1 / (rank + 8) for rank in range(most)))
        self.by_initial: dict[str, list[str]] = defaultdict(list)
        for name in self.given:
            self.by_initial[name[0]].append(name)

    def _rare(self, text: str) -> list[str]:
        words = [w for w in text.splitlines() if w and not w.startswith("#") and len(w) > 2]
        return [w.capitalize() for w in self.random.sample(words, 1500)]

    def name(self, names: Sequence[str]) -> str:
        last = len(names) - 1
        return names[bisect(self.weights, self.random.random() * self.weights[last], 0, last)]

    def spellings(self) -> tuple[str, str]:
        """One given name in two spellings that are both names in use."""
        one, two = self.random.sample(self.random.choice(SPELLINGS), 2)
        return one, two

    def ssn(self) -> str:
        while True:
            number = 1_01_0001 + int(self.random.random() * 771_98_9998)
            if number not in self.numbers and number // 10**6 != 666 and number % 10**4:
                self.numbers.add(number)
                return f"{number:09d}"

    def next_ssn(self, tin: str) -> str:
        number = int(tin) + self.random.choice((1, 1, 2, 3))
        while number in self.numbers:
            number += 1
        self.numbers.add(number)
        return f"{number:09d}"

    def birth(self, low: int = 1935, high: int = 2004) -> date:
        return date(low, 1, 1) + timedelta(days=int(self.random.random() * (high - low) * 365))

    def birth_unlike(self, other: Person | None) -> date:
        """A birth date; of somebody unregistered not by chance that of the registered one made just
        before, whom they resemble: the request would state that person."""
        dob = self.birth()
        while other and dob == other.dob:
            dob = self.birth()
        return dob

    def later(self, dob: date) -> date:
        """A child's birth date; now and then on the parent's own day and month."""
        years = self.random.randint(18, 40)
        if self.random.random() < 0.1:
            return date(dob.year + years, dob.month, min(dob.day, 28))
        return dob + timedelta(days=365 * years + self.random.randrange(365))

    def home(self) -> Home:
        draw = self.random.random
        choice = self.random.choice
        return Home(
            house=1 + int(draw() * 1999),
            street=choice(STREETS) if draw() < 0.9 else f"{2 + int(draw() * 59)}th",
            suffix=int(draw() * len(SUFFIXES)),
            city=int(draw() * len(CITIES)),
            zone=int(draw() * 40),
            unit=f"{1 + int(draw() * 12)}{choice('ABCD')}" if draw() < 0.2 else "",
            direction=choice("NSEW") if draw() < 0.15 else "",
        )

    def person(
        self,
        *,
        home: Home | None = None,
        homes: tuple[Home, ...] = (),
        registered: bool = True,
        given: str | None = None,
        middle: str | None = None,
        family: str | None = None,
        suffix: str = "",
        dob: date | None = None,
        tin: str | None = None,
    ) -> Person:
        """Somebody of the given properties, the others drawn; `middle` '' for none."""
        draw = self.random.random
        if family is None:
            family = self.name(self.family)
            if draw() < 0.08:
                family = f"{family}{'-' if draw() < 0.5 else ' '}{self.name(self.family)}"
        if middle is None:
            kind = int(draw() * 4)
            middle = self.name(self.given) if kind == 0 else ""
            middle = self.random.choice("ABCDEGJLMRST") if kind == 1 else middle
        made = Person(
            id="",
            given=self.name(self.given) if given is None else given,
            middle=middle,
            family=family,
            suffix=suffix,
            dob=dob
            or self.birth_unlike(self.people[-1] if not registered and self.people else None),
            tin=self.ssn() if tin is None else tin,
            homes=homes or (home or self.home(),),
        )
        return self.enrol(made) if registered else made

    def enrol(self, person: Person) -> Person:
        person = replace(person, id=f"P{len(self.people) + 1:07d}")
        self.people.append(person)
        return person

    def ask(
        self,
        kind: str,
        shown: Person,
        *,
        truth: Person | None = None,
        home: Home | None = None,
        nobody: bool = False,
        on_file: bool = True,
        firm: bool = False,
        show_unit: bool = True,
        taken: frozenset[int] = frozenset(),
        others: tuple[str, ...] = (),
    ) -> None:
        meant = "" if nobody else (truth or shown).id
        at = home or shown.homes[0]
        on_file = on_file and not nobody
        self.asks.append(Ask(kind, shown, at, meant, on_file, firm, show_unit, taken, others))
