"""No file of an exchange holds a person's data in the clear, and the log none at all."""

from __future__ import annotations

from tests.exchange.office import PERSON, REASON, REQUEST, Office

from comity.ledger.entry import Entry
from comity.ledger.note import NoteVerifier
from comity.ledger.verify import verify
from comity.review.decision import Verdict

WORDS = ("Rosalind", "Quartermain", "Juniper", "850-12-3456", "850123456", "1979-05-14", "FD-2025")
TYPED = (REQUEST["reason"][:30], REASON, "ROSALIND", "QUARTERMAIN", "JUNIPER HOLLOW")


def test_no_file_holds_a_word_of_the_request_or_the_record(office: Office) -> None:
    office.submit(dict(REQUEST, tin=PERSON["tin"]), dict(REQUEST, request_id="R-2", street="None"))
    office.decide(Verdict.APPROVE, "b000001/1")
    office.disclose()
    files = [path for path in office.exchange.directory.rglob("*") if path.is_file()]
    assert len(files) > 10
    for path in files:
        content = path.read_bytes()
        for word in (*WORDS, *TYPED):
            assert word.encode() not in content, (path.name, word)
            assert word.encode("utf-16-le") not in content, (path.name, word)


def test_the_public_log_names_batch_and_row_and_no_more(office: Office) -> None:
    office.submit(REQUEST)
    entries: list[Entry] = []
    key = NoteVerifier.parse(office.exchange.log_verifier_key)
    verify(office.exchange.directory / "log", key, lambda _number, entry: entries.append(entry))
    (determined,) = [e for e in entries if e.type == "request.determined"]
    assert determined.request == "b000001/1"
    assert dict(determined.body) == {"status": "pending"}
    assert determined.commitment is not None


def test_keys_are_their_owner_s_alone(office: Office) -> None:
    office.submit(REQUEST)
    found = list((office.exchange.directory / "keys").rglob("*"))
    assert "b000001.1.key" in [path.name for path in found]
    for path in found:
        assert path.stat().st_mode & 0o077 == 0
