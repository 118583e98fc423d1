"""Requests that set forth everything: case, statute, facts, reason and officers."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from comity.demo.subjects import Subject
from comity.request.model import COLUMNS

FACTS = ("removal_order_date", "removal_order_number", "removal_ground")
BATCH_COLUMNS: tuple[str, ...] = (*COLUMNS, *FACTS)
"""The columns of the demo's batch: the common ones and the facts of the reference agreement."""

INVESTIGATORS: tuple[str, ...] = tuple(f"inv-{number:02d}" for number in range(1, 61))
"""The requester's officers who are named as recipients and may be."""

_STATUTES = ("8 USC 1253(a)(1)", "8 USC 1253(a)(1)(A)", "8 USC 1253(a)(1)(C)")
_GROUNDS = (
    "8 USC 1227(a)(1)(B)",
    "8 USC 1227(a)(1)(C)(i)",
    "8 USC 1227(a)(2)(A)(i)",
    "8 USC 1227(a)(2)(A)(iii)",
    "8 USC 1227(a)(2)(B)(i)",
    "8 USC 1227(a)(3)(B)",
)
_PROCEEDINGS = (
    "criminal investigation that may result in a judicial proceeding",
    "criminal investigation that may result in a judicial proceeding",
    "grand jury proceeding",
    "judicial proceeding: criminal complaint in preparation",
)
_WHAT = (
    "Subject was served with the final order in person",
    "Subject signed the warning of penalties",
    "Surrender notice went out and came back unclaimed",
    "Subject missed the appointment to hand over travel papers",
    "Consulate issued a travel document that was never fetched",
    "Subject left the place of supervision without notice",
    "Bond was breached when the subject did not appear",
    "Subject withdrew the application for a travel document",
    "Witness saw the subject after the date set for departure",
    "Employer reported the subject at work after the order",
    "Airline ticket bought for departure was cashed in",
    "Subject told an officer of the intention to stay",
    "Subject gave a false transit record to the officer",
    "Landlord confirms the lease was renewed after the order",
)
_WHY = (
    "the address dates the stay in the United States",
    "the address shows whether the move was hidden",
    "the address tests the alibi of residence abroad",
    "the address places the subject in the district of venue",
    "the address identifies the witness to wilfulness",
    "the address links the subject to the seized lease",
    "the address settles which notice was received",
    "the address is needed to serve the target letter",
    "the address contradicts or bears out the sworn statement",
    "the address confirms knowledge of the deadline",
    "the address separates the subject from a namesake in the file",
)
_HOW = (
    "before the grand jury term ends",
    "for the complaint now in draft",
    "for the declination memorandum",
    "as the assigned prosecutor asked",
    "since the docket address is refuted by the postmaster",
    "because three other leads were run out",
    "to corroborate the phone record",
    "to rebut the defence of lack of notice",
    "for the affidavit in support of a warrant",
    "ahead of the interview of the spouse",
)
_WHO = (
    "Lead agent took over from the fugitive desk.",
    "Prosecutor is assigned.",
    "Two witnesses were interviewed.",
    "Passport records were reviewed.",
    "Mail cover was considered and not used.",
    "Court file was read in full.",
    "Supervisor reviewed the file.",
    "Translation of the notice is on file.",
)


@dataclass
class Row:
    """One row while the batch is made: its cells, and the truth about it.

    `defects` names what is wrong with it (see defects.py); a row without one is lawful. `ragged`
    is how many cells too few (negative) or too many the row has."""

    cells: dict[str, str]
    subject: Subject
    defects: set[str] = field(default_factory=set)
    ragged: int = 0


class Clerk:
    """Writes requests that lack nothing, each with a matter and a reason of its own."""

    def __init__(self, rng: Random, today: date, investigators: Sequence[str]) -> None:
        self._rng = rng
        self._today = today
        self._investigators = investigators
        parts = list(itertools.product(_WHAT, _WHY, _HOW, _WHO))
        rng.shuffle(parts)
        self._reasons: Iterator[tuple[str, ...]] = itertools.cycle(parts)
        self._numbers = itertools.count(1)

    def write(self, subject: Subject) -> Row:
        """A request about this subject that sets forth everything."""
        rng, number = self._rng, next(self._numbers)
        written = subject.written
        if rng.random() < 0.7:
            written = written.in_capitals()
        year = self._today.year
        final = self._today - timedelta(days=int(rng.triangular(120, 3_000, 300)))
        what, why, how, who = next(self._reasons)
        cells: Mapping[str, str] = {
            "request_id": f"R{number:06d}",
            "case_number": f"FD-{rng.randint(year - 3, year)}-{100_000 + number}",
            **written.__dict__,
            "country": rng.choice(("", "", "US", "USA")),
            "tax_periods": self._periods(year),
            "statute": rng.choice(_STATUTES),
            "proceeding": rng.choice(_PROCEEDINGS),
            "reason": f"{what}; {why} {how}. {who}",
            "recipients": self._recipients(),
            "removal_order_date": final.isoformat(),
            "removal_order_number": f"IJ-{final.year}-{rng.randint(100_000, 999_999)}",
            "removal_ground": rng.choice(_GROUNDS),
        }
        return Row({column: cells[column] for column in BATCH_COLUMNS}, subject)

    def _periods(self, year: int) -> str:
        rng = self._rng
        last = year - rng.randint(1, 2)
        if rng.random() < 0.12:
            return f"{last}-12"
        return ";".join(str(y) for y in range(last - rng.randint(0, 2), last + 1))

    def _recipients(self) -> str:
        count = self._rng.choice((1, 1, 1, 2))
        return ";".join(self._rng.sample(self._investigators, count))
