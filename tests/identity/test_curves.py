"""Precision and recall as the accuracy benchmark counts and draws them."""

from __future__ import annotations

from xml.etree import ElementTree

from benchmarks.curve_picture import picture
from benchmarks.precision_recall import (
    Answer,
    Panel,
    Point,
    at_recall,
    best_f1,
    best_without_wrong,
    curve,
)

ANSWERS = [
    Answer(9.0, right=True, on_file=True),
    Answer(8.0, right=True, on_file=False),
    Answer(7.0, right=True, on_file=True),
    Answer(7.0, right=False, on_file=True),
    Answer(5.0, right=True, on_file=True),
    Answer(1.0, right=False, on_file=False),
]


def test_answers_of_one_weight_are_confirmed_together() -> None:
    points = curve(reversed(ANSWERS), on_file=4)
    assert [(p.weight, p.right, p.wrong, p.found) for p in points] == [
        (9.0, 1, 0, 1),
        (8.0, 2, 0, 1),
        (7.0, 3, 1, 2),
        (5.0, 4, 1, 3),
        (1.0, 4, 2, 3),
    ]
    assert (points[3].precision, points[3].recall) == (0.8, 0.75)


def test_the_points_that_are_published() -> None:
    points = curve(ANSWERS, on_file=4)
    clean, best, level = best_without_wrong(points), best_f1(points), at_recall(points, 0.5)
    assert clean is not None
    assert (clean.weight, clean.recall) == (8.0, 0.25)
    assert best is not None
    assert best.weight == 5.0
    assert level is not None
    assert level.weight == 7.0
    assert at_recall(points, 0.9) is None
    assert best_without_wrong(curve([Answer(1.0, right=False, on_file=True)], 1)) is None
    assert best_f1([]) is None


def test_the_picture_is_sound_and_escapes() -> None:
    decided = Point(0.0, 3, 0, 3, 4)
    panel = Panel("a < b & c", {"one": curve(ANSWERS, 4), "other": []}, decided)
    drawn = ElementTree.fromstring(picture([panel, panel, panel, panel]))
    texts = ["".join(one.itertext()) for one in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert texts.count("a < b & c") == 4
    assert "none wrong" in texts
    assert len(list(drawn.iter("{http://www.w3.org/2000/svg}circle"))) == 5
