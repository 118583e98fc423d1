"""Comparing pairs of requests and records as columns of numbers.

The functions of `compare` and `compare_names` are the one truth about levels. Most pairs need none
of their care: equal ids are equal values, and marks (see `coding`) tell that two words are far
apart. What is left is looked at by those functions, once per distinct pair of values.
tests/identity/test_batch_is_one_by_one.py holds the two together.
"""

from __future__ import annotations

import numpy as np

from comity.identity.asking import Asked
from comity.identity.coding import CODED_PLACE
from comity.identity.comparing_names import NameComparison
from comity.identity.comparing_places import PlaceComparison
from comity.identity.comparing_values import date_codes, number_codes
from comity.identity.pairs import Compared, Flags, Pairs, Sides
from comity.identity.schema import NAME_FIELDS
from comity.identity.vocabulary import Vocabulary


class Comparison:
    """Compares the pairs of one batch."""

    def __init__(self, asked: Asked, vocabulary: Vocabulary) -> None:
        self._asked = asked
        self._names = NameComparison(asked, vocabulary)
        self._places = PlaceComparison(asked)

    def worth_reading(self, pairs: Pairs) -> Flags:
        """Which pairs, at a glance, may be near or of one person; the rest cannot be meant."""
        sides = Sides.of(self._asked, pairs)
        worth = _same_number(sides) | sides.equal("dob") | self._places.maybe_near(sides)
        a, b = sides("bid")
        return np.asarray(worth | (a == b), np.bool_)

    def near(self, pairs: Pairs) -> Flags:
        """Whether the addresses may be the ones meant (`doubts.near_place`)."""
        sides = Sides.of(self._asked, pairs)
        a, b = sides("bid")
        near = a == b
        elsewhere = np.flatnonzero(~near)
        near[elsewhere] = self._places.near(sides.take(elsewhere, CODED_PLACE))
        return np.asarray(near, np.bool_)

    def worth_comparing(self, pairs: Pairs, near: Flags) -> Flags:
        """Which pairs `decide` may look at (`matching.is_candidate`): those that share the number;
        the birth date and a near address; and one of the two where given and family names are not
        plainly told apart."""
        sides = Sides.of(self._asked, pairs)
        same_day, same_number = sides.equal("dob"), _same_number(sides)
        worth = same_number | (same_day & near)
        by_name = np.flatnonzero(~worth & (same_day | near))
        worth[by_name] = ~self._names.apart(sides.take(by_name, NAME_FIELDS))
        return np.asarray(worth, np.bool_)

    def compare(self, pairs: Pairs) -> Compared:
        """The levels of every pair."""
        sides = Sides.of(self._asked, pairs)
        return Compared(
            self._names.codes(sides),
            self._places.codes(sides),
            date_codes(*sides("dob")),
            number_codes(*sides("number")),
        )


def _same_number(sides: Sides) -> Flags:
    """Whether pairs share the number, the first on record or another."""
    return np.asarray(sides.equal("number") | (sides.recorded["holder"] != 0), np.bool_)
