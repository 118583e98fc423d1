"""Explanations of made-up evidence, for the tests of what they say and of how they look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

from hypothesis import strategies as st
from tests.identity.test_decision import CERTAIN

from comity.agreement.model import IdentityPolicy
from comity.core.canonical import Json
from comity.identity.decision import decide
from comity.identity.evidence import VERSION, CandidateEvidence, Circumstances, policy_to_json
from comity.identity.explanation import Explanation
from comity.identity.match import Decision, Match
from comity.identity.model import LEVELS
from comity.identity.weight import weigh

POLICY = IdentityPolicy()

FIELD_VALUES: Mapping[str, Json] = {
    "name": ["WILLIAM", "A", "QUIMBY", "JR"],
    "street": ["12", "WALNUT ST"],
    "unit": "4",
    "area": ["PEORIA", "IL", "61601"],
    "date_of_birth": "1971-03-09",
    "number": ["219091234"],
}


def explained_of(
    policy: IdentityPolicy,
    candidates: list[CandidateEvidence],
    around: Circumstances | None = None,
    **more: Any,
) -> Explanation:
    """The explanation of a match as these candidates decide it."""
    circumstances = around or Circumstances()
    verdict = decide(policy, candidates, circumstances)
    about = candidates[verdict.about] if verdict.about is not None else None
    certain = about and verdict.decision is Decision.CONFIRMED
    evidence: dict[str, Json] = {
        "version": VERSION,
        "policy": policy_to_json(policy),
        "asked": FIELD_VALUES,
        "candidates": [one.to_json() for one in candidates],
        "circumstances": circumstances.to_json(),
    }
    return Match(
        key="r1",
        decision=verdict.decision,
        person_id=about.person_id if about and certain else None,
        weight=about.weight if about else 0.0,
        candidates=len(candidates),
        conflict=verdict.conflict,
        reason=verdict.reason,
        evidence=evidence | more,
    ).explain()


def evidence_of(candidates: list[CandidateEvidence]) -> dict[str, Json]:
    return {
        "version": VERSION,
        "policy": policy_to_json(POLICY),
        "asked": FIELD_VALUES,
        "candidates": [one.to_json() for one in candidates],
        "circumstances": Circumstances().to_json(),
    }


@st.composite
def weighed(draw: st.DrawFn) -> CandidateEvidence:
    """A candidate of any levels, weighed with any number of bearers."""
    name = {
        f: draw(st.sampled_from(["exact"] * (f in ("given", "family")) + list(LEVELS[f])))
        for f in vars(CERTAIN.name)
    }
    place = {f: draw(st.sampled_from(LEVELS[f])) for f in vars(CERTAIN.place)}
    one = replace(
        CERTAIN,
        name=replace(CERTAIN.name, **name),
        place=replace(CERTAIN.place, **place),
        dob=draw(st.sampled_from(LEVELS["dob"])),
        number=draw(st.sampled_from(LEVELS["number"])),
        fields=FIELD_VALUES,
    )
    bearers = draw(st.tuples(st.integers(0, 10**7), st.integers(0, 10**7)))
    weight = weigh(
        one.name, one.place, one.dob, one.number, bearers=bearers, persons=draw(st.just(10**7))
    )
    return replace(one, weight=weight)


class Outline(HTMLParser):
    """A page's elements: whether they close, and whether every picture has a title."""

    VOID = frozenset({"meta", "br", "link", "img", "hr"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.ids: list[str] = []
        self.wanted: set[str] = set()
        self.pictures: list[dict[str, str | None]] = []

    @classmethod
    def of(cls, page: str) -> Outline:
        made = cls()
        made.feed(page)
        made.close()
        return made

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        given = dict(attrs)
        if "id" in given:
            self.ids.append(given["id"] or "")
        if "aria-labelledby" in given:
            self.wanted.add(given["aria-labelledby"] or "")
        if tag == "svg" and "svg" not in self.open:
            self.pictures.append(given)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag: str) -> None:
        assert self.open, tag
        assert self.open.pop() == tag

    def check(self) -> None:
        assert self.open == []
        assert len(self.ids) == len(set(self.ids))
        assert self.wanted <= set(self.ids)
        for picture in self.pictures:
            told = picture.get("role") == "img" and picture.get("aria-label")
            assert told or picture.get("aria-hidden") == "true"
