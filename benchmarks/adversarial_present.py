"""Requests about persons who are registered: the kinds in which somebody may be confirmed."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.adversarial_people import People, Person, dob_error, typo
from benchmarks.adversarial_words import NICKNAMES, TWIN_NAMES, VARIANTS


class Present(People):
    """Each kind makes the people it needs, and one request."""

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

    def twins(self) -> None:
        names = self.random.choice(TWIN_NAMES)
        one = self.person(given=names[0])
        two = self.enrol(replace(one, given=names[1], tin=self.next_ssn(one.tin)))
        shown, other = self.random.sample((one, two), 2)
        self.ask("twins", shown, others=(other.given,))

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

    def apartments(self) -> None:
        home = replace(self.home(), unit="1A")
        given, family = self.name(self.given), self.name(self.family)
        tenants = [
            self.person(home=replace(home, unit=unit), given=given, family=family, middle="")
            for unit in ("1A", "2B", "7")[: self.random.randint(2, 3)]
        ]
        self.ask("apartments", self.random.choice(tenants), show_unit=self.random.random() < 0.6)

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

    def spelling(self) -> None:
        recorded, written = self.spellings()
        person = self.person(given=recorded)
        self.ask("spelling", replace(person, given=written), truth=person)

    def variant(self) -> None:
        """A family name as other papers write it: Mueller, O Brien, Delacruz."""
        names = self.random.choice(VARIANTS)
        recorded, written = self.random.sample(names, 2)
        person = self.person(family=recorded)
        self.ask("variant", replace(person, family=written), truth=person)

    def misrecorded(self) -> None:
        """The request is right, the registry has the typing error."""
        true = self.person(registered=False)
        field = self.random.choice(("given", "family", "dob", "tin"))
        if field == "dob":
            recorded = self.enrol(replace(true, dob=dob_error(self.random, true.dob)))
        else:
            wrong = typo(self.random, getattr(true, field))
            recorded = self.enrol(replace(true, **{field: wrong}))  # type: ignore[arg-type]
        self.ask("misrecorded", true, truth=recorded)

    def later_tenant(self) -> None:
        """Two of one name, one after the other at one address, both registered."""
        home = self.home()
        one = self.person(homes=(home, self.home()), middle="")
        two = self.person(home=home, given=one.given, family=one.family, middle="")
        self.ask("later_tenant", self.random.choice((one, two)), home=home)
