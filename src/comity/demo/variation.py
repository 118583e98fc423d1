"""How a requester writes down a person: plainly, or with the slips and styles of real files."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from random import Random

from comity.demo.people import Person
from comity.demo.places import Dwelling
from comity.demo.words import short_forms, spelled_out


@dataclass(frozen=True)
class Written:
    """A person as a request writes it; names are those of the request's columns."""

    first_name: str
    middle_name: str
    last_name: str
    suffix: str
    date_of_birth: str
    tin: str
    street: str
    unit: str
    city: str
    state: str
    postal_code: str

    def in_capitals(self) -> Written:
        """The same in capitals without accents, as older systems print it."""
        return Written(*(_plain(value).upper() for value in self.values()))

    def values(self) -> tuple[str, ...]:
        """The cells in the order of the columns."""
        return tuple(self.__dict__.values())


def write_plainly(
    rng: Random, person: Person, home: Dwelling, *, with_dob: bool, with_tin: bool
) -> Written:
    """A person at an address, without a slip; numbers now and then with dashes."""
    tin = person.tin if with_tin else ""
    if tin and rng.random() < 0.25:
        tin = f"{tin[:3]}-{tin[3:5]}-{tin[5:]}"
    return Written(
        person.first,
        person.middle if rng.random() < 0.6 else "",
        person.last,
        person.suffix,
        person.born.isoformat() if with_dob else "",
        tin,
        *home[:5],
    )


def vary(rng: Random, person: Person, written: Written) -> Written:
    """The same person with one slip in the name or the address, and a style of its own.

    Each slip is one that leaves no doubt to a reader who sees the birth date as well."""
    name = rng.choice((_short_form, _typing_error, _swapped, _part_of_name, _short_form))
    place = rng.choice((_spelled_out, _spelled_out, _street_error, _unit_style))
    if rng.random() < 0.5:
        return place(rng, name(rng, person, written))
    return name(rng, person, written) if rng.random() < 0.5 else place(rng, written)


def misspell(rng: Random, word: str) -> str:
    """One typing error after the second letter: two letters swapped, one doubled or left out."""
    if len(word) < 5:
        return word
    at = rng.randrange(2, len(word) - 1)
    match rng.randrange(3):
        case 0:
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        case 1:
            return word[:at] + word[at] + word[at:]
        case _:
            return word[:at] + word[at + 1 :]


def _short_form(rng: Random, person: Person, written: Written) -> Written:
    short = short_forms().get((person.sex, person.first))
    if short is None:
        return _typing_error(rng, person, written)
    return replace(written, first_name=short)


def _typing_error(rng: Random, _: Person, written: Written) -> Written:
    return replace(written, last_name=misspell(rng, written.last_name))


def _swapped(_: Random, __: Person, written: Written) -> Written:
    """Family name in the field of the given one, and the other way round."""
    return replace(written, first_name=written.last_name, last_name=written.first_name)


def _part_of_name(rng: Random, person: Person, written: Written) -> Written:
    words = written.last_name.replace("-", " ").split(" ")
    if len(words) != 2 or len(min(words, key=len)) < 4:
        return _short_form(rng, person, written)
    return replace(written, last_name=words[0])


def _spelled_out(_: Random, written: Written) -> Written:
    long = spelled_out()
    words = written.street.split(" ")
    return replace(written, street=" ".join(long.get(word, word) for word in words))


def _street_error(rng: Random, written: Written) -> Written:
    words = written.street.split(" ")
    at = max(range(len(words)), key=lambda i: len(words[i]) if words[i].isalpha() else 0)
    words[at] = misspell(rng, words[at]) if words[at].isalpha() else words[at]
    return replace(written, street=" ".join(words))


def _unit_style(rng: Random, written: Written) -> Written:
    """The unit at the end of the street line, as Publication 28 prefers it."""
    if not written.unit:
        return _spelled_out(rng, written)
    return replace(written, street=f"{written.street} {written.unit}", unit="")


def _plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
