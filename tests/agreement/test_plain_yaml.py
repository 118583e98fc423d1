"""The strict YAML: what it reads, what it refuses, and where it says so."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.agreement.plain_yaml import MAX_INTEGER, read_plain

REFUSED = {
    "a: &x 1": ((1, 4), "anchors"),
    "a: 1\nb: *x": ((2, 4), "anchors"),
    "a: !!str 1": ((1, 4), "tags"),
    "a: !!python/object:os.system x": ((1, 4), "tags"),
    "a: !own {b: 1}": ((1, 4), "tags"),
    "a: 1\nb: 2\na: 3": ((3, 1), "twice"),
    "a:\n  b: 1\n  b: 1": ((3, 3), "twice"),
    "? [a]\n: 1": ((1, 3), "key is a plain word"),
    "a: 1\n---\nb: 2": ((2, 1), "second document"),
    "a: " + "[" * 5_000 + "]" * 5_000: ((1, 24), "nested too deeply"),
    "a: 9007199254740992": ((1, 1), "too large"),
    "a: " + "9" * 5_000: ((1, 1), "too large"),
    "a: 1e999": ((1, 1), "too large"),
    "a: b\n\tc: d": ((2, 1), "not YAML"),
    "a: [1, 2": ((1, 9), "not YAML"),
    "a: 'b": ((1, 6), "not YAML"),
    "a: 1\nb: \x1b[31m": ((2, 4), "U+001B"),
    "a: 1\nb: x\u202ey": ((2, 5), "U+202E"),
    'a: "\\e[31m"': ((1, 1), "U+001B"),
    'a: "\\ud800"': ((1, 1), "U+D800"),
}


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: ascii(text)[:30])
def test_refused_with_place_and_words(text: str) -> None:
    place, words = REFUSED[text]
    plain = read_plain(text)
    (fault,) = plain.faults
    assert words in fault.what
    assert plain.positions[fault.path] == place


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("", None),
        ("''", ""),
        ("'1'", "1"),
        ("1", 1),
        ("-1", -1),
        ("010", 10),
        ("0x10", "0x10"),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("1.50", 1.5),
        (".nan", ".nan"),
        (".inf", ".inf"),
        ("2026-01-01", "2026-01-01"),
        ("=", "="),
        ("<<", "<<"),
        (str(MAX_INTEGER), MAX_INTEGER),
    ],
)
def test_scalars_are_the_json_like_part_of_the_core_schema(text: str, value: object) -> None:
    read = read_plain(f"a: {text}").value
    assert read == {"a": value}
    assert isinstance(read, dict)
    assert type(read["a"]) is type(value)


_TEXT = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_categories=["C", "Zl", "Zp"]),
    max_size=40,
)
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-MAX_INTEGER, MAX_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None)
@given(st.dictionaries(_TEXT, _VALUES, max_size=4))
def test_json_is_read_as_itself(value: dict[str, object]) -> None:
    plain = read_plain(json.dumps(value, ensure_ascii=False))
    assert plain.faults == ()
    assert plain.value == value


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_or_faulted_at_a_place(text: str) -> None:
    plain = read_plain(text)
    for fault in plain.faults:
        line, column = plain.positions[fault.path]
        assert line >= 1
        assert column >= 1


def test_a_byte_order_mark_is_no_part_of_the_first_key() -> None:
    plain = read_plain("\ufeffa: 1")
    assert plain.value == {"a": 1}
    assert plain.positions["a",] == (1, 1)


def test_windows_line_endings_read_the_same() -> None:
    assert read_plain("a: 1\r\nb: |\r\n  x\r\n  y\r\n").value == {"a": 1, "b": "x\ny\n"}
