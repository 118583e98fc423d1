"""Filling public keys into a drafted roster: the empty ones, by officer, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from comity.agreement.roster_keys import PublicKeys, read_public_keys, with_keys
from comity.agreement.rosters import load_roster
from comity.cli.house import roster_app
from comity.core.errors import AgreementError, UsageError
from comity.core.keys import new_encryption_key, public_jwk
from comity.core.statement import encode_public_key

DRAFT = """\
# kept by the clerk
party: us-ice
version: 1
officers:
  - id: head
    name: Ottoline Brandt # since January
    signing_key:
    appointments:
      - {office: Secretary, period: {start: 2025-01-20}, authorities: [sign-agreement]}
  - name: Marguerite Halloran
    "encryption_key":   # to be filled
    signing_key: null
    training_expires: 2099-12-31
    id: inv-01
"""


def keys_of(officer: str) -> PublicKeys:
    return PublicKeys(
        officer,
        encode_public_key(Ed25519PrivateKey.generate().public_key()),
        public_jwk(new_encryption_key().public_key()),
    )


HEAD, INVESTIGATOR = keys_of("head"), keys_of("inv-01")


def hand_in(folder: Path, keys: PublicKeys) -> Path:
    """The file that an officer hands in."""
    path = folder / f"{keys.officer}.json"
    said = {"id": keys.officer, "signing_key": keys.signing_key}
    path.write_text(json.dumps(said | {"encryption_key": dict(keys.encryption_key)}))
    return path


def test_each_officer_gets_the_own_keys() -> None:
    _, roster = with_keys(DRAFT, "draft", [INVESTIGATOR, HEAD])
    head, investigator = roster.officers
    assert head.signing_key == HEAD.signing_key
    assert head.encryption_key is None
    assert investigator.signing_key == INVESTIGATOR.signing_key
    assert investigator.encryption_key == INVESTIGATOR.encryption_key


def test_nothing_else_changes() -> None:
    made, _ = with_keys(DRAFT, "draft", [INVESTIGATOR, HEAD])
    before, after = DRAFT.split("\n"), made.split("\n")
    assert len(before) == len(after)
    changed = [old for old, new in zip(before, after, strict=True) if old != new]
    assert [line.partition(":")[0].strip(' "') for line in changed] == [
        "signing_key",
        "encryption_key",
        "signing_key",
    ]
    assert "# to be filled" in made


def test_a_key_that_stands_there_is_kept() -> None:
    other = keys_of("head")
    filled, _ = with_keys(DRAFT, "draft", [INVESTIGATOR, HEAD])
    assert with_keys(filled, "draft", [other])[0] == filled


def test_an_officer_without_keys_is_named_with_the_line() -> None:
    with pytest.raises(AgreementError) as caught:
        with_keys(DRAFT, "draft", [INVESTIGATOR])
    assert caught.value.message.startswith("draft:7:5: officers[0].signing_key: no file holds")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("2099-12-31", "soon", "draft:13:5: officers[1].training_expires"),
        ("party: us-ice", "party: US ICE", "draft:2:1: party"),
        ("version: 1", "version: 1\nversion: 2", "draft:4:1: version"),
    ],
)
def test_what_is_wrong_is_told_with_the_draft_s_line(old: str, new: str, said: str) -> None:
    with pytest.raises(AgreementError) as caught:
        with_keys(DRAFT.replace(old, new), "draft", [INVESTIGATOR, HEAD])
    assert said in caught.value.message


FLOW = """\
party: us-ice
version: 1
officers: [{id: head, name: A, signing_key: , encryption_key: , training_expires: 2099-12-31},
  {encryption_key: null, name: B, "signing_key":~, id: inv-01}]
"""


@pytest.mark.parametrize(
    "text",
    [
        FLOW,
        FLOW.replace(",\n  {", ", {"),
        FLOW.replace("\n", "\r\n"),
        FLOW.replace("encryption_key: null", "encryption_key:\n    null"),
        FLOW.replace(" encryption_key: ,", " encryption_key: # x\n   ,"),
        FLOW.replace("encryption_key: null", "? encryption_key\n    : null"),
    ],
    ids=["a line each", "one line", "Windows", "null below", "comment", "question mark"],
)
def test_officers_written_in_one_line_get_both_keys(text: str) -> None:
    made, roster = with_keys(text, "draft", [HEAD, INVESTIGATOR])
    for officer, keys in zip(roster.officers, (HEAD, INVESTIGATOR), strict=True):
        assert officer.signing_key == keys.signing_key
        assert officer.encryption_key == keys.encryption_key
    assert made.count("\n") == text.count("\n")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("signing_key: ,", "signing_key,", "draft:3:32: officers[0].signing_key: officer head:"),
        ("encryption_key: ,", "encryption_key,", "draft:3:47: officers[0].encryption_key: officer"),
    ],
)
def test_a_key_that_cannot_be_filled_in_is_told_and_never_left_empty(
    old: str, new: str, said: str
) -> None:
    with pytest.raises(AgreementError) as caught:
        with_keys(FLOW.replace(old, new), "draft", [HEAD, INVESTIGATOR])
    assert caught.value.message.startswith(said)
    assert "on a line of its own with nothing behind it" in caught.value.message
    assert caught.value.message.count("\n") == 0


def test_a_null_on_the_next_line_gives_way() -> None:
    draft = DRAFT.replace("    signing_key:\n", "    signing_key: # hers\n      null\n")
    made, roster = with_keys(draft, "draft", [HEAD, INVESTIGATOR])
    assert roster.officers[0].signing_key == HEAD.signing_key
    assert f'signing_key: "{HEAD.signing_key}" # hers\n' in made


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"id": "a"}', '{"id":1}', "nonsense", "[" * 9999]
)
def test_what_holds_no_public_keys(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(UsageError, match="comity key new"):
        read_public_keys(path)


def test_the_command_writes_a_roster_once(tmp_path: Path) -> None:
    draft, out = tmp_path / "draft.yaml", tmp_path / "roster.yaml"
    draft.write_text(DRAFT)
    handed = [str(hand_in(tmp_path, one)) for one in (HEAD, INVESTIGATOR)]
    call = ["fill", str(draft), *handed, "--out", str(out)]
    done = CliRunner().invoke(roster_app, call)
    assert done.exit_code == 0
    assert done.output == f"Roster of us-ice: 2 officers, in {out}.\n"
    assert load_roster(out).officers[1].encryption_key == INVESTIGATOR.encryption_key
    again = CliRunner().invoke(roster_app, call)
    assert isinstance(again.exception, UsageError)
