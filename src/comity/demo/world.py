"""Making the demonstration's world: a registry, a batch like the real file, and the truth of it.

Everything is made up (people.py says of what), and the same seed makes the same world.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq

from comity.demo.defects import DUPLICATE, spoil
from comity.demo.people import Person, make_population
from comity.demo.requests import BATCH_COLUMNS, INVESTIGATORS, Clerk, Row
from comity.demo.subjects import DEFICIENT, LAWFUL, Chooser
from comity.identity.source import COLUMNS as REGISTRY_COLUMNS

SEED = 20250407
LAWFUL_SHARE = 0.125
"""How many of the rows set forth everything that the law asks for."""
DUPLICATE_SHARE = 0.01
_TRUTH = pa.schema(
    [
        ("row", pa.int64()),
        ("request_id", pa.string()),
        ("kind", pa.string()),
        ("person_id", pa.string()),
        ("lawful", pa.bool_()),
        ("defects", pa.list_(pa.string())),
        ("address_on_file", pa.bool_()),
        ("certain", pa.bool_()),
    ]
)


@dataclass(frozen=True)
class Truth:
    """What is so about one row of the batch, known only because the world is made up.

    `row` counts the data rows from 1. `person_id` is who is meant (None: nobody of the registry),
    whether or not the request may be answered; `lawful` whether the request sets forth everything;
    `defects` what it lacks; `address_on_file` whether the address given is one of that person's;
    `certain` whether what is given singles that person out."""

    row: int
    request_id: str
    kind: str
    person_id: str | None
    lawful: bool
    defects: tuple[str, ...]
    address_on_file: bool
    certain: bool


@dataclass(frozen=True)
class World:
    """The files of a made world, and how many rows of each kind the batch has."""

    registry: Path
    batch: Path
    truth: Path
    persons: int
    addresses: int
    requests: int
    kinds: Mapping[str, int]
    """Rows by kind of subject; those of deficient requests begin with `deficient:`."""
    defects: Mapping[str, int]


def make_world(
    directory: Path,
    *,
    today: date,
    persons: int = 100_000,
    requests: int = 10_000,
    seed: int = SEED,
) -> World:
    """Write `registry.csv`, `batch.csv` and `truth.parquet` into a folder.

    `today` is the day on which the batch is sent: orders and training are old or young as of it.
    From about 500 requests on, the shares of kinds and defects are the ones that the modules
    state; a registry needs more than twice as many persons as there are requests. Raises
    ValueError where it has not."""
    if persons < fewest_persons(requests):
        raise ValueError("a world needs more than twice as many persons as requests")
    rng = Random(seed)  # noqa: S311 - nothing here is secret
    people = make_population(rng, persons, spare=2 * requests + 100, today=today)
    rows = _rows(rng, Chooser(rng, people, today), requests, today)
    directory.mkdir(parents=True, exist_ok=True)
    registry, batch, truth = (
        directory / name for name in ("registry.csv", "batch.csv", "truth.parquet")
    )
    addresses = _write_registry(registry, people.persons)
    _write_batch(batch, rows)
    truths = _truths(rows)
    pq.write_table(pa.Table.from_pylist([dict(t.__dict__) for t in truths], schema=_TRUTH), truth)
    kinds = Counter(t.kind if t.lawful else f"deficient:{t.kind}" for t in truths)
    defects = Counter(defect for t in truths for defect in t.defects)
    return World(registry, batch, truth, persons, addresses, len(rows), kinds, defects)


def fewest_persons(requests: int) -> int:
    """How many persons a world of so many requests needs."""
    return 2 * requests + 500


def read_truth(path: Path) -> dict[int, Truth]:
    """The truth by row number."""
    table = pq.read_table(path, schema=_TRUTH)
    return {
        entry["row"]: Truth(**entry | {"defects": tuple(entry["defects"])})
        for entry in table.to_pylist()
    }


def _rows(rng: Random, chooser: Chooser, requests: int, today: date) -> list[Row]:
    """The batch in the order of its file: everything shuffled, duplicates after their originals."""
    clerk = Clerk(rng, today, INVESTIGATORS)
    lawful = round(requests * LAWFUL_SHARE)
    duplicates = round(requests * DUPLICATE_SHARE)
    rows = []
    for kind in _kinds(rng, LAWFUL, lawful):
        rows.append(clerk.write(chooser.choose(kind)))
    for kind in _kinds(rng, DEFICIENT, requests - lawful - duplicates):
        row = clerk.write(chooser.choose(kind))
        spoil(rng, row, today)
        rows.append(row)
    rng.shuffle(rows)
    for number in range(duplicates):
        rows.append(_again(rng, rows[: requests - duplicates], number))
    return rows


def _again(rng: Random, rows: list[Row], number: int) -> Row:
    """The same row under another id."""
    original = rng.choice([row for row in rng.choices(rows, k=20) if row.cells["case_number"]])
    cells = original.cells | {"request_id": f"D{number:06d}"}
    return Row(cells, original.subject, original.defects | {DUPLICATE}, original.ragged)


def _kinds(rng: Random, shares: Mapping[str, float], count: int) -> Iterable[str]:
    return rng.choices(list(shares), list(shares.values()), k=count)


def _write_registry(path: Path, persons: Iterable[Person]) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(REGISTRY_COLUMNS)
        for person in persons:
            who = (person.id, person.tin, person.first, person.middle, person.last, person.suffix)
            born, flags = person.born.isoformat(), ";".join(person.flags)
            for home, since, until in person.residences:
                until_text = "" if until is None else until.isoformat()
                out.writerow((*who, born, *home[:5], since.isoformat(), until_text, flags))
                count += 1
    return count


def _write_batch(path: Path, rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(BATCH_COLUMNS)
        for row in rows:
            cells = list(row.cells.values())
            if row.ragged < 0:
                cells = cells[: row.ragged]
            out.writerow(cells + ["surplus"] * row.ragged)


def _truths(rows: Iterable[Row]) -> list[Truth]:
    return [
        Truth(
            number,
            row.cells["request_id"],
            row.subject.kind,
            row.subject.person_id,
            not row.defects,
            tuple(sorted(row.defects)),
            row.subject.on_file,
            row.subject.certain,
        )
        for number, row in enumerate(rows, start=1)
    ]
