"""Each rule on what it must find, and on what it must let pass."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from tests.examination.desk import AGREEMENT, AT, ROOT, amended, examine, row, unmet

from comity.agreement.loading import load_agreement
from comity.agreement.model import Parameter, Safeguards
from comity.agreement.roster import Roster
from comity.agreement.rosters import load_roster
from comity.agreement.signing import SignatureReport
from comity.core.errors import AgreementError
from comity.core.keys import load_signing_key
from comity.core.outcome import Outcome
from comity.demo.officers import PASSPHRASE, make_rosters
from comity.examination.context import History, plain_fingerprint
from comity.examination.engine import LATER_RULES, compile_agreement
from comity.examination.finding import Verdict, deficiency
from comity.examination.likeness import matter_of, subjects_of
from comity.examination.rule import RULES
from comity.request.cells import Cells, to_request
from comity.request.manifest import Manifest, manifest_from, sign_manifest
from comity.request.model import Problem

CONTRACT = {
    "agreement.in_force": "refused",
    "signatory.authority": "returned",
    "name.present": "returned",
    "address.present": "returned",
    "address.complete": "returned",
    "address.residence": "returned",
    "periods.present": "returned",
    "statute.designated": "refused",
    "statute.facts": "returned",
    "proceeding.qualified": "refused",
    "reason.specific": "returned",
    "reason.individual": "returned",
    "recipients.named": "returned",
    "recipients.plausible": "returned",
    "matter.identified": "returned",
    "use.attested": "returned",
    "safeguards.accepted": "refused",
    "request.unique": "returned",
    "tin.valid": "returned",
    "limits.volume": "returned",
}
"""DESIGN's table, without the rules that need the registry or the stays."""


def test_every_rule_of_the_contract_exists_with_its_outcome() -> None:
    ours = {id: rule.outcome.value for id, rule in RULES.items() if id != "row.wellformed"}
    assert ours == CONTRACT
    assert frozenset({"subject.protected", "identity.conflict", "stay.none"}) == LATER_RULES


def test_a_lawful_request_is_sound() -> None:
    assert unmet(row()) == [set()]


def test_reasons_and_cures_are_sentences_that_quote_nothing() -> None:
    secret = {"street": "77 Zanzibar-Secret Hwy", "first_name": "Zanzibar", "tin": "666-12-3456"}
    secret |= {"statute": "zanzibar", "proceeding": "zanzibar", "tax_periods": "zanzibar"}
    bad = row(**secret, reason="")
    found = [f for f in examine(bad)[0] if f.verdict is Verdict.UNMET]
    assert len(found) >= 5
    for finding in found:
        assert finding.reason.endswith(".")
        assert finding.cure.endswith(".")
        assert "zanzibar" not in f"{finding.reason} {finding.cure}".lower()
        assert finding.citation.source


@pytest.mark.parametrize(
    ("rule", "cells"),
    [
        ("periods.present", {"tax_periods": ""}),
        ("periods.present", {"tax_periods": "all"}),
        ("periods.present", {"tax_periods": "2023-13"}),
        ("periods.present", {"tax_periods": "2023-00"}),
        ("periods.present", {"tax_periods": "1899"}),
        ("periods.present", {"tax_periods": "2027"}),
        ("periods.present", {"tax_periods": "2027-04"}),
        ("periods.present", {"tax_periods": "2023;2199"}),
        ("periods.present", {"tax_periods": "2018;2019;2020;2021;2022;2023;2024"}),
        ("periods.present", {"tax_periods": "=2023"}),
        ("periods.present", {"tax_periods": "２０２３"}),
        ("statute.designated", {"statute": ""}),
        ("statute.designated", {"statute": "8 USC 1325(b)"}),
        ("statute.designated", {"statute": "8 USC 1325(a)"}),
        ("statute.designated", {"statute": "8 USC 1326"}),
        ("statute.designated", {"statute": "8 USC 1253(a)(2)"}),
        ("statute.designated", {"statute": "8 USC 1253"}),
        ("statute.designated", {"statute": "8 USC 1253(b)"}),
        ("statute.designated", {"statute": "18 USC 1253(a)(1)"}),
        ("statute.designated", {"statute": "26 USC 7203"}),
        ("statute.designated", {"statute": "INA 275"}),
        ("statute.designated", {"statute": "8 USC 1253(a)(1); 8 USC 1325(b)"}),
        ("statute.designated", {"statute": "failure to depart"}),
        ("statute.designated", {"statute": "8 USC 1253(a)(1) and others"}),
        ("statute.designated", {"statute": "INA 243(a)(1); 8 USC 1326"}),
        ("statute.facts", {"removal_order_date": ""}),
        ("statute.facts", {"removal_order_date": "1850-01-01"}),
        ("statute.facts", {"removal_order_number": "NA NA"}),
        ("statute.facts", {"removal_order_number": "Failed to Provide"}),
        ("statute.facts", {"removal_order_number": "see file"}),
        ("statute.facts", {"removal_order_number": "XXX"}),
        ("statute.facts", {"removal_ground": "8 USC 1227(a)(99)"}),
        ("statute.facts", {"removal_order_date": "unknown"}),
        ("statute.facts", {"removal_order_date": "06/03/2024"}),
        ("statute.facts", {"removal_order_date": "2024-02-30"}),
        ("statute.facts", {"removal_order_date": "2026-03-03"}),
        ("statute.facts", {"removal_order_date": "2025-12-02"}),
        ("statute.facts", {"removal_order_date": "1970-01-01"}),
        ("statute.facts", {"removal_order_number": ""}),
        ("statute.facts", {"removal_order_number": "N/A"}),
        ("statute.facts", {"removal_order_number": "0000"}),
        ("statute.facts", {"removal_ground": ""}),
        ("statute.facts", {"removal_ground": "overstay"}),
        ("statute.facts", {"removal_ground": "8 USC 1182(a)(2)"}),
        ("statute.facts", {"removal_ground": "8 USC 1227(b)"}),
        ("proceeding.qualified", {"proceeding": ""}),
        ("proceeding.qualified", {"proceeding": "civil immigration enforcement"}),
        ("proceeding.qualified", {"proceeding": "Enforcement and Removal Operations"}),
        ("proceeding.qualified", {"proceeding": "removal proceeding"}),
        ("proceeding.qualified", {"proceeding": "criminal and civil investigation"}),
        ("proceeding.qualified", {"proceeding": "verification of benefit eligibility"}),
        ("proceeding.qualified", {"proceeding": "voter roll investigation"}),
        ("proceeding.qualified", {"proceeding": "locating the subject"}),
        ("proceeding.qualified", {"proceeding": "background investigation"}),
        ("proceeding.qualified", {"proceeding": "investigation under 8 USC 1325(b)"}),
        ("proceeding.qualified", {"proceeding": "not a criminal investigation"}),
        ("proceeding.qualified", {"proceeding": "no grand jury"}),
        ("proceeding.qualified", {"proceeding": "immigration court proceeding"}),
        ("proceeding.qualified", {"proceeding": "tax court proceeding"}),
        ("proceeding.qualified", {"proceeding": "grand jury; deportation"}),
        ("proceeding.qualified", {"proceeding": "criminal investigation and removal"}),
        ("proceeding.qualified", {"proceeding": "criminal investigation of tax evasion"}),
        ("proceeding.qualified", {"proceeding": "administrative investigation"}),
        ("proceeding.qualified", {"proceeding": "worksite investigation"}),
        ("reason.specific", {"reason": ""}),
        (
            "reason.specific",
            {
                "reason": "The alien is subject to a final order of removal and has wilfully "
                "failed or refused to depart from the United States within a period of 90 days."
            },
        ),
        (
            "reason.specific",
            {"reason": "Unknown at this time, will be supplied later by the case agent."},
        ),
        (
            "reason.specific",
            {"reason": "Reason on file with the agency; see the case file for the details of it"},
        ),
        (
            "reason.specific",
            {"reason": "See attached file for the reason of this request, please and thank you"},
        ),
        ("reason.specific", {"reason": "asdf qwer zxcv asdf qwer zxcv asdf qwer zxcv asdf"}),
        (
            "reason.specific",
            {"reason": "Subject remains in the country unlawfully and must be found."},
        ),
        (
            "reason.specific",
            {
                "reason": "Address will assist ICE in locating the subject for immigration "
                "enforcement purposes."
            },
        ),
        ("reason.specific", {"reason": "Failure to depart."}),
        ("reason.specific", {"reason": "Wilful failure to depart after a final order of removal."}),
        ("reason.specific", {"reason": "The subject violated 8 USC 1253(a)(1) and is wanted."}),
        ("reason.specific", {"reason": "x " * 60}),
        ("recipients.named", {"recipients": ""}),
        ("recipients.named", {"recipients": " ; ;"}),
        ("matter.identified", {"case_number": ""}),
        ("matter.identified", {"case_number": "N/A"}),
        ("matter.identified", {"case_number": "00000"}),
        ("matter.identified", {"case_number": "pending"}),
        ("matter.identified", {"case_number": "NA NA"}),
        ("matter.identified", {"case_number": "Failed to Provide"}),
        ("matter.identified", {"case_number": "to be assigned"}),
        ("matter.identified", {"case_number": "multiple"}),
        ("matter.identified", {"case_number": "12345"}),
        ("matter.identified", {"case_number": "FD-0000"}),
        ("tin.valid", {"tin": "000-12-3456"}),
        ("tin.valid", {"tin": "666-12-3456"}),
        ("tin.valid", {"tin": "851-00-3456"}),
        ("tin.valid", {"tin": "851-12-0000"}),
        ("tin.valid", {"tin": "900-49-3456"}),
        ("tin.valid", {"tin": "900-66-3456"}),
        ("tin.valid", {"tin": "900-89-3456"}),
        ("tin.valid", {"tin": "078-05-1120"}),
        ("tin.valid", {"tin": "987-65-4325"}),
        ("tin.valid", {"tin": "111-11-1111"}),
        ("tin.valid", {"tin": "12345678"}),
        ("tin.valid", {"tin": "8511234567"}),
        ("tin.valid", {"tin": "85-1123456"}),
        ("tin.valid", {"tin": "unknown"}),
        ("tin.valid", {"tin": "８５１-12-3456"}),
        ("row.wellformed", {"date_of_birth": "14.05.1979"}),
        ("row.wellformed", {"date_of_birth": "2011-02-29"}),
        ("row.wellformed", {"first_name": "=HYPERLINK(1)"}),
        ("row.wellformed", {"request_id": ""}),
        ("row.wellformed", {"city": "Boise\x00"}),
    ],
)
def test_it_finds(rule: str, cells: dict[str, str]) -> None:
    assert rule in unmet(row(**cells))[0]


@pytest.mark.parametrize(
    "cells",
    [
        {"tax_periods": "2023"},
        {"tax_periods": "2023-06"},
        {"tax_periods": "2026"},
        {"tax_periods": "2026-03"},
        {"tax_periods": "2023 ; 2024;"},
        {"tax_periods": "2019;2020;2021;2022;2023;2024"},
        {"statute": "8 USC 1253(a)(1)"},
        {"statute": "8 U.S.C. § 1253(a)(1)(C)"},
        {"statute": "8 u.s.c. 1253 (a) (1)"},
        {"statute": "Title 8, United States Code, Section 1253(a)(1)"},
        {"statute": "INA 243(a)(1)(A)"},
        {"statute": "INA § 243(a)(1)"},
        {"statute": "8 U.S.C. 1253(a)(1)(A)-(D)"},
        {"statute": "INA § 243(a)(1) (8 U.S.C. § 1253(a)(1))"},
        {"removal_order_date": "20240603"},
        {"tax_periods": "2026-12"},
        {"tax_periods": "2027-02"},
        {"case_number": "C-12345"},
        {"case_number": "A 205 118 4"},
        {"removal_ground": "INA 237(a)(1)(B)"},
        {"removal_ground": "8 U.S.C. 1227(a)(1)(C)(i)"},
        {"removal_order_date": "2025-12-01"},
        {"proceeding": "criminal investigation that may result in a judicial proceeding"},
        {"proceeding": "Investigation"},
        {"proceeding": "GRAND_JURY"},
        {"proceeding": "judicial"},
        {"proceeding": "prosecution under 8 USC 1253(a)(1)"},
        {"proceeding": "criminal investigation of failure to depart after an order of removal"},
        {"proceeding": "administrative proceeding"},
        {"proceeding": "Grand Jury No. 25-GJ-114 (D. Idaho)"},
        {"proceeding": "Criminal Case No. 2:25-CR-00417"},
        {"proceeding": "Criminal investigation (not yet indicted)"},
        {"proceeding": "Detention hearing in criminal case 1:25-mj-412"},
        {"proceeding": "prosecution for hampering removal, 8 USC 1253(a)(1)(C)"},
        {"proceeding": "Preliminary hearing in 1:25-mj-412, criminal"},
        {"statute": "8 U.S. Code § 1253(a)(1)"},
        {"statute": "8 U.S.C. § 1253(a)(1) - failure to depart"},
        {"statute": "Section 1253(a)(1) of title 8, United States Code"},
        {"statute": "Immigration and Nationality Act § 243(a)(1)"},
        {"proceeding": "preparation for trial"},
        {"proceeding": "trial of United States v. Q."},
        {"proceeding": "sentencing"},
        {"proceeding": "criminal investigation; not civil enforcement"},
        {"tin": ""},
        {"tin": "851-12-3456"},
        {"tin": "851123456"},
        {"tin": "912-70-1234"},
        {"tin": "912-93-1234"},
        {"tin": "912-50-1234"},
        {"date_of_birth": ""},
        {"middle_name": "", "suffix": "Jr."},
        {"country": "USA"},
    ],
)
def test_it_lets_pass(cells: dict[str, str]) -> None:
    assert unmet(row(**cells)) == [set()]


# --- the whole batch ---------------------------------------------------------------------------


def test_one_reason_for_many_is_nobody_s_reason() -> None:
    stamped = "Subject {name} was served on {date} and the address dates the stay of {name}."
    names = ["Ann", "Bea", "Cleo", "Dora", "Edda", "Flo", "Gwen", "Hope", "Iris", "June", "Kay"]
    rows = [
        row(
            number,
            request_id=f"R{number}",
            case_number=f"C-{number}",
            first_name=name,
            last_name=f"{name}son",
            reason=stamped.format(name=name.upper(), date=f"2024-0{1 + number % 9}-11"),
        )
        for number, name in enumerate(names, 1)
    ]
    assert all("reason.individual" in found for found in unmet(*rows))
    assert all("reason.individual" not in found for found in unmet(*rows[:10]))


@pytest.mark.parametrize(
    "differing",
    [
        ["on Monday", "on Tuesday", "on Friday", "on Sunday"],
        ["by Ms. Larkspur", "by Mr. Oakes", "by Dr. Fennimore", "by Quillfeather"],
        ["under C-1", "under C-2", "under C-3", "under C-4"],
        ["on 3 May 2024", "on May 4, 2024", "on 2024-06-05", "on June 7"],
    ],
    ids=["weekdays", "other names", "case numbers", "dates"],
)
def test_stamped_reasons_are_one_whatever_was_filled_in(differing: list[str]) -> None:
    stamped = "The landlord was interviewed {} and confirms that the lease was renewed since."
    rows = [
        row(
            number,
            request_id=f"R{number}",
            case_number=f"C-{number}",
            first_name=_name(number),
            reason=stamped.format(differing[number % 4]),
        )
        for number in range(1, 13)
    ]
    assert all("reason.individual" in found for found in unmet(*rows))


def test_one_case_for_too_many_persons() -> None:
    rows = [row(n, request_id=f"R{n}", first_name=_name(n)) for n in range(1, 27)]
    assert all("matter.identified" in found for found in unmet(*rows))
    assert all("matter.identified" not in found for found in unmet(*rows[:25]))


def test_one_officer_in_too_many_requests() -> None:
    rows = [
        row(n, request_id=f"R{n}", case_number=f"C-{n}", recipients="inv-01;inv-02")
        for n in range(1, 252)
    ]
    assert all("recipients.plausible" in found for found in unmet(*rows))
    assert all("recipients.plausible" not in found for found in unmet(*rows[:250]))


def test_earlier_batches_count() -> None:
    open_before = History(open_requests={"inv-01": 250})
    assert "recipients.plausible" in unmet(row(), history=open_before)[0]
    matter = plain_fingerprint("matter", matter_of(row()))
    others = History(persons={matter: frozenset(str(n) for n in range(25))})
    assert "matter.identified" in unmet(row(), history=others)[0]
    for way in subjects_of(row()):
        subject = plain_fingerprint("subject", way)
        still_open = History(open_subjects=frozenset({(matter, subject)}))
        assert "request.unique" in unmet(row(), history=still_open)[0]
    assert "request.unique" in unmet(row(), history=History(taken_up=frozenset({1})))[0]


def test_the_same_subject_twice_under_one_case() -> None:
    again = row(2, request_id="R2")
    assert unmet(row(), again) == [set(), {"request.unique"}]
    assert unmet(row(), row(2, request_id="R2", case_number="C-2")) == [set(), set()]
    assert unmet(row(), row(2, case_number="C-2")) == [set(), {"request.unique"}], "one id twice"


@pytest.mark.parametrize(
    "again",
    [
        {"date_of_birth": ""},
        {"date_of_birth": "", "tin": "850-12-3456"},
        {"date_of_birth": "", "street": "418 Juniper Hollow Road"},
        {"date_of_birth": "1979-05-15"},
        {"street": "9 Elm St", "city": "Reno", "state": "NV", "postal_code": "89501"},
    ],
)
def test_what_is_left_out_or_spelled_out_does_not_hide_a_repetition(again: dict[str, str]) -> None:
    second = row(2, **{"request_id": "R2", **again})
    assert unmet(row(), second)[1] == {"request.unique"}


@pytest.mark.parametrize(
    "other",
    [
        {"date_of_birth": "1951-02-03"},
        {"date_of_birth": "1951-02-03", "suffix": "Sr"},
        {"date_of_birth": "", "suffix": "Jr"},
        {"date_of_birth": "", "tin": "851-22-9071"},
    ],
)
def test_a_father_and_a_son_are_two_subjects(other: dict[str, str]) -> None:
    first = row(suffix="Sr" if other.get("suffix") == "Jr" else "", tin="850-12-3456")
    second = row(2, **{"request_id": "R2", **other})
    assert unmet(first, second) == [set(), set()]


def test_reasons_in_title_case_are_as_different_as_others() -> None:
    reasons = [
        f"Witness {word} The Subject At The {place} On The Day After The Order Was Served"
        for word, place in zip(
            ("Saw", "Met", "Paid", "Drove", "Fed", "Hired", "Housed", "Called", "Wrote", "Sued",
             "Fired"),
            ("Dock", "Farm", "Mill", "Plant", "Store", "Yard", "Barn", "Hall", "Camp", "Inn",
             "Shop"),
            strict=True,
        )
    ]  # fmt: skip
    rows = [
        row(n, request_id=f"R{n}", case_number=f"C-{n}", first_name=_name(n), reason=reason)
        for n, reason in enumerate(reasons, 1)
    ]
    assert all("reason.individual" not in found for found in unmet(*rows))


def test_twins_are_two_subjects() -> None:
    assert unmet(row(), row(2, request_id="R2", first_name="Ruth")) == [set(), set()]


def test_spelling_does_not_hide_a_repetition() -> None:
    again = row(2, request_id="R2", case_number="fd 2025 000417", first_name="ROSALIND")
    assert unmet(row(), again)[1] == {"request.unique"}


def test_past_the_agreement_s_numbers() -> None:
    day = History(received_today=AGREEMENT.limits.per_day - 1)
    assert unmet(row(1), row(2, request_id="R2", case_number="C-2"), history=day) == [
        set(),
        {"limits.volume"},
    ]
    year = History(received_this_year=AGREEMENT.limits.per_year)
    assert unmet(row(), history=year) == [{"limits.volume"}]


def _name(number: int) -> str:
    return "Ro" + "".join(chr(ord("a") + int(digit)) for digit in str(number))


# --- agreement, roster, manifest, safeguards ---------------------------------------------------


@pytest.mark.parametrize(
    "agreement",
    [
        amended(effective=date(2026, 3, 3)),
        amended(expires=date(2026, 3, 1)),
        amended(suspended_from=date(2026, 3, 2)),
    ],
    ids=["not yet", "expired", "suspended"],
)
def test_an_agreement_out_of_force_refuses(agreement: object) -> None:
    (findings,) = examine(row(), agreement=agreement)  # type: ignore[arg-type]
    assert {f.rule for f in findings if f.verdict is Verdict.UNMET} == {"agreement.in_force"}
    assert deficiency(findings) is Outcome.REFUSED


def test_the_last_day_counts() -> None:
    assert unmet(row(), agreement=amended(expires=date(2026, 3, 2))) == [set()]


def test_an_unsigned_agreement_refuses() -> None:
    known = frozenset({"signatures"})
    half = SignatureReport(frozenset({"us-irs"}), ("us-ice: it has not signed",))
    assert unmet(row(), known=known, signatures=half) == [{"agreement.in_force"}]
    both = SignatureReport(frozenset({"us-irs", "us-ice"}), ())
    assert unmet(row(), known=known, signatures=both) == [set()]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Roster, Path]:
    cast = make_rosters(tmp_path_factory.mktemp("rosters"), today=AT.date())
    return load_roster(cast.requester_roster), cast.keys


@pytest.mark.parametrize(
    ("recipients", "sound"),
    [
        ("inv-01", True),
        ("inv-01;inv-02", True),
        ("inv-nobody", False),
        ("inv-01;inv-nobody", False),
        ("inv-lapsed", False),
        ("inv-departed", False),
        ("ice-preparer", False),
    ],
)
def test_recipients_are_officers_in_office(
    world: tuple[Roster, Path], recipients: str, sound: bool
) -> None:
    found = unmet(row(recipients=recipients), known=frozenset({"roster"}), roster=world[0])
    assert found == [set() if sound else {"recipients.named"}]


def _manifest(world: tuple[Roster, Path], by: str, at: datetime) -> Manifest:
    key = load_signing_key(world[1] / f"{by}.sign.pem", lambda: PASSPHRASE)
    signed = sign_manifest(
        agreement=AGREEMENT.id,
        agreement_digest="sha256:a",
        batch_digest="sha256:b",
        prepared_by="ice-preparer",
        signed_by=by,
        key=key,
        at=at,
    )
    return manifest_from(signed.to_json())


KNOWN = frozenset({"roster", "manifest"})
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("by", "at", "found"),
    [
        ("dhs-secretary", AT - HOUR, set()),
        ("dhs-secretary", AT + HOUR, {"signatory.authority"}),
        ("dhs-secretary", datetime(2020, 1, 1, tzinfo=UTC), {"signatory.authority"}),
        ("ice-preparer", AT - HOUR, {"signatory.authority"}),
        ("ad-hollings", AT - HOUR, {"signatory.authority"}),
        ("inv-departed", AT - HOUR, {"signatory.authority"}),
    ],
)
def test_the_signing_official(
    world: tuple[Roster, Path], by: str, at: datetime, found: set[str]
) -> None:
    manifest = _manifest(world, by, at)
    assert unmet(row(), known=KNOWN, roster=world[0], manifest=manifest) == [found]


def test_without_a_manifest_nothing_is_signed_and_attested(world: tuple[Roster, Path]) -> None:
    missing = {"signatory.authority", "use.attested"}
    assert unmet(row(), known=KNOWN, roster=world[0]) == [missing]


def test_a_manifest_for_something_else_does_not_stand(world: tuple[Roster, Path]) -> None:
    manifest = _manifest(world, "dhs-secretary", AT - HOUR)
    assert manifest.fault("sha256:b", "sha256:a", world[0]) is None
    assert manifest.fault("sha256:c", "sha256:a", world[0]) == "it was signed for another file"
    assert "another version" in (manifest.fault("sha256:b", "sha256:z", world[0]) or "")
    altered = dataclasses.replace(
        manifest, statement=dataclasses.replace(manifest.statement, signature=bytes(64))
    )
    assert altered.fault("sha256:b", "sha256:a", world[0]) == "its signature does not verify"
    fault = "it was signed for another file"
    around = {"known": KNOWN, "roster": world[0], "manifest": manifest, "manifest_fault": fault}
    assert unmet(row(), **around) == [{"signatory.authority", "use.attested"}]
    unattested = dataclasses.replace(manifest, sole_use=False)
    around = {"known": KNOWN, "roster": world[0], "manifest": unattested}
    assert unmet(row(), **around) == [{"use.attested"}]


@pytest.mark.parametrize(
    ("standing", "sound"),
    [
        (None, False),
        (Safeguards(), False),
        (Safeguards(date(2026, 1, 20)), False),
        (Safeguards(date(2026, 1, 20), date(2027, 1, 31)), True),
        (Safeguards(date(2026, 1, 20), date(2026, 3, 2)), True),
        (Safeguards(date(2025, 1, 20), date(2026, 3, 1)), False),
        (Safeguards(date(2026, 3, 3), date(2027, 1, 31)), False),
        (Safeguards(date(2026, 1, 20), date(2027, 1, 31), (date(2026, 3, 1),)), False),
        (Safeguards(date(2026, 1, 20), date(2027, 1, 31), (date(2026, 3, 2),)), True),
    ],
)
def test_safeguards(standing: Safeguards | None, sound: bool) -> None:
    found = unmet(row(), known=frozenset({"safeguards"}), safeguards=standing)
    assert found == [set() if sound else {"safeguards.accepted"}]


# --- the engine --------------------------------------------------------------------------------


def test_what_is_not_known_is_not_run_and_never_met() -> None:
    (findings,) = examine(row())
    verdicts = {finding.rule: finding.verdict for finding in findings}
    for rule in ("recipients.named", "signatory.authority", "use.attested", "safeguards.accepted"):
        assert verdicts[rule] is Verdict.NOT_RUN
    assert verdicts["agreement.in_force"] is Verdict.NOT_RUN, "the signatures are not known"
    assert verdicts["name.present"] is Verdict.MET


def test_a_row_that_could_not_be_read_gets_that_one_finding() -> None:
    broken = to_request(7, Cells(8, {}, (Problem("", "it has 3 cells"),)), frozenset())
    (findings,) = examine(broken)
    assert [(f.rule, f.verdict) for f in findings] == [("row.wellformed", Verdict.UNMET)]
    assert "Line 8" in findings[0].reason


@pytest.mark.parametrize(
    ("rule", "parameters", "words"),
    [
        ("periods.present", {"max_period": 3}, "did you mean `max_periods`"),
        ("periods.present", {"max_periods": "six"}, "whole number"),
        ("periods.present", {"max_periods": -1}, "whole number"),
        ("periods.present", {"max_periods": True}, "whole number"),
        ("signatory.authority", {"allow_delegate": True}, "recorded legal opinion"),
        ("statute.facts", {"min_days_since_order": 30}, "recorded legal opinion"),
        ("matter.identified", {"max_persons": 26}, "recorded legal opinion"),
    ],
)
def test_parameters_that_do_not_fit(
    rule: str, parameters: dict[str, Parameter], words: str
) -> None:
    elements = tuple(
        dataclasses.replace(e, parameters=parameters) if e.rule == rule else e
        for e in AGREEMENT.elements
    )
    with pytest.raises(AgreementError, match=words):
        compile_agreement(amended(elements=elements))


def test_rules_that_an_agreement_leaves_out_do_not_run() -> None:
    match = load_agreement(ROOT / "agreements" / "us-benefits-match.yaml").agreement
    (findings,) = examine(row(), agreement=match)
    assert "address.present" not in {finding.rule for finding in findings}
    assert {"agreement.in_force", "request.unique", "limits.volume"} <= {f.rule for f in findings}
