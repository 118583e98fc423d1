"""What a rule is: a small pure function under an id, with its citation and its question."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from comity.core.citation import Citation
from comity.core.outcome import Outcome
from comity.examination.context import Context
from comity.request.model import Request

P = TypeVar("P")


@dataclass(frozen=True)
class Unmet:
    """What was found, in one sentence, and what would cure it. Never quotes the request."""

    reason: str
    cure: str


@dataclass(frozen=True)
class NoParameters:
    """For rules that take none."""


Needs = frozenset[str]
"""What a rule cannot be met without: `roster`, `manifest`, `signatures`, `safeguards`. Where that
is not known the rule can still be unmet (no recipient is named at all); if it is not, it counts as
not run, and is listed as such."""

Test = Callable[[Request, Any, Context], Unmet | None]


@dataclass(frozen=True)
class Rule(Generic[P]):
    """A rule as registered. `columns` are those that a batch must have for it.

    `reads` are the fields of a request that its test looks at: two requests that agree in them (and
    are judged in one context) get the same finding, so that it is made once for both. None: it
    looks at what no two rows share, and is tested on each. `whole_batch` rules look at what other
    rows of the batch say."""

    id: str
    law: str
    citation: Citation
    outcome: Outcome
    question: str
    parameters: type[P]
    test: Test
    needs: Needs = frozenset()
    columns: tuple[str, ...] = ()
    reads: tuple[str, ...] | None = None
    whole_batch: bool = False


RULES: dict[str, Rule[Any]] = {}
"""Every rule that the examination runs, by id."""


def rule(
    id: str,
    *,
    law: str,
    source: str,
    outcome: Outcome,
    question: str,
    parameters: type[object] = NoParameters,
    needs: tuple[str, ...] = (),
    columns: tuple[str, ...] = (),
    reads: tuple[str, ...] | None = None,
    whole_batch: bool = False,
) -> Callable[[Test], Test]:
    """Register the decorated function as the rule of this id."""

    def register(test: Test) -> Test:
        RULES[id] = Rule(
            id,
            law,
            Citation(source, law),
            outcome,
            question,
            parameters,
            test,
            frozenset(needs),
            columns,
            reads,
            whole_batch,
        )
        return test

    return register
