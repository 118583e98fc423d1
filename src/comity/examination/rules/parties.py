"""Rules about who stands behind a request: agreement, signatory, recipients, safeguards."""

from __future__ import annotations

from dataclasses import dataclass

from comity.agreement.recipients import unfit
from comity.core.outcome import Outcome
from comity.examination.context import Context
from comity.examination.rule import NoParameters, Unmet, rule
from comity.request.model import Request


@rule(
    "agreement.in_force",
    law="R24",
    source="the agreement's own terms; 5 USC 552a(o)(2)",
    outcome=Outcome.REFUSED,
    question="Is the agreement in force, and signed by both parties?",
    needs=("signatures",),
    reads=(),
)
def agreement_in_force(_: Request, __: NoParameters, context: Context) -> Unmet | None:
    agreement, day = context.agreement, context.at.date()
    if day < agreement.effective:
        return Unmet("The agreement is not in effect yet.", "Ask from its effective day on.")
    if agreement.expires is not None and day > agreement.expires:
        return Unmet("The agreement has expired.", "Only a renewed agreement can serve.")
    if agreement.suspended_from is not None and day >= agreement.suspended_from:
        return Unmet("The agreement is suspended.", "Wait until the suspension is ended.")
    signatures = context.circumstances.signatures
    if signatures is not None and not signatures.complete:
        return Unmet("The agreement is not signed by both parties.", "Both parties must sign it.")
    return None


@dataclass(frozen=True)
class Signatory:
    """`offices` may sign a request (empty = those that sign the agreement for the requester);
    `allow_delegate` lets whoever holds the authority `sign-request` sign in their place."""

    offices: tuple[str, ...] = ()
    allow_delegate: bool = False
    opinion: str = ""

    @property
    def loosened(self) -> str:
        """What is looser than the strict reading (LAW, R02)."""
        return "a delegate may sign" if self.allow_delegate else ""


@rule(
    "signatory.authority",
    law="R02",
    source="26 USC 6103(i)(2)(A)",
    outcome=Outcome.RETURNED,
    question="Is the request signed by an official whom the authority names, in office at the "
    "time?",
    parameters=Signatory,
    needs=("manifest", "roster"),
    reads=(),
)
def signatory_authority(_: Request, wanted: Signatory, context: Context) -> Unmet | None:
    known, manifest = context.circumstances.known, context.circumstances.manifest
    cure = "Have the head of the agency, or another official whom the authority names, sign it."
    if manifest is None:
        return Unmet("No official has signed the request.", cure) if "manifest" in known else None
    if context.circumstances.manifest_fault:
        return Unmet(f"The signed request does not stand: {_fault(context)}.", cure)
    if manifest.at > context.at:
        return Unmet("The request is signed at a time that is still to come.", cure)
    roster = context.circumstances.roster
    if roster is None:
        return None
    officer = roster.officer(manifest.signed_by)
    if officer is None or not officer.offices_at(manifest.at):
        return Unmet("The signing official held no appointment at the time of signing.", cure)
    named = wanted.offices or context.agreement.parties.requester.signatories
    if set(officer.offices_at(manifest.at)) & set(named):
        return None
    if wanted.allow_delegate and officer.holds("sign-request", manifest.at):
        return None
    return Unmet("The signing official is not one whom the authority names.", cure)


@rule(
    "use.attested",
    law="R13",
    source="26 USC 6103(i)(2)(A)",
    outcome=Outcome.RETURNED,
    question="Is it attested, signed, that engaged officers alone will use the answer, for this "
    "proceeding alone?",
    needs=("manifest",),
    reads=(),
)
def use_attested(_: Request, __: NoParameters, context: Context) -> Unmet | None:
    known, manifest = context.circumstances.known, context.circumstances.manifest
    cure = "Sign the batch with its attestation: comity batch sign."
    if manifest is None:
        what = "The batch lacks the signed attestation of sole use."
        return Unmet(what, cure) if "manifest" in known else None
    if context.circumstances.manifest_fault:
        return Unmet(f"The attestation does not stand: {_fault(context)}.", cure)
    if not manifest.sole_use:
        return Unmet("The signed statement does not attest sole use.", cure)
    return None


def _fault(context: Context) -> str:
    return context.circumstances.manifest_fault or ""


@rule(
    "recipients.named",
    law="R12, R26",
    source="26 USC 6103(i)(2)(A), (p)(4)(C)",
    outcome=Outcome.RETURNED,
    question="Does the request name the officers who are engaged, each in office and trained?",
    needs=("roster",),
    columns=("recipients",),
    reads=("recipients",),
)
def recipients_named(request: Request, _: NoParameters, context: Context) -> Unmet | None:
    if not request.recipients:
        return Unmet(
            "No officer is named as recipient.",
            "Name the officers who are personally and directly engaged, by their ids.",
        )
    roster = context.circumstances.roster
    if roster is None:
        return None
    policy = context.agreement.recipients
    faults = [unfit(policy, roster.officer(name), context.at) for name in request.recipients]
    first = next(filter(None, faults), "")
    if not first:
        return None
    return Unmet(
        f"An officer who is named {first}.",
        "Name officers in office, with training in force, or bring the roster up to date.",
    )


@dataclass(frozen=True)
class Caseload:
    """In how many open requests one officer may be said to be engaged."""

    max_open_requests: int = 250
    opinion: str = ""


@rule(
    "recipients.plausible",
    law="R12",
    source="D.D.C. 21 Nov 2025",
    outcome=Outcome.RETURNED,
    question="Can each named officer be engaged in as many matters as are said?",
    parameters=Caseload,
    columns=("recipients",),
    reads=("recipients",),
    whole_batch=True,
)
def recipients_plausible(request: Request, wanted: Caseload, context: Context) -> Unmet | None:
    counts = context.survey.recipients
    most = max((counts.get(name, 0) for name in request.recipients), default=0)
    if most <= wanted.max_open_requests:
        return None
    return Unmet(
        f"One officer is said to be personally and directly engaged in {most:,} open requests; "
        f"the agreement allows {wanted.max_open_requests:,}.",
        "Name the officers who work on this matter themselves.",
    )


@rule(
    "safeguards.accepted",
    law="R25",
    source="26 USC 6103(p)(4); IRS Publication 1075, 2.E.4",
    outcome=Outcome.REFUSED,
    question="Is the requester's safeguard report accepted, up to date, with no overdue "
    "correction?",
    needs=("safeguards",),
    reads=(),
)
def safeguards_accepted(_: Request, __: NoParameters, context: Context) -> Unmet | None:
    standing, day = context.circumstances.safeguards, context.at.date()
    cure = "Settle it with the holder's safeguards office; nothing can be answered before."
    if standing is None or standing.report_accepted is None:
        what = "No safeguard report of the requester is accepted."
        return Unmet(what, cure) if "safeguards" in context.circumstances.known else None
    if standing.report_accepted > day:
        return Unmet("The requester's safeguard report is not accepted yet.", cure)
    if standing.report_valid_until is None or standing.report_valid_until < day:
        return Unmet("The requester's safeguard report is out of date.", cure)
    if any(due < day for due in standing.corrections_due):
        return Unmet("A corrective action of the requester is overdue.", cure)
    return None
