"""Bad input: a clear line that says what, where and what to do; the exit code; no traceback."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from tests.cli.shell import Shell
from tests.exchange.office import AGREEMENT, AGREEMENT_ID, REQUEST, ROOT, Office

from comity.cli.main import run
from comity.demo.officers import PASSPHRASE

BENEFITS = ROOT / "agreements" / "us-benefits-match.yaml"
DAY = ("--at", "2026-03-02")


def examine(comity: Shell, batch: Path, *more: object) -> tuple[int, str, str]:
    out = batch.with_name("findings.csv")
    said = comity("examine", batch, "--agreement", AGREEMENT, "--out", out, *more)
    return said.code, said.out, said.err


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("batch.csv", b"", "The file is empty."),
        ("batch.csv", b"request_id,first_name\n", "are missing"),
        ("batch.csv", b"request_id,frist_name\nR1,A\n", "did you mean `first_name`"),
        ("batch.xlsx", b"PK\x03\x04aaaa", "Excel workbook"),
        ("batch.csv", "request_id\n".encode("utf-16"), "UTF-16"),
        ("batch.pdf", b"%PDF-1.7", "a PDF"),
        ("batch.dat", b"request_id", "type is not known"),
        ("batch.parquet", b"PAR1 and no more", "damaged"),
    ],
)
def test_a_file_that_is_no_batch(
    comity: Shell, tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    batch = tmp_path / name
    batch.write_bytes(content)
    code, _, err = examine(comity, batch)
    assert code == 2
    assert words in err
    assert str(batch) in err.replace("\n", "")
    assert not (tmp_path / "findings.csv").exists()


def test_a_missing_file(comity: Shell, tmp_path: Path) -> None:
    code, _, err = examine(comity, tmp_path / "none.csv")
    assert code == 2
    assert "cannot be read" in err


def test_examine_ends_with_0_or_1(comity: Shell, office: Office) -> None:
    sound, deficient = office.write(REQUEST), office.write(dict(REQUEST, street="None"))
    code, out, err = examine(comity, sound, *DAY)
    assert (code, err) == (0, "")
    assert "sound" in out
    assert "recipients.named" in out, "what could not be judged is listed"
    code, out, _ = examine(comity, deficient, *DAY)
    assert code == 1
    assert "address.present" in out
    roster = ("--roster", office.cast.requester_roster)
    code, out, _ = examine(comity, sound, *DAY, *roster)
    assert code == 0
    assert "recipients.named" not in out


def test_examine_says_what_is_wrong_with_its_options(
    comity: Shell, office: Office, tmp_path: Path
) -> None:
    batch = office.write(REQUEST)
    assert "not a day" in examine(comity, batch, "--at", "tomorrow")[2]
    said = comity("examine", batch, "--agreement", AGREEMENT, "--out", tmp_path / "x.xls")
    assert said.code == 2
    assert ".parquet" in said.err
    said = comity(
        "examine", batch, "--agreement", tmp_path / "no.yaml", "--out", tmp_path / "x.csv"
    )
    assert said.code == 2
    roster = ("--roster", office.cast.holder_roster)
    assert "requester" in examine(comity, batch, *roster)[2]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["status"], "--exchange DIR"),
        (["status", "--exchange", "nowhere"], "There is no exchange here."),
        (["submit", "a.csv", "--agreement", "x", "--exchange", "nowhere"], "no exchange"),
        (["nonesuch"], "No such command"),
        (["status", "--nonesuch"], "No such option"),
        (["submit"], "Missing argument"),
    ],
)
def test_a_wrong_call(comity: Shell, arguments: list[str], words: str) -> None:
    said = comity(*arguments)
    assert said.code == 2
    assert words in said.err
    assert said.out == ""


def test_an_unknown_agreement(comity: Shell, office: Office) -> None:
    said = comity(
        *("submit", office.write(REQUEST), "--agreement", "us-irs-ice-2026"),
        *("--exchange", office.exchange.directory, "--as", "ice-preparer"),
        *("--key", office.cast.signing_key("ice-preparer")),
    )
    assert said.code == 2
    assert AGREEMENT_ID in said.err


def test_an_unsigned_agreement_is_not_adopted(comity: Shell, office: Office) -> None:
    operator = ("--as", "irs-operator", "--key", office.cast.signing_key("irs-operator"))
    exchange = ("--exchange", office.exchange.directory)
    said = comity("agreement", "adopt", AGREEMENT, *exchange, *operator)
    assert said.code == 1
    assert "not signed by both parties" in said.err
    other = comity("agreement", "adopt", BENEFITS, *exchange, *operator)
    assert other.code == 1
    assert "other parties" in other.err


def test_a_key_that_is_none(comity: Shell, office: Office, tmp_path: Path) -> None:
    exchange = ("--exchange", office.exchange.directory)
    key = tmp_path / "key.pem"
    key.write_text("no key")
    said = comity("disclose", *exchange, "--as", "irs-disclosure-1", "--key", key)
    assert (said.code, "does not open" in said.err) == (2, True)
    wrong_kind = office.cast.encryption_key("inv-01")
    said = comity("disclose", *exchange, "--as", "inv-01", "--key", wrong_kind)
    assert (said.code, "not a signing key" in said.err) == (2, True)
    said = comity("disclose", *exchange, "--as", "inv-01", "--key", tmp_path / "none.pem")
    assert (said.code, "cannot be read" in said.err) == (2, True)
    said = comity("disclose", *exchange, "--as", "inv-01")
    assert (said.code, "--key FILE" in said.err) == (2, True)


def test_a_wrong_passphrase(comity: Shell, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMITY_PASSPHRASE", "wrong")
    key = office.cast.signing_key("irs-disclosure-1")
    said = comity(
        *("disclose", "--exchange", office.exchange.directory),
        *("--as", "irs-disclosure-1", "--key", key),
    )
    assert said.code == 2
    assert "passphrase is wrong" in said.err


def test_the_passphrase_is_not_asked_for_in_a_pipe(
    comity: Shell, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COMITY_PASSPHRASE")
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    key = office.cast.signing_key("irs-disclosure-1")
    said = comity(
        *("disclose", "--exchange", office.exchange.directory),
        *("--as", "irs-disclosure-1", "--key", key),
    )
    assert said.code == 2
    assert "COMITY_PASSPHRASE" in said.err


def test_an_internal_fault_shows_no_data(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COMITY_DEBUG", raising=False)

    def fail() -> None:
        raise ValueError("Rosalind Quartermain, 418 Juniper Hollow Rd")

    assert run(fail) == 1
    err = capsys.readouterr().err
    assert "ValueError" in err
    assert "Rosalind" not in err
    assert "Traceback" not in err


def test_malformed_rows_are_returned_with_their_line(
    comity: Shell, office: Office, tmp_path: Path
) -> None:
    batch = office.write(REQUEST, dict(REQUEST, request_id="R2", case_number="X-2"))
    lines = batch.read_text().splitlines()
    lines.insert(2, "R9,too,few,cells")
    batch.write_text("\n".join(lines) + "\n")
    code, _, _ = examine(comity, batch, *DAY)
    assert code == 1
    found = (batch.parent / "findings.csv").read_text().splitlines()
    assert "returned" in found[2]
    assert "row.wellformed" in found[2]
    assert "Line 3" in found[2]
    assert [line.split(",")[1] for line in found[1:]] == ["sound", "returned", "sound"]


def test_ctrl_c_inside_a_command_is_one_line_and_1(
    comity: Shell, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("comity.exchange.submitting._judge", interrupt)
    batch = office.write(REQUEST)
    submit = (
        *("submit", batch, "--agreement", AGREEMENT_ID),
        *("--exchange", office.exchange.directory, "--as", "ice-preparer"),
        *("--key", office.cast.signing_key("ice-preparer")),
    )
    said = comity(*submit)
    assert said.code == 1
    assert said.err == "comity: Stopped. Run the same command again to finish.\n"
    monkeypatch.undo()
    monkeypatch.setenv("COMITY_PASSPHRASE", PASSPHRASE)
    assert comity(*submit).code == 0
