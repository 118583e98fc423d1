"""Agreements from YAML: read, fitted to the model, and checked for what no schema can say."""

from __future__ import annotations

import calendar
import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from comity.agreement.coverage import CONTRACT_RULES, OMISSIBLE_RULES, coverage_faults
from comity.agreement.digest import agreement_digest
from comity.agreement.document import (
    MAX_CHARACTERS,
    Fault,
    Parsed,
    Positions,
    json_schema,
    parse_document,
)
from comity.agreement.document import Path as FieldPath
from comity.agreement.model import Agreement
from comity.agreement.roster import Roster
from comity.core.citation import Citation
from comity.core.errors import AgreementError, UsageError

MATCHING_ACT = "5 USC 552a(o)"
MATCHING_MONTHS = 18
RENEWAL_MONTHS = 12
"""A matching agreement lasts 18 months, renewed once at most one year more (5 USC 552a(o)(2))."""

_ID = re.compile(r"[a-z0-9][a-z0-9-]{1,62}")
_COLUMN = re.compile(r"[a-z][a-z0-9_]{1,62}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_REQUIREMENTS = re.compile(r"R\d\d(, R\d\d)*")
_STATUTE = re.compile(r"\d{1,2} USC \d{1,5}[a-z]?(-\d+)?(\([0-9A-Za-z]{1,5}\))*")


@dataclass(frozen=True)
class LoadedAgreement:
    """An agreement and where each part of it stands in its file."""

    agreement: Agreement
    name: str
    positions: Positions

    @cached_property
    def digest(self) -> str:
        """The agreement's digest (see `agreement_digest`)."""
        return agreement_digest(self.agreement)

    def fail(self, faults: list[Fault]) -> AgreementError:
        """One error that names every fault with its line."""
        return Parsed(self.agreement, self.name, self.positions).fail(faults)


def load_agreement(path: Path) -> LoadedAgreement:
    """Read an agreement's file. Raises UsageError if it cannot be read as text, AgreementError,
    with every fault and its line, if it is not an agreement that holds together."""
    return parse_agreement(read_text(path), str(path))


def parse_agreement(text: str, name: str) -> LoadedAgreement:
    """Read an agreement's text; `name` is how messages call it."""
    parsed = parse_document(text, name, Agreement, "an agreement", {"a roster": Roster})
    faults = list(_faults(parsed.value))
    if faults:
        raise parsed.fail(faults)
    return LoadedAgreement(parsed.value, name, parsed.positions)


def agreement_schema() -> dict[str, object]:
    """The JSON Schema of an agreement, with the rules that an element or an omission may name."""
    made = json_schema(Agreement, "An agreement between a holder and a requester")
    for name, rules in (("Element", CONTRACT_RULES), ("Omission", OMISSIBLE_RULES)):
        made["$defs"][name]["properties"]["rule"]["enum"] = list(rules)  # type: ignore[index]
    return made


def read_text(path: Path) -> str:
    """A small UTF-8 file, its line endings as they are. Raises UsageError."""
    try:
        with path.open("rb") as file:
            # one byte past the most that the characters can take: enough to be told too large
            return file.read(4 * MAX_CHARACTERS + 1).decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data" and error.end > 4 * MAX_CHARACTERS:
            raise UsageError("The file is too large.", where=str(path)) from None
        raise UsageError(
            "The file is not UTF-8 text.", where=str(path), cure="Save it as UTF-8."
        ) from None
    except OSError as error:
        raise UsageError(
            f"The file cannot be read ({error.strerror}).",
            where=str(path),
            cure="Check the path and that you may read it.",
        ) from None


def citations(agreement: Agreement) -> Iterable[tuple[FieldPath, Citation]]:
    """Every citation of an agreement, with its path."""
    for index, source in enumerate(agreement.authority):
        yield ("authority", index), source
    for index, statute in enumerate(agreement.statutes):
        yield ("statutes", index, "citation"), statute.citation
    for index, element in enumerate(agreement.elements):
        yield ("elements", index, "citation"), element.citation
    for index, item in enumerate(agreement.items):
        yield ("items", index, "citation"), item.citation
    yield ("approvals", "citation"), agreement.approvals.citation
    yield ("retention", "citation"), agreement.retention.citation


def _faults(agreement: Agreement) -> Iterable[Fault]:
    if not _ID.fullmatch(agreement.id):
        yield Fault(("id",), "an id has small letters, digits and dashes, 2 to 63 of them")
    for path, citation in citations(agreement):
        if not citation.source.strip():
            yield Fault((*path, "source"), "it is empty")
        if citation.law and not _REQUIREMENTS.fullmatch(citation.law):
            yield Fault((*path, "law"), "write requirements as `R04` or `R04, R17`")
    yield from _parties(agreement)
    yield from _term(agreement)
    yield from _statutes(agreement)
    yield from _elements(agreement)
    yield from coverage_faults(agreement)
    yield from _identity(agreement)
    yield from _twice(("items",), "item", (one.item for one in agreement.items))
    yield from _twice(("omitted",), "rule", (one.rule for one in agreement.omitted))
    yield from _twice(("opinions",), "id", (one.id for one in agreement.opinions))
    if agreement.limits.per_day > agreement.limits.per_year:
        yield Fault(("limits", "per_day"), "a day takes no more than a year")
    yield from _amends(agreement)
    yield from _signatures(agreement)


def _parties(agreement: Agreement) -> Iterable[Fault]:
    holder, requester = agreement.parties.holder, agreement.parties.requester
    for side, party in (("holder", holder), ("requester", requester)):
        if not _ID.fullmatch(party.id):
            yield Fault(
                ("parties", side, "id"),
                "an id has small letters, digits and dashes, 2 to 63 of them",
            )
    if holder.id == requester.id:
        yield Fault(("parties",), "holder and requester are the same party")


def _term(agreement: Agreement) -> Iterable[Fault]:
    matching = any(c.source.startswith(MATCHING_ACT) for c in agreement.authority)
    if agreement.expires is None:
        if matching:
            yield Fault(("expires",), f"a matching agreement ends ({MATCHING_ACT}(2)(C))")
    elif agreement.expires <= agreement.effective:
        yield Fault(("expires",), "it expires before it takes effect")
    elif matching:
        renewed = agreement.amends is not None
        months = MATCHING_MONTHS + (RENEWAL_MONTHS if renewed else 0)
        if agreement.expires >= _months_later(agreement.effective, months):
            more = ", a renewed one twelve more" if renewed else ""
            yield Fault(("expires",), f"a matching agreement lasts 18 months at most{more}")


def _months_later(day: date, months: int) -> date:
    """The same day of a later month, or that month's last; at most the last day there is."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        return date.max
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def _statutes(agreement: Agreement) -> Iterable[Fault]:
    known = {fact.name for fact in agreement.facts}
    for index, fact in enumerate(agreement.facts):
        if not _COLUMN.fullmatch(fact.name):
            yield Fault(
                ("facts", index, "name"), "a column has small letters, digits and underscores"
            )
    yield from _twice(("facts",), "name", (fact.name for fact in agreement.facts))
    yield from _twice(("statutes",), "statute", (one.statute for one in agreement.statutes))
    for index, one in enumerate(agreement.statutes):
        if one.kind != "programme" and not _STATUTE.fullmatch(one.statute):
            yield Fault(("statutes", index, "statute"), "write it as `8 USC 1253(a)(1)`")
        for number, name in enumerate(one.facts):
            if name not in known:
                near = difflib.get_close_matches(name, sorted(known), 1)
                hint = f"; did you mean `{near[0]}`?" if near else ""
                yield Fault(("statutes", index, "facts", number), f"no fact has this name{hint}")


def _elements(agreement: Agreement) -> Iterable[Fault]:
    opinions = {opinion.id for opinion in agreement.opinions}
    yield from _twice(("elements",), "id", (element.id for element in agreement.elements))
    yield from _twice(("elements",), "rule", (element.rule for element in agreement.elements))
    for index, element in enumerate(agreement.elements):
        opinion = element.parameters.get("opinion")
        if opinion is not None and opinion not in opinions:
            path: FieldPath = ("elements", index, "parameters", "opinion")
            yield Fault(path, "no recorded opinion has this id")


def _identity(agreement: Agreement) -> Iterable[Fault]:
    policy = agreement.identity
    requires = set(policy.requires)
    if "name" not in requires or len(requires) < 2:
        yield Fault(
            ("identity", "requires"),
            "a person is certain by the name and something else that agrees, never by less",
        )
    if policy.opinion is not None and policy.opinion not in {o.id for o in agreement.opinions}:
        yield Fault(("identity", "opinion"), "no recorded opinion has this id")
    gives_address = any(item.item == "last_known_address" for item in agreement.items)
    if gives_address and "address" not in requires and policy.opinion is None:
        yield Fault(
            ("identity", "requires"),
            "an address is given only where the request's own address agrees (R06); a looser "
            "reading needs a recorded legal opinion",
        )


def _amends(agreement: Agreement) -> Iterable[Fault]:
    if agreement.amends is None:
        if agreement.version > 1:
            yield Fault(("amends",), "a version after the first says which one it amends")
        return
    if agreement.version == 1:
        yield Fault(("amends",), "a first version amends nothing")
    if not _DIGEST.fullmatch(agreement.amends.predecessor):
        yield Fault(
            ("amends", "predecessor"), "a digest belongs here, as `comity agreement digest` prints"
        )
    if agreement.amends.author.strip() == agreement.amends.approver.strip():
        yield Fault(("amends", "approver"), "who writes an amendment does not approve it")


def _signatures(agreement: Agreement) -> Iterable[Fault]:
    parties = (agreement.parties.holder.id, agreement.parties.requester.id)
    for index, signature in enumerate(agreement.signatures):
        if signature.party not in parties:
            yield Fault(("signatures", index, "party"), "this is no party to the agreement")
    yield from _twice(("signatures",), "party", (one.party for one in agreement.signatures))


def _twice(path: FieldPath, field: str, values: Iterable[str]) -> Iterable[Fault]:
    """A fault for each value of a list that an earlier one has."""
    seen: set[str] = set()
    for index, value in enumerate(values):
        if value in seen:
            yield Fault((*path, index, field), "an earlier one is the same")
        seen.add(value)
