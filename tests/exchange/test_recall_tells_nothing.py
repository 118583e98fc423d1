"""An incident tells the requester nothing about requests that were not disclosed, and nothing about
the record of those that were."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from tests.exchange.office import PERSON, REQUEST, Row, make_office
from tests.exchange.recalls import ASKED, OTHER, Desk

from comity.examination.context import Context
from comity.examination.rule import RULES, NoParameters, Unmet
from comity.ledger.entry import Entry
from comity.ledger.note import NoteVerifier
from comity.ledger.verify import verify
from comity.request.model import Request
from comity.review.decision import Verdict

STRANGER: Row = dict(OTHER, person_id="P7", first_name="Ignatius", street="4 Elm Ct")
UNKNOWN, SEVERAL = (STRANGER,), (OTHER, dict(OTHER, person_id="P8", tin="852-33-1188"))
PROTECTED = (dict(OTHER, flags="protected_address"),)
WORLDS: dict[str, tuple[Row, ...]] = {
    "unknown": UNKNOWN,
    "several": tuple(dict(one, date_of_birth="") for one in SEVERAL),
    "protected": PROTECTED,
    "moved": (dict(OTHER, street="77 Birch St"),),
}
_RANDOM = ("digest", "agreement_digest", "items_digest", "suspected", "due", "sent")


def _log(desk: Desk) -> list[tuple[object, ...]]:
    """The published log without what is random or a time of day."""
    entries: list[Entry] = []
    exchange = desk.office.exchange
    key = NoteVerifier.parse(exchange.log_verifier_key)
    verify(exchange.directory / "log", key, lambda _number, entry: entries.append(entry))
    return [
        (
            *(e.type, e.agreement, e.request, e.commitment is None),
            json.dumps({k: v for k, v in e.body.items() if k not in _RANDOM}, sort_keys=True),
        )
        for e in entries
    ]


def _seen(folder: Path, persons: tuple[Row, ...], cause: dict[str, Any]) -> dict[str, object]:
    """All that a requester sees of an incident over the first of two requests."""
    desk = Desk(make_office(folder, PERSON, *persons))
    office = desk.office
    try:
        office.submit(REQUEST, dict(ASKED, date_of_birth=""))
        office.decide(Verdict.APPROVE, "b000001/1")
        if office.outcomes()[1] != "not_verified":
            office.look("b000001/2")
            office.decide(Verdict.DENY, "b000001/2")
        office.disclose()
        assert office.statuses() == ["disclosed", "not_verified"]
        desk.find(**cause)
        desk.open(**cause)
        files = desk.notices()
        desk.sent("i000001-n0001", "i000001-n0002", "i000001-n0003")
        desk.take(desk.answer(files["i000001-n0003"], "inv-01"))
        letters = desk.letters()
        desk.sent(letters.notice)
        desk.close()
        inside = desk.opened(files["i000001-n0003"], "inv-01").inside
        return {
            "log": _log(desk),
            "notices": sorted(files),
            "requests": inside["requests"],
            "text": _without_times(inside["text"]),
            "size": files["i000001-n0003"].stat().st_size,
            "report": len(files["i000001-n0001"].with_suffix(".txt").read_bytes()),
        }
    finally:
        office.exchange.close()


def _without_times(text: object) -> list[str]:
    assert isinstance(text, list)
    return [line for line in text if "UTC" not in line]


@pytest.mark.parametrize("cause", ["persons", "rules", "registry"])
def test_what_was_not_disclosed_does_not_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cause: str
) -> None:
    """Also where the cause touches the other request just as well."""
    named = tmp_path / "persons.txt"
    named.write_text("P1\nP2\nP7\nP8")
    given: dict[str, Any] = {cause: named if cause == "persons" else True}
    if cause == "registry":
        monkeypatch.setattr("comity.exchange.rematching.ItemVault.still_given", _changed)
    if cause == "rules":
        rule = RULES["address.complete"]
        with_fault = dataclasses.replace(rule, test=_always)
        original = Desk.find

        def mended(self: Desk, *args: object, **kwargs: object) -> object:
            monkeypatch.setitem(RULES, "address.complete", with_fault)
            return original(self, *args, **kwargs)  # type: ignore[arg-type]

        monkeypatch.setattr(Desk, "find", mended)
    seen = {}
    for name, persons in WORLDS.items():
        seen[name] = _seen(tmp_path / name, persons, given)
        if cause == "rules":
            monkeypatch.setitem(RULES, "address.complete", rule)
    first = seen.pop("unknown")
    for name, other in seen.items():
        for what, value in other.items():
            assert value == first[what], (name, what)


def _always(_: Request, __: NoParameters, ___: Context) -> Unmet | None:
    return Unmet("It is not whole.", "Complete it.")


def _changed(_: object, given: list[object]) -> list[bool]:
    return [False for _ in given]


def test_a_flag_that_a_mended_rule_would_have_held_does_not_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The agreement had left a flag out; whose answer is called back for it, neither the log nor
    the notice says why."""
    desk = Desk(make_office(tmp_path, dict(PERSON, flags="minor")))
    with monkeypatch.context() as earlier:
        for module in ("determination.determine", "disclosure.release"):
            earlier.setattr(f"comity.{module}.is_protected", lambda *_: False)
        desk.disclose(REQUEST)
    assert desk.office.statuses() == ["disclosed"]
    found = desk.open(rules=True).found
    assert found.touched[0].why == ("finding: subject.protected",)
    (entry,) = desk.logged("incident.opened")
    assert (entry.body["cause"], entry.body["rules"]) == ("rules", [])
    notice = desk.opened(desk.notices()["i000001-n0003"], "inv-01").inside
    for words in ("protected", "minor", "flag", "record"):
        assert words not in json.dumps(notice["text"]), words
