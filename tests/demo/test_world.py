"""The made world against the rules: what it calls lawful is sound, what it spoils is found.

A failure here is a mistake of a rule or of the world; either way one of them does not know the
law that the other does.
"""

from __future__ import annotations

import csv
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest
from tests.demo.made import NOW, MadeWorld

from comity.agreement.loading import parse_agreement
from comity.agreement.model import IdentityPolicy
from comity.agreement.rosters import load_roster
from comity.demo.defects import DEFECTS, DUPLICATE, ONE_OFFICIAL
from comity.demo.officers import make_rosters
from comity.demo.requests import FACTS
from comity.demo.subjects import DEFICIENT, LAWFUL
from comity.demo.world import make_world, read_truth
from comity.examination.context import Circumstances
from comity.examination.engine import compile_agreement
from comity.examination.finding import Verdict
from comity.identity.match import Decision
from comity.identity.record import subject_of
from comity.identity.registry import Registry
from comity.request.intake import open_batch

AGREEMENT = files("comity.demo") / "data" / "us-irs-ice-2025.yaml"
FOUND_BY = {defect.name: defect.rules for defect in (*DEFECTS, ONE_OFFICIAL)} | {
    DUPLICATE: ("request.unique",)
}


@pytest.fixture(scope="module")
def unmet(office: MadeWorld, tmp_path_factory: pytest.TempPathFactory) -> dict[int, frozenset[str]]:
    """The rules that each row of the office's batch does not meet."""
    cast = make_rosters(tmp_path_factory.mktemp("rosters"), today=NOW.date())
    loaded = parse_agreement(AGREEMENT.read_text("utf-8"), AGREEMENT.name)
    examination = compile_agreement(loaded.agreement)
    around = Circumstances(
        at=NOW, known=frozenset({"roster"}), roster=load_roster(cast.requester_roster)
    )
    found: dict[int, frozenset[str]] = {}
    with open_batch(office.world.batch, facts=FACTS) as batch:
        context = examination.begin(batch.chunks(), around)
        for chunk in batch.chunks():
            for request in chunk:
                findings = examination.examine(request, context)
                found[request.row] = frozenset(
                    one.rule for one in findings if one.verdict is Verdict.UNMET
                )
    return found


def test_every_lawful_row_is_sound(office: MadeWorld, unmet: dict[int, frozenset[str]]) -> None:
    wrong = Counter(
        (truth.kind, rule)
        for row, truth in office.truth.items()
        if truth.lawful
        for rule in unmet[row] - {"use.attested", "signatory.authority"}  # no manifest here
    )
    assert not wrong
    assert sum(truth.lawful for truth in office.truth.values()) > 350


def test_every_defect_is_found_by_a_rule_that_it_names(
    office: MadeWorld, unmet: dict[int, frozenset[str]]
) -> None:
    missed = Counter(
        defect
        for row, truth in office.truth.items()
        for defect in truth.defects
        # a row that cannot be read as one gets no other finding
        if unmet[row] != {"row.wellformed"} and not unmet[row] & set(FOUND_BY[defect])
    )
    assert not missed
    seen = {defect for truth in office.truth.values() for defect in truth.defects}
    assert seen == set(FOUND_BY)


def test_no_lawful_request_is_confirmed_about_another_person(
    lawful_office: MadeWorld, tmp_path: Path
) -> None:
    Registry.build(lawful_office.world.registry, tmp_path / "registry")
    with (
        Registry.open(tmp_path / "registry") as registry,
        open_batch(lawful_office.world.batch, facts=FACTS) as batch,
    ):
        asked = [request for chunk in batch.chunks() for request in chunk]
        matches = registry.verify([subject_of(request) for request in asked], IdentityPolicy())
    wrong: Counter[str] = Counter()
    due = answered = 0
    for request, match in zip(asked, matches, strict=True):
        truth = lawful_office.truth[request.row]
        if not truth.lawful:
            continue
        due += truth.certain
        if match.decision is Decision.CONFIRMED:
            wrong[truth.kind] += match.person_id != truth.person_id
            answered += truth.certain
    assert not +wrong
    assert due > 2_000
    assert answered / due > 0.95


def test_the_shares_are_as_stated(office: MadeWorld) -> None:
    truths = office.truth.values()
    assert len(truths) == office.world.requests == 3_000
    assert sum(truth.lawful for truth in truths) == 375
    assert sum(DUPLICATE in truth.defects for truth in truths) == 30
    kinds = Counter(truth.kind for truth in truths if truth.lawful)
    assert kinds["current_address"] / 375 == pytest.approx(0.46, abs=0.08)
    assert set(kinds) <= set(LAWFUL)
    others = Counter(truth.kind for truth in truths if not truth.lawful)
    assert others["stranger"] / 2_625 == pytest.approx(0.48, abs=0.04)
    assert set(DEFICIENT) <= set(others)


def test_the_same_seed_makes_the_same_world_and_another_another(tmp_path: Path) -> None:
    one, two, other = (
        make_world(tmp_path / name, today=NOW.date(), persons=900, requests=200, seed=seed)
        for name, seed in (("one", 5), ("two", 5), ("other", 6))
    )
    assert one.registry.read_bytes() == two.registry.read_bytes()
    assert one.batch.read_bytes() == two.batch.read_bytes()
    assert read_truth(one.truth) == read_truth(two.truth)
    assert one.batch.read_bytes() != other.batch.read_bytes()


def test_nobody_asked_about_lawfully_is_a_child(office: MadeWorld) -> None:
    with office.world.registry.open(encoding="utf-8", newline="") as file:
        minors = {row["person_id"] for row in csv.DictReader(file) if "minor" in row["flags"]}
    asked = {truth.person_id for truth in office.truth.values() if truth.lawful}
    assert minors
    assert not minors & asked


def test_a_world_that_is_too_small_says_so(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="twice as many"):
        make_world(tmp_path, today=NOW.date(), persons=600, requests=100)
