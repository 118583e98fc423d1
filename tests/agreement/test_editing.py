"""Signing and amending change a file by what they must, and by no other byte."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.agreement.examples import (
    AGREEMENT,
    AT,
    HOLDER_KEY,
    LATER,
    REQUESTER_KEY,
    SHIPPED,
    rosters,
    small,
)

from comity.agreement.editing import with_amendment, with_signature
from comity.agreement.loading import load_agreement, parse_agreement
from comity.agreement.model import Signature
from comity.agreement.signing import sign_agreement, verify_amendment, verify_signatures
from comity.core.errors import AgreementError, ConflictError

HEAD = sign_agreement(small(), "holder", "head", HOLDER_KEY, AT)
CHIEF = sign_agreement(small(), "requester", "chief", REQUESTER_KEY, AT)


def added(before: str, after: str) -> str:
    """What was put into a text, in one place; fails where anything else changed."""
    start = 0
    while start < len(before) and before[start] == after[start]:
        start += 1
    end = len(before) - start
    put = after[start : len(after) - end]
    assert before[:start] + put + before[start:] == after
    return put


def rest(text: str) -> list[str]:
    """A text's lines, with their ends, but for those of version, amends and signatures."""
    kept, skipping = [], False
    for line in text.splitlines(keepends=True):
        if not line.startswith(" "):
            skipping = line.startswith(("version:", "amends:", "signatures:"))
        if not skipping:
            kept.append(line)
    return [line.rstrip("\n") if line is kept[-1] else line for line in kept]


LAYOUTS = {
    "none yet": AGREEMENT,
    "no newline at the end": AGREEMENT.rstrip("\n"),
    "comments at the end": AGREEMENT + "# the end\n\n# really\n",
    "blank lines at the end": AGREEMENT + "\n\n\n",
    "a document's start": "---\n" + AGREEMENT,
    "byte order mark": "\ufeff" + AGREEMENT,
    "a folded text at the end": AGREEMENT.replace("purpose: To try things out.\n", "")
    + "purpose: >-\n  To try\n  things out.\n",
    "all keys indented": "".join(f"  {line}\n" for line in AGREEMENT.splitlines()),
}


@pytest.mark.parametrize("text", LAYOUTS.values(), ids=LAYOUTS)
def test_both_sign_whatever_the_layout(text: str) -> None:
    first = with_signature(text, "f", HEAD)
    second = with_signature(first, "f", CHIEF)
    assert "holder" in added(text, first)
    assert "requester" in added(first, second)
    read = parse_agreement(second, "f").agreement
    assert read == dataclasses.replace(small(), signatures=(HEAD, CHIEF))
    assert verify_signatures(read, rosters(), LATER).complete


@pytest.mark.parametrize(
    "block",
    [
        "signatures: []\n",
        "signatures:   [ ]   # to come\n",
        "'signatures': []\n",
        'signatures: [] # "signatures: []"\n',
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_an_empty_list_gives_way_and_its_comment_stays(block: str, first: bool) -> None:
    text = block + AGREEMENT if first else AGREEMENT + block
    made = with_signature(text, "f", HEAD)
    assert parse_agreement(made, "f").agreement.signatures == (HEAD,)
    assert made.count("#") == text.count("#")
    without = [line for line in made.splitlines() if "signatures" not in line]
    kept = [
        line for line in without if not line.startswith(("  - party", "    officer", "    env"))
    ]
    assert kept == AGREEMENT.splitlines()


@pytest.mark.parametrize("margin", ["", "  ", "      "])
@pytest.mark.parametrize("after", ["", "# later\n", "\n\n"])
def test_a_second_signature_stands_like_the_first(margin: str, after: str) -> None:
    given_one = (
        f"{margin}-   party: holder  # Ann\n{margin}    officer: head\n"
        f"{margin}    envelope: {{payload: x}}\n{after}"
    )
    for text in (
        f"{AGREEMENT}signatures:\n{given_one}",
        f"signatures:  # both\n{given_one}{AGREEMENT}",
    ):
        made = with_signature(text, "f", CHIEF)
        assert added(text, made).startswith(f'{margin}- party: "requester"')


def test_windows_line_endings_stay() -> None:
    text = AGREEMENT.replace("\n", "\r\n")
    made = with_signature(text, "f", HEAD)
    assert "\n" not in added(text, made).replace("\r\n", "")


_LINES = st.lists(
    st.sampled_from(["# a comment\n", "\n", "   \n", "  # indented: []\n"]), max_size=3
)


@settings(max_examples=40, deadline=None)
@given(st.lists(_LINES, min_size=12, max_size=12), st.booleans(), st.sampled_from(["", "[]\n"]))
def test_comments_and_blank_lines_anywhere(
    between: list[list[str]], newline: bool, empty: str
) -> None:
    """Whatever stands between the keys, it is there afterwards."""
    keys = AGREEMENT.split("\nauthority", 1)
    tail = ["authority" + keys[1]]
    lines = [f"{line}\n" for line in keys[0].splitlines()]
    text = ""
    for index, part in enumerate([*lines, *tail]):
        text += "".join(between[index % len(between)]) + part
    text += f"signatures: {empty}" if empty else ""
    text += "".join(between[-1])
    if not newline:
        text = text.rstrip("\n")
    made = with_signature(text, "f", HEAD)
    assert parse_agreement(made, "f").agreement == dataclasses.replace(small(), signatures=(HEAD,))
    if not empty:
        added(text, made)


@pytest.mark.parametrize(
    "text",
    [
        AGREEMENT + "signatures: [{party: requester, officer: chief, envelope: {}}]\n",
        AGREEMENT + "...\n",
    ],
    ids=["in one line", "a document's end"],
)
def test_a_layout_that_cannot_be_added_to_is_said_so(text: str) -> None:
    with pytest.raises(AgreementError, match="cannot be added to the file as it is laid out"):
        with_signature(text, "f", HEAD)


def test_a_literal_text_that_ends_the_file_is_never_lengthened() -> None:
    """Without its last newline it says one thing, with it another: both would not be signed."""
    rest = AGREEMENT.replace("purpose: To try things out.\n", "")
    text = rest + "purpose: |\n  To try things out."
    with pytest.raises(AgreementError, match="cannot be added to the file as it is laid out"):
        with_signature(text, "f", HEAD)


def test_nobody_signs_twice() -> None:
    once = with_signature(AGREEMENT, "f", HEAD)
    with pytest.raises(ConflictError, match="holder has signed this agreement already"):
        with_signature(once, "f", HEAD)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_shipped_agreements_can_be_signed_and_amended(path: object) -> None:
    loaded = load_agreement(path)  # type: ignore[arg-type]
    text = path.read_text("utf-8")  # type: ignore[attr-defined]
    party = loaded.agreement.parties.holder.id
    signature = sign_agreement(loaded.agreement, party, "head", HOLDER_KEY, AT)
    signed = with_signature(text, "f", signature)
    added(text, signed)
    amended = with_amendment(signed, "f", "Ann", "Ben", "Why")
    verify_amendment(loaded.agreement, parse_agreement(amended, "f").agreement)


SIGNED = with_signature(with_signature(AGREEMENT, "f", HEAD), "f", CHIEF)


@pytest.mark.parametrize(
    "text",
    [
        AGREEMENT,
        SIGNED,
        SIGNED + "# the end\n",
        AGREEMENT.replace("version: 1", "version:   1   # the first"),
        "signatures: []\n" + AGREEMENT,
        AGREEMENT.replace("\n", "\r\n"),
        AGREEMENT.rstrip("\n"),
    ],
)
def test_an_amendment_keeps_the_rest_of_the_text(text: str) -> None:
    old = parse_agreement(text, "f").agreement
    made = with_amendment(text, "f", "Ann", "Ben", 'The "limit": too low.')
    new = parse_agreement(made, "f").agreement
    verify_amendment(old, new)
    assert new.signatures == ()
    assert new.amends is not None
    assert new.amends.reason == 'The "limit": too low.'
    assert rest(made) == rest(text)


def test_a_comment_beside_the_version_stays() -> None:
    text = AGREEMENT.replace("version: 1", "version: 1  # the first")
    assert "version: 2  # the first\n" in with_amendment(text, "f", "Ann", "Ben", "Why")


def test_an_amendment_of_an_amendment_replaces_its_reason() -> None:
    second = with_amendment(SIGNED, "f", "Ann", "Ben", "Why")
    third = with_amendment(second, "f", "Ann", "Ben", "Why again")
    new = parse_agreement(third, "f").agreement
    verify_amendment(parse_agreement(second, "f").agreement, new)
    assert new.version == 3
    assert third.count("amends:") == 1


def test_who_writes_an_amendment_does_not_approve_it() -> None:
    with pytest.raises(AgreementError) as caught:
        with_amendment(AGREEMENT, "f", "Ann", " Ann", "Why")
    assert caught.value.message == (
        "Who writes an amendment does not approve it. Name somebody else as its approver: "
        "--approver."
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [((" ", "Ben", "Why"), "author"), (("Ann", "", "Why"), "approver"), (("A", "B", ""), "reason")],
)
def test_an_amendment_says_who_and_why(words: tuple[str, str, str], said: str) -> None:
    with pytest.raises(AgreementError) as caught:
        with_amendment(AGREEMENT, "f", *words)
    assert caught.value.message == f"The amendment's {said} is empty. Say it: --{said}."


def test_an_old_signature_is_none_on_the_next_version() -> None:
    second = with_amendment(SIGNED, "f", "Ann", "Ben", "Why")
    signed: Signature = HEAD
    report = verify_signatures(
        parse_agreement(with_signature(second, "f", signed), "f").agreement, rosters(), LATER
    )
    assert report.signed == frozenset()
