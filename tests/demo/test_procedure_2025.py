"""The procedure of 2025 on a case small enough to follow by hand."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from comity.demo.comparison import Tally, tally
from comity.demo.procedure_2025 import disclosures_2025, holds_digits
from comity.demo.world import Truth

PERSONS: Sequence[Mapping[str, str]] = (
    {"person_id": "P1", "tin": "900700001", "first_name": "Inés", "last_name": "Ruiz-Mora"}
    | {"street": "12 Elm St", "unit": "", "city": "Alba", "state": "TX", "postal_code": "75001"},
    {"person_id": "P2", "tin": "", "first_name": "Tom", "last_name": "Hale"}
    | {
        "street": "9 Oak Ave",
        "unit": "Apt 2",
        "city": "Bero",
        "state": "OH",
        "postal_code": "43001",
    },
    # P2's earlier home, and two people of one name in one house
    {"person_id": "P2", "tin": "", "first_name": "Tom", "last_name": "Hale"}
    | {"street": "7 Ash Rd", "unit": "", "city": "Bero", "state": "OH", "postal_code": "43001"},
    {"person_id": "P3", "tin": "", "first_name": "Ann", "last_name": "Lee"}
    | {"street": "5 Fir Ln", "unit": "", "city": "Cato", "state": "NY", "postal_code": "10001"},
    {"person_id": "P4", "tin": "", "first_name": "Ann", "last_name": "Lee"}
    | {"street": "5 Fir Ln", "unit": "", "city": "Cato", "state": "NY", "postal_code": "10001"},
    # two people with one number
    {"person_id": "P5", "tin": "900700005", "first_name": "Ben", "last_name": "Orr"}
    | {"street": "1 Bay St", "unit": "", "city": "Dune", "state": "ME", "postal_code": "04001"},
    {"person_id": "P6", "tin": "900700005", "first_name": "Eva", "last_name": "Orr"}
    | {"street": "2 Bay St", "unit": "", "city": "Dune", "state": "ME", "postal_code": "04001"},
)
NOWHERE = {"street": "Failed to Provide 78541"}
RUIZ = {"first_name": "INES", "last_name": "RUIZ MORA", "tin": "900-70-0001"}
HALE = {"first_name": "tom", "last_name": "hale"}
OAK = {"street": "9 OAK AVE", "unit": "APT 2", "state": "oh", "postal_code": "43001-1234"}
CASES: Sequence[tuple[str, Mapping[str, str], str | None]] = (
    ("name and number suffice; the address is not compared", RUIZ | NOWHERE, "P1"),
    ("an address without five or nine digits stops the row", RUIZ | {"street": "Unknown"}, None),
    ("the number of somebody else gives nobody", HALE | OAK | {"tin": "900700001"}, None),
    (
        "a number that nobody has is not made up for by the address",
        HALE | OAK | {"tin": "9" * 9},
        None,
    ),
    ("without a number, name and address", HALE | OAK, "P2"),
    ("a number that is none is as good as none", HALE | OAK | {"tin": "12345"}, "P2"),
    (
        "an earlier address will do",
        HALE | {"street": "7 ash rd.", "state": "OH", "postal_code": "43001"},
        "P2",
    ),
    ("without a number, another address gives nobody", HALE | NOWHERE, None),
    (
        "two who fit give nobody",
        {"first_name": "Ann", "last_name": "Lee", "street": "5 Fir Ln"}
        | {"state": "NY", "postal_code": "10001"},
        None,
    ),
    (
        "of two with one number, the one of that name",
        {"first_name": "Eva", "last_name": "Orr", "tin": "900700005"} | NOWHERE,
        "P6",
    ),
)


def test_each_step_does_what_is_known_of_it(tmp_path: Path) -> None:
    columns = ("first_name", "last_name", "tin", "street", "unit", "city", "state", "postal_code")
    registry, batch = tmp_path / "registry.csv", tmp_path / "batch.csv"
    _write(registry, ("person_id", *columns), PERSONS)
    _write(batch, columns, [cells for _, cells, _ in CASES])
    with batch.open("a") as file:
        file.write("Tom,Hale\n")  # cells missing
        file.write("Tom,Hale,,9 Oak Ave,Apt 2,Bero,OH,43001,surplus,surplus\n")
    expected = {row: person for row, (_, _, person) in enumerate(CASES, start=1)}
    expected |= {len(CASES) + 1: None, len(CASES) + 2: "P2"}
    assert disclosures_2025(registry, batch) == expected


@pytest.mark.parametrize(
    ("address", "passes"),
    [
        ({"street": "Failed to Provide", "postal_code": "78541"}, True),
        ({"street": "NA NA 00000"}, True),
        ({"postal_code": "785411234"}, True),
        ({"postal_code": "78541-1234"}, True),
        ({"street": "12345 Elm St"}, True),
        ({"street": "12 Elm St", "city": "Alba"}, False),
        ({"postal_code": "7854"}, False),
        ({"postal_code": "785412"}, False),
        ({}, False),
    ],
)
def test_the_only_test_of_an_address(address: Mapping[str, str], passes: bool) -> None:
    assert holds_digits(address) is passes


def test_answers_are_counted_against_the_truth() -> None:
    truth = {
        1: _truth(1, "P1", lawful=True, certain=True),
        2: _truth(2, "P2", lawful=False, certain=True),
        3: _truth(3, None, lawful=False, certain=False),
        4: _truth(4, "P4", lawful=True, certain=True),
        5: _truth(5, None, lawful=True, certain=False),
        6: _truth(6, "P6", lawful=True, certain=True),
        7: _truth(7, "P7", lawful=True, certain=True),
    }
    found = tally({1: "P1", 2: "P2", 3: "P9", 4: None, 5: "P9", 7: "P8"}, truth)
    assert found == Tally(answers=5, unlawful=2, wrong_person=3, both=1, due=4, due_answered=1)
    assert found.right == 1


def _truth(row: int, person: str | None, *, lawful: bool, certain: bool) -> Truth:
    return Truth(row, f"R{row}", "kind", person, lawful, () if lawful else ("x",), certain, certain)


def _write(path: Path, columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, columns, restval="")
        out.writeheader()
        out.writerows(rows)
