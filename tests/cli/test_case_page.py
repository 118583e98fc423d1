"""A case on a terminal: its persons are compared in the words of an explanation."""

from __future__ import annotations

import io
from collections.abc import Mapping

from rich.console import Console
from tests.identity.explained import FIELD_VALUES, POLICY
from tests.identity.test_decision import CERTAIN

from comity.cli.case_page import show_case
from comity.core.canonical import Json
from comity.identity.compare_names import NameLevels
from comity.identity.evidence import VERSION, Circumstances, policy_to_json

OTHER = {**FIELD_VALUES, "name": ["[red]BILL", "", "QUIMBY\x1b[2J", ""]}
SHORT = NameLevels("plain_short_form", "exact", "agrees", "agrees")


def shown(evidence: Mapping[str, Json]) -> str:
    """What is printed of a case with this evidence."""
    found: Mapping[str, Json] = {
        "request": {"request_id": "R1", "facts": {}},
        "determination": {"outcome": "ready", "findings": []},
        "match": {
            "decision": "ambiguous",
            "person_id": None,
            "reason": "Another person at this address may be meant as well.",
            "flags": [],
            "candidates": 2,
            "evidence": evidence,
        },
    }
    screen = io.StringIO()
    show_case(Console(file=screen, width=400, soft_wrap=True), found)
    return screen.getvalue()


def evidence() -> dict[str, Json]:
    one = CERTAIN.to_json() | {"person_id": "P1", "fields": FIELD_VALUES}
    other = one | {"person_id": "P2", "name": dict(vars(SHORT)), "fields": OTHER}
    return {
        "version": VERSION,
        "policy": policy_to_json(POLICY),
        "asked": FIELD_VALUES,
        "candidates": [one, other],
        "circumstances": Circumstances().to_json(),
    }


def test_persons_stand_side_by_side_with_their_part_and_the_reason() -> None:
    text = shown(evidence())
    assert "Identity: ambiguous. Another person at this address may be meant as well." in text
    assert "person P1 (nearest)" in text
    assert "person P2 (rival)" in text
    assert "(slight doubt: a short form that is hardly ever a name of its own)" in text
    assert "Stands in the way: name and address agree." in text
    assert "What would have been needed: " in text
    assert "[red]BILL" in text
    assert "\x1b" not in text


def test_evidence_of_another_version_does_not_hide_the_case() -> None:
    text = shown({"version": 99})
    assert "Outcome: ready" in text
    assert "cannot be read" in text
