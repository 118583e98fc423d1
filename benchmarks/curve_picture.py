"""Precision against recall as a picture (SVG, light and dark, without a library). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import log10

from benchmarks.precision_recall import Panel, Point

WIDTH, HEIGHT = 300, 250
LEFT, RIGHT, TOP, BOTTOM = 70, 14, 34, 42
GAP = 10
COLUMNS = 3
LOW = 0.5
"""Where the axis of recall begins."""
DECADES = 6
"""Precision is drawn by how many are wrong: from all to one in a million, and above it none."""
_STYLES = (("blue", ""), ("orange", ""), ("blue", "2 3"), ("orange", "2 3"))
_CSS = """
 text { font: 11px system-ui, sans-serif; fill: #222 }
 .title { font-weight: 600; font-size: 12px }
 .grid { stroke: #ddd; stroke-width: 1 } .axis { stroke: #888; stroke-width: 1 }
 .blue { stroke: #0072b2 } .orange { stroke: #d55e00 }
 .line { fill: none; stroke-width: 2 }
 .decided { fill: #111; stroke: #fff; stroke-width: 1.5 }
 .paper { fill: #fff }
 @media (prefers-color-scheme: dark) {
  text { fill: #ddd } .grid { stroke: #333 } .axis { stroke: #777 } .paper { fill: #111 }
  .blue { stroke: #56b4e9 } .orange { stroke: #e69f00 }
  .decided { fill: #fff; stroke: #111 }
 }
"""


def picture(panels: Sequence[Panel]) -> str:
    """All panels in one SVG, with a legend below."""
    columns = min(COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    names = list(dict.fromkeys(name for panel in panels for name in panel.curves))
    width = columns * WIDTH + (columns - 1) * GAP
    height = rows * HEIGHT + (rows - 1) * GAP + 18 * (len(names) + 1) + 14
    drawn = [
        f'<g transform="translate({i % columns * (WIDTH + GAP)},{i // columns * (HEIGHT + GAP)})">'
        f"{_panel(panel, names)}</g>"
        for i, panel in enumerate(panels)
    ]
    legend = _legend(names, rows * (HEIGHT + GAP) + 4)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-8 0 {width + 8} {height}" role="img" '
        f'aria-labelledby="what"><title id="what">Precision and recall by set</title>'
        f"<style>{_CSS}</style>"
        f'<rect class="paper" x="-8" width="{width + 8}" height="{height}"/>'
        f"{''.join(drawn)}{legend}</svg>\n"
    )


def _panel(panel: Panel, names: Sequence[str]) -> str:
    parts = [f'<text class="title" x="{LEFT}" y="20">{escape(panel.title)}</text>']
    for decade in range(DECADES + 1):
        y = _y(decade)
        label = "none wrong" if decade == DECADES else _share(decade)
        parts.append(
            f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>'
            f'<text x="{LEFT - 5}" y="{y + 4}" text-anchor="end">{label}</text>'
        )
    for recall in (0.5, 0.6, 0.7, 0.8, 0.9, 1.0):
        x = _x(recall)
        parts.append(
            f'<line class="grid" x1="{x}" x2="{x}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>'
            f'<text x="{x}" y="{HEIGHT - BOTTOM + 15}" text-anchor="middle">{recall:.1f}</text>'
        )
    parts.append(
        f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" '
        f'y1="{HEIGHT - BOTTOM}" y2="{HEIGHT - BOTTOM}"/>'
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 10}" '
        'text-anchor="middle">recall</text>'
    )
    for name, points in panel.curves.items():
        colour, dashes = _STYLES[names.index(name)]
        parts.append(
            f'<path class="line {colour}" stroke-dasharray="{dashes}" d="{_path(points)}">'
            f"<title>{escape(name)}</title></path>"
        )
    decided = panel.decided
    if decided.recall >= LOW:
        parts.append(
            f'<circle class="decided" cx="{_x(decided.recall)}" cy="{_y(_decade(decided))}" r="5">'
            f"<title>Comity as it decides: recall {decided.recall:.3f}, {decided.wrong} wrong"
            "</title></circle>"
        )
    return "".join(parts)


def _path(points: Sequence[Point]) -> str:
    """The curve from the axis' beginning on; a point only where it moves by half a pixel."""
    shown: list[tuple[float, float]] = []
    for point in points:
        if point.recall < LOW:
            continue
        at = (_x(point.recall), _y(_decade(point)))
        if not shown or abs(at[0] - shown[-1][0]) + abs(at[1] - shown[-1][1]) >= 0.5:
            shown.append(at)
    return "M" + "L".join(f"{x},{y}" for x, y in shown) if shown else ""


def _decade(point: Point) -> float:
    if not point.wrong:
        return DECADES
    return min(-log10(1 - point.precision) if point.precision else 0.0, DECADES - 0.4)


def _x(recall: float) -> float:
    return round(LEFT + (recall - LOW) / (1 - LOW) * (WIDTH - LEFT - RIGHT), 1)


def _y(decade: float) -> float:
    return round(HEIGHT - BOTTOM - decade / DECADES * (HEIGHT - TOP - BOTTOM), 1)


def _share(decade: int) -> str:
    """A precision as percent: 0, 90, 99, 99.9, …"""
    if decade < 2:
        return f"{90 * decade} %"
    return "99" + ("." + "9" * (decade - 2) if decade > 2 else "") + " %"


def _legend(names: Sequence[str], top: int) -> str:
    parts = [
        f'<circle class="decided" cx="{LEFT + 14}" cy="{top + 10}" r="5"/>'
        f'<text x="{LEFT + 36}" y="{top + 14}">Comity as it decides (precision upwards by the '
        "share of wrong confirmations)</text>"
    ]
    for i, name in enumerate(names):
        y = top + 28 + 18 * i
        colour, dashes = _STYLES[i]
        parts.append(
            f'<line class="line {colour}" stroke-dasharray="{dashes}" x1="{LEFT}" x2="{LEFT + 28}" '
            f'y1="{y}" y2="{y}"/><text x="{LEFT + 36}" y="{y + 4}">{escape(name)}</text>'
        )
    return "".join(parts)
