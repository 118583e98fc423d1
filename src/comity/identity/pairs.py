"""Pairs of requests and records as columns of ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
    `coded`), one row for each of the person's names and addresses."""

    rid: Ids
    pid: Ids
    recorded: Mapping[str, Ids]

    def __len__(self) -> int:
        return len(self.rid)

    def take(self, rows: Flags | Ids) -> Pairs:
        """Some of the rows."""
        return Pairs(
            self.rid[rows],
            self.pid[rows],
            {field: values[rows] for field, values in self.recorded.items()},
        )

    def with_(self, others: Pairs) -> Pairs:
        """These and others."""
        both = ((self.recorded[field], others.recorded[field]) for field in self.recorded)
        return Pairs(
            np.concatenate([self.rid, others.rid]),
            np.concatenate([self.pid, others.pid]),
            dict(zip(self.recorded, map(np.concatenate, both), strict=True)),
        )


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
    recorded: Mapping[str, Ids]

    @classmethod
    def of(cls, asked: Asked, pairs: Pairs) -> Sides:
        fields = [field for field in asked.ids if field in pairs.recorded]
        return cls(
            {field: asked.ids[field][pairs.rid] for field in fields},
            {field: pairs.recorded[field] for field in fields},
        )

    def __call__(self, field: str) -> Both:
        return self.asked[field], self.recorded[field]


def same_person(sides: Sides, pairs: Pairs) -> Flags:
    """Whether the pairs share birth date or number (the first on record or another)."""
    same = pairs.recorded["holder"] != 0
    for field in ("dob", "number"):
        a, b = sides(field)
        same |= (a == b) & (a != 0)
    return np.asarray(same, np.bool_)


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
