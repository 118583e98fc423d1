"""The rule about what the answer is for."""

from __future__ import annotations

import re

from comity.core.outcome import Outcome
from comity.core.statute import cited_statutes, parse_statute
from comity.examination.context import Context
from comity.examination.rule import NoParameters, Unmet, rule
from comity.request.model import Request

_QUALIFIED = re.compile(
    r"\bgrand jury\b|\bgj\b|\bprosecut\w+|\bindict\w+|\barraign\w+|\btrial\b|\bsentencing\b"
    r"|\bpleas?\b|\bpreliminary hearing\b"
    r"|\bcriminal (?:complaint|case|matter|appeal|information|charges?|inquiry)\b"
    r"|\b(?:judicial|court|criminal|administrative) proceedings?\b"
    r"|\b(?:criminal )?investigations?\b|^(?:judicial|administrative)$"
)
_OF_THE_STATUTE = re.compile(
    r"\bfail\w* to depart\b|\b(?:final )?orders? (?:of|for) (?:removal|deportation)\b"
    r"|\b(?:removal|deportation) orders?\b|\bhamper\w* (?:of )?(?:removal|departure|deportation)\b"
    r"|\b(?:not|non) civil(?: \w+)?\b"
)
"""Words of the designated offence itself, and the assurance that the use is not civil."""
_FOREIGN = re.compile(
    r"\bcivil(?:ly)?\b|\bremov(?:al|als|e|ing)\b|\bdeport\w*|\bimmigration detention\b"
    r"|\b(?:not|no|non|never|without)(?: an?| any| the)? "
    r"(?:criminal|grand|judicial|court|prosecut\w+|investigat\w+|proceedings?)\b"
    r"|\bimmigration (?:enforcement|court|judge|status|benefits?)\b"
    r"|\b(?:tax|family|traffic) (?:court|evasion|matter|case|proceeding)s?\b"
    r"|\bbenefits?\b|\beligib\w+|\bvot(?:er|ers|ing)\b|\belections?\b|\bcensus\b|\bstatistic\w*"
    r"|\blicens\w+|\bemployment\b|\bworksite\b|\bmisconduct\b|\bcase management\b"
    r"|\b(?:background|administrative|internal) (?:check|investigation|inquir)\w*"
    r"|\bnaturali[sz]ation\b|\basylum\b|\bvisas?\b|\btax (?:collection|administration|assessment)\b"
    r"|\b(?:address|data) (?:update|cleaning|matching|quality)\b"
)
"""Uses that are no criminal proceeding, whatever stands beside them (the use must be sole), and
words that deny one."""


@rule(
    "proceeding.qualified",
    law="R13",
    source="26 USC 6103(i)(2)(A)(i)-(iii)",
    outcome=Outcome.REFUSED,
    question="Is the use a proceeding under the designated statute, an investigation that may "
    "result in one, or a grand jury?",
    columns=("proceeding",),
    reads=("proceeding",),
)
def proceeding_qualified(request: Request, _: NoParameters, context: Context) -> Unmet | None:
    text = re.sub(r"[\s_-]+", " ", request.proceeding.lower()).strip(" .")
    cure = (
        "Only a judicial or administrative proceeding under the designated statute, an "
        "investigation that may result in one, or a grand jury proceeding qualifies."
    )
    if not text:
        return Unmet("No proceeding or investigation is named.", cure)
    if _FOREIGN.search(_OF_THE_STATUTE.sub(" ", text)):
        return Unmet("The stated use is not, or not solely, a criminal proceeding.", cure)
    if not _QUALIFIED.search(text):
        return Unmet("The stated use is no proceeding, investigation or grand jury.", cure)
    ours = [s for one in context.agreement.statutes if (s := parse_statute(one.statute))]
    cited = cited_statutes(request.proceeding)
    if ours and any(not any(c.is_within(s) for s in ours) for c in cited):
        return Unmet("The proceeding is under another statute than the designated one.", cure)
    return None
