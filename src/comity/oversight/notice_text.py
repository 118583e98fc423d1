"""What the notices of an incident say, in plain words. Pure.

The report to inspector and safeguards office has no personal data at all, and no reason in an
officer's own words, which might have. A recipient's notice names requests; it does not say why, for
that one answer is called back for a flag or a record would tell of the record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from comity.core.canonical import Json
from comity.core.clock import stamp
from comity.oversight.incident import Cause, Kind

_CAUSES: Mapping[Cause, str] = {
    Cause.RULES: "Rules by which requests were judged were found to have been wrong",
    Cause.AGREEMENT: "The agreement under which requests were judged was found to have been wrong",
    Cause.RECORD: "Records of the registry were found to have been wrong",
    Cause.REGISTRY: "The registry, or how it was searched, was found to have been wrong",
    Cause.STAY: "An order reaches back to answers that had gone out",
}
_READERS: Mapping[Kind, str] = {
    Kind.INSPECTOR: "the inspector",
    Kind.SAFEGUARDS: "the safeguards office",
}


@dataclass(frozen=True)
class Facts:
    """What is told of an incident. Names are those of offices; counts are of disclosures."""

    incident: str
    cause: Cause
    rules: tuple[str, ...]
    holder: str
    requester: str
    agreements: tuple[str, ...]
    suspected: datetime
    opened: datetime
    due: datetime
    answer_by: datetime
    disclosures: int
    doubtful: int
    first: datetime
    last: datetime
    packages: int
    recipients: int
    stays: tuple[str, ...]
    contact: str

    def to_json(self) -> dict[str, Json]:
        """The report as a machine reads it."""
        said: dict[str, Json] = {}
        for name, value in vars(self).items():
            if isinstance(value, datetime):
                said[name] = stamp(value)
            else:
                said[name] = list(value) if isinstance(value, tuple) else value
        return said | {"cause": self.cause.value}


def report_text(facts: Facts, to: Kind) -> list[str]:
    """The report to the inspector or the safeguards office, as lines."""
    which = f": {', '.join(facts.rules)}" if facts.rules else ""
    stopped = f"Stays imposed: {', '.join(facts.stays)}. " if facts.stays else ""
    return [
        f"INCIDENT REPORT {facts.incident}",
        f"To {_READERS[to]}, from {facts.holder}",
        "",
        "This report holds no personal data and no tax information.",
        "",
        f"First suspected    {_moment(facts.suspected)}",
        f"Opened             {_moment(facts.opened)}",
        f"Report due by      {_moment(facts.due)} (24 hours after the suspicion)",
        "",
        f"What happened      {_CAUSES[facts.cause]}{which}.",
        f"Disclosures        {facts.disclosures:,}"
        + (f", of which {facts.doubtful:,} cannot be told any more" if facts.doubtful else ""),
        f"Made               {_span(facts.first, facts.last)}",
        f"To                 {facts.requester}: {_count(facts.recipients, 'officer')}, "
        f"{_count(facts.packages, 'package')}",
        f"Under              {'; '.join(facts.agreements)}",
        "",
        f"What is done       {stopped}Every recipient is told to stop using the answers and to "
        f"return or destroy them, and to answer by {_moment(facts.answer_by)}.",
        "                   The persons concerned are written to once you know of this.",
        f"Contact            {facts.contact}",
    ]


def recall_text(
    facts: Facts, notice: str, recipient: str, requests: Mapping[str, Sequence[Mapping[str, Json]]]
) -> list[str]:
    """The notice to one recipient; `requests` are those called back, by package."""
    return [
        f"NOTICE OF RECALL {notice}",
        f"To officer {recipient} of {facts.requester}, from {facts.holder}",
        "",
        "Answers that were sent to you should not have been disclosed, or it cannot be ruled out. "
        "They are listed below.",
        "",
        *_demands(facts),
        "",
        *_listed(requests),
        "",
        f"Contact: {facts.contact}",
    ]


def onward_text(
    facts: Facts,
    notice: str,
    recipient: str,
    party: str,
    requests: Mapping[str, Sequence[Mapping[str, Json]]],
) -> list[str]:
    """The notice to somebody to whom a recipient passed answers on; it goes through that officer,
    who hands it on and answers for it."""
    return [
        f"NOTICE OF RECALL {notice}",
        f"To {party}, by the hand of officer {recipient} of {facts.requester}",
        f"From {facts.holder}",
        "",
        "Information that was passed on to you should not have been disclosed, or it cannot be "
        "ruled out. It came from the answers listed below.",
        f"Officer {recipient} hands this on to you, and tells {facts.holder} what became of your "
        "copies.",
        "",
        *_demands(facts),
        "",
        *_listed(requests),
        "",
        f"Contact: {facts.contact}",
    ]


def _demands(facts: Facts) -> list[str]:
    return [
        "From now on you must not look at them, copy them, use them or pass them on.",
        f"By {_moment(facts.answer_by)} you must",
        "  1. return or destroy every copy, also what was copied into other files, and backups;",
        "  2. say, signed, for each package: returned or destroyed, and how; whether opened;",
        "     in which proceedings it was used; and to whom it was passed on.",
        "The answer is made with `comity recall respond`, from this file.",
    ]


def _listed(requests: Mapping[str, Sequence[Mapping[str, Json]]]) -> list[str]:
    lines: list[str] = []
    for package in sorted(requests):
        lines.append(f"Package {package}")
        for one in requests[package]:
            own = [
                f"{words} {one[name]}"
                for name, words in (("request_id", "your request"), ("case_number", "case"))
                if one.get(name)
            ]
            lines.append("  " + ", ".join([str(one["request"]), *own]))
    return lines


@dataclass(frozen=True)
class Told:
    """One disclosure as its person is told of it: the day, the kinds of information, the title of
    the agreement, and to how many officers."""

    day: datetime
    items: tuple[str, ...]
    under: str
    officers: int


def letter_text(
    facts: Facts, name: str, address: Sequence[str], told: Sequence[Told], *, tax: bool
) -> list[str]:
    """The letter to one person. `tax` is whether 26 USC 7431 gives a right of action."""
    lines = [name, *address, "", f"{facts.opened:%d %B %Y}", ""]
    lines += [
        f"Information about you that was given to another agency (reference {facts.incident})",
        "",
        f"{facts.holder} gave {facts.requester} information about you:",
        "",
    ]
    for one in told:
        lines.append(
            f"  on {one.day:%d %B %Y}: {' and '.join(one.items)}, to "
            f"{_count(one.officers, 'officer')}, under this agreement: {one.under}"
        )
    lines += [
        "",
        "This should not have been given, or we cannot rule out that it should not have been. We "
        "are sorry.",
        "",
        "What we have done. We have told everyone who received it to stop using it, not to pass it "
        "on, and to return or destroy every copy, and we check their answers. We have reported it "
        "to the inspector and to the office that watches over safeguards.",
        "",
        "What you can do. You can ask us what became of the copies, and what else about you was "
        "given to whom. You can complain to the inspector.",
    ]
    if tax:
        lines.append(
            "The law also lets you bring an action for damages if a disclosure was made knowingly "
            "or by negligence, within two years of your discovering it (26 USC 7431). You may want "
            "to speak to a lawyer."
        )
    return [*lines, "", f"Contact: {facts.contact}. Please give the reference {facts.incident}."]


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _span(first: datetime, last: datetime) -> str:
    one, other = f"{first:%Y-%m-%d}", f"{last:%Y-%m-%d}"
    return f"on {one}" if one == other else f"from {one} to {other}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
