"""Disposal: what is sealed of a batch is destroyed when its time under the agreement is over.

One officer orders it, another carries it out. One transaction deletes the data keys and what the
index of cases tells of the requests, leaves what the accounting needs, and records it; then what
that says is done (see destroying.py). What a hold keeps stays: the whole batch, or single requests,
whose data keys go under another key before the old one is destroyed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from comity.agreement.model import Agreement
from comity.core.canonical import Json
from comity.core.clock import parse_moment, stamp
from comity.core.errors import ConflictError, UsageError
from comity.core.statement import sign
from comity.determination.stay import Stay
from comity.disclosure.retention import METHOD, Held, due, held
from comity.examination.rules.statute import designation
from comity.exchange import destroying
from comity.exchange.destroying import RECORDED
from comity.exchange.keyring import kek_name
from comity.exchange.officers import Credentials, identify, permit
from comity.exchange.opening import Exchange
from comity.exchange.parties import adopted_agreement
from comity.exchange.record import Recorder
from comity.review.authority import Actor, Target
from comity.store import acts, cases, disposals, incidents, parties
from comity.store.cases import Batch
from comity.store.disposals import Disposal
from comity.store.sealing import OWN
from comity.store.tables import disposals as disposal_table
from comity.store.tables import holds

ORDERED = "ordered"


@dataclass(frozen=True)
class Standing:
    """How a batch stands with disposal at a moment.

    `due` is when its time is over (None = its answers are not out). `requests` of its rows are
    there to be disposed of, not counting the `kept` ones, which holds on them keep; `holds` are
    those that keep all of it. `order` is the disposal that was ordered and not carried out, if
    any."""

    batch: str
    agreement: str
    rows: int
    released: str | None
    due: datetime | None
    requests: int
    kept: int
    holds: tuple[str, ...]
    order: Disposal | None
    incidents: tuple[str, ...] = ()
    """Open incidents that call answers of it back: they keep all of it, like a hold on it."""

    def is_due(self, now: datetime) -> bool:
        """Whether it is to be disposed of now."""
        return (
            self.due is not None and self.due <= now and self.requests > 0 and not self.kept_whole
        )

    @property
    def kept_whole(self) -> bool:
        """Whether a hold or an open incident keeps all of it."""
        return bool(self.holds or self.incidents)


@dataclass(frozen=True)
class Disposed:
    """What one run did about a batch: `ordered` it, or `disposed` of so many requests."""

    batch: str
    disposal: str
    act: str
    requests: int
    kept: int


def standings(exchange: Exchange, batch: str | None = None) -> list[Standing]:
    """How every batch (or one) stands. Raises UsageError for an unknown one."""
    now = exchange.clock.now()
    with exchange.database.reading() as connection:
        found = cases.all_batches(connection, batch)
        all_holds = parties.all_stays(connection, holds)
        if batch is not None and not found:
            raise UsageError("No batch of this id was received.", cure="See `comity status`.")
        return [
            _standing(
                one,
                _agreement(exchange, one),
                held(all_holds, one.agreement, one.id, now),
                disposals.kept_rows(connection, one.id),
                disposals.all_disposals(connection, one.id),
                incidents.open_incidents_of(connection, one.id),
            )
            for one in found
        ]


def dispose(
    exchange: Exchange, credentials: Credentials, batch: str | None = None
) -> list[Disposed]:
    """Order the disposal of every batch that is due, or of the one that is named; carry out what
    another officer ordered.

    For officers with the authority `dispose`. Raises UsageError for an unknown batch, ConflictError
    for a named one that is not due, is held, or waits for another officer."""
    actor = identify(exchange, credentials)
    now = exchange.clock.now()
    found = standings(exchange, batch)
    if batch is not None:
        _check(found[0], now)
    made: list[Disposed] = []
    for one in found:
        if not one.is_due(now):
            continue
        by = "" if one.order is None else one.order.ordered_by
        target = Target("Batch", one.batch, {"holder": exchange.settings.holder, "ordered_by": by})
        if one.order is None:
            permit(exchange, actor, "dispose", target)
            made.append(_order(exchange, one, credentials))
        elif batch is not None or by != actor.officer.id:
            permit(exchange, actor, "destroy", target)
            made.append(_carry_out(exchange, one, one.order, actor, credentials))
    if not made:
        target = Target("Batch", batch or "new", {"holder": exchange.settings.holder})
        permit(exchange, actor, "dispose", target)
    return made


def _agreement(exchange: Exchange, batch: Batch) -> Agreement:
    return adopted_agreement(exchange, batch.agreement, batch.agreement_digest).agreement


def _standing(
    batch: Batch,
    agreement: Agreement,
    kept_by_holds: Held,
    there: set[int],
    made: list[Disposal],
    called_back: tuple[str, ...],
) -> Standing:
    kept = there & kept_by_holds.rows
    released = None if batch.released is None else parse_moment(batch.released)
    return Standing(
        batch.id,
        batch.agreement,
        batch.rows,
        batch.released,
        None if released is None else due(released, agreement.retention),
        len(there) - len(kept),
        len(kept),
        tuple(hold.id for hold in kept_by_holds.whole),
        next((one for one in made if one.state == ORDERED), None),
        called_back,
    )


def _check(one: Standing, now: datetime) -> None:
    if one.due is None:
        raise ConflictError(
            f"The answers of batch {one.batch} are not out; its time has not begun.",
            cure="Close it with `comity disclose` first.",
        )
    if one.holds:
        raise ConflictError(
            f"Batch {one.batch} is kept by {_listed(one.holds)}.",
            cure="Another officer than the one who imposed it can lift it: `comity hold lift`.",
        )
    if one.incidents:
        raise ConflictError(
            f"Answers of batch {one.batch} are called back by incident {', '.join(one.incidents)}.",
            cure="It is kept until the incident is closed: see `comity recall status`.",
        )
    if one.due > now:
        raise ConflictError(
            f"Batch {one.batch} is to be kept until {one.due.date()}, as the agreement says.",
            cure="Nothing is disposed of before its time.",
        )
    if not one.requests:
        raise ConflictError(
            f"Nothing is left to dispose of in batch {one.batch}"
            + (f": holds keep {one.kept} of its requests." if one.kept else "."),
            cure="`comity dispose --certificates DIR` writes the certificates of what was.",
        )


def _listed(names: tuple[str, ...]) -> str:
    return ("hold " if len(names) == 1 else "holds ") + ", ".join(names)


def _order(exchange: Exchange, one: Standing, credentials: Credentials) -> Disposed:
    assert one.due is not None
    with exchange.recording() as recorder:
        name = f"d{len(disposals.all_disposals(recorder.connection)) + 1:04d}"
        at = stamp(exchange.clock.now())
        body: dict[str, Json] = {"disposal": name, "batch": one.batch, "due": stamp(one.due)}
        body |= {"released": one.released, "officer": credentials.officer, "at": at}
        said = sign("disposal-order", body, credentials.key).to_json()
        recorder.record("disposal.ordered", {"disposal": name, "batch": one.batch}, payload=said)
        row: dict[str, object] = {"id": name, "batch": one.batch, "state": ORDERED, "ordered": at}
        row |= {"ordered_by": credentials.officer, "ordering": json.dumps(said)}
        parties.add(recorder.connection, disposal_table, row)
    return Disposed(one.batch, name, ORDERED, one.requests, one.kept)


def _carry_out(
    exchange: Exchange,
    one: Standing,
    order: Disposal,
    actor: Actor,
    credentials: Credentials,
) -> Disposed:
    with exchange.recording() as recorder:
        (batch,) = cases.all_batches(recorder.connection, one.batch)
        agreement = _agreement(exchange, batch)
        holding = parties.all_stays(recorder.connection, holds)
        kept = _kept(recorder, batch, holding, exchange.clock.now())
        old = acts.kek_of(recorder.connection, batch.id) or OWN
        left = list(_left(exchange, recorder, batch, agreement, kept))
        if kept:
            _move(exchange, recorder, batch, kept, old)
        disposals.forget(recorder.connection, order.id, batch.id, left, kept)
        disposals.count_out_persons(recorder.connection, exchange.clock.now().year)
        facts: dict[str, Json] = {"disposal": order.id, "batch": batch.id}
        facts |= {"agreement": agreement.id, "agreement_digest": batch.agreement_digest}
        facts |= {"authority": agreement.retention.citation.source}
        facts |= {"payload_days": agreement.retention.payload_days, "released": batch.released}
        facts |= {"due": None if one.due is None else stamp(one.due)}
        facts |= {"requests": len(left), "kept": len(kept), "method": METHOD}
        facts |= {"earlier_backups": "unreadable" if old != OWN else "readable"}
        facts |= {"ordered_by": order.ordered_by, "officer": actor.officer.id}
        facts |= {"at": stamp(exchange.clock.now())}
        said = sign("disposal", facts, credentials.key).to_json()
        done = recorder.record(
            "batch.disposed",
            {"disposal": order.id, "batch": batch.id},
            agreement=agreement.id,
            payload={"order": json.loads(order.ordering), "disposal": said},
        )
        changes: dict[str, object] = {"state": RECORDED, "kek": old, "requests": len(left)}
        changes |= {"entry": done.number, "disposed": done.at}
        disposals.set_disposal(recorder.connection, order.id, **changes)
    destroying.finish(exchange.database, exchange.keys, exchange.package_path)
    return Disposed(batch.id, order.id, "disposed", len(left), len(kept))


def _kept(recorder: Recorder, batch: Batch, holding: tuple[Stay, ...], now: datetime) -> set[int]:
    """The rows that stay. Raises ConflictError where a hold keeps all: it may be a moment old."""
    keeps = held(holding, batch.agreement, batch.id, now)
    if keeps.whole:
        raise ConflictError(f"Batch {batch.id} is kept by {keeps.whole[0].id}.")
    if called_back := incidents.open_incidents_of(recorder.connection, batch.id):
        raise ConflictError(f"Batch {batch.id} is kept by incident {called_back[0]}.")
    return disposals.kept_rows(recorder.connection, batch.id) & keeps.rows


def _left(
    exchange: Exchange,
    recorder: Recorder,
    batch: Batch,
    agreement: Agreement,
    kept: set[int],
) -> Iterator[tuple[int, str, str]]:
    """What stays of each request that is disposed of: row, designated statute, kinds of items."""
    connection = recorder.connection
    answered = cases.disclosed_rows(connection, batch.id)
    items = ";".join(sorted(item.item for item in agreement.items))
    for one in acts.dossiers(connection, exchange.keys, batch.id):
        if one is None or one.row in kept:
            continue
        asked: Any = one.content["request"]
        yield one.row, _statute(agreement, asked), items if one.row in answered else ""


def _statute(agreement: Agreement, asked: Mapping[str, Json]) -> str:
    """The agreement's own words for the statute that a request named; what is not one of them may
    be anything, and goes."""
    found = designation(agreement, str(asked.get("statute") or ""))
    return "" if found is None else found.statute


def _move(exchange: Exchange, recorder: Recorder, batch: Batch, kept: set[int], old: str) -> None:
    """Put the data keys of the kept rows under a new key of the batch's."""
    generation = 1 if old == OWN else int(old.rpartition(".")[2]) + 1
    new = kek_name(batch.id, generation)
    exchange.keys.make_kek(new)
    wrapping = (new, exchange.keys.kek(new))
    disposals.rewrap(recorder.connection, batch.id, sorted(kept), exchange.keys.kek(old), wrapping)
