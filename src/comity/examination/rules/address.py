"""Rules about the address: that there is one, that it is whole, that somebody lives there."""

from __future__ import annotations

from dataclasses import dataclass

from comity.core.outcome import Outcome
from comity.examination.address_quality import AddressFaults, faults
from comity.examination.context import Context
from comity.examination.offices import is_office
from comity.examination.rule import NoParameters, Unmet, rule
from comity.request.model import Request

SOURCE = "26 USC 6103(i)(2)(B)(i); D.D.C. 26 Feb 2026"
COLUMNS = ("street", "city", "state", "postal_code")
ADDRESS = ("street", "unit", "city", "state", "postal_code", "country")


@dataclass(frozen=True)
class ResidenceParameters:
    """`requester_offices`: addresses (or names) of the requester's own offices, each in one line:
    `500 Example Plaza, Washington, DC 20001`."""

    requester_offices: tuple[str, ...] = ()


@rule(
    "address.present",
    law="R05",
    source=SOURCE,
    outcome=Outcome.RETURNED,
    question="Does the request set forth an address of the taxpayer?",
    columns=COLUMNS,
    reads=ADDRESS,
)
def address_present(request: Request, _: NoParameters, __: Context) -> Unmet | None:
    return _faults(request).present


@rule(
    "address.complete",
    law="R05",
    source=SOURCE,
    outcome=Outcome.RETURNED,
    question="Is the address whole, and do its parts agree?",
    columns=COLUMNS,
    reads=ADDRESS,
)
def address_complete(request: Request, _: NoParameters, __: Context) -> Unmet | None:
    return _faults(request).complete


@rule(
    "address.residence",
    law="R05",
    source=SOURCE,
    outcome=Outcome.RETURNED,
    question="Is it an address of the taxpayer rather than of an institution?",
    parameters=ResidenceParameters,
    columns=COLUMNS,
    reads=ADDRESS,
)
def address_residence(
    request: Request, parameters: ResidenceParameters, _: Context
) -> Unmet | None:
    found = _faults(request).residence
    if (
        found is None
        and parameters.requester_offices
        and is_office(parameters.requester_offices, *_address(request))
    ):
        return Unmet(
            "The address is that of one of the requester's own offices.",
            "Supply an address at which the taxpayer lives or lived, or receives mail.",
        )
    return found


def _faults(request: Request) -> AddressFaults:
    return faults(*_address(request))


def _address(request: Request) -> tuple[str, str, str, str, str, str]:
    return (
        request.street,
        request.unit,
        request.city,
        request.state,
        request.postal_code,
        request.country,
    )
