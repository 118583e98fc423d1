"""Finding what a recall touches, whatever its cause. Changes nothing.

What could be judged again is judged; what could not (its key was destroyed, its form is not known
any more) is never left out: it is found as well, and said not to be certain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import sqlalchemy as sa

from comity.core.clock import parse_moment
from comity.determination.stay import Reach, Scope, covers
from comity.exchange.opening import Exchange
from comity.exchange.recall_causes import Mended, Retroactive, Wrong, WrongRecords
from comity.exchange.reexamining import DISPOSED, concerns, reexamined
from comity.exchange.registry import open_registry
from comity.exchange.rematching import Rematching, with_records
from comity.oversight.incident import Touched
from comity.store import cases, incidents
from comity.store.cases import Batch
from comity.store.incidents import Carried, Given

Tell = Callable[[int, int], None]
"""Hears how many rows of batches were looked through, and of how many."""


@dataclass(frozen=True)
class Found:
    """What a cause touches: the disclosures, the packages that carried them, and among how many
    disclosures they were looked for."""

    touched: tuple[Touched, ...]
    carried: tuple[Carried, ...]
    looked_at: int

    @property
    def certain(self) -> int:
        """How many are certain; the others cannot be told."""
        return sum(one.certain for one in self.touched)

    def without_doubtful(self) -> Found:
        """The certain ones alone."""
        kept = tuple(one for one in self.touched if one.certain)
        rows = {(one.batch, one.row) for one in kept}
        carried = tuple(one for one in self.carried if (one.batch, one.row) in rows)
        return Found(kept, carried, self.looked_at)


def find_touched(exchange: Exchange, wrong: Wrong, tell: Tell = lambda *_: None) -> Found:
    """Every disclosure that the cause touches, by batch and row."""
    with exchange.database.reading() as connection:
        names = incidents.batches_with_disclosures(connection)
        chosen = [cases.all_batches(connection, name)[0] for name in names]
    if isinstance(wrong, Mended):
        chosen = [batch for batch in chosen if concerns(wrong, batch)]
    total, done = sum(batch.rows for batch in chosen), 0
    touched: list[Touched] = []
    carried: list[Carried] = []
    looked_at = 0
    with ExitStack() as stack:
        search = _search(exchange, wrong, stack)
        for batch in chosen:
            found = list(search(batch, lambda now, done=done: tell(done + now, total)))  # type: ignore[misc]
            done += batch.rows
            tell(done, total)
            with exchange.database.reading() as connection:
                looked_at += len(cases.disclosed_rows(connection, batch.id))
                rows = {one.row for one in found}
                carried += (c for c in incidents.carried(connection, batch.id) if c.row in rows)
            touched += found
    return Found(tuple(touched), tuple(carried), looked_at)


Search = Callable[[Batch, Callable[[int], None]], Iterator[Touched]]


def _search(exchange: Exchange, wrong: Wrong, stack: ExitStack) -> Search:
    match wrong:
        case Mended():
            return lambda batch, tell: reexamined(exchange, wrong, batch, tell)
        case WrongRecords():
            return lambda batch, _: with_records(exchange, wrong, batch)
        case Retroactive():
            return lambda batch, _: _covered(exchange, wrong, batch)
        case _:
            rematching = stack.enter_context(Rematching(exchange))
            return lambda batch, _: rematching.touched(batch)


def _covered(exchange: Exchange, wrong: Retroactive, batch: Batch) -> Iterator[Touched]:
    """The disclosures of a batch since the day, that the stay covers."""
    stay = wrong.stay
    words = f"stay: {stay.id}"
    with exchange.database.reading() as connection:
        given = [
            one
            for one in incidents.given(connection, exchange.keys, batch.id)
            if parse_moment(one.at).date() >= wrong.since
        ]
        received = _received_by(connection, batch, stay.value)
    flags = _flags_now(exchange, given) if stay.scope is Scope.CLASS else {}
    for one in given:
        sealed = one.dossier
        if stay.scope is Scope.RECIPIENT:
            if one.row in received:
                yield Touched(one.batch, one.row, True, (words,))
        elif sealed is None and stay.scope in (Scope.STATUTE, Scope.CLASS):
            yield Touched(one.batch, one.row, False, (DISPOSED,))
        else:
            statute = str(sealed["request"]["statute"] or "") if sealed else ""
            then = (
                frozenset(sealed["match"]["flags"]) if sealed and sealed["match"] else frozenset()
            )
            borne = then | flags.get(one.row, frozenset())
            if covers(stay, Reach(batch.agreement, batch.id, one.row, statute, borne)):
                yield Touched(one.batch, one.row, True, (words,))


def _received_by(connection: sa.Connection, batch: Batch, recipient: str) -> set[int]:
    carried = incidents.carried(connection, batch.id)
    return {one.row for one in carried if one.recipient == recipient}


def _flags_now(exchange: Exchange, given: Sequence[Given]) -> dict[int, frozenset[str]]:
    """The flags that the persons answered about bear today: a class may have been noticed late."""
    persons = {
        one.row: str(one.dossier["match"]["person_id"])
        for one in given
        if one.dossier is not None and one.dossier["match"] is not None
    }
    if not persons:
        return {}
    with open_registry(exchange) as registry:
        borne = registry.flags(persons.values())
    return {row: borne.get(person, frozenset()) for row, person in persons.items()}
