"""Typing that means nothing: fingers run along the keyboard, one key held down, sequences."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from comity.request.address.words import word_set

_ROWS = ("QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM")
_STEPS = {
    pair: step
    for row in _ROWS
    for a, b in pairwise(row)
    for pair, step in ((a + b, 1), (b + a, -1))
}
"""Two neighbouring keys, to the direction of going from one to the other."""

_REAL = word_set("WERT TREW")
_LONE_RUNS = word_set(
    "ASD QWE ZXC JKL FGH DFG SDF GHJ HJK XCV CVB VBN BNM LKJ KJH DSA EWQ CXZ QAZ WASD QAZWSX"
)
_NO_VOWEL = re.compile(r"[B-DF-HJ-NP-TV-XZ]{6,}")
_CONSONANT_HEAP = re.compile(r"[B-DF-HJ-NP-TV-XZ]{7}")
_HOME_ROW = re.compile(r"(?=.*[DFGHJKLS]{4})[ASDFGHJKL]{5,}")
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@lru_cache(maxsize=65_536)
def is_noise(word: str) -> bool:
    """Whether a folded word is keyboard noise: `ASDF`, `QWERTY`, `ASDASD`, `DFGHJK`, `ABCDEF`.

    Letters only; a word of another script never is. Names that happen to lie on the keyboard
    (`WERT`, `TREW`) are none."""
    if len(word) < 3 or not (word.isascii() and word.isalpha()) or word in _REAL:
        return False
    if word in _LONE_RUNS or is_repeated(word):
        return True
    if word in ("ABC", "XYZ") or (len(word) >= 4 and word in _ALPHABET):
        return True
    if _NO_VOWEL.fullmatch(word) or _CONSONANT_HEAP.search(word) or _HOME_ROW.fullmatch(word):
        return True
    return len(word) >= 4 and _is_all_runs(word)


def is_repeated(text: str) -> bool:
    """Whether a text of at least three characters is one character over and over."""
    return len(text) >= 3 and text == text[0] * len(text)


def is_number_filler(digits: str) -> bool:
    """Whether a run of digits is a filler: one digit repeated, or counting up or down from an end
    (`00000`, `1111`, `123456`, `987654321`). Five digits or more for the counting ones."""
    if len(digits) >= 4 and is_repeated(digits):
        return True
    return len(digits) >= 5 and (digits in "1234567890" or digits in "9876543210")


def _is_all_runs(word: str) -> bool:
    """Whether the word falls wholly into keyboard runs of three keys or more."""
    length, direction = 1, 0
    for pair in pairwise(word):
        step = _STEPS.get("".join(pair), 0)
        if step and direction in (0, step):
            length, direction = length + 1, step
        elif length < 3:
            return False
        else:
            length, direction = 1, 0
    return length >= 3
