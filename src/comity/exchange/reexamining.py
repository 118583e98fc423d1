"""Judging what was disclosed again, under rules or an agreement that were mended since.

As in a replay, the whole batch is looked through under the circumstances of its receipt, because
some rules look at all of it; then only what was disclosed is examined and decided anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

import sqlalchemy as sa

from comity.agreement.model import Agreement
from comity.core.canonical import Json
from comity.core.errors import ConflictError, KeyMaterialError
from comity.examination.context import Context
from comity.examination.engine import compile_agreement
from comity.examination.examiner import Examined, Examiner
from comity.examination.rule import RULES
from comity.examination.survey import Survey
from comity.examination.traits import traits_of
from comity.exchange.circumstances import circumstances
from comity.exchange.opening import Exchange
from comity.exchange.parties import adopted_agreement
from comity.exchange.recall_causes import Mended
from comity.oversight.incident import CANNOT_TELL, Touched
from comity.oversight.objections import objections
from comity.request.manifest import manifest_from
from comity.request.model import Request
from comity.store import acts, incidents
from comity.store.cases import Batch
from comity.store.incidents import Given

_AT_A_TIME = 5_000
DISPOSED = f"{CANNOT_TELL}: disposed of"
ALTERED = f"{CANNOT_TELL}: what is sealed is not what the log committed to"
_LACKING = f"{CANNOT_TELL}: other rows of its batch, at which a rule looks, were disposed of"


def concerns(mended: Mended, batch: Batch) -> bool:
    """Whether the batch was judged by anything that was mended."""
    corrected = mended.agreement
    if corrected is None:
        return True
    same = corrected.digest == batch.agreement_digest
    return corrected.agreement.id == batch.agreement and not same


def reexamined(
    exchange: Exchange, mended: Mended, batch: Batch, tell: Callable[[int], None]
) -> Iterator[Touched]:
    """The disclosures of a batch that the mended rules would not have let out."""
    with exchange.database.reading() as connection:
        disclosed = incidents.given(connection, exchange.keys, batch.id)
        try:
            received = acts.payload(connection, exchange.keys, batch.entry)
            examiner, agreement, gone = _examiner(
                exchange, connection, mended, batch, received, tell
            )
        except (ConflictError, KeyMaterialError):
            yield from (Touched(one.batch, one.row, False, (DISPOSED,)) for one in disclosed)
            return
        lacking = bool(gone) and _looks_across_rows(mended, agreement)
        while chunk := list(islice(disclosed, _AT_A_TIME)):
            there = [one for one in chunk if one.dossier is not None]
            requests = [_request(one.dossier) for one in there]
            found = dict(zip((one.row for one in there), examiner.examine(requests), strict=True))
            for one in chunk:
                against = _against(one, agreement, mended, found)
                if not against and lacking:
                    against = [_LACKING]
                if against:
                    certain = not all(CANNOT_TELL in words for words in against)
                    yield Touched(one.batch, one.row, certain, tuple(against))


def _against(
    one: Given, agreement: Agreement, mended: Mended, found: dict[int, Examined]
) -> list[str]:
    if one.dossier is None:
        return [DISPOSED]
    try:
        against = objections(one.dossier, found[one.row].findings, agreement, mended.rules)
    except (KeyError, TypeError, ValueError):
        against = [f"{CANNOT_TELL}: it was sealed in another form"]
    return against if one.committed else [*against, ALTERED]


def _examiner(
    exchange: Exchange,
    connection: sa.Connection,
    mended: Mended,
    batch: Batch,
    received: Mapping[str, Json],
    tell: Callable[[int], None],
) -> tuple[Examiner, Agreement, int]:
    """What examines the batch's rows by the mended rules, and how many of its rows are gone."""
    original = adopted_agreement(exchange, batch.agreement, batch.agreement_digest)
    judged_by = mended.agreement or original
    agreement = _as_if_in_force(judged_by.agreement, original.agreement)
    manifest = None if received["manifest"] is None else manifest_from(received["manifest"])
    around = circumstances(exchange, batch, str(received["file"]), original, manifest)
    survey, gone, done = Survey(), 0, 0
    rows = acts.dossiers(connection, exchange.keys, batch.id)
    while chunk := list(islice(rows, _AT_A_TIME)):
        there = [_request(one.content) for one in chunk if one is not None]
        survey.add(traits_of(there, around.fingerprint))
        gone += len(chunk) - len(there)
        done += len(chunk)
        tell(done)
    context = Context(agreement, around, survey.finish(around.history))
    return Examiner(compile_agreement(agreement, judged_by.positions), context), agreement, gone


def _as_if_in_force(corrected: Agreement, original: Agreement) -> Agreement:
    """The corrected agreement as if it had been in force when the original was: that it came later,
    and was not signed yet, is no fault of a request."""
    return replace(
        corrected,
        effective=original.effective,
        expires=original.expires,
        suspended_from=original.suspended_from,
    )


def _looks_across_rows(mended: Mended, agreement: Agreement) -> bool:
    """Whether a rule that counts looks at the whole batch."""
    named = mended.rules or [element.rule for element in agreement.elements]
    return any(rule in RULES and RULES[rule].whole_batch for rule in named)


def _request(dossier: Any) -> Request:
    return Request.from_json(dossier["request"])
