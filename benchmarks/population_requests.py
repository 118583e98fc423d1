"""Requests about a made-up population, as another agency would write them down, with the truth.

Of a hundred requests 70 are about a person at an address on file, 15 about a person who has moved
away, and 15 about nobody who is registered though he resembles somebody: five are strangers, five
namesakes of a registered person who live elsewhere, five housemates of one. Then come typing errors
and nicknames, and fields that the writer does not know.

    python benchmarks/population_requests.py FOLDER [--persons 10000000] [--requests 1280000]

writes FOLDER/registry.parquet, FOLDER/requests.parquet, FOLDER/requests.csv and
FOLDER/truth.parquet.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it also runs as a script
from benchmarks.adversarial_words import NICKNAMES
from benchmarks.population import CHUNK, Population, digits, write_registry
from benchmarks.population_draws import Codes, Flags, Ids
from comity.identity.kinship import kinship

KINDS = ("sound", "moved", "stranger", "namesake", "housemate")
_ENDS = (0.70, 0.85, 0.90, 0.95)
_ASKED = 2**40
"""Numbers that stand for requests, beside those that stand for persons."""
COLUMNS = (
    *("request_id", "first_name", "middle_name", "last_name", "suffix", "date_of_birth"),
    *("tin", "street", "unit", "city", "state", "postal_code"),
)
TRUTH = ("request_id", "person_id", "kind")


def requests(population: Population, begin: int, end: int) -> tuple[pa.Table, pa.Table]:
    """Requests `begin` to `end` - 1 and the truth about them: the columns COLUMNS, and TRUTH with
    `person_id` '' where nobody is meant."""
    dice = population.dice
    numbers = np.arange(begin, end, dtype=np.uint64)
    asks = numbers + np.uint64(_ASKED)
    kind = np.searchsorted(_ENDS, dice.unit("kind", asks), "right")
    meant = dice.below("meant", asks, population.persons)
    nobody = np.uint64(population.persons) + numbers
    names = population.people(np.where(kind == KINDS.index("stranger"), nobody, meant))
    born = population.people(np.where(kind >= KINDS.index("stranger"), nobody, meant))
    elsewhere = (kind == KINDS.index("moved")) | (kind == KINDS.index("namesake"))
    former = names.moved & (kind == 0) & dice.share("asked of the former", asks, 0.3)
    at = np.where(former, names.slot | np.uint64(2**63), names.household)
    columns = population.names(names) | population.address(
        population.homes(np.where(elsewhere, asks, at))
    )
    others = population.names(born)
    columns["date_of_birth"] = others["date_of_birth"]
    texts = {name: column.cast(pa.string()) for name, column in columns.items()}
    mates = np.flatnonzero(kind == KINDS.index("housemate"))
    given = born.given.copy()
    given[mates] = _another_name(population, names.slot[mates], given[mates], asks[mates])
    others["first_name"] = population.given_words.take(pa.array(given))
    housemate = pa.array(kind == KINDS.index("housemate"))
    for name in ("first_name", "middle_name", "suffix"):
        texts[name] = pc.if_else(housemate, others[name].cast(pa.string()), texts[name])
    unknown = (born.number == 0) | dice.share("number unknown", asks, 0.3)
    texts["tin"] = digits(born.number, 9, absent=unknown)
    texts["request_id"] = digits(numbers + np.uint64(1), 8, "R")
    _disturb(population, texts, asks)
    person = pc.if_else(pa.array(kind <= 1), digits(meant + np.uint64(1), 9, "P"), "")
    kinds = pa.array(KINDS).take(pa.array(kind))
    truth = pa.table(dict(zip(TRUTH, (texts["request_id"], person, kinds), strict=True)))
    return pa.table({name: texts[name] for name in COLUMNS}), truth


def _another_name(population: Population, slot: Ids, given: Codes, asks: Ids) -> Codes:
    """Given names that nobody of the household answers to: `given`, or others where that begins
    like, or is another form of, a name of somebody there (who would then be the one described)."""
    words = population.given.words
    letter = np.array([ord(word[0]) for word in words], np.uint8)
    household = population.members(slot).household
    near = [slot + np.uint64(up) for up in range(6)]
    near += [np.maximum(slot, np.uint64(down)) - np.uint64(down) for down in range(1, 6)]
    there = [population.members(one) for one in near]
    names = np.where([one.household == household for one in there], [m.given for m in there], -1)
    for turn in range(20):
        taken = ((letter[names] == letter[given]) & (names >= 0)).any(axis=0)
        for row in np.flatnonzero(~taken):
            known = {words[code] for code in names[:, row] if code >= 0}
            taken[row] = any(_akin(words[given[row]], name) for name in known)
        again = np.flatnonzero(taken)
        if not again.size:
            break
        given = given.copy()
        given[again] = population.dice.pick(f"name {turn}", asks[again], population.given.table)
    return given


@lru_cache(maxsize=1 << 16)
def _akin(a: str, b: str) -> bool:
    return bool(kinship(a, b))


def _disturb(population: Population, texts: dict[str, Any], asks: Ids) -> None:
    """Write as people write: nicknames, typing errors, plain case, what is unknown left out."""
    dice = population.dice

    def some(what: str, part: float) -> Flags:
        return dice.share(what, asks, part)

    def rewrite(name: str, where: Flags, how: Callable[[str, int], str]) -> None:
        mask, luck = pa.array(where), dice.bits(f"luck with {name}", asks[where]).tolist()
        old = texts[name].filter(mask).to_pylist()
        new = [how(text, bits) if text else text for text, bits in zip(old, luck, strict=True)]
        texts[name] = pc.replace_with_mask(texts[name], mask, pa.array(new, pa.string()))

    first = texts["first_name"]
    rewrite("first_name", some("nickname", 0.15), lambda name, _: _SHORT.get(name, name))
    nicknamed = pc.not_equal(first, texts["first_name"]).to_numpy(zero_copy_only=False)
    for name, part in (("first_name", 0.03), ("last_name", 0.05), ("street", 0.05), ("city", 0.03)):
        wrong = some(f"error in {name}", part)
        rewrite(name, wrong & ~nicknamed if name == "first_name" else wrong, _error)
    for name, part in (("date_of_birth", 0.2), ("middle_name", 0.3), ("unit", 0.1)):
        texts[name] = pc.if_else(pa.array(some(f"{name} unknown", part)), None, texts[name])
    rewrite("tin", some("error in tin", 0.01), lambda text, bits: _transposed(text, bits % 8))
    plain = pa.array(some("plain case", 0.5))
    for name in ("first_name", "last_name", "street", "city"):
        texts[name] = pc.if_else(plain, pc.utf8_title(texts[name]), texts[name])
    long = pa.array(some("plus four", 0.2))
    more = digits(dice.below("four", asks, 9999) + np.uint64(1), 4, "-")
    coded = pc.binary_join_element_wise(texts["postal_code"], more, "")
    texts["postal_code"] = pc.if_else(long, coded, texts["postal_code"])


_SHORT = {full.upper(): short.upper() for full, short in NICKNAMES.items()}


def _error(text: str, bits: int) -> str:
    """One typing error in a word: a letter wrong, missing, doubled or two transposed. A house
    number stays (its errors are another matter)."""
    begin = text.find(" ") + 1 if text[0].isdigit() else 0
    head, word = text[:begin], text[begin:]
    bits, kind = divmod(bits, 4)
    bits, letter = divmod(bits, 26)
    at = 1 + bits % max(len(word) - 2, 1)
    if len(word) < 3 or not word[at : at + 2].isalpha():
        return text
    match kind:
        case 0:
            return head + word[:at] + chr(ord("A") + letter) + word[at + 1 :]
        case 1:
            return head + word[:at] + word[at + 1 :]
        case 2:
            return head + word[:at] + word[at] + word[at:]
        case _:
            return head + _transposed(word, at)


def _transposed(text: str, at: int) -> str:
    return text[:at] + text[at : at + 2][::-1] + text[at + 2 :]


def _schema(names: tuple[str, ...]) -> pa.Schema:
    return pa.schema([(name, pa.string()) for name in names])


def write_requests(population: Population, count: int, folder: Path) -> None:
    """Write `requests.parquet`, `requests.csv` and `truth.parquet` into a folder."""
    with (
        pq.ParquetWriter(folder / "requests.parquet", _schema(COLUMNS)) as requests_file,
        pcsv.CSVWriter(folder / "requests.csv", _schema(COLUMNS)) as csv_file,
        pq.ParquetWriter(folder / "truth.parquet", _schema(TRUTH)) as truth_file,
    ):
        for begin in range(0, count, CHUNK):
            asked, truth = requests(population, begin, min(begin + CHUNK, count))
            requests_file.write_table(asked)
            csv_file.write_table(asked)
            truth_file.write_table(truth)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--persons", type=int, default=10_000_000)
    parser.add_argument("--requests", type=int, default=1_280_000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    population = Population(args.persons, args.seed)
    begun = time.perf_counter()
    rows = write_registry(population, args.folder / "registry.parquet")
    made = time.perf_counter()
    print(f"{args.persons:,} persons, {rows:,} rows in {made - begun:.1f} s")
    write_requests(population, args.requests, args.folder)
    print(f"{args.requests:,} requests in {time.perf_counter() - made:.1f} s")


if __name__ == "__main__":
    main()
