"""The names of pairs, compared by ids and marks; word by word or whole where these do not tell.

A name's parts are compared one by one. Where a word of one name may stand elsewhere in the other,
the parts alone do not tell, and `compare_names` looks at the whole names.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from comity.identity import codes
from comity.identity.asking import Asked
from comity.identity.coding import SHORT, SPACED, TITLED, UMLAUT, Ids, Marks
from comity.identity.compare_names import (
    UNLIKE,
    InUse,
    compare_families,
    compare_given_words,
    compare_middles,
    compare_names,
    compare_suffixes,
)
from comity.identity.matching import NO_NAME
from comity.identity.names import Name
from comity.identity.pairs import Both, Flags, Sides, by_word, has
from comity.identity.schema import NAME_FIELDS
from comity.identity.vocabulary import Vocabulary

HARD, _OPEN = -1, -2
"""Codes for what a word alone does not tell, and for what is not looked at yet."""
_UNLIKE_GIVEN, _UNLIKE_FAMILY = (
    np.array([level in UNLIKE for level in levels] + [True] * 2)
    for levels in (codes.GIVEN, codes.FAMILY)
)
"""By code; the two further ones stand for HARD, which is looked at anyhow."""


class NameComparison:
    """Compares the names of one batch's pairs."""

    def __init__(self, asked: Asked, vocabulary: Vocabulary) -> None:
        self._words = asked.words
        self._vocabulary = vocabulary

    def apart(self, sides: Sides) -> Flags:
        """Whether given or family names are plainly different and nothing of one name stands
        elsewhere in the other."""
        given, family = sides("given"), sides("family")
        apart = self._given_apart(*given) | self._family_apart(*family)
        marks = self._words.marks
        several = np.flatnonzero(~apart & has(marks[given[0]] | marks[given[1]], SPACED))
        apart[several] = self._compound_apart(sides.take(several, NAME_FIELDS))
        rows = np.flatnonzero(apart)
        some = sides.take(rows, NAME_FIELDS)
        crossing = self._crossing(*(list(some(field)) for field in ("given", "middle", "family")))
        apart[rows[crossing]] = False
        return apart

    def _given_apart(self, a: Ids, b: Ids) -> Flags:
        """Whether two given names of one word are plainly different (`compare_given_words`)."""
        left, right = self._words.marks[a], self._words.marks[b]
        marks = Marks(left, right)
        titled = has(left | right, TITLED)
        apart = marks.far()
        apart &= self._vocabulary.in_use("given")[a] | ~self._vocabulary.has_relatives[b]
        apart &= ~self._vocabulary.akin(a, b)
        initial = marks.plain() & has(left | right, SHORT)
        return (apart | initial) & marks.no_prefix() & ~titled

    def _compound_apart(self, sides: Sides) -> Flags:
        """The same of given names of which one at least is several words: these are told apart by
        their first words, and by all of them in one; and neither first word stands elsewhere in the
        other name."""
        marks, (a, b) = self._words.marks, sides("given")
        heads = self._vocabulary.heads[a], self._vocabulary.heads[b]
        first, joined = Marks(*(marks[head] for head in heads)), Marks(marks[a], marks[b]).joined()
        apart = first.far() & first.no_prefix() & joined.far() & joined.no_prefix()
        apart &= self._vocabulary.in_use("given")[a] | ~self._vocabulary.has_relatives[heads[1]]
        apart &= ~self._vocabulary.akin(*heads) & ~has(
            first.a | first.b | marks[a] | marks[b], TITLED
        )
        for field in ("given", "middle", "family"):
            one, other = sides(field)
            apart &= (other == 0) | Marks(first.a, marks[other]).beyond()
            apart &= (one == 0) | Marks(first.b, marks[one]).beyond()
        return np.asarray(apart, np.bool_)

    def _family_apart(self, a: Ids, b: Ids) -> Flags:
        """Whether two family names of one word are plainly different (`compare_families`)."""
        left, right = self._words.marks[a], self._words.marks[b]
        return Marks(left, right).far() & ~has(left | right, UMLAUT | SHORT)

    def _crossing(self, given: list[Ids], middle: list[Ids], family: list[Ids]) -> Flags:
        """Where a word of one name stands elsewhere in the other, so that parts alone do not tell:
        exchanged or rearranged names, a middle name that is used, a former family name."""
        (ga, gb), (ma, mb), (fa, fb) = given, middle, family
        found = (ga == fb) | (gb == fa) | (ga == fa) | (gb == fb)
        for one, others in ((ma, (gb, fb)), (mb, (ga, fa))):
            for other in others:
                found |= (one == other) & (one != 0)
        marks = self._words.marks
        found |= has(marks[ma] | marks[mb], SPACED)
        for names, words in ((fb, (ga, ma)), (fa, (gb, mb))):
            rows = np.flatnonzero(has(marks[names], SPACED))
            parts = self._words.parts(names[rows])
            for word in words:
                found[rows] |= np.isin((names[rows] << 32) | word[rows], parts) & (word[rows] != 0)
        return np.asarray(found, np.bool_)

    def codes(self, sides: Sides) -> Ids:
        """The codes of the names' levels."""
        given, middle, family = sides("given"), sides("middle"), sides("family")
        found = {
            "given": self._given(*given),
            "family": self._family(*family),
            "middle": self._middle(*middle),
            "suffix": self._suffix(*sides("suffix")),
        }
        further = (given[0] == given[1]) & (middle[0] == middle[1])
        further &= has(self._words.marks[given[0]], SPACED)
        found["middle"][further] = codes.MIDDLE.index("agrees")  # the given name's other words
        total = sum(code * codes.name_factor(field) for field, code in found.items())
        hard = (found["given"] == HARD) | (found["family"] == HARD)
        hard |= self._entangled(given, middle, family, found["given"], found["family"])
        nobody = (given[1] == 0) & (family[1] == 0)
        total = np.where(nobody, codes.code_of_name(NO_NAME), total)
        rows = np.flatnonzero(hard & ~nobody)
        total[rows] = self._whole_names(sides, rows)
        return total

    def _entangled(
        self,
        given: Both,
        middle: Both,
        family: Both,
        given_code: Ids,
        family_code: Ids,
    ) -> Flags:
        """Where the parts of two names do not tell their levels one by one."""
        marks = self._words.marks
        (ga, gb), (ma, mb) = given, middle
        spaced = has(marks[ga] | marks[gb], SPACED) & ((ga != gb) | (ma != mb))
        # Mary Ann and Maryann: a middle name beside a given name that begins like the other
        begins = (ga != gb) & ((ma != 0) | (mb != 0)) & ~Marks(marks[ga], marks[gb]).no_prefix()
        crossing = self._crossing(list(given), list(middle), list(family))
        whole = (given_code == codes.GIVEN.index("exact")) & (
            family_code == codes.FAMILY.index("exact")
        )
        entangled = (
            spaced
            | begins
            | (crossing & ~whole)
            | self._turned(given, middle, family, given_code, family_code)
        )
        return np.asarray(entangled, np.bool_)

    def _turned(
        self,
        given: Both,
        middle: Both,
        family: Both,
        given_code: Ids,
        family_code: Ids,
    ) -> Flags:
        """Where neither name is like the other's, so that the two may be exchanged, one of them
        written in one word with a middle name; or where compound names may be rearranged."""
        marks = self._words.marks
        (_, gb), (ma, mb), (fa, fb) = given, middle, family
        middles = (ma != 0) | (mb != 0)
        run_on = middles & ~Marks(marks[fa], marks[gb]).no_prefix()
        both = _UNLIKE_GIVEN[given_code] & _UNLIKE_FAMILY[family_code]
        compound = has(marks[fa] | marks[fb], SPACED) & middles & (fa != fb)
        turned = (both & run_on) | (
            compound & (_UNLIKE_GIVEN[given_code] | _UNLIKE_FAMILY[family_code])
        )
        return np.asarray(turned, np.bool_)

    def _given(self, a: Ids, b: Ids) -> Ids:
        left, right = self._words.marks[a], self._words.marks[b]
        unclear = (a == 0) | (b == 0) | has(left | right, TITLED)
        unclear |= (a != b) & ~Marks(left, right).plain()
        apart = self._given_apart(a, b)
        return self._by_parts((a, b), unclear, apart, codes.GIVEN, compare_given_words, "given")

    def _family(self, a: Ids, b: Ids) -> Ids:
        left, right = self._words.marks[a], self._words.marks[b]
        unclear = (a == 0) | (b == 0) | has(left | right, SHORT)
        apart = self._family_apart(a, b)
        return self._by_parts((a, b), unclear, apart, codes.FAMILY, compare_families, "family")

    def _by_parts(
        self,
        pair: Both,
        unclear: Flags,
        apart: Flags,
        levels: tuple[str, ...],
        compare: Callable[[str, str, tuple[bool, bool]], str],
        kind: Literal["given", "family"],
    ) -> Ids:
        """The codes of given or family names: HARD where unclear, else as equal or apart as they
        are, else as they compare word by word."""
        equal = np.where(pair[0] == pair[1], levels.index("exact"), _OPEN)
        code = np.where(unclear, HARD, equal)
        code[(code == _OPEN) & apart] = levels.index("different")
        used = self._vocabulary.in_use(kind)
        code[code == _OPEN] = by_word(
            self._words,
            pair,
            np.flatnonzero(code == _OPEN),
            lambda x, y, i, j: levels.index(compare(x, y, (bool(used[i]), bool(used[j])))),
        )
        return code

    def _middle(self, a: Ids, b: Ids) -> Ids:
        """The level of two middle names beside given names of one word, or of the same words."""
        level = codes.MIDDLE.index
        code = np.where(a == 0, level("not_given"), np.where(b == 0, level("not_recorded"), 0))
        rows = np.flatnonzero((a != b) & (a != 0) & (b != 0))
        code[rows] = by_word(
            self._words,
            (a, b),
            rows,
            lambda x, y, _i, _j: level(compare_middles(Name("", x), Name("", y))),
        )
        return code

    def _suffix(self, a: Ids, b: Ids) -> Ids:
        code = np.zeros(len(a), np.int64)
        rows = np.flatnonzero(a != b)
        code[rows] = by_word(
            self._words,
            (a, b),
            rows,
            lambda x, y, _i, _j: codes.SUFFIX.index(compare_suffixes(x, y)),
        )
        return code

    def _whole_names(self, sides: Sides, rows: Ids) -> Ids:
        """Whole names, each distinct pair once."""
        some = sides.take(rows, NAME_FIELDS)
        columns = [side for field in NAME_FIELDS for side in some(field)]
        keys, inverse = np.unique(np.stack(columns, axis=1), axis=0, return_inverse=True)
        texts = self._words.of(keys.ravel())
        used = self._vocabulary.in_use("given"), self._vocabulary.in_use("family")
        found = []
        for ids in keys.tolist():
            a, b = (Name(*(texts[i][0] for i in side)) for side in (ids[::2], ids[1::2]))
            known = InUse(
                *(
                    (True, True) if x == y else (bool(words[x]), bool(words[y]))
                    for words, (x, y) in zip(used, (ids[0:2], ids[4:6]), strict=True)
                )
            )
            found.append(codes.code_of_name(compare_names(a, b, known)))
        return np.array(found, np.int64)[inverse.ravel()]
