"""`comity agreement …`: what it prints, what it writes, and how it ends."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.agreement.examples import AGREEMENT, HOLDER_KEY, REQUESTER_KEY, SHIPPED
from typer.testing import CliRunner

from comity.agreement.loading import load_agreement
from comity.cli.agreement import app
from comity.core.errors import ComityError
from comity.core.keys import save_signing_key
from comity.core.statement import encode_public_key

PASSPHRASE = "open sesame"
ROSTER = """\
party: {party}
version: 1
officers:
  - id: {officer}
    name: Made Up
    signing_key: {key}
    appointments:
      - {{office: Director, period: {{start: 2020-01-01}}, authorities: [sign-agreement]}}
"""


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it said."""

    code: int
    out: str
    message: str

    @property
    def json(self) -> dict[str, object]:
        made = json.loads(self.out)
        assert isinstance(made, dict)
        return made


def call(*args: object) -> Ended:
    """Run a command as `comity.cli.main.run` would."""
    result = CliRunner().invoke(app, [str(arg) for arg in args])
    if isinstance(result.exception, ComityError):
        return Ended(result.exception.exit_code, result.stdout, result.exception.message)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return Ended(result.exit_code, result.stdout, result.stderr)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An unsigned agreement, both parties' rosters and their officers' keys."""
    monkeypatch.setenv("COMITY_PASSPHRASE", PASSPHRASE)
    (tmp_path / "a.yaml").write_text(AGREEMENT, "utf-8")
    for party, officer, key in (
        ("holder", "head", HOLDER_KEY),
        ("requester", "chief", REQUESTER_KEY),
    ):
        public = encode_public_key(key.public_key())
        text = ROSTER.format(party=party, officer=officer, key=public)
        (tmp_path / f"{party}.yaml").write_text(text, "utf-8")
        save_signing_key(tmp_path / f"{officer}.pem", key, PASSPHRASE)
    return tmp_path


def sign(folder: Path, file: str, party: str, officer: str) -> Ended:
    key = folder / f"{officer}.pem"
    return call("sign", folder / file, "--party", party, "--as", officer, "--key", key)


def rosters(folder: Path) -> tuple[object, ...]:
    return ("--roster", folder / "holder.yaml", "--roster", folder / "requester.yaml")


def test_from_draft_to_signed_to_amended(folder: Path) -> None:
    unsigned = call("check", folder / "a.yaml", *rosters(folder))
    assert unsigned.code == 1
    assert "holder: it has not signed" in unsigned.out

    assert sign(folder, "a.yaml", "holder", "head").code == 0
    assert sign(folder, "a.yaml", "requester", "chief").code == 0
    signed = call("check", folder / "a.yaml", *rosters(folder), "--json")
    assert signed.code == 0
    assert signed.json["signatures"] == ["holder", "requester"]
    assert signed.json["digest"] == load_agreement(folder / "a.yaml").digest

    words = ("--author", "Ann", "--approver", "Ben", "--reason", "The limit was too low.")
    amended = call("amend", folder / "a.yaml", "--out", folder / "b.yaml", *words)
    assert amended.code == 0
    new = load_agreement(folder / "b.yaml").agreement
    assert new.version == 2
    assert new.amends is not None
    assert new.amends.predecessor == signed.json["digest"]
    again = call("check", folder / "b.yaml", *rosters(folder))
    assert again.code == 1
    assert sign(folder, "b.yaml", "holder", "head").code == 0
    assert sign(folder, "b.yaml", "requester", "chief").code == 0
    assert call("check", folder / "b.yaml", *rosters(folder)).code == 0


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_shipped_agreements_pass(path: Path) -> None:
    ended = call("check", path)
    assert ended.code == 0
    assert path.stem in ended.out
    assert "Signatures not checked" in ended.out


def test_check_ends_with_1_for_faults_and_2_for_a_wrong_call(folder: Path) -> None:
    broken = folder / "broken.yaml"
    broken.write_text(AGREEMENT.replace("per_day: 10,", "per_day: ten,"), "utf-8")
    ended = call("check", broken)
    assert ended.code == 1
    assert f"{broken}:34:10: limits.per_day: a whole number belongs here" in ended.out

    broken.write_text(AGREEMENT.replace("max_same: 10", "max_sam: 10"), "utf-8")
    ended = call("check", broken, "--json")
    assert ended.code == 1
    assert ended.json["sound"] is False
    assert "did you mean `max_same`?" in str(ended.json["problems"])

    assert call("check", folder / "none.yaml").code == 2
    assert call("check").code == 2
    assert call("check", folder / "a.yaml", "--roster", folder / "none.yaml").code == 2
    twice = ("--roster", folder / "holder.yaml") * 2
    assert "Two rosters of holder" in call("check", folder / "a.yaml", *twice).message
    other = call("check", SHIPPED[0], "--roster", folder / "holder.yaml")
    assert other.code == 2
    assert "does not belong to this agreement" in other.message


def test_check_of_an_agreement_that_is_silent_on_a_rule(folder: Path) -> None:
    """Under 26 USC 6103(i)(2) what is left out is named, with the opinion that allows it."""
    (irs,) = (path for path in SHIPPED if path.stem == "us-irs-ice-2025")
    text = irs.read_text("utf-8")
    start = text.index("  - id: matter\n")
    silent = text[:start] + text[text.index("  - id: sole-use\n") :]
    file = folder / "silent.yaml"
    file.write_text(silent, "utf-8")
    ended = call("check", file)
    assert ended.code == 1
    assert "`matter.identified` has none" in ended.out

    said = "omitted:\n  - {rule: matter.identified, opinion: counsel-1}\n"
    file.write_text(silent + said, "utf-8")
    ended = call("check", file)
    assert ended.code == 1
    assert "omitted[0].opinion: no recorded opinion has this id" in ended.out

    opinion = "{id: counsel-1, author: Counsel, dated: 2026-01-01, reference: Memo 1}"
    file.write_text(f"{silent}{said}opinions: [{opinion}]\n", "utf-8")
    assert call("check", file).code == 0
    page = call("show", file, "--markdown").out
    assert "This agreement does not ask for `matter.identified`, by opinion `counsel-1`" in page


def test_check_of_one_case_for_more_persons_than_is_usual(folder: Path) -> None:
    (irs,) = (path for path in SHIPPED if path.stem == "us-irs-ice-2025")
    text, file = irs.read_text("utf-8"), folder / "many.yaml"
    opinion = "opinions: [{id: c-1, author: Counsel, dated: 2026-01-01, reference: Memo 1}]\n"
    for changed, code in (
        ("max_persons: 24", 0),
        ("max_persons: 26", 1),
        ("max_persons: 26, opinion: c-2", 1),
        ("max_persons: 26, opinion: c-1", 0),
    ):
        file.write_text(text.replace("max_persons: 25", changed) + opinion, "utf-8")
        ended = call("check", file)
        assert ended.code == code, changed
        assert ("recorded" in ended.out) is (code == 1)


def test_check_of_the_wrong_file(folder: Path) -> None:
    ended = call("check", folder / "holder.yaml")
    assert ended.code == 1
    assert "This is a roster, not an agreement." in ended.out
    assert "did you mean" not in ended.out
    ended = call("check", folder / "a.yaml", "--roster", folder / "a.yaml")
    assert ended.code == 2
    assert "This is an agreement, not a roster." in ended.message


def test_show(folder: Path) -> None:
    page = call("show", folder / "a.yaml", "--markdown")
    assert page.code == 0
    assert page.out.startswith("# A made-up agreement\n")
    assert "not signed" in page.out
    checked = call("show", folder / "a.yaml", "--markdown", *rosters(folder))
    assert "**not validly signed**" in checked.out
    terminal = call("show", folder / "a.yaml")
    assert terminal.code == 0
    assert "What a request must set forth" in terminal.out
    assert "##" not in terminal.out
    # a pipe has no width to be cut off at: every word is there
    words = set(re.findall(r"[a-z]+", page.out))
    assert words <= set(re.findall(r"[a-z]+", terminal.out))
    assert call("show", folder / "a.yaml", "--json").json["page"] == page.out
    assert call("show", folder / "none.yaml").code == 2


def test_digest_and_schema(folder: Path) -> None:
    digest = load_agreement(folder / "a.yaml").digest
    assert call("digest", folder / "a.yaml").out == f"{digest}\n"
    assert call("digest", folder / "a.yaml", "--json").json == {"digest": digest}
    assert call("schema").json["title"] == "An agreement between a holder and a requester"
    assert call("schema", "--roster").json["title"] == "A party's roster of officers"


def test_sign_refuses_and_leaves_the_file_as_it_was(folder: Path) -> None:
    file = folder / "a.yaml"
    wrong = call("sign", file, "--party", "holder", "--as", "head")
    assert (wrong.code, "--key" in wrong.message) == (2, True)
    assert sign(folder, "a.yaml", "somebody", "head").code == 2
    assert file.read_text("utf-8") == AGREEMENT
    assert sign(folder, "a.yaml", "holder", "head").code == 0
    once = file.read_bytes()
    again = sign(folder, "a.yaml", "holder", "head")
    assert (again.code, "has signed" in again.message) == (1, True)
    assert file.read_bytes() == once


def test_sign_refuses_what_does_not_compile(folder: Path) -> None:
    file = folder / "a.yaml"
    file.write_text(AGREEMENT.replace("max_same: 10", "max_sam: 10"), "utf-8")
    ended = sign(folder, "a.yaml", "holder", "head")
    assert ended.code == 2
    assert "signatures" not in file.read_text("utf-8")


def test_sign_keeps_permissions_line_endings_and_links(folder: Path) -> None:
    real = folder / "real.yaml"
    real.write_bytes(AGREEMENT.replace("\n", "\r\n").encode())
    real.chmod(0o640)
    (folder / "link.yaml").symlink_to(real)
    assert sign(folder, "link.yaml", "holder", "head").code == 0
    assert (folder / "link.yaml").is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert real.read_bytes().startswith(AGREEMENT.replace("\n", "\r\n").encode())


def test_a_failed_write_leaves_the_agreement_whole(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    ended = sign(folder, "a.yaml", "holder", "head")
    assert ended.code == 2
    assert "No space left on device" in ended.message
    assert (folder / "a.yaml").read_text("utf-8") == AGREEMENT
    assert sorted(p.suffix for p in folder.iterdir()) == [".pem", ".pem", *[".yaml"] * 3]


def test_amend_writes_over_nothing(folder: Path) -> None:
    words = ("--author", "Ann", "--approver", "Ben", "--reason", "Why")
    ended = call("amend", folder / "a.yaml", "--out", folder / "holder.yaml", *words)
    assert ended.code == 2
    assert "exists already" in ended.message
    alone = ("--author", "Ann", "--approver", "Ann", "--reason", "Why")
    ended = call("amend", folder / "a.yaml", "--out", folder / "b.yaml", *alone)
    assert ended.code == 2
    assert "does not approve it" in ended.message
    assert "--approver" in ended.message
    assert "laid out" not in ended.message
    assert not (folder / "b.yaml").exists()
