"""What a survey keeps of rows: fingerprints in columns, so that a million of them are small."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa

from comity.examination.context import Fingerprint
from comity.examination.likeness import (
    digits_of,
    folded,
    matter_of,
    reason_core,
    subjects_of,
)
from comity.request.model import Request

_WAY_BYTES = 16
"""Bytes of a fingerprint that are compared to find a subject again."""


@dataclass(frozen=True)
class Traits:
    """What some rows have that others may have too.

    `rows` has a line for each: its number, the fingerprints of request id, case and subject (null
    where there is none), whether it names its subject under a case, and then the marks that tell
    two persons of one name at one address apart. `ways` has a line for each way in which such a
    row names its subject: the place of the row in `rows`, and the fingerprint. What ends in `_key`
    is a number for quick comparison: equal things have equal ones, and different things nearly
    always different ones. Counted by fingerprint: `reasons`; by id: `recipients`."""

    rows: pa.RecordBatch
    ways: pa.RecordBatch
    reasons: Counter[str]
    recipients: Counter[str]


def traits_of(requests: Iterable[Request], finger: Fingerprint) -> Traits:
    """Look at some rows of a batch."""
    rows_of = list(requests)  # trait after trait, not row after row: see Examiner.examine
    reasons = [finger("reason", reason_core(one)) for one in rows_of if one.reason]
    recipients = Counter(officer for one in rows_of for officer in set(one.recipients))
    ids = [
        bytes.fromhex(finger("request", one.request_id)) if one.request_id else None
        for one in rows_of
    ]
    matters = [bytes.fromhex(finger("matter", matter_of(one))) for one in rows_of]
    named = [subjects_of(one) for one in rows_of]
    found = [[bytes.fromhex(finger("subject", way)) for way in ways] for ways in named]
    under_case = [bool(one.case_number and ways) for one, ways in zip(rows_of, named, strict=True)]
    owners = array("I")
    ways: list[bytes] = []
    way_keys = array("q")
    for place, (matter, told) in enumerate(zip(matters, under_case, strict=True)):
        for way in found[place] if told else ():
            owners.append(place)
            ways.append(way[:_WAY_BYTES])
            way_keys.append(way_key(matter, way))
    marks = [_marks(one) if told else None for one, told in zip(rows_of, under_case, strict=True)]
    rows = {
        "row": pa.array([one.row for one in rows_of], pa.uint32()),
        "id": _fixed(ids),
        "matter": _fixed(matters),
        "subject": _fixed([ways[0] if ways else None for ways in found]),
        "under_case": pa.array(under_case, pa.bool_()),
        "id_key": pa.array([None if one is None else key_of(one) for one in ids], pa.int64()),
        "matter_key": pa.array([key_of(one) for one in matters], pa.int64()),
        "marks": pa.array(marks, pa.string()),
    }
    by_way = {
        "place": pa.array(owners, pa.uint32()),
        "way": _fixed(ways),
        "way_key": pa.array(way_keys, pa.int64()),
    }
    return Traits(
        pa.RecordBatch.from_pydict(rows),
        pa.RecordBatch.from_pydict(by_way),
        Counter(reasons),
        recipients,
    )


def key_of(fingerprint: bytes) -> int:
    """A number of 64 bits for a fingerprint."""
    return int.from_bytes(fingerprint[:8], "little", signed=True)


def way_key(matter: bytes, way: bytes) -> int:
    """A number of 64 bits for a way of naming a subject, under one case."""
    return key_of(matter) ^ key_of(way)


def same_way(matter: bytes, way: bytes) -> bytes:
    """What is equal where the same subject is named the same way under the same case."""
    return matter + way[:_WAY_BYTES]


def _fixed(values: Sequence[bytes | None]) -> pa.Array:
    width = next((len(value) for value in values if value is not None), 0)
    return pa.array(values, pa.binary(width) if width else pa.binary())


def _marks(request: Request) -> str:
    """The year of birth (a birth date a day off shows nothing), the suffix, the number."""
    born = request.date_of_birth
    year = born.year if born else ""
    return f"{year}|{folded(request.suffix)}|{digits_of(request.tin)}"
