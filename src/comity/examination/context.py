"""What a rule may know beside the request: the agreement, the moment, the batch, the past."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import blake2b

from comity.agreement.model import Agreement, Safeguards
from comity.agreement.roster import Roster
from comity.agreement.signing import SignatureReport
from comity.request.manifest import Manifest

Fingerprint = Callable[[str, str], str]
"""From a kind (`subject`, `matter`, `reason`) and a text to a short name for it."""


def plain_fingerprint(kind: str, text: str) -> str:
    """For an examination without an exchange, whose fingerprints are never stored; an exchange
    uses an HMAC under its own key."""
    return blake2b(f"{kind}\x00{text}".encode(), digest_size=12).hexdigest()


@dataclass(frozen=True)
class History:
    """What earlier batches mean for this one, in the exchange's fingerprints.

    `open_requests`: in how many pending requests an officer is named. `persons`: whom earlier
    batches asked about, by matter. `open_subjects`: (matter, subject) of pending requests.
    `taken_up`: rows of this very file that an earlier batch did not return or refuse.
    `received_today` and `received_this_year` count requests before this batch."""

    open_requests: Mapping[str, int] = field(default_factory=dict)
    persons: Mapping[str, frozenset[str]] = field(default_factory=dict)
    open_subjects: frozenset[tuple[str, str]] = frozenset()
    taken_up: frozenset[int] = frozenset()
    received_today: int = 0
    received_this_year: int = 0


@dataclass(frozen=True)
class BatchSurvey:
    """What the whole batch looks like, gathered before any row of it is judged.

    Counts by fingerprint, the past included: `reasons` rows with the same reason, `recipients`
    open requests of each officer, `persons` persons under each matter. `repeated` are the rows
    that ask again about a subject under its matter, `same_id` those whose id an earlier row has."""

    rows: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    recipients: Mapping[str, int] = field(default_factory=dict)
    persons: Mapping[str, int] = field(default_factory=dict)
    repeated: frozenset[int] = frozenset()
    same_id: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Circumstances:
    """What is known from outside the batch.

    `roster` is the requester's; None where it is not known, and then the rules that need it are
    not run. The same goes for `signatures` (of the agreement), `safeguards` and `manifest`, each of
    which can also be known to be missing: that is what `known` says. `manifest_fault` tells why a
    manifest does not stand for this batch."""

    at: datetime
    known: frozenset[str] = frozenset()
    roster: Roster | None = None
    signatures: SignatureReport | None = None
    safeguards: Safeguards | None = None
    manifest: Manifest | None = None
    manifest_fault: str | None = None
    history: History = field(default_factory=History)
    fingerprint: Fingerprint = plain_fingerprint


@dataclass(frozen=True)
class Context:
    """All of it, for one examination of a batch."""

    agreement: Agreement
    circumstances: Circumstances
    survey: BatchSurvey

    def for_rows(self, fingerprint: Fingerprint) -> Context:
        """The same without what only the survey needs, with other means of making fingerprints: to
        be sent to another process."""
        past = replace(self.circumstances.history, open_requests={}, persons={})
        past = replace(past, open_subjects=frozenset())
        around = replace(self.circumstances, history=past, fingerprint=fingerprint)
        return replace(self, circumstances=around)

    @property
    def at(self) -> datetime:
        """The moment as of which everything is judged."""
        return self.circumstances.at
