"""Writing made-up people down: as a clean row of the registry, or as a request with errors."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Set

from benchmarks.adversarial_people import Ask, Home, Person, dob_error, same_name, typo
from benchmarks.adversarial_words import CITIES, SUFFIXES
from comity.request.model import COLUMNS as REQUEST_COLUMNS

_EMPTY = dict.fromkeys(REQUEST_COLUMNS, "")
_SUFFIX_STYLES = {"Jr": ("Jr", "Jr.", "JR", "Junior"), "Sr": ("Sr", "Sr.", "SR"), "II": ("II",)}


class Clerk:
    """Writes rows, from one seeded source of randomness. `noise` as in `adversarial.make`."""

    def __init__(self, source: random.Random, noise: float) -> None:
        self.random = source
        self.noise = noise

    def chance(self, scale: float) -> bool:
        return self.random.random() < self.noise * scale

    def noisy(self, text: str, scale: float = 1.0) -> str:
        return typo(self.random, text) if self.chance(scale) else text

    def noisy_given(self, given: str, others: tuple[str, ...]) -> str:
        """A given name with errors, but none that makes it outright a name of one of the others
        (nothing in such a request would tell of the one who is meant) or hides that it names two
        persons or a wife."""
        name = given.removeprefix("Mrs ")
        written = given.removesuffix(name) + self.noisy(name)
        if "&" in given or "+" in given:
            return given
        return given if any(same_name(written, other) for other in others) else written

    def styled(self, text: str) -> str:
        match int(self.random.random() * 6):
            case 0:
                return text.upper()
            case 1:
                return text.lower()
            case 2:
                return f" {text} "
            case _:
                return text

    def street(self, home: Home, *, noisy: bool, taken: frozenset[int] = frozenset()) -> str:
        suffix = SUFFIXES[home.suffix][self.random.random() < 0.5]
        house, direction, street = str(home.house), home.direction, home.street
        if noisy:
            written, street = self.noisy(house, 0.4), self.noisy(street, 0.7)
            house = house if int(written) in taken else written
            if self.chance(0.15):
                suffix = ""
            if self.chance(0.15):
                direction = ""
        return " ".join(part for part in (house, direction, street, suffix) if part)

    def registry_rows(self, people: Iterable[Person], kept: Set[str]) -> Iterator[dict[str, str]]:
        """One row a person and home. Of a few the birth date or number was never recorded, but for
        the ids and numbers in `kept`: requests that only the record of these gives away."""
        draw = self.random.random
        for person in people:
            for number, home in enumerate(person.homes):
                city, state, zone = CITIES[home.city]
                last = number == len(person.homes) - 1
                bare = person.id not in kept and person.tin not in kept
                yield {
                    "person_id": person.id,
                    "tin": "" if bare and draw() < 0.01 else person.tin,
                    "first_name": person.given,
                    "middle_name": person.middle,
                    "last_name": person.family,
                    "suffix": person.suffix,
                    "date_of_birth": "" if bare and draw() < 0.01 else person.dob.isoformat(),
                    "street": self.street(home, noisy=False),
                    "unit": f"Apt {home.unit}" if home.unit else "",
                    "city": city,
                    "state": state,
                    "postal_code": f"{zone}{home.zone:02d}",
                    "address_from": f"{2005 + 3 * number}-01-01",
                    "address_to": "" if last else f"{2008 + 3 * number}-01-01",
                    "flags": "identity_theft" if draw() < 0.003 else "",
                }

    def request_row(self, number: int, ask: Ask) -> dict[str, str]:
        """The request as somebody typed it. Every field can err, the names most often; beside the
        errors, a birth date, number, unit or middle name is often just left out."""
        r, draw, person = self.random, self.random.random, ask.person
        dob = person.dob
        if not ask.firm and self.chance(0.5):
            dob = dob_error(r, dob)
        tin = person.tin if ask.firm else self.noisy(person.tin, 0.4)
        plus_four = f"-{int(draw() * 10**4):04d}" if draw() < 0.3 else ""
        city, state, zone = CITIES[ask.home.city]
        return {
            **_EMPTY,
            "request_id": f"R{number:07d}",
            "case_number": f"C{number:07d}",
            "first_name": self.styled(self.noisy_given(person.given, ask.others)),
            "middle_name": self.middle(person.middle),
            "last_name": self.styled(self.noisy(person.family)),
            "suffix": self.suffix(person.suffix),
            "date_of_birth": dob.isoformat() if ask.firm or draw() >= 0.15 else "",
            "tin": tin if ask.firm or draw() >= 0.3 else "",
            "street": self.styled(self.street(ask.home, noisy=True, taken=ask.taken)),
            "unit": self.unit(ask),
            "city": self.styled(self.noisy(city, 0.5)),
            "state": r.choice(CITIES)[1] if self.chance(0.05) else state,
            "postal_code": self.noisy(f"{zone}{ask.home.zone:02d}", 0.3) + plus_four,
        }

    def middle(self, middle: str) -> str:
        """Whole, as an initial or left out; a whole one may err."""
        match int(self.random.random() * 3) if middle else 0:
            case 0:
                return self.noisy(middle, 0.5)
            case 1:
                return middle[:1]
            case _:
                return ""

    def suffix(self, suffix: str) -> str:
        """As it is written, or left out; an error would make another generation of it."""
        if not suffix or self.chance(0.3):
            return ""
        return self.random.choice(_SUFFIX_STYLES[suffix])

    def unit(self, ask: Ask) -> str:
        """As it is written, or left out, or with an error."""
        unit = ask.home.unit
        if not unit or not ask.show_unit or self.chance(0.2):
            return ""
        return self.random.choice(("Apt ", "#", "Unit ", "")) + self.noisy(unit, 0.2)
