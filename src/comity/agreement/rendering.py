"""An agreement as a page of plain English (Markdown), for those who sign it and those who ask."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from comity.agreement.digest import agreement_digest
from comity.agreement.loading import citations
from comity.agreement.model import Agreement, Element, Parameter, Party
from comity.agreement.parameters import parameter_sentence
from comity.agreement.signing import SignatureReport
from comity.core.citation import Citation


@dataclass(frozen=True)
class RuleInWords:
    """What the page says of a rule. The rules stand in a later station, so whoever renders brings
    them along.

    `outcome` is what an unmet rule leads to, `defaults` its parameters where the agreement gives
    none, `always` whether it applies to every agreement, listed or not."""

    question: str
    outcome: str
    defaults: Mapping[str, Parameter] = field(default_factory=dict)
    always: bool = False


_UNMET = {
    "refused": "If not, the request is refused, whatever is added.",
    "held": "If not, an officer of the holder decides.",
    "stayed": "If not, nothing is disclosed until the stay is lifted.",
}
_ABOUT = {
    "min_days_since_order": "removal_order_date",
    "ground_within": "removal_ground",
    "ground_classes": "removal_ground",
}
"""Parameters about a fact: where no statute asks for the fact, their defaults mean nothing."""
_FIELDS = {
    "name": "the name",
    "address": "the address",
    "date_of_birth": "the date of birth",
    "number": "the taxpayer number",
}
_HOUSE_NUMBERS = {
    "exact": ", digit for digit",
    "tolerant": ". One typing error in it is forgiven only where all the rest agrees and the birth "
    "date or the number is equal",
}
_ITEMS = {
    "last_known_address": "The last known address, with its date and source",
    "verified": "Whether the person is verified: yes, or nothing",
}


def render(
    agreement: Agreement,
    rules: Mapping[str, RuleInWords],
    report: SignatureReport | None = None,
) -> str:
    """The page. `rules` by id; `report` says how the signatures stand, None that nobody checked."""
    sections = (
        ("Who", _who(agreement)),
        ("Why", [_paragraph(agreement.purpose)]),
        ("Under which authority", _authority(agreement)),
        ("From when to when", [_term(agreement)]),
        ("Under which statutes one may ask", _statutes(agreement)),
        ("What a request must set forth", _elements(agreement, rules)),
        ("How a person is identified", _identity(agreement)),
        ("What may be disclosed, and nothing else", _items(agreement)),
        ("To whom", [_recipients(agreement)]),
        ("Who approves", [_approvals(agreement)]),
        ("How many", [_limits(agreement)]),
        ("How long it is kept", [_retention(agreement)]),
        ("Recorded legal opinions", _opinions(agreement)),
        ("Versions", [_versions(agreement)]),
        ("Signatures", _signatures(agreement, report)),
        ("Still to be confirmed", _unconfirmed(agreement)),
    )
    head = [
        f"# {_plain(agreement.title)}",
        f"Agreement `{agreement.id}`, version {agreement.version}. This page is made from the "
        "agreement's file; where the two differ, the file holds. Numbers such as R05 name the "
        "requirements that a source stands for.",
    ]
    body = [part for title, lines in sections for part in (f"## {title}", "\n".join(lines))]
    return "\n\n".join([*head, *body]) + "\n"


def _who(agreement: Agreement) -> list[str]:
    parties = agreement.parties
    return [
        f"- The **holder**, who answers: {_party(parties.holder)}",
        f"- The **requester**, who asks: {_party(parties.requester)}",
    ]


def _party(party: Party) -> str:
    name = ", ".join(_plain(part) for part in (party.name, party.component) if part)
    signs = _either(party.signatories) or "any officer with the authority to sign agreements"
    return f"{name} (`{party.id}`). The agreement is signed for it by: {signs}."


def _authority(agreement: Agreement) -> list[str]:
    return [f"- {_cited(one)}" for one in agreement.authority]


def _term(agreement: Agreement) -> str:
    said = f"In effect from {_day(agreement.effective)}"
    if agreement.expires is None:
        said += ". No last day is stated."
    else:
        said += f" to {_day(agreement.expires)}, both days included."
    if agreement.suspended_from is not None:
        said += f" **Suspended from {_day(agreement.suspended_from)}.**"
    return said


def _statutes(agreement: Agreement) -> Iterator[str]:
    facts = {fact.name: fact for fact in agreement.facts}
    for one in agreement.statutes:
        named = f"**{_plain(one.statute)}**: {_plain(one.title)} ({one.kind})."
        yield f"- {named} {_source(one.citation)}"
        for name in one.facts:
            needed = f"A request under it also states `{name}`:"
            yield f"    - {needed} {_plain(facts[name].description)}"


def _elements(agreement: Agreement, rules: Mapping[str, RuleInWords]) -> Iterator[str]:
    yield "If a question has another answer than yes, the request is returned, and can be completed"
    yield "and sent again, unless something else is said."
    yield ""
    for number, element in enumerate(agreement.elements, 1):
        words = rules.get(element.rule)
        question = words.question if words else f"Rule {element.rule}"
        yield f"{number}. **{_plain(question)}** (`{element.rule}`)"
        said = [_UNMET.get(words.outcome, "")] if words else []
        said += _parameters(agreement, element, words)
        if any(said):
            yield f"    - {' '.join(filter(None, said))}"
        yield f"    - {_source(element.citation)}"
    yield from _omitted(agreement, rules)
    listed = {element.rule for element in agreement.elements}
    beside = [words.question for id, words in rules.items() if words.always and id not in listed]
    if beside:
        yield ""
        yield "Asked of every request under any agreement: " + " ".join(map(_plain, beside))


def _omitted(agreement: Agreement, rules: Mapping[str, RuleInWords]) -> Iterator[str]:
    if agreement.omitted:
        yield ""
    for one in agreement.omitted:
        words = rules.get(one.rule)
        question = f": **{_plain(words.question)}**" if words else ""
        yield (
            f"- This agreement does not ask for `{one.rule}`, by opinion {_code(one.opinion)}"
            f"{question or '.'}"
        )


def _parameters(agreement: Agreement, element: Element, words: RuleInWords | None) -> Iterator[str]:
    stated = {fact for statute in agreement.statutes for fact in statute.facts}
    given = words.defaults if words else {}
    defaults = {k: v for k, v in given.items() if _ABOUT.get(k) is None or _ABOUT[k] in stated}
    for name, value in {**defaults, **element.parameters}.items():
        sentence = _plain(parameter_sentence(name, value))
        if sentence and name not in element.parameters:
            sentence = sentence.removesuffix(".") + " (the rule's own default)."
        yield sentence


def _identity(agreement: Agreement) -> Iterator[str]:
    policy = agreement.identity
    required = _and([_FIELDS[name] for name in _FIELDS if name in policy.requires])
    others = [words for name, words in _FIELDS.items() if name not in policy.requires]
    yield (
        f"- Exactly one person is meant (policy {_code(policy.id)}): {required} must agree with "
        "that person's record."
    )
    if others:
        yield f"- Whatever else the request gives must not contradict it: {_and(others)}."
    yield "- The next likely person must be far behind. Where two could be meant, nobody is named."
    if "address" in policy.requires:
        yield f"- A house number must be equal{_HOUSE_NUMBERS[policy.house_number]}."
    yield "- A requester is never told whether no person or several were found."
    if policy.opinion is not None:
        yield f"- Looser reading under the recorded opinion {_plain(policy.opinion)}."


def _items(agreement: Agreement) -> Iterator[str]:
    for one in agreement.items:
        yield f"- {_ITEMS[one.item]}. {_source(one.citation)}"
        yield f"    - It always bears the words: “{_plain(one.label)}”"


def _recipients(agreement: Agreement) -> str:
    offices = _either(agreement.recipients.offices)
    who = f"officers of the requester ({offices})" if offices else "officers of the requester"
    trained = " with training in force" if agreement.recipients.training_required else ""
    return (
        f"To {who}{trained}, whom the request itself names. Each answer is encrypted to that "
        "officer's key, and to nobody else."
    )


def _approvals(agreement: Agreement) -> str:
    policy = agreement.approvals
    count = "One officer" if policy.approvers == 1 else f"{policy.approvers} officers"
    verb = "approves" if policy.approvers == 1 else "approve"
    return (
        f"{count} of the holder with the authority {_code(policy.authority)} {verb} each "
        "disclosure, never whoever prepared, signed or submitted the request. "
        f"{_source(policy.citation)}"
    )


def _limits(agreement: Agreement) -> str:
    limits = agreement.limits
    return (
        f"At most {limits.per_day:,} requests a day and {limits.per_year:,} a calendar year (UTC)."
    )


def _retention(agreement: Agreement) -> str:
    days = agreement.retention.payload_days
    return (
        f"Sealed requests and evidence: {days:,} {'day' if days == 1 else 'days'} after the batch "
        f"closes, then their keys are destroyed. {_source(agreement.retention.citation)}"
    )


def _opinions(agreement: Agreement) -> list[str]:
    if not agreement.opinions:
        return ["None. Every unsettled point is read strictly."]
    return [
        f"- {_code(one.id)}: {_plain(one.author)}, {_day(one.dated)}, {_plain(one.reference)}."
        for one in agreement.opinions
    ]


def _versions(agreement: Agreement) -> str:
    said = "A change is a new version that names this one's digest and is signed by both again."
    amends = agreement.amends
    if amends is None:
        return f"This is the first version. {said}"
    reason = _plain(amends.reason)
    return (
        f"This version replaces the one with the digest {_code(amends.predecessor)}, written by "
        f"{_plain(amends.author)}, approved by {_plain(amends.approver)}. Reason: {reason}"
        f"{'' if reason.endswith('.') else '.'} {said}"
    )


def _signatures(agreement: Agreement, report: SignatureReport | None) -> Iterator[str]:
    for party in (agreement.parties.holder, agreement.parties.requester):
        yield f"- {_plain(party.name)} (`{party.id}`): {_standing(agreement, party, report)}"
    yield ""
    yield f"The digest that both sign: `{agreement_digest(agreement)}`"


def _standing(agreement: Agreement, party: Party, report: SignatureReport | None) -> str:
    by = [_plain(one.officer) for one in agreement.signatures if one.party == party.id]
    if report is None:
        return f"signature by {by[0]}, not checked here." if by else "not signed."
    if party.id in report.signed:
        return f"signed by {by[0]}; the signature verifies." if by else "signed."
    wrong = [p.partition(": ")[2] or p for p in report.problems if p.startswith(f"{party.id}: ")]
    return f"**not validly signed**: {_plain('; '.join(wrong or report.problems))}."


def _unconfirmed(agreement: Agreement) -> list[str]:
    open_ones = [one for _, one in citations(agreement) if one.status == "to_be_confirmed"]
    unique = dict.fromkeys(_plain(one.source) for one in open_ones)
    if not unique:
        return ["Nothing: every source named above was read."]
    said = "These sources were not read in the original, and are to be confirmed before use:"
    return [said, "", *(f"- {source}" for source in unique)]


def _source(citation: Citation) -> str:
    return f"Source: {_cited(citation)}"


def _cited(citation: Citation) -> str:
    said = _plain(citation.source)
    if citation.status == "to_be_confirmed":
        said += " **(to be confirmed)**"
    if citation.law:
        said += f" [{_plain(citation.law)}]"
    note = _plain(citation.note)
    return f"{said}. {note}" if note else f"{said}."


def _day(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"


def _and(words: Sequence[str]) -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def _either(words: Iterable[str]) -> str:
    return "; ".join(_plain(word) for word in words)


_MARKS = re.compile(r"([\\`*_\[\]<>|~#])")


def _plain(text: str) -> str:
    """Text on one line that Markdown takes as it stands."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))


def _paragraph(text: str) -> str:
    """Text that begins a line: nor may it begin a list."""
    return re.sub(r"^(\d*)([-+.)])", r"\1\\\2", _plain(text))


def _code(text: str) -> str:
    return f"`{' '.join(text.split()).replace('`', chr(39))}`"
