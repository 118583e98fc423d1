"""The digest: over what is agreed, and nothing else."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from ruamel.yaml import YAML
from tests.agreement.examples import AGREEMENT, SHIPPED, rosters, small

from comity.agreement.digest import agreement_digest, roster_digest
from comity.agreement.loading import load_agreement, parse_agreement
from comity.agreement.model import Amendment, Omission, Opinion, Signature
from comity.core.citation import Citation

GOLDEN = {
    "us-benefits-match": "sha256:cff2b0a119436a44f0fd9d5583b697c3a0cdb989beac72e5a53cf42dfae86137",
    "us-irs-ice-2025": "sha256:f21f27cff74581a198f97a830c0eec37e9a8b2a30af92cab4f48b9ca0de0558d",
}
"""What the parties would sign (`comity agreement digest FILE`). A changed file changes them; so
would a changed model or canonical form, which would void every signature given: never unnoticed."""

FULL = dataclasses.replace(
    small(),
    expires=date(2027, 1, 1),
    suspended_from=date(2026, 6, 1),
    opinions=(Opinion("counsel-1", "Counsel", date(2026, 1, 1), "Memo 1"),),
    omitted=(Omission("matter.identified", "counsel-1"),),
    amends=Amendment("sha256:" + "0" * 64, "Ann", "Ben", "Why"),
    version=2,
)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_golden(path: Any) -> None:
    assert load_agreement(path).digest == GOLDEN[path.stem]


def test_every_field_counts() -> None:
    """Whatever value of an agreement changes, its digest changes, and always to another one."""
    seen = {agreement_digest(FULL)}
    names = set()
    for name, changed in _changes(FULL):
        if not name.startswith("signatures"):
            names.update(name.split("."))
            digest = agreement_digest(changed)
            assert digest not in seen, name
            seen.add(digest)
    kinds = {type(FULL), Citation, type(FULL.limits), type(FULL.parties.holder)}
    for kind in kinds | {Amendment, Omission, Opinion}:
        fields = {field.name for field in dataclasses.fields(kind)}
        assert fields - names <= {"signatures"}, kind


def test_signatures_do_not_count() -> None:
    signed = dataclasses.replace(FULL, signatures=(Signature("holder", "head", {}),))
    assert agreement_digest(signed) == agreement_digest(FULL)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_comments_layout_and_the_order_of_keys_do_not_count(path: Any) -> None:
    plain = YAML(typ="safe", pure=True).load(path.read_text("utf-8"))
    other = json.dumps(_shuffled(plain, Random(1)), default=lambda day: day.isoformat())
    assert parse_agreement(f"# another layout\n{other}", "f").digest == load_agreement(path).digest


def test_the_order_of_elements_counts() -> None:
    turned = dataclasses.replace(FULL, elements=FULL.elements[::-1])
    assert agreement_digest(turned) != agreement_digest(FULL)


def test_defaults_written_out_are_the_same_agreement() -> None:
    assert parse_agreement(
        AGREEMENT + "suspended_from: null\nopinions: []\nomitted: []\n", "f"
    ).digest == (agreement_digest(small()))


def test_a_roster_has_a_digest_too() -> None:
    both = rosters()
    assert roster_digest(both["holder"]) != roster_digest(both["requester"])
    again = dataclasses.replace(both["holder"], version=2)
    assert roster_digest(again) != roster_digest(both["holder"])


def _changes(value: Any) -> Iterator[tuple[str, Any]]:
    """Each value that differs from this one in a single place, with that place's name."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            for name, changed in _changes(getattr(value, field.name)):
                yield f"{field.name}.{name}", dataclasses.replace(value, **{field.name: changed})
    elif isinstance(value, tuple):
        for index, one in enumerate(value):
            for name, changed in _changes(one):
                yield name, (*value[:index], changed, *value[index + 1 :])
        yield "", (*value, *value[:1]) if value else ("added",)
    elif isinstance(value, Mapping):
        yield "", {**value, "added": 1}
        for key, one in value.items():
            for _, changed in _changes(one):
                yield "", {**value, key: changed}
    elif isinstance(value, bool):
        yield "", not value
    elif isinstance(value, int):
        yield "", value + 1
    elif isinstance(value, date):
        yield "", value + timedelta(days=1)
    elif value is not None:
        yield "", f"{value}."


def _shuffled(value: Any, random: Random) -> Any:
    if isinstance(value, dict):
        items = [(key, _shuffled(one, random)) for key, one in value.items()]
        random.shuffle(items)
        return dict(items)
    return [_shuffled(one, random) for one in value] if isinstance(value, list) else value
