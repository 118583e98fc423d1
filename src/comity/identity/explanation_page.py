"""Explanations as one HTML page that needs nothing beside itself. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from comity.identity.doubts import Doubt
from comity.identity.explanation import CandidateExplanation, Explanation, Role
from comity.identity.explanation_chart import (
    Scale,
    axis,
    called,
    no_step,
    stacked,
    steps,
    steps_scale,
)
from comity.identity.explanation_text import agreement_words, bits_by_field, signed
from comity.identity.explanation_words import NEEDS, Standing, visible

DRAWN = 6
"""Candidates whose weights stand side by side in the picture."""
OPEN = 3
"""Candidates whose table is open when the page opens, beside those who decided."""

SIGNS = {
    Standing.AGREES: "✓",
    Standing.DOUBT: "≈",
    Standing.DISAGREES: "≠",
    Standing.CONTRADICTS: "✕",
    Standing.NOT_COMPARED: "–",
    Standing.LEFT_ASIDE: "–",
}


@dataclass(frozen=True)
class Section:
    """One explanation on a page; `where` says which row it is about, where several may be."""

    explanation: Explanation
    where: str = ""
    problems: tuple[str, ...] = ()


def render_page(sections: Sequence[Section]) -> str:
    """The page, as HTML. Every value is escaped, and what would control a screen is shown."""
    return _template().render(
        sections=[(section, _Drawn.of(section.explanation)) for section in sections],
        needs={doubt.name.lower(): words for doubt, words in NEEDS.items() if doubt},
        signs=[(SIGNS[s], s.value) for s in Standing if s is not Standing.LEFT_ASIDE],
    )


@dataclass(frozen=True)
class _Drawn:
    """The pictures of an explanation."""

    bars: Sequence[tuple[CandidateExplanation, object]]
    axis: object
    steps: Sequence[dict[str, object]]
    zero: object

    @classmethod
    def of(cls, explanation: Explanation) -> _Drawn:
        kept = explanation.candidates
        shown = [one for one in kept if one.contributions][:DRAWN]
        scale = Scale.over(one.contributions for one in shown)
        down = steps_scale(one.contributions for one in kept)
        return cls(
            bars=[
                (one, stacked(one.contributions, scale, one.weight, _title(one))) for one in shown
            ],
            axis=axis(scale),
            steps=[dict(steps(one.contributions, down)) for one in kept],
            zero=no_step(down),
        )


def _title(one: CandidateExplanation) -> str:
    parts = ", ".join(f"{called(part)} {signed(part.bits)}" for part in one.contributions)
    return f"Person {visible(one.person_id)}: {signed(one.weight)} bits; {parts}"


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("comity.identity", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["visible"] = visible
    environment.filters["signed"] = signed
    environment.filters["n"] = lambda number: f"{number:,}"
    environment.globals["sign"] = SIGNS.__getitem__
    environment.globals["agreement"] = agreement_words
    environment.globals["bits"] = bits_by_field
    environment.globals["open"] = OPEN
    environment.globals["deciding"] = (Role.CONFIRMED, Role.NEAREST, Role.RIVAL)
    environment.globals["no_doubt"] = Doubt.NO_DOUBT
    return environment.get_template("explanation.html")
