"""Canonical JSON: RFC 8785's own examples, and one value, one digest."""

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from comity.core.canonical import DEEPEST, Json, canonical, digest


def test_the_specification_s_sorting_example() -> None:
    # RFC 8785, section 3.2.3: keys sort by UTF-16 code units.
    value = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    order = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]
    text = canonical(value).decode()
    positions = [text.index(f'"{value[key]}"') for key in order]
    assert positions == sorted(positions)


@given(st.dictionaries(st.text(max_size=5), st.integers(-(2**53) + 1, 2**53 - 1), max_size=6))
def test_the_order_of_keys_does_not_matter(value: dict[str, int]) -> None:
    turned = dict(reversed(list(value.items())))
    try:
        first = digest(value)
    except ValueError:
        return
    assert first == digest(turned)


@pytest.mark.parametrize("value", [float("nan"), 2**60, "\ud800"])
def test_what_json_cannot_say_is_refused(value: float | int | str) -> None:
    with pytest.raises(ValueError, match="canonical JSON"):
        canonical({"v": value})


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=12,
)


@given(_JSON)
def test_the_fast_way_gives_the_bytes_of_the_reference(value: Json) -> None:
    try:
        expected = rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError):
        with pytest.raises(ValueError, match="canonical JSON"):
            canonical(value)
    else:
        assert canonical(value) == expected


def test_what_is_nested_too_deep_is_refused() -> None:
    value: Json = 0
    for _ in range(DEEPEST):
        value = [value]
    assert canonical(value) == b"[" * DEEPEST + b"0" + b"]" * DEEPEST
    with pytest.raises(ValueError, match="canonical JSON"):
        canonical([value])
