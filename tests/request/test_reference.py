"""The reference of requests names every column, and the limits that the code holds."""

from pathlib import Path

from comity.request.blocks import MAX_LINE
from comity.request.cells import MAX_CELL, MAX_LIST, MAX_REASON
from comity.request.csv_rows import MAX_RECORD_LINES
from comity.request.intake import CHUNK
from comity.request.model import COLUMNS

PAGE = (Path(__file__).parents[2] / "docs/reference/requests.md").read_text("utf-8")


def test_every_column_is_documented() -> None:
    cells = [line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `")]
    named = {name.strip(" `") for cell in cells for name in cell.split(",")}
    assert set(COLUMNS) <= named


def test_the_limits_are_those_of_the_code() -> None:
    for limit in (MAX_CELL, MAX_REASON, MAX_LIST, MAX_LINE, CHUNK):
        assert f"{limit:,}" in PAGE
    assert f"{MAX_RECORD_LINES} further\nlines" in PAGE
