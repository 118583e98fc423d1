"""The page on looking people up from Python runs as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "look-people-up-in-python.md"
PERSONS = """person_id,tin,first_name,last_name,date_of_birth,street,city,state,postal_code
P1,219011111,Rosa,Lindqvist,1971-03-09,12 Oak St,Peoria,IL,61601
P2,219011112,Bob,Quimby,1980-01-01,9 Elm Ave,Peoria,IL,61602
"""
PEOPLE = """id,given,family,addr,town,zip
a,Rosa,Lindqvist,12 Oak Street,Peoria,61601
b,Bobby,Nobody,1 Nowhere Rd,Peoria,61602
"""


def test_the_page_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "persons.csv").write_text(PERSONS)
    (tmp_path / "people.csv").write_text(PEOPLE)
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert len(blocks) == 2
    scope: dict[str, object] = {}
    for block in blocks:
        exec(block, scope)
    certain = (tmp_path / "certain.csv").read_text().splitlines()
    assert len(certain) == 2
    assert certain[1].startswith('"a","confirmed","P1",')
    assert "One person agrees" in capsys.readouterr().out
