"""A batch file like the real one, of any size, about the persons of a made-up population.

Who is asked about, and how that is written, comes from `population_requests`; case, statute, facts,
reason and officers are added here; and most rows are then spoilt by the very defects, in the very
shares, of the demonstration (`comity.demo.defects`), which has them from the court record.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from random import Random
from typing import cast

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it also runs as a script
from benchmarks.population import Population
from benchmarks.population_requests import requests
from comity.demo import requests as wording
from comity.demo.defects import spoil
from comity.demo.requests import BATCH_COLUMNS, INVESTIGATORS, Row
from comity.demo.subjects import Subject
from comity.demo.world import DUPLICATE_SHARE, LAWFUL_SHARE

CHUNK = 100_000
"""Rows made at a time."""

_NOBODY = cast("Subject", None)
"""The defects do not look at whom a row is about."""


def write_batch(
    population: Population, count: int, path: Path, *, today: date, seed: int = 1
) -> None:
    """Write a batch of `count` rows; orders are old or young as of `today`."""
    rng = Random(seed)
    clerk = _Clerk(rng, today, population)
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(BATCH_COLUMNS)
        for begin in range(0, count, CHUNK):
            for row in _rows(rng, clerk, population, begin, min(begin + CHUNK, count)):
                cells = list(row.cells.values())
                if row.ragged < 0:
                    cells = cells[: row.ragged]
                out.writerow(cells + ["surplus"] * row.ragged)


def _rows(
    rng: Random, clerk: _Clerk, population: Population, begin: int, end: int
) -> Iterator[Row]:
    """Rows `begin` to `end` - 1. One in a hundred asks again what an earlier one of them asks."""
    again = round((end - begin) * DUPLICATE_SHARE)
    asked, _ = requests(population, begin, end - again)
    made: list[Row] = []
    for number, cells in enumerate(asked.to_pylist(), begin + 1):
        row = Row(clerk.write(number, cells), _NOBODY)
        if rng.random() >= LAWFUL_SHARE:
            spoil(rng, row, clerk.today)
        made.append(row)
        yield row
    for number in range(end - again + 1, end + 1):
        original = rng.choice([row for row in rng.choices(made, k=20) if row.cells["case_number"]])
        cells = original.cells | {"request_id": f"D{number:08d}"}
        yield Row(cells, _NOBODY, original.defects, original.ragged)


class _Clerk:
    """Adds to a subject what else a request sets forth, each with a reason of its own."""

    def __init__(self, rng: Random, today: date, population: Population) -> None:
        self.today = today
        self._rng = rng
        parts = (wording._WHAT, wording._WHY, wording._HOW, wording._WHO)
        self._reasons = list(product(*parts))
        rng.shuffle(self._reasons)
        words = {word for name in population.streets.words for word in name.lower().split()}
        self._words = sorted(word for word in words if len(word) > 3 and word.isalpha())
        last = today.year - 1
        self._periods = [f"{last}", f"{last - 1}", f"{last - 1};{last}", f"{last}-12"]
        self._orders = [(today - timedelta(days=days)).isoformat() for days in range(120, 3_000)]
        pairs = product(INVESTIGATORS[:30], INVESTIGATORS[30:])
        self._officers = [*(INVESTIGATORS * 45), *map(";".join, pairs)]

    def write(self, number: int, subject: dict[str, str | None]) -> dict[str, str]:
        """The cells of a row."""
        pick = self._pick
        what, why, how, who = self._reasons[number % len(self._reasons)]
        ordered = pick(self._orders)
        cells = {name: text or "" for name, text in subject.items()}
        cells |= {
            "case_number": f"FD-{self.today.year - number % 4}-{100_000 + number}",
            "country": pick(("", "", "US", "USA")),
            "tax_periods": pick(self._periods),
            "statute": pick(wording._STATUTES),
            "proceeding": pick(wording._PROCEEDINGS),
            "reason": f"{what}; {why} {how}. {who} The lead is of the {pick(self._words)} sort.",
            "recipients": pick(self._officers),
            "removal_order_date": ordered,
            "removal_order_number": f"IJ-{ordered[:4]}-{100_000 + number * 7 % 900_000}",
            "removal_ground": pick(wording._GROUNDS),
        }
        return {column: cells[column] for column in BATCH_COLUMNS}

    def _pick(self, among: Sequence[str]) -> str:
        return among[int(self._rng.random() * len(among))]
