"""The rules as a page of documentation, made from the code that judges by them.

`python -m comity.examination.reference > docs/reference/rules.md`
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from comity.agreement.model import Parameter
from comity.agreement.parameters import parameter_sentence
from comity.agreement.rendering import RuleInWords
from comity.core.outcome import Outcome
from comity.examination.engine import ALWAYS, LATER_RULES
from comity.examination.rule import RULES, Rule

COMMAND = "python -m comity.examination.reference > docs/reference/rules.md"


@dataclass(frozen=True)
class LaterRule:
    """A rule that determination judges, because it needs the registry or the stays."""

    id: str
    law: str
    source: str
    outcome: Outcome
    question: str
    parameters: Mapping[str, Parameter]
    needs: str


LATER = (
    LaterRule(
        "subject.protected",
        "R15, R17",
        "26 USC 6103(i)(6)",
        Outcome.HELD,
        "Is the matched record free of flags?",
        {"flags": ()},
        "the registry, read again just before release",
    ),
    LaterRule(
        "identity.conflict",
        "R17",
        "D. Mass. 5 Feb 2026; TIGTA 8 Jun 2026",
        Outcome.HELD,
        "Do the number and the name with the address point to one person, and to nobody else?",
        {},
        "the registry",
    ),
    LaterRule(
        "stay.none",
        "R27",
        "orders of courts and holds of inspectors",
        Outcome.STAYED,
        "Is the request covered by no stay of a court or an inspector?",
        {},
        "the stays, read again at every disclosure",
    ),
)
assert {rule.id for rule in LATER} == LATER_RULES


def rules_in_words() -> dict[str, RuleInWords]:
    """Every rule's question, outcome and default parameters, by id, for an agreement's page."""
    words = {
        rule.id: RuleInWords(
            rule.question, rule.outcome.value, defaults(rule), always=rule.id in ALWAYS
        )
        for rule in RULES.values()
    }
    for later in LATER:
        words[later.id] = RuleInWords(later.question, later.outcome.value, later.parameters)
    return words


def defaults(rule: Rule[Any]) -> dict[str, Parameter]:
    """The parameters that a rule takes where an agreement gives none."""
    return dataclasses.asdict(rule.parameters())


def render_rules() -> str:
    """The page `docs/reference/rules.md`."""
    return "\n".join(_page()) + "\n"


def _page() -> Iterator[str]:
    yield from (
        "# Rules",
        "",
        "Every rule that a request is judged by. An agreement's elements name them by their ids;",
        "where an agreement gives a citation or a parameter of its own, that one counts. The R",
        "numbers are those of the requirements that a rule carries out. The parameter `opinion`",
        "names the recorded legal opinion that a reading looser than the default needs.",
        "",
        f"This page is made from the code. To make it again: `{COMMAND}`",
        "",
        "| rule | carries out | unmet means |",
        "| --- | --- | --- |",
    )
    rules = [RULES[id] for id in sorted(RULES)]
    every: list[Rule[Any] | LaterRule] = [*rules, *LATER]
    for one in every:
        yield f"| [`{one.id}`](#{one.id.replace('.', '')}) | {one.law} | {one.outcome.value} |"
    yield from ("", "## Judged from the request", "")
    yield from (
        "By the requester before it sends a batch (`comity examine`), and by the holder before",
        "anything is looked up.",
    )
    for rule in rules:
        yield from _section(rule)
    yield from ("", "## Judged from the holder's records", "")
    yield "Only for requests that meet every rule above."
    for later in LATER:
        yield from _later_section(later)


def _section(rule: Rule[Any]) -> Iterator[str]:
    yield from _heading(rule.id, rule.question, rule.law, rule.citation.source, rule.outcome)
    if rule.id in ALWAYS:
        yield "- Applies to every agreement, whether or not an element names it."
    if rule.needs:
        needs = ", ".join(sorted(rule.needs))
        yield f"- Needs: {needs}. Where that is not known, the rule can be unmet but never met."
    if rule.columns:
        yield "- Columns a batch must have: " + ", ".join(f"`{c}`" for c in rule.columns)
    yield from _parameters(defaults(rule))


def _later_section(rule: LaterRule) -> Iterator[str]:
    yield from _heading(rule.id, rule.question, rule.law, rule.source, rule.outcome)
    yield f"- Needs: {rule.needs}."
    yield from _parameters(rule.parameters)


def _heading(id: str, question: str, law: str, source: str, outcome: Outcome) -> Iterator[str]:
    yield from ("", f"### `{id}`", "", question, "")
    yield f"- Unmet: `{outcome.value}`"
    yield f"- Carries out {law}; source: {source}"


def _parameters(values: Mapping[str, Parameter]) -> Iterator[str]:
    for name, value in values.items():
        shown = "[]" if value == () else '""' if value == "" else str(value).lower()
        if isinstance(value, str) and value:
            shown = value
        said = parameter_sentence(name, value)
        yield f"- Parameter `{name}`, by default `{shown}`. {said}".rstrip()


if __name__ == "__main__":
    sys.stdout.write(render_rules())
