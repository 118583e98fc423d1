"""Comparing pairs of requests and records as columns of numbers.

The functions of `compare` and `compare_names` are the one truth about levels. Most pairs need none
of their care: equal ids are equal values, and marks (see `coding`) tell that two words are far
apart. What is left is looked at by those functions, once per distinct pair of values.
tests/identity/test_batch_is_one_by_one.py holds the two together.
"""

from __future__ import annotations

from comity.identity.asking import Asked
from comity.identity.comparing_names import NameComparison
from comity.identity.comparing_places import PlaceComparison
from comity.identity.comparing_values import date_codes, number_codes
from comity.identity.pairs import Compared, Flags, Pairs, Sides, same_person
from comity.identity.vocabulary import Vocabulary


class Comparison:
    """Compares the pairs of one batch."""

    def __init__(self, asked: Asked, vocabulary: Vocabulary) -> None:
        self._asked = asked
        self._names = NameComparison(asked, vocabulary)
        self._places = PlaceComparison(asked)

    def near(self, pairs: Pairs) -> Flags:
        """Whether the addresses may be the ones meant (`doubts.near_place`)."""
        return self._places.near(Sides.of(self._asked, pairs))

    def worth_comparing(self, pairs: Pairs, near: Flags) -> Flags:
        """Which pairs `decide` may look at: those that share birth date or number, and of the near
        ones those whose given or family names are not plainly told apart."""
        sides = Sides.of(self._asked, pairs)
        return same_person(sides, pairs) | (near & ~self._names.apart(sides))

    def compare(self, pairs: Pairs) -> Compared:
        """The levels of every pair."""
        sides = Sides.of(self._asked, pairs)
        return Compared(
            self._names.codes(sides),
            self._places.codes(sides),
            date_codes(*sides("dob")),
            number_codes(*sides("number")),
        )
