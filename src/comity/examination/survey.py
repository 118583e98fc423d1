"""The first pass over a batch: what no row shows by itself.

A million rows are compared with each other, so what is kept of a row is small (see traits.py), and
only those of which a quick comparison says that they may repeat something are compared in full."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from comity.examination.context import BatchSurvey, Circumstances, History
from comity.examination.traits import Traits, key_of, same_way, traits_of, way_key
from comity.request.model import Request

_KEPT = ("row", "id", "matter", "subject")


def survey(chunks: Iterable[list[Request]], circumstances: Circumstances) -> BatchSurvey:
    """Look through a batch once."""
    made = Survey()
    for chunk in chunks:
        made.add(traits_of(chunk, circumstances.fingerprint))
    return made.finish(circumstances.history)


class Survey:
    """Takes the traits of all rows of a batch, in order, and finds what they have in common."""

    def __init__(self) -> None:
        self.rows = 0
        self._parts: list[Traits] = []
        self._reasons: Counter[str] = Counter()
        self._recipients: Counter[str] = Counter()

    def add(self, traits: Traits, *, after: int = 0) -> None:
        """The next rows; `after` is added to their numbers."""
        rows = traits.rows
        if after:
            moved = pc.add(rows.column("row"), pa.scalar(after, pa.uint32()))
            rows = rows.set_column(0, "row", moved)
        self.rows += rows.num_rows
        self._reasons.update(traits.reasons)
        self._recipients.update(traits.recipients)
        self._parts.append(Traits(rows, traits.ways, Counter(), Counter()))

    def finish(self, history: History) -> BatchSurvey:
        """What the whole batch looks like, given what earlier batches mean for it. To be called
        once: of the traits, only the fingerprints are kept after it."""
        found = BatchSurvey(
            self.rows,
            {name: count for name, count in self._reasons.items() if count > 1},
            dict(self._recipients + Counter(history.open_requests)),
            _persons(self._parts, history.persons),
            _repeated(self._parts, history.open_subjects),
            _same_id(self._parts),
        )
        self._reasons.clear()
        empty = pa.record_batch([pa.nulls(0)], names=["none"])
        self._parts = [
            Traits(part.rows.select(_KEPT), empty, Counter(), Counter()) for part in self._parts
        ]
        return found

    def fingerprints(self) -> Iterator[pa.RecordBatch]:
        """The rows of each `add`: row, and the fingerprints of id, matter and subject."""
        return (part.rows.select(_KEPT) for part in self._parts)


def _same_id(parts: Sequence[Traits]) -> frozenset[int]:
    """The rows whose request id an earlier row has."""
    suspects = _repeated_keys([part.rows.column("id_key") for part in parts])
    seen: set[bytes] = set()
    found: set[int] = set()
    for part in parts:
        rows = part.rows.filter(pc.is_in(part.rows.column("id_key"), suspects))
        for row, name in zip(_list(rows, "row"), _list(rows, "id"), strict=True):
            (found.add(row) if name in seen else seen.add(name))
    return frozenset(found)


def _persons(parts: Sequence[Traits], before: Mapping[str, frozenset[str]]) -> dict[str, int]:
    """How many persons stand under each case number that more than one row has, or that an earlier
    batch had."""
    known = pa.array([key_of(bytes.fromhex(matter)) for matter in before], pa.int64())
    rows = [part.rows.filter(part.rows.column("under_case")) for part in parts]
    suspects = _repeated_keys([one.column("matter_key") for one in rows], known)
    persons: dict[bytes, set[str]] = {}
    for one in rows:
        shared = one.filter(pc.is_in(one.column("matter_key"), suspects))
        for matter, subject in zip(_list(shared, "matter"), _list(shared, "subject"), strict=True):
            if matter not in persons:
                persons[matter] = set(before.get(matter.hex(), ()))
            persons[matter].add(subject.hex())
    return {matter.hex(): len(who) for matter, who in persons.items()}


def _repeated(parts: Sequence[Traits], open_subjects: frozenset[tuple[str, str]]) -> frozenset[int]:
    """The rows that ask again about a subject under its case."""
    pending = [(bytes.fromhex(matter), bytes.fromhex(way)) for matter, way in open_subjects]
    known = pa.array([way_key(matter, way) for matter, way in pending], pa.int64())
    asked = {same_way(matter, way) for matter, way in pending}
    suspects = _repeated_keys([part.ways.column("way_key") for part in parts], known)
    seen: dict[bytes, _Seen] = {}
    found: set[int] = set()
    for part in parts:
        ways = part.ways.filter(pc.is_in(part.ways.column("way_key"), suspects))
        rows = part.rows.take(ways.column("place"))
        for row, matter, marks, way in zip(
            _list(rows, "row"),
            _list(rows, "matter"),
            _list(rows, "marks"),
            _list(ways, "way"),
            strict=True,
        ):
            key = same_way(matter, way)
            before = seen.setdefault(key, _Seen())
            if key in asked or before.may_have(marks):
                found.add(row)
            before.add(marks)
    return frozenset(found)


def _repeated_keys(columns: Sequence[pa.Array], known: pa.Array | None = None) -> pa.Array:
    """The keys that stand more than once, and those of the columns among the known ones."""
    counted = pc.value_counts(pa.chunked_array(columns, pa.int64()))
    keys, counts = counted.field("values"), counted.field("counts")
    often = pc.greater(counts, 1)
    if known is not None and len(known):
        often = pc.or_(often, pc.is_in(keys, known))
    return keys.filter(pc.and_(often, pc.is_valid(keys)))


def _list(rows: pa.RecordBatch, name: str) -> list[Any]:
    found: list[Any] = rows.column(name).to_pylist()
    return found


class _Seen:
    """The marks of the rows so far that name a subject one way, under one case.

    Whether nothing shows that one of them is somebody else is looked up, not searched for: a
    million persons of one name at one address cost no more than ten."""

    def __init__(self) -> None:
        self._seen: set[tuple[str | None, ...]] = set()

    def add(self, marks: str) -> None:
        """Remember marks, and whatever is left of them where some do not count (None)."""
        parts = marks.split("|")
        self._seen.update(product(*((part, None) for part in parts)))

    def may_have(self, marks: str) -> bool:
        """Whether some row has no mark that contradicts these: what is absent does not."""
        parts = marks.split("|")
        return any(
            one in self._seen
            for one in product(*((part, "") if part else (None,) for part in parts))
        )
