"""The sieve of letters drops nobody whose name could be meant, and is one in SQL and in Python."""

from __future__ import annotations

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.identity.compare_names import InUse, compare_names
from comity.identity.distance import typing_distance
from comity.identity.doubts import like_name
from comity.identity.letters import letters, letters_of_names, may_be_alike, maybe_alike
from comity.identity.names import Name

DATABASE = duckdb.connect()
WORDS = st.sampled_from(
    (
        *("MARY", "JOHN", "JOAN", "MARGARET", "PEGGY", "J", "LI", "NG"),
        *("SMITH", "SMYTH", "GARCIA", "LOPEZ", "MUELLER", "MULLER"),
        *("MARY ANN", "GARCIA LOPEZ", "LOPEZ GARCIA", "DE LA CRUZ", "DELACRUZ", "CRUZ"),
    )
)


@st.composite
def names(draw: st.DrawFn) -> Name:
    """A given and a family name, each with up to two typing errors, and perhaps a middle name."""
    middle = draw(st.sampled_from(("", "", "ANN", "LOPEZ", "SMITH")))
    return Name(given=draw(mistyped()), middle=middle, family=draw(mistyped()))


@st.composite
def mistyped(draw: st.DrawFn) -> str:
    word = draw(WORDS)
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(word) - 1))
        letter = draw(st.sampled_from("AEXZ"))
        word = draw(
            st.sampled_from(
                [
                    word[:at] + letter + word[at:],
                    word[:at] + letter + word[at + 1 :],
                    (word[:at] + word[at + 1 :]) or word,
                    word[:at] + word[at : at + 2][::-1] + word[at + 2 :],
                ]
            )
        )
    return " ".join(word.split()) or "A"  # as standardised names are: no space too many


@given(names(), names())
@settings(deadline=None, max_examples=500)
def test_whoever_is_dropped_is_of_another_name(one: Name, other: Name) -> None:
    numbers = [letters_of_names(name.given, name.family) for name in (one, other)]
    if may_be_alike(*numbers):
        return
    assert typing_distance(one.family, other.family) > (
        1 if min(len(one.family), len(other.family)) < 4 else 2
    )
    for known in (True, False):
        in_use = InUse((known, known), (known, known))
        levels = compare_names(one, other, in_use)
        assert levels.family == "former" or not like_name(levels)


PAIRS = st.lists(st.tuples(names(), names()), min_size=40, max_size=40)
ODD_ONES = [
    (Name("", "", "NG LI"), Name("JOHN", "", "LI")),
    (Name("ЯНА", "", "LI"), Name()),
    (Name("JOHN 2ND", "", "LI"), Name("X" * 20 + " " + "Y" * 12, "", "LI")),
]


@given(PAIRS)
@settings(deadline=None, max_examples=10)
def test_sql_and_python_agree(pairs: list[tuple[Name, Name]]) -> None:
    pairs += ODD_ONES
    rows = [(a.given, a.family, b.given, b.family) for a, b in pairs]
    DATABASE.execute("CREATE OR REPLACE TABLE names (a VARCHAR, b VARCHAR, c VARCHAR, d VARCHAR)")
    DATABASE.executemany("INSERT INTO names VALUES (?, ?, ?, ?)", rows)
    found = DATABASE.execute(
        f"SELECT x, y, {maybe_alike('x', 'y')} FROM "
        f"(SELECT {letters('a', 'b')} AS x, {letters('c', 'd')} AS y FROM names)"
    ).fetchall()
    numbers = [[letters_of_names(name.given, name.family) for name in pair] for pair in pairs]
    assert found == [(one, other, may_be_alike(one, other)) for one, other in numbers]


def test_the_sieve_drops_neighbours() -> None:
    smith, garcia = letters_of_names("JOHN", "SMITH"), letters_of_names("MARIA", "GARCIA")
    assert not may_be_alike(smith, garcia)
    assert may_be_alike(smith, letters_of_names("SMITH", "JOHN"))
    assert may_be_alike(smith, letters_of_names("PEGGY", "SMYTH"))
    assert not may_be_alike(smith, letters_of_names("MARIA", "GARCIA LOPEZ"))
    assert may_be_alike(smith, letters_of_names("MARIA", "GARCIA SMYTHE"))
    assert may_be_alike(smith, letters_of_names("MARIA", "ГАРСИЯ"))
