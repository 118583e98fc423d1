"""A registry and requests made to mislead a matcher; all of it made up.

Every request has a truth: the person it is about and whether its address is one of that person's,
or that nobody may be confirmed (the person is not registered but resembles one who is, the address
was never on file, or the request mixes two people). Seeded: the same arguments, the same files.

    python benchmarks/adversarial.py DIR --persons 100000 --requests 10000 --seed 1 --noise 0.15
"""

from __future__ import annotations

import argparse
import csv
import gc
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it also runs as a script
from benchmarks.adversarial_absent import Absent
from benchmarks.adversarial_rows import Clerk
from comity.identity.source import COLUMNS as REGISTRY_COLUMNS
from comity.request.model import COLUMNS as REQUEST_COLUMNS


@dataclass
class World:
    """What was made: rows of the registry, rows of the batch, and the truth by request id."""

    registry: list[dict[str, str]] = field(default_factory=list)
    requests: list[dict[str, str]] = field(default_factory=list)
    truth: dict[str, tuple[str, str, bool]] = field(default_factory=dict)
    """request id: (kind, person id or '', address on file)."""


SHARES: tuple[tuple[float, str], ...] = (
    (0.24, "plain"),
    (0.10, "household"),
    (0.05, "nickname"),
    (0.02, "initial"),
    (0.05, "compound"),
    (0.02, "married"),
    (0.02, "swapped_fields"),
    (0.06, "moved"),
    (0.05, "moved_unknown"),
    (0.05, "twins"),
    (0.04, "twin_absent"),
    (0.05, "parent_child"),
    (0.04, "child_absent"),
    (0.03, "member_mixed"),
    (0.03, "spouse_absent"),
    (0.04, "apartments"),
    (0.02, "unit_absent"),
    (0.03, "common_street"),
    (0.02, "next_door_absent"),
    (0.02, "number_stolen"),
    (0.01, "number_shared"),
    (0.01, "mrs_husband"),
    (0.005, "couple"),
    (0.01, "initial_absent"),
    (0.01, "nickname_absent"),
    (0.01, "relative_number"),
    (0.02, "building_absent"),
    (0.02, "mistyped_neighbour"),
    (0.02, "transposed"),
    (0.02, "transposed_mixed"),
    (0.02, "sibling_absent"),
    (0.01, "crossed_absent"),
    (0.01, "second_name_absent"),
    (0.03, "unknown"),
    (0.02, "number_only"),
    (0.02, "spelling"),
    (0.01, "variant"),
    (0.02, "misrecorded"),
    (0.02, "later_tenant"),
    (0.01, "spelling_absent"),
    (0.01, "later_tenant_absent"),
)
"""How often each kind of request is made, in proportion."""


def make(
    persons: int,
    requests: int,
    seed: int,
    noise: float = 0.15,
    shares: Sequence[tuple[float, str]] = SHARES,
) -> World:
    """Make a world of about so many registered persons and exactly so many requests.

    `noise` is the chance of a typing error in a request's given and in its family name, and scales
    the errors of every other field. `shares` says how often which kind is asked."""
    collected = gc.isenabled()
    gc.disable()  # nothing here is garbage; walking it again and again took a third of the time
    try:
        return _make(Absent(seed), persons, requests, noise, shares)
    finally:
        if collected:
            gc.enable()


def _make(
    maker: Absent, persons: int, requests: int, noise: float, shares: Sequence[tuple[float, str]]
) -> World:
    kinds: list[Callable[[], None]] = [getattr(maker, kind) for _, kind in shares]
    summed = list(accumulate(share for share, _ in shares))
    while len(maker.asks) < requests:
        maker.random.choices(kinds, cum_weights=summed)[0]()
    while len(maker.people) < persons:
        maker.person()
    clerk = Clerk(maker.random, noise)
    nobody = [ask.person for ask in maker.asks if not ask.truth]
    kept = {person.tin for person in nobody} | {person.id for person in nobody} - {""}
    world = World(registry=list(clerk.registry_rows(maker.people, kept)))
    maker.random.shuffle(maker.asks)
    for number, ask in enumerate(maker.asks[:requests], 1):
        row = clerk.request_row(number, ask)
        world.requests.append(row)
        world.truth[row["request_id"]] = (ask.kind, ask.truth, ask.on_file)
    return world


def write(rows: list[dict[str, str]], columns: tuple[str, ...], path: Path) -> None:
    """Write rows as CSV."""
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--persons", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--noise", type=float, default=0.15)
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    world = make(args.persons, args.requests, args.seed, args.noise)
    write(world.registry, REGISTRY_COLUMNS, args.folder / "registry.csv")
    write(world.requests, REQUEST_COLUMNS, args.folder / "requests.csv")
    truth = [
        {"request_id": key, "kind": kind, "person_id": person, "address_on_file": str(on_file)}
        for key, (kind, person, on_file) in world.truth.items()
    ]
    write(truth, ("request_id", "kind", "person_id", "address_on_file"), args.folder / "truth.csv")


if __name__ == "__main__":
    main()
