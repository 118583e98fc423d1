"""The page and its pictures: the report's numbers, nothing from elsewhere, nothing unescaped."""

from __future__ import annotations

import dataclasses
import re
from html.parser import HTMLParser

import pytest

from comity.demo.comparison import Tally
from comity.demo.figures import Link, Node, Part, flow, parts_bar
from comity.demo.page import render
from comity.demo.report import (
    Course,
    Delivery,
    LogStory,
    Note,
    Reason,
    Report,
    Stage,
    StayScene,
)

REPORT = Report(
    made="2031-02-03",
    version="9.8.7",
    persons=100_003,
    addresses=137_511,
    course=Course(
        received=10_007,
        malformed=93,
        returned=8_151,
        refused=583,
        not_certain=233,
        held=97,
        held_approved=41,
        ready=943,
        disclosed=984,
    ),
    statuses={"returned": 8_151, "refused": 583, "not_verified": 289, "disclosed": 984},
    reasons=(
        Reason("reason.individual", "Is it <about> this person?", "26 USC", "returned", 5_923),
        Reason("statute.designated", "Is it designated & criminal?", "18 USC", "refused", 275),
        Reason("subject.protected", "Is the person protected?", "6103(i)(6)", "held", 54),
    ),
    then=Tally(3_606, 2_696, 403, 378, 1_016, 862),
    now=Tally(984, 0, 0, 0, 1_016, 971),
    stay=StayScene("order of a court", "counsel-1", "inspector-1", 985, 0),
    delivery=Delivery(61, 62, 63, 1_234),
    refused_attempt="Officer preparer-1 may not approve.",
    log=LogStory(
        origin="log.example/demo",
        size=13_121,
        root="ab" * 32,
        types={"request.determined": 10_007, "batch.received": 1},
        verify_seconds=0.7,
        file="tile/entries/025",
        offset=8_123,
        before=0x61,
        after=0x60,
        said="tile/0/025: The hashes are others.",
    ),
    stages=(Stage("making the world", 8.5), Stage("judging <rows>", 18.25)),
    folder=(Note("exchange/log/", "the log itself"),),
    commands=(Note("comity ledger verify", "verify it"),),
)


def test_the_page_shows_the_numbers_of_the_report() -> None:
    page = render(REPORT)
    for number in ("10,007", "8,151", "3,606", "2,696", "403", "984", "971", "862", "13,121"):
        assert number in page
    for text in ("9.8.7", "2031-02-03", "26.8", "log.example/demo", "tile/entries/025", "8,123"):
        assert text in page
    assert "tile/0/025: The hashes are others." in page
    assert "Officer preparer-1 may not approve." in page
    assert "each of them lawful and about the person meant" in page


def test_the_headline_does_not_claim_more_than_was_found() -> None:
    worse = dataclasses.replace(REPORT, now=Tally(984, 7, 3, 1, 1_016, 971))
    page = render(worse)
    assert "each of them lawful" not in page
    assert "7 and 3 of them so" in page


def test_the_page_needs_nothing_from_elsewhere_and_escapes_what_it_shows() -> None:
    page = render(REPORT)
    assert not re.search(r"https?://|//[a-z]|<script|<link|<img|url\(|@import", page)
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
    assert "Is it &lt;about&gt; this person?" in page
    assert "<about>" not in page
    assert "<rows>" not in page


def test_the_page_is_well_formed_and_can_be_read_aloud() -> None:
    outline = _Outline()
    outline.feed(render(REPORT))
    assert outline.open == []
    assert outline.headings[0] == "h1"
    assert outline.headings.count("h1") == 1
    assert outline.pictures == outline.titles
    assert len(outline.headed) == 5
    assert all(outline.headed)


def test_a_flow_is_in_proportion_and_loses_nothing() -> None:
    nodes = {"a": Node(0, "all", "ink"), "b": Node(1, "most", "good"), "c": Node(1, "few", "bad")}
    picture = str(flow(nodes, [Link("a", "b", 900), Link("a", "c", 100)], "a title"))
    heights = [float(h) for h in re.findall(r'<rect[^>]*height="([\d.]+)"', picture)]
    assert heights[1] / heights[2] == pytest.approx(9, rel=0.01)
    assert heights[0] == pytest.approx(heights[1] + heights[2], abs=0.2)
    thick = [float(v) for v in re.findall(r" v([\d.]+) ", picture)]
    assert thick == heights[1:]
    assert "<title>a title</title>" in picture
    assert "all to few: 100" in picture


def test_a_flow_without_rows_is_still_a_picture() -> None:
    nodes = {"a": Node(0, "all", "ink"), "b": Node(1, "none", "good")}
    assert "<svg" in flow(nodes, [Link("a", "b", 0)], "empty")


def test_a_bar_is_in_proportion() -> None:
    picture = str(parts_bar([Part("x", 1, "good"), Part("y", 3, "bad")], 8, "a & b"))
    assert re.findall(r'x="([\d.]+)%" width="([\d.]+)%"', picture) == [
        ("0.000", "12.500"),
        ("12.500", "37.500"),
    ]
    assert "a &amp; b" in picture


class _Outline(HTMLParser):
    """Open tags, headings, pictures with their titles, tables without column headers."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[str] = []
        self.headed: list[bool] = []
        self.pictures = self.titles = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("meta", "br"):
            return
        if re.fullmatch(r"h\d", tag):
            self.headings.append(tag)
        if tag == "svg" and dict(attrs).get("role") == "img":
            self.pictures += 1
        if tag == "title" and self.open[-1] == "svg":
            self.titles += 1
        if tag == "table":
            self.headed.append(False)
        if tag == "th" and dict(attrs).get("scope") == "col":
            self.headed[-1] = True
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Shapes without content."""

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
