"""An explanation as text and as a page: nothing runs over, and no value does anything."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from tests.identity.explained import (
    FIELD_VALUES,
    POLICY,
    Outline,
    explained_of,
    weighed,
)
from tests.identity.test_decision import CERTAIN

from comity.core.canonical import Json
from comity.identity.evidence import CandidateEvidence
from comity.identity.explanation_chart import Scale, stacked, steps
from comity.identity.explanation_fields import Contribution
from comity.identity.explanation_page import Section, render_page
from comity.identity.explanation_words import visible


@given(st.lists(weighed(), min_size=1, max_size=4))
@settings(max_examples=100, deadline=None)
def test_the_pictures_stay_within_their_frame(candidates: list[CandidateEvidence]) -> None:
    page = explained_of(POLICY, candidates).to_html()
    for x, width in re.findall(r'<svg x="([-\d.]+)%" y="0" width="([\d.]+)%"', page):
        assert float(x) >= 0
        assert float(x) + float(width) <= 100.2


def test_what_speaks_against_stands_side_by_side() -> None:
    parts = [Contribution((f,), bits) for f, bits in (("dob", -7.0), ("number", -3.0), ("unit", 5))]
    scale = Scale.over([parts])
    assert (scale.low, scale.high) == (-10, 5)
    drawn = str(stacked(parts, scale, -5.0, "a title"))
    found = re.findall(r'<svg x="([-\d.]+)%" y="0" width="([\d.]+)%"', drawn)
    (dob, number, unit) = [(float(x), float(x) + float(width)) for x, width in found]
    assert dob[1] == pytest.approx(scale.at(0), abs=0.02)
    assert number[1] == pytest.approx(dob[0], abs=0.02)
    assert unit[0] == pytest.approx(scale.at(0), abs=0.02)
    assert f'x="{scale.at(-5):.2f}%" y="35"' in drawn
    assert drawn.count('class="against"') == 2


def test_steps_lead_to_the_sum() -> None:
    parts = [
        Contribution(("given", "family"), 12.0),
        Contribution(("dob",), -7.0),
        Contribution(("house",), 6.0),
    ]
    scale = Scale(0, 12)
    drawn = dict(steps(parts, scale))
    assert list(drawn) == ["given", "dob", "house"]
    assert "birth date: −7.0 bits, then +5.0 in sum" in str(drawn["dob"])
    assert 'class="against"' in str(drawn["dob"])
    assert 'class="against"' not in str(drawn["house"])
    assert f'<svg x="{scale.at(5):.2f}%"' in str(drawn["house"])


RIVALS = [
    replace(CERTAIN, person_id="one", dob="different", weight=25.5, fields=FIELD_VALUES),
    replace(CERTAIN, person_id="other", weight=32.5, fields=FIELD_VALUES),
    replace(CERTAIN, person_id="third", weight=32.5, fields=FIELD_VALUES),
]
HOSTILE = (
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)> ' &amp;",
    "\u202eYBMIUQ\u202c \u2066x",
    "A\x1b[31mRED\x1b[0m\x07\r\n\x85",
    "Z" * 200,
    "{{ 7 * 7 }} [bold]",
    "שלום 日本語 नमस्ते",
    "\ud800",
)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_value_does_anything(hostile: str) -> None:
    values: dict[str, Json] = {
        "name": [hostile, hostile, hostile, hostile],
        "street": [hostile, hostile],
        "unit": hostile,
        "area": [hostile, hostile, hostile],
        "date_of_birth": "1971-03-09",
        "number": [hostile, hostile],
    }
    found = [
        replace(CERTAIN, person_id=hostile, fields=values, flags=(hostile,)),
        replace(CERTAIN, person_id=hostile + "2", fields=values, weight=41.0),
    ]
    explained = replace(explained_of(POLICY, found, asked=values), key=hostile, reason=hostile)
    page = render_page([Section(explained, hostile, (hostile,))])
    outline = Outline.of(page)
    outline.check()
    assert not {"script", "img"} & outline.tags
    assert not any(name.startswith("on") for name in outline.attributes)
    assert "49" not in re.findall(r"<bdi>(.*?)</bdi>", page)
    text = explained.to_text()
    for shown in (page, text):
        lines = shown.replace("\n", "")
        assert visible(lines) == lines.replace("\u00a0", " ")
        shown.encode()
    assert max(map(cell_len, text.splitlines())) <= 110


@pytest.mark.parametrize("width", [10, 60, 80, 200])
def test_text_keeps_to_its_width(width: int) -> None:
    text = explained_of(POLICY, RIVALS).to_text(width)
    assert max(map(cell_len, text.splitlines())) <= max(width, 60)
    assert text.count("WALNUT") >= 2


def test_the_page_needs_nothing_from_elsewhere() -> None:
    page = explained_of(POLICY, RIVALS).to_html()
    assert not re.search(r"https?://|//[a-z]|<script|<link|<img|url\((?!#)|@import", page)
    assert "default-src 'none'" in page
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page
    outline = Outline.of(page)
    outline.check()
    assert outline.tags >= {"svg", "table", "details"}
    one, two = render_page([]), render_page([Section(explained_of(POLICY, RIVALS))] * 2)
    assert one.count("<article") == 0
    assert two.count("<article") == 2
    Outline.of(two).check()
