"""How `benchmarks/identity.py` prints what it measured. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

Figures = dict[str, Any]

COUNTRY = 300_000_000
"""Persons of the largest registry that anybody is likely to hold."""


def verified(figures: Figures) -> str:
    stages = list(dict.fromkeys(s for one in figures["verify"].values() for s in one["stages"]))
    head = ["requests", *stages, "seconds", "processor", "a second", "peak", "asked", "from disk"]
    rows = [
        [
            f"{count:,}",
            *(f"{one['stages'].get(stage, 0):.2f}" for stage in stages),
            f"{one['seconds']:.2f}",
            f"{one['processor']:.2f}",
            f"{count / one['seconds']:,.0f}",
            *(size(one[name]) for name in ("peak", "bytes_asked", "bytes_from_disk")),
        ]
        for count, one in figures["verify"].items()
    ]
    found = [
        [
            f"{count:,}",
            f"{one['pairs']:,}",
            *(f"{one['decisions'].get(kind, 0):,}" for kind in ("confirmed", "ambiguous", "none")),
            f"{one['wrong']:,}",
            f"{one['recall']:.4f}",
        ]
        for count, one in figures["verify"].items()
    ]
    kinds = ["requests", "pairs compared", "confirmed", "ambiguous", "none", "wrong", "recall"]
    single = figures["singles"]
    spread = ", ".join(f"{name} {single[name]:.1f} ms" for name in ("p50", "p95", "p99", "max"))
    opening = max(one["opening"] for one in figures["verify"].values())
    return "\n\n".join(
        (
            _table(head, rows),
            _table(kinds, found),
            f"one request at a time: {spread}, of processor {single['processor']:.1f} ms; "
            f"peak {size(single['peak'])}; opening the registry {opening:.1f} s\n",
        )
    )


def limits(figures: Figures) -> str:
    machine = figures["limits"]
    keys = sum(used for name, used in machine["tables"].items() if name.startswith("key_"))
    rate = machine["rates"]["damerau_levenshtein"]
    whole = sum(machine["tables"].values())
    lines = [
        f"reading: {machine['disk'] / 1e6:,.0f} MB/s off the disk, {machine['cached'] / 1e6:,.0f} "
        f"MB/s from memory; the key tables are {size(keys)} of {size(whole)}",
        f"comparing: damerau_levenshtein {rate / 1e6:.2f} million a second, "
        f"jaro_winkler {machine['rates']['jaro_winkler_similarity'] / 1e6:.2f}",
    ]
    for count, one in figures["verify"].items():
        reading, comparing = one["bytes_asked"] / machine["cached"], 2 * one["pairs"] / rate
        lines.append(
            f"{count:,} requests: {size(one['bytes_asked'])} from memory {reading:.2f} s, "
            f"two names of {one['pairs']:,} pairs {comparing:.2f} s; verified in "
            f"{one['seconds'] / (reading + comparing):.1f} times that"
        )
    return "\n".join(lines) + "\n"


def beside(figures: Figures) -> str:
    head = ["requests", "", "seconds", "processor", "peak", "pairs", "times as long"]
    rows = []
    for count, peer in figures["peer"].items():
        own = figures["verify"][count]
        rows.append([f"{count:,}", "Comity", *_spent(own), f"{own['pairs']:,}", ""])
        for way, one in peer["ways"].items():
            name = f"Splink, {way}"
            if "failed" in one:
                rows.append([f"{count:,}", name, one["failed"], "", "", f"{peer['pairs']:,}", ""])
                continue
            times = f"{one['seconds'] / own['seconds']:.1f}"
            rows.append([f"{count:,}", name, *_spent(one), f"{peer['pairs']:,}", times])
    return _table(head, rows) + "\n"


def _spent(one: Figures) -> list[str]:
    return [f"{one['seconds']:.2f}", f"{one['processor']:.2f}", size(one["peak"])]


def slope(known: Sequence[Figures]) -> str:
    """What a country would take: a straight line through the smallest and the largest size."""
    sizes = sorted(known, key=lambda one: int(one["persons"]))
    low, high = _costs(sizes[0]), _costs(sizes[-1])
    small, large = int(sizes[0]["persons"]), int(sizes[-1]["persons"])
    head = ["", *(f"{one['persons']:,}" for one in sizes), f"{COUNTRY:,}"]
    rows = []
    for name in (name for name in low if name in high):
        kind = size if name.endswith(("memory", "disk")) else "{:.2f}".format
        each = (high[name] - low[name]) / (large - small)
        measured = [kind(_costs(one).get(name, float("nan"))) for one in sizes]
        rows.append([name, *measured, kind(high[name] + each * (COUNTRY - large))])
    text = f"{_table(head, rows)}\n\nThe last column is the line through {small:,} and {large:,}."
    if large * 10 < COUNTRY:
        text += f" A line drawn to {COUNTRY // large:,} times the largest size says little."
    for one in sizes[1:-1]:
        middle, costs = int(one["persons"]), _costs(one)
        part = (middle - small) / (large - small)
        off = [
            f"{name} {low[name] + (high[name] - low[name]) * part:.2f} for {costs[name]:.2f}"
            for name in costs
            if name.endswith("s") and name in low and name in high
        ]
        text += f"\nAt {middle:,} that line says: {', '.join(off)}."
    return text + "\n"


def _costs(figures: Figures) -> dict[str, float]:
    costs = {"build, s": figures["build"]["seconds"], "build, memory": figures["build"]["peak"]}
    costs["index, disk"] = sum(figures["build"]["bytes"].values())
    for count, one in figures["verify"].items():
        costs[f"{int(count):,} requests, s"] = one["seconds"]
        costs[f"{int(count):,} requests, memory"] = one["peak"]
    costs |= {f"single {name}, ms": figures["singles"][name] for name in ("p50", "p99")}
    return costs


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown, in line."""
    cells = [list(head), *(list(row) for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    cells.insert(1, ["-" * width for width in widths])
    lines = (
        " | ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in cells
    )
    return "\n".join(f"| {line} |" for line in lines)


def size(count: float) -> str:
    return f"{count / 2**30:.2f} GiB" if count >= 2**28 else f"{count / 2**20:.0f} MiB"
