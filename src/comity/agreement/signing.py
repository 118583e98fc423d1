"""Both parties' signatures on an agreement, and the chain of its versions."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from comity.agreement.digest import agreement_digest
from comity.agreement.model import Agreement, Amendment, Party, Signature
from comity.agreement.roster import Roster
from comity.core.canonical import Json
from comity.core.clock import parse_moment, stamp
from comity.core.errors import AgreementError, ComityError, ConflictError
from comity.core.statement import Statement, decode_public_key, sign

KIND = "agreement-signature"
AUTHORITY = "sign-agreement"


@dataclass(frozen=True)
class SignatureReport:
    """Which parties have validly signed, and in words what is missing or wrong."""

    signed: frozenset[str]
    problems: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether both parties' signatures stand."""
        return not self.problems


def sign_agreement(
    agreement: Agreement, party: str, officer: str, key: Ed25519PrivateKey, at: datetime
) -> Signature:
    """One party's signature. Raises AgreementError for a party that is none of the two."""
    if party not in _parties(agreement):
        raise AgreementError(
            f"{party} is not a party to this agreement.",
            cure="Its parties are " + " and ".join(_parties(agreement)) + ".",
        )
    body: dict[str, Json] = {
        "agreement": agreement.id,
        "version": agreement.version,
        "digest": agreement_digest(agreement),
        "party": party,
        "officer": officer,
        "at": stamp(at),
    }
    return Signature(party, officer, dict(sign(KIND, body, key).to_json()))


def verify_signatures(
    agreement: Agreement, rosters: Mapping[str, Roster], at: datetime
) -> SignatureReport:
    """Check each party's signature against its roster: by an officer who, when signing (not later
    than `at`), held an office that may sign for the party and the authority `sign-agreement`; over
    this very text."""
    problems: list[str] = []
    signed: set[str] = set()
    for name, party in _parties(agreement).items():
        reasons = []
        for signature in agreement.signatures:
            if signature.party == name:
                reason = _wrong(agreement, party, signature, rosters.get(name), at)
                if reason is None:
                    signed.add(name)
                else:
                    reasons.append(reason)
        if name not in signed:
            problems += [f"{name}: {reason}" for reason in reasons or ["it has not signed"]]
    if len(signed) == len(_parties(agreement)) and len(_signing_keys(agreement, rosters)) == 1:
        signed.clear()
        problems.append("both parties' signatures are by one key; nobody signs for both")
    return SignatureReport(frozenset(signed), tuple(problems))


def verify_amendment(old: Agreement, new: Agreement) -> None:
    """Raise ConflictError unless the new version amends exactly the old one."""
    if new.amends is None or new.amends.predecessor != agreement_digest(old):
        raise ConflictError(
            "The new version does not name the digest of the version in force.",
            cure=f"Its `amends.predecessor` must be {agreement_digest(old)}.",
        )
    if new.id != old.id or new.version != old.version + 1:
        raise ConflictError(f"The next version of {old.id} is number {old.version + 1}.")


def amended(old: Agreement, author: str, approver: str, reason: str) -> Agreement:
    """The unsigned next version, still with the old content."""
    return dataclasses.replace(
        old,
        version=old.version + 1,
        amends=Amendment(agreement_digest(old), author, approver, reason),
        signatures=(),
    )


def _wrong(
    agreement: Agreement,
    party: Party,
    signature: Signature,
    roster: Roster | None,
    latest: datetime,
) -> str | None:
    """Why a signature does not stand, or None if it does."""
    if roster is None:
        return "its roster is not known, so its signature cannot be checked"
    officer = roster.officer(signature.officer)
    if officer is None:
        return "its signatory is not on its roster"
    try:
        statement = Statement.from_json(signature.envelope, kind=KIND)
        statement.verify(decode_public_key(officer.signing_key))
        body = statement.body
        at = parse_moment(str(body["at"]))
    except (ComityError, KeyError, ValueError):
        return "its signature does not verify"
    said = (body.get("agreement"), body.get("version"), body.get("digest"))
    if said != (agreement.id, agreement.version, agreement_digest(agreement)):
        return "its signature is over another text; a changed agreement needs both again"
    if (body.get("party"), body.get("officer")) != (party.id, officer.id):
        return "its signature was given for another party or officer"
    if at > latest:
        return "its signature is of a time that is still to come"
    if not officer.holds(AUTHORITY, at):
        return f"its signatory did not hold the authority `{AUTHORITY}` when signing"
    if party.signatories and not set(party.signatories) & set(officer.offices_at(at)):
        return "its signatory held none of the offices that may sign for it"
    return None


def _parties(agreement: Agreement) -> dict[str, Party]:
    both = (agreement.parties.holder, agreement.parties.requester)
    return {party.id: party for party in both}


def _signing_keys(agreement: Agreement, rosters: Mapping[str, Roster]) -> set[str]:
    """The keys of the officers who signed."""
    officers = (rosters[s.party].officer(s.officer) for s in agreement.signatures)
    return {officer.signing_key for officer in officers if officer is not None}
