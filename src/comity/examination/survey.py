"""The first pass over a batch: what no row shows by itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from comity.examination.context import BatchSurvey, Circumstances
from comity.request.address import fold, parse
from comity.request.address.words import word_set
from comity.request.model import Request

_NUMBERS = re.compile(r"\w*\d\w*")
_WORD = re.compile(r"[^\W\d_]+")
_NAME_INSIDE = re.compile(r"(?:(?<=[^\s.!?:;] )|(?<=\b(?:Mr|Ms|Dr)\. )|(?<=\bMrs\. ))[A-Z]\w*")
_MONTHS = word_set(
    "january february march april may june july august september october november december "
    "jan feb mar apr jun jul aug sep sept oct nov dec "
    "monday tuesday wednesday thursday friday saturday sunday"
)
_TITLES = frozenset({"mr", "mrs", "ms", "miss", "dr"})


def survey(chunks: Iterable[list[Request]], circumstances: Circumstances) -> BatchSurvey:
    """Look through a batch once. Memory grows with distinct fingerprints, not with their texts."""
    finger, history = circumstances.fingerprint, circumstances.history
    reasons: Counter[str] = Counter()
    recipients: Counter[str] = Counter(dict(history.open_requests))
    persons: dict[str, set[str]] = {}
    seen: dict[tuple[str, str], list[_Marks]] = {}
    ids: set[str] = set()
    repeated: set[int] = set()
    same_id: set[int] = set()
    rows = 0
    for chunk in chunks:
        for request in chunk:
            rows += 1
            recipients.update(set(request.recipients))
            if request.reason:
                reasons[finger("reason", reason_core(request))] += 1
            if request.request_id:
                name = finger("request", request.request_id)
                (same_id.add(request.row) if name in ids else ids.add(name))
            matter = finger("matter", matter_of(request))
            subjects = [finger("subject", subject) for subject in subjects_of(request)]
            if request.case_number and subjects:
                if matter not in persons:
                    persons[matter] = set(history.persons.get(matter, ()))
                persons[matter].add(subjects[0])
                marks = _Marks.of(request)
                for key in ((matter, subject) for subject in subjects):
                    before = seen.setdefault(key, [])
                    if key in history.open_subjects or any(map(marks.may_be, before)):
                        repeated.add(request.row)
                    before.append(marks)
    return BatchSurvey(
        rows,
        {name: count for name, count in reasons.items() if count > 1},
        dict(recipients),
        {matter: len(who) for matter, who in persons.items()},
        frozenset(repeated),
        frozenset(same_id),
    )


def reason_core(request: Request) -> str:
    """A reason without case, punctuation, numbers, dates and names: what is left tells whether two
    reasons were written or stamped.

    The subject's own names and the letters of the case number are known; any other word that begins
    with a capital inside a sentence counts as a name, but in a text that has capitals all over."""
    text = request.reason
    words = _WORD.findall(text)
    if 2 * sum(word[0].isupper() for word in words) < len(words):
        text = _NAME_INSIDE.sub(" ", text)
    return " ".join(_words_of(request, text))


def reason_words(request: Request) -> frozenset[str]:
    """The words of a reason, lower case, but for numbers, dates and the subject's own name."""
    return frozenset(_words_of(request, request.reason))


def _words_of(request: Request, text: str) -> list[str]:
    own = {word.lower() for part in _names(request) for word in _WORD.findall(part)}
    drop = own | _MONTHS | _TITLES
    return [word for word in _WORD.findall(_NUMBERS.sub(" ", text.lower())) if word not in drop]


@dataclass(frozen=True)
class _Marks:
    """What tells two persons of one name at one address (a father and a son) apart."""

    born: date | None
    number: str
    suffix: str

    @classmethod
    def of(cls, request: Request) -> _Marks:
        return cls(request.date_of_birth, _digits(request.tin), _folded(request.suffix))

    def may_be(self, other: _Marks) -> bool:
        """Whether nothing shows that the other is somebody else: a birth date a day off does not,
        one in another year does."""
        if self.born and other.born and self.born.year != other.born.year:
            return False
        if self.suffix and other.suffix and self.suffix != other.suffix:
            return False
        return not (self.number and other.number and self.number != other.number)


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def subjects_of(request: Request) -> tuple[str, ...]:
    """The person asked about, in each way in which a second request about the same one can be told
    from the request alone: the name with the birth date, the number, the standard address. Empty
    where there is no name; the first is the one that persons are counted by."""
    first, last = _folded(request.first_name), _folded(request.last_name)
    if not (first or last):
        return ()
    born, number = request.date_of_birth, _digits(request.tin)
    ways = [f"{last}|{first}|{born.isoformat()}"] if born else []
    if number:
        ways.append(f"{last}|{number}")
    place = parse(request.street, request.unit, request.city, request.state, request.postal_code)
    where = (place.house_number, place.street_key, place.unit_number, place.city, place.state)
    ways.append("|".join((last, first, *where)))
    return tuple(ways)


def subject_of(request: Request) -> str:
    """The first of `subjects_of`; empty where there is none."""
    return next(iter(subjects_of(request)), "")


def matter_of(request: Request) -> str:
    """The case, whatever the spelling of its number."""
    return "".join(c for c in request.case_number.upper() if c.isalnum())


def _names(request: Request) -> tuple[str, str, str, str]:
    return request.first_name, request.middle_name, request.last_name, request.case_number


@lru_cache(maxsize=65_536)
def _folded(text: str) -> str:
    return fold(text).replace(" ", "").replace("-", "")
