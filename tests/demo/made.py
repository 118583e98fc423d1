"""What the fixtures of these tests give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from comity.demo.report import Report
from comity.demo.world import Truth, World

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@dataclass(frozen=True)
class MadeWorld:
    """A made world and what is so about its rows."""

    world: World
    truth: Mapping[int, Truth]


@dataclass(frozen=True)
class Run:
    """A whole demonstration, what it told on the way, and where it stands."""

    directory: Path
    report: Report
    stages: tuple[str, ...]
    truth: Mapping[int, Truth]
