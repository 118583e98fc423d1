"""What an exchange adopts: signed by both, of its parties, each version after the one before."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.exchange.office import AGREEMENT, NOW, REQUEST, Office

from comity.agreement.editing import with_amendment, with_signature
from comity.agreement.loading import parse_agreement
from comity.agreement.model import Safeguards
from comity.agreement.signing import sign_agreement
from comity.core.errors import AuthorizationError, ConflictError
from comity.demo.officers import HOLDER, REQUESTER
from comity.exchange import parties


def amend(office: Office, old: str, new: str, *, base: Path | None = None) -> Path:
    """The next version of the adopted agreement, changed in one place, unsigned."""
    source = (base or office.agreement).read_text("utf-8")
    text = with_amendment(source, "agreement.yaml", "ann", "ben", "The parties agreed to it.")
    assert old in text
    path = office.folder / "amended.yaml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    return path


def sign(office: Office, path: Path, *parties_signing: str) -> Path:
    heads = {HOLDER: office.cast.holder_head, REQUESTER: office.cast.requester_head}
    text = path.read_text("utf-8")
    for party in parties_signing:
        agreement = parse_agreement(text, path.name).agreement
        officer, key = heads[party], office.credentials(heads[party]).key
        at = NOW - timedelta(hours=1)
        text = with_signature(text, path.name, sign_agreement(agreement, party, officer, key, at))
    path.write_text(text, "utf-8")
    return path


def adopt(office: Office, path: Path, by: str | None = None) -> int:
    with office.exchange.writing():
        who = office.credentials(by or office.cast.operator)
        return parties.adopt_agreement(office.exchange, path, who).agreement.version


STRICTER = ("max_periods: 6", "max_periods: 1")


def test_an_amendment_needs_both_signatures_again(office: Office) -> None:
    path = amend(office, *STRICTER)
    with pytest.raises(ConflictError, match="not signed by both"):
        adopt(office, path)
    with pytest.raises(ConflictError, match="us-ice: it has not signed"):
        adopt(office, sign(office, path, HOLDER))
    assert adopt(office, sign(office, path, REQUESTER)) == 2
    assert adopt(office, path) == 2, "adopting it again changes nothing"


def test_the_newest_version_governs_what_comes_after_it(office: Office) -> None:
    office.submit(REQUEST)
    adopt(office, sign(office, amend(office, *STRICTER), HOLDER, REQUESTER))
    batch = office.write(dict(REQUEST, case_number="X-2"))
    old = office.hand_in(batch, office.sign(batch))
    assert set(office.rules(old.batch)[0]) == {
        "periods.present",
        "signatory.authority",
        "use.attested",
    }, "two periods, and a manifest signed under the version before"
    assert office.rules("b000001") == [()]


def test_a_version_that_amends_another_text_is_refused(office: Office) -> None:
    adopt(office, sign(office, amend(office, *STRICTER), HOLDER, REQUESTER))
    rival = amend(office, "min_characters: 40", "min_characters: 10")
    with pytest.raises(ConflictError, match="does not name the digest"):
        adopt(office, sign(office, rival, HOLDER, REQUESTER))


def test_the_first_version_does_not_come_back(office: Office) -> None:
    adopt(office, sign(office, amend(office, *STRICTER), HOLDER, REQUESTER))
    with pytest.raises(ConflictError):
        adopt(office, office.agreement)


def test_a_word_changed_after_signing_is_noticed(office: Office) -> None:
    text = office.agreement.read_text("utf-8").replace("per_day: 100000", "per_day: 240000")
    path = office.folder / "changed.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConflictError, match="over another text"):
        adopt(office, path)


def test_only_the_operator_s_office_adopts(office: Office) -> None:
    with pytest.raises(AuthorizationError, match="`operate`"):
        adopt(office, AGREEMENT, by="irs-disclosure-1")


def test_a_signatory_who_left_takes_nothing_from_the_agreement(office: Office) -> None:
    """The signatures are judged as of the adoption; the office of whoever signs a batch is not."""
    text = office.cast.holder_roster.read_text().replace("version: 1", "version: 2", 1)
    lines = text.splitlines(keepends=True)
    at = next(i for i, line in enumerate(lines) if "treasury-secretary" in line)
    start = next(i for i in range(at, len(lines)) if "start:" in lines[i])
    indent = lines[start][: len(lines[start]) - len(lines[start].lstrip())]
    lines.insert(start + 1, f"{indent}end: 2026-03-01\n")
    roster = office.folder / "holder-2.yaml"
    roster.write_text("".join(lines))
    with office.exchange.writing():
        head = office.credentials(office.cast.holder_head)
        parties.add_roster(office.exchange, roster, head)
    office.submit(REQUEST)
    assert office.outcomes() == ["ready"]


def test_overdue_safeguards_refuse_everything(office: Office) -> None:
    standing = Safeguards(date(2026, 1, 20), date(2027, 1, 31), (date(2026, 2, 1),))
    with office.exchange.writing():
        operator = office.credentials(office.cast.operator)
        parties.record_safeguards(office.exchange, standing, operator)
    office.submit(REQUEST)
    assert office.statuses() == ["refused"]
    assert office.rules() == [("safeguards.accepted",)]
