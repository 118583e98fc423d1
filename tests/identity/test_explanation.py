"""docs/explanation/identity.md says of every doubt what the code says of it."""

from __future__ import annotations

from pathlib import Path

from comity.identity import doubts
from comity.identity.doubts import Doubt
from comity.identity.keys import CAP

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "identity.md"
TABLES = ("GIVEN", "FAMILY", "MIDDLE", "SUFFIX", "ORDER", "HOUSE", "STREET", "UNIT", "AREA")


def test_every_doubt_stands_on_the_page_with_its_weight() -> None:
    rows = [line.strip("| \n").split(" | ") for line in PAGE.read_text("utf-8").splitlines()]
    written = {row[0]: row[1] for row in rows if len(row) == 3}
    for table in (*TABLES, "DATE", "NUMBER"):
        for doubt, words in getattr(doubts, table).values():
            if doubt is not Doubt.NO_DOUBT:
                assert written.get(words) == doubt.name.lower(), words


def test_the_cap_is_the_one_on_the_page() -> None:
    assert f"more than {CAP} persons" in PAGE.read_text("utf-8")
