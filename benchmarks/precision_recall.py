"""Precision and recall of answers at every threshold of their weight. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True, slots=True)
class Answer:
    """The one person named for a request: the weight, and whether it is the person asked about.
    `on_file`: the request counts for recall."""

    weight: float
    right: bool
    on_file: bool


@dataclass(frozen=True, slots=True)
class Point:
    """What comes of confirming every answer of at least this weight.

    Precision is right confirmations of all confirmations; recall is right ones of all requests
    whose address is one of the person's."""

    weight: float
    right: int
    wrong: int
    found: int
    on_file: int

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.found / self.on_file if self.on_file else 0.0

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def curve(answers: Iterable[Answer], on_file: int) -> list[Point]:
    """A point for every weight that occurs, the greatest first."""
    points = []
    right = wrong = found = 0
    ordered = sorted(answers, key=lambda answer: -answer.weight)
    for weight, group in groupby(ordered, key=lambda answer: answer.weight):
        for answer in group:
            right += answer.right
            wrong += not answer.right
            found += answer.right and answer.on_file
        points.append(Point(weight, right, wrong, found, on_file))
    return points


def best_f1(points: Sequence[Point]) -> Point | None:
    """Where precision and recall together are best."""
    return max(points, key=lambda point: point.f1, default=None)


def best_without_wrong(points: Sequence[Point]) -> Point | None:
    """The greatest recall before the first wrong answer; None where the very first is wrong."""
    clean = [point for point in points if not point.wrong]
    return clean[-1] if clean else None


def at_recall(points: Sequence[Point], recall: float) -> Point | None:
    """The first point that reaches a recall, for a comparison at equal recall."""
    return next((point for point in points if point.recall >= recall), None)


@dataclass(frozen=True)
class Panel:
    """The curves of one set by name, and the point at which Comity decides."""

    title: str
    curves: Mapping[str, Sequence[Point]]
    decided: Point
