"""Submission: a batch file is staged, then judged in chunks, each chunk one transaction.

A batch is known by the digest of its file and a row by its number in it. Stopped anywhere, the
same command goes on after the last chunk that was committed, and never judges a row twice. The
whole batch is examined as of the moment it was received, also when it is continued later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from comity.agreement.loading import LoadedAgreement
from comity.core.canonical import Json, digest
from comity.core.outcome import Status, status_of
from comity.determination.determine import Determination, determine
from comity.determination.stay import Reach, Stay
from comity.examination.context import Context
from comity.examination.engine import compile_agreement
from comity.examination.finding import Finding, deficiency
from comity.examination.survey import matter_of, subject_of, subjects_of
from comity.exchange.circumstances import circumstances
from comity.exchange.officers import Credentials, identify, permit
from comity.exchange.opening import Exchange
from comity.exchange.parties import adopted_agreement
from comity.exchange.record import Recorder
from comity.exchange.registry import open_registry
from comity.identity.match import Match
from comity.identity.registry import Registry, verify
from comity.request.intake import Batch as BatchFile
from comity.request.intake import open_batch
from comity.request.manifest import Manifest, manifest_from, read_manifest
from comity.request.model import Request
from comity.review.authority import Actor, Target
from comity.store import acts, cases, parties
from comity.store.cases import Batch
from comity.store.tables import askings, batches, engagements, requests

CHUNK = 2_000
"""Rows a transaction: about a second's work, so that little is done again after a crash."""

Progress = Callable[[str, int, int], None]
"""Told the stage (`reading`, `judging`), the rows done and the rows in all (0 = not known)."""


@dataclass(frozen=True)
class Submitted:
    """How many rows were read and where each went, in the words that a requester may learn.

    `malformed` of the returned ones could not be read as a row, `unsigned` bear no signature that
    stands (all of them, or none); `already` is whether an earlier submission had judged the whole
    file."""

    batch: str
    rows: int
    counts: Mapping[Status, int]
    malformed: int
    unsigned: int
    already: bool


def submit(
    exchange: Exchange,
    path: Path,
    agreement_id: str,
    credentials: Credentials,
    *,
    manifest_path: Path | None = None,
    progress: Progress = lambda _stage, _done, _total: None,
) -> Submitted:
    """Take in a batch and judge every row of it.

    Raises IntakeError for a file that cannot be read as a whole, UsageError for an unknown
    agreement or a missing registry, AuthorizationError (recorded) if this officer may not."""
    adopted = adopted_agreement(exchange, agreement_id)
    actor = identify(exchange, credentials)
    target = Target("Batch", "new", {"requester": exchange.settings.requester})
    permit(exchange, actor, "submit", target)
    manifest = read_manifest(manifest_path) if manifest_path is not None else None
    examination = compile_agreement(adopted.agreement, adopted.positions)
    with (
        open_registry(exchange) as registry,
        open_batch(path, facts=examination.facts, required=examination.required_columns) as file,
    ):
        batch = _stage(exchange, file, adopted, actor, manifest, progress)
        already = batch.state != "judging"
        if not already:
            _judge(exchange, batch, file, registry, progress)
    with exchange.database.reading() as connection:
        found = cases.counts_by(connection, "status", batch.id)
        malformed = cases.count_with_rule(connection, batch.id, "row.wellformed")
        unsigned = cases.count_with_rule(connection, batch.id, "signatory.authority")
    counts = {status: found.get(status.value, 0) for status in Status}
    return Submitted(batch.id, batch.rows, counts, malformed, unsigned, already)


def _count(file: BatchFile, progress: Progress) -> int:
    rows = 0
    for chunk in file.chunks(CHUNK):
        rows += len(chunk)
        progress("reading", rows, 0)
    return rows


def _stage(
    exchange: Exchange,
    file: BatchFile,
    adopted: LoadedAgreement,
    actor: Actor,
    manifest: Manifest | None,
    progress: Progress,
) -> Batch:
    """The batch of this file and manifest: as it was received before, or received now."""
    agreement = adopted.agreement
    signed = None if manifest is None else manifest.statement.to_json()
    content = exchange.pseudonym("batch", f"{file.digest} {digest(signed)}")
    with exchange.database.reading() as connection:
        present = cases.batch_by_content(connection, agreement.id, content)
    if present is not None:
        return present
    rows = _count(file, progress)
    with exchange.recording() as recorder:
        name = cases.next_batch_id(recorder.connection)
        done = recorder.record(
            "batch.received",
            {"batch": name, "rows": rows, "agreement_digest": adopted.digest},
            agreement=agreement.id,
            payload={
                "file": file.digest,
                "submitted_by": actor.officer.id,
                "manifest": signed,
            },
        )
        row: dict[str, object] = {"id": name, "agreement": agreement.id, "content": content}
        row |= {"file": exchange.pseudonym("file", file.digest), "entry": done.number}
        row |= {"agreement_digest": adopted.digest, "received": done.at, "rows": rows}
        row |= {"state": "judging", "submitted_by": actor.officer.id}
        row |= {
            "prepared_by": manifest.prepared_by if manifest else actor.officer.id,
            "signed_by": manifest.signed_by if manifest else "",
        }
        cases.insert(recorder.connection, batches, [row])
        (batch,) = cases.all_batches(recorder.connection, name)
    return batch


def _judge(
    exchange: Exchange,
    batch: Batch,
    file: BatchFile,
    registry: Registry,
    progress: Progress,
) -> None:
    """Judge the rows that are not judged yet, chunk by chunk, and close the judging."""
    adopted = adopted_agreement(exchange, batch.agreement, batch.agreement_digest)
    examination = compile_agreement(adopted.agreement, adopted.positions)
    around = circumstances(exchange, batch, file.digest, adopted, _manifest(exchange, batch))
    context = examination.begin(file.chunks(CHUNK), around)
    desk = _Desk(exchange, batch, adopted, context, registry)
    with exchange.database.reading() as connection:
        done = cases.judged_rows(connection, batch.id)
    for chunk in _from_row(file, done + 1):
        findings = [examination.examine(request, context) for request in chunk]
        with exchange.recording() as recorder:
            desk.judge(recorder, chunk, findings)
        done = chunk[-1].row
        progress("judging", done, batch.rows)
    with exchange.recording() as recorder:
        counts = cases.counts_by(recorder.connection, "status", batch.id)
        body: dict[str, Json] = {"batch": batch.id, "received": batch.rows}
        recorder.record(
            "batch.judged",
            body | {status.value: counts.get(status.value, 0) for status in Status},
            agreement=batch.agreement,
        )
        cases.set_batch(recorder.connection, batch.id, state="judged")


def _manifest(exchange: Exchange, batch: Batch) -> Manifest | None:
    """The manifest that the batch came with, from its sealed receipt."""
    with exchange.database.reading() as connection:
        received = acts.payload(connection, exchange.keys.kek(), batch.entry)
    return None if received["manifest"] is None else manifest_from(received["manifest"])


def _from_row(file: BatchFile, first: int) -> Iterator[list[Request]]:
    for chunk in file.chunks(CHUNK):
        left = [request for request in chunk if request.row >= first]
        if left:
            yield left


class _Desk:
    """Where examined rows become determinations: look up, determine, seal, store, log."""

    def __init__(
        self,
        exchange: Exchange,
        batch: Batch,
        adopted: LoadedAgreement,
        context: Context,
        registry: Registry,
    ) -> None:
        self._exchange = exchange
        self._batch = batch
        self._adopted = adopted
        self._context = context
        self._registry = registry

    def judge(
        self, recorder: Recorder, chunk: list[Request], findings: list[tuple[Finding, ...]]
    ) -> None:
        """Determine a chunk of examined requests, in the order of their rows."""
        sound = [
            request
            for request, found in zip(chunk, findings, strict=True)
            if deficiency(found) is None
        ]
        # Only what is sound is looked up at all (R20, R37).
        matches = verify(self._registry, sound, self._adopted.agreement.identity)
        by_row = {r.row: m for r, m in zip(sound, matches, strict=True)}
        stays = parties.all_stays(recorder.connection)
        rows = []
        named: list[dict[str, object]] = []
        asked: list[dict[str, object]] = []
        for request, found in zip(chunk, findings, strict=True):
            rows.append(self._determine(recorder, request, found, by_row.get(request.row), stays))
            named += [
                {"batch": self._batch.id, "row": request.row, "officer": officer}
                for officer in dict.fromkeys(request.recipients)
                if len(officer) <= 64
            ]
        for request in sound:
            asked += [
                {"batch": self._batch.id, "row": request.row, "subject": subject}
                for subject in self._subjects(request)
            ]
        cases.insert(recorder.connection, requests, rows)
        cases.insert(recorder.connection, engagements, named)
        cases.insert(recorder.connection, askings, asked)

    def _subjects(self, request: Request) -> list[str]:
        pseudonym = self._exchange.pseudonym
        return [pseudonym("subject", subject) for subject in subjects_of(request)]

    def _determine(
        self,
        recorder: Recorder,
        request: Request,
        findings: tuple[Finding, ...],
        match: Match | None,
        stays: tuple[Stay, ...],
    ) -> dict[str, object]:
        batch = self._batch
        flags = match.flags if match else frozenset()
        reach = Reach(batch.agreement, batch.id, request.row, request.statute, flags)
        made = determine(
            self._adopted.agreement,
            self._adopted.digest,
            reach,
            findings,
            match,
            stays,
            self._exchange.clock.now(),
        )
        status = status_of(made.outcome, released=False)
        done = recorder.record(
            "request.determined",
            {"status": status.value},
            agreement=batch.agreement,
            request=reach.request,
            payload=self._payload(request, made, match, stays),
            key_name=reach.request,
            new_key=True,
        )
        pseudonym = self._exchange.pseudonym
        row: dict[str, object] = {"batch": batch.id, "row": request.row}
        row |= {
            "handle": pseudonym("request", request.request_id),
            "subject": pseudonym("subject", subject_of(request)),
            "matter": pseudonym("matter", matter_of(request)),
        }
        row |= {"outcome": made.outcome.value, "status": status.value}
        row |= {"rules": ";".join(f.rule for f in made.grounds())}
        return row | {"entry": done.number, "at": done.at}

    def _payload(
        self,
        request: Request,
        made: Determination,
        match: Match | None,
        stays: tuple[Stay, ...],
    ) -> Json:
        """What a replay needs: the request, what was found and decided, and from which inputs."""
        at = self._exchange.clock.now()
        return {
            "request": request.to_json(),
            "determination": made.to_json(),
            "examined_at": self._batch.received,
            "stays": [s.id for s in stays if s.in_force(at)],
            "match": None if match is None else match_json(match),
            "registry": self._registry.manifest.digest,
        }


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
