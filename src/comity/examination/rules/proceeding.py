"""The rule about what the answer is for."""

from __future__ import annotations

import re

from comity.core.outcome import Outcome
from comity.core.statute import cited_statutes, parse_statute
from comity.examination.context import Context
from comity.examination.rule import NoParameters, Unmet, rule
from comity.request.model import Request

_QUALIFIED = re.compile(
    r"\bgrand jury\b|\bprosecut\w+|\bindict\w+|\bcriminal (?:complaint|case|trial|matter)\b|"
    r"\b(?:judicial|court|criminal|administrative) proceedings?\b|\b(?:criminal )?investigations?\b"
    r"|^(?:judicial|administrative)$"
)
_FOREIGN = re.compile(
    r"\bcivil(?:ly)?\b|\bremoval (?:operations?|proceedings?|flights?)\b"
    r"|\benforcement and removal\b|\bdeport\w* (?:proceedings?|operations?)\b"
    r"|\bimmigration enforcement\b|\bbenefits?\b|\beligib\w+|\bvot(?:er|ers|ing)\b|\belections?\b"
    r"|\bcensus\b|\bstatistic\w*|\blicens\w+|\bemployment\b|\bcase management\b"
    r"|\bbackground (?:check|investigation)s?\b|\bnaturali[sz]ation\b|\basylum\b|\bvisas?\b"
    r"|\b(?:address|data) (?:update|cleaning|matching|quality)\b|\bdetention\b"
    r"|\btax (?:collection|administration|assessment)\b"
)
"""Uses that are no criminal proceeding, whatever stands beside them: the use must be sole."""


@rule(
    "proceeding.qualified",
    law="R13",
    source="26 USC 6103(i)(2)(A)(i)-(iii)",
    outcome=Outcome.REFUSED,
    question="Is the use a proceeding under the designated statute, an investigation that may "
    "result in one, or a grand jury?",
    columns=("proceeding",),
)
def proceeding_qualified(request: Request, _: NoParameters, context: Context) -> Unmet | None:
    text = re.sub(r"[\s_-]+", " ", request.proceeding.lower()).strip()
    cure = (
        "Only a judicial or administrative proceeding under the designated statute, an "
        "investigation that may result in one, or a grand jury proceeding qualifies."
    )
    if not text:
        return Unmet("No proceeding or investigation is named.", cure)
    if _FOREIGN.search(text):
        return Unmet("The stated use is not, or not solely, a criminal proceeding.", cure)
    if not _QUALIFIED.search(text):
        return Unmet("The stated use is no proceeding, investigation or grand jury.", cure)
    ours = [s for one in context.agreement.statutes if (s := parse_statute(one.statute))]
    cited = cited_statutes(request.proceeding)
    if ours and any(not any(c.is_within(s) for s in ours) for c in cited):
        return Unmet("The proceeding is under another statute than the designated one.", cure)
    return None
