"""Two of one name at one address, and a request with the number of the one and the name of the
other: a conflict for a human, never an answer."""

from __future__ import annotations

import csv
from collections.abc import Iterator

import pytest

from comity.agreement.model import IdentityPolicy
from comity.identity.match import Decision
from comity.identity.record import Subject
from comity.identity.registry import Registry
from comity.identity.source import COLUMNS

HOME = {"street": "754 W Mill Pond Pl", "city": "Kenosha", "state": "WI", "postal_code": "53143"}
FATHER, SON = "783788966", "818623007"
JUN, JUN_LEI = "984616519", "977945987"
PEOPLE = (
    ("father", FATHER, "Luis", "J", "Salazar", "", "1976-05-26"),
    ("son", SON, "Luis", "J", "Salazar", "Jr", "2003-01-15"),
    ("jun", JUN, "Jun", "", "Chen", "", "2004-05-07"),
    ("jun-lei", JUN_LEI, "Jun", "Lei", "Chen", "", "1984-06-04"),
)


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    folder = tmp_path_factory.mktemp("household")
    columns = ("person_id", "tin", "first_name", "middle_name", "last_name", "suffix")
    with (folder / "people.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, COLUMNS, restval="")
        out.writeheader()
        for person in PEOPLE:
            names = dict(zip((*columns, "date_of_birth"), person, strict=True))
            out.writerow({**names, **HOME, "address_from": "2020-01-01"})
    Registry.build(folder / "people.csv", folder / "index")
    with Registry.open(folder / "index") as opened:
        yield opened


@pytest.mark.parametrize(
    ("first", "middle", "last", "suffix", "number"),
    [
        ("LUIS", "", "SALAZAR", "JR", FATHER),
        ("LUIS", "J", "SALAZAR", "JR", FATHER),
        ("JUN", "LEI", "CHEN", "", JUN),
    ],
)
def test_the_number_of_the_one_and_the_whole_name_of_the_other_is_a_conflict(
    registry: Registry, first: str, middle: str, last: str, suffix: str, number: str
) -> None:
    (match,) = registry.verify([_subject(first, middle, last, suffix, number)], IdentityPolicy())
    assert match.decision is not Decision.CONFIRMED
    assert match.conflict


@pytest.mark.parametrize(
    ("first", "middle", "last", "suffix", "number", "born", "person"),
    [
        ("LUIS", "", "SALAZAR", "JR", SON, "", "son"),
        ("JUN", "LEI", "CHEN", "", JUN_LEI, "", "jun-lei"),
        ("JUN", "", "CHEN", "", JUN, "", "jun"),
        ("LUIS", "J", "SALAZAR", "", SON, "2003-01-15", "son"),  # a suffix left out
    ],
)
def test_who_is_meant_is_confirmed_where_nothing_speaks_for_the_other(
    registry: Registry,
    first: str,
    middle: str,
    last: str,
    suffix: str,
    number: str,
    born: str,
    person: str,
) -> None:
    asked = _subject(first, middle, last, suffix, number, born)
    (match,) = registry.verify([asked], IdentityPolicy())
    assert (match.decision, match.person_id) == (Decision.CONFIRMED, person)


def _subject(
    first: str, middle: str, last: str, suffix: str, number: str, born: str = ""
) -> Subject:
    return Subject(
        key="1",
        first_name=first,
        middle_name=middle,
        last_name=last,
        suffix=suffix,
        date_of_birth=born,
        tin=number,
        **HOME,
    )
