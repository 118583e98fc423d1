"""An office at work, killed again and again while an outsider watches (benchmarks/kills.py).

On SQLite; with COMITY_TEST_DATABASE on another database, which must be empty before each test."""

from __future__ import annotations

import os
from pathlib import Path

from benchmarks.kills import ACTS, run

DATABASE = os.environ.get("COMITY_TEST_DATABASE", "sqlite")


def test_killed_at_instants_that_nobody_chose(tmp_path: Path) -> None:
    found = run(tmp_path / "office", kills=40, seed=1, every=None, database=DATABASE)
    assert found.kills == 40
    assert found.acknowledged > 15
    assert found.seen > 15
    assert {"submit", "disclose"} <= set(found.killed_at)


def test_killed_at_steps_all_along_a_job(tmp_path: Path) -> None:
    """Every SQL statement, commit and file operation is a step; here every thirtieth of them."""
    found = run(tmp_path / "office", kills=40, seed=1, every=(3, 30), database=DATABASE)
    assert found.kills > 10
    assert set(found.killed_at) == set(ACTS)
