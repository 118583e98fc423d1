"""Submission: a batch file is staged, then judged in chunks, each chunk one transaction.

A batch is known by the digest of its file and a row by its number in it. Stopped anywhere, the
same command goes on after the last chunk that was committed, and never judges a row twice. The
whole batch is examined as of the moment it was received, also when it is continued later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from comity.agreement.loading import LoadedAgreement
from comity.core.canonical import Json, digest
from comity.core.outcome import Status
from comity.examination.context import Context
from comity.examination.engine import compile_agreement
from comity.exchange.circumstances import circumstances
from comity.exchange.crew import Crew
from comity.exchange.desk import Desk, Proceeding
from comity.exchange.dossier import match_json as match_json
from comity.exchange.judging import Judging, pseudonyms_of
from comity.exchange.keyring import kek_name
from comity.exchange.looking import Surveyed, hands, look_through
from comity.exchange.officers import Credentials, identify, permit
from comity.exchange.opening import Exchange
from comity.exchange.parties import adopted_agreement
from comity.exchange.registry import open_registry
from comity.identity.registry import Registry
from comity.request.intake import Batch as BatchFile
from comity.request.intake import open_batch
from comity.request.manifest import Manifest, manifest_from, read_manifest
from comity.review.authority import Actor, Target
from comity.store import acts, cases, parties
from comity.store.cases import Batch
from comity.store.tables import batches

CHUNK = 10_000
"""Rows a transaction: a second's work or two, so that little is done again after a crash."""

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
        batch = _staged(exchange, file, adopted, manifest)
        already = batch is not None and batch.state != "judging"
        if batch is None or not already:
            with Crew(hands(file), Desk(file.reader, pseudonyms_of(exchange))) as crew:
                surveyed = look_through(file, crew, lambda rows: progress("reading", rows, 0))
                batch = batch or _stage(
                    exchange, file, surveyed.survey.rows, adopted, actor, manifest
                )
                _judge(exchange, batch, file, surveyed, crew, registry, progress)
    with exchange.database.reading() as connection:
        found = cases.counts_by(connection, "status", batch.id)
        malformed = cases.count_with_rule(connection, batch.id, "row.wellformed")
        unsigned = cases.count_with_rule(connection, batch.id, "signatory.authority")
    counts = {status: found.get(status.value, 0) for status in Status}
    return Submitted(batch.id, batch.rows, counts, malformed, unsigned, already)


def _staged(
    exchange: Exchange,
    file: BatchFile,
    adopted: LoadedAgreement,
    manifest: Manifest | None,
) -> Batch | None:
    """The batch of this file and manifest as it was received before, if it was."""
    with exchange.database.reading() as connection:
        return cases.batch_by_content(
            connection, adopted.agreement.id, _content(exchange, file, manifest)
        )


def _content(exchange: Exchange, file: BatchFile, manifest: Manifest | None) -> str:
    return exchange.pseudonym("batch", f"{file.digest} {digest(_signed(manifest))}")


def _signed(manifest: Manifest | None) -> Json:
    return None if manifest is None else manifest.statement.to_json()


def _stage(
    exchange: Exchange,
    file: BatchFile,
    rows: int,
    adopted: LoadedAgreement,
    actor: Actor,
    manifest: Manifest | None,
) -> Batch:
    """Receive a batch."""
    agreement = adopted.agreement
    with exchange.recording() as recorder:
        name = cases.next_batch_id(recorder.connection)
        done = recorder.record(
            "batch.received",
            {"batch": name, "rows": rows, "agreement_digest": adopted.digest},
            agreement=agreement.id,
            payload={
                "file": file.digest,
                "submitted_by": actor.officer.id,
                "manifest": _signed(manifest),
            },
        )
        row: dict[str, object] = {"id": name, "agreement": agreement.id}
        row |= {"content": _content(exchange, file, manifest)}
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
    surveyed: Surveyed,
    crew: Crew,
    registry: Registry,
    progress: Progress,
) -> None:
    """Judge the rows that are not judged yet, chunk by chunk, and close the judging."""
    adopted = adopted_agreement(exchange, batch.agreement, batch.agreement_digest)
    examination = compile_agreement(adopted.agreement, adopted.positions)
    around = circumstances(exchange, batch, file.digest, adopted, _manifest(exchange, batch))
    context = Context(adopted.agreement, around, surveyed.survey.finish(around.history))
    with exchange.database.reading() as connection:
        done = cases.judged_rows(connection, batch.id)
        stays = parties.all_stays(connection)
        kek = acts.kek_of(connection, batch.id)
    if kek is None:
        kek = kek_name(batch.id)
        exchange.keys.make_kek(kek)
    proceeding = Proceeding(
        batch=batch.id,
        received=batch.received,
        agreement_digest=adopted.digest,
        examination=examination,
        context=context.for_rows(pseudonyms_of(exchange)),
        stays=stays,
        registry=registry.manifest.digest,
        kek=exchange.keys.kek(kek),
    )
    for begun in [worker.ask(Desk.begin, proceeding) for worker in crew.workers]:
        begun.result()
    judging = Judging(exchange, batch, file, surveyed, crew, kek=kek, done=done, chunk=CHUNK)
    judging.run(
        registry, adopted.agreement.identity, lambda rows: progress("judging", rows, batch.rows)
    )
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
        received = acts.payload(connection, exchange.keys, batch.entry)
    return None if received["manifest"] is None else manifest_from(received["manifest"])
