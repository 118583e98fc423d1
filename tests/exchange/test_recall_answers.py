"""Recipients' answers: only their own, only to this notice, only newer ones; and what follows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.exchange.office import PERSON, REQUEST, make_office
from tests.exchange.recalls import ASKED, OTHER, Desk

from comity.core.clock import stamp
from comity.core.errors import (
    AuthorizationError,
    ComityError,
    ConflictError,
    KeyMaterialError,
    UsageError,
)
from comity.core.statement import Statement, sign
from comity.disclosure.notice_answer import KIND, Account, Copies
from comity.disclosure.receipt import KIND as RECEIPT

FIRST, SECOND = "i000001-n0003", "i000001-n0004"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """An incident of two disclosures, to an officer each, of which one has two packages."""
    made = make_office(tmp_path / "office", PERSON, OTHER)
    desk = Desk(made)
    desk.disclose(REQUEST, ASKED)
    again = dict(REQUEST, request_id="R5", case_number="X-5")
    desk.disclose(again, batch="b000002")
    persons = tmp_path / "persons.txt"
    persons.write_text("P1\nP2")
    desk.open(persons=persons)
    yield desk
    made.exchange.close()


def body_of(path: Path) -> dict[str, Any]:
    return dict(Statement.from_json(json.loads(path.read_text()), kind=KIND).body)


def signed(desk: Desk, body: dict[str, Any], by: str = "inv-01", kind: str = KIND) -> Path:
    """A statement as somebody with that officer's key could make it."""
    path = desk.office.folder / "made.json"
    path.write_text(json.dumps(sign(kind, body, desk.office.credentials(by).key).to_json()))
    return path


def test_an_answer_is_recorded_and_sealed(desk: Desk) -> None:
    account = Account(
        Copies.DESTROYED, "Purged, NIST 800-88", used_in=("Grand jury 26-11, closed",)
    )
    made = desk.take(desk.answer(desk.notices()[FIRST], "inv-01", account))
    assert made.packages == ("b000001-p0001", "b000002-p0001")
    (entry,) = desk.logged("notice.answered")
    assert entry.body == {
        "incident": "i000001",
        "notice": FIRST,
        "recipient": "inv-01",
        "packages": 2,
    }
    first = next(n for n in desk.standing().notices if n.notice.id == FIRST)
    assert {a.copies for a in first.answers.values()} == {"destroyed"}
    assert all(a.used and a.opened for a in first.answers.values())
    assert desk.standing().outstanding == 1


def test_packages_may_be_answered_one_by_one(desk: Desk) -> None:
    notice = desk.notices()[FIRST]
    returned = Account(Copies.RETURNED, "On the same disk, by courier", opened=False)
    desk.take(desk.answer(notice, "inv-01", returned, packages=("b000001-p0001",)))
    assert desk.standing().wanting["packages without an answer"] == 2
    kept = Account(Copies.KEPT, "Exhibit 4 of a pending motion, under seal")
    desk.take(desk.answer(notice, "inv-01", kept, packages=("b000002-p0001",)))
    wanting = desk.standing().wanting
    assert wanting["packages without an answer"] == 1
    assert wanting["packages of which a copy is kept"] == 1
    desk.take(desk.answer(notice, "inv-01", packages=("b000002-p0001",)))
    assert "packages of which a copy is kept" not in desk.standing().wanting
    with pytest.raises(UsageError, match="does not name b000009-p0001"):
        desk.answer(notice, "inv-01", packages=("b000009-p0001",))


def test_the_same_answer_again_changes_nothing(desk: Desk) -> None:
    answer = desk.answer(desk.notices()[FIRST], "inv-01")
    desk.take(answer)
    assert desk.take(answer).already
    assert len(desk.logged("notice.answered")) == 1


def test_an_older_answer_is_not_played_over_a_newer_one(desk: Desk) -> None:
    """Somebody who kept the answer that all was destroyed hands it in after the correction."""
    notice = desk.notices()[FIRST]
    older = desk.answer(notice, "inv-01")
    newer = desk.answer(notice, "inv-01", Account(Copies.KEPT, "A backup turned up"))
    desk.take(newer)
    with pytest.raises(ConflictError, match="newer answer"):
        desk.take(older)
    assert desk.standing().wanting["packages of which a copy is kept"] == 2


def test_another_officer_cannot_answer(desk: Desk) -> None:
    notice = desk.notices()[FIRST]
    before = len(desk.logged("attempt.refused"))
    with pytest.raises(AuthorizationError):
        desk.take(desk.answer(notice, "inv-01", by="inv-02"))
    body = body_of(desk.answer(notice, "inv-01"))
    with pytest.raises(AuthorizationError, match="nobody on the requester's roster"):
        desk.take(signed(desk, {**body, "officer": "inv-99"}))
    with pytest.raises(KeyMaterialError, match="does not verify"):
        desk.take(signed(desk, body, by="inv-02"))
    assert len(desk.logged("attempt.refused")) == before + 2
    assert desk.standing().wanting["packages without an answer"] == 3


def test_an_answer_to_another_incident_is_refused(desk: Desk, tmp_path: Path) -> None:
    """Which calls the same package back again, by a notice of its own."""
    persons = tmp_path / "others.txt"
    persons.write_text("P1")
    desk.open(persons=persons)
    answer = body_of(desk.answer(desk.notices()[FIRST], "inv-01"))
    moved = {**answer, "incident": "i000002", "notice": "i000002-n0003"}
    with pytest.raises(ConflictError, match="another content"):
        desk.take(signed(desk, moved))
    with pytest.raises(ConflictError, match="another content"):
        desk.take(signed(desk, {**answer, "incident": "i000002"}))


PACKAGE = "b000001-p0001"
ACCOUNT = Account(Copies.DESTROYED, "Shredded").to_json()


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda b: b | {"packages": {"b000001-p0002": ACCOUNT}}, ConflictError),
        (lambda b: b | {"digest": "sha256:" + "0" * 64}, ConflictError),
        (lambda b: b | {"notice": "i000009-n0001"}, UsageError),
        (lambda b: b | {"notice": "i000001-n0001"}, UsageError),
        (lambda b: b | {"packages": {}}, KeyMaterialError),
        (lambda b: b | {"packages": [PACKAGE]}, KeyMaterialError),
        (lambda b: b | {"packages": {PACKAGE: ACCOUNT | {"copies": "lost"}}}, KeyMaterialError),
        (lambda b: b | {"packages": {PACKAGE: ACCOUNT | {"how": " "}}}, KeyMaterialError),
        (lambda b: b | {"packages": {PACKAGE: ACCOUNT | {"how": "x" * 501}}}, KeyMaterialError),
        (lambda b: b | {"packages": {PACKAGE: ACCOUNT | {"how": "a\x1b[2J"}}}, KeyMaterialError),
        (lambda b: b | {"packages": {PACKAGE: ACCOUNT | {"opened": "no"}}}, KeyMaterialError),
        (lambda b: b | {"packages": {PACKAGE: ACCOUNT | {"used_in": "x"}}}, KeyMaterialError),
        (
            lambda b: b | {"packages": {PACKAGE: ACCOUNT | {"passed_on": ["x"] * 101}}},
            KeyMaterialError,
        ),
        (lambda b: b | {"packages": {PACKAGE: ACCOUNT | {"more": 1}}}, KeyMaterialError),
        (
            lambda b: b | {"packages": {PACKAGE: ACCOUNT | {"opened": False, "passed_on": ["x"]}}},
            KeyMaterialError,
        ),
        (lambda b: b | {"at": "yesterday"}, KeyMaterialError),
        (lambda b: b | {"at": 7}, KeyMaterialError),
        (lambda b: b | {"more": "x"}, KeyMaterialError),
        (lambda b: {k: v for k, v in b.items() if k != "at"}, KeyMaterialError),
    ],
)
def test_hostile_answers(
    desk: Desk, change: Callable[[dict[str, Any]], dict[str, Any]], error: type[ComityError]
) -> None:
    body = body_of(desk.answer(desk.notices()[FIRST], "inv-01"))
    with pytest.raises(error) as caught:
        desk.take(signed(desk, change(body)))
    assert "xxx" not in caught.value.message and "\x1b" not in caught.value.message
    assert not desk.logged("notice.answered")


@pytest.mark.parametrize("hours", [-2, 2])
def test_the_clock_of_an_answer(desk: Desk, hours: int) -> None:
    body = body_of(desk.answer(desk.notices()[FIRST], "inv-01"))
    at = desk.office.clock.moment + timedelta(hours=hours)
    with pytest.raises(ConflictError, match="from the future"):
        desk.take(signed(desk, body | {"at": stamp(at)}))


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[1]", b"\xff\xfe", b"[" * 100_000, b'{"payload": 3}', b"null"]
)
def test_what_is_no_answer(desk: Desk, content: bytes) -> None:
    path = desk.office.folder / "answer.json"
    path.write_bytes(content)
    with pytest.raises(KeyMaterialError):
        desk.take(path)


def test_a_statement_of_another_kind_is_no_answer(desk: Desk) -> None:
    body = body_of(desk.answer(desk.notices()[FIRST], "inv-01"))
    with pytest.raises(KeyMaterialError):
        desk.take(signed(desk, body, kind=RECEIPT))


def test_a_package_is_no_notice_and_an_altered_notice_does_not_open(desk: Desk) -> None:
    package = desk.office.exchange.package_path / f"{PACKAGE}.comity"
    with pytest.raises(KeyMaterialError, match="not a notice"):
        desk.opened(package, "inv-01")
    notices = desk.notices()
    one, other = (json.loads(notices[name].read_text()) for name in (FIRST, SECOND))
    path = desk.office.folder / "altered.comity"
    path.write_text(json.dumps(one | {"notice": other["notice"]}))
    with pytest.raises(KeyMaterialError, match="not what its cover was signed for"):
        desk.opened(path, "inv-02")


def test_what_was_passed_on_is_followed(desk: Desk) -> None:
    account = Account(Copies.DESTROYED, "Shredded", passed_on=("County Sheriff", "county sheriff"))
    made = desk.take(desk.answer(desk.notices()[FIRST], "inv-01", account))
    (further,) = made.further
    assert desk.standing().outstanding == 3  # two with the sheriff, one with the other officer
    notice = desk.notices()[further]
    opened = desk.opened(notice, "inv-01")
    text = opened.inside["text"]
    assert isinstance(text, list)
    assert str(text[1]).startswith("To County Sheriff, by the hand of officer inv-01")
    assert opened.inside["requests"] == {
        "b000001-p0001": [{"request": "b000001/1"}],
        "b000002-p0001": [{"request": "b000002/1"}],
    }
    desk.take(desk.answer(notice, "inv-01", Account(Copies.RETURNED, "Handed back by the sheriff")))
    assert desk.standing().outstanding == 1
    again = desk.answer(desk.notices()[FIRST], "inv-01", account)
    assert desk.take(again).further == ()


def test_a_late_answer_shows_as_late(desk: Desk) -> None:
    answer = desk.answer(desk.notices()[FIRST], "inv-01")
    desk.later(days=11)
    desk.take(answer)
    first = next(n for n in desk.standing().notices if n.notice.id == FIRST)
    assert first.deadline is not None
    assert first.deadline.late


def test_after_the_end_an_answer_is_still_taken_in(desk: Desk) -> None:
    answer = desk.answer(desk.notices()[FIRST], "inv-01")
    desk.sent("i000001-n0001", "i000001-n0002")
    desk.close(because="The officers do not answer any more.")
    desk.take(answer)
    assert desk.standing().outstanding == 1
