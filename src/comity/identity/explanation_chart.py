"""The pictures of an explanation: small pure functions from numbers to inline SVG.

Lengths are in per cent of the picture's width, so that it follows the page while its letters keep
their size. Colours are classes of the page's style sheet; a part that speaks against a person is
hatched as well, and every part has its title, so that nothing hangs on colour alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from comity.identity.explanation_fields import Contribution
from comity.identity.explanation_text import signed
from comity.identity.explanation_words import FIELDS, GROUPS, SHORT

_HIGH = 34.0
"""Of a bar, in pixels."""
_LETTER, _PADDING = 6.8, 10.0
"""Width of a letter of a label, and what is left free beside it, in pixels."""
_WIDE, _NARROW = 620.0, 300.0
"""How wide the picture is at least on a screen and on a telephone, in pixels."""
_STEPS = (1, 2, 5, 10, 20, 50, 100, 200)


@dataclass(frozen=True)
class Scale:
    """From bits to per cent of a picture's width."""

    low: float
    high: float

    @classmethod
    def over(cls, bars: Iterable[Sequence[Contribution]]) -> Scale:
        """The scale on which every one of these bars fits; zero is always on it."""
        kept = list(bars)
        low = min((sum(p.bits for p in bar if p.bits < 0) for bar in kept), default=0.0)
        high = max((sum(p.bits for p in bar if p.bits > 0) for bar in kept), default=0.0)
        return cls(min(low, 0.0), max(high, 1.0))

    def at(self, bits: float) -> float:
        """Where so many bits stand. A little is left free at both ends."""
        return 1 + 98 * (bits - self.low) / (self.high - self.low)

    def ticks(self) -> list[int]:
        """Round numbers of bits for an axis, some six of them."""
        step = next((s for s in _STEPS if (self.high - self.low) / s <= 7), 500)
        first = -(-int(self.low) // step) if self.low >= 0 else -(int(-self.low) // step)
        return [n * step for n in range(first, int(self.high // step) + 1)]


def called(part: Contribution) -> str:
    """What a part of a weight is called: `street`, `given and family name`."""
    if part.fields == ("given", "family"):
        return "given and family name"
    return " and ".join(FIELDS[field] for field in part.fields)


def stacked(parts: Sequence[Contribution], scale: Scale, total: float, title: str) -> Markup:
    """A candidate's weight as one bar: what speaks for the person to the right of zero, what
    speaks against to the left, and a mark where the sum is."""
    shapes = [_zero(scale, 0, _HIGH + 16)]
    right = left = 0.0
    for part in parts:
        if part.bits > 0:
            shapes.append(_part(part, scale.at(right), scale.at(right + part.bits)))
            right += part.bits
        else:
            shapes.append(_part(part, scale.at(left + part.bits), scale.at(left)))
            left += part.bits
    shapes.append(_mark(scale.at(total), f"in total {signed(total)} bits"))
    return _picture("weights", _HIGH + 16, title, shapes)


def axis(scale: Scale) -> Markup:
    """The numbers under the bars."""
    shapes = [
        Markup('<text x="{:.2f}%" y="13" text-anchor="middle">{}</text>').format(
            scale.at(tick), str(tick).replace("-", "−")
        )
        for tick in scale.ticks()
    ]
    return _picture("axis", 18, "", shapes)


def steps(parts: Sequence[Contribution], scale: Scale) -> Iterator[tuple[str, Markup]]:
    """The same weight as a fall of steps, one picture a part: by the part's first field, a bar
    from the sum of those before it to the sum with it."""
    before = 0.0
    for part in parts:
        after = before + part.bits
        low, high = sorted((scale.at(before), scale.at(after)))
        shapes = [_through(scale), _part(part, low, high, high=14, label=False)]
        title = f"{called(part)}: {signed(part.bits)} bits, then {signed(after)} in sum"
        yield part.fields[0], _picture("step", 14, title, shapes)
        before = after


def no_step(scale: Scale) -> Markup:
    """The place of a field that adds nothing: the line at zero alone."""
    return _picture("step", 14, "", [_through(scale)])


def steps_scale(bars: Iterable[Sequence[Contribution]]) -> Scale:
    """The scale on which the steps of every one of these candidates fit."""
    low = high = 0.0
    for bar in bars:
        sum_so_far = 0.0
        for part in bar:
            sum_so_far += part.bits
            low, high = min(low, sum_so_far), max(high, sum_so_far)
    return Scale(low, max(high, 1.0))


def _picture(kind: str, high: float, title: str, shapes: Sequence[Markup]) -> Markup:
    head = Markup('<svg class="{}" width="100%" height="{:.0f}" ').format(kind, high)
    head += (
        Markup('role="img" aria-label="{0}"><title>{0}</title>').format(title)
        if title
        else Markup('aria-hidden="true">')
    )
    return head + Markup("").join(shapes) + Markup("</svg>")


def _part(
    part: Contribution, start: float, end: float, *, high: float = _HIGH, label: bool = True
) -> Markup:
    wide = max(end - start, 0.15)
    group = GROUPS[part.fields[0]].replace(" ", "-")
    title = f"{called(part)}: {signed(part.bits)} bits"
    shapes = Markup('<title>{}</title><rect class="{}" width="100%" height="100%"/>').format(
        title, group
    )
    if part.bits < 0:
        shapes += Markup('<rect class="against" width="100%" height="100%"/>')
    shapes += Markup('<rect class="edge" width="100%" height="100%"/>')
    if label and (fits := _fits(text := _label(part), wide)):
        hatched = " hatched" if part.bits < 0 else ""
        shapes += Markup('<text class="{}{} {}" x="50%" y="{:.0f}">{}</text>').format(
            f"on-{group}", hatched, fits, high / 2 + 5, text
        )
    return Markup('<svg x="{:.2f}%" y="0" width="{:.2f}%" height="{:.0f}">{}</svg>').format(
        start, wide, high, shapes
    )


def _label(part: Contribution) -> str:
    return "names" if len(part.fields) > 1 else SHORT.get(part.fields[0], "order")


def _fits(text: str, wide: float) -> str:
    """The class of a label: shown at any width, on wide screens only, or ('') not at all."""
    needs = len(text) * _LETTER + _PADDING
    if needs <= wide / 100 * _NARROW:
        return "label"
    return "label wide" if needs <= wide / 100 * _WIDE else ""


def _zero(scale: Scale, top: float, bottom: float) -> Markup:
    return Markup('<line class="zero" x1="{0:.2f}%" x2="{0:.2f}%" y1="{1}" y2="{2}"/>').format(
        scale.at(0), top, bottom
    )


def _through(scale: Scale) -> Markup:
    """The line at zero, longer than a row is high: the page cuts it off at the row's edge."""
    return _zero(scale, -200, 200)


def _mark(x: float, title: str) -> Markup:
    """A small triangle under the bar; a nested picture, because a path knows no per cents."""
    return Markup(
        '<svg x="{:.2f}%" y="{:.0f}" width="1" height="14" overflow="visible">'
        '<title>{}</title><path class="total" d="M0 1 L6 11 L-6 11 Z"/></svg>'
    ).format(x, _HIGH + 1, title)
