"""The desk: where rows of a batch are read, examined, determined and sealed.

It reads no disk, no clock and no database; what it needs is handed to it, and what it makes is
handed back, so that several desks in processes of their own can work on one batch (see crew.py).
It is asked for the rows in jobs, and keeps what it found about a job until that is settled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from comity.core.outcome import status_of
from comity.determination.determine import Determination, determine
from comity.determination.stay import Reach, Stay
from comity.examination.context import Context
from comity.examination.engine import Examination
from comity.examination.examiner import Examined
from comity.examination.likeness import subjects_of
from comity.exchange.bench import Bench
from comity.exchange.dossier import Dossiers
from comity.exchange.pseudonyms import Pseudonyms
from comity.identity.match import Match
from comity.identity.registry import Subject, subject_of
from comity.request.blocks import Block
from comity.request.intake import Reader
from comity.request.model import Request
from comity.store.sealing import SealedPayloads, seal_many

_KEPT = 5_000
MAX_OFFICER = 64
"""Characters of an officer's id; a longer one is nobody's, and is not kept."""


@dataclass(frozen=True)
class Proceeding:
    """What the rows of a batch are judged by. `stays` are all there are."""

    batch: str
    received: str
    agreement_digest: str
    examination: Examination
    context: Context
    stays: tuple[Stay, ...]
    registry: str
    kek: bytes
    """Wraps the data keys of the rows."""


@dataclass(frozen=True)
class Settled:
    """The rows of a job, determined and sealed, as columns for the database: what each came to, the
    officers that each names (place in the job, officer), the ways in which those that were looked
    up name their subject (place, pseudonym)."""

    sealed: SealedPayloads
    outcomes: list[str]
    statuses: list[str]
    rules: list[str]
    officers: list[tuple[int, str]]
    askings: list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class _Sound:
    """An examined row that is to be looked up before it can be determined."""

    request: Request
    examined: Examined


@dataclass(frozen=True, slots=True)
class _Done:
    """A determined row, its dossier encoded."""

    handle: str
    outcome: str
    status: str
    rules: str
    officers: tuple[str, ...]
    dossier: bytes


class Desk(Bench):
    """Works on one batch; see the module."""

    def __init__(self, reader: Reader, pseudonyms: Pseudonyms) -> None:
        super().__init__(reader, pseudonyms)
        self._pseudonyms = pseudonyms
        self._held: dict[int, list[_Done | _Sound]] = {}

    def begin(self, proceeding: Proceeding) -> None:
        """Judge by this from now on."""
        self._proceeding = proceeding
        self.examine_in(proceeding.examination, proceeding.context)
        self._dossiers = Dossiers(proceeding.received, proceeding.registry)
        self._deficient: dict[int, tuple[Examined, Determination, str]] = {}

    def examine(
        self, job: int, first: int, after: int, blocks: Sequence[Block], at: datetime
    ) -> list[Subject]:
        """Examine the rows of some blocks, the first of them being row `first`, but for those up to
        row `after`; returns whom the sound ones ask about (only what is sound is looked up at all:
        R20, R37)."""
        rows: list[_Done | _Sound] = []
        sound: list[Subject] = []
        requests = [r for r in self._requests(blocks, first) if r.row > after]
        for request, examined in zip(requests, self._examiner.examine(requests), strict=True):
            if examined.deficiency is None:
                rows.append(_Sound(request, examined))
                sound.append(subject_of(request))
            else:
                rows.append(self._deficient_row(request, examined, at))
        self._held[job] = rows
        return sound

    def settle(
        self, job: int, numbers: Sequence[int], matches: Sequence[Match], at: datetime
    ) -> Settled:
        """Determine and seal the rows of a job, whose entries will have these numbers; `matches`
        are of the sound ones, in order."""
        found = iter(matches)
        askings: list[tuple[int, str]] = []
        officers: list[tuple[int, str]] = []
        done: list[_Done] = []
        for place, row in enumerate(self._held.pop(job)):
            if isinstance(row, _Sound):
                match = next(found)
                made = self._determine(row.request, row.examined, match, at)
                ways = subjects_of(row.request)
                askings += [(place, self._pseudonyms("subject", way)) for way in ways]
                done.append(self._done(row.request, made, _rules(made), match, at))
            else:
                done.append(row)
            officers += [(place, officer) for officer in done[-1].officers]
        kek = self._proceeding.kek
        sealed = seal_many(kek, numbers, [d.handle for d in done], [d.dossier for d in done])
        return Settled(
            sealed,
            [d.outcome for d in done],
            [d.status for d in done],
            [d.rules for d in done],
            officers,
            askings,
        )

    def _handle(self, request: Request) -> str:
        return f"{self._proceeding.batch}/{request.row}"

    def _deficient_row(self, request: Request, examined: Examined, at: datetime) -> _Done:
        """What is deficient is so whoever asks and whatever is stayed: it is determined once for
        all rows that came out alike, and each gets its own name and time."""
        known = self._deficient.get(id(examined))
        if known is None:
            if len(self._deficient) > _KEPT:
                self._deficient.clear()
            made = self._determine(request, examined, None, at)
            known = self._deficient[id(examined)] = examined, made, _rules(made)
        _, one, rules = known
        made = Determination(
            self._handle(request),
            one.outcome,
            one.findings,
            one.evidence_digest,
            one.agreement_digest,
            one.rules_version,
            at,
        )
        return self._done(request, made, rules, None, at)

    def _determine(
        self, request: Request, examined: Examined, match: Match | None, at: datetime
    ) -> Determination:
        proceeding = self._proceeding
        agreement = proceeding.examination.agreement
        flags = match.flags if match else frozenset()
        return determine(
            agreement,
            proceeding.agreement_digest,
            Reach(agreement.id, proceeding.batch, request.row, request.statute, flags),
            examined.findings,
            match,
            proceeding.stays,
            at,
        )

    def _done(
        self,
        request: Request,
        made: Determination,
        rules: str,
        match: Match | None,
        at: datetime,
    ) -> _Done:
        stays = [stay.id for stay in self._proceeding.stays if stay.in_force(at)]
        return _Done(
            made.request,
            made.outcome.value,
            status_of(made.outcome, released=False).value,
            rules,
            tuple([o for o in dict.fromkeys(request.recipients) if len(o) <= MAX_OFFICER]),
            self._dossiers.encode(request, made, match, stays),
        )


def _rules(made: Determination) -> str:
    """The rules unmet or for review, as the database has them."""
    return ";".join([finding.rule for finding in made.grounds()])
