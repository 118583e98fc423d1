"""Rules about the statute: that it is one of the agreement's, and that its facts are there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from comity.agreement.model import Agreement, DesignatedStatute
from comity.core.outcome import Outcome
from comity.core.statute import Statute
from comity.core.statute import parse_statute as _parse_statute
from comity.examination.context import Context
from comity.examination.placeholders import is_placeholder_text
from comity.examination.rule import NoParameters, Unmet, rule
from comity.examination.rules.identifiers import names_something
from comity.request.model import Request

parse_statute = lru_cache(maxsize=4_096)(_parse_statute)
"""A batch cites few provisions, again and again."""

_CIVIL = tuple(
    statute
    for text in ("8 USC 1325(b)", "8 USC 1182", "8 USC 1227", "8 USC 1229a", "8 USC 1231")
    if (statute := parse_statute(text))
)
"""Provisions on immigration that are known to be civil or administrative (LAW, R08)."""
_TAX_TITLE = 26
"""Tax offences have gates of their own; 26 USC 6103(i)(2) is for other criminal statutes."""


@rule(
    "statute.designated",
    law="R08",
    source="26 USC 6103(i)(2)(A), (B)(iii)",
    outcome=Outcome.REFUSED,
    question="Is the statute one of those that the agreement designates?",
    columns=("statute",),
    reads=("statute",),
)
def statute_designated(request: Request, _: NoParameters, context: Context) -> Unmet | None:
    designated = context.agreement.statutes
    names = " or ".join(one.statute for one in designated)
    cure = f"Only requests under {names} can be answered under this agreement."
    if not request.statute:
        return Unmet("No statute is named.", cure)
    found = designation(context.agreement, request.statute)
    statute = parse_statute(request.statute)
    if statute is not None and _is_civil(statute):
        return Unmet("The provision is civil or administrative, not criminal.", cure)
    if found is None:
        return Unmet("The statute is not one that the agreement designates.", cure)
    if found.kind in ("civil", "administrative"):
        return Unmet("The provision is civil or administrative, not criminal.", cure)
    if statute is not None and statute.title == _TAX_TITLE and found.kind == "criminal":
        return Unmet("A tax offence is not for this gate.", cure)
    return None


def designation(agreement: Agreement, text: str) -> DesignatedStatute | None:
    """The designated statute (or programme) that a request's text names, it or a part of it."""
    asked = parse_statute(text)
    for one in agreement.statutes:
        ours = parse_statute(one.statute)
        if asked is not None and ours is not None and asked.is_within(ours):
            return one
        if one.statute.casefold() == text.strip().casefold():
            return one
    return None


def _is_civil(statute: Statute) -> bool:
    return any(statute.is_within(one) for one in _CIVIL)


@dataclass(frozen=True)
class Facts:
    """What must add up. The order, where the statute needs one, is older than
    `min_days_since_order` days; the ground of removal is a class of `ground_within`, which are
    numbered up to `ground_classes` (0: not looked at)."""

    min_days_since_order: int = 90
    ground_within: str = "8 USC 1227(a)"
    ground_classes: int = 7
    opinion: str = ""

    @property
    def loosened(self) -> str:
        """What is looser than the strict reading (LAW, R09)."""
        if self.min_days_since_order < 90:
            return "an order of 90 days or less"
        strict = (Facts.ground_within, Facts.ground_classes)
        return "" if (self.ground_within, self.ground_classes) == strict else "other grounds"


_ORDER_DATE, _GROUND = "removal_order_date", "removal_ground"
_FIRST_YEAR = 1952
"""The Immigration and Nationality Act is of that year: no order under it is older."""


@rule(
    "statute.facts",
    law="R09",
    source="8 USC 1253(a)(1)",
    outcome=Outcome.RETURNED,
    question="Are the facts that the statute needs stated, and do they add up?",
    parameters=Facts,
    reads=("statute", "facts", "date_of_birth", "problems"),
)
def statute_facts(request: Request, wanted: Facts, context: Context) -> Unmet | None:
    found = designation(context.agreement, request.statute)
    if found is None:
        return None  # the statute itself is what is wrong
    kinds = {fact.name: fact.type for fact in context.agreement.facts}
    missing = [
        name for name in found.facts if _is_filler(request.facts.get(name, ""), kinds.get(name))
    ]
    if missing:
        return Unmet(
            f"The statute needs {_listed(missing)}, which is missing.",
            "State what the statute needs for this person.",
        )
    for name in found.facts:
        wrong = _wrong(name, kinds.get(name, "text"), request, wanted, context)
        if wrong is not None:
            return wrong
    return None


def _wrong(name: str, kind: str, request: Request, wanted: Facts, context: Context) -> Unmet | None:
    text = request.facts[name]
    if any(problem.column == name for problem in request.problems):
        return Unmet(f"`{name}` cannot be read.", "Write it plainly.")
    if kind == "date":
        return _wrong_date(name, text, request, wanted, context)
    if kind == "statute":
        cited, within = parse_statute(text), parse_statute(wanted.ground_within)
        if cited is None:
            return Unmet(f"`{name}` is not the citation of a provision.", "E.g. 8 USC 1227(a)(2).")
        if name == _GROUND and within is not None and not _is_class(cited, within, wanted):
            return Unmet(
                f"The ground of removal is not within {wanted.ground_within}.",
                "The statute reaches only the classes of that provision.",
            )
    return None


def _is_class(cited: Statute, within: Statute, wanted: Facts) -> bool:
    if not cited.is_within(within):
        return False
    below = cited.parts[len(within.parts) :]
    if not below or not wanted.ground_classes:
        return True
    return below[0].isdigit() and 1 <= int(below[0]) <= wanted.ground_classes


def _wrong_date(
    name: str, text: str, request: Request, wanted: Facts, context: Context
) -> Unmet | None:
    day = _date(text)
    if day is None:
        return Unmet(f"`{name}` is not a date in the form 2024-12-31.", "Write it in that form.")
    today = context.at.date()
    if day > today:
        return Unmet(f"`{name}` lies in the future.", "Correct the date.")
    if request.date_of_birth is not None and day < request.date_of_birth:
        return Unmet(f"`{name}` lies before the subject's birth.", "Correct one of the dates.")
    if name == _ORDER_DATE and day.year < _FIRST_YEAR:
        return Unmet(f"`{name}` lies before the statute.", "Correct the date.")
    if name == _ORDER_DATE and (today - day).days <= wanted.min_days_since_order:
        return Unmet(
            f"The order is not more than {wanted.min_days_since_order} days old.",
            "The offence is complete only after that time; ask then.",
        )
    return None


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) in (8, 10) and text.isascii() else None
    except ValueError:
        return None


def _is_filler(text: str, kind: str | None) -> bool:
    """Whether a fact is left out: empty, a placeholder, or no number where one belongs."""
    if not text or is_placeholder_text(text):
        return True
    return kind == "text" and not names_something(text)


def _listed(names: list[str]) -> str:
    return " and ".join(f"`{name}`" for name in names)
