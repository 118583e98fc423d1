"""`import comity` as people who program against it meet it."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.examination.desk import row
from tests.exchange.office import AGREEMENT, PERSON, write_csv

import comity
from comity.core.outcome import Outcome
from comity.determination.stay import Reach
from comity.identity.source import COLUMNS as PERSON_COLUMNS

AT = datetime(2026, 3, 2, tzinfo=UTC)


def test_a_request_from_examination_to_determination(tmp_path: Path) -> None:
    agreement = comity.Agreement.load(AGREEMENT)
    requests = [row(), row(2, request_id="R2", case_number="X-2", street="NA NA")]
    findings = comity.examine(agreement, requests, comity.Circumstances(at=AT))
    source = write_csv(tmp_path / "registry.csv", PERSON_COLUMNS, [PERSON])
    comity.Registry.build(source, tmp_path / "index")
    with comity.Registry.open(tmp_path / "index") as registry:
        (match,) = comity.verify(registry, requests[:1], agreement.identity)
    assert match.person_id == "P1"
    made = [
        comity.determine(agreement, "sha256:…", Reach(agreement.id, "b1", n), found, m, (), AT)
        for n, (found, m) in enumerate(zip(findings, (match, None), strict=True), 1)
    ]
    assert [one.outcome for one in made] == [Outcome.READY, Outcome.RETURNED]


def test_every_name_is_there() -> None:
    assert all(getattr(comity, name) for name in comity.__all__)
    assert set(comity.__all__) <= set(dir(comity))


def test_importing_it_loads_no_engine() -> None:
    code = "import comity, sys; sys.exit('duckdb' in sys.modules or 'sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
