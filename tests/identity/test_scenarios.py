"""Named cases: whom a request confirms, and whom it must not, against one small registry.

Everybody is made up. `confirms` is the person who must be confirmed, or None where nobody may be.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.identity.conftest import write_source

from comity.agreement.model import IdentityPolicy
from comity.identity.match import Decision, Match
from comity.identity.registry import Registry, Subject

CITY = {"city": "Peoria", "state": "IL", "postal_code": "61601"}
FIELDS = ("first_name", "middle_name", "last_name", "suffix", "date_of_birth", "tin", "street")


def row(person_id: str, *fields: str, **more: str) -> dict[str, str]:
    return {"person_id": person_id, **dict(zip(FIELDS, fields, strict=True)), **CITY, **more}


def ask(
    name: str, street: str, *, born: str = "", tin: str = "", unit: str = "", **more: str
) -> Subject:
    """`name` is `given|middle|family|suffix`; what is left out at the end is absent."""
    given, middle, family, suffix = [*name.split("|"), "", "", ""][:4]
    place = {**CITY, "unit": unit, "street": street} | more
    return Subject("asked", given, middle, family, suffix, born, tin, **place)


REGISTRY = [
    row("ada", "Ada", "Ruth", "Quimby", "", "1971-03-09", "211440001", "12 Walnut Street"),
    row("ada", "Ada", "Ruth", "Quimby", "", "1971-03-09", "211440001", "840 Ridge Road"),
    # twins, both registered; and twins of whom only one is
    row("jaden", "Jaden", "", "Miller", "", "1990-05-05", "211440110", "10 Oak Street"),
    row("jayden", "Jayden", "", "Miller", "", "1990-05-05", "211440111", "10 Oak Street"),
    row("john-m", "John", "", "Mellor", "", "1988-02-11", "311440120", "25 Elm Street"),
    row("marcus", "Marcus", "", "Yocum", "", "1956-04-27", "411440130", "895 Willow Drive"),
    # a father and a son of one name
    row("sr", "Luis", "", "Salazar", "", "1945-09-01", "511440140", "754 Mill Lane"),
    row("jr", "Luis", "", "Salazar", "Jr", "1972-04-22", "611440150", "754 Mill Lane"),
    # a father whose son is not registered
    row("henry", "Henry", "", "Osgood", "", "1940-07-07", "221440160", "61 Birch Court"),
    # a couple, and a household of which some have like names
    row("walter", "Walter", "", "Pruitt", "", "1960-01-31", "231440170", "77 Cedar Avenue"),
    row("edith", "Edith", "", "Pruitt", "", "1962-10-12", "241440180", "77 Cedar Avenue"),
    row("christo", "Christopher", "", "Lund", "", "1980-06-06", "251440190", "300 Spruce Road"),
    row("christi", "Christine", "", "Lund", "", "1983-08-08", "261440200", "300 Spruce Road"),
    # names of several words
    row("maria", "Maria", "", "Garcia Lopez", "", "1975-12-01", "271440210", "18 Locust Street"),
    row("robert", "Robert", "", "Tannen", "", "1966-02-02", "281440220", "44 Poplar Street"),
    # an apartment, a namesake's house number nearby, no house number at all
    row(
        "grace", "Grace", "", "Halloran", "", "1979-11-11", "291440230", "100 Main St", unit="1A"
    ),
    row("oscar", "Oscar", "", "Benning", "", "1969-09-19", "321440240", "1482 Chestnut Street"),
    row("vera", "Vera", "", "Stokes", "", "1958-05-15", "331440250", "General Delivery"),
    # two persons under one number, a protected one, and one whose rows contradict one another
    row("share-1", "Dora", "", "Kemp", "", "1950-01-02", "341440260", "5 Ash Lane"),
    row("share-2", "Felix", "", "Moran", "", "1951-02-03", "341440260", "6 Holly Lane"),
    row(
        "guarded", "Irene", "", "Vale", "", "1985-05-25", "351440270", "9 Union Street",
        flags="protected_address;identity_theft",
    ),
    row("torn", "Noel", "", "Askew", "", "1964-04-04", "361440280", "3 Peach Street"),
    row("torn", "Noel", "", "Askew", "", "1974-04-04", "361440280", "3 Peach Street"),
    # other letters
    # two of one name at house numbers that a swap turns into each other
    row("paula", "Paula", "", "Dufour", "", "1960-04-04", "401440310", "132 Elm Street"),
    row("paula-2", "Paula", "", "Dufour", "", "1980-08-18", "411440320", "123 Elm Street"),
    row("wei", "Wei", "", "Li", "", "1986-04-04", "421440330", "24 Ash Street"),
    row("li", "Li", "", "Wei", "", "1970-10-10", "431440340", "22 Ash Street"),
    row("elizabeth", "Elizabeth", "", "Kowalczyk", "", "1957-03-03", "441440350", "7 Hill Road"),
    row("stephen", "Stephen", "", "Brandvold", "", "1957-03-03", "451440360", "8 Hill Road"),
    row("na", "Na", "M", "Yang", "", "1990-09-09", "461440370", "31 Hill Road"),
    row("jose", "José", "", "Núñez", "", "1977-07-17", "371440290", "21 Laurel Street"),
    row("wang", "伟", "", "王", "", "1981-01-11", "381440300", "22 Laurel Street"),
    row("salma", "سلمى", "", "الحداد", "", "1982-02-12", "391440310", "23 Laurel Street"),
]  # fmt: skip


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    folder: Path = tmp_path_factory.mktemp("scenarios")
    Registry.build(write_source(REGISTRY, folder / "source.csv"), folder / "index")
    with Registry.open(folder / "index") as opened:
        yield opened


def verified(registry: Registry, subject: Subject, policy: IdentityPolicy | None = None) -> Match:
    (match,) = registry.verify([subject], policy or IdentityPolicy())
    assert (match.person_id is not None) == (match.decision is Decision.CONFIRMED)
    return match


CONFIRMED = {
    "name and address": ("ada", ask("Ada||Quimby", "12 Walnut St")),
    "a former address": ("ada", ask("ADA|R|QUIMBY", "840 ridge rd")),
    "a twin by number": ("jaden", ask("Jaden||Miller", "10 Oak St", tin="211-44-0110")),
    "a son by birth date": ("jr", ask("Luis||Salazar", "754 Mill Ln", born="1972-04-22")),
    "a father by birth date": ("sr", ask("Luis||Salazar", "754 Mill Ln", born="1945-09-01")),
    "a son by suffix and number": (
        "jr",
        ask("Luis||Salazar|Jr", "754 Mill Ln", tin="611440150"),
    ),
    "one of two whom a short form fits": (
        "christi",
        ask("Chris||Lund", "300 Spruce Rd", born="1983-08-08"),
    ),
    "a short form beside a number": (
        "robert",
        ask("Bob||Tannen", "44 Poplar St", tin="281440220"),
    ),
    "a name of its own beside a number": (
        "marcus",
        ask("Mark||Yocum", "895 Willow Dr", tin="411440130"),
    ),
    "one family name of two": (
        "maria",
        ask("Maria||Garcia", "18 Locust St", born="1975-12-01"),
    ),
    "family names in another order": (
        "maria",
        ask("Maria||Lopez-Garcia", "18 Locust St", born="1975-12-01"),
    ),
    "family names in one word": ("maria", ask("Maria||GarciaLopez", "18 Locust St")),
    "given and family name swapped": (
        "robert",
        ask("Tannen||Robert", "44 Poplar St", born="1966-02-02"),
    ),
    "a typing error in the family name": ("robert", ask("Robert||Tanenn", "44 Poplar St")),
    "a typing error in the given name": (
        "robert",
        ask("Robetr||Tannen", "44 Poplar St", born="1966-02-02"),
    ),
    "no unit, but the birth date": (
        "grace",
        ask("Grace||Halloran", "100 Main Street", born="1979-11-11"),
    ),
    "the unit in other words": ("grace", ask("Grace||Halloran", "100 Main St Apt 1-A")),
    "a mistyped house number beside a birth date": (
        "oscar",
        ask("Oscar||Benning", "1428 Chestnut St", born="1969-09-19"),
    ),
    "no house number to give, but the birth date": (
        "vera",
        ask("Vera||Stokes", "General Delivery", born="1958-05-15"),
    ),
    "a house number that a namesake's would be by a swap": (
        "paula-2",
        ask("Paula||Dufour", "123 Elm St"),
    ),
    "the same, the other way round": ("paula", ask("Paula||Dufour", "132 Elm St")),
    "the same, with the birth date": (
        "paula",
        ask("Paula||Dufour", "132 Elm St", born="1960-04-04"),
    ),
    "a number with two digits swapped, a date with one wrong": (
        "paula",
        ask("Paula||Dufour", "132 Elm St", born="1960-04-14", tin="401440301"),
    ),
    "a short form that is hardly ever a name": ("robert", ask("Bob||Tannen", "44 Poplar St")),
    "the first of two family names": ("maria", ask("Maria||Garcia", "18 Locust St")),
    "plainly swapped, and nothing beside": ("oscar", ask("Benning||Oscar", "1482 Chestnut St")),
    "a given name that elsewhere stands for none": ("na", ask("Na|M|Yang", "31 Hill Rd")),
    "the same without a middle name, but the birth date": (
        "na",
        ask("NA||Yang", "31 Hill Rd", born="1990-09-09"),
    ),
    "accents": ("jose", ask("JOSE||NUNEZ", "21 Laurel St")),
    "Chinese letters": ("wang", ask("伟||王", "22 Laurel St")),
    "letters from right to left": ("salma", ask("سلمى||الحداد", "23 Laurel St")),
    "a wife by her own name": ("edith", ask("Edith||Pruitt", "77 Cedar Ave")),
}

NOBODY = {
    "an address that was never theirs": ask("Ada||Quimby", "99 Nowhere Street", born="1971-03-09"),
    "name, birth date and number at another's address": ask(
        "Ada||Quimby", "77 Cedar Ave", born="1971-03-09", tin="211440001"
    ),
    "a number without a name": ask("", "12 Walnut St", tin="211440001"),
    "a number without an address": ask(
        "Ada||Quimby", "", tin="211440001", city="", state="", postal_code=""
    ),
    "a name without an address": ask("Ada||Quimby", "", city="", state="", postal_code=""),
    "no house number": ask("Ada||Quimby", "Walnut Street", born="1971-03-09", tin="211440001"),
    "another given name at the address": ask("Joan||Quimby", "12 Walnut St", tin="211440001"),
    "no given name": ask("||Quimby", "12 Walnut St", born="1971-03-09", tin="211440001"),
    "another birth date": ask("Ada||Quimby", "12 Walnut St", born="1999-12-31"),
    "another number": ask("Ada||Quimby", "12 Walnut St", tin="599887766"),
    "a twin without a number": ask("Jaden||Miller", "10 Oak St", born="1990-05-05"),
    "a twin who is not registered": ask("Joan||Mellor", "25 Elm St", born="1988-02-11"),
    "an unregistered twin whose name a typing error made the other's": ask(
        "John||Mellor", "25 Elm St", born="1988-02-11", tin="311440121"
    ),
    "a typing error that two names explain": ask("Jozn||Mellor", "25 Elm St", born="1988-02-11"),
    "a twin whose name is a short form of the other's": ask(
        "Mark||Yocum", "895 Willow Dr", born="1956-04-27"
    ),
    "father or son, nothing to tell": ask("Luis||Salazar", "754 Mill Ln"),
    "the son's suffix with the father's birth date": ask(
        "Luis||Salazar|Jr", "754 Mill Ln", born="1945-09-01"
    ),
    "the bare name with the son's number": ask("Luis||Salazar", "754 Mill Ln", tin="611440150"),
    "a son who is not registered, by suffix": ask("Henry||Osgood|Jr", "61 Birch Ct"),
    "a son who is not registered, by birth date": ask(
        "Henry||Osgood", "61 Birch Ct", born="1968-07-07"
    ),
    "a wife under her husband's name": ask("Mrs Walter||Pruitt", "77 Cedar Ave"),
    "two persons in one request": ask("Walter & Edith||Pruitt", "77 Cedar Ave"),
    "a relative of the same initial": ask("W||Pruitt", "77 Cedar Ave", born="1991-06-30"),
    "an initial alone": ask("W||Pruitt", "77 Cedar Ave"),
    "a short form that fits two": ask("Chris||Lund", "300 Spruce Rd"),
    "a short form that is as often a name": ask("Betty||Kowalczyk", "7 Hill Rd"),
    "a short form for another spelling": ask("Jon||Mellor", "25 Elm St"),
    "another spelling alone": ask("Steven||Brandvold", "8 Hill Rd"),
    "the second family name alone": ask("Maria||Lopez", "18 Locust St"),
    "a family name more than is on record": ask("Robert||Tannen Lopez", "44 Poplar St"),
    "two slight doubts": ask("Bob||Tanenn", "44 Poplar St"),
    "swapped words that are names both ways": ask("Li||Wei", "24 Ash St"),
    "no word that is a given name": ask("NA||Yang", "31 Hill Rd"),
    "the birth date of one at the house of a namesake": ask(
        "Paula||Dufour", "123 Elm St", born="1960-04-04"
    ),
    "the same of a namesake with the names turned round": ask(
        "Wei||Li", "22 Ash St", born="1986-04-04"
    ),
    "a house number between two namesakes": ask("Paula||Dufour", "122 Elm St"),
    "no unit in a building of several": ask("Grace||Halloran", "100 Main St"),
    "another unit": ask("Grace||Halloran", "100 Main St", unit="2B", born="1979-11-11"),
    "a house number next to it": ask("Oscar||Benning", "1428 Chestnut St"),
    "a house number next to it, and another birth date": ask(
        "Oscar||Benning", "1428 Chestnut St", born="1970-03-03"
    ),
    "another house number": ask("Oscar||Benning", "9 Chestnut St", born="1969-09-19"),
    "no house number to give": ask("Vera||Stokes", "General Delivery"),
    "a record that contradicts itself": ask("Noel||Askew", "3 Peach St", born="1964-04-04"),
    "a placeholder for a name": ask("UNKNOWN||Quimby", "12 Walnut St"),
    "nothing at all": Subject("asked"),
}

CONFLICT = {
    "name and address of one, number of the other": ask(
        "Walter||Pruitt", "77 Cedar Ave", tin="241440180"
    ),
    "name of one, birth date and number of the other": ask(
        "Walter||Pruitt", "77 Cedar Ave", born="1962-10-12", tin="241440180"
    ),
    "the son's suffix with the father's number": ask(
        "Luis||Salazar|Jr", "754 Mill Ln", tin="511440140"
    ),
    "the number of one at the house of a namesake": ask(
        "Paula||Dufour", "123 Elm St", tin="401440310"
    ),
    "a stranger's number": ask("Ada||Quimby", "12 Walnut St", tin="281440220"),
    "a number of two persons": ask("Dora||Kemp", "5 Ash Ln", born="1950-01-02", tin="341440260"),
}


@pytest.mark.parametrize("case", CONFIRMED)
def test_confirms(registry: Registry, case: str) -> None:
    person, subject = CONFIRMED[case]
    match = verified(registry, subject)
    assert match.person_id == person, match.reason
    assert match.name_agrees
    assert match.address_agrees
    assert match.dob_agrees is (True if subject.date_of_birth else None)
    assert match.tin_agrees is (True if subject.tin else None)
    assert not match.conflict


def test_a_column_is_false_where_it_contradicts_and_empty_where_nothing_is_compared(
    registry: Registry,
) -> None:
    other = ask("Ada||Quimby", "12 Walnut St", born="1999-12-31", tin="599887766")
    match = verified(registry, other)
    assert (match.dob_agrees, match.tin_agrees) == (False, False)
    policy = IdentityPolicy("name_birth_date_and_number", ("name", "date_of_birth", "number"))
    apart = ask("Ada||Quimby", "99 Nowhere St", born="1971-03-09", tin="211440001")
    match = verified(registry, apart, policy)
    assert match.person_id == "ada"
    assert match.address_agrees is None


@pytest.mark.parametrize("case", NOBODY)
def test_confirms_nobody(registry: Registry, case: str) -> None:
    match = verified(registry, NOBODY[case])
    assert match.decision is not Decision.CONFIRMED, match.reason
    assert match.reason


@pytest.mark.parametrize("case", CONFLICT)
def test_is_a_conflict_for_a_human(registry: Registry, case: str) -> None:
    match = verified(registry, CONFLICT[case])
    assert match.conflict
    assert match.decision is Decision.AMBIGUOUS


def test_exact_house_numbers_where_the_agreement_wants_them(registry: Registry) -> None:
    _, subject = CONFIRMED["a mistyped house number beside a birth date"]
    exact = IdentityPolicy(house_number="exact")
    assert verified(registry, subject, exact).decision is not Decision.CONFIRMED


def test_another_policy_requires_what_it_names(registry: Registry) -> None:
    policy = IdentityPolicy("name_birth_date_and_number", ("name", "date_of_birth", "number"))
    full = ask("Ada||Quimby", "", born="1971-03-09", tin="211440001", city="", postal_code="")
    assert verified(registry, full, policy).person_id == "ada"
    dateless = ask("Ada||Quimby", "12 Walnut St", tin="211440001")
    assert verified(registry, dateless, policy).decision is not Decision.CONFIRMED


def test_flags_come_with_the_match_and_are_read_again_later(registry: Registry) -> None:
    match = verified(registry, ask("Irene||Vale", "9 Union St"))
    assert match.flags == {"protected_address", "identity_theft"}
    assert registry.flags(["guarded", "ada", "nobody"]) == {
        "guarded": match.flags,
        "ada": frozenset(),
    }


def test_a_conflict_bears_the_flags_of_all_whom_it_concerns(registry: Registry) -> None:
    match = verified(registry, ask("Ada||Quimby", "12 Walnut St", tin="351440270"))
    assert match.conflict
    assert "protected_address" in match.flags


def test_no_request_changes_another(registry: Registry) -> None:
    """Alone, together, twice under one key, in another order: the same answers."""
    subjects = [
        *(subject for _, subject in CONFIRMED.values()),
        *NOBODY.values(),
        *CONFLICT.values(),
        Subject("asked", "A" * 5000, "\0", "‮x", "", "0000-99-99", "x" * 900, "1 A" * 400),
    ]
    together = registry.verify([*subjects, *reversed(subjects)], IdentityPolicy())
    assert together[: len(subjects)] == together[len(subjects) :][::-1]
    for index in range(0, len(subjects), 9):
        assert verified(registry, subjects[index]) == together[index]
