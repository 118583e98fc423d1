"""Agreements from YAML: read, fitted to the model, and checked for what no schema can say."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from comity.agreement.document import Fault, Parsed, Positions, parse_document
from comity.agreement.document import Path as FieldPath
from comity.agreement.model import Agreement, Element
from comity.core.errors import AgreementError, UsageError

CONTRACT_RULES = (
    "agreement.in_force",
    "signatory.authority",
    "name.present",
    "address.present",
    "address.complete",
    "address.residence",
    "periods.present",
    "statute.designated",
    "statute.facts",
    "proceeding.qualified",
    "reason.specific",
    "reason.individual",
    "recipients.named",
    "recipients.plausible",
    "matter.identified",
    "use.attested",
    "safeguards.accepted",
    "request.unique",
    "tin.valid",
    "limits.volume",
    "subject.protected",
    "identity.conflict",
    "stay.none",
)
"""The rule ids that agreements, screens and tests share."""

MATCHING_ACT = "5 USC 552a(o)"
MATCHING_LIMIT = timedelta(days=549 + 366)
"""18 months, and one renewal of at most one year (5 USC 552a(o)(2))."""

_ID = re.compile(r"[a-z0-9][a-z0-9-]{1,62}")
_STATUTE = re.compile(r"\d{1,2} USC \d{1,5}[a-z]?(-\d+)?(\([0-9A-Za-z]{1,5}\))*")


@dataclass(frozen=True)
class LoadedAgreement:
    """An agreement and where each part of it stands in its file."""

    agreement: Agreement
    name: str
    positions: Positions

    def fail(self, faults: list[Fault]) -> AgreementError:
        """One error that names every fault with its line."""
        return Parsed(self.agreement, self.name, self.positions).fail(faults)


def load_agreement(path: Path) -> LoadedAgreement:
    """Read an agreement's file. Raises UsageError if it cannot be read as text, AgreementError,
    with every fault and its line, if it is not an agreement that holds together."""
    return parse_agreement(read_text(path), str(path))


def parse_agreement(text: str, name: str) -> LoadedAgreement:
    """Read an agreement's text; `name` is how messages call it."""
    parsed = parse_document(text, name, Agreement, "an agreement")
    faults = list(_faults(parsed.value))
    if faults:
        raise parsed.fail(faults)
    return LoadedAgreement(parsed.value, name, parsed.positions)


def read_text(path: Path) -> str:
    """A small UTF-8 file. Raises UsageError."""
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        raise UsageError(
            "The file is not UTF-8 text.", where=str(path), cure="Save it as UTF-8."
        ) from None
    except OSError as error:
        raise UsageError(
            f"The file cannot be read ({error.strerror}).",
            where=str(path),
            cure="Check the path and that you may read it.",
        ) from None


def _faults(agreement: Agreement) -> Iterable[Fault]:
    if not _ID.fullmatch(agreement.id):
        yield Fault(("id",), "an id has small letters, digits and dashes, 2 to 63 of them")
    if agreement.version < 1:
        yield Fault(("version",), "versions count from 1")
    if agreement.version > 1 and agreement.amends is None:
        yield Fault(("amends",), "a version after the first says which one it amends")
    if agreement.parties.holder.id == agreement.parties.requester.id:
        yield Fault(("parties",), "holder and requester are the same party")
    yield from _term(agreement)
    yield from _elements(agreement)
    for index, one in enumerate(agreement.statutes):
        if one.kind != "programme" and not _STATUTE.fullmatch(one.statute):
            yield Fault(("statutes", index, "statute"), "write it as `8 USC 1253(a)(1)`")
        known = {fact.name for fact in agreement.facts}
        for name in one.facts:
            if name not in known:
                yield Fault(("statutes", index, "facts"), f"`{name}` is not among the facts")
    if not agreement.items:
        yield Fault(("items",), "an agreement discloses at least one item")
    if agreement.approvals.approvers < 1:
        yield Fault(("approvals", "approvers"), "at least one officer approves")
    if min(agreement.limits.per_day, agreement.limits.per_year) < 1:
        yield Fault(("limits",), "limits are at least 1")
    if agreement.retention.payload_days < 1:
        yield Fault(("retention", "payload_days"), "at least one day")
    if agreement.amends is not None and agreement.amends.author == agreement.amends.approver:
        yield Fault(("amends", "approver"), "who writes an amendment does not approve it")


def _term(agreement: Agreement) -> Iterable[Fault]:
    if agreement.expires is None:
        if any(c.source.startswith(MATCHING_ACT) for c in agreement.authority):
            yield Fault(("expires",), f"a matching agreement ends ({MATCHING_ACT}(2)(C))")
        return
    if agreement.expires <= agreement.effective:
        yield Fault(("expires",), "it expires before it takes effect")
    matching = any(c.source.startswith(MATCHING_ACT) for c in agreement.authority)
    if matching and _days(agreement.effective, agreement.expires) > MATCHING_LIMIT:
        yield Fault(("expires",), "a matching agreement lasts 18 months and one more year at most")


def _days(start: date, end: date) -> timedelta:
    return end - start


def _elements(agreement: Agreement) -> Iterable[Fault]:
    opinions = {opinion.id for opinion in agreement.opinions}
    ids: set[str] = set()
    rules: set[str] = set()
    for index, element in enumerate(agreement.elements):
        path: FieldPath = ("elements", index)
        if element.id in ids:
            yield Fault((*path, "id"), "another element has this id")
        if element.rule in rules:
            yield Fault((*path, "rule"), "another element applies this rule")
        ids.add(element.id)
        rules.add(element.rule)
        yield from _rule(element, path)
        opinion = element.parameters.get("opinion")
        if opinion is not None and opinion not in opinions:
            yield Fault((*path, "parameters", "opinion"), "no recorded opinion has this id")


def _rule(element: Element, path: FieldPath) -> Iterable[Fault]:
    if element.rule not in CONTRACT_RULES:
        near = difflib.get_close_matches(element.rule, CONTRACT_RULES, 1)
        hint = f"; did you mean `{near[0]}`?" if near else ""
        yield Fault((*path, "rule"), f"no rule has this id{hint}")
