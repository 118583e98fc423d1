"""The pages and schemas under docs/reference are what the code says today."""

from __future__ import annotations

import json

import pytest
from tests.agreement.examples import ROOT

from comity.agreement.coverage import CONTRACT_RULES, OMISSIBLE_RULES, UNIVERSAL_RULES
from comity.agreement.loading import agreement_schema
from comity.agreement.rosters import roster_schema
from comity.examination.engine import ALWAYS, LATER_RULES
from comity.examination.reference import COMMAND, render_rules, rules_in_words
from comity.examination.rule import RULES

REFERENCE = ROOT / "docs" / "reference"


def test_rules_page() -> None:
    """To make it again: the command that stands in the page."""
    page = (REFERENCE / "rules.md").read_text("utf-8")
    assert page == render_rules()
    assert COMMAND in page


def test_every_rule_of_the_contract_is_there() -> None:
    assert set(CONTRACT_RULES) == (set(RULES) - {"row.wellformed"}) | LATER_RULES
    assert (set(ALWAYS) - {"row.wellformed"}) | LATER_RULES == UNIVERSAL_RULES
    assert set(rules_in_words()) == set(RULES) | LATER_RULES


@pytest.mark.parametrize(
    ("file", "made"),
    [("agreement.schema.json", agreement_schema()), ("roster.schema.json", roster_schema())],
    ids=["agreement", "roster"],
)
def test_published_schemas(file: str, made: dict[str, object]) -> None:
    """To make them again: `comity agreement schema [--roster] > docs/reference/…`."""
    text = (REFERENCE / file).read_text("utf-8")
    assert text == json.dumps(made, indent=2, ensure_ascii=False) + "\n"


def test_the_schema_names_the_rules_and_forbids_unknown_keys() -> None:
    definitions = agreement_schema()["$defs"]
    assert isinstance(definitions, dict)
    assert definitions["Element"]["properties"]["rule"]["enum"] == list(CONTRACT_RULES)
    assert definitions["Omission"]["properties"]["rule"]["enum"] == list(OMISSIBLE_RULES)
    assert all(one["additionalProperties"] is False for one in definitions.values())


@pytest.mark.parametrize("schema", [agreement_schema(), roster_schema()], ids=["a", "r"])
def test_every_key_is_documented(schema: dict[str, object]) -> None:
    """docs/reference/agreement.md says something of every key that a file may have."""
    page = (REFERENCE / "agreement.md").read_text("utf-8")
    definitions = schema["$defs"]
    assert isinstance(definitions, dict)
    for kind in [schema, *definitions.values()]:
        for key in kind["properties"]:
            assert f"`{key}`" in page, key
