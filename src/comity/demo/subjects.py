"""Whom the batch asks about: persons of the registry, people like them, and strangers.

Each way of choosing a subject is a way in which a number, a name or an address can mislead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from comity.demo.people import Person, Population, family_name
from comity.demo.places import Dwelling
from comity.demo.variation import Written, vary, write_plainly
from comity.demo.words import names


@dataclass(frozen=True)
class Subject:
    """Somebody asked about, as the request writes it, and who that is in truth.

    `person_id` is None for people outside the registry. `on_file` tells whether the address given
    is one of that person's, `certain` whether what is given singles that person out for a reader
    who knows everything."""

    kind: str
    written: Written
    person_id: str | None = None
    on_file: bool = False
    certain: bool = False


LAWFUL: Mapping[str, float] = {
    "current_address": 46,
    "former_address": 12,
    "variation": 16,
    "flagged": 5,
    "parent_or_child": 2.5,
    "parent_or_child_dated": 2.5,
    "twin": 1.5,
    "stranger": 6,
    "moved_elsewhere": 2.5,
    "namesake": 2,
    "relative": 2,
    "household_number": 1,
    "stolen_number": 1,
    "shared_number": 0.5,
}
"""Shares of the subjects of requests that set forth everything."""
DEFICIENT: Mapping[str, float] = {
    "current_address": 30,
    "former_address": 5,
    "variation": 4,
    "flagged": 1,
    "stranger": 48,
    "namesake": 7,
    "relative": 3,
    "household_number": 2,
}
"""Shares of the subjects of the others: most of them are not in the registry."""


class Chooser:
    """Draws subjects. Persons of the registry are asked about once at most, but for the few pairs
    (twins, namesakes) that there are not many of."""

    def __init__(self, rng: Random, people: Population, today: date) -> None:
        self._rng = rng
        self._people = people
        self._today = today
        self._numbers = iter(people.unused)
        self._vacant = iter(people.vacant)
        adults = [i for i, p in enumerate(people.persons) if "minor" not in p.flags]
        paired = {i for pair in (*people.namesakes, *people.sharers) for i in pair}
        self._paired = paired
        plain = [i for i in adults if not people.persons[i].flags and i not in paired]
        self._plain = iter(rng.sample(plain, len(plain)))
        self._flagged = [i for i in adults if people.persons[i].flags and i not in paired]
        self._kinds: dict[str, Callable[[], Subject]] = {
            "current_address": self._current,
            "former_address": self._former,
            "variation": self._variation,
            "flagged": self._on_flagged,
            "parent_or_child": self._parent_or_child,
            "parent_or_child_dated": self._parent_or_child_dated,
            "twin": self._twin,
            "stranger": self._stranger,
            "moved_elsewhere": self._moved_elsewhere,
            "namesake": self._namesake,
            "relative": self._relative,
            "household_number": self._household_number,
            "stolen_number": self._stolen_number,
            "shared_number": self._shared_number,
        }

    def choose(self, kind: str) -> Subject:
        """A subject of this kind."""
        return self._kinds[kind]()

    def vacant(self) -> Dwelling:
        """An address at which nobody in the registry lived."""
        return next(self._vacant)

    def unused_number(self) -> str:
        """A number that nobody in the registry has."""
        return next(self._numbers)

    def _next(self) -> Person:
        return self._people.persons[next(self._plain)]

    def _write(
        self, person: Person, home: Dwelling, *, dob: float = 0.7, tin: float = 0.62
    ) -> Written:
        return write_plainly(
            self._rng,
            person,
            home,
            with_dob=self._rng.random() < dob,
            with_tin=self._rng.random() < tin,
        )

    def _sure(self, kind: str, person: Person, written: Written) -> Subject:
        return Subject(kind, written, person.id, on_file=True, certain=True)

    def _current(self) -> Subject:
        person = self._next()
        home = person.residences[-1].dwelling
        return self._sure("current_address", person, self._write(person, home))

    def _former(self) -> Subject:
        person = self._next()
        while len(person.residences) < 2:
            person = self._next()
        home = self._rng.choice(person.residences[:-1]).dwelling
        return self._sure("former_address", person, self._write(person, home))

    def _variation(self) -> Subject:
        person = self._next()
        while not person.tin:
            person = self._next()
        home = person.residences[-1].dwelling
        written = self._write(person, home, dob=1, tin=0.5)
        return self._sure("variation", person, vary(self._rng, person, written))

    def _on_flagged(self) -> Subject:
        person = self._people.persons[self._rng.choice(self._flagged)]
        home = person.residences[-1].dwelling
        return self._sure("flagged", person, self._write(person, home))

    def _pair(self, pairs: list[tuple[int, int]]) -> tuple[Person, Person]:
        """One of two, and the other; any two of a household where there are no such pairs."""
        if not pairs:
            homes = self._people.households
            crowded = next(h for h in iter(lambda: self._rng.choice(homes), None) if len(h) > 1)
            pairs = [(crowded[0], crowded[1])]
        # Whoever is asked about is grown up: nobody investigates a child for failing to depart.
        either_way = [*pairs, *((other, one) for one, other in pairs)]
        persons = self._people.persons
        grown = [pair for pair in either_way if "minor" not in persons[pair[0]].flags]
        one, other = self._rng.choice(grown or either_way)
        return persons[one], persons[other]

    def _parent_or_child(self) -> Subject:
        one, _ = self._pair(self._people.namesakes)
        home = one.residences[-1].dwelling
        written = replace(self._write(one, home, dob=0, tin=0), suffix="", middle_name="")
        return Subject("parent_or_child", written, one.id, on_file=True)

    def _parent_or_child_dated(self) -> Subject:
        one, _ = self._pair(self._people.namesakes)
        written = self._write(one, one.residences[-1].dwelling, dob=1, tin=0.3)
        return self._sure("parent_or_child_dated", one, written)

    def _twin(self) -> Subject:
        one, _ = self._pair(self._people.twins)
        written = self._write(one, one.residences[-1].dwelling, dob=0.8, tin=0.3)
        return self._sure("twin", one, written)

    def _stranger(self) -> Subject:
        like = self._next()
        rng = self._rng
        (first,) = names()[like.origin, like.sex].draw(rng, 1)
        unknown = like._replace(
            id="",
            first=first,
            last=family_name(rng, like.origin),
            suffix="",
            born=self._today - timedelta(days=rng.randint(19 * 366, 70 * 366)),
            tin=self.unused_number() if rng.random() < 0.6 else "",
        )
        return Subject("stranger", self._write(unknown, self.vacant(), tin=1))

    def _moved_elsewhere(self) -> Subject:
        person = self._next()
        written = self._write(person, self.vacant())
        return Subject("moved_elsewhere", written, person.id)

    def _namesake(self) -> Subject:
        """Somebody of a registered person's name in another town, often with that one's number."""
        like = self._next()
        rng = self._rng
        born = self._today - timedelta(days=rng.randint(19 * 366, 70 * 366))
        other = like._replace(born=born, middle="", suffix="")
        return Subject("namesake", self._write(other, self.vacant(), tin=0.5))

    def _relative(self) -> Subject:
        """A relative outside the registry at a registered person's address, at times with that
        one's number and initial."""
        like = self._next()
        rng = self._rng
        # not the name of somebody of the household: that one would be meant by whoever reads it
        home = self._people.households[like.household]
        theirs = {word for i in home for word in _words(self._people.persons[i])}
        known = names()[like.origin, like.sex].words
        given = [n for n in known if not theirs & set(n.split())]
        if rng.random() < 0.4:
            given = [n for n in given if n[0] == like.first[0]] or given
        born = like.born + timedelta(days=rng.choice((-1, 1)) * rng.randint(400, 4_000))
        other = like._replace(first=rng.choice(given), middle="", suffix="", born=born)
        return Subject("relative", self._write(other, like.residences[-1].dwelling, tin=0.4))

    def _household_number(self) -> Subject:
        """A registered person with the number of another of the household (of the same initial
        and family name where there is one). Where both have one name, the birth date tells who is
        meant: without it everything in the request would be the other's."""
        people, rng = self._people, self._rng
        pairs = people.namesakes if rng.random() < 0.6 else []
        one, other = self._pair(pairs)
        alike = (one.first, one.last) == (other.first, other.last)
        written = self._write(one, one.residences[-1].dwelling, dob=1 if alike else 0.8, tin=0)
        return Subject("household_number", replace(written, tin=other.tin), one.id, on_file=True)

    def _stolen_number(self) -> Subject:
        """A registered person with a stranger's number, as after identity theft."""
        person, victim = self._next(), self._next()
        written = self._write(person, person.residences[-1].dwelling, tin=0)
        return Subject("stolen_number", replace(written, tin=victim.tin), person.id, on_file=True)

    def _shared_number(self) -> Subject:
        one, _ = self._pair(self._people.sharers)
        written = self._write(one, one.residences[-1].dwelling, dob=0.8, tin=1)
        return Subject("shared_number", written, one.id, on_file=True)


def _words(person: Person) -> set[str]:
    """The words of a person's given and middle names."""
    return {*person.first.split(), *person.middle.split()}
