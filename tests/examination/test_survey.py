"""The survey finds what a comparison of every row with every other finds."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examination.desk import FACTS, LAWFUL

from comity.examination.context import BatchSurvey, Circumstances, History, plain_fingerprint
from comity.examination.likeness import digits_of, folded, matter_of, reason_core, subjects_of
from comity.examination.survey import Survey, survey
from comity.examination.traits import traits_of
from comity.request.cells import Cells, to_request
from comity.request.model import Request

AT = datetime(2026, 3, 2, tzinfo=UTC)

rows = st.lists(
    st.fixed_dictionaries(
        {
            "request_id": st.sampled_from(["a", "b", "c", "d", ""]),
            "case_number": st.sampled_from(["FD-1", "fd 1", "FD-2", ""]),
            "first_name": st.sampled_from(["Ann", "ANN", "Bo", ""]),
            "last_name": st.sampled_from(["Lee", ""]),
            "suffix": st.sampled_from(["", "Jr", "SR"]),
            "date_of_birth": st.sampled_from(["", "1980-01-01", "1980-01-02", "1950-01-01"]),
            "tin": st.sampled_from(["", "850123456", "850-12-3456", "851223344"]),
            "street": st.sampled_from(["1 Elm St", "1 ELM STREET", "2 Elm St"]),
            "reason": st.sampled_from(["", "To find Ann.", "To find Bo.", "Other"]),
            "recipients": st.sampled_from(["", "x", "x;y", "x;x"]),
        }
    ),
    max_size=14,
)


def requests_of(cells: list[dict[str, str]]) -> list[Request]:
    return [to_request(n, Cells(n + 1, {**LAWFUL, **one}), FACTS) for n, one in enumerate(cells, 1)]


def compared(requests: list[Request], history: History) -> BatchSurvey:
    """By definition: each row with all before it."""
    finger = plain_fingerprint
    reasons: dict[str, int] = {}
    recipients = dict(history.open_requests)
    persons: dict[str, set[str]] = {}
    repeated: set[int] = set()
    same_id: set[int] = set()
    before: list[tuple[tuple[str, str], Request]] = []
    for place, request in enumerate(requests):
        for officer in set(request.recipients):
            recipients[officer] = recipients.get(officer, 0) + 1
        if request.reason:
            name = finger("reason", reason_core(request))
            reasons[name] = reasons.get(name, 0) + 1
        if request.request_id and request.request_id in {r.request_id for r in requests[:place]}:
            same_id.add(request.row)
        ways = [finger("subject", way) for way in subjects_of(request)]
        if not (request.case_number and ways):
            continue
        matter = finger("matter", matter_of(request))
        persons.setdefault(matter, set(history.persons.get(matter, ()))).add(ways[0])
        keys = [(matter, way) for way in ways]
        if any(key in history.open_subjects for key in keys) or any(
            key in keys and may_be(request, other) for key, other in before
        ):
            repeated.add(request.row)
        before += [(key, request) for key in keys]
    return BatchSurvey(
        len(requests),
        {name: count for name, count in reasons.items() if count > 1},
        recipients,
        {matter: len(who) for matter, who in persons.items()},
        frozenset(repeated),
        frozenset(same_id),
    )


def may_be(one: Request, other: Request) -> bool:
    pairs = [
        (folded(one.suffix), folded(other.suffix)),
        (digits_of(one.tin), digits_of(other.tin)),
    ]
    if one.date_of_birth and other.date_of_birth:
        pairs.append((str(one.date_of_birth.year), str(other.date_of_birth.year)))
    return all(not (a and b and a != b) for a, b in pairs)


@settings(deadline=None)
@given(rows, st.booleans(), st.sampled_from([1, 3, 100]))
def test_it_finds_what_comparing_all_rows_finds(
    cells: list[dict[str, str]], known: bool, size: int
) -> None:
    requests = requests_of(cells)
    history = History()
    if known:
        matter = plain_fingerprint("matter", "FD1")
        ways = [plain_fingerprint("subject", w) for r in requests[:1] for w in subjects_of(r)]
        history = History(
            open_requests={"x": 3},
            persons={
                matter: frozenset({"p1", *ways}),
                plain_fingerprint("matter", "Z"): frozenset(),
            },
            open_subjects=frozenset((matter, way) for way in ways[:1]),
        )
    around = Circumstances(at=AT, history=history)
    chunks = [requests[at : at + size] for at in range(0, len(requests), size)]
    found, wanted = survey(chunks, around), compared(requests, history)
    assert {**found.persons} == {
        matter: count
        for matter, count in wanted.persons.items()
        if matter in found.persons or count > 1
    }
    assert (found.rows, found.reasons, found.recipients) == (
        *(wanted.rows, wanted.reasons, wanted.recipients),
    )
    assert (found.repeated, found.same_id) == (wanted.repeated, wanted.same_id)


def test_a_million_of_one_name_at_one_address_are_not_compared_with_each_other() -> None:
    """Fathers and sons without end: each looks up eight answers, whatever the number before."""
    made = Survey()
    cells = [{"request_id": f"r{n}", "tin": str(100_000_000 + n)} for n in range(6_000)]
    made.add(traits_of(requests_of(cells), plain_fingerprint))
    assert made.finish(History()).repeated == frozenset()


def test_after_it_is_finished_only_fingerprints_are_kept() -> None:
    made = Survey()
    requests = requests_of([{"request_id": "a"}, {"request_id": ""}])
    made.add(traits_of(requests, plain_fingerprint), after=10)
    made.finish(History())
    (kept,) = made.fingerprints()
    assert kept.column("row").to_pylist() == [11, 12]
    assert kept.column("id").to_pylist() == [bytes.fromhex(plain_fingerprint("request", "a")), None]
    matter = bytes.fromhex(plain_fingerprint("matter", matter_of(requests[0])))
    assert kept.column("matter").to_pylist() == [matter, matter]
