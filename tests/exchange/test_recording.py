"""Recording in bulk: the same log and the same sealed payloads as recording one by one."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.exchange.office import NOW

from comity.core.canonical import Json, canonical
from comity.core.clock import FixedClock
from comity.core.errors import ConflictError, LedgerError
from comity.exchange.record import COVER, OFFICE_ACT, Recorder, first_numbers
from comity.ledger.entry import Entry, commitment
from comity.store import acts, cases
from comity.store.database import Database
from comity.store.sealing import OWN, SealedPayloads, seal_many, unseal, unwrap_data_key
from comity.store.tables import batches, data_keys, entries, payloads

KEK = os.urandom(32)


class OneKey:
    def kek(self, name: str = OWN) -> bytes:
        return KEK


KEYS = OneKey()
CLOCK = FixedClock(NOW)
PAYLOADS: list[dict[str, Json]] = [{"n": n, "text": 'ä"\\\u2028' * n} for n in range(5)]
RETURNED: dict[str, Json] = {"status": "returned"}
BODIES: list[dict[str, Json]] = [RETURNED, {"status": "pending"}, RETURNED, {}, {"n": 'a"\\b'}]


@pytest.fixture
def database(tmp_path: Path) -> Database:
    made = Database(f"sqlite:///{tmp_path / 'comity.db'}")
    made.migrate()
    return made


def handles(first: int) -> list[str]:
    return [f"b000001/{first + n}" for n in range(len(PAYLOADS))]


def sealed(first: int, names: list[str]) -> SealedPayloads:
    numbers = range(first, first + len(names))
    return seal_many(KEK, numbers, names, [canonical(one) for one in PAYLOADS])


def record(
    database: Database, first: int, names: list[str], bodies: list[dict[str, Json]] = BODIES
) -> None:
    with database.transaction() as connection:
        recorder = Recorder(connection, KEYS, CLOCK)
        recorder.record_many(
            "request.determined", bodies, sealed(first, names), kek="b000001.1", agreement="us-x"
        )
        recorder.flush()


def begin(database: Database) -> None:
    """The first entry of every log."""
    with database.transaction() as connection:
        recorder = Recorder(connection, KEYS, CLOCK)
        recorder.record("exchange.opened", {})
        recorder.flush()


def log(database: Database) -> list[Entry]:
    with database.reading() as connection:
        return [Entry.parse(body) for body in acts.entries_from(connection, 0)]


def test_in_bulk_and_one_by_one_the_log_says_the_same(database: Database) -> None:
    record(database, 0, handles(1))
    with database.transaction() as connection:
        recorder = Recorder(connection, KEYS, CLOCK)
        for name, body, payload in zip(handles(6), BODIES, PAYLOADS, strict=True):
            recorder.record(
                "request.determined",
                body,
                agreement="us-x",
                request=name,
                payload=payload,
            )
        recorder.flush()
    found = log(database)
    assert len(found) == 10
    for bulk, single in zip(found[:5], found[5:], strict=True):
        assert (bulk.type, bulk.at, bulk.agreement) == (single.type, single.at, single.agreement)
        assert bulk.body == single.body
    assert [one.request for one in found] == [*handles(1), *handles(6)]
    with database.reading() as connection:
        assert [acts.payload(connection, KEYS, number) for number in range(10)] == PAYLOADS * 2
        assert not any(connection.execute(sa.select(entries.c.office)).scalars())


def test_what_was_committed_to_is_what_is_sealed(database: Database) -> None:
    record(database, 0, handles(1))
    query = sa.select(payloads, data_keys.c.wrapped).join(
        data_keys, data_keys.c.name == payloads.c.key_name
    )
    with database.reading() as connection:
        for entry, row in zip(log(database), connection.execute(query), strict=True):
            key = unwrap_data_key(KEK, row.wrapped).key
            salt, opened = unseal(key, row.sealed, context=f"{row.key_name}#{row.entry}")
            assert entry.commitment == row.commitment == commitment(salt, canonical(opened))
            assert entry.request == row.key_name
            assert json.loads(canonical(opened)) == PAYLOADS[row.entry]


@pytest.mark.parametrize("first", [0, 2, 17])
def test_numbers_that_are_not_the_next_are_refused(database: Database, first: int) -> None:
    begin(database)
    with pytest.raises(ConflictError, match="Other entries came"):
        record(database, first, handles(1))
    assert [one.type for one in log(database)] == ["exchange.opened"]
    record(database, 1, handles(1))


def test_a_gap_within_is_refused(database: Database) -> None:
    gapped = seal_many(KEK, [0, 2], handles(1)[:2], [b"{}", b"{}"])
    with pytest.raises(ConflictError), database.transaction() as connection:
        Recorder(connection, KEYS, CLOCK).record_many(
            "request.determined", BODIES[:2], gapped, kek=OWN
        )
    assert log(database) == []


def test_a_request_is_recorded_once(database: Database) -> None:
    record(database, 0, handles(1))
    with pytest.raises(ConflictError, match="already recorded"):
        record(database, 5, handles(5))
    assert len(log(database)) == 5


def test_a_bad_body_leaves_nothing_behind(database: Database) -> None:
    with pytest.raises(LedgerError):
        record(database, 0, handles(1), [*BODIES[:4], {"n": 0.5}])
    with database.reading() as connection:
        assert connection.execute(sa.select(data_keys)).all() == []
        assert acts.entry_count(connection) == 0


def test_acts_of_officers_are_not_recorded_in_bulk(database: Database) -> None:
    """What hides them is one entry an act, however many cases it touches."""
    with database.transaction() as connection:
        recorder = Recorder(connection, KEYS, CLOCK)
        with pytest.raises(ValueError, match="one by one"):
            recorder.record_many(OFFICE_ACT, BODIES, sealed(0, handles(1)), kek=OWN)


def judged_batch(connection: sa.Connection) -> None:
    """A batch that waits for its release, so that every transaction begins with cover."""
    row: dict[str, object] = {c.name: "x" for c in batches.c}
    row |= {"id": "b000001", "entry": 0, "rows": 1, "state": "judged", "released": None}
    cases.insert(connection, batches, [row])


@pytest.mark.parametrize("acted", [0, 1, COVER - 1, COVER, COVER + 1])
@pytest.mark.parametrize("open_batch", [False, True])
def test_the_numbers_to_come_are_foretold(database: Database, acted: int, open_batch: bool) -> None:
    begin(database)
    with database.transaction() as connection:
        if open_batch:
            judged_batch(connection)
        recorder = Recorder(connection, KEYS, CLOCK)
        for _ in range(acted):
            recorder.record(OFFICE_ACT, {}, payload={"act": "looked"})
        recorder.flush()
    with database.reading() as connection:
        firsts = first_numbers(connection, [5, 5, 5])
    for turn, first in enumerate(firsts):
        record(database, first, handles(1 + 5 * turn))
    found = log(database)
    assert [one.request for one in found if one.request] == [*handles(1), *handles(6), *handles(11)]
    assert [found[first].request for first in firsts] == ["b000001/1", "b000001/6", "b000001/11"]
    assert sum(one.type == OFFICE_ACT for one in found) % COVER == 0


def test_several_in_one_transaction_follow_each_other(database: Database) -> None:
    with database.transaction() as connection:
        recorder = Recorder(connection, KEYS, CLOCK)
        recorder.record("exchange.opened", {})
        recorder.record_many("request.determined", BODIES, sealed(1, handles(1)), kek=OWN)
        recorder.record_many("request.determined", BODIES, sealed(6, handles(6)), kek=OWN)
        done = recorder.record("batch.judged", {})
        recorder.flush()
    assert done.number == 11
    assert [one.request for one in log(database)] == [None, *handles(1), *handles(6), None]
