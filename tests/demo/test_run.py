"""The whole way on a small office: what must hold of any demonstration, whatever its size."""

from __future__ import annotations

import csv
import json
import os
import shlex
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from tests.demo.made import Run

from comity.cli.main import run_words
from comity.core.errors import LedgerError, UsageError
from comity.core.keys import load_encryption_key
from comity.demo.officers import PASSPHRASE
from comity.demo.run import run_demo
from comity.exchange import status
from comity.exchange.opening import open_exchange
from comity.exchange.receiving import open_file
from comity.exchange.verifying import verify_log

EXPECTED_CODES = {"examine": 1, "ledger verify log-tampered": 1}
"""Commands of the README that find something wrong; every other one ends with 0."""


def test_comity_answers_no_unlawful_request_and_nobody_elses_address(run: Run) -> None:
    now = run.report.now
    assert now.answers > 20
    assert (now.unlawful, now.wrong_person) == (0, 0)
    assert now.right == now.answers == run.report.course.disclosed
    assert now.due_answered / now.due > 0.7  # officers deny some of those that are flagged


def test_the_procedure_of_2025_answers_what_it_must_not(run: Run) -> None:
    then = run.report.then
    assert then.answers > run.report.now.answers
    assert then.unlawful > then.answers / 2
    assert then.wrong_person > 0


def test_what_went_out_is_an_address_of_the_person_meant(run: Run) -> None:
    """Looked at from the recipients' side: the packages as files, opened with their keys."""
    homes: dict[str, set[tuple[str, str]]] = {}
    with (run.directory / "world" / "registry.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            homes.setdefault(row["person_id"], set()).add((row["street"], row["postal_code"]))
    rows = set()
    holder_key = (run.directory / "exchange" / "package.key").read_text().strip()
    with closing(open_exchange(run.directory / "exchange")) as exchange:
        made = status.packages(exchange)
    for package in made:
        assert (run.directory / "opened" / f"{package.id}.receipt.json").exists()
        key = run.directory / "world" / "keys" / f"{package.recipient}.enc.pem"
        arrived = open_file(
            run.directory / "exchange" / "packages" / f"{package.id}.comity",
            load_encryption_key(key, lambda: PASSPHRASE),
            holder_key,
        )
        for answer in arrived.answers:
            truth = run.truth[int(str(answer["request"]).partition("/")[2])]
            assert truth.lawful
            items = answer["items"]
            assert isinstance(items, dict)
            found = items["last_known_address"]
            assert (found["street"], found["postal_code"]) in homes[str(truth.person_id)]
            rows.add(truth.row)
    assert len(rows) == run.report.course.disclosed


def test_the_counts_reconcile(run: Run) -> None:
    course, report = run.report.course, run.report
    assert course.received == 400 == sum(report.statuses.values())
    assert course.sound == course.not_certain + course.held + course.ready
    assert course.disclosed == course.ready + course.held_approved
    assert report.statuses == {
        "pending": 0,
        "returned": course.returned,
        "refused": course.refused,
        "not_verified": course.not_verified,
        "disclosed": course.disclosed,
    }
    with (run.directory / "answers.csv").open(encoding="utf-8", newline="") as file:
        answers = Counter(row["outcome"] for row in csv.DictReader(file))
    assert answers == +Counter(dict(report.statuses))
    lawful = sum(truth.lawful for truth in run.truth.values())
    assert course.sound == lawful
    types = report.log.types
    assert types["request.determined"] == 400
    assert types["request.answered"] == course.disclosed + course.not_verified
    assert types["package.made"] == types["package.received"] == report.delivery.packages
    assert types["attempt.refused"] == 1
    assert sum(types.values()) == report.log.size


def test_a_stay_halts_everything_until_it_is_lifted(run: Run) -> None:
    stay = run.report.stay
    assert stay.went == 0
    assert stay.halted == run.report.course.disclosed
    assert stay.imposed_by != stay.lifted_by


def test_the_log_verifies_and_one_changed_byte_is_noticed(run: Run) -> None:
    key = (run.directory / "log.vkey").read_text()
    log, tampered = run.directory / "exchange" / "log", run.directory / "log-tampered"
    assert verify_log(log, key).checkpoint.size == run.report.log.size
    with pytest.raises(LedgerError):
        verify_log(tampered, key)
    changed = [
        (ours, theirs)
        for ours in sorted(log.rglob("*"))
        if ours.is_file()
        for theirs in [tampered / ours.relative_to(log)]
        if ours.read_bytes() != theirs.read_bytes()
    ]
    assert [one.relative_to(log).as_posix() for one, _ in changed] == [run.report.log.file]
    pairs = zip(*(path.read_bytes() for path in changed[0]), strict=True)
    assert [i for i, (a, b) in enumerate(pairs) if a != b] == [run.report.log.offset]


def test_the_page_and_the_reasons(run: Run) -> None:
    page = (run.directory / "index.html").read_text("utf-8")
    for number in (run.report.then.answers, run.report.now.answers, run.report.log.size):
        assert f"{number:,}" in page
    counts = [reason.rows for reason in run.report.reasons]
    assert counts == sorted(counts, reverse=True)
    assert all(reason.citation and reason.question for reason in run.report.reasons)
    assert {"reason.individual", "address.present"} <= {r.rule for r in run.report.reasons[:4]}
    assert run.stages == tuple(stage.name for stage in run.report.stages)


def test_no_private_key_or_person_shows_on_the_page(run: Run) -> None:
    page = (run.directory / "index.html").read_text("utf-8").casefold()
    with (run.directory / "world" / "batch.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for value in (row["tin"], row["case_number"]):
                assert not value or value.casefold() not in page


def test_a_second_run_says_what_to_do_and_touches_nothing(run: Run) -> None:
    before = (run.directory / "exchange" / "log" / "checkpoint").read_bytes()
    with pytest.raises(UsageError, match="--force"):
        run_demo(run.directory, persons=1_500, requests=400)
    assert (run.directory / "exchange" / "log" / "checkpoint").read_bytes() == before


def test_too_few_persons_is_said_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="need 1,300 persons"):
        run_demo(tmp_path / "demo", persons=1_000, requests=400)
    assert not (tmp_path / "demo").exists()


def test_the_commands_of_the_readme_do_what_it_says(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    readme = (run.directory / "README.txt").read_text("utf-8")
    monkeypatch.chdir(run.directory)
    export, *commands = [note.what for note in run.report.commands]
    for setting in shlex.split(export)[1:]:
        monkeypatch.setenv(*setting.split("=", 1))
    assert os.environ["COMITY_PASSPHRASE"] == PASSPHRASE
    for command in commands:
        assert command in readme
        words = shlex.split(
            command.replace("$(cat log.vkey)", Path("log.vkey").read_text().strip())
        )
        assert words[0] == "comity"
        code = _comity(*words[1:])
        said = capsys.readouterr()
        expected = next(
            (c for start, c in EXPECTED_CODES.items() if command[7:].startswith(start)), 0
        )
        assert code == expected, f"{command}: {said.err}"


def test_the_command_prints_the_tables_or_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["demo", str(tmp_path / "demo"), "--persons", "900", "--requests", "120"]
    assert _comity(*words) == 0
    said = capsys.readouterr()
    for text in (
        "Where the rows went",
        "Commonest reasons",
        "2025",
        "The log verifies",
        "index.html",
    ):
        assert text in said.out
    assert said.err == ""
    assert _comity(*words) == 2
    assert "--force" in capsys.readouterr().err
    assert _comity(*words, "--force", "--json") == 0
    data = json.loads(capsys.readouterr().out)
    assert data["course"]["received"] == 120
    assert data["now"]["unlawful"] == data["now"]["wrong_person"] == 0


def _comity(*words: str) -> int:
    """Run a command as the console script does; its exit code."""
    return run_words(words)
