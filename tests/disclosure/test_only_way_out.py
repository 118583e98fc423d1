"""Deny by default, in the code: one module reads disclosable items, for releases of one gate."""

from __future__ import annotations

import ast
from pathlib import Path

import grimp
import pytest

import comity
from comity.disclosure.items import ItemVault
from comity.disclosure.mailing import Mailing
from comity.disclosure.release import Release

SOURCE = Path(comity.__file__).parent
ITEMS = "comity.disclosure.items"


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("comity", cache_dir=None)


def test_who_imports_the_reader_of_items(graph: grimp.ImportGraph) -> None:
    """Disclosing alone gets items out; letters of an incident get an address for the envelope, and
    a recall asks whether what went out is still what the record says."""
    assert graph.find_modules_that_directly_import(ITEMS) == {
        "comity.exchange.disclosing",
        "comity.exchange.letters",
        "comity.exchange.rematching",
    }


def test_each_of_them_asks_for_its_own_alone() -> None:
    asked = {
        name: _names(SOURCE / "exchange" / f"{name}.py")
        & {"read", "mailing_addresses", "still_given"}
        for name in ("disclosing", "letters", "rematching")
    }
    assert asked == {
        "disclosing": {"read"},
        "letters": {"mailing_addresses"},
        "rematching": {"still_given"},
    }


def test_nothing_before_disclosure_leads_to_it(graph: grimp.ImportGraph) -> None:
    stations = (
        *("core", "agreement", "request", "examination", "identity"),
        *("determination", "review", "ledger", "oversight", "store"),
    )
    for station in stations:
        chains = graph.find_shortest_chains(f"comity.{station}", "comity.disclosure")
        assert not chains, (station, chains)


def _names(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    found = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    found |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    found |= {a.name for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) for a in n.names}
    strings = (n.value for n in ast.walk(tree) if isinstance(n, ast.Constant))
    return found | {text for text in strings if isinstance(text, str)}


def test_the_items_file_is_named_by_its_writer_and_its_reader_alone() -> None:
    touching = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if _names(path) & {"ITEMS", "ITEMS_TABLE", "items_path", "items.duckdb"}
    }
    allowed = {"identity/storage.py", "identity/index.py", "disclosure/items.py"}
    assert touching == allowed, touching ^ allowed


def test_a_release_is_made_by_the_gate_alone() -> None:
    with pytest.raises(ValueError, match="made by"):
        Release("b000001/1", "P1", ("inv-01",), object())
    assert _makers("Release") == {"disclosure/release.py"}


def test_leave_for_letters_is_made_by_its_gate_alone() -> None:
    with pytest.raises(ValueError, match="made by"):
        Mailing("i000001", ("P1",), object())
    assert _makers("Mailing") == {"disclosure/mailing.py"}


def _makers(kind: str) -> set[str]:
    return {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == kind
    }


def test_what_looks_like_a_release_opens_nothing() -> None:
    class Lookalike:
        request, person_id, recipients = "b000001/1", "P1", ("inv-01",)

    vault = ItemVault.__new__(ItemVault)
    with pytest.raises(TypeError, match="releases only"):
        vault.read([Lookalike()], [])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="letters"):
        vault.mailing_addresses(Lookalike())  # type: ignore[arg-type]
