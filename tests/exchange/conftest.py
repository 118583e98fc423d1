"""An office with one certain person, for the tests of the exchange."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.exchange.office import PERSON, Office, make_office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An office whose registry holds PERSON."""
    made = make_office(tmp_path / "office", PERSON)
    yield made
    made.exchange.close()
