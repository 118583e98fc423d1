"""It forgets (promise 9): what is due is destroyed by destroying its key, everywhere, and the log
still verifies; what a hold keeps stays; nobody destroys alone, and nothing before its time."""

from __future__ import annotations

import base64
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from tests.exchange.office import AGREEMENT_ID, REQUEST, Office

from comity.core.errors import AuthorizationError, ComityError, ConflictError, UsageError
from comity.core.outcome import Status
from comity.determination.stay import Scope
from comity.exchange import (
    certifying,
    disposing,
    holding,
    judging,
    replaying,
    reporting,
    status,
    submitting,
)
from comity.exchange.disposing import Disposed
from comity.exchange.keyring import FileKeyProvider
from comity.exchange.opening import open_exchange
from comity.exchange.verifying import verify_log
from comity.request.manifest import manifest_path
from comity.review.decision import Verdict
from comity.store import acts, cases

ORDER = "Litigation hold of counsel, docket 26-0417"
BATCH = "b000001"
UNKNOWN = dict(REQUEST, request_id="R2", case_number="X-2", first_name="Ignatius")
PLACEHOLDER = dict(REQUEST, request_id="R3", case_number="X-3", street="NA NA")


@pytest.fixture
def closed(office: Office) -> Office:
    """A batch of three whose answers are out: disclosed, not verified, returned."""
    release(office)
    return office


def release(office: Office, batch: str = BATCH) -> None:
    office.submit(REQUEST, UNKNOWN, PLACEHOLDER)
    office.decide(Verdict.APPROVE, f"{batch}/1")
    office.disclose(batch)
    assert office.statuses(batch) == ["disclosed", "not_verified", "returned"]


def later(office: Office, days: int = 2556) -> None:
    """The reference agreement keeps payloads for 2,555 days."""
    office.clock.moment += timedelta(days=days)


def first(office: Office) -> str:
    return office.cast.disclosure_officers[0]


def second(office: Office) -> str:
    return office.cast.disclosure_officers[1]


def dispose(office: Office, by: str, batch: str | None = None) -> list[Disposed]:
    with office.exchange.writing():
        return disposing.dispose(office.exchange, office.credentials(by), batch)


def destroy(office: Office, batch: str | None = None) -> Disposed:
    (ordered,) = dispose(office, first(office), batch)
    assert ordered.act == "ordered"
    (done,) = dispose(office, second(office), batch)
    return done


def contents(folder: Path) -> Iterator[tuple[Path, bytes]]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield path, path.read_bytes()


def rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{folder / 'comity.db'}?mode=ro", uri=True)) as database:
        return database.execute(query).fetchall()


def keys_of(folder: Path) -> list[bytes]:
    """Every key file of the folder, decoded."""
    return [
        base64.b64decode(content)
        for path, content in contents(folder / "keys")
        if path.suffix == ".key"
    ]


def opens(wrapped: bytes, keys: list[bytes]) -> bool:
    for key in keys:
        try:
            aes_key_unwrap(key, wrapped)
        except InvalidUnwrap:
            continue
        return True
    return False


PERSONAL = "SELECT handle, subject, matter FROM requests"
SEALED = "SELECT sealed FROM payloads WHERE key_name LIKE 'b%/%'"
WRAPPED = "SELECT wrapped FROM data_keys WHERE name LIKE 'b%/%'"


def test_what_is_destroyed_stands_in_no_file_and_opens_from_no_backup(
    closed: Office, tmp_path: Path
) -> None:
    folder = closed.exchange.directory
    closed.exchange.close()
    backup = tmp_path / "backup"
    shutil.copytree(folder, backup, ignore=shutil.ignore_patterns("keys"))
    before = rows(folder, SEALED) + rows(folder, WRAPPED) + rows(folder, PERSONAL)
    before += rows(folder, "SELECT content FROM packages") + rows(
        folder, "SELECT subject FROM askings"
    )
    values = {one.encode() if isinstance(one, str) else one for row in before for one in row}
    assert len(values) > 15
    kek = (folder / "keys/batches/b000001.1.key").read_bytes().strip()
    wrapped = [one for (one,) in rows(backup, WRAPPED)]
    assert all(opens(one, [base64.b64decode(kek)]) for one in wrapped)

    later(closed)
    assert destroy(closed).requests == 3
    closed.exchange.close()

    for path, content in contents(folder):
        assert kek not in content, path
        assert base64.b64decode(kek) not in content, path
        for value in values:
            assert value not in content, (path, len(value))
    assert not list(folder.rglob("*.comity"))
    kept = [*keys_of(folder), closed.exchange.keys.kek(), closed.exchange.keys.derived("registry")]
    assert not any(opens(one, kept) for one in wrapped)

    for path in backup.iterdir():  # the older database put back, beside the keys that are left
        target = folder / path.name
        if path.name.startswith("comity.db"):
            shutil.copyfile(path, target)
    with closing(open_exchange(folder, closed.clock)) as restored:
        with (
            restored.database.reading() as connection,
            pytest.raises(ComityError, match="stays closed"),
        ):
            acts.payload(connection, restored.keys, cases.cases(connection, BATCH)[0].entry)
        with pytest.raises(ComityError, match="older one was put back"), restored.writing():
            pass


def test_the_log_and_what_the_law_wants_counted_stay(closed: Office, tmp_path: Path) -> None:
    key = closed.exchange.log_verifier_key
    before = verify_log(closed.exchange.directory / "log", key)
    (sums,) = reporting.yearly_sums(closed.exchange, 2026)
    assert (sums.received, sums.disclosures, sums.persons) == (3, 1, 1)
    later(closed)
    destroy(closed)
    after = verify_log(closed.exchange.directory / "log", key)
    assert after.checkpoint.size > before.checkpoint.size
    assert after.totals == before.totals
    assert (after.types["disposal.ordered"], after.types["batch.disposed"]) == (1, 1)
    assert reporting.yearly_sums(closed.exchange, 2026) == [sums]
    assert rows(closed.exchange.directory, "SELECT person FROM disclosures") == [("",)]
    (found,) = status.batch_statuses(closed.exchange)
    assert found.counts[Status.DISCLOSED] == 1

    out = tmp_path / "accounting.csv"
    with closed.exchange.writing():
        by = closed.credentials(closed.cast.inspector)
        assert reporting.write_accounting(closed.exchange, 2026, out, by) == 3
    text = out.read_text()
    assert "8 USC 1253(a)(1)" in text
    assert "inv-01" in text
    assert "last_known_address" in text
    assert str(REQUEST["case_number"]) not in text
    assert str(REQUEST["reason"])[:20] not in text
    with pytest.raises(ConflictError, match="disposed of"):
        status.write_requester_answers(closed.exchange, BATCH, tmp_path / "answers.csv")


def test_replay_says_disposed(closed: Office) -> None:
    later(closed)
    destroy(closed)
    with closed.exchange.writing():
        by = closed.credentials(closed.cast.inspector)
        (found,) = replaying.replay(closed.exchange, by)
    assert (found.rows, found.disposed, found.same, found.different) == (3, 3, 0, 0)


def test_nothing_before_its_time_and_nothing_open(office: Office) -> None:
    office.submit(REQUEST, UNKNOWN)
    later(office)
    assert dispose(office, first(office)) == []
    with pytest.raises(ConflictError, match="not out"):
        dispose(office, first(office), BATCH)
    office.clock.moment -= timedelta(days=2556)
    office.decide(Verdict.APPROVE, "b000001/1")
    office.disclose()
    later(office, 2554)
    assert dispose(office, first(office)) == []
    with pytest.raises(ConflictError, match="kept until"):
        dispose(office, first(office), BATCH)
    with pytest.raises(UsageError, match="No batch"):
        dispose(office, first(office), "b000009")


def test_nobody_destroys_alone(closed: Office) -> None:
    later(closed)
    with pytest.raises(AuthorizationError, match="dispose"):
        dispose(closed, closed.cast.operator)
    assert [one.act for one in dispose(closed, first(closed))] == ["ordered"]
    assert dispose(closed, first(closed)) == []
    with pytest.raises(AuthorizationError, match="another must"):
        dispose(closed, first(closed), BATCH)
    assert rows(closed.exchange.directory, WRAPPED)
    assert dispose(closed, second(closed))[0].act == "disposed"
    assert not rows(closed.exchange.directory, WRAPPED)


def hold(office: Office, scope: Scope, value: str = "") -> str:
    with office.exchange.writing():
        counsel = office.credentials(office.cast.counsel)
        return holding.add_hold(office.exchange, scope, value, ORDER, counsel).id


def lift(office: Office, name: str, by: str) -> None:
    with office.exchange.writing():
        holding.lift_hold(office.exchange, name, "The case was settled.", office.credentials(by))


@pytest.mark.parametrize(
    ("scope", "value"),
    [(Scope.EXCHANGE, ""), (Scope.AGREEMENT, AGREEMENT_ID), (Scope.BATCH, BATCH)],
)
def test_a_hold_keeps_all_that_it_covers(closed: Office, scope: Scope, value: str) -> None:
    later(closed)
    dispose(closed, first(closed))
    name = hold(closed, scope, value)  # also after the disposal was ordered
    assert dispose(closed, second(closed)) == []
    with pytest.raises(ConflictError, match=name):
        dispose(closed, second(closed), BATCH)
    assert len(rows(closed.exchange.directory, WRAPPED)) == 3
    with pytest.raises(AuthorizationError, match="another officer must"):
        lift(closed, name, closed.cast.counsel)
    lift(closed, name, closed.cast.inspector)
    assert dispose(closed, second(closed))[0].requests == 3


def test_a_hold_on_one_request_keeps_that_one(closed: Office) -> None:
    """Its data key goes under another key, and what stood under the old one is gone."""
    name = hold(closed, Scope.REQUEST, "b000001/1")
    later(closed)
    done = destroy(closed)
    assert (done.requests, done.kept) == (2, 1)
    folder = closed.exchange.directory
    assert rows(folder, "SELECT name, kek FROM data_keys WHERE name LIKE 'b%/%'") == [
        ("b000001/1", "b000001.2")
    ]
    assert [path.name for path in (folder / "keys/batches").iterdir()] == ["b000001.2.key"]
    with closed.exchange.database.reading() as connection:
        entry = cases.cases(connection, BATCH)[0].entry
        opened = acts.payload(connection, closed.exchange.keys, entry)["request"]
    assert isinstance(opened, dict)
    assert opened["last_name"] == REQUEST["last_name"]
    assert [bool(row[0]) for row in rows(folder, PERSONAL)] == [True, False, False]
    with closed.exchange.writing():
        by = closed.credentials(closed.cast.inspector)
        (found,) = replaying.replay(closed.exchange, by)
    assert (found.disposed, found.different) == (2, 0)
    with pytest.raises(ConflictError, match="holds keep 1"):
        dispose(closed, first(closed), BATCH)
    lift(closed, name, closed.cast.inspector)
    assert destroy(closed).requests == 1
    assert not list((folder / "keys/batches").iterdir())
    assert rows(folder, SEALED) == []


def test_a_hold_names_what_there_is(closed: Office) -> None:
    for scope, value in [
        (Scope.BATCH, "b000009"),
        (Scope.REQUEST, "b000001/9"),
        (Scope.CLASS, "minor"),
        (Scope.BATCH, ""),
        (Scope.EXCHANGE, "x"),
    ]:
        with pytest.raises(UsageError):
            hold(closed, scope, value)
    assert holding.all_holds(closed.exchange) == ()


def test_killed_after_the_transaction_the_next_command_finishes_it(
    closed: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    later(closed)
    dispose(closed, first(closed))

    def killed(*_: object) -> int:
        raise KeyboardInterrupt

    folder = closed.exchange.directory
    with monkeypatch.context() as patch:
        patch.setattr(FileKeyProvider, "destroy_kek", killed)
        with pytest.raises(KeyboardInterrupt):
            dispose(closed, second(closed))
    assert (folder / "keys/batches/b000001.1.key").exists()
    assert not rows(folder, WRAPPED)
    assert rows(folder, SEALED)
    with closed.exchange.writing():
        pass
    assert not (folder / "keys/batches/b000001.1.key").exists()
    assert rows(folder, SEALED) == []
    assert rows(folder, "SELECT state FROM disposals") == [("done",)]


def test_killed_before_it_is_committed_nothing_happened(
    closed: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    later(closed)
    dispose(closed, first(closed))
    with monkeypatch.context() as patch:
        patch.setattr("comity.store.disposals.count_out_persons", _fail)
        with pytest.raises(RuntimeError):
            dispose(closed, second(closed))
    assert len(rows(closed.exchange.directory, WRAPPED)) == 3
    assert (closed.exchange.directory / "keys/batches/b000001.1.key").exists()
    assert dispose(closed, second(closed))[0].requests == 3


def _fail(*_: object) -> None:
    raise RuntimeError


def test_a_person_in_two_batches_is_counted_once(office: Office) -> None:
    release(office)
    again = dict(REQUEST, request_id="R9", case_number="X-9")
    office.submit(again)
    office.decide(Verdict.APPROVE, "b000002/1")
    office.disclose("b000002")
    (sums,) = reporting.yearly_sums(office.exchange, 2026)
    assert (sums.disclosures, sums.persons) == (2, 1)
    held = hold(office, Scope.BATCH, "b000002")
    later(office)
    destroy(office, BATCH)
    assert reporting.yearly_sums(office.exchange, 2026) == [sums]
    lift(office, held, office.cast.inspector)
    destroy(office, "b000002")
    assert reporting.yearly_sums(office.exchange, 2026) == [sums]
    assert rows(office.exchange.directory, "SELECT persons FROM counted") == [(1,)]


def test_a_file_that_was_disposed_of_is_still_known(closed: Office) -> None:
    later(closed)
    destroy(closed)
    batch = closed.folder / "batch-1.csv"
    again = closed.hand_in(batch, manifest_path(batch))
    assert (again.batch, again.already) == (BATCH, True)
    assert closed.statuses(BATCH) == ["disclosed", "not_verified", "returned"]


def test_only_its_own_batch(office: Office) -> None:
    release(office)
    folder = office.exchange.directory
    later(office)
    office.submit(dict(REQUEST, request_id="R7", case_number="X-7"))
    destroy(office, BATCH)
    assert [
        name for (name,) in rows(folder, "SELECT name FROM data_keys WHERE name LIKE 'b%'")
    ] == ["b000002/1"]
    assert len(rows(folder, SEALED)) == 1


@pytest.mark.parametrize("judged", [0, 1])
def test_a_batch_of_before_batches_had_keys(
    office: Office, monkeypatch: pytest.MonkeyPatch, judged: int
) -> None:
    """Stopped in the middle of judging, continued by this version, and in the end disposed of. Of
    what stood under the exchange's own key, the certificate says that backups still open."""
    with monkeypatch.context() as patch:
        patch.setattr(submitting, "CHUNK", 1)
        patch.setattr(judging._Recording, "_record", stopping_after(judged))
        with pytest.raises(KeyboardInterrupt):
            office.submit(REQUEST, UNKNOWN, PLACEHOLDER)
    folder, keys = office.exchange.directory, office.exchange.keys
    assert len(rows(folder, WRAPPED)) == judged
    for name, wrapped in rows(folder, "SELECT name, wrapped FROM data_keys WHERE kek <> ''"):
        clear = aes_key_unwrap(keys.kek("b000001.1"), wrapped)
        with closing(sqlite3.connect(folder / "comity.db")) as database, database:
            database.execute(
                "UPDATE data_keys SET wrapped = ?, kek = '' WHERE name = ?",
                (aes_key_wrap(keys.kek(), clear), name),
            )
    assert keys.destroy_kek("b000001.1")

    batch = office.folder / "batch-1.csv"
    office.hand_in(batch, manifest_path(batch))
    office.decide(Verdict.APPROVE, "b000001/1")
    office.disclose()
    later(office)
    assert destroy(office).requests == 3
    ((_, certificate),) = certifying.certificates(office.exchange)
    readable = b'"earlier_backups": "readable"' in certificate
    assert readable == bool(judged)
    assert not list((folder / "keys/batches").iterdir())


def stopping_after(count: int) -> Callable[[judging._Recording, int], None]:
    record = judging._Recording._record
    done: list[int] = []

    def stop(self: judging._Recording, rows: int) -> None:
        if len(done) == count:
            raise KeyboardInterrupt
        record(self, rows)
        done.append(rows)

    return stop
