"""Requests about nobody of the registry who resemble somebody: nobody may be confirmed."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.adversarial_people import ANY_HOUSE, same_name
from benchmarks.adversarial_present import Present
from benchmarks.adversarial_words import COMMON_FAMILY, COMMON_GIVEN, NICKNAMES, TWIN_NAMES
from comity.identity.kinship import kinship


class Absent(Present):
    """Each kind makes the people it needs, and one request or, where chance made it no example of
    its kind, none."""

    def twin_absent(self) -> None:
        names = list(self.random.choice(TWIN_NAMES))
        self.random.shuffle(names)
        one = self.person(given=names[0])
        two = replace(one, id="", given=names[1], tin=self.next_ssn(one.tin))
        self.ask("twin_absent", two, nobody=True, others=(one.given,))

    def child_absent(self) -> None:
        parent = self.person(dob=self.birth(1935, 1965))
        child = replace(
            parent,
            dob=self.later(parent.dob),
            tin=self.ssn(),
            suffix=self.random.choice(("", "Jr", "II")),
        )
        self.ask("child_absent", child, nobody=True, firm=True)

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
        self.ask("member_mixed", mixed, nobody=True, firm=True, others=(two.given,))

    def spouse_absent(self) -> None:
        person = self.person()
        other = self.person(home=person.homes[0], family=person.family, registered=False)
        if other.given[:1] != person.given[:1]:
            self.ask("spouse_absent", other, nobody=True, others=(person.given,))

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
        if not same_name(relative.given, one.given):
            self.ask("relative_number", relative, nobody=True, others=(one.given,))

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

    def transposed_mixed(self) -> None:
        """The birth date or number of the one at the house number of the other."""
        one, two = self.namesakes_near()
        shown = self.random.choice((replace(one, tin=""), one))
        # any error in the house number would bring it as near to the one as to the other
        home = two.homes[0]
        self.ask("transposed_mixed", shown, home=home, nobody=True, firm=True, taken=ANY_HOUSE)

    def sibling_absent(self) -> None:
        """A relative of the same initial, with a name of their own, who is not registered."""
        one = self.person()
        given = self.random.choice(self.by_initial[one.given[0]])
        plain = kinship(given.upper(), one.given.upper()) == "plain_short_form"
        relative = self.person(
            home=one.homes[0], family=one.family, given=given, middle="", registered=False
        )
        if given != one.given and not plain:
            self.ask("sibling_absent", relative, nobody=True, others=(one.given,))

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

    def moved_unknown(self) -> None:
        person = self.person()
        self.ask("moved_unknown", person, home=self.home(), nobody=True)

    def unknown(self) -> None:
        self.ask("unknown", self.person(registered=False), nobody=True)

    def number_only(self) -> None:
        """Name and number of one person, the address of quite another."""
        one, two = self.person(), self.person()
        self.ask("number_only", one, home=two.homes[0], nobody=True)

    def spelling_absent(self) -> None:
        """A relative whose given name is another spelling of a registered one's (Katherine and
        Kathryn), who is not registered."""
        recorded, written = self.spellings()
        one = self.person(given=recorded)
        relative = self.person(
            home=one.homes[0], family=one.family, given=written, middle="", registered=False
        )
        self.ask("spelling_absent", relative, nobody=True, others=(recorded,))

    def later_tenant_absent(self) -> None:
        """A namesake who lives where a registered person once lived; only birth date and number
        tell that it is somebody else."""
        one = self.person(homes=(self.home(), self.home()), middle="")
        double = self.person(
            home=one.homes[0], given=one.given, family=one.family, middle="", registered=False
        )
        self.ask("later_tenant_absent", double, nobody=True, firm=True)
