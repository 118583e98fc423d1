"""A registry and requests made to mislead a matcher; all of it made up.

Every request has a truth: the person it is about and whether its address is one of that person's,
or that nobody may be confirmed (the person is not registered but resembles one who is, the address
was never on file, or the request mixes two people). Seeded: the same arguments, the same files.

    python benchmarks/adversarial.py DIR --persons 100000 --requests 10000 --seed 1 --noise 0.15
"""

from __future__ import annotations

import argparse
import csv
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from importlib.resources import files
from itertools import accumulate
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it also runs as a script
from benchmarks.adversarial_rows import Ask, Clerk, Home, Person
from benchmarks.adversarial_words import (
    CITIES,
    COMMON_FAMILY,
    COMMON_GIVEN,
    NICKNAMES,
    STREETS,
    SUFFIXES,
    TWIN_NAMES,
)
from comity.identity.kinship import kinship
from comity.identity.source import COLUMNS as REGISTRY_COLUMNS
from comity.request.model import COLUMNS as REQUEST_COLUMNS


@dataclass
class World:
    """What was made: rows of the registry, rows of the batch, and the truth by request id."""

    registry: list[dict[str, str]] = field(default_factory=list)
    requests: list[dict[str, str]] = field(default_factory=list)
    truth: dict[str, tuple[str, str, bool]] = field(default_factory=dict)
    """request id: (kind, person id or '', address on file)."""


class Maker:
    """Draws persons, households and requests from one seeded source of randomness."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.people: list[Person] = []
        self.asks: list[Ask] = []
        self.numbers: set[int] = set()
        tables = files("comity.identity").joinpath("data")
        self.given = COMMON_GIVEN + self._rare(tables.joinpath("given_names.txt").read_text())
        self.family = COMMON_FAMILY + self._rare(tables.joinpath("surnames.txt").read_text())
        self.weights = {
            id(names): list(accumulate(1 / (rank + 8) for rank in range(len(names))))
            for names in (self.given, self.family)
        }

    def _rare(self, text: str) -> list[str]:
        words = [w for w in text.splitlines() if w and not w.startswith("#") and len(w) > 2]
        return [w.capitalize() for w in self.random.sample(words, 1500)]

    def name(self, names: list[str]) -> str:
        return self.random.choices(names, cum_weights=self.weights[id(names)])[0]

    def ssn(self) -> str:
        while True:
            number = self.random.randint(1_01_0001, 772_99_9999)
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
        return date(low, 1, 1) + timedelta(days=self.random.randrange((high - low) * 365))

    def home(self) -> Home:
        r = self.random
        return Home(
            house=r.randint(1, 1999),
            street=r.choice(STREETS) if r.random() < 0.9 else f"{r.randint(2, 60)}th",
            suffix=r.randrange(len(SUFFIXES)),
            city=r.randrange(len(CITIES)),
            zone=r.randrange(40),
            unit=f"{r.randint(1, 12)}{r.choice('ABCD')}" if r.random() < 0.2 else "",
            direction=r.choice("NSEW") if r.random() < 0.15 else "",
        )

    def person(
        self, *, home: Home | None = None, registered: bool = True, **given: object
    ) -> Person:
        r = self.random
        family = self.name(self.family)
        if r.random() < 0.08:
            family = f"{family}{r.choice((' ', '-'))}{self.name(self.family)}"
        made = Person(
            id="",
            given=self.name(self.given),
            middle=r.choice((self.name(self.given), r.choice("ABCDEGJLMRST"), "", "")),
            family=family,
            suffix="",
            dob=self.birth(),
            tin=self.ssn(),
            homes=(home or self.home(),),
        )
        made = replace(made, **given)  # type: ignore[arg-type]
        if registered:
            made = self.enrol(made)
        return made

    def enrol(self, person: Person) -> Person:
        person = replace(person, id=f"P{len(self.people) + 1:07d}")
        self.people.append(person)
        return person

    # --- the kinds: each makes the people it needs and one or more requests -----------------

    def plain(self) -> None:
        person = self.person()
        self.ask("plain", person)

    def household(self) -> None:
        home, family = self.home(), self.name(self.family)
        parents = [self.person(home=home, family=family, dob=self.birth(1950, 1980)) for _ in "ab"]
        children = [
            self.person(home=home, family=family, dob=self.birth(1995, 2006))
            for _ in range(self.random.randint(0, 3))
        ]
        self.ask("household", self.random.choice([*parents, *children]))

    def nickname(self) -> None:
        full = self.random.choice(list(NICKNAMES))
        person = self.person(given=full)
        self.ask("nickname", replace(person, given=NICKNAMES[full]), truth=person)

    def initial(self) -> None:
        person = self.person()
        self.ask("initial", replace(person, given=person.given[0]), truth=person)

    def compound(self) -> None:
        first, second = self.name(self.family), self.name(self.family)
        person = self.person(family=f"{first} {second}")
        shown = self.random.choice(
            (first, f"{first}-{second}", f"{second} {first}", f"{first}{second}", second)
        )
        self.ask("compound", replace(person, family=shown), truth=person)

    def married(self) -> None:
        maiden, new = self.name(self.family), self.name(self.family)
        person = self.person(family=maiden)
        shown = f"{maiden}-{new}" if self.random.random() < 0.7 else new
        on_file = maiden in shown
        self.ask("married", replace(person, family=shown), truth=person, on_file=on_file)

    def swapped_fields(self) -> None:
        person = self.person()
        shown = replace(person, given=person.family, family=person.given)
        self.ask("swapped_fields", shown, truth=person)

    def moved(self) -> None:
        person = self.person(homes=tuple(self.home() for _ in range(self.random.randint(2, 4))))
        self.ask("moved", person, home=self.random.choice(person.homes))

    def moved_unknown(self) -> None:
        person = self.person()
        self.ask("moved_unknown", person, home=self.home(), nobody=True)

    def twins(self) -> None:
        names = self.random.choice(TWIN_NAMES)
        one = self.person(given=names[0])
        two = self.enrol(replace(one, given=names[1], tin=self.next_ssn(one.tin)))
        self.ask("twins", self.random.choice((one, two)))

    def twin_absent(self) -> None:
        names = list(self.random.choice(TWIN_NAMES))
        self.random.shuffle(names)
        one = self.person(given=names[0])
        two = replace(one, id="", given=names[1], tin=self.next_ssn(one.tin))
        self.ask("twin_absent", two, nobody=True)

    def parent_child(self) -> None:
        suffixed = self.random.random() < 0.5
        parent = self.person(dob=self.birth(1935, 1965), suffix="Sr" if suffixed else "")
        child = self.enrol(
            replace(
                parent,
                dob=self.later(parent.dob),
                tin=self.ssn(),
                suffix="Jr" if suffixed else "",
                middle=self.random.choice((parent.middle, self.name(self.given))),
            )
        )
        shown = meant = self.random.choice((parent, child))
        if self.random.random() < 0.4:
            shown = replace(meant, suffix="")
        self.ask("parent_child", shown, truth=meant)

    def child_absent(self) -> None:
        parent = self.person(dob=self.birth(1935, 1965))
        child = replace(
            parent,
            dob=self.later(parent.dob),
            tin=self.ssn(),
            suffix=self.random.choice(("", "Jr", "II")),
        )
        self.ask("child_absent", child, nobody=True, firm=True)

    def later(self, dob: date) -> date:
        """A child's birth date; now and then on the parent's own day and month."""
        years = self.random.randint(18, 40)
        if self.random.random() < 0.1:
            return date(dob.year + years, dob.month, min(dob.day, 28))
        return dob + timedelta(days=365 * years + self.random.randrange(365))

    def member_mixed(self) -> None:
        home, family = self.home(), self.name(self.family)
        one, two = (self.person(home=home, family=family) for _ in "ab")
        if one.given == two.given:
            return
        mixed = self.random.choice(
            (
                replace(one, dob=two.dob, tin=two.tin),
                replace(one, tin=two.tin),
                replace(one, dob=two.dob),
                replace(one, dob=two.dob, tin=""),
            )
        )
        self.ask("member_mixed", mixed, nobody=True, firm=True)

    def spouse_absent(self) -> None:
        person = self.person()
        other = self.person(home=person.homes[0], family=person.family, registered=False)
        if other.given[:1] != person.given[:1]:
            self.ask("spouse_absent", other, nobody=True)

    def apartments(self) -> None:
        home = replace(self.home(), unit="1A")
        given, family = self.name(self.given), self.name(self.family)
        tenants = [
            self.person(home=replace(home, unit=unit), given=given, family=family, middle="")
            for unit in ("1A", "2B", "7")[: self.random.randint(2, 3)]
        ]
        self.ask("apartments", self.random.choice(tenants), show_unit=self.random.random() < 0.6)

    def unit_absent(self) -> None:
        home = replace(self.home(), unit="1A")
        person = self.person(home=home)
        double = self.person(
            home=replace(home, unit=self.random.choice(("2A", "1B", "11"))),
            given=person.given,
            family=person.family,
            registered=False,
        )
        self.ask("unit_absent", double, nobody=True, firm=True)

    def common_street(self) -> None:
        home = replace(self.home(), unit="", house=self.random.randint(10, 980))
        given, family = self.name(self.given), self.name(self.family)
        near = [
            self.person(home=replace(home, house=home.house + step), given=given, family=family)
            for step in (0, 2, 4, 10)
        ]
        houses = frozenset(person.homes[0].house for person in near)
        self.ask("common_street", self.random.choice(near), taken=houses)

    def namesakes_near(self) -> tuple[Person, Person]:
        """Two of one name at house numbers that a swap of two digits turns into each other."""
        first, second = self.random.sample(range(1, 10), 2)
        houses = (100 + 10 * first + second, 100 + 10 * second + first)
        given, family = self.name(self.given), self.name(self.family)
        home = replace(self.home(), unit="")
        one, two = (
            self.person(home=replace(home, house=house), given=given, family=family, middle="")
            for house in houses
        )
        return one, two

    def transposed(self) -> None:
        """One of two such namesakes at their own address, often with nothing else."""
        one, two = self.namesakes_near()
        self.ask("transposed", one, taken=frozenset((two.homes[0].house,)))

    def transposed_mixed(self) -> None:
        """The birth date or number of the one at the house number of the other."""
        one, two = self.namesakes_near()
        shown = self.random.choice((replace(one, tin=""), one))
        # any error in the house number would bring it as near to the one as to the other
        kept = frozenset(range(10_000))
        home = two.homes[0]
        self.ask("transposed_mixed", shown, home=home, nobody=True, firm=True, taken=kept)

    def next_door_absent(self) -> None:
        person = self.person(home=replace(self.home(), house=self.random.randint(10, 980)))
        home = replace(
            person.homes[0], house=person.homes[0].house + self.random.choice((1, 2, 10))
        )
        double = self.person(home=home, given=person.given, family=person.family, registered=False)
        self.ask("next_door_absent", double, nobody=True, firm=True)

    def number_stolen(self) -> None:
        one, two = self.person(), self.person()
        self.ask("number_stolen", replace(one, tin=two.tin), nobody=True, firm=True)

    def number_shared(self) -> None:
        one = self.person()
        self.person(tin=one.tin)
        self.ask("number_shared", one, nobody=True, firm=True)

    def mrs_husband(self) -> None:
        """A wife under her husband's name; she is not registered."""
        husband = self.person()
        wife = self.person(home=husband.homes[0], family=husband.family, registered=False)
        self.ask("mrs_husband", replace(wife, given=f"Mrs {husband.given}"), nobody=True)

    def couple(self) -> None:
        """One request that names two persons."""
        one = self.person()
        other = self.person(home=one.homes[0], family=one.family)
        shown = replace(one, given=f"{one.given} {self.random.choice('&+')} {other.given}")
        self.ask("couple", shown, nobody=True)

    def initial_absent(self) -> None:
        """A relative written with the initial that a registered one shares."""
        one = self.person()
        relative = self.person(home=one.homes[0], family=one.family, registered=False)
        self.ask("initial_absent", replace(relative, given=one.given[0]), nobody=True)

    def nickname_absent(self) -> None:
        """A relative who bears as a name what is short for a registered one's (Chris, Sam); where
        it is hardly ever a name (Bill), only birth date and number tell."""
        full = self.random.choice(list(NICKNAMES))
        one = self.person(given=full)
        relative = self.person(home=one.homes[0], family=one.family, registered=False)
        plain = kinship(NICKNAMES[full].upper(), full.upper()) == "plain_short_form"
        shown = replace(relative, given=NICKNAMES[full])
        self.ask("nickname_absent", shown, nobody=True, firm=plain)

    def relative_number(self) -> None:
        """A relative who is not registered, with the number of one who is."""
        one = self.person()
        relative = self.person(home=one.homes[0], family=one.family, tin=one.tin, registered=False)
        if relative.given != one.given:
            self.ask("relative_number", relative, nobody=True)

    def building_absent(self) -> None:
        """A namesake elsewhere in the building; the request does not say which unit."""
        home = replace(self.home(), unit="1A")
        one = self.person(home=home)
        double = self.person(
            home=home, given=one.given, family=one.family, middle="", registered=False
        )
        self.ask("building_absent", double, nobody=True, show_unit=False)

    def mistyped_neighbour(self) -> None:
        """A namesake some houses on who is not registered; often nothing but name and address."""
        one = self.person(home=replace(self.home(), house=self.random.randint(10, 980)))
        home = replace(one.homes[0], house=one.homes[0].house + self.random.choice((1, 2, 10)))
        double = self.person(
            home=home, given=one.given, family=one.family, middle="", registered=False
        )
        taken = frozenset((one.homes[0].house,))
        self.ask("mistyped_neighbour", double, nobody=True, taken=taken)

    def sibling_absent(self) -> None:
        """A relative of the same initial, with a name of their own, who is not registered."""
        one = self.person()
        given = self.random.choice([name for name in self.given if name[0] == one.given[0]])
        plain = kinship(given.upper(), one.given.upper()) == "plain_short_form"
        relative = self.person(
            home=one.homes[0], family=one.family, given=given, middle="", registered=False
        )
        if given != one.given and not plain:
            self.ask("sibling_absent", relative, nobody=True)

    def crossed_absent(self) -> None:
        """A relative (a stepson, say) whose given name is the registered one's family name, and the
        other way round; both words are given names."""
        given, family = self.random.sample([n for n in COMMON_GIVEN if n in COMMON_FAMILY], 2)
        one = self.person(given=given, family=family, middle="")
        other = self.person(
            home=one.homes[0], given=family, family=given, middle="", registered=False
        )
        self.ask("crossed_absent", other, nobody=True)

    def second_name_absent(self) -> None:
        """A parent with the first of a registered child's two family names, and the same given
        name: only the birth date tells."""
        family = f"{self.name(self.family)} {self.name(self.family)}"
        child = self.person(family=family, dob=self.birth(1985, 2004))
        parent = self.person(
            home=child.homes[0],
            given=child.given,
            family=family.split()[0],
            dob=self.birth(1940, 1965),
            registered=False,
        )
        self.ask("second_name_absent", parent, nobody=True, firm=True)

    def unknown(self) -> None:
        self.ask("unknown", self.person(registered=False), nobody=True)

    def number_only(self) -> None:
        """Name and number of one person, the address of quite another."""
        one, two = self.person(), self.person()
        self.ask("number_only", one, home=two.homes[0], nobody=True)

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
    ) -> None:
        meant = "" if nobody else (truth or shown).id
        at = home or shown.homes[0]
        on_file = on_file and not nobody
        self.asks.append(Ask(kind, shown, at, meant, on_file, firm, show_unit, taken))


SHARES: tuple[tuple[float, str], ...] = (
    (0.24, "plain"),
    (0.10, "household"),
    (0.05, "nickname"),
    (0.02, "initial"),
    (0.05, "compound"),
    (0.02, "married"),
    (0.02, "swapped_fields"),
    (0.06, "moved"),
    (0.05, "moved_unknown"),
    (0.05, "twins"),
    (0.04, "twin_absent"),
    (0.05, "parent_child"),
    (0.04, "child_absent"),
    (0.03, "member_mixed"),
    (0.03, "spouse_absent"),
    (0.04, "apartments"),
    (0.02, "unit_absent"),
    (0.03, "common_street"),
    (0.02, "next_door_absent"),
    (0.02, "number_stolen"),
    (0.01, "number_shared"),
    (0.01, "mrs_husband"),
    (0.005, "couple"),
    (0.01, "initial_absent"),
    (0.01, "nickname_absent"),
    (0.01, "relative_number"),
    (0.02, "building_absent"),
    (0.02, "mistyped_neighbour"),
    (0.02, "transposed"),
    (0.02, "transposed_mixed"),
    (0.02, "sibling_absent"),
    (0.01, "crossed_absent"),
    (0.01, "second_name_absent"),
    (0.03, "unknown"),
    (0.02, "number_only"),
)


def make(persons: int, requests: int, seed: int, noise: float = 0.15) -> World:
    """Make a world of about so many registered persons and exactly so many requests.

    `noise` is the chance of a typing error in a request's name, and scales all other errors."""
    maker = Maker(seed)
    kinds: list[Callable[[], None]] = [getattr(maker, kind) for _, kind in SHARES]
    shares = list(accumulate(share for share, _ in SHARES))
    while len(maker.asks) < requests:
        maker.random.choices(kinds, cum_weights=shares)[0]()
    while len(maker.people) < persons:
        maker.person()
    clerk = Clerk(maker.random, noise)
    world = World(registry=list(clerk.registry_rows(maker.people)))
    maker.random.shuffle(maker.asks)
    for number, ask in enumerate(maker.asks[:requests], 1):
        row = clerk.request_row(number, ask)
        world.requests.append(row)
        world.truth[row["request_id"]] = (ask.kind, ask.truth, ask.on_file)
    return world


def write(rows: list[dict[str, str]], columns: tuple[str, ...], path: Path) -> None:
    """Write rows as CSV."""
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--persons", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--noise", type=float, default=0.15)
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    world = make(args.persons, args.requests, args.seed, args.noise)
    write(world.registry, REGISTRY_COLUMNS, args.folder / "registry.csv")
    write(world.requests, REQUEST_COLUMNS, args.folder / "requests.csv")
    truth = [
        {"request_id": key, "kind": kind, "person_id": person, "address_on_file": str(on_file)}
        for key, (kind, person, on_file) in world.truth.items()
    ]
    write(truth, ("request_id", "kind", "person_id", "address_on_file"), args.folder / "truth.csv")


if __name__ == "__main__":
    main()
