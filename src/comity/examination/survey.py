"""The first pass over a batch: what no row shows by itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from comity.examination.context import BatchSurvey, Circumstances
from comity.request.address.folding import fold
from comity.request.address.words import word_set
from comity.request.model import Request

_NUMBERS = re.compile(r"\w*\d\w*")
_WORD = re.compile(r"[^\W\d_]+")
_MONTHS = word_set(
    "january february march april may june july august september october november december "
    "jan feb mar apr jun jul aug sep sept oct nov dec"
)
_TITLES = frozenset({"mr", "mrs", "ms", "miss", "dr"})


def survey(chunks: Iterable[list[Request]], circumstances: Circumstances) -> BatchSurvey:
    """Look through a batch once. Memory grows with distinct fingerprints, not with their texts."""
    finger, history = circumstances.fingerprint, circumstances.history
    reasons: Counter[str] = Counter()
    recipients: Counter[str] = Counter(dict(history.open_requests))
    persons: dict[str, set[str]] = {}
    seen: set[tuple[str, str]] = set(history.open_subjects)
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
            matter, subject = finger("matter", matter_of(request)), subject_of(request)
            if request.case_number and subject:
                subject = finger("subject", subject)
                if matter not in persons:
                    persons[matter] = set(history.persons.get(matter, ()))
                persons[matter].add(subject)
                if (matter, subject) in seen:
                    repeated.add(request.row)
                seen.add((matter, subject))
    return BatchSurvey(
        rows,
        {name: count for name, count in reasons.items() if count > 1},
        dict(recipients),
        {matter: len(who) for matter, who in persons.items()},
        frozenset(repeated),
        frozenset(same_id),
    )


def reason_core(request: Request) -> str:
    """A reason without case, punctuation, numbers, dates and the subject's own name: what is left
    tells whether two reasons were written or stamped."""
    own = {word.lower() for part in _names(request) for word in _WORD.findall(part)}
    drop = own | _MONTHS | _TITLES
    text = _NUMBERS.sub(" ", request.reason.lower())
    return " ".join(word for word in _WORD.findall(text) if word not in drop)


def subject_of(request: Request) -> str:
    """The person asked about, as far as two requests about one can be told from the request."""
    first, last = _folded(request.first_name), _folded(request.last_name)
    if not (first or last):
        return ""
    if request.date_of_birth:
        return f"{last}|{first}|{request.date_of_birth.isoformat()}"
    number = "".join(c for c in request.tin if c.isdigit())
    place = number or f"{_folded(request.street)}|{request.postal_code[:5]}"
    return f"{last}|{first}|{place}"


def matter_of(request: Request) -> str:
    """The case, whatever the spelling of its number."""
    return "".join(c for c in request.case_number.upper() if c.isalnum())


def _names(request: Request) -> tuple[str, str, str]:
    return request.first_name, request.middle_name, request.last_name


@lru_cache(maxsize=65_536)
def _folded(text: str) -> str:
    return fold(text).replace(" ", "").replace("-", "")
