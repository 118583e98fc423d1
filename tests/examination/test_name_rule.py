"""The rule about the name: placeholders are found, short and foreign names pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.core.outcome import Outcome
from comity.examination.context import Context
from comity.examination.rule import RULES, NoParameters, Unmet
from comity.examination.rules.people import name_present
from comity.request.model import Request

CHANGES: tuple[Callable[[str], str], ...] = (
    str.upper,
    str.lower,
    lambda text: f" {text} ",
    lambda text: text.replace("n", "n\u200b"),
)


def judge(first: str, last: str) -> Unmet | None:
    request = Request(1, 1, "r1", first_name=first, last_name=last)
    return name_present(request, NoParameters(), cast(Context, None))


PLACEHOLDERS = [
    ("", "Rivera"), ("Ana", ""), ("", ""), ("  ", "Rivera"), ("UNKNOWN", "Rivera"),
    ("Ana", "Unknown"), ("unknown", "unknown"), ("Unk", "Rivera"), ("U N K N O W N", "Rivera"),
    ("Unkown", "Rivera"), ("UNKN0WN", "Rivera"), ("Ünknown", "Rivera"), ("Unknown Male", "Rivera"),
    ("Ana", "Last Name Unknown"), ("First Name Unknown", "Rivera"), ("FNU", "Rivera"),
    ("fnu", "Rivera"), ("F.N.U.", "Rivera"), ("Ana", "LNU"), ("FNU", "LNU"), ("NFN", "Rivera"),
    ("Ana", "NLN"), ("No Name", "Rivera"), ("Ana", "No Last Name"), ("Not Provided", "Rivera"),
    ("Failed to Provide", "Failed to Provide"), ("None", "Rivera"), ("N/A", "Rivera"),
    ("Ana", "N/A"), ("NA", "NA"), ("Null", "Null"), ("TBD", "Rivera"), ("John", "Doe"),
    ("JANE", "DOE"), ("john", "doe"), ("Baby", "Doe"), ("Baby Boy", "Doe"), ("Juan", "Doe"),
    ("John", "Roe"), ("John", "Q. Public"), ("A", "Rivera"), ("Ana", "R"), ("A.", "Rivera"),
    ("X", "Y"), ("É", "Rivera"), ("XXX", "Rivera"), ("XX", "Rivera"), ("Ana", "xxxx"),
    ("Aaaa", "Rivera"), ("Ana", "zzzzz"), ("asdf", "Rivera"), ("Ana", "qwerty"),
    ("asdasd", "jkljkl"), ("dfghjk", "Rivera"), ("Ana", "bcdfghjk"), ("-", "Rivera"),
    ("Ana", "???"), ("...", "..."), ("Ana", "🙂"), ("123", "Rivera"), ("Ana", "Rivera2"),
    ("4n4", "Rivera"), ("Ana", "٣٤"), ("Test", "Rivera"), ("Desconocido", "Rivera"),
    ("Sin Nombre", "Rivera"), ("Inconnu", "Rivera"), ("Fulano", "De Tal"), ("\u200b", "Rivera"),
    ("First Name", "Last Name"), ("Refused", "Refused"), ("Mr", "Rivera"),
    ("Baby Boy", "Rivera"), ("BABY GIRL", "Rivera"), ("Babyboy", "Rivera"),
    ("Baby Girl Two", "Rivera"), ("Baby-Boy", "Rivera"), ("Infant", "Rivera"),
    ("Newborn", "Rivera"), ("Newborn Male", "Rivera"), ("Infant Girl", "Rivera"),
    ("Male Infant", "Rivera"), ("Infant of Maria", "Rivera"), ("Baby of Maria", "Rivera"),
    ("Noname", "Rivera"), ("Ana", "Noname"), ("Dummy", "Rivera"), ("Ana", "Dummy"),
    ("Ana", "Missing"), ("Alien", "Rivera"), ("Ana", "Alien"),
]  # fmt: skip

NAMES = [
    ("Li", "Na"), ("Bo", "Xu"), ("An", "Ng"), ("Yu", "Wu"), ("Ai", "Oh"), ("Jo", "Ek"),
    ("Na", "Li"), ("Ana", "Rivera"), ("ANA", "RIVERA"), ("ana", "rivera"),
    ("Ana María", "de la Cruz"), ("José", "Núñez-Ibáñez"), ("Jean-Luc", "O'Brien"),
    ("Ngozi", "M'Baye"), ("D’Angelo", "St. John"), ("Xochitl", "Tzul"), ("Nguyễn", "Thị Ánh"),
    ("Zoë", "Åkesson"), ("Łukasz", "Brzęczyszczykiewicz"), ("Mkrtich", "Mkrtchyan"),
    ("Srđan", "Krstić"), ("Vlk", "Strnad"), ("Hrvoje", "Hrgović"), ("Sitting", "Bull"),
    ("Running Water", "Yazzie"), ("Kealiʻi", "Kaʻahumanu"), ("Two Bears", "Tall Chief"),
    ("李", "小龙"), ("娜", "李"), ("김", "민준"), ("محمد", "العلي"), ("Иван", "Петров"),
    ("Δημήτρης", "Νικολάου"), ("देव", "शर्मा"), ("อรุณ", "ใจดี"), ("תמר", "לוי"),
    ("სანდრო", "კახიძე"), ("Ana", "Null"), ("Ana", "Blank"), ("Nil", "Aydin"), ("Nada", "Hassan"),
    ("Wala", "Omar"), ("Maria", "Doe"), ("Doeun", "Chea"), ("Fred", "Ewert"), ("Dede", "Eder"),
    ("Poi", "Trew"), ("Homer", "Homes"), ("John", "Smith"), ("Jane", "Dow"), ("Given", "Moyo"),
    ("Happy", "Home"), ("Noah", "Street"), ("Princess", "Love"), ("J R", "Whitfield"),
    ("Jr", "Ocampo"), ("Aa", "Berg"), ("Lee", "Ooi"), ("Missy", "Void"), ("No", "Takahashi"),
    ("Sin", "Ho"), ("Baby", "Santos"), ("Boy", "Reyes"), ("Ana", "Newborn"), ("Ana", "Baby"),
    ("Infant Jesus", "Fernandes"), ("Babyanne", "Cruz"), ("Ana", "Infante"), ("Ana", "Male"),
    ("Ana", "Test"), ("Ana", "Boy"), ("Girlie", "Ramos"), ("Ana", "Newborn-Reyes"),
]  # fmt: skip


@pytest.mark.parametrize(("first", "last"), PLACEHOLDERS)
def test_a_placeholder_is_no_name(first: str, last: str) -> None:
    found = judge(first, last)
    assert found is not None
    assert found.reason.endswith(".")
    assert found.cure.endswith(".")
    for text in (first, last):
        assert len(text) < 6 or text not in found.reason + found.cure


@pytest.mark.parametrize(("first", "last"), NAMES)
def test_a_name_is_a_name(first: str, last: str) -> None:
    assert judge(first, last) is None


def test_what_is_missing_is_named() -> None:
    given, family, both = judge("", "Rivera"), judge("Ana", ""), judge("", "")
    assert given is not None
    assert "given" in given.reason
    assert "family" not in given.reason
    assert family is not None
    assert "family" in family.reason
    assert "given" not in family.reason
    assert both is not None
    assert "given" in both.reason
    assert "family" in both.reason


def test_the_rule_returns_and_cites_the_statute() -> None:
    rule = RULES["name.present"]
    assert (rule.law, rule.outcome) == ("R04", Outcome.RETURNED)
    assert "6103(i)(2)(B)(i)" in str(rule.citation)
    assert rule.columns == ("first_name", "last_name")


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_text_raises(first: str, last: str) -> None:
    judge(first, last)


@given(
    st.sampled_from(PLACEHOLDERS + NAMES),
    st.sampled_from(
        [str.upper, str.lower, lambda t: f" {t} ", lambda t: t.replace("n", "n\u200b")]
    ),
)
def test_case_space_and_zero_width_do_not_matter(
    names: tuple[str, str], change: Callable[[str], str]
) -> None:
    first, last = names
    assert (judge(change(first), change(last)) is None) == (judge(first, last) is None)


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=1))
def test_one_letter_never_names_a_person(letter: str) -> None:
    assert judge(letter, "Rivera") is not None
    assert judge("Ana", letter.upper()) is not None
