"""The page's pictures: small pure functions from numbers to inline SVG.

Colours are classes of the page's style sheet, so that a picture follows light, dark and print.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

WIDTH, HEIGHT = 800.0, 420.0
_BAR, _GAP, _LABEL = 12.0, 42.0, 110.0


@dataclass(frozen=True)
class Node:
    """A place in a flow: its column (from 0), its label, and the class of its colour."""

    column: int
    label: str
    colour: str


@dataclass(frozen=True)
class Link:
    """So many going from one node to another, by name."""

    source: str
    target: str
    amount: int


@dataclass(frozen=True)
class Part:
    """A segment of a bar."""

    label: str
    amount: int
    colour: str


def flow(nodes: Mapping[str, Node], links: Sequence[Link], title: str) -> Markup:
    """A flow picture (Sankey): heights in proportion, nodes of a column in the order given."""
    amounts = {
        name: max(
            sum(link.amount for link in links if link.target == name),
            sum(link.amount for link in links if link.source == name),
        )
        for name in nodes
    }
    tops, scale = _stacked(nodes, amounts)
    columns = max(node.column for node in nodes.values())
    step = (WIDTH - _LABEL - _BAR) / max(columns, 1)
    left = {name: node.column * step for name, node in nodes.items()}
    shapes = []
    leaving, arriving = dict(tops), dict(tops)
    for link in links:
        thick = link.amount * scale
        shapes.append(
            _band(
                left[link.source] + _BAR,
                leaving[link.source],
                left[link.target],
                arriving[link.target],
                thick,
                nodes[link.target].colour,
                f"{nodes[link.source].label} to {nodes[link.target].label}: {link.amount:,}",
            )
        )
        leaving[link.source] += thick
        arriving[link.target] += thick
    for name, node in nodes.items():
        high = max(amounts[name] * scale, 1.5)
        shapes.append(
            Markup(
                '<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.0f}" height="{:.1f}"/>'
            ).format(node.colour, left[name], tops[name], _BAR, high)
        )
        shapes.append(_label(node.label, amounts[name], left[name] + _BAR + 7, tops[name]))
    return Markup(
        '<svg class="flow" role="img" viewBox="0 0 {:.0f} {:.0f}"><title>{}</title>{}</svg>'
    ).format(WIDTH, HEIGHT, title, Markup("").join(shapes))


def bar(amount: float, most: float, colour: str, title: str) -> Markup:
    """One bar, as long in its cell as `amount` is of `most`."""
    return split_bar([Part(title, 0, colour)], most, [amount], 11, title)


def parts_bar(parts: Sequence[Part], most: int, title: str) -> Markup:
    """One bar of several segments."""
    return split_bar(parts, most, [part.amount for part in parts], 34, title)


def split_bar(
    parts: Sequence[Part], most: float, amounts: Sequence[float], height: int, title: str
) -> Markup:
    """Segments side by side; lengths are shares of the width at hand, so it fits any screen."""
    shapes, x = [], 0.0
    for part, amount in zip(parts, amounts, strict=True):
        share = 100 * amount / most if most else 0.0
        shapes.append(
            Markup('<rect class="{}" x="{:.3f}%" width="{:.3f}%" height="{}"/>').format(
                part.colour, x, share, height
            )
        )
        x += share
    return Markup(
        '<svg class="bar" role="img" width="100%" height="{}"><title>{}</title>{}</svg>'
    ).format(height, title, Markup("").join(shapes))


def _stacked(
    nodes: Mapping[str, Node], amounts: Mapping[str, int]
) -> tuple[dict[str, float], float]:
    """The top of every node, and pixels for one row: the fullest column fills the height."""
    columns: dict[int, list[str]] = {}
    for name, node in nodes.items():
        columns.setdefault(node.column, []).append(name)
    scale = min(
        (HEIGHT - _GAP * len(names)) / max(sum(amounts[name] for name in names), 1)
        for names in columns.values()
    )
    tops = {}
    for names in columns.values():
        y = 2.0
        for name in names:
            tops[name] = y
            y += max(amounts[name] * scale, 1.5) + _GAP
    return tops, scale


def _band(
    x1: float, y1: float, x2: float, y2: float, thick: float, colour: str, title: str
) -> Markup:
    middle = (x1 + x2) / 2
    path = (
        f"M{x1:.1f},{y1:.1f} C{middle:.1f},{y1:.1f} {middle:.1f},{y2:.1f} {x2:.1f},{y2:.1f} "
        f"v{thick:.1f} C{middle:.1f},{y2 + thick:.1f} {middle:.1f},{y1 + thick:.1f} "
        f"{x1:.1f},{y1 + thick:.1f} z"
    )
    return Markup('<path class="band {}" d="{}"><title>{}</title></path>').format(
        colour, path, title
    )


def _label(label: str, amount: int, x: float, y: float) -> Markup:
    return Markup(
        '<text x="{:.1f}" y="{:.1f}"><tspan class="count">{}</tspan>'
        '<tspan x="{:.1f}" dy="15">{}</tspan></text>'
    ).format(x, y + 13, f"{amount:,}", x, escape(label))
