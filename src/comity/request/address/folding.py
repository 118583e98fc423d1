"""Folding text to the plain capitals that Publication 28 asks for, one step before parsing."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_KEPT = set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789#/-.")
_ASCII = {
    code: (chr(code) if chr(code) in _KEPT else None if chr(code) == "'" else " ")
    for code in range(128)
}
_LETTERS = str.maketrans(
    {
        "Ł": "L", "Ø": "O", "Đ": "D", "Ð": "D", "Þ": "TH", "Æ": "AE", "Œ": "OE", "ẞ": "SS",
        "ß": "SS", "ı": "I", "½": " 1/2", "¼": " 1/4", "¾": " 3/4", "⅓": " 1/3", "⅔": " 2/3",
        "º": " ", "ª": " ", "№": " # ", "’": "", "‘": "", "ʻ": "", "ʼ": "", "´": "", "`": "",
        "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-", "⁄": "/",
    }
)  # fmt: skip
_DOT_BEFORE_WORD = re.compile(r"\.(?=[^\W\d_]{2}|#)|(?<=[^\W\d_])\.(?=\d)")
_DOT_TO_DROP = re.compile(r"(?<!\d)\.|\.(?!\d)")
_LOOSE_DASH = re.compile(r"(?<![^ ])[-/]+|[-/]+(?![^ ])")


@lru_cache(maxsize=16_384)
def fold(text: str) -> str:
    """Capitals without accents and punctuation, single spaces; `#`, and `/`, `-` and `.` inside a
    number or word, are kept because they tell addresses apart.

    Letters of other scripts stay. Total, and linear in the length of the text. Kept for late texts:
    to parse and judge a row folds each of its fields three times, and cities recur."""
    # ASCII is the usual case, and four times as fast
    text = text.upper().translate(_ASCII) if text.isascii() else _fold_unicode(text)
    if "." in text:
        text = _DOT_TO_DROP.sub("", _DOT_BEFORE_WORD.sub(" ", text))
    if "-" in text or "/" in text:
        text = _LOOSE_DASH.sub(" ", text)
    return " ".join(text.split())


def _fold_unicode(text: str) -> str:
    """Accents off, compatibility forms (full width, ligatures) to plain ones."""
    text = unicodedata.normalize("NFKD", text.translate(_LETTERS)).upper().translate(_LETTERS)
    return "".join(map(_plain, text))


def _plain(char: str) -> str:
    if char < "\x80":
        return _ASCII[ord(char)] or ""
    category = unicodedata.category(char)
    if category[0] == "L":
        return char
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if category[0] == "M":
        return "" if category == "Mn" else char
    return "" if category == "Cf" else " "
