"""Rules about numbers: the taxpayer's, the matter's, and the tax periods."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from comity.core.outcome import Outcome
from comity.examination.context import Context
from comity.examination.likeness import matter_of
from comity.examination.noise import is_number_filler
from comity.examination.rule import NoParameters, Unmet, rule
from comity.request.model import Request

_NUMBER = re.compile(r"(\d{3})-?(\d{2})-?(\d{4})", re.ASCII)
_SPECIMENS = frozenset({"078051120", "219099999", "123456789"})
"""Numbers of specimen cards and forms, which belong to nobody (SSA)."""
_ADVERTISING = range(987_654_320, 987_654_330)
"""Kept by the SSA for advertisements."""
_ITIN_GROUPS = (range(50, 66), range(70, 89), range(90, 93), range(94, 100))
_ATIN_GROUP = 93


@rule(
    "tin.valid",
    law="R19",
    source="26 CFR 301.6109-1; SSA, Publication 05-10633",
    outcome=Outcome.RETURNED,
    question="Is the number, where one is given, a possible SSN, ITIN or ATIN?",
    reads=("tin", "problems"),
)
def tin_valid(request: Request, _: NoParameters, __: Context) -> Unmet | None:
    malformed = any(p.column == "tin" for p in request.problems)
    if not malformed and (not request.tin or is_possible_number(request.tin)):
        return None
    return Unmet(
        "The number cannot be an SSN, ITIN or ATIN.",
        "Correct it, or leave it out: name and address are what the law asks for.",
    )


def is_possible_number(text: str) -> bool:
    """Whether nine digits (dashes allowed) can have been given to a person, by structure alone.

    SSN: area not 000, 666 or 9xx, group not 00, serial not 0000. ITIN: 9xx with the fourth and
    fifth digit 50-65, 70-88, 90-92, 94-99. ATIN: 9xx-93. Specimens and one digit nine times are
    none of these. (An IRSN is 9xx with other groups: internal to the IRS, never in a request.)"""
    found = _NUMBER.fullmatch(text)
    if not found:
        return False
    area, group, serial = (int(part) for part in found.groups())
    digits = "".join(found.groups())
    if digits in _SPECIMENS or int(digits) in _ADVERTISING or len(set(digits)) == 1 or not serial:
        return False
    if area >= 900:
        return group == _ATIN_GROUP or any(group in groups for groups in _ITIN_GROUPS)
    return area not in (0, 666) and group != 0


_NO_DIGITS = re.compile("[^0-9]+")
_USUAL_PERSONS = 25


@dataclass(frozen=True)
class Matters:
    """How many persons one case may be about."""

    max_persons: int = _USUAL_PERSONS
    opinion: str = ""

    @property
    def loosened(self) -> str:
        """What is looser than the strict reading (LAW, R11)."""
        return "one case for many persons" if self.max_persons > _USUAL_PERSONS else ""


@rule(
    "matter.identified",
    law="R11",
    source="26 USC 6103(i)(2)(A)",
    outcome=Outcome.RETURNED,
    question="Is there a case, and is it about this person rather than about everybody?",
    parameters=Matters,
    columns=("case_number",),
    reads=("case_number",),
    whole_batch=True,
)
def matter_identified(request: Request, wanted: Matters, context: Context) -> Unmet | None:
    matter = matter_of(request)
    if not names_something(request.case_number):
        return Unmet("The request bears no case number.", "Give the number of this person's case.")
    finger = context.circumstances.fingerprint
    persons = context.survey.persons.get(finger("matter", matter), 1)
    if persons > wanted.max_persons:
        return Unmet(
            f"One case number stands for {persons:,} persons; the agreement allows "
            f"{wanted.max_persons:,}.",
            "Give each person the number of the case in which that person is under investigation.",
        )
    return None


def names_something(text: str) -> bool:
    """Whether a text can be the number of a case, an order or the like: it has a digit, and its
    digits are no filler (`0000`, `12345`)."""
    digits = _NO_DIGITS.sub("", text)
    if not digits or not is_number_filler(digits):
        return bool(digits)
    return any(map(str.isalpha, text)) and set(digits) != {"0"}


@dataclass(frozen=True)
class Periods:
    """How many tax periods one request may name."""

    max_periods: int = 6


_PERIOD = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2]))?", re.ASCII)
_FIRST_YEAR = 1913


@rule(
    "periods.present",
    law="R07",
    source="26 USC 6103(i)(2)(B)(ii)",
    outcome=Outcome.RETURNED,
    question="Are the tax periods stated, none of them future, and no more than agreed?",
    parameters=Periods,
    columns=("tax_periods",),
    reads=("tax_periods", "problems"),
)
def periods_present(request: Request, wanted: Periods, context: Context) -> Unmet | None:
    cure = "Name the tax years (2023), or the month in which a period ends (2023-06)."
    if any(p.column == "tax_periods" for p in request.problems):
        return Unmet("The tax periods cannot be read.", cure)
    if not request.tax_periods:
        return Unmet("No tax period is stated.", cure)
    if any(not _is_period(period) for period in request.tax_periods):
        return Unmet("What is stated as a tax period is none.", cure)
    if any(_is_future(period, context.at) for period in request.tax_periods):
        return Unmet("A tax period lies in the future.", cure)
    if len(set(request.tax_periods)) > wanted.max_periods:
        return Unmet(
            f"More than {wanted.max_periods:,} tax periods are named.",
            "Name those that are relevant to the proceeding.",
        )
    return None


def _is_period(text: str) -> bool:
    found = _PERIOD.fullmatch(text)
    return found is not None and int(found[1]) >= _FIRST_YEAR


def _is_future(text: str, at: datetime) -> bool:
    """Whether a period (twelve months, to the end of the one it is named by) is yet to begin."""
    found = _PERIOD.fullmatch(text)
    assert found is not None
    year, month = int(found[1]), int(found[2] or 12)
    first_day = (year, 1) if month == 12 else (year - 1, month + 1)
    return first_day > (at.year, at.month)
