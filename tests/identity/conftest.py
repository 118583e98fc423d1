"""Small made-up registries for the tests of the identity check."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest

from comity.identity.registry import Registry
from comity.identity.source import COLUMNS

Row = Mapping[str, str]
BuildIndex = Callable[[Iterable[Row]], Path]


def write_source(rows: Iterable[Row], path: Path) -> Path:
    """Rows as a CSV source; columns that a row lacks are empty."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, COLUMNS, restval="")
        out.writeheader()
        out.writerows(rows)
    return path


@pytest.fixture
def build_index(tmp_path: Path) -> BuildIndex:
    """Builds an index of some rows and says where it is."""

    def build(rows: Iterable[Row]) -> Path:
        Registry.build(write_source(rows, tmp_path / "source.csv"), tmp_path / "index")
        return tmp_path / "index"

    return build
