"""What two parties agreed, as values.

The shapes here are the shapes of the YAML file (`comity agreement schema` prints them as JSON
Schema). Everything is frozen; an amendment is another Agreement that names its predecessor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import Field

from comity.core.citation import Citation

Text: TypeAlias = Annotated[str, Field(pattern=r"\S")]
"""Text that says something."""
Count: TypeAlias = Annotated[int, Field(ge=1)]
Scalar: TypeAlias = str | int | float | bool | None
Parameter: TypeAlias = Scalar | tuple[Scalar, ...]


class Document:
    """Part of a document that people write: a key that it does not know is an error."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


@dataclass(frozen=True)
class Party(Document):
    """One side. `signatories` are the offices that may sign the agreement for it."""

    id: Text
    name: Text
    component: str = ""
    signatories: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Parties(Document):
    """The holder of the records and the requester of information from them."""

    holder: Party
    requester: Party


@dataclass(frozen=True)
class DesignatedStatute(Document):
    """A criminal statute (or a programme) under which a request may be made.

    `statute` in the form `8 USC 1253(a)(1)`; a request may name it or a part of it.
    `facts` are the columns that the statute needs, judged by `statute.facts`."""

    statute: Text
    title: Text
    kind: Literal["criminal", "civil", "administrative", "programme"]
    citation: Citation
    facts: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Fact(Document):
    """A column beyond the common ones that this agreement's requests may bear."""

    name: Text
    description: Text
    type: Literal["text", "date", "statute"] = "text"


@dataclass(frozen=True)
class Element(Document):
    """Something that a request must set forth, and the rule that judges it."""

    id: Text
    rule: Text
    citation: Citation
    parameters: Mapping[str, Parameter] = field(default_factory=dict)


@dataclass(frozen=True)
class IdentityPolicy(Document):
    """When a person counts as certain.

    `requires` names what must agree with one person's record; whatever else is given must not
    contradict it. `house_number: exact` switches off the one tolerated typing error. `opinion`
    names the recorded legal opinion without which no address is disclosed to whoever need not
    have stated the right one (R06)."""

    id: Text = "name_and_address"
    requires: tuple[Literal["name", "address", "date_of_birth", "number"], ...] = (
        "name",
        "address",
    )
    house_number: Literal["tolerant", "exact"] = "tolerant"
    opinion: Text | None = None


@dataclass(frozen=True)
class Item(Document):
    """Something that may be disclosed, and nothing else may. `label` travels with it (R42)."""

    item: Literal["last_known_address", "verified"]
    citation: Citation
    label: Text


@dataclass(frozen=True)
class RecipientPolicy(Document):
    """Who may receive: offices of the requester (empty = any of its officers), with training."""

    offices: tuple[Text, ...] = ()
    training_required: bool = True


@dataclass(frozen=True)
class ApprovalPolicy(Document):
    """How many officers of the holder must approve, and which authority each of them needs."""

    approvers: Count = 1
    authority: Text = "approve"
    citation: Citation = field(
        default_factory=lambda: Citation("IRS Delegation Order 11-2", law="R22")
    )


@dataclass(frozen=True)
class Limits(Document):
    """How many requests the holder takes, by calendar day and year (UTC)."""

    per_day: Count
    per_year: Count


@dataclass(frozen=True)
class Retention(Document):
    """Days that sealed payloads are kept after a batch closes, and by which authority."""

    payload_days: Count
    citation: Citation


@dataclass(frozen=True)
class Opinion(Document):
    """A recorded legal opinion that lets an element take a looser reading than the strict one."""

    id: Text
    author: Text
    dated: date
    reference: Text


@dataclass(frozen=True)
class Omission(Document):
    """A rule that the agreement does not ask about, and the recorded opinion that allows that."""

    rule: Text
    opinion: Text


@dataclass(frozen=True)
class Amendment(Document):
    """Why this version replaces the one whose digest it names (R40)."""

    predecessor: Text
    author: Text
    approver: Text
    reason: Text


@dataclass(frozen=True)
class Safeguards(Document):
    """The requester's safeguard standing as the holder last accepted it (R25).

    `report_accepted` and `report_valid_until` bound the accepted safeguard security report;
    `corrections_due` are the due dates of corrective actions still open."""

    report_accepted: date | None = None
    report_valid_until: date | None = None
    corrections_due: tuple[date, ...] = ()


@dataclass(frozen=True)
class Signature(Document):
    """One party's signature over the agreement's digest, as a DSSE envelope (see core.statement).

    Payload: `{agreement, version, digest, party, officer, at}`."""

    party: Text
    officer: Text
    envelope: Mapping[str, object]


@dataclass(frozen=True)
class Agreement(Document):
    """An agreement under which one party answers the other's requests."""

    id: Text
    version: Count
    title: Text
    purpose: Text
    parties: Parties
    authority: Annotated[tuple[Citation, ...], Field(min_length=1)]
    effective: date
    statutes: Annotated[tuple[DesignatedStatute, ...], Field(min_length=1)]
    elements: Annotated[tuple[Element, ...], Field(min_length=1)]
    identity: IdentityPolicy
    items: Annotated[tuple[Item, ...], Field(min_length=1)]
    recipients: RecipientPolicy
    approvals: ApprovalPolicy
    limits: Limits
    retention: Retention
    expires: date | None = None
    suspended_from: date | None = None
    facts: tuple[Fact, ...] = ()
    opinions: tuple[Opinion, ...] = ()
    omitted: tuple[Omission, ...] = ()
    amends: Amendment | None = None
    signatures: tuple[Signature, ...] = ()

    @classmethod
    def load(cls, path: str | Path) -> Agreement:
        """Read an agreement from its YAML file. Raises UsageError if the file cannot be read,
        AgreementError, with every fault and its line, if it is not an agreement that holds
        together."""
        from comity.agreement.loading import load_agreement

        return load_agreement(Path(path)).agreement
