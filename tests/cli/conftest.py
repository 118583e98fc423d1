"""A shell, and an office whose registry holds PERSON."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.cli.shell import Shell
from tests.exchange.office import PERSON, Office, make_office

from comity.demo.officers import PASSPHRASE


@pytest.fixture
def comity(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Runs commands; officers' key files open with the tests' passphrase."""
    monkeypatch.setenv("COMITY_PASSPHRASE", PASSPHRASE)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("COMITY_EXCHANGE", raising=False)
    return Shell(capsys)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """An office since yesterday; its exchange is closed, for the commands to open."""
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    made = make_office(tmp_path / "office", PERSON, at=midnight - timedelta(days=1))
    made.exchange.close()
    return made
