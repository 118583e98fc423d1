"""The dossier of a request: what is sealed behind its determination, all that a replay needs.

`request`, `determination`, `match` (null where nothing was looked up), `stays` in force, the moment
as of which it was examined, and the digest of the registry.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from json.encoder import encode_basestring

from comity.core.canonical import Json, canonical
from comity.core.clock import stamp
from comity.determination.determine import Determination
from comity.examination.finding import Finding
from comity.identity.match import Match
from comity.request.model import Request


def dossier_json(
    request: Request,
    made: Determination,
    match: Match | None,
    stays: Sequence[str],
    *,
    examined_at: str,
    registry: str,
) -> dict[str, Json]:
    """The dossier as JSON."""
    return {
        "request": request.to_json(),
        "determination": made.to_json(),
        "examined_at": examined_at,
        "stays": list(stays),
        "match": None if match is None else match_json(match),
        "registry": registry,
    }


class Dossiers:
    """Encodes the dossiers of one batch: the canonical bytes of `dossier_json`.

    Nearly everything but the request itself stands in thousands of dossiers alike (the findings,
    most of all): it is encoded once, and a dossier is put together in an eighth of the time."""

    def __init__(self, examined_at: str, registry: str) -> None:
        self._examined_at = encode_basestring(examined_at)
        self._registry = encode_basestring(registry)
        self._findings: dict[int, tuple[tuple[Finding, ...], str]] = {}
        self._single: dict[int, tuple[Finding, str]] = {}

    def encode(
        self, request: Request, made: Determination, match: Match | None, stays: Sequence[str]
    ) -> bytes:
        """The canonical JSON (RFC 8785) of one dossier."""
        quote = encode_basestring
        held = ",".join(map(quote, stays))
        matched = "null" if match is None else canonical(match_json(match)).decode()
        determination = (
            f'{{"agreement_digest":{quote(made.agreement_digest)},"at":"{_stamp(made.at)}",'
            f'"evidence_digest":{quote(made.evidence_digest)},'
            f'"findings":{self._findings_of(made)},"outcome":"{made.outcome.value}",'
            f'"request":{quote(made.request)},"rules_version":{quote(made.rules_version)}}}'
        )
        return (
            f'{{"determination":{determination},"examined_at":{self._examined_at},'
            f'"match":{matched},"registry":{self._registry},'
            f'"request":{request.canonical_text()},"stays":[{held}]}}'
        ).encode()

    def _findings_of(self, made: Determination) -> str:
        """The findings, encoded once for each tuple of them (which is held, so that its id stays
        its own)."""
        known = self._findings.get(id(made.findings))
        if known is None:
            if len(self._findings) > _KEPT:
                self._findings.clear()
            text = f"[{','.join(map(self._finding, made.findings))}]"
            known = self._findings[id(made.findings)] = (made.findings, text)
        return known[1]

    def _finding(self, finding: Finding) -> str:
        known = self._single.get(id(finding))
        if known is None:
            if len(self._single) > _KEPT:
                self._single.clear()
            text = canonical(finding.to_json()).decode()
            known = self._single[id(finding)] = (finding, text)
        return known[1]


_KEPT = 5_000


@lru_cache(maxsize=16)
def _stamp(at: datetime) -> str:
    return stamp(at)


def match_json(match: Match) -> dict[str, Json]:
    """A match as it is sealed."""
    return {
        "decision": match.decision.value,
        "person_id": match.person_id,
        "weight": match.weight,
        "runner_up_weight": match.runner_up_weight,
        "name_agrees": match.name_agrees,
        "address_agrees": match.address_agrees,
        "dob_agrees": match.dob_agrees,
        "tin_agrees": match.tin_agrees,
        "candidates": match.candidates,
        "conflict": match.conflict,
        "flags": sorted(match.flags),
        "reason": match.reason,
        "evidence": dict(match.evidence),
    }
