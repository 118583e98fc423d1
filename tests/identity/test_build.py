"""Building and opening an index: sources good and bad, encryption, damage, interruption."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.identity.conftest import BuildIndex, write_source

from comity.agreement.model import IdentityPolicy
from comity.core.errors import RegistryError
from comity.identity import storage
from comity.identity.keys import CAP
from comity.identity.match import Decision
from comity.identity.registry import Registry, Subject
from comity.identity.source import COLUMNS

KEY, OTHER_KEY = bytes(range(32)), bytes(32)
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
ASKED = Subject(
    "r1",
    first_name="Ada",
    last_name="Quimby",
    street="12 Walnut St",
    city="Peoria",
    state="IL",
    postal_code="61601",
)


def decision_in(index: Path, subject: Subject = ASKED, key: bytes | None = None) -> Decision:
    with Registry.open(index, key=key) as registry:
        (match,) = registry.verify([subject], IdentityPolicy())
    return match.decision


def test_csv_and_parquet_give_the_same_index(tmp_path: Path) -> None:
    csv = write_source([PERSON], tmp_path / "source.csv")
    columns = {name: [PERSON.get(name)] for name in COLUMNS}
    pq.write_table(
        pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()}),
        tmp_path / "source.parquet",
    )
    made = [
        Registry.build(source, tmp_path / source.suffix[1:])
        for source in (csv, tmp_path / "source.parquet")
    ]
    assert [(m.persons, m.addresses, m.rows, m.excluded) for m in made] == [(1, 1, 1, 0)] * 2
    assert decision_in(tmp_path / "csv") is Decision.CONFIRMED
    assert decision_in(tmp_path / "parquet") is Decision.CONFIRMED


def test_parquet_of_other_types_is_read_as_text(tmp_path: Path) -> None:
    from datetime import date, datetime

    table = pa.table(
        {
            "person_id": [17],
            "tin": [211440001],
            "first_name": ["Ada"],
            "last_name": ["Quimby"],
            "date_of_birth": [datetime(1971, 3, 9)],
            "street": ["12 Walnut St"],
            "city": ["Peoria"],
            "state": ["IL"],
            "postal_code": ["61601"],
            "address_from": [date(2001, 1, 1)],
            "flags": [["minor", "impairment"]],
        }
    )
    pq.write_table(table, tmp_path / "source.parquet")
    manifest = Registry.build(tmp_path / "source.parquet", tmp_path / "index")
    assert not manifest.warnings
    with Registry.open(tmp_path / "index") as registry:
        assert registry.flags(["17"]) == {"17": {"minor", "impairment"}}


def test_several_rows_of_a_person_are_one_person(build_index: BuildIndex) -> None:
    index = build_index([PERSON, PERSON | {"street": "840 Ridge Road"}])
    with Registry.open(index) as registry:
        assert (registry.manifest.persons, registry.manifest.addresses) == (1, 2)


def test_odd_rows_are_taken_or_left_out_and_told(tmp_path: Path) -> None:
    rows = [
        PERSON,
        PERSON | {"person_id": ""},
        PERSON | {"person_id": "bell\a"},
        PERSON | {"person_id": "p2", "date_of_birth": "1971-02-30"},
        PERSON | {"person_id": "p3", "tin": "000-00-0000"},
        PERSON | {"person_id": "p4", "first_name": "", "last_name": ""},
        PERSON | {"person_id": "p5", "street": "", "city": "", "state": "", "postal_code": ""},
        PERSON | {"person_id": "p6", "last_name": "Q" * 5_000},
        PERSON | {"person_id": "p7", "address_from": "2020-01-01", "address_to": "2019-01-01"},
        PERSON | {"person_id": "p8", "flags": "unheard_of"},
        PERSON | {"person_id": "p9", "date_of_birth": "1950-01-01"},
        PERSON | {"person_id": "p9", "date_of_birth": "1960-01-01"},
    ]
    manifest = Registry.build(write_source(rows, tmp_path / "s.csv"), tmp_path / "index")
    assert manifest.rows == len(rows)
    assert manifest.exclusions == {
        "no person_id": 1,
        "a person_id that is too long or has control characters": 1,
    }
    assert manifest.rows - manifest.excluded == manifest.addresses
    assert sorted(manifest.warnings) == sorted(
        [
            "impossible birth date, taken as absent",
            "malformed or placeholder number, taken as absent",
            "no name that can be compared; can never be confirmed",
            "no address that can be compared",
            "a field longer than 200 characters, taken as absent",
            "impossible address dates",
            "unknown flag, kept",
            "the rows of this person differ in birth date or number; can never be confirmed",
        ]
    )
    told = {(remark.line, remark.excluded) for remark in manifest.remarks}
    assert {(3, True), (4, True), (5, False)} <= told
    assert "Quimby" not in json.dumps(manifest.to_json())


def test_bytes_that_are_not_utf8_cost_their_row_only(tmp_path: Path) -> None:
    source = write_source([PERSON, PERSON | {"person_id": "p2"}], tmp_path / "s.csv")
    lines = source.read_bytes().splitlines(keepends=True)
    lines[2] = lines[2].replace(b"Ada", "Adà".encode("latin-1"))
    lines.append(b"too,few\r\n")
    lines.append(b'p4,"never closed,\r\n')
    source.write_bytes(b"\xef\xbb\xbf" + b"".join(lines))
    manifest = Registry.build(source, tmp_path / "index")
    assert manifest.persons == 1
    assert manifest.exclusions == {
        "the row is not in UTF-8": 1,
        "the row has another number of cells than the header": 1,
        "the row's quoting or length is malformed": 1,
    }


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.csv", b"", "empty"),
        ("header.csv", ",".join(COLUMNS).encode() + b"\n", "no usable row"),
        ("unknown.csv", b"person_id,first_name,last_name,street,shoe_size\n", "'shoe_size'"),
        ("missing.csv", b"person_id,first_name,last_name\n", "'street'"),
        ("doubled.csv", b"person_id,first_name,last_name,street,street\n", "twice"),
        ("utf16.csv", "person_id,first_name\n".encode("utf-16"), "UTF-8"),
        ("latin.csv", "person_id,first_näme\n".encode("latin-1"), "UTF-8"),
        ("disguised.csv", b"PAR1....", "UTF-8"),
        ("torn.parquet", b"PAR1....", "Parquet"),
        ("registry.xlsx", b"PK\x03\x04", ".csv or .parquet"),
    ],
)
def test_what_is_no_registry_source(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(RegistryError, match=says):
        Registry.build(tmp_path / name, tmp_path / "index")
    assert not (tmp_path / "index").exists()
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == []


def test_no_such_source_and_a_target_that_is_no_index(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="no such"):
        Registry.build(tmp_path / "absent.csv", tmp_path / "index")
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "letter.txt").write_text("dear")
    source = write_source([PERSON], tmp_path / "s.csv")
    with pytest.raises(RegistryError, match="no index"):
        Registry.build(source, tmp_path / "letters")
    assert (tmp_path / "letters" / "letter.txt").read_text() == "dear"


def test_an_encrypted_index_opens_with_its_key_alone(tmp_path: Path) -> None:
    source = write_source([PERSON], tmp_path / "s.csv")
    manifest = Registry.build(source, tmp_path / "index", key=KEY)
    assert manifest.encrypted
    assert decision_in(tmp_path / "index", key=KEY) is Decision.CONFIRMED
    for file in (storage.INDEX, storage.ITEMS):
        content = (tmp_path / "index" / file).read_bytes()
        assert b"QUIMBY" not in content.upper()
        assert b"WALNUT" not in content.upper()
    with pytest.raises(RegistryError, match="encrypted"):
        Registry.open(tmp_path / "index")
    with pytest.raises(RegistryError, match="not its key"):
        Registry.open(tmp_path / "index", key=OTHER_KEY)
    with pytest.raises(RegistryError, match="32 bytes"):
        Registry.open(tmp_path / "index", key=b"short")
    assert storage.database_key(KEY, storage.INDEX) != storage.database_key(KEY, storage.ITEMS)


def test_a_damaged_index_does_not_open(build_index: BuildIndex) -> None:
    index = build_index([PERSON])
    file = index / storage.INDEX
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(RegistryError, match="damaged or altered"):
        Registry.open(index)
    file.unlink()
    with pytest.raises(RegistryError, match="missing"):
        Registry.open(index)


@pytest.mark.parametrize(
    ("manifest", "says"),
    [
        ('{"schema_version": 0}', "schema version 0"),
        ('{"schema_version": 1}', "comity registry build"),
        ("{", "cannot be read"),
        ("[" * 100_000, "cannot be read"),
    ],
)
def test_an_older_or_broken_manifest(build_index: BuildIndex, manifest: str, says: str) -> None:
    index = build_index([PERSON])
    (index / storage.MANIFEST).write_text(manifest)
    with pytest.raises(RegistryError, match=says):
        Registry.open(index)
    (index / storage.MANIFEST).unlink()
    with pytest.raises(RegistryError, match="no registry index"):
        Registry.open(index)


def test_a_failed_build_leaves_the_old_index(tmp_path: Path, build_index: BuildIndex) -> None:
    index = build_index([PERSON])
    with pytest.raises(RegistryError):
        Registry.build(write_source([], tmp_path / "empty.csv"), index)
    assert decision_in(index) is Decision.CONFIRMED


_BUILD = """
import sys, time
from pathlib import Path
from comity.identity.registry import Registry
def halt(rows):
    print("half way", flush=True)
    time.sleep(60)
Registry.build(Path(sys.argv[1]), Path(sys.argv[2]), progress=halt)
"""


def test_a_killed_build_leaves_the_old_index_and_no_lock(
    tmp_path: Path, build_index: BuildIndex
) -> None:
    index = build_index([PERSON])
    source = write_source([PERSON | {"first_name": "Eve"}], tmp_path / "new.csv")
    with subprocess.Popen(
        [sys.executable, "-c", _BUILD, source, index],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "half way\n"
        with pytest.raises(RegistryError, match="Another build"):
            Registry.build(source, index)
        process.kill()
    assert decision_in(index) is Decision.CONFIRMED
    Registry.build(source, index)
    assert decision_in(index) is not Decision.CONFIRMED
    leavings = [p.name for p in tmp_path.iterdir() if "building" in p.name]
    assert leavings == []


def test_an_open_index_serves_on_while_another_takes_its_place(
    tmp_path: Path, build_index: BuildIndex
) -> None:
    index = build_index([PERSON])
    with Registry.open(index) as old:
        Registry.build(write_source([PERSON | {"first_name": "Eve"}], tmp_path / "new.csv"), index)
        (match,) = old.verify([ASKED], IdentityPolicy())
    assert match.decision is Decision.CONFIRMED
    assert decision_in(index) is not Decision.CONFIRMED


def test_a_thousand_persons_under_one_number(build_index: BuildIndex) -> None:
    """A number in a thousand records is nobody's: whoever uses it is a conflict, and quickly so."""
    crowd = [
        PERSON | {"person_id": f"p{i}", "first_name": "Ada", "street": f"{i} Walnut St"}
        for i in range(1, 1_001)
    ]
    index = build_index(crowd)
    with Registry.open(index) as registry:
        assert registry.manifest.common_keys["number"] == 1
        numbered, plain = registry.verify(
            [
                Subject(**{**vars(ASKED), "tin": "211440001"}),
                Subject(**{**vars(ASKED), "street": "777 Walnut St"}),
            ],
            IdentityPolicy(),
        )
    assert numbered.conflict
    assert numbered.person_id is None
    assert plain.decision is Decision.AMBIGUOUS  # p778 and others are a slip of the finger away


def test_ten_thousand_persons_at_one_address(build_index: BuildIndex) -> None:
    """Where a key stands for more persons than the cap, nobody is confirmed unless another key
    shows everybody who may be meant."""
    crowd = [
        PERSON
        | {
            "person_id": f"p{i}",
            "tin": f"2{i:08d}",
            "first_name": "Ada" if i % 2 else "Otto",
            "last_name": "Quimby" if i < 9_000 else "Ystrad",
        }
        for i in range(10_000)
    ]
    index = build_index(crowd)
    with Registry.open(index) as registry:
        assert registry.manifest.cap == CAP
        assert registry.manifest.common_keys["address"] == 1
        matches = registry.verify(
            [ASKED, Subject(**{**vars(ASKED), "tin": "200000001"})], IdentityPolicy()
        )
    for match in matches:
        assert match.decision is not Decision.CONFIRMED
        cut = match.evidence["circumstances"]
        assert isinstance(cut, dict)
        assert cut["cut"]


def test_building_twice_gives_the_same_answers(tmp_path: Path) -> None:
    rows = [PERSON | {"person_id": f"p{i}", "street": f"{i} Walnut St"} for i in range(1, 60)]
    answers = []
    for name, order in (("one", rows), ("two", rows[::-1])):
        index = tmp_path / name
        Registry.build(write_source(order, tmp_path / f"{name}.csv"), index)
        with Registry.open(index) as registry:
            subjects = [Subject(**{**vars(ASKED), "street": f"{i} Walnut St"}) for i in range(70)]
            answers.append(registry.verify(subjects, IdentityPolicy()))
    assert answers[0] == answers[1]


def test_what_a_build_puts_aside_is_encrypted_also_without_a_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "MEMORY", "60MB")
    with storage.connect(tmp_path / "spill") as database:
        database.execute(
            "CREATE TABLE name AS SELECT 'Quimby ' || hash(i) AS text FROM range(3_000_000) t(i)"
        )
        files = [file for file in (tmp_path / "spill").iterdir() if file.stat().st_size]
        assert files
        assert not any(b"Quimby" in file.read_bytes() for file in files)
