"""Worlds and one whole run, made once for all of these tests."""

from __future__ import annotations

import pytest
from tests.demo.made import NOW, MadeWorld, Run

from comity.core.clock import FixedClock
from comity.demo.run import run_demo
from comity.demo.world import make_world, read_truth


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> MadeWorld:
    """A batch large enough for the limits that count over the whole of it."""
    world = make_world(
        tmp_path_factory.mktemp("office"), today=NOW.date(), persons=6_500, requests=3_000
    )
    return MadeWorld(world, read_truth(world.truth))


@pytest.fixture(scope="session")
def lawful_office(tmp_path_factory: pytest.TempPathFactory) -> MadeWorld:
    """A batch of which nearly every row is lawful, for what only those come to."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("comity.demo.world.LAWFUL_SHARE", 0.98)
        world = make_world(
            tmp_path_factory.mktemp("lawful"), today=NOW.date(), persons=10_500, requests=3_000
        )
    return MadeWorld(world, read_truth(world.truth))


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A small demonstration, the whole way."""
    directory = tmp_path_factory.mktemp("run") / "demo"
    stages: dict[str, None] = {}
    report = run_demo(
        directory,
        persons=1_500,
        requests=400,
        clock=FixedClock(NOW),
        progress=lambda stage, _done, _total: stages.setdefault(stage),
    )
    return Run(directory, report, tuple(stages), read_truth(directory / "world" / "truth.parquet"))
