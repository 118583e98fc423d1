"""Rules about why the answer is relevant: a reason, a specific one, one's own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from comity.core.outcome import Outcome
from comity.examination.context import Context
from comity.examination.likeness import reason_core, reason_words
from comity.examination.noise import is_noise
from comity.examination.rule import Unmet, rule
from comity.request.address.words import word_set
from comity.request.model import Request

_WORD = re.compile(r"[^\W\d_]+")
_GENERIC = word_set(
    "a about above act address adipiscing after against agency agent agreement aid alien "
    "all also america amet an and any are as assist assisting assists at attached batch be "
    "been being believed below but by can case child citation code consectetur copy could "
    "country crime criminal data day days dear depart departed department departure "
    "designated detail details dhs did disclosure do document documentation documents does "
    "dolor elit enforce enforcement failed failing failure federal file files final find "
    "finding for found from fugitive given had has have he help her him his i ice illegal "
    "illegally immigration in individual individuals information investigate investigated "
    "investigating investigation investigations ipsum is it it's its known last later law "
    "lawful laws letter locate located locating location lorem mailing man matter may met "
    "more must name necessary need needed needs no not obtain obtained of offence offender "
    "offense office officer on or order ordered orders our pending period person personal "
    "pertaining please present previous previously provided purpose purposes pursuant "
    "reason reasons record records refuse refused refuses refusing regarding relates "
    "relevance relevant remain remained remains removal remove removed request requested "
    "requesting required requirement same sed see seeking shall she should sit states "
    "statute statutory still subject supplied supporting suspect tax taxpayer tempor thank "
    "thanks that the their them there these they this those time to u under united unknown "
    "unlawful unlawfully upon us usa usc use used verify violate violated violating "
    "violation violator wanted was we were whereabouts which who whose wilful wilfully "
    "will willful willfully with within without woman would"
)
"""Words that stand in any request of this kind and say nothing about a person."""


@dataclass(frozen=True)
class Specific:
    """How long a reason is at the least, and how many words of its own it has: beside the
    statute's, and those that stand in every request."""

    min_characters: int = 40
    min_own_words: int = 3


@rule(
    "reason.specific",
    law="R10",
    source="26 USC 6103(i)(2)(B)(iv)",
    outcome=Outcome.RETURNED,
    question="Is there a specific reason why the answer is or may be relevant?",
    parameters=Specific,
    columns=("reason",),
)
def reason_specific(request: Request, wanted: Specific, context: Context) -> Unmet | None:
    cure = "Say for what, in this person's case, the answer is or may be relevant."
    if not request.reason:
        return Unmet("No reason is given.", cure)
    if len(request.reason) < wanted.min_characters:
        return Unmet(f"The reason has fewer than {wanted.min_characters} characters.", cure)
    titles = " ".join(f"{one.title} {one.statute}" for one in context.agreement.statutes)
    own = reason_words(request) - _GENERIC - _words(titles)
    telling = {word for word in own if len(word) > 2 and not is_noise(word.upper())}
    if len(telling) < wanted.min_own_words:
        return Unmet("The reason only restates the statute.", cure)
    return None


@lru_cache(maxsize=64)
def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower()))


@dataclass(frozen=True)
class Individual:
    """How many rows may give one reason."""

    max_same: int = 10


@rule(
    "reason.individual",
    law="R10",
    source="26 USC 6103(i)(2)(B)(iv); D.D.C. 21 Nov 2025",
    outcome=Outcome.RETURNED,
    question="Is the reason this person's, rather than everybody's?",
    parameters=Individual,
    columns=("reason",),
    whole_batch=True,
)
def reason_individual(request: Request, wanted: Individual, context: Context) -> Unmet | None:
    if not request.reason:
        return None  # the missing reason is what is wrong
    finger = context.circumstances.fingerprint
    same = context.survey.reasons.get(finger("reason", reason_core(request)), 1)
    if same <= wanted.max_same:
        return None
    return Unmet(
        f"The same reason stands on {same:,} rows; the agreement allows {wanted.max_same:,}.",
        "Write the reason of each request for the person it asks about.",
    )
