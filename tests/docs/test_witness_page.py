"""The page on witnessing a log is run as it stands, against a published log and a forked one."""

from __future__ import annotations

from pathlib import Path

from tests.docs.test_tutorial import Command, matches, shell, steps, typed
from tests.exchange.servers import serving
from tests.ledger.conftest import SIGNER, publish_log
from tests.ledger.test_fork import forked_log

__all__ = ["shell"]

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "witness-a-log.md"


def test_the_page_works_as_it_stands(shell: object, tmp_path: Path) -> None:
    log = publish_log(tmp_path / "published", 300)
    other = forked_log(tmp_path / "forked", 200, 500)
    done = 0
    with serving(log) as published, serving(other) as forked:
        places = {
            "LOG_KEY": str(SIGNER.verifier),
            "https://log.example": published,
            "https://forked.example": forked,
        }
        for step in steps(PAGE.read_text("utf-8")):
            assert isinstance(step, Command)
            line = step.line
            for name, place in places.items():
                if name != "LOG_KEY" or "--log-key" in line or "trust" in line:
                    line = line.replace(name, place)
            printed, code = typed(shell, line)  # type: ignore[arg-type]
            if "forked" not in step.line and not step.line.startswith("comity witness show w"):
                assert code == step.exits, f"$ {line}\n{printed}"
            assert matches(step.shown, printed), f"$ {line}\n{printed}"
            done += 1
    assert done == 8
