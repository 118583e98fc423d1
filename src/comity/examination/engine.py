"""The examination: an agreement's elements compiled to rules, and rules applied to requests."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, get_type_hints

from comity.agreement.document import Fault, Parsed, Positions
from comity.agreement.document import Path as FieldPath
from comity.agreement.model import Agreement, Element
from comity.core.citation import Citation
from comity.examination import rules as _rules
from comity.examination.context import Circumstances, Context
from comity.examination.finding import Finding, Verdict
from comity.examination.rule import RULES, Rule, Unmet
from comity.examination.survey import survey
from comity.request.intake import REQUIRED
from comity.request.model import Request

assert _rules  # importing it registers the rules

LATER_RULES = frozenset({"subject.protected", "identity.conflict", "stay.none"})
"""Rules that need the registry or the stays; determination judges them."""

ALWAYS = ("row.wellformed", "agreement.in_force", "limits.volume", "request.unique")
"""Rules that apply whether or not an agreement lists them."""


@dataclass(frozen=True)
class Step:
    """One element ready to be applied."""

    rule: Rule[Any]
    parameters: Any
    citation: Citation


@dataclass(frozen=True)
class Examination:
    """An agreement, compiled."""

    agreement: Agreement
    steps: tuple[Step, ...]

    @property
    def facts(self) -> frozenset[str]:
        """The columns that the agreement adds to the common ones."""
        return frozenset(fact.name for fact in self.agreement.facts)

    @property
    def required_columns(self) -> tuple[str, ...]:
        """The columns that a batch under this agreement must have."""
        needed = dict.fromkeys(REQUIRED)
        for step in self.steps:
            needed |= dict.fromkeys(step.rule.columns)
        for statute in self.agreement.statutes:
            needed |= dict.fromkeys(statute.facts)
        return tuple(needed)

    def begin(self, chunks: Iterable[list[Request]], circumstances: Circumstances) -> Context:
        """Survey the whole batch; what comes back is what `examine` needs for its rows."""
        return Context(self.agreement, circumstances, survey(chunks, circumstances))

    def not_run(self, circumstances: Circumstances) -> tuple[Rule[Any], ...]:
        """The rules that cannot be judged in full under these circumstances: they may still find
        something unmet, but never that all is met."""
        return tuple(s.rule for s in self.steps if not s.rule.needs <= circumstances.known)

    def examine(self, request: Request, context: Context) -> tuple[Finding, ...]:
        """Every rule's finding on one request, in the order of the agreement.

        A row that could not be read as one has nothing that rules could judge: it gets its one
        finding."""
        if any(problem.column == "" for problem in request.problems):
            steps: tuple[Step, ...] = self.steps[:1]
        else:
            steps = self.steps
        return tuple(
            self.finding(step, step.rule.test(request, step.parameters, context), context)
            for step in steps
        )

    def finding(self, step: Step, found: Unmet | None, context: Context) -> Finding:
        """What a rule's test comes to."""
        rule = step.rule
        if found is None:
            complete = rule.needs <= context.circumstances.known
            verdict = Verdict.MET if complete else Verdict.NOT_RUN
            return Finding(rule.id, verdict, step.citation, rule.outcome)
        return Finding(
            rule.id, Verdict.UNMET, step.citation, rule.outcome, found.reason, found.cure
        )


def examine(
    agreement: Agreement, requests: Sequence[Request], circumstances: Circumstances
) -> list[tuple[Finding, ...]]:
    """Every rule's finding on every request of a batch, in the order of the requests.

    Raises AgreementError for an agreement whose elements do not fit the rules."""
    examination = compile_agreement(agreement)
    context = examination.begin([list(requests)], circumstances)
    return [examination.examine(request, context) for request in requests]


def compile_agreement(
    agreement: Agreement, positions: Positions | None = None, name: str = "agreement"
) -> Examination:
    """Find each element's rule and fit its parameters.

    Raises AgreementError, naming the lines where `positions` gives them, for an unknown rule, a
    parameter that the rule does not take, a value that does not fit, or a looser reading without
    the recorded legal opinion that it needs."""
    faults: list[Fault] = []
    steps: dict[str, Step] = {}
    for index, element in enumerate(agreement.elements):
        if element.rule in LATER_RULES:
            continue
        rule = RULES.get(element.rule)
        if rule is None:
            faults.append(Fault(("elements", index, "rule"), "no rule has this id"))
            continue
        made = _parameters(rule, element, ("elements", index, "parameters"), faults)
        if made is not None:
            steps[rule.id] = Step(rule, made, element.citation)
    if faults:
        raise Parsed(agreement, name, positions or {}).fail(faults)
    first = [
        steps.pop(id, Step(RULES[id], RULES[id].parameters(), RULES[id].citation)) for id in ALWAYS
    ]
    return Examination(agreement, (*first, *steps.values()))


def _parameters(
    rule: Rule[Any], element: Element, path: FieldPath, faults: list[Fault]
) -> object | None:
    hints = get_type_hints(rule.parameters)
    values: dict[str, object] = {}
    before = len(faults)
    for key, value in element.parameters.items():
        if key not in hints:
            near = difflib.get_close_matches(key, sorted(hints), 1)
            hint = f"; did you mean `{near[0]}`?" if near else ""
            faults.append(Fault((*path, key), f"rule {rule.id} takes no such parameter{hint}"))
            continue
        wrong = _misfit(hints[key], value)
        if wrong:
            faults.append(Fault((*path, key), wrong))
        values[key] = tuple(value) if isinstance(value, list | tuple) else value
    if len(faults) > before:
        return None
    made: object = rule.parameters(**values)
    loosened = getattr(made, "loosened", None)
    if loosened and not element.parameters.get("opinion"):
        faults.append(
            Fault(path, f"{loosened}: this looser reading needs a recorded legal opinion")
        )
        return None
    return made


def _misfit(hint: object, value: object) -> str:
    """Why a value does not fit, in words; empty if it does."""
    if hint is int:
        fits = type(value) is int and value >= 0
        return "" if fits else "a whole number of at least 0 belongs here"
    if hint is bool:
        return "" if type(value) is bool else "true or false belongs here"
    if hint is str:
        return "" if isinstance(value, str) else "text belongs here"
    fits = isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)
    return "" if fits else "a list of texts belongs here"
