"""Errors of an agreement's file: each with file, line, column, field and words that help."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.agreement.examples import AGREEMENT, SHIPPED, small

from comity.agreement.document import MAX_CHARACTERS
from comity.agreement.loading import load_agreement, parse_agreement
from comity.agreement.rosters import parse_roster
from comity.core.errors import AgreementError, UsageError

OPINION = "opinions:\n  - {id: counsel-1, author: Counsel, dated: 2026-01-01, reference: Memo 1}\n"
AMENDS = "amends: {{predecessor: {}, author: {}, approver: {}, reason: Why}}\n"
A_ROSTER = "party: us-ice\nversion: 1\nofficers: []\n"
DIGEST = "sha256:" + "0" * 64

BROKEN = [
    # (what stands, what stands in its place, line, column, field, words)
    ("effective:", "efective:", 10, 1, "efective", "did you mean `effective`?"),
    ("effective: 2026-01-01\n", "", 1, 1, "effective", "the key is missing"),
    ("payload_days: 30", "payload_dais: 30", 36, 3, "retention.payload_dais", "`payload_days`"),
    ("parameters: {", "paramters: {", 26, 5, "elements[1].paramters", "`parameters`"),
    ("2026-01-01", "2026-02-30", 10, 1, "effective", "written as 2026-03-31"),
    ("2026-01-01", "2026-01-01T00:00:00", 10, 1, "effective", "written as 2026-03-31"),
    ("2026-01-01", "20260101", 10, 1, "effective", "written as 2026-03-31"),
    ("version: 1", "version: '1'", 2, 1, "version", "a whole number"),
    ("version: 1", "version: 1.0", 2, 1, "version", "a whole number"),
    ("version: 1", "version: true", 2, 1, "version", "a whole number"),
    ("version: 1", "version: 0", 2, 1, "version", "the least is 1"),
    ("version: 1", "version: 2", 1, 1, "amends", "says which one it amends"),
    ("title: A made-up agreement", "title: 7", 3, 1, "title", "in quotes"),
    ("title: A made-up agreement", "title: ' '", 3, 1, "title", "it is empty"),
    ("title: A made-up agreement", "title:", 3, 1, "title", "text belongs here"),
    ("training_required: true", "training_required: yes", 32, 14, "recipients.training_required",
     "true or false"),
    ("kind: criminal", "kind: crime", 16, 5, "statutes[0].kind", "expected one of 'criminal'"),
    ("item: last_known_address", "item: income", 29, 5, "items[0].item", "'last_known_address'"),
    ("id: made-up", "id: Made Up", 1, 1, "id", "small letters"),
    ("id: holder", "id: 'the holder'", 6, 12, "parties.holder.id", "small letters"),
    ("id: holder", "id: requester", 5, 1, "parties", "the same party"),
    ("8 USC 1253(a)(1)\n    title", "section 1253\n    title", 14, 5, "statutes[0].statute",
     "write it as `8 USC 1253(a)(1)`"),
    ("facts: [order_date]", "facts: [order_dat]", 17, 13, "statutes[0].facts[0]", "`order_date`"),
    ("name: order_date", "name: Order date", 12, 6, "facts[0].name", "underscores"),
    ("rule: name.present", "rule: name.presnt", 21, 5, "elements[0].rule", "`name.present`"),
    ("id: reason", "id: name", 23, 5, "elements[1].id", "an earlier one is the same"),
    ("rule: reason.individual", "rule: name.present", 24, 5, "elements[1].rule", "an earlier one"),
    ("law: R04", "law: rule 4", 22, 49, "elements[0].citation.law", "`R04, R17`"),
    ("max_same: 10", "max_same: {a: 1}", 26, 18, "elements[1].parameters.max_same", "a list of"),
    ("max_same: 10", "opinion: none-such", 26, 18, "elements[1].parameters.opinion",
     "no recorded opinion"),
    ("[name, address]", "[number]", 27, 12, "identity.requires", "by the name and something else"),
    ("[name, address]", "[name]", 27, 12, "identity.requires", "by the name and something else"),
    ("[name, address]", "[name, number]", 27, 12, "identity.requires", "recorded legal opinion"),
    ("approvers: 1", "approvers: 0", 33, 13, "approvals.approvers", "the least is 1"),
    ("per_day: 10,", "per_day: 0,", 34, 10, "limits.per_day", "the least is 1"),
    ("per_day: 10,", "per_day: 1000,", 34, 10, "limits.per_day", "no more than a year"),
    ("effective:", "expires: 2025-12-31\neffective:", 10, 1, "expires", "before it takes effect"),
    ("effective:", OPINION * 2 + "effective:", 12, 1, "opinions", "twice"),
    ("effective:", AMENDS.format(DIGEST, "Ann", "Ben") + "effective:", 10, 1, "amends",
     "amends nothing"),
    ("version: 1", "version: 2\n" + AMENDS.format("x", "Ann", "Ben").strip(), 3, 10,
     "amends.predecessor", "comity agreement digest"),
    ("version: 1", "version: 2\n" + AMENDS.format(DIGEST, "Ann", "Ann").strip(), 3, 109,
     "amends.approver", "does not approve it"),
    ("effective:", "signatures: [{party: x, officer: y, envelope: {}}]\neffective:", 10, 15,
     "signatures[0].party", "no party"),
    ("items:\n", "items: []\nitem:\n", 28, 1, "items", "the list is empty"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "column", "field", "words"), BROKEN)
def test_a_fault_is_named_with_its_place(
    old: str, new: str, line: int, column: int, field: str, words: str
) -> None:
    assert old in AGREEMENT
    with pytest.raises(AgreementError) as caught:
        parse_agreement(AGREEMENT.replace(old, new, 1), "file.yaml")
    lines = caught.value.message.splitlines()
    start = f"file.yaml:{line}:{column}: {field}: "
    assert any(one.startswith(start) and words in one for one in lines), caught.value.message


def test_all_faults_are_named_at_once_and_no_value_is_quoted() -> None:
    text = AGREEMENT.replace("per_day: 10", "per_day: Sekret").replace("kind: criminal", "kind: x")
    with pytest.raises(AgreementError) as caught:
        parse_agreement(text, "file.yaml")
    assert len(caught.value.message.splitlines()) == 2
    assert "Sekret" not in caught.value.message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the file is empty"),
        ("# only a comment\n", "the file is empty"),
        ("- a\n- b\n", "an agreement begins with keys"),
        ("just words", "an agreement begins with keys"),
        ("x" * (MAX_CHARACTERS + 1), "larger than 1,000,000 characters"),
    ],
)
def test_what_is_no_agreement_at_all(text: str, words: str) -> None:
    with pytest.raises(AgreementError, match=re.escape(words)):
        parse_agreement(text, "file.yaml")


def test_an_unknown_key_is_never_its_own_cure() -> None:
    """`item` stands in another place, `per_day` in another block: neither belongs at the top."""
    with pytest.raises(AgreementError) as caught:
        parse_agreement(AGREEMENT + "party: x\nper_day: 5\nsignature: x\n", "f")
    lines = caught.value.message.splitlines()
    assert [line.partition(": ")[2] for line in lines] == [
        "party: the key is not known; did you mean `parties`?",
        "per_day: the key is not known",
        "signature: the key is not known; did you mean `signatures`?",
    ]


def test_a_document_of_another_kind_is_named() -> None:
    with pytest.raises(AgreementError) as caught:
        parse_agreement(A_ROSTER, "r.yaml")
    assert caught.value.message == (
        "r.yaml: This is a roster, not an agreement. Name the file of an agreement here."
    )
    with pytest.raises(AgreementError) as caught:
        parse_roster(AGREEMENT, "a.yaml")
    assert caught.value.message == (
        "a.yaml: This is an agreement, not a roster. Name the file of a roster here."
    )


@pytest.mark.parametrize("more", ["partys: x\n", "notes: x\n", "title: x\n"])
def test_a_document_that_is_mostly_of_another_kind_is_named(more: str) -> None:
    with pytest.raises(AgreementError, match="This is a roster, not an agreement"):
        parse_agreement(A_ROSTER + more, "f")


def test_a_document_of_no_known_kind() -> None:
    for read, what in ((parse_agreement, "an agreement"), (parse_roster, "a roster")):
        with pytest.raises(AgreementError, match=f"This is not {what}: none of its keys"):
            read("services: {web: {image: x}}\nvolumes: {}\n", "f")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.yaml: The file cannot be read"):
        load_agreement(tmp_path / "none.yaml")
    with pytest.raises(UsageError, match="cannot be read"):
        load_agreement(tmp_path)
    (tmp_path / "latin.yaml").write_bytes(AGREEMENT.replace("Office", "B\xfcro").encode("latin-1"))
    with pytest.raises(UsageError, match="not UTF-8"):
        load_agreement(tmp_path / "latin.yaml")
    (tmp_path / "huge.yaml").write_bytes(b"#" + b" " * (5 * MAX_CHARACTERS))
    with pytest.raises(AgreementError, match="larger than"):
        load_agreement(tmp_path / "huge.yaml")


@pytest.mark.parametrize(
    ("expires", "amended", "sound"),
    [
        (None, False, False),
        ("2027-06-30", False, True),
        ("2027-07-01", False, False),
        ("2028-06-30", True, True),
        ("2028-07-01", True, False),
    ],
)
def test_a_matching_agreement_ends(expires: str | None, amended: bool, sound: bool) -> None:
    text = AGREEMENT.replace("Made-up Act, section 7\n", "5 USC 552a(o)\n", 1)
    if expires:
        text += f"expires: {expires}\n"
    if amended:
        text = text.replace("version: 1", "version: 2") + AMENDS.format(DIGEST, "Ann", "Ben")
    if sound:
        assert parse_agreement(text, "f").agreement.expires == date.fromisoformat(str(expires))
    else:
        with pytest.raises(AgreementError, match="matching agreement"):
            parse_agreement(text, "f")


def test_a_matching_agreement_at_the_end_of_time_does_not_break() -> None:
    text = AGREEMENT.replace("Made-up Act, section 7\n", "5 USC 552a(o)\n", 1)
    text = text.replace("effective: 2026-01-01", "effective: 9999-01-01\nexpires: 9999-06-30")
    assert parse_agreement(text, "f").agreement.expires == date(9999, 6, 30)


def test_a_recorded_opinion_permits_the_looser_identity() -> None:
    text = AGREEMENT.replace("[name, address]", "[name, number], opinion: counsel-1") + OPINION
    assert parse_agreement(text, "f").agreement.identity.opinion == "counsel-1"
    with pytest.raises(AgreementError, match="no recorded opinion has this id"):
        parse_agreement(text.replace("id: counsel-1", "id: counsel-2"), "f")


@settings(deadline=None)
@given(st.data())
def test_damaged_files_are_refused_in_words(data: st.DataObject) -> None:
    """Whatever is cut out or put in: the small agreement, another one, or an AgreementError."""
    at = data.draw(st.integers(0, len(AGREEMENT)))
    length = data.draw(st.integers(0, 40))
    put = data.draw(st.text(max_size=5) | st.sampled_from(["{", "[", "&a ", "!!x ", "- ", ": "]))
    with suppress(AgreementError):
        parse_agreement(AGREEMENT[:at] + put + AGREEMENT[at + length :], "f")


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_shipped_agreements_load_and_cite(path: Path) -> None:
    loaded = load_agreement(path)
    assert loaded.agreement.id == path.stem
    assert all(element.citation.law for element in loaded.agreement.elements)


def test_the_two_shipped_agreements_differ_in_shape() -> None:
    irs, benefits = (load_agreement(p).agreement for p in sorted(SHIPPED, reverse=True))
    assert irs.identity.requires == ("name", "address")
    assert benefits.identity.requires == ("name", "date_of_birth", "number")
    assert [i.item for i in irs.items] == ["last_known_address"]
    assert [i.item for i in benefits.items] == ["verified"]
    assert {e.rule for e in irs.elements} != {e.rule for e in benefits.elements}


def test_the_small_agreement_is_sound() -> None:
    assert small().limits.per_day == 10
