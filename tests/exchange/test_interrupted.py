"""Stopped anywhere, the exchange is whole, and the same command again finishes without doubling."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from benchmarks.crash_disk import Disk, KilledError
from tests.exchange.office import AGREEMENT_ID, PERSON, REASON, REQUEST, Office, Row, make_office

from comity.core.errors import ConflictError
from comity.core.keys import load_signing_key
from comity.demo.officers import PASSPHRASE
from comity.exchange import parties, reviewing, submitting
from comity.exchange.officers import Credentials
from comity.exchange.opening import Exchange, Settings, create, open_exchange
from comity.exchange.verifying import verify_log
from comity.review.decision import Verdict
from comity.store import acts, cases

ROWS = 60


def requests(count: int = ROWS) -> list[Row]:
    return [
        dict(
            REQUEST,
            request_id=f"R{n}",
            case_number=f"FD-2025-{n:06d}",
            reason=f"{REQUEST['reason']} {word(n)}",
        )
        for n in range(1, count + 1)
    ]


def word(number: int) -> str:
    """A word of letters alone, a different one each."""
    return "".join(chr(ord("a") + int(digit)) for digit in f"{number:04d}") + "ing"


def check_whole(office: Office, rows: int = ROWS) -> None:
    """Every row determined once, and the public log adds up."""
    verified = verify_log(office.exchange.directory / "log", office.exchange.log_verifier_key)
    with office.exchange.database.reading() as connection:
        assert cases.judged_rows(connection, "b000001") == rows
        assert acts.entry_count(connection) == verified.checkpoint.size
    assert verified.types["request.determined"] == rows
    assert verified.types["batch.received"] == verified.types["batch.judged"] == 1


@pytest.mark.parametrize("stop_after", [1, 2, 3])
def test_ctrl_c_in_the_middle_of_submit(
    office: Office, monkeypatch: pytest.MonkeyPatch, stop_after: int
) -> None:
    monkeypatch.setattr(submitting, "CHUNK", 20)
    batch = office.write(*requests())
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
    made = office.hand_in(batch, manifest)
    assert (made.batch, made.rows) == ("b000001", ROWS)
    check_whole(office)
    again = office.hand_in(batch, manifest)
    assert again.already
    assert again.counts == made.counts
    check_whole(office)


def test_continued_later_it_is_judged_as_of_when_it_came(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Training that runs out in between changes nothing for the rows that were left."""
    monkeypatch.setattr(submitting, "CHUNK", 20)
    batch = office.write(*requests())
    manifest = office.sign(batch)

    def interrupt(stage: str, _done: int, _total: int) -> None:
        if stage == "judging":
            raise KeyboardInterrupt

    who = office.credentials(office.cast.preparer)
    with pytest.raises(KeyboardInterrupt), office.exchange.writing():
        submitting.submit(
            office.exchange, batch, AGREEMENT_ID, who, manifest_path=manifest, progress=interrupt
        )
    roster = office.folder / "requester-2.yaml"
    text = office.cast.requester_roster.read_text().replace("version: 1", "version: 2", 1)
    roster.write_text(text.replace("training_expires: 2026-09-18", "training_expires: 2025-01-01"))
    assert roster.read_text().count("training_expires: 2025-01-01") > 50
    with office.exchange.writing():
        head = office.credentials(office.cast.requester_head)
        parties.add_roster(office.exchange, roster, head)
    office.hand_in(batch, manifest)
    assert set(office.rules()) == {office.rules()[0]}


def _submit(exchange: str, batch: str, manifest: str, preparer: tuple[str, str]) -> None:
    """In a process of its own: rows in small chunks, with a breath after each."""
    submitting.CHUNK = 5
    one = open_exchange(Path(exchange))
    who = Credentials(preparer[0], load_signing_key(Path(preparer[1]), lambda: PASSPHRASE))
    with one.writing():
        submitting.submit(
            one,
            Path(batch),
            AGREEMENT_ID,
            who,
            manifest_path=Path(manifest),
            progress=lambda *_: time.sleep(0.02),
        )


def test_killed_again_and_again(office: Office) -> None:
    """SIGKILL at moments that nobody chose: every row stands once, and the log adds up."""
    batch = office.write(*requests())
    manifest = office.sign(batch)
    preparer = (office.cast.preparer, str(office.cast.signing_key(office.cast.preparer)))
    context = multiprocessing.get_context("fork")
    kills = 0
    for delay in (0.15, 0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7):
        process = context.Process(
            target=_submit,
            args=(str(office.exchange.directory), str(batch), str(manifest), preparer),
        )
        process.start()
        process.join(delay)
        if process.is_alive() and process.pid is not None:
            os.kill(process.pid, signal.SIGKILL)
            kills += 1
        process.join()
    assert kills
    office.hand_in(batch, manifest)
    check_whole(office)


def test_two_processes_do_not_work_on_one_exchange(office: Office) -> None:
    with office.exchange.writing():
        other = open_exchange(office.exchange.directory)
        with pytest.raises(ConflictError, match="Another comity process"), other.writing():
            pass
        other.close()
    with office.exchange.writing():
        pass


def test_a_full_disk_leaves_the_exchange_whole(office: Office) -> None:
    """A limit on file sizes stands in for the full disk: the same errors, without root's rights."""
    batch = office.write(*requests())
    office.sign(batch)
    command = [
        *(sys.executable, "-c", "from comity.cli.main import main; main()", "submit", str(batch)),
        *("--agreement", AGREEMENT_ID, "--exchange", str(office.exchange.directory)),
        *("--as", office.cast.preparer),
        *("--key", str(office.cast.signing_key(office.cast.preparer))),
    ]
    size = max(p.stat().st_size for p in office.exchange.directory.glob("comity.db*"))
    environment = dict(os.environ, COMITY_PASSPHRASE=PASSPHRASE)
    full = subprocess.run(
        command,
        capture_output=True,
        text=True,
        env=environment,
        preexec_fn=lambda: _limit(size + 20_000),
        check=False,
    )
    assert full.returncode in (1, 2), full.stderr
    assert "Traceback" not in full.stderr
    assert full.stderr.startswith("comity: ")
    assert "disk" in full.stderr or "full" in full.stderr, full.stderr
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    check_whole(office)


def _limit(size: int) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_a_crash_between_the_transaction_and_the_files_is_mended(office: Office) -> None:
    """The database knows of a package that the folder lacks, and of entries that no tile holds."""
    office.submit(REQUEST)
    office.decide(Verdict.APPROVE, "b000001/1")
    office.disclose()
    (package,) = office.exchange.package_path.iterdir()
    content = package.read_bytes()
    package.unlink()
    with office.exchange.recording() as recorder:
        recorder.record("attempt.refused", {})
    with office.exchange.writing():
        pass
    assert package.read_bytes() == content
    verify_log(office.exchange.directory / "log", office.exchange.log_verifier_key)


def test_a_disclosure_killed_before_its_files_is_finished_by_the_same_command(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.submit(REQUEST)
    office.decide(Verdict.APPROVE, "b000001/1")
    publish, calls = type(office.exchange).publish, 0

    def stop(exchange: Exchange) -> bool:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise KeyboardInterrupt
        return publish(exchange)

    monkeypatch.setattr(type(office.exchange), "publish", stop)
    with pytest.raises(KeyboardInterrupt):
        office.disclose("b000001")
    assert not office.exchange.package_path.exists()
    monkeypatch.undo()
    (closed,) = office.disclose("b000001")
    assert (closed.answers, closed.packages, closed.released) == (1, ("b000001-p0001",), True)
    assert (office.exchange.package_path / "b000001-p0001.comity").exists()
    with pytest.raises(ConflictError, match="none goes out twice"):
        office.disclose("b000001")


def test_a_failing_act_leaves_no_entry(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.submit(REQUEST)
    with office.exchange.database.reading() as connection:
        before = acts.entry_count(connection)
    monkeypatch.setattr(cases, "insert", _fail)
    with pytest.raises(OSError, match="made up"), office.exchange.writing():
        reviewing.decide(
            office.exchange,
            Verdict.APPROVE,
            {"b000001/1": REASON},
            office.credentials("irs-disclosure-1"),
        )
    with office.exchange.database.reading() as connection:
        assert acts.entry_count(connection) == before
        assert cases.verdicts(connection, "b000001") == {}


def _fail(*_: object) -> None:
    raise OSError("made up")


def test_the_same_file_again_is_the_same_batch(office: Office) -> None:
    batch = office.write(REQUEST)
    manifest = office.sign(batch)
    first, second = office.hand_in(batch, manifest), office.hand_in(batch, manifest)
    assert (second.batch, second.already, second.counts) == (first.batch, True, first.counts)


def test_a_file_sent_unsigned_can_be_sent_again_signed(office: Office) -> None:
    batch = office.write(REQUEST)
    office.hand_in(batch, None)
    assert set(office.rules()[0]) == {"signatory.authority", "use.attested"}
    office.hand_in(batch, office.sign(batch))
    assert office.outcomes("b000002") == ["ready"]


def test_a_replayed_file_is_returned(office: Office) -> None:
    """Signed anew, the file is another batch, but its rows were taken up before."""
    batch = office.write(REQUEST)
    manifest = office.sign(batch)
    office.hand_in(batch, manifest)
    office.decide(Verdict.APPROVE, "b000001/1")
    office.disclose()
    manifest.unlink()
    office.hand_in(batch, office.sign(batch))
    assert office.outcomes("b000002") == ["returned"]
    assert office.rules("b000002") == [("request.unique",)]


def test_an_open_request_is_not_asked_again_in_another_batch(office: Office) -> None:
    office.submit(REQUEST)
    office.submit(dict(REQUEST, request_id="R77"))
    assert office.rules("b000002") == [("request.unique",)]


def test_an_exchange_whose_making_was_killed_anywhere_is_made_again(tmp_path: Path) -> None:
    """Also between the file of a key and what stands in it."""
    named = Settings("us-irs", "us-ice", "log.example/x")
    for stop in range(1_000):
        disk = Disk(tmp_path / str(stop))
        disk.root.mkdir()
        disk.stop = stop
        with disk.recorded():
            try:
                create(disk.root, named).close()
            except KilledError:
                pass
            else:
                break
        stands = (disk.root / "exchange.json").exists()
        made = open_exchange(disk.root) if stands else create(disk.root, named)
        with made.writing():
            pass
        found = verify_log(made.directory / "log", made.log_verifier_key)
        assert found.types == {"exchange.opened": 1}
        made.close()
    assert stop > 60


def test_an_office_without_a_registry_says_what_to_type(tmp_path: Path) -> None:
    office = make_office(tmp_path)
    with pytest.raises(Exception, match="comity registry build"):
        office.submit(REQUEST)
    assert not PERSON.get("missing")
