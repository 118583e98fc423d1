"""`comity match --explain`: one row of a file explained, and nothing of it anywhere else."""

from __future__ import annotations

import json
import logging
import re
import shlex
from pathlib import Path

import pytest
from tests.cli.shell import Said, Shell
from tests.identity.conftest import write_source

from comity.cli.index_key import KEY_VARIABLE
from comity.identity.batch import LISTED
from comity.identity.registry import Registry

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
    "r3,Otto,<b>Ystrad</b>,,1 Elm St,Peoria,IL,61601",
    "r1,Ada,Quimbie,1980-03-09,12 Walnut St,Peoria,IL,61601",
    ",Ada,Quimby,,12 Walnut St,Peoria,IL,61601",
]


class Matching:
    """Calls `comity match` on one file and one index."""

    def __init__(self, comity: Shell, folder: Path) -> None:
        self._comity = comity
        self.folder = folder
        self.requests = folder / "requests.csv"
        self.requests.write_text("\n".join([HEADER, *ROWS]) + "\n", "utf-8")
        Registry.build(write_source([PERSON], folder / "source.csv"), folder / "index")

    def __call__(self, *more: object) -> Said:
        return self._comity("match", self.requests, "--registry", self.folder / "index", *more)


@pytest.fixture
def matching(comity: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Matching:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    return Matching(comity, tmp_path)


def test_every_row_of_the_id_is_explained_and_no_other(matching: Matching) -> None:
    before = sorted(matching.folder.iterdir())
    said = matching("--explain", "r1")
    assert (said.code, said.err) == (0, "")
    assert f"{matching.requests}:2\nRequest r1: confirmed\n" in said.out
    assert f"{matching.requests}:5\nRequest r1: none\n" in said.out
    for words in ("QUIMBIE", "contradicts: another birth date", "ADA", "WALNUT ST", "p1"):
        assert words in said.out
    assert "YSTRAD" not in said.out
    assert sorted(matching.folder.iterdir()) == before, "nothing is written that was not asked for"


def test_it_says_what_the_results_of_the_whole_file_say(matching: Matching) -> None:
    out = matching.folder / "results.jsonl"
    assert matching("--out", out).code == 0
    told = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    for key in ("r1", "r2", "r3"):
        said = json.loads(matching("--explain", key, "--json").out)
        expected = [row for row in told if row["request_id"] == key]
        assert said["rows_of_request"] == len(expected)
        for explained, row in zip(said["explanations"], expected, strict=True):
            assert explained["decision"] == row["decision"]
            assert explained["person_id"] == row["person_id"]
            assert explained["weight"] == row["weight"]
            assert explained["compared"] == row["candidates"]


def test_a_malformed_row_is_explained_by_what_is_wrong_with_it(matching: Matching) -> None:
    said = matching("--explain", "r2")
    assert said.code == 0
    assert "date_of_birth: " in said.out
    assert "malformed and was not looked up" in said.out
    (found,) = json.loads(matching("--explain", "r2", "--json").out)["explanations"]
    assert found["line"] == 3
    assert found["problems"]
    assert found["candidates"] == []


def test_the_page_is_its_owners_alone(matching: Matching, caplog: pytest.LogCaptureFixture) -> None:
    page = matching.folder / "explained.html"
    page.write_text("of last week")
    page.chmod(0o644)
    with caplog.at_level(logging.DEBUG):
        said = matching("--explain", "r1", "--html", page)
    assert said.code == 0
    assert said.out == f"2 explanations in {page}\n"
    assert page.stat().st_mode & 0o077 == 0
    written = page.read_text("utf-8")
    assert "requests.csv, line 2" in written
    assert "requests.csv, line 5" in written
    assert written.count("<article") == 2
    for name in ("quimby", "walnut"):
        assert name not in (said.out + said.err + caplog.text).lower()
    assert not list(matching.folder.glob(".explained*"))


def test_a_page_and_json_at_once(matching: Matching) -> None:
    page = matching.folder / "explained.html"
    said = json.loads(matching("--explain", "r3", "--html", page, "--json").out)
    assert said["html"] == str(page)
    assert said["request_id"] == "r3"
    assert "<b>Ystrad" not in page.read_text("utf-8")


def test_results_and_an_explanation_in_one_call(matching: Matching) -> None:
    out = matching.folder / "results.csv"
    said = matching("--out", out, "--explain", "r3")
    assert said.code == 0
    assert "5 requests matched" in said.out
    assert "Request r3: none" in said.out
    assert out.exists()
    as_json = json.loads(matching("--out", out, "--explain", "r3", "--json").out)
    assert as_json["rows"] == 5
    assert len(as_json["explanations"]) == 1


@pytest.mark.parametrize("key", ["R1", "r", "", "Quimby"])
def test_an_id_that_no_row_bears(matching: Matching, key: str) -> None:
    page = matching.folder / "explained.html"
    said = matching("--explain", key, "--html", page)
    assert said.code == 2
    assert str(matching.requests) in said.err
    assert "No row of the file bears the request id" in said.err
    assert "Rows without one: 1." in said.err
    assert "Quimby" not in said.err
    assert not page.exists()


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("  Größe  7 ", "Größe 7"),
        ("Gro\u0308ße7", "Größe7"),
        ("Größe\u200b 7", "Größe 7"),
        ("  A  7 ", "A 7"),
        ("7" * 1200, "7" * 1000),
    ],
)
def test_an_id_is_looked_for_in_normal_form(matching: Matching, written: str, key: str) -> None:
    rest = ",Ada,Quimby,1971-03-09,12 Walnut St,Peoria,IL,61601"
    rows = [HEADER, *ROWS, f"{key}0{rest}", f"{written}{rest}", f"{key}\u00e40{rest}"]
    matching.requests.write_text("\n".join(rows) + "\n", "utf-8")
    said = json.loads(matching("--explain", key, "--json").out)
    assert len(rows) - 1 in [one["line"] for one in said["explanations"]]
    assert said["rows_of_request"] == (3 if len(key) == 1000 else 1), "all cut to one length"


def test_a_file_without_rows(matching: Matching) -> None:
    matching.requests.write_text(HEADER + "\n", "utf-8")
    said = matching("--explain", "r1")
    assert said.code == 2
    assert "holds no requests" in said.err


def test_calls_that_do_not_add_up(matching: Matching) -> None:
    nothing = matching()
    assert nothing.code == 2
    assert "--out FILE" in nothing.err
    assert "--explain REQUEST_ID" in nothing.err
    page = matching("--out", matching.folder / "r.csv", "--html", matching.folder / "p.html")
    assert page.code == 2
    assert "--explain REQUEST_ID" in page.err
    before = matching.requests.read_bytes()
    over = matching("--explain", "r1", "--html", matching.folder / "." / matching.requests.name)
    assert over.code == 2
    assert "overwrite" in over.err
    assert matching.requests.read_bytes() == before
    both = matching.folder / "both.csv"
    assert matching("--explain", "r1", "--out", both, "--html", both).code == 2
    assert not both.exists()
    nowhere = matching("--explain", "r1", "--html", matching.folder / "no" / "p.html")
    assert nowhere.code == 2
    assert "cannot be written" in nowhere.err


def test_of_very_many_rows_the_first_are_explained(matching: Matching) -> None:
    matching.requests.write_text("\n".join([HEADER, *ROWS[1:2] * (LISTED + 5)]) + "\n", "utf-8")
    said = matching("--explain", "r2")
    assert said.code == 0
    assert said.out.count("Request r2: none") == LISTED
    assert f"{LISTED + 5}, of which the first {LISTED} are explained" in said.err


PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "explain-a-match.md"


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def test_the_page_shows_what_is_printed(
    comity: Shell,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Run what docs/how-to/explain-a-match.md shows. `…` stands for anything, and figures of bits
    for others: they change with the model that weighs."""
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    for name, content in zip(("persons.csv", "requests.csv"), blocks("csv"), strict=True):
        Path(name).write_text(content, "utf-8")
    shown = [part for block in blocks("console") for part in block.split("$ ") if part]
    assert len(shown) == 3
    for part in shown:
        call, _, expected = part.partition("\n")
        program, *words = shlex.split(call)
        assert program == "comity"
        said = comity(*words)
        assert said.code == 0, said.err
        wanted = re.escape(plain(expected)).replace("…", ".*")
        assert re.fullmatch(wanted, plain(said.out), re.DOTALL), said.out
    (example,) = blocks("python")
    assert len([line for line in example.splitlines() if line]) <= 10
    capsys.readouterr()
    exec(compile(example, str(PAGE), "exec"), {})
    printed = capsys.readouterr().out
    assert "1. Person p1: nearest" in printed
    assert "2. Person p2: rival" in printed
    assert Path("r2.html").stat().st_size > 10_000


def plain(text: str) -> str:
    """Text without its spacing, and every figure of bits the same."""
    return " ".join(re.sub(r"[+−]?\d+\.\d\b", "N", text).split())
