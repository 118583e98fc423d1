"""A dossier that is put together is the canonical JSON of what it says, and names stay the same."""

from __future__ import annotations

import hmac
import pickle
from datetime import UTC, date, datetime
from hashlib import sha256

from hypothesis import given, settings
from hypothesis import strategies as st

from comity.core.canonical import canonical
from comity.core.citation import Citation
from comity.core.outcome import Outcome
from comity.determination.determine import Determination
from comity.examination.finding import Finding, Verdict
from comity.exchange.dossier import Dossiers, dossier_json
from comity.exchange.pseudonyms import Pseudonyms
from comity.identity.match import Decision, Match
from comity.request.model import COLUMNS, TEXT_COLUMNS, Problem, Request

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
texts = st.lists(text, max_size=3).map(tuple)
requests = st.builds(
    Request,
    row=st.integers(1, 10**7),
    line=st.integers(1, 10**7),
    **dict.fromkeys(TEXT_COLUMNS, text),
    date_of_birth=st.none() | st.dates(date(1850, 1, 1)),
    tax_periods=texts,
    recipients=texts,
    facts=st.dictionaries(text, text, max_size=4),
    problems=st.lists(st.builds(Problem, text, text), max_size=2).map(tuple),
)
findings = st.builds(
    Finding,
    text,
    st.sampled_from(Verdict),
    st.builds(Citation, text, text),
    st.sampled_from(Outcome),
    text,
    text,
)
determinations = st.builds(
    Determination,
    request=text,
    outcome=st.sampled_from(Outcome),
    findings=st.lists(findings, max_size=4).map(tuple),
    evidence_digest=text,
    agreement_digest=text,
    rules_version=text,
    at=st.datetimes(timezones=st.just(UTC)),
)
matches = st.builds(
    Match,
    key=text,
    decision=st.sampled_from(Decision),
    person_id=st.none() | text,
    weight=st.floats(-100, 100),
    flags=st.frozensets(text),
    evidence=st.dictionaries(text, text | st.integers(-9, 9), max_size=3),
)


@settings(deadline=None)
@given(requests)
def test_a_request_is_written_canonically(request: Request) -> None:
    assert request.canonical_text().encode() == canonical(request.to_json())
    assert set(request.to_json()) >= set(COLUMNS)


@settings(deadline=None)
@given(st.lists(st.tuples(requests, determinations, st.none() | matches), max_size=3), texts)
def test_a_dossier_is_canonical(
    cases: list[tuple[Request, Determination, Match | None]], stays: tuple[str, ...]
) -> None:
    dossiers = Dossiers("2026-03-02T09:00:00.000000Z", 'sha256:"x"')
    for request, made, match in [*cases, *cases]:
        assert dossiers.encode(request, made, match, stays) == canonical(
            dossier_json(
                request,
                made,
                match,
                stays,
                examined_at="2026-03-02T09:00:00.000000Z",
                registry='sha256:"x"',
            )
        )


@given(st.binary(max_size=64), text, text)
def test_pseudonyms_are_hmacs(key: bytes, kind: str, value: str) -> None:
    named = Pseudonyms(key)
    wanted = hmac.new(key, f"{kind}\x00{value}".encode(), sha256).hexdigest()
    assert named(kind, value) == pickle.loads(pickle.dumps(named))(kind, value) == wanted


def test_a_finding_that_is_met_says_only_that() -> None:
    met = Finding("name.present", Verdict.MET, Citation("26 USC"), Outcome.RETURNED)
    assert met.to_json() == {"rule": "name.present", "verdict": "met"}
    assert datetime.now(UTC).tzinfo is not None
