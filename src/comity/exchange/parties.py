"""Rosters, agreements and safeguard standing: what the exchange is told by its parties."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from comity.agreement.digest import agreement_digest, roster_digest
from comity.agreement.loading import LoadedAgreement, parse_agreement, read_text
from comity.agreement.model import Safeguards
from comity.agreement.rosters import parse_roster
from comity.agreement.signing import verify_amendment, verify_signatures
from comity.core.errors import AuthorizationError, ConflictError, UsageError
from comity.examination.engine import compile_agreement
from comity.exchange.officers import (
    Credentials,
    current_roster,
    current_rosters,
    exchange_target,
    identify,
    logged_refusal,
    permit,
)
from comity.exchange.opening import Exchange
from comity.exchange.witnessed import (
    Witnesses,
    check_policy,
    policy_digest,
    unchanged,
)
from comity.ledger.policy import Policy
from comity.review.authority import Target
from comity.store import parties
from comity.store.tables import agreements, rosters, safeguards


def add_roster(exchange: Exchange, path: Path, credentials: Credentials | None) -> str:
    """Take over a party's roster; returns the party.

    A party's first roster is the exchange's anchor of trust, and is logged as such; every later
    one is added by an officer of that party who has the authority `roster` on the current one."""
    text = read_text(path)
    roster = parse_roster(text, str(path))
    if roster.party not in (exchange.settings.holder, exchange.settings.requester):
        raise UsageError(
            "This roster is of a party that this exchange does not serve.",
            where=str(path),
            cure=f"Its parties are {exchange.settings.holder} and {exchange.settings.requester}.",
        )
    present = current_roster(exchange, roster.party)
    officer = ""
    if present is not None:
        if roster_digest(present) == roster_digest(roster):
            return roster.party
        if credentials is None:
            with logged_refusal(exchange, "roster", "", roster.party):
                raise AuthorizationError(
                    "This party has a roster; a new one is added by one of its officers.",
                    cure="Say who acts with --as OFFICER --key FILE.",
                )
        actor = identify(exchange, credentials)
        permit(exchange, actor, "roster", Target("Roster", roster.party, {"party": roster.party}))
        officer = actor.officer.id
        if roster.version <= present.version:
            raise ConflictError(
                f"The current roster of {roster.party} has version {present.version}.",
                where=str(path),
                cure="Give the new one a higher version.",
            )
    with exchange.recording() as recorder:
        done = recorder.record(
            "roster.added",
            {
                "party": roster.party,
                "version": roster.version,
                "digest": roster_digest(roster),
                "officer": officer or None,
            },
        )
        row = {"party": roster.party, "version": roster.version, "added": done.at}
        row |= {"digest": roster_digest(roster), "text": text}
        parties.add(recorder.connection, rosters, row)
    return roster.party


def adopt_agreement(exchange: Exchange, path: Path, credentials: Credentials) -> LoadedAgreement:
    """Put an agreement (or its next version) into force on this exchange.

    Raises ConflictError unless both parties' signatures verify against their rosters, the rules
    compile, and an amendment names the version that it replaces."""
    text = read_text(path)
    loaded = parse_agreement(text, str(path))
    agreement = loaded.agreement
    compile_agreement(agreement, loaded.positions)
    actor = identify(exchange, credentials)
    permit(exchange, actor, "adopt", exchange_target(exchange))
    ids = (agreement.parties.holder.id, agreement.parties.requester.id)
    if ids != (exchange.settings.holder, exchange.settings.requester):
        raise ConflictError(
            "The agreement is between other parties than this exchange serves.",
            where=str(path),
            cure=f"This one serves {exchange.settings.holder} and {exchange.settings.requester}.",
        )
    report = verify_signatures(agreement, current_rosters(exchange), exchange.clock.now())
    if not report.complete:
        raise ConflictError(
            f"The agreement is not signed by both parties: {'; '.join(report.problems)}.",
            where=str(path),
            cure="Sign it with `comity agreement sign` and adopt it again.",
        )
    digest = agreement_digest(agreement)
    with exchange.database.reading() as connection:
        before = parties.agreement_text(connection, agreement.id)
    if before is not None:
        old = parse_agreement(before, "adopted version").agreement
        if agreement_digest(old) == digest:
            return loaded
        verify_amendment(old, agreement)
    with exchange.recording() as recorder:
        done = recorder.record(
            "agreement.adopted",
            {"version": agreement.version, "digest": digest, "officer": actor.officer.id},
            agreement=agreement.id,
        )
        row = {"id": agreement.id, "version": agreement.version, "digest": digest}
        row |= {"text": text, "adopted": done.at}
        parties.add(recorder.connection, agreements, row)
    return loaded


def record_safeguards(exchange: Exchange, standing: Safeguards, credentials: Credentials) -> None:
    """Note how the requester's safeguard report stands (R25)."""
    actor = identify(exchange, credentials)
    permit(exchange, actor, "safeguards", exchange_target(exchange))
    body = {
        "report_accepted": _iso(standing.report_accepted),
        "report_valid_until": _iso(standing.report_valid_until),
        "corrections_due": [d.isoformat() for d in standing.corrections_due],
    }
    with exchange.recording() as recorder:
        done = recorder.record(
            "safeguards.recorded",
            {"party": exchange.settings.requester, "officer": actor.officer.id, **body},
        )
        row = {"number": done.number, "party": exchange.settings.requester}
        row |= {"standing": json.dumps(body), "recorded": done.at}
        parties.add(recorder.connection, safeguards, row)


def adopt_witnesses(exchange: Exchange, path: Path, credentials: Credentials) -> Policy:
    """Put a policy for witnesses into force: from its entry of the log on, no checkpoint and no
    package gets out without the quorum.

    Raises ConflictError if this very policy is in force, UsageError for one that cannot be."""
    policy = check_policy(path, exchange.log_verifier)
    actor = identify(exchange, credentials)
    permit(exchange, actor, "witnesses", exchange_target(exchange))
    witnesses = Witnesses(exchange.directory, exchange.log_verifier)
    with exchange.database.reading() as connection:
        unchanged(witnesses.policy(connection), policy)
    with exchange.recording() as recorder:
        done = recorder.record(
            "witnesses.adopted",
            {
                "digest": policy_digest(policy),
                "policy": policy.text,
                "officer": actor.officer.id,
            },
        )
        witnesses.adopt(policy, done.number)
    return policy


def current_safeguards(exchange: Exchange, as_of: str | None = None) -> Safeguards | None:
    """The requester's safeguard standing as last recorded (by a moment), or None."""
    with exchange.database.reading() as connection:
        text = parties.safeguard_standing(connection, exchange.settings.requester, as_of)
    if text is None:
        return None
    stored = json.loads(text)
    return Safeguards(
        _date(stored["report_accepted"]),
        _date(stored["report_valid_until"]),
        tuple(date.fromisoformat(d) for d in stored["corrections_due"]),
    )


def adopted_agreement(
    exchange: Exchange, agreement: str, digest: str | None = None
) -> LoadedAgreement:
    """An adopted agreement by id (and digest; else the newest version). Raises UsageError."""
    with exchange.database.reading() as connection:
        text = parties.agreement_text(connection, agreement, digest)
        known = parties.agreement_ids(connection)
    if text is None:
        raise UsageError(
            "No agreement of this id is adopted here.",
            cure="Adopted: " + (", ".join(known) or "none; use `comity agreement adopt FILE`."),
        )
    return parse_agreement(text, f"agreement {agreement}")


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
