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
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("record", "record_many")
            ):
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    found.add(str(first.value))
                elif ast.unparse(first) == "OFFICE_ACT":
                    found.add(OFFICE_ACT)
                else:
                    found |= handed_in(tree, node, ast.unparse(first))
    return found


def handed_in(tree: ast.Module, call: ast.Call, name: str) -> set[str]:
    """The types that callers of the function around `call` give for its parameter `name`."""
    (around,) = (
        one for one in tree.body if isinstance(one, ast.FunctionDef) and call in ast.walk(one)
    )
    place = [parameter.arg for parameter in around.args.args].index(name)
    given = [
        node.args[place]
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == around.name
    ]
    assert given
    assert all(isinstance(one, ast.Constant) for one in given)
    return {ast.literal_eval(one) for one in given}


def test_every_type_of_entry_is_documented() -> None:
    page = (ROOT / "docs/reference/log.md").read_text("utf-8")
    rows = [line for line in page.splitlines() if re.match(r"\| `[a-z]+\.[a-z_]+`", line)]
    documented = {
        name for row in rows for name in re.findall(r"`([a-z]+\.[a-z_]+)`", row.split("|")[1])
    }
    assert documented == written()
