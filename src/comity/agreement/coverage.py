"""Which rules an agreement applies, and which it leaves out and by whose opinion.

An agreement under 26 USC 6103(i)(2) asks for all that the rules ask for. What it leaves out it
names, with the recorded legal opinion that allows it: a looser reading never comes about by
silence. Other agreements (a benefits match, say) choose their elements freely.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from comity.agreement.document import Fault
from comity.agreement.document import Path as FieldPath
from comity.agreement.model import Agreement
from comity.core.statute import Statute, cited_statutes, parse_statute

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

UNIVERSAL_RULES = frozenset(
    {
        "agreement.in_force",
        "request.unique",
        "limits.volume",
        "subject.protected",
        "identity.conflict",
        "stay.none",
    }
)
"""Rules that are applied whether or not an agreement lists them, so that no agreement omits one."""

OMISSIBLE_RULES = tuple(rule for rule in CONTRACT_RULES if rule not in UNIVERSAL_RULES)

DEPARTURE = "8 USC 1253(a)(1)"
DEPARTURE_FACTS = {
    "removal_order_date": "date",
    "removal_order_number": "text",
    "removal_ground": "statute",
}
"""What 8 USC 1253(a)(1) needs, and as what `statute.facts` judges it (LAW, R09)."""

GATE = "26 USC 6103(i)(2)"


def under_gate(agreement: Agreement) -> bool:
    """Whether an authority of the agreement is 26 USC 6103(i)(2), a part of it, or the subsection
    or section that it stands in, however it is written."""
    return any(
        "6103(i)(2)" in "".join(one.source.casefold().split())
        or any(_overlap(cited, GATE) for cited in cited_statutes(one.source))
        for one in agreement.authority
    )


def coverage_faults(agreement: Agreement) -> Iterable[Fault]:
    """What is wrong with the rules that an agreement names, and with those that it does not."""
    for index, element in enumerate(agreement.elements):
        yield from _unknown(element.rule, ("elements", index, "rule"))
    yield from _omissions(agreement)
    if under_gate(agreement):
        yield from _silent(agreement)
        yield from _not_criminal(agreement)
        yield from _without_facts(agreement)


def _unknown(rule: str, path: FieldPath) -> Iterable[Fault]:
    if rule not in CONTRACT_RULES:
        near = difflib.get_close_matches(rule, CONTRACT_RULES, 1)
        hint = f"; did you mean `{near[0]}`?" if near else ""
        yield Fault(path, f"no rule has this id{hint}")


def _omissions(agreement: Agreement) -> Iterable[Fault]:
    opinions = {opinion.id for opinion in agreement.opinions}
    asked = {element.rule for element in agreement.elements}
    for index, omission in enumerate(agreement.omitted):
        path: FieldPath = ("omitted", index)
        yield from _unknown(omission.rule, (*path, "rule"))
        if omission.rule in asked:
            yield Fault((*path, "rule"), "an element has this rule; take out the one or the other")
        elif omission.rule in UNIVERSAL_RULES:
            yield Fault((*path, "rule"), "this rule is applied under every agreement; list it")
        if omission.opinion not in opinions:
            yield Fault((*path, "opinion"), "no recorded opinion has this id")


def _silent(agreement: Agreement) -> Iterable[Fault]:
    """Rules that are neither asked nor said to be omitted."""
    said = {element.rule for element in agreement.elements}
    said |= {omission.rule for omission in agreement.omitted}
    missing = [rule for rule in OMISSIBLE_RULES if rule not in said]
    if missing:
        yield Fault(
            ("elements",),
            f"an agreement under {GATE} has an element for every rule; {_listed(missing)} has "
            "none: add one, or name the rule under `omitted` with the recorded opinion that "
            "allows it",
        )
    unlisted = [rule for rule in CONTRACT_RULES if rule in UNIVERSAL_RULES - said]
    if unlisted:
        yield Fault(
            ("elements",),
            f"an agreement under {GATE} has an element for every rule; {_listed(unlisted)} has "
            "none: add one, for it is applied all the same",
        )


def _not_criminal(agreement: Agreement) -> Iterable[Fault]:
    for index, one in enumerate(agreement.statutes):
        if one.kind != "criminal":
            yield Fault(
                ("statutes", index, "kind"), f"{GATE} opens for a designated criminal statute only"
            )


def _without_facts(agreement: Agreement) -> Iterable[Fault]:
    """Facts of a failure to depart that no request would have to state: the rule `statute.facts`
    asks for what the statute lists, so a list cut short loosens it as much as leaving it out."""
    asked = [one for one in agreement.elements if one.rule == "statute.facts"]
    if not asked or asked[0].parameters.get("opinion") is not None:
        return
    kinds = {fact.name: fact.type for fact in agreement.facts}
    for index, one in enumerate(agreement.statutes):
        if not _overlap(parse_statute(one.statute), DEPARTURE):
            continue
        for name, kind in DEPARTURE_FACTS.items():
            path: FieldPath = ("statutes", index, "facts")
            if name not in one.facts:
                yield Fault(
                    path,
                    f"{DEPARTURE} needs the fact `{name}`; a looser reading needs a recorded legal "
                    "opinion, as `opinion` in the element of `statute.facts`",
                )
            elif kinds.get(name, kind) != kind:
                yield Fault((*path, one.facts.index(name)), f"this fact is of the type `{kind}`")


def _overlap(one: Statute | None, other: str) -> bool:
    """Whether one of two provisions is the other or a part of it."""
    known = parse_statute(other)
    if one is None or known is None:
        return False
    return one.is_within(known) or known.is_within(one)


def _listed(rules: Sequence[str]) -> str:
    """`each of` before several, so that the sentence goes on in the singular."""
    named = ", ".join(f"`{rule}`" for rule in rules)
    return named if len(rules) == 1 else f"each of {named}"
