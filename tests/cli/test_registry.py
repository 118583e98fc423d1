"""`registry build` and `registry update`: what they print, and how they end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.shell import Shell
from tests.exchange.office import PERSON, REQUEST, Office, write_csv

from comity.identity.source import COLUMNS as PERSON_COLUMNS
from comity.request.model import COLUMNS

OTHER = dict(PERSON, person_id="P2", first_name="Ivo", tin="850-12-3457", street="1 Elm Street")
MOVED = dict(PERSON, street="9 Harrow Lane")


@pytest.fixture
def index(comity: Shell, tmp_path: Path) -> Path:
    source = write_csv(tmp_path / "persons.csv", PERSON_COLUMNS, [PERSON, OTHER])
    assert comity("registry", "build", source, "--out", tmp_path / "index").code == 0
    return tmp_path / "index"


def decision(comity: Shell, index: Path, street: str) -> str:
    asked = {name: REQUEST.get(name, "") for name in COLUMNS} | {"street": street}
    requests = write_csv(index.parent / "requests.csv", COLUMNS, [asked])
    out = index.parent / "results.jsonl"
    out.unlink(missing_ok=True)
    assert comity("match", requests, "--registry", index, "--out", out).code == 0
    return str(json.loads(out.read_text())["decision"])


def test_an_update_by_command(comity: Shell, index: Path, tmp_path: Path) -> None:
    changed = write_csv(
        tmp_path / "changed.csv", PERSON_COLUMNS, [MOVED, dict(MOVED, person_id="")]
    )
    removed = tmp_path / "removed.txt"
    removed.write_text("P2\nP9\n")
    said = comity("registry", "update", changed, "--removed", removed, "--registry", index)
    assert (said.code, said.err) == (0, "")
    assert "1 persons with 1 addresses after 2 rows and 1 removals" in said.out
    assert "2 of the 2 replaced or removed" in said.out
    assert "not in the registry: 1" in said.out
    assert "no person_id" in said.out
    assert "P9" not in said.out
    assert decision(comity, index, MOVED["street"]) == "confirmed"
    assert decision(comity, index, PERSON["street"]) == "none"


def test_an_update_as_json(comity: Shell, index: Path, tmp_path: Path) -> None:
    removed = tmp_path / "removed.txt"
    removed.write_text("P2\n")
    said = comity("registry", "update", "--removed", removed, "--registry", index, "--json")
    told = json.loads(said.out)
    assert (told["persons"], told["removed"], told["not_there"]) == (1, 1, 0)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--registry", "{index}"], "nothing to update"),
        (["{source}"], "does not say which index"),
        (["{source}", "--registry", "{index}", "--as", "x"], "no officer acts"),
        (["{source}", "--registry", "{folder}/none"], "comity registry build"),
        (["{folder}/none.csv", "--registry", "{index}"], "no such registry source"),
    ],
)
def test_a_wrong_call(
    comity: Shell, index: Path, tmp_path: Path, arguments: list[str], words: str
) -> None:
    places = {"index": index, "source": tmp_path / "persons.csv", "folder": tmp_path}
    said = comity("registry", "update", *(one.format(**places) for one in arguments))
    assert said.code == 2
    assert words in said.err


def test_an_older_index_says_how_to_build_it(comity: Shell, index: Path, tmp_path: Path) -> None:
    manifest = index / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"schema_version": 1}))
    said = comity("registry", "update", tmp_path / "persons.csv", "--registry", index)
    assert said.code == 2
    assert "comity registry build" in said.err


def test_an_exchange_s_registry_by_command(comity: Shell, office: Office, tmp_path: Path) -> None:
    changed = write_csv(tmp_path / "changed.csv", PERSON_COLUMNS, [OTHER])
    operator = office.cast.operator
    said = comity(
        *("registry", "update", changed, "--exchange", office.folder / "exchange"),
        *("--as", operator, "--key", office.cast.signing_key(operator)),
    )
    assert (said.code, said.err) == (0, "")
    assert "2 persons with 2 addresses" in said.out
