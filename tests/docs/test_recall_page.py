"""The page on recalls is run as it stands: the case of January 2026."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.docs.january import make_world
from tests.docs.test_tutorial import ROOT, Command, matches, shell, steps, typed

from comity.demo.officers import PASSPHRASE

PAGE = ROOT / "docs" / "how-to" / "recall-disclosures.md"
__all__ = ["shell"]


def test_the_page_works_as_it_stands(shell: subprocess.Popen[str], tmp_path: Path) -> None:
    make_world(tmp_path / "try")
    typed(shell, f"export COMITY_PASSPHRASE={PASSPHRASE} COMITY_EXCHANGE=exchange")
    done = 0
    for step in steps(PAGE.read_text("utf-8")):
        assert isinstance(step, Command)
        printed, code = typed(shell, step.line)
        assert code == step.exits, f"$ {step.line}\n{printed}"
        assert matches(step.shown, printed), f"$ {step.line}\n{printed}"
        done += 1
    assert done > 20
