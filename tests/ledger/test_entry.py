"""Entries: one value, one sequence of bytes, and the quick way reads as the careful one."""

import json
import re
from hashlib import sha256
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from comity.core.errors import LedgerError
from comity.ledger import entry as module
from comity.ledger.entry import Entry, commitment, encode_alike
from comity.ledger.tiles import MAX_ENTRY

AT = "2026-11-24T01:56:54.000000Z"
USUAL = Entry("request.determined", AT, "us-x", "b0001/1", "sha256:" + "0f" * 32, {"status": "x"})

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
keys = st.text(st.characters(max_codepoint=127), max_size=6)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)
entries = st.builds(
    Entry,
    type=st.from_regex(re.compile(r"[a-z]{1,8}\.[a-z_]{1,8}", re.ASCII), fullmatch=True),
    at=st.datetimes().map(lambda moment: moment.strftime("%Y").zfill(4) + AT[4:]),
    agreement=st.none() | text,
    request=st.none() | text,
    commitment=st.none() | st.binary(min_size=32, max_size=32).map(lambda b: "sha256:" + b.hex()),
    body=st.dictionaries(keys, values, max_size=3) | st.dictionaries(keys, text, max_size=1),
)


def as_json(entry: Entry) -> dict[str, Any]:
    names = ("type", "at", "agreement", "request", "commitment", "body")
    return {"v": 1, **{name: getattr(entry, name) for name in names}}


@given(entries)
def test_an_entry_s_bytes_are_rfc_8785_and_lead_back(entry: Entry) -> None:
    data = entry.encode()
    assert data == rfc8785.dumps(as_json(entry))
    assert Entry.parse(data) == entry
    assert entry.to_json() == as_json(entry)


@given(entries)
def test_the_quick_way_reads_what_the_careful_one_reads(entry: Entry) -> None:
    data = entry.encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_USUAL", re.compile("(?!)"))
        assert Entry.parse(data) == entry


@given(st.integers(0, 400), st.binary(max_size=3))
def test_whatever_the_quick_way_takes_the_careful_one_takes(at: int, put: bytes) -> None:
    """Splices into a usual entry: both ways say the same, entry or error."""
    data = USUAL.encode()
    data = data[: at % len(data)] + put + data[at % len(data) + 1 :]

    def read() -> Entry | None:
        try:
            return Entry.parse(data)
        except LedgerError:
            return None

    quick = read()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_USUAL", re.compile("(?!)"))
        assert read() == quick
    if quick is not None:
        assert quick.encode() == data


ODD = ('"', "\\", "\x00\x1f\x7f", "\u2028", "\ufeff", "\U0001f600", "%s{0}%b", "</", "e\u0301")
nasty = text | st.sampled_from(ODD)
commitments = st.binary(min_size=32, max_size=32).map(lambda b: "sha256:" + b.hex())


@given(
    st.lists(st.tuples(st.integers(0, 3), nasty, commitments), max_size=6),
    st.lists(st.dictionaries(keys, values | nasty, max_size=3), min_size=4, max_size=4),
    entries,
    nasty,
)
def test_entries_encoded_together_are_those_encoded_one_by_one(
    rows: list[tuple[int, str, str]], bodies: list[Any], like: Entry, agreement: str
) -> None:
    """Also where a body is shared, and where its text looks like another field."""
    bodies[0] = {"x": ',"commitment":null,"request":null,"type":"a.b","v":1}', "commitment": None}
    for name in (like.agreement, agreement):
        made = encode_alike(
            like.type,
            like.at,
            name,
            [bodies[place] for place, _, _ in rows],
            [request for _, request, _ in rows],
            [committed for _, _, committed in rows],
        )
        assert made == [
            Entry(like.type, like.at, name, request, committed, bodies[place]).encode()
            for place, request, committed in rows
        ]


FINE = "sha256:" + "0f" * 32


@pytest.mark.parametrize(
    "columns",
    [
        ("nonsense", AT, "us-x", [{}], ["b/1"], [FINE]),
        ("a.b", "2026-02-30T01:56:54.000000Z", "us-x", [{}], ["b/1"], [FINE]),
        ("a.b", AT, 7, [{}], ["b/1"], [FINE]),
        ("a.b", AT, "us-x", [{"n": 0.5}], ["b/1"], [FINE]),
        ("a.b", AT, "us-x", [[]], ["b/1"], [FINE]),
        ("a.b", AT, "us-x", [{}], ["\ud800"], [FINE]),
        ("a.b", AT, "us-x", [{}], [None], [FINE]),
        ("a.b", AT, "us-x", [{}], [b"b/1"], [FINE]),
        ("a.b", AT, "us-x", [{}], ["b/1"], [FINE.upper()]),
        ("a.b", AT, "us-x", [{}], ["b/1"], [FINE + "\n"]),
        ("a.b", AT, "us-x", [{}], ["b/1"], [None]),
        ("a.b", AT, "us-x", [{}], ["x" * MAX_ENTRY], [FINE]),
        ("a.b", AT, "us-x", [{}, {"n": "x" * MAX_ENTRY}], ["b/1", "b/2"], [FINE, FINE]),
    ],
)
def test_together_too_nothing_gets_in_that_could_not_be_verified(columns: Any) -> None:
    with pytest.raises(LedgerError, match="not an entry"):
        encode_alike(*columns)


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="argument"):
        encode_alike("a.b", AT, None, [{}], ["b/1", "b/2"], [FINE])


def test_the_golden_entry() -> None:
    assert USUAL.encode() == (
        b'{"agreement":"us-x","at":"2026-11-24T01:56:54.000000Z","body":{"status":"x"},'
        b'"commitment":"sha256:' + b"0f" * 32 + b'","request":"b0001/1",'
        b'"type":"request.determined","v":1}'
    )
    assert module._USUAL.fullmatch(USUAL.encode().decode())


def altered(**fields: Any) -> bytes:
    return json.dumps(
        as_json(USUAL) | fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    ).encode()


def without(name: str) -> bytes:
    value = as_json(USUAL)
    del value[name]
    return rfc8785.dumps(value)


GOOD = USUAL.encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff",
        GOOD + b"\n",
        b" " + GOOD,
        GOOD.replace(b":1}", b": 1}"),
        GOOD.replace(b":1}", b":1.0}"),
        GOOD.replace(b":1}", b":true}"),
        GOOD.replace(b":1}", b":2}"),
        GOOD.replace(b":1}", b':1,"w":1}'),
        GOOD.replace(b":1}", b':1,"v":1}'),
        GOOD.replace(b"us-x", b"us\\u002dx"),
        GOOD.replace(b"us-x", b"us\\/x"),
        GOOD.replace(b"us-x", b"us\x01x"),
        GOOD.replace(b"us-x", b"us\xff"),
        GOOD.replace(b"us-x", b"\\ud800"),
        GOOD.decode().encode("utf-16"),
        b"\xef\xbb\xbf" + GOOD,
        altered(type="Request.determined"),
        altered(type="request"),
        altered(type="request.determined\n"),
        altered(type=None),
        altered(at="2026-02-30T01:56:54.000000Z"),
        altered(at="2026-11-24T24:00:00.000000Z"),
        altered(at="2026-11-24T01:56:60.000000Z"),
        altered(at="2026-11-24 01:56:54.000000Z"),
        altered(at="2026-11-24T01:56:54Z"),
        altered(at="2026-11-24T01:56:54.000000+00:00"),
        altered(at="٢٠٢٦-11-24T01:56:54.000000Z"),
        altered(at=0),
        altered(agreement=1),
        altered(request=["b0001/1"]),
        altered(commitment="sha256:" + "0F" * 32),
        altered(commitment="sha256:" + "0f" * 31),
        altered(commitment=""),
        altered(body=None),
        altered(body=[]),
        altered(body={"n": 1.5}),
        altered(body={"n": 2**53}),
        altered(body={"ä": "x"}),
        without("request"),
        without("v"),
        GOOD.replace(b'{"status":"x"}', b'{"a":' + b"[" * 900 + b"]" * 900 + b"}"),
        GOOD.replace(b'{"status":"x"}', b'{"a":' + b"[" * 20_000 + b"]" * 20_000 + b"}"),
        GOOD.replace(b'"x"', b"1" * 5_000),
        GOOD.replace(b'"x"', b"NaN"),
        GOOD.replace(b'"x"', b"-0"),
        GOOD.replace(b'{"status":"x"}', b'{"status":"x","status":"x"}'),
        GOOD.replace(b'{"status":"x"}', b'{"b":1,"a":1}'),
    ],
)
def test_what_is_no_canonical_entry_is_refused(data: bytes) -> None:
    with pytest.raises(LedgerError, match="not an entry"):
        Entry.parse(data)


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_an_error(data: bytes) -> None:
    with pytest.raises(LedgerError):
        Entry.parse(data)


@pytest.mark.parametrize(
    "entry",
    [
        Entry("nonsense", AT, None, None, None, {}),
        Entry("a.b", "yesterday", None, None, None, {}),
        Entry("a.b", AT, None, None, "sha256:00", {}),
        Entry("a.b", AT, None, None, None, {"n": 0.5}),
        Entry("a.b", AT, None, None, None, {"n": float("nan")}),
        Entry("a.b", AT, None, None, None, {"n": 2**53}),
        Entry("a.b", AT, None, "\ud800", None, {}),
        Entry("a.b", AT, None, None, None, {"n": "x" * MAX_ENTRY}),
    ],
)
def test_nothing_gets_into_a_log_that_could_not_be_verified(entry: Entry) -> None:
    with pytest.raises(LedgerError, match="not an entry"):
        entry.encode()


def test_the_largest_entry_leads_back() -> None:
    room = MAX_ENTRY - len(Entry("a.b", AT, None, None, None, {"n": ""}).encode())
    entry = Entry("a.b", AT, None, None, None, {"n": "x" * room})
    assert len(entry.encode()) == MAX_ENTRY
    assert Entry.parse(entry.encode()) == entry


def test_a_commitment_depends_on_salt_and_payload() -> None:
    salt = bytes(32)
    # SHA-256 over 32 zero bytes and {"a":1}
    assert commitment(salt, b'{"a":1}') == ("sha256:" + sha256(salt + b'{"a":1}').hexdigest())
    assert commitment(salt, b'{"a":1}') != commitment(b"\x01" * 32, b'{"a":1}')
    assert commitment(salt, b'{"a":1}') != commitment(salt, b'{"a":2}')
    with pytest.raises(ValueError, match="32 bytes"):
        commitment(b"short", b"{}")
