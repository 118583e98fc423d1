"""One row of a registry source, checked and in standard form; and a subject likewise."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from comity.core.errors import ComityError
from comity.identity.names import MAX_LENGTH, Name, standardise_name
from comity.identity.place import Place, standardise_place
from comity.request.model import Request

FLAGS = ("identity_theft", "protected_address", "impairment", "deceased", "minor")
"""The flags of a registry; any other is kept and warned about."""

PLACEHOLDERS = frozenset({"123456789", "987654321", "078051120", "219099999"})
"""Numbers that stand in forms and wallets and belong to nobody."""


@dataclass(frozen=True)
class Subject:
    """The person asked about: the identifying fields of a request, as text; '' where absent.

    `date_of_birth` is ISO 8601 (`1980-03-12`, or `19800312`)."""

    key: str
    first_name: str = ""
    middle_name: str = ""
    last_name: str = ""
    suffix: str = ""
    date_of_birth: str = ""
    tin: str = ""
    street: str = ""
    unit: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""


def subject_of(request: Request) -> Subject:
    """The person whom a request asks about, named by the request's id."""
    return Subject(
        key=request.request_id,
        first_name=request.first_name,
        middle_name=request.middle_name,
        last_name=request.last_name,
        suffix=request.suffix,
        date_of_birth=request.date_of_birth.isoformat() if request.date_of_birth else "",
        tin=request.tin,
        street=request.street,
        unit=request.unit,
        city=request.city,
        state=request.state,
        postal_code=request.postal_code,
        country=request.country,
    )


@dataclass(frozen=True)
class Standard:
    """Identifying fields in standard form: what is compared."""

    name: Name
    place: Place
    dob: date | None
    number: str


def standardise(subject: Subject) -> Standard:
    """A subject in standard form. What cannot be read counts as absent."""
    return Standard(
        name=standardise_name(
            subject.first_name, subject.middle_name, subject.last_name, subject.suffix
        ),
        place=place_of(subject),
        dob=read_date(subject.date_of_birth),
        number=read_number(subject.tin),
    )


def place_of(subject: Subject) -> Place:
    """The address in standard form; an address with an absurdly long field is none."""
    fields = (
        subject.street,
        subject.unit,
        subject.city,
        subject.state,
        subject.postal_code,
        subject.country,
    )
    if max(map(len, fields)) > MAX_LENGTH or not any(fields[:5]):
        return Place()
    try:
        return standardise_place(*(text.replace("\0", " ") for text in fields))
    except ComityError:
        return Place()


_DATE = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})", re.ASCII)


def read_date(text: str) -> date | None:
    """A calendar date between 1850 and 2100, or None."""
    if not text:
        return None
    found = _DATE.fullmatch(text.strip()[:20])
    if not found:
        return None
    try:
        day = date(*(int(part) for part in found.groups()))
    except ValueError:
        return None
    return day if 1850 <= day.year <= 2100 else None


def read_number(text: str) -> str:
    """A number without separators, or '' for none, a placeholder or no number at all."""
    number = "".join(c for c in text.upper() if c.isascii() and c.isalnum())
    sound = 4 <= len(number) <= 20 and any(c.isdigit() for c in number)
    if not sound or len(set(number)) == 1 or number in PLACEHOLDERS:
        return ""
    return number


def flags_of(text: str) -> tuple[str, ...]:
    """The flags of a row, lower case, each once, in order."""
    flags = (flag.strip().lower()[:64] for flag in text.split(";"))
    return tuple(sorted({flag for flag in flags if flag}))
