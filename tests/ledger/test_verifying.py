"""A log checked by a stranger: from its folder and a key, in Python and on the command line."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import typer

from comity.cli import ledger
from comity.core.canonical import Json
from comity.core.errors import ComityError, LedgerError, UsageError
from comity.exchange.opening import Settings, create
from comity.exchange.verifying import KEY_FILE, key_beside, log_folder, verify_log
from comity.ledger.entry import Entry
from comity.ledger.note import NoteSigner, NoteVerifier, parse_note
from comity.ledger.publish import Ledger

ORIGIN = "log.example/x"
AT = "2026-11-24T01:56:54.000000Z"

ACTS: list[tuple[str, str | None, dict[str, Json]]] = [
    ("batch.received", None, {"batch": "b0001", "rows": 2}),
    ("request.determined", "b0001/1", {"status": "returned"}),
    ("request.determined", "b0001/2", {"status": "pending"}),
    ("batch.judged", None, {"batch": "b0001", "received": 2, "returned": 1, "pending": 1}),
    ("request.answered", "b0001/2", {"status": "disclosed"}),
    ("batch.released", None, {"batch": "b0001", "received": 2, "returned": 1, "disclosed": 1}),
]


def write(folder: Path, acts: Sequence[Any], signer: NoteSigner) -> Path:
    made = [Entry(kind, AT, "us-x", request, None, body).encode() for kind, request, body in acts]
    Ledger(folder, ORIGIN).publish(made, first=0, signer=signer)
    return folder


@pytest.fixture
def log(tmp_path: Path, signer: NoteSigner) -> Path:
    return write(tmp_path / "exchange" / "log", ACTS, signer)


def run(*arguments: str) -> tuple[int, ComityError | None]:
    """The commands, as the console script runs them: an exit code, or the error it prints."""
    app = typer.Typer()
    app.add_typer(ledger.app, name="ledger")
    try:
        app(["ledger", *arguments], standalone_mode=False)
    except ComityError as error:
        return error.exit_code, error
    return 0, None


def test_a_log_verifies_from_its_files_alone(log: Path, signer: NoteSigner) -> None:
    found = verify_log(log, str(signer.verifier))
    assert found.checkpoint.size == 6
    assert found.totals == {
        "received": 2,
        "pending": 0,
        "returned": 1,
        "refused": 0,
        "not_verified": 0,
        "disclosed": 1,
    }
    assert found.types["request.determined"] == 2


@pytest.mark.parametrize("lost", range(5))
def test_a_signed_log_whose_sums_do_not_add_up(
    lost: int, tmp_path: Path, signer: NoteSigner
) -> None:
    """The holder itself signed a log that hides an act: hashes and signature are sound."""
    log = write(tmp_path / "log", ACTS[:lost] + ACTS[lost + 1 :], signer)
    with pytest.raises(LedgerError, match="does not add up at entry") as caught:
        verify_log(log, str(signer.verifier))
    assert caught.value.where.endswith("tile/entries/000")


def test_an_altered_file_is_named_before_the_sums(log: Path, signer: NoteSigner) -> None:
    target = log / "tile/entries/000.p/6"
    target.write_bytes(target.read_bytes().replace(b'"rows":2', b'"rows":3'))
    with pytest.raises(LedgerError, match="hashes of the tile") as caught:
        verify_log(log, str(signer.verifier))
    assert caught.value.where == str(log / "tile/0/000.p/6")


def test_a_copy_verifies_anywhere(log: Path, tmp_path: Path, signer: NoteSigner) -> None:
    copy = shutil.copytree(log, tmp_path / "copy")
    assert verify_log(copy, str(signer.verifier)) == verify_log(log, str(signer.verifier))


def test_the_folder_of_a_log_or_of_its_exchange(log: Path, tmp_path: Path) -> None:
    assert log_folder(log) == log
    assert log_folder(log.parent) == log
    with pytest.raises(UsageError, match="no log here"):
        log_folder(tmp_path)


def test_a_lost_checkpoint_is_a_fault_and_no_wrong_call(log: Path, signer: NoteSigner) -> None:
    (log / "checkpoint").unlink()
    code, error = run("verify", str(log), "--log-key", str(signer.verifier))
    assert code == 1
    assert error is not None and str(log / "checkpoint") in error.message


def test_the_key_beside_a_log(log: Path, signer: NoteSigner) -> None:
    with pytest.raises(UsageError, match="key is not known"):
        key_beside(log)
    (log.parent / KEY_FILE).write_text(f"{signer.verifier}\n")
    assert key_beside(log) == (str(signer.verifier), log.parent / KEY_FILE)
    (log / KEY_FILE).write_text(f"{signer.verifier}")
    assert key_beside(log) == (str(signer.verifier), log / KEY_FILE)
    (log / KEY_FILE).write_bytes(b"\xff\xfe")
    with pytest.raises(LedgerError, match="not a verifier key"):
        key_beside(log)


def test_the_command_says_where_its_key_came_from(
    log: Path, signer: NoteSigner, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("verify", str(log), "--log-key", str(signer.verifier)) == (0, None)
    told = capsys.readouterr().out
    assert "verifies" in told
    assert "Key: given with the call." in told
    (log.parent / KEY_FILE).write_text(f"{signer.verifier}\n")
    for place in (log, log.parent):
        assert run("verify", str(place)) == (0, None)
        told = " ".join(capsys.readouterr().out.split())
        assert "trust on first use" in told
        assert KEY_FILE in told
    assert run("verify", "--exchange", str(log.parent)) == (0, None)


def test_the_command_speaks_json(
    log: Path, signer: NoteSigner, capsys: pytest.CaptureFixture[str]
) -> None:
    key = str(signer.verifier)
    assert run("verify", str(log), "--log-key", key, "--json") == (0, None)
    told = json.loads(capsys.readouterr().out)
    assert told["verified"] is True
    assert (told["origin"], told["size"]) == (ORIGIN, 6)
    assert told["key"] == {"source": "given", "file": None, "key": key}
    assert told["requests"]["received"] == 2
    assert told["entries"]["batch.released"] == 1
    (log / "tile/0/000.p/6").write_bytes(b"cut")
    code, error = run("verify", str(log), "--log-key", key, "--json")
    told = json.loads(capsys.readouterr().out)
    assert (code, told["verified"]) == (1, False)
    assert told["where"] == str(log / "tile/0/000.p/6")
    assert error is not None and error.where == told["where"]


def test_the_command_names_the_file_that_was_altered(log: Path, signer: NoteSigner) -> None:
    target = log / "tile/entries/000.p/6"
    target.write_bytes(target.read_bytes().replace(b"returned", b"refusing"))
    code, error = run("verify", str(log), "--log-key", str(signer.verifier))
    assert code == 1
    assert error is not None
    assert str(log / "tile/0/000.p/6") in error.message
    assert "in tile/entries/000.p/6. One of the two was altered" in error.message
    assert "\n" not in error.message


def test_wrong_calls_are_told_apart_from_wrong_logs(log: Path, tmp_path: Path) -> None:
    for arguments in (
        ["verify"],
        ["verify", str(tmp_path / "nowhere")],
        ["verify", str(log)],
        ["verify", str(log), "--log-key", "nonsense"],
    ):
        code, error = run(*arguments)
        assert (code, error is not None) == (2, True), arguments


def test_a_key_in_the_folder_that_is_none(log: Path) -> None:
    (log.parent / KEY_FILE).write_text("nonsense\n")
    code, error = run("verify", str(log))
    assert code == 1
    assert error is not None and KEY_FILE in error.message


def test_an_exchange_s_log_verifies_and_its_checkpoint_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exchange = create(tmp_path / "x", Settings("us-irs", "us-ice", ORIGIN))
    signer = exchange.keys.log_signer()
    exchange.close()
    key = str(NoteVerifier(ORIGIN, signer.public_key()))
    assert run("checkpoint", "--exchange", str(tmp_path / "x")) == (0, None)
    printed = capsys.readouterr().out
    assert printed.encode() == (tmp_path / "x/log/checkpoint").read_bytes()
    assert parse_note(printed.encode()).text.startswith(f"{ORIGIN}\n1\n")
    assert run("checkpoint", "--exchange", str(tmp_path / "x"), "--json") == (0, None)
    told = json.loads(capsys.readouterr().out)
    assert (told["size"], told["note"]) == (1, printed)
    assert run("verify", str(tmp_path / "x"), "--log-key", key) == (0, None)
