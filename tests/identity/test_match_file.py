"""`comity match` and `comity registry build`: files in, results out, and what is told."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import typer
from tests.identity.conftest import BuildIndex, write_source
from typer.testing import CliRunner

from comity.cli import registry as commands
from comity.cli.index_key import KEY_VARIABLE
from comity.cli.matching import match
from comity.core.errors import ComityError, IntakeError, RegistryError, UsageError
from comity.identity.batch import match_file
from comity.identity.match import Decision
from comity.identity.results import COLUMNS

PERSON = {
    "person_id": "p1",
    "first_name": "Ada",
    "last_name": "Quimby",
    "date_of_birth": "1971-03-09",
    "street": "12 Walnut Street",
    "city": "Peoria",
    "state": "IL",
    "postal_code": "61601",
}
HEADER = "request_id,first_name,last_name,date_of_birth,street,city,state,postal_code"
ROWS = [
    "r1,Ada,Quimby,1971-03-09,12 Walnut St,Peoria,IL,61601",
    "r2,Ada,Quimby,1971-02-30,12 Walnut St,Peoria,IL,61601",
    "r3,Ada,Quimby,,12 Walnut St,Peoria,IL",
    "r4,Otto,Ystrad,,1 Elm St,Peoria,IL,61601",
]
APP = typer.Typer()
APP.add_typer(commands.app, name="registry")
APP.command()(match)


@pytest.fixture
def requests(tmp_path: Path) -> Path:
    path = tmp_path / "requests.csv"
    path.write_text("\n".join([HEADER, *ROWS]) + "\n", "utf-8")
    return path


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_results_in_each_form(
    tmp_path: Path, build_index: BuildIndex, requests: Path, ending: str
) -> None:
    out = tmp_path / f"results.{ending}"
    found = match_file(requests, build_index([PERSON]), out)
    assert found.rows == 4
    assert found.decisions == {Decision.CONFIRMED: 1, Decision.NONE: 3}
    assert found.malformed == 2
    assert [line for line, _ in found.listed] == [3, 4]
    match ending:
        case "csv":
            with out.open(encoding="utf-8", newline="") as file:
                rows = list(csv.DictReader(file))
            assert rows[0]["dob_agrees"] == "true"
            assert rows[3]["person_id"] == ""
        case "jsonl":
            rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
            assert rows[0]["dob_agrees"] is True
        case _:
            rows = pq.read_table(out).to_pylist()
            assert rows[0]["dob_agrees"] is True
    assert tuple(rows[0]) == COLUMNS
    assert [row["request_id"] for row in rows] == ["r1", "r2", "r3", "r4"][: len(rows)] or (
        rows[2]["request_id"] == ""
    )
    assert [row["decision"] for row in rows] == ["confirmed", "none", "none", "none"]
    assert rows[0]["person_id"] == "p1"
    assert not any(row["person_id"] for row in rows[1:])


def test_what_cannot_be_matched(tmp_path: Path, build_index: BuildIndex, requests: Path) -> None:
    index = build_index([PERSON])
    with pytest.raises(UsageError, match=r"\.jsonl"):
        match_file(requests, index, tmp_path / "results.xlsx")
    with pytest.raises(RegistryError, match="no registry index"):
        match_file(requests, tmp_path / "nowhere", tmp_path / "results.csv")
    odd = tmp_path / "odd.csv"
    odd.write_text(HEADER + ",removal_order_date\n" + ROWS[0] + ",2024-01-01\n")
    with pytest.raises(IntakeError, match="removal_order_date"):
        match_file(odd, index, tmp_path / "results.csv")
    short = tmp_path / "short.csv"
    short.write_text("request_id,first_name,last_name\nr1,Ada,Quimby\n")
    with pytest.raises(IntakeError, match="street"):
        match_file(short, index, tmp_path / "results.csv")
    assert not (tmp_path / "results.csv").exists()


def test_a_result_never_overwrites_the_requests(
    tmp_path: Path, build_index: BuildIndex, requests: Path
) -> None:
    index, before = build_index([PERSON]), requests.read_bytes()
    link = tmp_path / "link.csv"
    link.symlink_to(requests)
    for out in (requests, tmp_path / "." / requests.name, link):
        with pytest.raises(UsageError, match="overwrite"):
            match_file(requests, index, out)
    call = ["match", str(requests), "--registry", str(index), "--out", str(requests)]
    assert isinstance(CliRunner().invoke(APP, call).exception, UsageError)
    assert requests.read_bytes() == before


def test_an_index_is_not_built_over_a_file(tmp_path: Path) -> None:
    source = write_source([PERSON], tmp_path / "source.csv")
    out = tmp_path / "notes.txt"
    out.write_text("mine\n")
    built = CliRunner().invoke(APP, ["registry", "build", str(source), "--out", str(out)])
    assert isinstance(built.exception, UsageError)
    assert built.exception.exit_code == 2
    assert built.exception.cure
    under = CliRunner().invoke(APP, ["registry", "build", str(source), "--out", str(out / "i")])
    assert isinstance(under.exception, ComityError)
    assert out.read_text() == "mine\n"


def test_a_file_that_fails_half_way_leaves_no_result(
    tmp_path: Path, build_index: BuildIndex, requests: Path
) -> None:
    index = build_index([PERSON])
    out = tmp_path / "results.csv"
    out.write_text("of last week\n")
    requests.write_text("\n".join([HEADER, *ROWS[1:2] * 20_000]) + "\n")

    def meddle(_done: int) -> None:
        requests.write_text(HEADER + "\n" + ROWS[0] + "\n")

    with pytest.raises(IntakeError, match="changed"):
        match_file(requests, index, out, progress=meddle)
    assert out.read_text() == "of last week\n"


def test_the_commands(tmp_path: Path, requests: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "5a" * 32)
    source = write_source(
        [PERSON, PERSON | {"person_id": ""}, PERSON | {"person_id": "p2", "tin": "1"}],
        tmp_path / "source.csv",
    )
    index, out = tmp_path / "index", tmp_path / "results.csv"
    built = CliRunner().invoke(APP, ["registry", "build", str(source), "--out", str(index)])
    assert built.exit_code == 0, built.output
    for told in ("2 persons", "encrypted", "no person_id", "malformed or placeholder number"):
        assert told in built.output
    call = ["match", str(requests), "--registry", str(index), "--out", str(out)]
    matched = CliRunner().invoke(APP, call)
    assert matched.exit_code == 0, matched.output
    assert "not looked up, which stand as `none`: 2" in matched.stderr
    assert f"{requests}:3: date_of_birth" in matched.stderr
    assert "4 requests matched" in matched.stdout
    assert "Quimby" not in matched.output
    as_json = CliRunner().invoke(APP, [*call, "--json"])
    assert json.loads(as_json.stdout) == {
        "rows": 4,
        "confirmed": 0,
        "ambiguous": 1,
        "none": 3,
        "malformed": 2,
        "out": str(out),
    }
    monkeypatch.setenv(KEY_VARIABLE, "5a")
    assert isinstance(CliRunner().invoke(APP, call).exception, UsageError)
    monkeypatch.delenv(KEY_VARIABLE)
    assert isinstance(CliRunner().invoke(APP, call).exception, RegistryError)


def test_an_agreement_gives_its_columns_and_its_policy(
    tmp_path: Path, build_index: BuildIndex
) -> None:
    index, out = build_index([PERSON]), tmp_path / "results.jsonl"
    source = tmp_path / "requests.csv"
    source.write_text(HEADER + ",programme\n" + ROWS[0] + ",\n")
    agreement = Path(__file__).parents[2] / "agreements" / "us-benefits-match.yaml"
    call = ["match", str(source), "--registry", str(index), "--out", str(out)]
    assert isinstance(CliRunner().invoke(APP, call).exception, IntakeError)
    source.write_text(HEADER + "\n" + ROWS[0] + "\n")
    assert CliRunner().invoke(APP, call).exit_code == 0
    assert json.loads(out.read_text())["decision"] == "confirmed"
    # that agreement asks for the number as well
    assert CliRunner().invoke(APP, [*call, "--agreement", str(agreement)]).exit_code == 0
    assert json.loads(out.read_text())["decision"] == "ambiguous"


def test_a_stand_alone_index_has_no_officer(tmp_path: Path) -> None:
    source = write_source([PERSON], tmp_path / "source.csv")
    call = ["registry", "build", str(source), "--out", str(tmp_path / "i"), "--as", "o1"]
    assert isinstance(CliRunner().invoke(APP, call).exception, UsageError)
    alone = CliRunner().invoke(APP, ["registry", "build", str(source)])
    assert isinstance(alone.exception, ComityError)
