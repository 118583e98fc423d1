"""The made-up population: households, their histories, and what makes people easy to confuse.

No real person's data is used anywhere. Names are drawn from lists of names in common use, places
are invented. Taxpayer numbers have the form of real ones, because a number without it would be
turned away at the door: Social Security numbers are drawn from the areas 773 to 899, none of which
was assigned to anybody before 25 June 2011, the others in the form of an ITIN. A number that is
drawn at random can nevertheless be one that was issued since; it then stands beside a name, a
birth date and an address that are none of its bearer's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from comity.demo.places import Dwelling, dwellings, make_areas
from comity.demo.words import names

_ORIGINS = {
    "anglo": 46,
    "hispanic": 27,
    "chinese": 3,
    "vietnamese": 3,
    "korean": 2,
    "filipino": 2,
    "south_asian": 4,
    "haitian": 3,
    "west_african": 3,
    "arabic": 2,
    "slavic": 2,
    "portuguese": 3,
}
_ITIN_GROUPS = (*range(50, 66), *range(70, 89), *range(90, 93), *range(94, 100))
_SSN_NUMBERS = (899 - 773 + 1) * 99 * 9_999
_ITIN_NUMBERS = 100 * len(_ITIN_GROUPS) * 9_999


class Residence(NamedTuple):
    """Living at one address from a day until another (None = still)."""

    dwelling: Dwelling
    since: date
    until: date | None


class Person(NamedTuple):
    """One person of the registry. `origin` and `sex` say which lists the names are from."""

    id: str
    tin: str
    first: str
    middle: str
    last: str
    suffix: str
    born: date
    sex: str
    origin: str
    household: int
    residences: tuple[Residence, ...]
    flags: tuple[str, ...]


class Member(NamedTuple):
    """A place in a household before it has a number and an address history."""

    first: str
    middle: str
    last: str
    suffix: str
    born: date
    sex: str
    twin: bool = False


@dataclass
class Population:
    """Everybody, with the pairs that a matcher must tell apart (indices into `persons`)."""

    persons: list[Person] = field(default_factory=list)
    households: list[range] = field(default_factory=list)
    namesakes: list[tuple[int, int]] = field(default_factory=list)
    twins: list[tuple[int, int]] = field(default_factory=list)
    sharers: list[tuple[int, int]] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    """Numbers of the same form that nobody in the registry has."""
    vacant: list[Dwelling] = field(default_factory=list)
    """Addresses at which nobody in the registry ever lived."""


def make_population(rng: Random, persons: int, spare: int, today: date) -> Population:
    """So many persons, and `spare` unused numbers and addresses for people outside the registry."""
    made = Population()
    homes = dwellings(rng, make_areas(rng, persons))
    numbers = _Numbers(rng, persons + spare)
    earlier: list[tuple[Dwelling, date]] = []
    while len(made.persons) < persons:
        origins = rng.choices(list(_ORIGINS), list(_ORIGINS.values()), k=500)
        for origin in origins:
            members = list(_household(rng, origin, today))[: persons - len(made.persons)]
            if not members:
                break
            _settle(rng, made, origin, members, homes, numbers, earlier, today)
    made.unused = [numbers.ssn() for _ in range(spare)]
    made.vacant = [next(homes) for _ in range(spare)]
    return made


class _Numbers:
    """Numbers in the form of real ones, each given once."""

    def __init__(self, rng: Random, count: int) -> None:
        self._ssn = iter(rng.sample(range(0, _SSN_NUMBERS - 1, 2), count))
        self._itin = iter(rng.sample(range(_ITIN_NUMBERS), count))
        self._last = 0

    def ssn(self) -> str:
        self._last = next(self._ssn)
        return self._written(self._last)

    def neighbour(self) -> str:
        """The number after the last one: twins are registered on one day."""
        return self._written(self._last + 1)

    def itin(self) -> str:
        rest, serial = divmod(next(self._itin), 9_999)
        area, group = divmod(rest, len(_ITIN_GROUPS))
        return f"9{area:02d}{_ITIN_GROUPS[group]:02d}{serial + 1:04d}"

    @staticmethod
    def _written(number: int) -> str:
        rest, serial = divmod(number, 9_999)
        area, group = divmod(rest, 99)
        return f"{773 + area}{group + 1:02d}{serial + 1:04d}"


def _settle(
    rng: Random,
    made: Population,
    origin: str,
    members: list[Member],
    homes: Iterator[Dwelling],
    numbers: _Numbers,
    earlier: list[tuple[Dwelling, date]],
    today: date,
) -> None:
    """Give a household its addresses and numbers, and note who is easily confused in it."""
    first, household = len(made.persons), len(made.households)
    history = _history(rng, next(homes), homes, earlier, today)
    foreign = origin != "anglo" and rng.random() < 0.3
    for place, member in enumerate(members):
        index = first + place
        tin = ""
        if member.twin:
            made.twins.append((index - 1, index))
            tin = numbers.neighbour()
        elif foreign and rng.random() < 0.8:
            tin = numbers.itin()
        elif rng.random() < 0.985:
            tin = numbers.ssn()
        if place and rng.random() < 0.0012 and made.persons[-1].tin:
            made.sharers.append((index - 1, index))
            tin = made.persons[-1].tin
        for other in range(first, index):
            if made.persons[other][2] == member.first and made.persons[other][4] == member.last:
                made.namesakes.append((other, index))
        lived = history
        if place and rng.random() < 0.06 and (today - member.born).days > 20 * 365:
            lived = _moved_out(rng, history, homes, today)
        made.persons.append(
            Person(
                f"P{index + 1:07d}",
                tin,
                *member[:6],
                origin,
                household,
                lived,
                _flags(rng, member.born, today),
            )
        )
    made.households.append(range(first, len(made.persons)))


def _history(
    rng: Random,
    home: Dwelling,
    homes: Iterator[Dwelling],
    earlier: list[tuple[Dwelling, date]],
    today: date,
) -> tuple[Residence, ...]:
    """Where a household lived; half of those who moved left an address that others have now."""
    since = today - timedelta(days=int(rng.expovariate(1 / 1_800)) + 30)
    current = Residence(home, since, None)
    earlier.append((home, since))
    if rng.random() >= 0.28:
        return (current,)
    old, until = next(homes), since
    if rng.random() < 0.5:
        candidate, moved_in = rng.choice(earlier)
        if candidate != home and moved_in > since - timedelta(days=3_000):
            old, until = candidate, min(since, moved_in)
    before = Residence(old, until - timedelta(days=rng.randint(200, 3_000)), until)
    if rng.random() < 0.25:
        oldest = Residence(
            next(homes), before.since - timedelta(days=rng.randint(200, 2_000)), before.since
        )
        return (oldest, before, current)
    return (before, current)


def _moved_out(
    rng: Random, history: tuple[Residence, ...], homes: Iterator[Dwelling], today: date
) -> tuple[Residence, ...]:
    """A grown child's history: at the parents' until some time ago, then elsewhere."""
    last = history[-1]
    days = max((today - last.since).days, 2)
    left = last.since + timedelta(days=rng.randint(1, days - 1))
    return (*history[:-1], last._replace(until=left), Residence(next(homes), left, None))


def _flags(rng: Random, born: date, today: date) -> tuple[str, ...]:
    flags = ["minor"] if (today - born).days < 18 * 365.25 else []
    chance = rng.random()
    if chance < 0.009:
        flags.append("identity_theft")
    elif chance < 0.014:
        flags.append("protected_address")
    elif chance < 0.017:
        flags.append("impairment")
    elif chance < 0.045 and (today - born).days > 60 * 365:
        flags.append("deceased")
    return tuple(flags)


def _household(rng: Random, origin: str, today: date) -> Iterator[Member]:
    """Singles, couples, families, parents with grown children, and people sharing a flat."""
    chance = rng.random()
    if chance < 0.30:
        yield _adult(rng, origin, today, rng.randint(19, 88))
    elif chance < 0.52:
        yield from _couple(rng, origin, today, rng.randint(22, 86))
    elif chance < 0.84:
        age = rng.randint(24, 58)
        parents = list(_couple(rng, origin, today, age)) if chance < 0.74 else [
            _adult(rng, origin, today, age)
        ]  # fmt: skip
        yield from parents
        yield from _children(rng, origin, parents[0], today, rng.choice((1, 1, 2, 2, 2, 3)))
    elif chance < 0.92:
        parent = _adult(rng, origin, today, rng.randint(48, 84))
        yield parent
        yield from _children(rng, origin, parent, today, 1)
    else:
        for _ in range(rng.randint(2, 4)):
            yield _adult(rng, origin, today, rng.randint(20, 45))


def _adult(
    rng: Random, origin: str, today: date, age: int, sex: str = "", last: str = ""
) -> Member:
    sex = sex or rng.choice(("male", "female"))
    given, middle = _given(rng, origin, sex)
    return Member(given, middle, last or family_name(rng, origin), "", _born(rng, today, age), sex)


def _couple(rng: Random, origin: str, today: date, age: int) -> Iterator[Member]:
    one = _adult(rng, origin, today, age, "male")
    chance = rng.random()
    own = family_name(rng, origin)
    name = one.last if chance < 0.66 else own if chance < 0.95 else f"{own}-{one.last}"
    yield one
    yield _adult(rng, origin, today, max(19, age + rng.randint(-7, 5)), "female", name)


def _children(
    rng: Random, origin: str, parent: Member, today: date, count: int
) -> Iterator[Member]:
    oldest = (today - parent.born).days // 365 - rng.randint(19, 32)
    for place in range(count):
        age = oldest - 2 * place - rng.randint(0, 2)
        if age < 1:
            return
        sex = rng.choice(("male", "female"))
        given, middle = _given(rng, origin, sex)
        suffix = ""
        if place == 0 and sex == parent.sex and rng.random() < 0.10:
            given = parent.first  # a junior, who half the time is not called so on record
            middle = parent.middle if rng.random() < 0.5 else middle
            suffix = "Jr" if sex == "male" and rng.random() < 0.5 else ""
        child = Member(given, middle, parent.last, suffix, _born(rng, today, age), sex)
        yield child
        if rng.random() < 0.03:
            twin, its_middle = _given(rng, origin, sex)
            if twin != given:
                yield child._replace(first=twin, middle=its_middle, suffix="", twin=True)


def _given(rng: Random, origin: str, sex: str) -> tuple[str, str]:
    first, second = names()[origin, sex].draw(rng, 2)
    chance = rng.random()
    if second == first or chance < 0.35:
        return first, ""
    return first, second if chance < 0.7 else second[0]


def family_name(rng: Random, origin: str) -> str:
    """A family name as people of this origin bear it, with compound ones where usual."""
    one, two = names()[origin, "family"].draw(rng, 2)
    chance = rng.random()
    if origin == "hispanic" and one != two and chance < 0.34:
        return f"{one}-{two}" if chance < 0.07 else f"{one} {two}"
    if origin == "anglo" and one != two and chance < 0.02:
        return f"{one}-{two}"
    return one


def _born(rng: Random, today: date, age: int) -> date:
    return today - timedelta(days=int(age * 365.2425) + rng.randint(1, 360))
