"""Pairs of requests and records as columns of ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from comity.identity.asking import Asked, Texts
from comity.identity.coding import Ids

Flags = NDArray[np.bool_]
Both = tuple[Ids, Ids]
"""The ids of one field: asked and recorded."""


@dataclass(frozen=True)
class Pairs:
    """Pairs as columns: the request's number, the person's, and the record's ids by field (those of
    `coded`), one row for each of the person's names and addresses. `pair` numbers the pairs of the
    batch from 0: rows of one pair have one number, and may stand anywhere."""

    pair: Ids
    rid: Ids
    pid: Ids
    recorded: Mapping[str, Ids]

    def __len__(self) -> int:
        return len(self.rid)

    def take(self, rows: Flags | Ids) -> Pairs:
        """Some of the rows."""
        return Pairs(
            self.pair[rows],
            self.rid[rows],
            self.pid[rows],
            {field: values[rows] for field, values in self.recorded.items()},
        )

    def with_(self, others: Pairs) -> Pairs:
        """These and others."""
        both = ((self.recorded[field], others.recorded[field]) for field in self.recorded)
        return Pairs(
            np.concatenate([self.pair, others.pair]),
            np.concatenate([self.rid, others.rid]),
            np.concatenate([self.pid, others.pid]),
            dict(zip(self.recorded, map(np.concatenate, both), strict=True)),
        )

    def after(self, count: int) -> Pairs:
        """The same, numbered from `count`."""
        return Pairs(self.pair + count, self.rid, self.pid, self.recorded)

    def whole(self, rows: Flags) -> Flags:
        """The rows of every pair of which one row is chosen."""
        chosen = np.zeros(int(self.pair.max(initial=-1)) + 1, np.bool_)
        chosen[self.pair[rows]] = True
        return np.asarray(chosen[self.pair], np.bool_)


@dataclass(frozen=True)
class Compared:
    """The codes (see `codes`) of each pair's levels."""

    name: Ids
    place: Ids
    dob: Ids
    number: Ids

    def take(self, rows: Flags | Ids) -> Compared:
        """Some of the rows."""
        return Compared(self.name[rows], self.place[rows], self.dob[rows], self.number[rows])


@dataclass(frozen=True)
class Sides:
    """The ids of both sides of some pairs, by field: asked and recorded."""

    asked: Mapping[str, Ids]
    rid: Ids
    recorded: Mapping[str, Ids]

    @classmethod
    def of(cls, asked: Asked, pairs: Pairs) -> Sides:
        return cls(asked.ids, pairs.rid, pairs.recorded)

    def take(self, rows: Flags | Ids, fields: Sequence[str]) -> Sides:
        """Some of the pairs, with some of their fields."""
        some = {field: self.recorded[field][rows] for field in fields}
        return Sides(self.asked, self.rid[rows], some)

    def __call__(self, field: str) -> Both:
        return self.asked[field][self.rid], self.recorded[field]

    def equal(self, field: str) -> Flags:
        """Whether both sides have one value there."""
        a, b = self(field)
        return np.asarray((a == b) & (a != 0), np.bool_)


def has(marks: NDArray[np.uint64], flag: int) -> Flags:
    """Whether marks (see `coding`) bear any of some flags."""
    return np.asarray((marks & np.uint64(flag)) != 0, np.bool_)


def by_word(texts: Texts, pair: Both, rows: Ids, level: Callable[[str, str, int, int], int]) -> Ids:
    """The codes of some rows' words, each distinct pair looked at once; `level` gets the two words
    and their ids."""
    distinct, inverse = np.unique((pair[0][rows] << 32) | pair[1][rows], return_inverse=True)
    left, right = distinct >> 32, distinct & 0xFFFFFFFF
    words = texts.of(np.concatenate([left, right]))
    found = [
        level(words[i][0], words[j][0], i, j)
        for i, j in zip(left.tolist(), right.tolist(), strict=True)
    ]
    return np.array(found, np.int64)[inverse]
