"""The reference of the log names every type of entry that the code writes, and no other."""

import ast
import re
from pathlib import Path

from comity.exchange.record import OFFICE_ACT

ROOT = Path(__file__).parents[2]


def written() -> set[str]:
    """The types that the exchange records, from its code."""
    found: set[str] = set()
    for path in (ROOT / "src/comity/exchange").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("record", "record_many")
            ):
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    found.add(str(first.value))
                else:
                    assert isinstance(first, ast.Name) and first.id == "OFFICE_ACT"
                    found.add(OFFICE_ACT)
    return found


def test_every_type_of_entry_is_documented() -> None:
    page = (ROOT / "docs/reference/log.md").read_text("utf-8")
    rows = [line for line in page.splitlines() if re.match(r"\| `[a-z]+\.[a-z_]+`", line)]
    documented = {
        name for row in rows for name in re.findall(r"`([a-z]+\.[a-z_]+)`", row.split("|")[1])
    }
    assert documented == written()
