"""What is known around a batch when it was received: rosters, signatures, safeguards, the past.

Everything is taken as it stood at that moment, so that a batch whose judging was interrupted, or
is replayed, meets the same circumstances again.
"""

from __future__ import annotations

from comity.agreement.loading import LoadedAgreement
from comity.agreement.signing import SignatureReport, verify_signatures
from comity.core.clock import parse_moment
from comity.examination.context import Circumstances, History
from comity.exchange.officers import current_roster, current_rosters
from comity.exchange.opening import Exchange
from comity.exchange.parties import current_safeguards
from comity.request.manifest import Manifest
from comity.store import cases, parties
from comity.store.cases import Batch

KNOWN = frozenset({"roster", "manifest", "signatures", "safeguards"})
"""An exchange knows all of these, also that one of them is missing."""


def circumstances(
    exchange: Exchange,
    batch: Batch,
    file_digest: str,
    adopted: LoadedAgreement,
    manifest: Manifest | None,
) -> Circumstances:
    """The circumstances of a received batch."""
    roster = current_roster(exchange, exchange.settings.requester, as_of=batch.received)
    fault = None
    if manifest is not None:
        if manifest.agreement != batch.agreement:
            fault = "it was signed for another agreement"
        elif roster is None:
            fault = "the requester's roster is not known"
        else:
            fault = manifest.fault(file_digest, batch.agreement_digest, roster)
    return Circumstances(
        at=parse_moment(batch.received),
        known=KNOWN,
        roster=roster,
        signatures=signature_report(exchange, adopted),
        safeguards=current_safeguards(exchange, as_of=batch.received),
        manifest=manifest,
        manifest_fault=fault,
        history=_history(exchange, batch),
        fingerprint=exchange.pseudonym,
    )


def signature_report(exchange: Exchange, adopted: LoadedAgreement) -> SignatureReport:
    """The agreement's signatures against the rosters as they stood when it was adopted: that a
    signatory has left the office since takes nothing from the signature."""
    with exchange.database.reading() as connection:
        then = parties.adopted_at(connection, adopted.digest)
    return verify_signatures(
        adopted.agreement, current_rosters(exchange, as_of=then), parse_moment(then)
    )


def _history(exchange: Exchange, batch: Batch) -> History:
    day = parse_moment(batch.received).date()
    with exchange.database.reading() as connection:
        persons = cases.subjects_by_matter(connection, batch.id, batch.received)
        return History(
            open_requests=cases.open_engagements(connection, batch.id, batch.received),
            persons={matter: frozenset(who) for matter, who in persons.items()},
            open_subjects=frozenset(cases.open_subjects(connection, batch.id, batch.received)),
            taken_up=frozenset(
                cases.rows_taken_up(connection, batch.id, batch.file, batch.received)
            ),
            received_today=cases.received_since(connection, batch.id, batch.agreement, day),
            received_this_year=cases.received_since(
                connection, batch.id, batch.agreement, day.replace(month=1, day=1)
            ),
        )
