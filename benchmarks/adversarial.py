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
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from importlib.resources import files
from itertools import accumulate
from pathlib import Path

from comity.identity.source import COLUMNS as REGISTRY_COLUMNS
from comity.request.model import COLUMNS as REQUEST_COLUMNS

COMMON_GIVEN = (
    "James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard "
    "Susan Joseph Jessica Thomas Sarah Christopher Karen Charles Lisa Daniel Nancy Matthew Betty "
    "Anthony Sandra Mark Margaret Donald Ashley Steven Kimberly Andrew Emily Paul Donna Joshua "
    "Michelle Kenneth Carol Kevin Amanda Brian Melissa George Deborah Timothy Stephanie Ronald "
    "Rebecca Jason Laura Edward Sharon Jeffrey Cynthia Ryan Dorothy Jacob Amy Gary Kathleen Nicholas "
    "Angela Eric Shirley Jonathan Emma Stephen Brenda Larry Pamela Justin Nicole Scott Anna Brandon "
    "Samantha Benjamin Katherine Samuel Christine Gregory Helen Alexander Debra Patrick Rachel Frank "
    "Carolyn Raymond Janet Jack Maria Dennis Catherine Jerry Heather Tyler Diane Aaron Olivia Jose "
    "Julie Adam Joyce Nathan Victoria Henry Ruth Zachary Virginia Douglas Lauren Peter Kelly Kyle "
    "Christina Noah Joan Ethan Evelyn Jeremy Judith Christian Andrea Walter Hannah Keith Megan Austin "
    "Cheryl Roger Jacqueline Terry Martha Sean Madison Gerald Teresa Carl Gloria Dylan Sara Harold "
    "Janice Jordan Ann Jesse Kathryn Bryan Abigail Lawrence Sophia Arthur Frances Gabriel Jean Bruce "
    "Alice Logan Judy Billy Isabella Joe Julia Alan Grace Juan Amber Elijah Denise Willie Danielle "
    "Albert Marilyn Wayne Beverly Randy Charlotte Mason Natalie Vincent Theresa Liam Diana Luis "
    "Carlos Guadalupe Rosa Jorge Miguel Ana Pedro Carmen Francisco Luz Mohammed Fatima Nguyen Wei"
).split()
COMMON_FAMILY = (
    "Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez "
    "Gonzalez Wilson Anderson Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris "
    "Sanchez Clark Ramirez Lewis Robinson Walker Young Allen King Wright Scott Torres Nguyen Hill "
    "Flores Green Adams Nelson Baker Hall Rivera Campbell Mitchell Carter Roberts Gomez Phillips "
    "Evans Turner Diaz Parker Cruz Edwards Collins Reyes Stewart Morris Morales Murphy Cook Rogers "
    "Gutierrez Ortiz Morgan Cooper Peterson Bailey Reed Kelly Howard Ramos Kim Cox Ward Richardson "
    "Watson Brooks Chavez Wood James Bennett Gray Mendoza Ruiz Hughes Price Alvarez Castillo Sanders "
    "Patel Myers Long Ross Foster Jimenez O'Brien O'Neill McDonald Müller Nuñez DeLaCruz Al-Hassan"
).split()
TWIN_NAMES = [
    tuple(pair.split("/"))
    for pair in (
        "Jayden/Jaden Jayden/Hayden Kayla/Kaylee Maria/Mario Daniel/Danielle Eric/Erica Carl/Carla "
        "Christian/Christina Michael/Michelle Anna/Hannah Ella/Emma Ava/Eva Tim/Tom Mia/Mya Ann/Anna "
        "Marcus/Mark Julia/Julian Paul/Paula John/Joan Jean/Joan Andrea/Andrew Olivia/Oliver Ana/Ann "
        "Gabriel/Gabriela Martin/Martina Joseph/Josephine Aiden/Ayden Madison/Maddison Megan/Morgan "
        "Alexis/Alexia Brian/Brianna Taylor/Tyler Ethan/Evan Isabel/Isabella Jada/Jade Faith/Hope "
        "Luis/Luisa Jose/Josefa Francisco/Francisca Jasmin/Jaslyn Landon/London Caleb/Kaleb"
    ).split()
]
SHORT = {
    short: full
    for full, short in (
        pair.split("/")
        for pair in (
            "Robert/Bob William/Bill James/Jim Michael/Mike Elizabeth/Liz Thomas/Tom David/Dave "
            "Kathleen/Kathy Margaret/Peggy Christopher/Chris Jennifer/Jen Richard/Dick Joseph/Joe "
            "Patricia/Trish Susan/Sue Steven/Steve Daniel/Dan Matthew/Matt Anthony/Tony Andrew/Andy "
            "Edward/Ed Kenneth/Ken Ronald/Ron Timothy/Tim Deborah/Debbie Rebecca/Becky Benjamin/Ben "
            "Francisco/Paco Guadalupe/Lupe Samuel/Sam Gregory/Greg Jessica/Jess Victoria/Vicky"
        ).split()
    )
}
NICKNAMES = {full: short for short, full in SHORT.items()}
STREETS = (
    "Oak Maple Main Elm Cedar Pine Washington Lake Hill Walnut Spring North Ridge Church Willow Mill "
    "Sunset Railroad Jackson Lincoln Park River Highland Johnson Dogwood Chestnut Franklin Spruce "
    "Madison Meadow Forest Hickory Jefferson Valley Sycamore Adams Laurel Poplar Magnolia Cherry "
    "Locust Birch Ash Monroe Holly Peach Center Union Summit Prospect Garden Colonial Canyon Juniper "
    "Mulberry Fairview Evergreen Crescent Lakeview Cottonwood Broadway Harrison Belmont Kensington"
).split()
SUFFIXES = (
    ("St", "Street"),
    ("Ave", "Avenue"),
    ("Rd", "Road"),
    ("Dr", "Drive"),
    ("Ln", "Lane"),
    ("Ct", "Court"),
    ("Blvd", "Boulevard"),
)
CITIES = (
    ("Springfield", "IL", "627"),
    ("Peoria", "IL", "616"),
    ("Houston", "TX", "770"),
    ("Laredo", "TX", "780"),
    ("Phoenix", "AZ", "850"),
    ("Tucson", "AZ", "857"),
    ("Fresno", "CA", "937"),
    ("San Jose", "CA", "951"),
    ("Newark", "NJ", "071"),
    ("Columbus", "OH", "432"),
    ("Denver", "CO", "802"),
    ("Miami", "FL", "331"),
    ("Atlanta", "GA", "303"),
    ("Boston", "MA", "021"),
    ("Detroit", "MI", "482"),
    ("Saint Paul", "MN", "551"),
    ("Omaha", "NE", "681"),
    ("Albuquerque", "NM", "871"),
    ("Las Vegas", "NV", "891"),
    ("Buffalo", "NY", "142"),
)


@dataclass(frozen=True)
class Home:
    """A place to live; `unit` '' for a house of its own."""

    house: int
    street: str
    suffix: int
    city: int
    zone: int
    unit: str = ""
    direction: str = ""


@dataclass(frozen=True)
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
    flags: str = ""


@dataclass(frozen=True)
class Ask:
    """A request before noise: who it describes, where, and the truth about it.

    `truth` is the person who may be confirmed, '' if nobody may. `on_file`: the address is one of
    that person's, so that a confirmation can be hoped for. `firm`: date and number stay, because
    without them the request could not be told from an honest one."""

    kind: str
    person: Person
    home: Home
    truth: str
    on_file: bool = True
    firm: bool = False
    show_unit: bool = True


@dataclass
class World:
    """What was made: rows of the registry, rows of the batch, and the truth by request id."""

    registry: list[dict[str, str]] = field(default_factory=list)
    requests: list[dict[str, str]] = field(default_factory=list)
    truth: dict[str, tuple[str, str, bool]] = field(default_factory=dict)
    """request id: (kind, person id or '', address on file)."""


class Maker:
    """Draws persons, households and requests from one seeded source of randomness."""

    def __init__(self, seed: int, noise: float) -> None:
        self.random = random.Random(seed)
        self.noise = noise
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

    def person(self, *, home: Home | None = None, registered: bool = True, **given: object) -> Person:
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
        self.ask(
            "apartments", self.random.choice(tenants), show_unit=self.random.random() < 0.6
        )

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
        self.ask("common_street", self.random.choice(near))

    def next_door_absent(self) -> None:
        person = self.person(home=replace(self.home(), house=self.random.randint(10, 980)))
        home = replace(person.homes[0], house=person.homes[0].house + self.random.choice((1, 2, 10)))
        double = self.person(
            home=home, given=person.given, family=person.family, registered=False
        )
        self.ask("next_door_absent", double, nobody=True, firm=True)

    def number_stolen(self) -> None:
        one, two = self.person(), self.person()
        self.ask("number_stolen", replace(one, tin=two.tin), nobody=True, firm=True)

    def number_shared(self) -> None:
        one = self.person()
        self.person(tin=one.tin)
        self.ask("number_shared", one, nobody=True, firm=True)

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
    ) -> None:
        meant = "" if nobody else (truth or shown).id
        at = home or shown.homes[0]
        self.asks.append(
            Ask(kind, shown, at, meant, on_file and not nobody, firm, show_unit)
        )

    # --- writing down ------------------------------------------------------------------------

    def typo(self, text: str) -> str:
        if len(text) < 2:
            return text
        r, letters = self.random, "0123456789" if text.isdigit() else "abcdefghijklmnopqrstuvwxyz"
        at = r.randrange(len(text) - 1)
        match r.randrange(4):
            case 0:
                return text[:at] + r.choice(letters) + text[at + 1 :]
            case 1:
                return text[:at] + text[at + 1 :]
            case 2:
                return text[:at] + text[at] + text[at:]
            case _:
                return text[:at] + text[at + 1] + text[at] + text[at + 2 :]

    def noisy(self, text: str, scale: float = 1.0) -> str:
        return self.typo(text) if self.random.random() < self.noise * scale else text

    def styled(self, text: str) -> str:
        return self.random.choice((text, text, text, text.upper(), text.lower(), f" {text} "))

    def street(self, home: Home, *, noisy: bool) -> str:
        suffix = SUFFIXES[home.suffix][self.random.randrange(2)]
        house = str(home.house)
        street = home.street
        if noisy:
            house, street = self.noisy(house, 0.4), self.noisy(street, 0.7)
            if self.random.random() < self.noise * 0.15:
                suffix = ""
        return " ".join(part for part in (house, home.direction, street, suffix) if part)

    def registry_rows(self) -> Iterator[dict[str, str]]:
        r = self.random
        for person in self.people:
            for number, home in enumerate(person.homes):
                city, state, zone = CITIES[home.city]
                last = number == len(person.homes) - 1
                yield {
                    "person_id": person.id,
                    "tin": person.tin,
                    "first_name": person.given,
                    "middle_name": person.middle,
                    "last_name": person.family,
                    "suffix": person.suffix,
                    "date_of_birth": "" if r.random() < 0.01 else person.dob.isoformat(),
                    "street": self.street(home, noisy=False),
                    "unit": f"Apt {home.unit}" if home.unit else "",
                    "city": city,
                    "state": state,
                    "postal_code": f"{zone}{home.zone:02d}",
                    "address_from": f"{2005 + 3 * number}-01-01",
                    "address_to": "" if last else f"{2008 + 3 * number}-01-01",
                    "flags": "identity_theft" if r.random() < 0.003 else "",
                }

    def request_row(self, number: int, ask: Ask) -> dict[str, str]:
        r, person = self.random, ask.person
        city, state, zone = CITIES[ask.home.city]
        dob = person.dob.isoformat()
        if self.random.random() < self.noise * 0.5 and not ask.firm:
            dob = self.dob_error(person.dob)
        tin = person.tin if ask.firm else self.noisy(person.tin, 0.4)
        if not ask.firm:
            dob = "" if r.random() < 0.15 else dob
            tin = "" if r.random() < 0.3 else tin
        unit = ask.home.unit if ask.show_unit and r.random() > self.noise * 0.2 else ""
        plus_four = f"-{r.randrange(10**4):04d}" if r.random() < 0.3 else ""
        return dict.fromkeys(REQUEST_COLUMNS, "") | {
            "request_id": f"R{number:07d}",
            "case_number": f"C{number:07d}",
            "first_name": self.styled(self.noisy(person.given)),
            "middle_name": r.choice((person.middle, person.middle[:1], "")),
            "last_name": self.styled(self.noisy(person.family)),
            "suffix": person.suffix,
            "date_of_birth": dob,
            "tin": tin,
            "street": self.styled(self.street(ask.home, noisy=True)),
            "unit": r.choice(("Apt ", "#", "Unit ", "")) + unit if unit else "",
            "city": self.styled(self.noisy(city, 0.5)),
            "state": state,
            "postal_code": self.noisy(f"{zone}{ask.home.zone:02d}", 0.3) + plus_four,
        }

    def dob_error(self, dob: date) -> str:
        for _ in range(20):
            text = f"{dob:%Y%m%d}"
            if self.random.random() < 0.3:
                text = text[:4] + text[6:] + text[4:6]
            else:
                text = self.typo(text)
            try:
                wrong = date(int(text[:4]), int(text[4:6]), int(text[6:8]))
            except ValueError:
                continue
            if len(text) == 8 and 1900 < wrong.year < 2027:
                return wrong.isoformat()
        return dob.isoformat()


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
    (0.03, "unknown"),
    (0.02, "number_only"),
)


def make(persons: int, requests: int, seed: int, noise: float = 0.15) -> World:
    """Make a world of about so many registered persons and exactly so many requests.

    `noise` is the chance of a typing error in a request's name, and scales all other errors."""
    maker = Maker(seed, noise)
    kinds: list[Callable[[], None]] = [getattr(maker, kind) for _, kind in SHARES]
    shares = list(accumulate(share for share, _ in SHARES))
    while len(maker.asks) < requests:
        maker.random.choices(kinds, cum_weights=shares)[0]()
    while len(maker.people) < persons:
        maker.person()
    world = World(registry=list(maker.registry_rows()))
    maker.random.shuffle(maker.asks)
    for number, ask in enumerate(maker.asks[:requests], 1):
        row = maker.request_row(number, ask)
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
    write(
        truth, ("request_id", "kind", "person_id", "address_on_file"), args.folder / "truth.csv"
    )


if __name__ == "__main__":
    main()
