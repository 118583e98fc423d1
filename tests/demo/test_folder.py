"""The demonstration replaces nothing but what a demonstration made."""

from __future__ import annotations

from pathlib import Path

import pytest

from comity.core.errors import UsageError
from comity.demo.folder import prepare


def test_a_second_one_says_what_to_do_and_changes_nothing(tmp_path: Path) -> None:
    folder = prepare(tmp_path / "demo", force=False)
    folder.page.write_text("a page")
    with pytest.raises(UsageError, match="--force") as caught:
        prepare(tmp_path / "demo", force=False)
    assert str(tmp_path / "demo") in caught.value.message
    assert folder.page.read_text() == "a page"


def test_one_that_was_stopped_on_its_way_begins_anew(tmp_path: Path) -> None:
    folder = prepare(tmp_path / "demo", force=False)
    folder.log.mkdir(parents=True)
    prepare(tmp_path / "demo", force=False)
    assert not folder.exchange.exists()


def test_force_replaces_a_demonstration(tmp_path: Path) -> None:
    folder = prepare(tmp_path / "demo", force=False)
    folder.page.write_text("a page")
    folder.log.mkdir(parents=True)
    (folder.log / "checkpoint").write_text("old")
    prepare(tmp_path / "demo", force=True)
    assert not folder.page.exists()
    assert not folder.exchange.exists()


def test_force_never_removes_what_it_did_not_make(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(UsageError, match="no demonstration"):
        prepare(tmp_path, force=True)
    demo = prepare(tmp_path / "demo", force=False)
    (demo.path / "notes.txt").write_text("mine")
    demo.page.write_text("a page")
    with pytest.raises(UsageError, match="more than the demonstration"):
        prepare(demo.path, force=True)
    assert (demo.path / "notes.txt").read_text() == "mine"
    assert demo.page.exists()
    assert (tmp_path / "thesis.txt").exists()


def test_a_link_is_removed_and_not_what_it_leads_to(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("kept")
    demo = prepare(tmp_path / "demo", force=False)
    demo.world.symlink_to(elsewhere, target_is_directory=True)
    prepare(demo.path, force=True)
    assert (elsewhere / "kept").read_text() == "kept"
    assert not demo.world.exists()


def test_a_file_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("")
    with pytest.raises(UsageError, match="is a file"):
        prepare(tmp_path / "demo", force=True)
