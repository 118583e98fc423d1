"""A batch is compared by columns of ids, one request by the functions of `compare`: both must come
to the same match to the last bit of evidence, on a world of awkward names and addresses."""

from __future__ import annotations

import random

import pyarrow as pa
import pytest
from benchmarks.adversarial import make
from benchmarks.identity_accuracy import subjects
from tests.identity.conftest import BuildIndex

from comity.agreement.model import IdentityPolicy
from comity.identity import registry as registry_module
from comity.identity.match import Match
from comity.identity.registry import Registry, Subject

GIVEN = (
    *("Mary", "Mary Ann", "Maryann", "Anna", "Ana", "Hannah", "Robert", "Bob", "Rob", "Bobby"),
    *("Jose", "José", "Josef", "J", "M", "NA", "Na", "Mrs John", "John", "Jon", "Jhon", "Joan"),
    *(
        "Margaret",
        "Peggy",
        "Pegy",
        "Meg",
        "Ann",
        "Marianne",
        "Ya",
        "Яна",
        "李",
        "",
        "Aenne",
        "Ann Mary",
    ),
)
MIDDLE = ("", "", "", "A", "Ann", "Mary", "J", "Robert", "Garcia", "Ann Lee", "Q")
FAMILY = (
    *("Smith", "Smyth", "Smiht", "Garcia", "Garcia Lopez", "Lopez", "Lopez Garcia", "de la Cruz"),
    *("Cruz", "Mueller", "Müller", "Muller", "O'Brien", "OBrien", "Mary", "John", "Van Dyke"),
    *(
        "Vandyke",
        "Ng",
        "Li",
        "Lee",
        "Li Wong",
        "",
        "B",
        "Иванов",
        "Smith Jr",
        "Ann",
        "Quimby-Smith",
    ),
)
SUFFIX = ("", "", "", "Jr", "Sr", "II", "III")
STREET = (
    *(
        "12 Main St",
        "12 N Main St",
        "12 Main",
        "21 Main St",
        "12 Main Ave",
        "12 Mian St",
        "112 Main St",
    ),
    *("12 5th Ave", "12 6th Ave", "PO Box 12", "RR 2 Box 12", "12 Oak Tree Ln", "12 Oaktree Ln"),
    *(
        "12 Maple Dr Apt 4",
        "General Delivery",
        "12 St James Pl",
        "12 Seelig Ts",
        "12 Seelig St",
        "",
    ),
)
UNIT = ("", "", "", "4", "Apt 4", "4B", "5", "Rear", "Garden House")
CITY = ("Peoria", "Peoira", "Chicago", "St Paul", "Saint Paul", "")
POSTAL = ("61601", "61610", "60601", "55101", "")
STATE = ("IL", "MN", "Illinois", "")
NUMBER = ("", "", "123456780", "123456781", "123456708", "12345678", "AB12345", "219099999")
BORN = ("", "1971-03-09", "1971-09-03", "1971-03-08", "1941-03-09", "1999-12-31", "1972-04-10")


def person(dice: random.Random) -> dict[str, str]:
    return {
        "first_name": dice.choice(GIVEN),
        "middle_name": dice.choice(MIDDLE),
        "last_name": dice.choice(FAMILY),
        "suffix": dice.choice(SUFFIX),
        "date_of_birth": dice.choice(BORN),
        "tin": dice.choice(NUMBER),
        "street": dice.choice(STREET),
        "unit": dice.choice(UNIT),
        "city": dice.choice(CITY),
        "state": dice.choice(STATE),
        "postal_code": dice.choice(POSTAL),
    }


def awkward(seed: int) -> tuple[list[dict[str, str]], list[Subject]]:
    """A registry in which some have several rows, and requests that take parts of theirs."""
    dice = random.Random(seed)
    rows: list[dict[str, str]] = []
    for number in range(900):
        row = {"person_id": f"P{number:04d}", "flags": dice.choice(["", "", "", "minor"])}
        rows.append(row | person(dice))
        if dice.random() < 0.15:
            other, same = person(dice), rows[-1]
            kept = {field for field in other if dice.random() < 0.6}
            rows.append(
                same | {field: value for field, value in other.items() if field not in kept}
            )
    asked = []
    for number in range(700):
        one, other = dice.choice(rows), person(dice)
        fields = {f: one[f] if dice.random() < 0.75 else value for f, value in other.items()}
        asked.append(Subject(f"r{number}", **fields))
    return rows, asked


def both_ways(
    registry: Registry,
    asked: list[Subject],
    policy: IdentityPolicy,
    monkeypatch: pytest.MonkeyPatch,
) -> tuple[list[Match], list[Match]]:
    monkeypatch.setattr(registry_module, "FEW", 0)
    return registry.verify(asked, policy), [registry.look_up(one, policy) for one in asked]


@pytest.mark.parametrize("seed", range(3))
def test_awkward_names_and_addresses(
    seed: int, build_index: BuildIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, asked = awkward(seed)
    policy = IdentityPolicy()
    with Registry.open(build_index(rows)) as registry:
        batch, singly = both_ways(registry, asked, policy, monkeypatch)
        fields = [name for name in Subject.__dataclass_fields__ if name != "key"]
        columns = {name: [getattr(one, name) for one in asked] for name in fields}
        table = registry.verify(pa.table({"request_id": [a.key for a in asked]} | columns), policy)
    for one, other in zip(batch, singly, strict=True):
        assert one == other
    assert len({one.decision for one in batch}) == 3
    for row, match in zip(table.to_pylist(), batch, strict=True):
        assert row.pop("request_id") == match.key
        assert row == {name: getattr(match, name) for name in row}


@pytest.mark.parametrize("noise", [0.05, 0.3])
def test_the_misleading_set(
    noise: float, build_index: BuildIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make(2_000, 1_000, 3, noise)
    asked = subjects(world.requests)
    with Registry.open(build_index(world.registry)) as registry:
        batch, singly = both_ways(registry, asked, IdentityPolicy(), monkeypatch)
    assert batch == singly


def test_a_crowded_building_and_a_number_of_many(
    build_index: BuildIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys that were cut: thousands at one address, hundreds under one number."""
    dice = random.Random(1)
    home = {"street": "1 Tower Pl", "city": "Peoria", "state": "IL", "postal_code": "61601"}
    rows = [
        {"person_id": f"P{n:04d}", "flags": "minor" if n == 7 else "", **home}
        | {"first_name": dice.choice(("Mary", "Bob", "Ada", "Jo")) + "xyz"[n % 3] * (n % 2)}
        | {"last_name": dice.choice(("Smith", "Garcia", "Lee", "Quimby")) + "abc"[n % 3] * (n % 5)}
        | {"tin": "219011111" if n % 4 == 0 else f"5{n:08d}"}
        | {"date_of_birth": f"19{n % 60 + 30}-0{n % 9 + 1}-11"}
        for n in range(3_000)
    ]
    asked = [
        Subject(f"r{n}", **{k: v for k, v in row.items() if k not in ("person_id", "flags")})
        for n, row in enumerate(rows[::29])
    ]
    with Registry.open(build_index(rows)) as registry:
        assert registry.manifest.common_keys["address"] == 1
        assert registry.manifest.common_keys["number"] == 1
        batch, singly = both_ways(registry, asked, IdentityPolicy(), monkeypatch)
    assert batch == singly
    assert any(match.conflict for match in batch)
