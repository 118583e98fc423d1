"""Updating an index: as if it had been built anew, never half, and always from what is there."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from benchmarks.adversarial import make
from tests.identity.conftest import write_source

from comity.agreement.model import IdentityPolicy
from comity.core.errors import RegistryError, UsageError
from comity.identity import storage
from comity.identity.keys import KEYS
from comity.identity.match import Decision, Match
from comity.identity.registry import Registry, Subject

Row = Mapping[str, str]
KEY = bytes(range(32))
PERSON = {
    "person_id": "p1",
    "tin": "211-44-0001",
    "first_name": "Ada",
    "last_name": "Quimby",
    "date_of_birth": "1971-03-09",
    "street": "12 Walnut Street",
    "city": "Peoria",
    "state": "IL",
    "postal_code": "61601",
}
NEIGHBOUR = PERSON | {
    "person_id": "p2",
    "tin": "211-44-0002",
    "first_name": "Otto",
    "last_name": "Ystrad",
    "date_of_birth": "1960-11-30",
    "street": "40 Ridge Road",
}
MOVED = PERSON | {"street": "9 Canyon Drive"}


def asked(row: Row) -> Subject:
    fields = Subject.__dataclass_fields__
    given = {name: row.get(name, "") for name in fields if name not in ("key", "country")}
    return Subject("r1", **given)


def found(index: Path, row: Row, key: bytes | None = None) -> str | None:
    """Whom a request with these fields is about."""
    with Registry.open(index, key=key) as registry:
        (match,) = registry.verify([asked(row)], IdentityPolicy())
    return match.person_id if match.decision is Decision.CONFIRMED else None


@pytest.fixture
def index(tmp_path: Path) -> Path:
    Registry.build(write_source([PERSON, NEIGHBOUR], tmp_path / "source.csv"), tmp_path / "index")
    return tmp_path / "index"


def update(index: Path, rows: Sequence[Row] = (), removed: Sequence[str] = ()) -> None:
    source = write_source(rows, index.parent / "changed.csv") if rows else None
    listed = index.parent / "removed.txt"
    listed.write_text("\n".join(removed))
    Registry.update(index, source, removed=listed if removed else None)


def test_a_changed_a_new_and_a_removed_person(index: Path) -> None:
    new = NEIGHBOUR | {"person_id": "p3", "first_name": "Eve", "tin": "211-44-0003"}
    update(index, [MOVED, new], ["p2"])
    assert found(index, MOVED) == "p1"
    assert found(index, PERSON) is None
    assert found(index, NEIGHBOUR) is None
    assert found(index, new) == "p3"
    with Registry.open(index) as registry:
        manifest = registry.manifest
        assert registry.flags(["p1", "p2", "p3"]).keys() == {"p1", "p3"}
    assert (manifest.persons, manifest.addresses) == (2, 2)
    assert manifest.delta is not None
    assert (manifest.delta.persons, manifest.delta.gone, manifest.delta.removed) == (2, 2, 1)


def test_updates_add_up(index: Path) -> None:
    update(index, [MOVED])
    update(index, [NEIGHBOUR | {"street": "1 Elm Street"}])
    assert found(index, MOVED) == "p1"
    assert found(index, NEIGHBOUR) is None
    update(index, [PERSON])
    assert found(index, PERSON) == "p1"
    assert found(index, MOVED) is None
    update(index, removed=["p1", "p2"])
    assert found(index, PERSON) is None
    with Registry.open(index) as registry:
        assert (registry.manifest.persons, registry.manifest.addresses) == (0, 0)
    update(index, [PERSON])
    assert found(index, PERSON) == "p1"
    assert len(list(index.glob("delta-*"))) == 2  # the newest, and the one before for who opens it


def test_all_addresses_of_a_person_are_replaced(index: Path) -> None:
    update(index, [PERSON, MOVED])
    assert found(index, PERSON) == found(index, MOVED) == "p1"
    update(index, [MOVED])
    assert found(index, PERSON) is None
    with Registry.open(index) as registry:
        assert registry.manifest.addresses == 2


def test_an_encrypted_index_stays_encrypted(tmp_path: Path) -> None:
    out = tmp_path / "index"
    Registry.build(write_source([PERSON], tmp_path / "source.csv"), out, key=KEY)
    changed = write_source([MOVED], tmp_path / "changed.csv")
    with pytest.raises(RegistryError, match="encrypted"):
        Registry.update(out, changed)
    with pytest.raises(RegistryError, match="not its key"):
        Registry.update(out, changed, key=bytes(32))
    Registry.update(out, changed, key=KEY)
    Registry.update(out, write_source([NEIGHBOUR], tmp_path / "more.csv"), key=KEY)
    assert found(out, MOVED, KEY) == "p1"
    assert found(out, NEIGHBOUR, KEY) == "p2"
    for file in out.rglob("*.duckdb"):
        content = file.read_bytes().upper()
        assert b"QUIMBY" not in content, file
        assert b"CANYON" not in content, file


def test_who_has_the_old_index_open_goes_on_with_it(index: Path) -> None:
    update(index, [NEIGHBOUR | {"street": "1 Elm Street"}])
    with Registry.open(index) as old:
        update(index, [MOVED])
        update(index, [MOVED | {"street": "3 Third Street"}])
        (match,) = old.verify([asked(PERSON)], IdentityPolicy())
        assert match.person_id == "p1"
    assert found(index, PERSON) is None


def test_what_an_update_cannot_take(index: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing to update"):
        Registry.update(index)
    with pytest.raises(RegistryError, match="no registry index"):
        Registry.update(tmp_path / "nowhere", tmp_path / "source.csv")
    with pytest.raises(RegistryError, match="no such"):
        Registry.update(index, tmp_path / "absent.csv")
    with pytest.raises(RegistryError, match="cannot be read"):
        Registry.update(index, removed=tmp_path / "absent.txt")
    listed = tmp_path / "removed.txt"
    listed.write_bytes(b"p\xe9\n")
    with pytest.raises(RegistryError, match="UTF-8"):
        Registry.update(index, removed=listed)
    listed.write_text("p9\np1\n")
    with pytest.raises(RegistryError, match=r"removed\.txt:2: .*as well"):
        Registry.update(index, write_source([MOVED], tmp_path / "c.csv"), removed=listed)
    assert found(index, PERSON) == "p1"
    assert not list(index.glob("delta-*"))


def test_odd_rows_and_unknown_persons_are_told(index: Path, tmp_path: Path) -> None:
    rows = [MOVED, MOVED | {"person_id": ""}, MOVED | {"date_of_birth": "1971-02-30"}]
    listed = tmp_path / "removed.txt"
    listed.write_text("p2\n\np7\n")
    source = write_source(rows, tmp_path / "changed.csv")
    delta = Registry.update(index, source, removed=listed).delta
    assert delta is not None
    assert (delta.rows, delta.removed, delta.not_there) == (3, 2, 1)
    assert delta.exclusions == {"no person_id": 1}
    assert delta.warnings == {"impossible birth date, taken as absent": 1}
    told = {(remark.line, remark.excluded) for remark in delta.remarks}
    assert told == {(3, True), (4, False)}
    # rows carried over are not remarked about again
    again = Registry.update(index, write_source([NEIGHBOUR], tmp_path / "more.csv")).delta
    assert again is not None
    assert not again.warnings


def test_contradicting_rows_of_a_changed_person_are_told_once(index: Path) -> None:
    update(index, [MOVED, MOVED | {"date_of_birth": "1950-01-01"}])
    with Registry.open(index) as registry:
        delta = registry.manifest.delta
    assert delta is not None
    assert sum(delta.warnings.values()) == 1
    assert found(index, MOVED) is None
    update(index, [NEIGHBOUR])
    with Registry.open(index) as registry:
        delta = registry.manifest.delta
    assert delta is not None
    assert not delta.warnings


@pytest.mark.parametrize("file", [storage.INDEX, "delta-000001/" + storage.INDEX])
def test_a_damaged_index_neither_opens_nor_takes_an_update(index: Path, file: str) -> None:
    update(index, [MOVED])
    content = bytearray((index / file).read_bytes())
    content[len(content) // 2] ^= 1
    (index / file).write_bytes(content)
    with pytest.raises(RegistryError, match="damaged or altered"):
        Registry.open(index)
    with pytest.raises(RegistryError, match="damaged or altered"):
        update(index, [MOVED])


def test_another_delta_is_not_taken_for_the_recorded_one(index: Path) -> None:
    """Whoever exchanges a delta must change the manifest, and with it the digest of the whole."""
    update(index, [MOVED])
    manifest = index / storage.MANIFEST
    good = manifest.read_text()
    update(index, [MOVED | {"street": "3 Third Street"}])
    other = (index / "delta-000002" / storage.INDEX).read_bytes()
    manifest.write_text(good)
    (index / "delta-000001" / storage.INDEX).write_bytes(other)
    with pytest.raises(RegistryError, match="damaged or altered"):
        Registry.open(index)
    recorded = json.loads(good)
    recorded["delta"]["index"] = storage.file_digest(index / "delta-000001" / storage.INDEX)
    manifest.write_text(json.dumps(recorded))
    with pytest.raises(RegistryError, match="manifest of the index cannot be read"):
        Registry.open(index)


_UPDATE = """
import sys, time
from pathlib import Path
from comity.identity.registry import Registry
def halt(stage, done, total):
    if stage == sys.argv[3]:
        print("half way", flush=True)
        time.sleep(60)
Registry.update(Path(sys.argv[1]), Path(sys.argv[2]), report=halt)
"""


@pytest.mark.parametrize(
    "stage", ["reading the registry", "ordering the persons", "merging the keys"]
)
def test_a_killed_update_leaves_the_old_index_and_no_lock(index: Path, stage: str) -> None:
    changed = write_source([MOVED], index.parent / "changed.csv")
    with subprocess.Popen(
        [sys.executable, "-c", _UPDATE, index, changed, stage],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "half way\n"
        with pytest.raises(RegistryError, match="Another build or update"):
            Registry.update(index, changed)
        process.kill()
    assert found(index, PERSON) == "p1"
    Registry.update(index, changed)
    assert found(index, MOVED) == "p1"
    assert not [path for path in index.parent.iterdir() if "building" in path.name]


def test_an_update_cut_off_before_its_manifest_is_as_if_it_had_not_been(index: Path) -> None:
    before = (index / storage.MANIFEST).read_text()
    update(index, [MOVED])
    (index / storage.MANIFEST).write_text(before)
    assert found(index, PERSON) == "p1"
    update(index, [PERSON | {"street": "3 Third Street"}])
    assert found(index, PERSON | {"street": "3 Third Street"}) == "p1"
    assert found(index, MOVED) is None


def test_a_build_takes_the_place_of_an_updated_index(index: Path) -> None:
    update(index, [MOVED])
    Registry.build(write_source([NEIGHBOUR], index.parent / "source.csv"), index)
    assert found(index, NEIGHBOUR) == "p2"
    assert found(index, MOVED) is None
    assert not list(index.glob("delta-*"))


# --- an update is a build of the merged source --------------------------------------------------


def changes(rows: Sequence[Row], dice: random.Random) -> Iterator[tuple[list[Row], list[str]]]:
    """Days of changes: persons who move in with others, take their names or numbers, have more or
    fewer addresses, get flags, come, go and come back."""
    persons: dict[str, list[Row]] = {}
    for row in rows:
        persons.setdefault(row["person_id"], []).append(row)
    ids = sorted(persons)
    for day in range(3):
        changed: list[Row] = []
        chosen = dice.sample(ids, len(ids) // 6)
        gone = chosen[: len(chosen) // 4]
        for person_id in chosen[len(gone) :]:
            own, other = persons[person_id], persons[dice.choice(ids)]
            base = dict(own[0])
            for name in dice.choice(
                (
                    ("street", "unit", "city", "state", "postal_code"),
                    ("last_name",),
                    ("first_name", "date_of_birth"),
                    ("tin",),
                    ("street", "city", "postal_code", "last_name"),
                )
            ):
                base[name] = other[0].get(name, "")
            if dice.random() < 0.2:
                base["flags"] = "minor"
            changed += [base, *own[1:]] if dice.random() < 0.7 else [base]
        for number in range(10):
            changed.append(dict(dice.choice(rows), person_id=f"N{day}-{number}"))
        yield changed, gone


@pytest.mark.parametrize("cap", [400, 6])
@pytest.mark.parametrize("seed", [1, 2])
def test_an_update_is_a_build_of_the_merged_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, cap: int
) -> None:
    """Decision by decision; where keys are so common that they are cut, an update may keep one cut
    that a build would not: then nobody is confirmed whom a build would not confirm."""
    for module in ("keying", "merging", "index"):
        monkeypatch.setattr(f"comity.identity.{module}.CAP", cap)
    world = make(600, 400, seed=seed, noise=0.1)
    merged: dict[str, list[Row]] = {}
    for row in world.registry:
        merged.setdefault(row["person_id"], []).append(row)
    Registry.build(write_source(world.registry, tmp_path / "s.csv"), tmp_path / "updated")
    dice = random.Random(seed)
    subjects = [asked(row) for row in world.requests]
    for changed, gone in changes(world.registry, dice):
        for person_id in gone:
            merged.pop(person_id, None)
        for person_id in {row["person_id"] for row in changed}:
            merged[person_id] = [row for row in changed if row["person_id"] == person_id]
        update(tmp_path / "updated", changed, gone)
        rows = [row for rows in merged.values() for row in rows]
        Registry.build(write_source(rows, tmp_path / "m.csv"), tmp_path / "built")
        more = [asked(row) for row in dice.sample(rows, 100)]
        with (
            Registry.open(tmp_path / "updated") as updated,
            Registry.open(tmp_path / "built") as built,
        ):
            assert updated.manifest.persons == built.manifest.persons == len(merged)
            assert updated.manifest.addresses == built.manifest.addresses
            for mine, meant in zip(
                updated.verify([*subjects, *more], IdentityPolicy()),
                built.verify([*subjects, *more], IdentityPolicy()),
                strict=True,
            ):
                if cap == 400:
                    assert told(mine) == told(meant)
                elif mine.decision is Decision.CONFIRMED:
                    assert mine.person_id == meant.person_id
            if cap == 400:
                assert_same_tables(updated, built)
            else:
                assert_no_key_lost(updated, built)


def assert_no_key_lost(updated: Registry, built: Registry) -> None:
    """Keys are cut where a build would cut them, or where the base had cut them already; under all
    others stand the same persons."""
    common = "SELECT kind, key, persons FROM {}.common"
    mine = set(updated._database.execute(common.format("idx")).fetchall())
    meant = set(built._database.execute(common.format("idx")).fetchall())
    before = set(updated._database.execute("SELECT kind, key FROM base.common").fetchall())
    assert meant <= mine
    more = {(kind, key) for kind, key, _ in mine - meant}
    assert more <= before
    for kind in KEYS:
        query = f"SELECT key, person_id FROM idx.key_{kind} JOIN idx.person USING (pid)"
        found, wanted = (set(r._database.execute(query).fetchall()) for r in (updated, built))
        assert found == {pair for pair in wanted if (kind, pair[0]) not in more}, kind


def told(match: Match) -> Mapping[str, Any]:
    """A match, whatever the order of candidates who weigh the same."""
    candidates = match.evidence["candidates"]
    assert isinstance(candidates, list)
    in_order = sorted(candidates, key=lambda one: json.dumps(one, sort_keys=True))
    return vars(match) | {"evidence": dict(match.evidence) | {"candidates": in_order}}


def assert_same_tables(one: Registry, other: Registry) -> None:
    """What a search counts and looks up, but for the persons' numbers within the index."""
    for query in (
        "SELECT * FROM idx.vocabulary ORDER BY ALL",
        "SELECT * FROM idx.street ORDER BY ALL",
        "SELECT kind, key, persons FROM idx.common ORDER BY ALL",
        *(
            f"SELECT k.* EXCLUDE (pid), person_id FROM idx.key_{kind} k "
            "JOIN idx.person USING (pid) ORDER BY ALL"
            for kind in (*KEYS, "household")
        ),
        *(
            f"SELECT person_id, t.* EXCLUDE (pid) FROM idx.{table} t "
            "JOIN idx.person USING (pid) ORDER BY ALL"
            for table in ("number", "name", "address")
        ),
    ):
        mine, meant = (r._database.execute(query).fetchall() for r in (one, other))
        assert mine == meant, query
