"""Writing made-up people down: as a clean row of the registry, or as a request with errors."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from benchmarks.adversarial_words import CITIES, SUFFIXES, TWIN_NAMES
from comity.identity.kinship import kinship
from comity.request.model import COLUMNS as REQUEST_COLUMNS


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
    without them the request could not be told from an honest one. `taken`: house numbers where a
    registered namesake lives; no typing error may write one of these, because such a request would
    state that person and nobody else."""

    kind: str
    person: Person
    home: Home
    truth: str
    on_file: bool = True
    firm: bool = False
    show_unit: bool = True
    taken: frozenset[int] = frozenset()


class Clerk:
    """Writes rows, from one seeded source of randomness. `noise` as in `adversarial.make`."""

    def __init__(self, source: random.Random, noise: float) -> None:
        self.random = source
        self.noise = noise

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

    def noisy_given(self, given: str) -> str:
        """A given name with errors, but none that makes it outright a name of the other twin
        (nothing in such a request would tell of the one who is meant) or hides that it names two
        persons."""
        written = self.noisy(given)
        if "&" in given or "+" in given:
            return given
        others = {name for pair in TWIN_NAMES if given in pair for name in pair if name != given}
        theirs = any(
            written == other or kinship(written.upper(), other.upper()) for other in others
        )
        return given if theirs else written

    def styled(self, text: str) -> str:
        return self.random.choice((text, text, text, text.upper(), text.lower(), f" {text} "))

    def street(self, home: Home, *, noisy: bool, taken: frozenset[int] = frozenset()) -> str:
        suffix = SUFFIXES[home.suffix][self.random.randrange(2)]
        house = str(home.house)
        street = home.street
        if noisy:
            written, street = self.noisy(house, 0.4), self.noisy(street, 0.7)
            house = house if int(written) in taken else written
            if self.random.random() < self.noise * 0.15:
                suffix = ""
        return " ".join(part for part in (house, home.direction, street, suffix) if part)

    def registry_rows(self, people: Iterable[Person]) -> Iterator[dict[str, str]]:
        r = self.random
        for person in people:
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
            "first_name": self.styled(self.noisy_given(person.given)),
            "middle_name": r.choice((person.middle, person.middle[:1], "")),
            "last_name": self.styled(self.noisy(person.family)),
            "suffix": person.suffix,
            "date_of_birth": dob,
            "tin": tin,
            "street": self.styled(self.street(ask.home, noisy=True, taken=ask.taken)),
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
