"""The rule about the person's name."""

from __future__ import annotations

from comity.core.outcome import Outcome
from comity.examination.context import Context
from comity.examination.name_quality import is_nobody, name_filler
from comity.examination.rule import NoParameters, Unmet, rule
from comity.request.model import Request


@rule(
    "name.present",
    law="R04",
    source="26 USC 6103(i)(2)(B)(i)",
    outcome=Outcome.RETURNED,
    question="Does the request name the taxpayer, by given and family name?",
    columns=("first_name", "last_name"),
    reads=("first_name", "last_name"),
)
def name_present(request: Request, _: NoParameters, __: Context) -> Unmet | None:
    named = (("given", request.first_name), ("family", request.last_name))
    absent = [kind for kind, text in named if not text.strip()]
    if absent:
        missing = " and no ".join(f"{kind} name" for kind in absent)
        return Unmet(
            f"The request has no {missing}.",
            f"Supply the {missing.replace(' and no', ' and the')}.",
        )
    for kind, text in named:
        filler = name_filler(text, family=kind == "family")
        if filler:
            return Unmet(
                f"The {kind} name {filler}.", f"Supply the {kind} name of the taxpayer in full."
            )
    if is_nobody(request.first_name, request.last_name):
        return Unmet(
            "The name is a stand-in for a person whose name is not known.",
            "Supply the given and family name of the taxpayer.",
        )
    return None
