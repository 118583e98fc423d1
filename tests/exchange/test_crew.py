"""A batch that several processes work on comes out as one that this process works on alone."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.exchange.office import AGREEMENT_ID, FACTS, PERSON, REQUEST, Office, Row, make_office
from tests.exchange.test_interrupted import ROWS, check_whole, requests

from comity.core.canonical import Json
from comity.core.keys import load_signing_key
from comity.demo.officers import PASSPHRASE
from comity.exchange import crew, judging, looking, submitting
from comity.exchange.crew import Crew, CrewError, processors
from comity.exchange.desk import Desk
from comity.exchange.officers import Credentials
from comity.exchange.opening import open_exchange
from comity.exchange.pseudonyms import Pseudonyms
from comity.request import blocks, digested
from comity.request.csv_rows import CsvForm
from comity.request.intake import Reader, open_batch
from comity.store import acts, cases
from comity.store.tables import askings, engagements
from comity.store.tables import requests as rows_table

READER = Reader(CsvForm(("request_id", "first_name", "last_name")), ())


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every batch is large: two processes, jobs of a few rows, windows of a few jobs."""
    monkeypatch.setattr(looking, "ALONE", 0)
    monkeypatch.setattr(looking, "processors", lambda: 2)
    monkeypatch.setattr(submitting, "CHUNK", 7)
    monkeypatch.setattr(digested, "PIECE", 500)
    monkeypatch.setattr(blocks, "BLOCK", 1_000)
    monkeypatch.setattr(looking, "JOB", 2_000)
    monkeypatch.setattr(judging, "WINDOW", 15)
    yield
    assert subprocess.run(["pgrep", "-P", str(os.getpid()), "-f", "serve"], check=False).returncode


def mixed() -> list[Row]:
    """Sound rows and others, also about one subject."""
    made = requests()
    for number in range(0, ROWS, 5):
        made[number] = dict(made[number], street="NA NA", recipients="nobody;x" + "y" * 70)
    for number in range(3, ROWS, 9):
        made[number] = dict(made[number], first_name="Ignatius", request_id="")
    made[40] = dict(made[40], case_number=made[41]["case_number"])
    made[50] = dict(made[50], first_name="")
    return made


def recorded(office: Office) -> dict[str, list[tuple[object, ...]]]:
    """What the database has of a batch, but for keys, times and what hangs on the exchange."""
    columns = [rows_table.c[name] for name in ("row", "outcome", "rules", "status", "entry")]
    query = rows_table.select().with_only_columns(*columns).order_by(rows_table.c.row)
    with office.exchange.database.reading() as connection:
        keys = office.exchange.keys
        dossiers = []
        for case in cases.cases(connection, "b000001"):
            opened = acts.payload(connection, keys, case.entry)
            made = determination_of(opened)
            del made["at"], made["agreement_digest"], opened["examined_at"], opened["registry"]
            dossiers.append((case.request, str(opened | {"determination": made})))
        officers = connection.execute(engagements.select())
        asked = connection.execute(askings.select())
        return {
            "rows": [tuple(row) for row in connection.execute(query)],
            "officers": sorted((row.row, row.officer) for row in officers),
            "askings": sorted((row.row,) for row in asked),
            "dossiers": dossiers,
        }


def determination_of(opened: dict[str, Json]) -> dict[str, Json]:
    found = opened["determination"]
    assert isinstance(found, dict)
    return dict(found)


def test_it_comes_out_the_same(tmp_path: Path, many: None, monkeypatch: pytest.MonkeyPatch) -> None:
    offices = [make_office(tmp_path / name, PERSON) for name in ("many", "alone")]
    made = []
    for office in offices:
        made.append(office.submit(*mixed()))
        monkeypatch.setattr(looking, "ALONE", 1 << 40)
    assert made[0].counts == made[1].counts
    with_many, alone = map(recorded, offices)
    for what, rows in alone.items():
        assert with_many[what] == rows, what
        assert rows
    for office in offices:
        check_whole(office)
        office.exchange.close()


def test_it_is_worked_on_in_jobs_and_windows(office: Office, many: None) -> None:
    with open_batch(office.write(*mixed()), facts=FACTS) as file:
        jobs = list(looking.jobs_of(file))
    assert len(jobs) > 6
    assert len({id(block) for job in jobs for block in job}) > 12


def test_what_is_derived_from_a_person_has_one_name(office: Office, many: None) -> None:
    """Handles, subjects and cases in the database are the exchange's pseudonyms."""
    office.submit(*requests(9))
    with office.exchange.database.reading() as connection:
        for number in range(1, 10):
            handle = office.exchange.pseudonym("request", f"R{number}")
            assert cases.rows_of_handle(connection, "b000001", handle) == [number]
        matters = set(cases.subjects_by_matter(connection, "b000002", "9"))
    assert matters == {
        office.exchange.pseudonym("matter", f"FD2025{number:06d}") for number in range(1, 10)
    }


@pytest.mark.parametrize("stop_after", [1, 3])
def test_ctrl_c_and_on(office: Office, many: None, stop_after: int) -> None:
    batch = office.write(*mixed())
    manifest = office.sign(batch)
    seen = 0

    def interrupt(stage: str, _done: int, _total: int) -> None:
        nonlocal seen
        seen += stage == "judging"
        if seen == stop_after:
            raise KeyboardInterrupt

    who = office.credentials(office.cast.preparer)
    with pytest.raises(KeyboardInterrupt), office.exchange.writing():
        submitting.submit(
            office.exchange, batch, AGREEMENT_ID, who, manifest_path=manifest, progress=interrupt
        )
    with office.exchange.database.reading() as connection:
        assert cases.judged_rows(connection, "b000001") == 7 * stop_after
    office.hand_in(batch, manifest)
    check_whole(office)


def _submit(exchange: str, batch: str, manifest: str, preparer: tuple[str, str]) -> None:
    one = open_exchange(Path(exchange))
    who = Credentials(preparer[0], load_signing_key(Path(preparer[1]), lambda: PASSPHRASE))
    with one.writing():
        submitting.submit(one, Path(batch), AGREEMENT_ID, who, manifest_path=Path(manifest))


def test_killed_with_a_crew(office: Office, many: None) -> None:
    """SIGKILL leaves no process behind, and nothing half."""
    batch = office.write(*mixed())
    manifest = office.sign(batch)
    preparer = (office.cast.preparer, str(office.cast.signing_key(office.cast.preparer)))
    left: list[int] = []
    for delay in (0.4, 0.8, 1.2, 1.6, 2.0):
        process = multiprocessing.get_context("fork").Process(
            target=_submit,
            args=(str(office.exchange.directory), str(batch), str(manifest), preparer),
        )
        process.start()
        process.join(delay)
        left += _children(process.pid)
        if process.is_alive() and process.pid is not None:
            os.kill(process.pid, signal.SIGKILL)
        process.join()
    assert left
    until = time.monotonic() + 30
    while any(map(_is_there, left)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(map(_is_there, left))
    office.hand_in(batch, manifest)
    check_whole(office)


def _children(parent: int | None) -> list[int]:
    found = subprocess.run(["pgrep", "-P", str(parent)], capture_output=True, check=False)
    return [int(line) for line in found.stdout.split()]


def _is_there(process: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return False


def test_a_worker_that_is_gone_is_told_and_the_batch_goes_on(
    office: Office, many: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = office.write(*mixed())
    manifest = office.sign(batch)
    with monkeypatch.context() as patch:
        look_through = looking.look_through

        def then_kill(*arguments: object) -> object:
            found = look_through(*arguments)  # type: ignore[arg-type]
            for worker in arguments[1]._others:  # type: ignore[attr-defined]
                worker._process.kill()
            return found

        patch.setattr(submitting, "look_through", then_kill)
        with pytest.raises(CrewError, match="run the same command again"):
            office.hand_in(batch, manifest)
    office.hand_in(batch, manifest)
    check_whole(office)


class _Failing(Desk):
    """A desk at which nothing works, and whose errors would tell of a person."""

    def survey(self, blocks: object) -> object:  # type: ignore[override]
        raise ValueError("Rosalind Quartermain")


def test_an_error_at_a_desk_is_told_without_what_it_says() -> None:
    with Crew(1, _Failing(READER, Pseudonyms(b"k"))) as one:
        with pytest.raises(CrewError, match="ValueError") as told:
            one.workers[0].ask(Desk.survey, []).result()
        assert "Rosalind" not in str(told.value)


def test_a_worker_does_in_order_what_it_is_asked() -> None:
    with Crew(1, Desk(READER, Pseudonyms(b"k"))) as one:
        block = blocks.Block(2, b"r1,A,B\nr2,C,D")
        asked: list[Future[object]] = [
            one.workers[0].ask(Desk.survey, [block] * n) for n in range(4)
        ]
        assert [a.result().rows.num_rows for a in asked] == [0, 2, 4, 6]  # type: ignore[attr-defined]


def test_the_passphrase_is_not_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMITY_PASSPHRASE", "secret")
    assert "secret" not in crew._environment().values()
    assert processors() >= 1


def test_the_clock_is_the_exchanges(office: Office, many: None) -> None:
    office.clock.moment = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)
    office.submit(REQUEST)
    with office.exchange.database.reading() as connection:
        (case,) = cases.cases(connection, "b000001")
        opened = acts.payload(connection, office.exchange.keys, case.entry)
    assert str(determination_of(opened)["at"]) < case.at
