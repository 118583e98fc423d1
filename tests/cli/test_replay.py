"""`comity audit replay`: what was determined comes out again; what was tampered with does not."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest
from tests.cli.shell import Shell
from tests.exchange.office import PERSON, REQUEST, Office

from comity.core.canonical import canonical
from comity.determination.stay import Scope
from comity.exchange import replaying
from comity.exchange.opening import open_exchange
from comity.exchange.staying import add_stay, lift_stay
from comity.review.decision import Verdict
from comity.store import acts
from comity.store.sealing import context_of, new_salt, seal, unwrap_data_key

BATCH = "b000001"


class Clerk:
    """Replays an office's batches, and tampers with what is sealed."""

    def __init__(self, office: Office, comity: Shell) -> None:
        self.office, self.comity = office, comity
        self.place = office.exchange.directory

    def replay(self, *words: object, by: str = "irs-disclosure-1") -> tuple[int, Any, str]:
        done = self.comity(
            *("audit", "replay", "--exchange", self.place, "--json", *words),
            *("--as", by, "--key", self.office.cast.signing_key(by)),
        )
        return done.code, json.loads(done.out) if done.out else None, done.err

    def tamper(self, row: int, change: Any) -> None:
        """Seal another dossier in the place of the first, as whoever holds the keys could."""
        with closing(open_exchange(self.place)) as exchange:
            keys = exchange.keys
            name = f"{BATCH}/{row}"
            with exchange.database.reading() as connection:
                found = list(acts.dossiers(connection, keys, BATCH))[row - 1]
                wrapped = acts.wrapped_key(connection, name)
        assert found is not None
        assert wrapped is not None
        kek = keys.kek(wrapped[0])
        dossier = found.content
        change(dossier)
        path = self.place / "comity.db"
        with closing(sqlite3.connect(path)) as database, database:
            ((entry,),) = database.execute(
                "SELECT entry FROM requests WHERE batch = ? AND row = ?", (BATCH, row)
            )
            key = unwrap_data_key(kek, wrapped[1]).key
            sealed = seal(key, new_salt(), canonical(dossier), context=context_of(name, entry))
            database.execute(
                "UPDATE payloads SET sealed = ? WHERE entry = ? AND key_name = ?",
                (sealed, entry, name),
            )


@pytest.fixture
def clerk(office: Office, comity: Shell) -> Clerk:
    """A batch with one of each: ready, placeholder, unknown, twice the same, another statute."""
    office.submit(
        REQUEST,
        dict(REQUEST, request_id="R2", case_number="X-2", street="NA NA"),
        dict(REQUEST, request_id="R3", case_number="X-3", first_name="Ignatius"),
        dict(REQUEST, request_id="R4"),
        dict(REQUEST, request_id="R5", case_number="X-5", statute="8 USC 1325(b)"),
    )
    office.exchange.close()
    return Clerk(office, comity)


def test_everything_comes_out_again(clerk: Clerk) -> None:
    code, (batch,), said = clerk.replay()
    assert code == 0, said
    assert (batch["batch"], batch["rows"], batch["same"]) == (BATCH, 5, 5)
    assert (batch["matches"], batch["different"], batch["disposed"]) == (2, 0, 0)
    assert batch["searched"] == 2


def test_also_after_decisions_stays_and_answers(clerk: Clerk) -> None:
    """What came later changes nothing, and what was in force then still counts."""
    office = clerk.office
    office.decide(Verdict.APPROVE, f"{BATCH}/1")
    office.disclose()
    counsel, inspector = map(office.credentials, (office.cast.counsel, office.cast.inspector))
    with office.exchange.writing():
        stay = add_stay(office.exchange, Scope.EXCHANGE, "", "Docket 26-0417", counsel)
    office.submit(dict(REQUEST, request_id="R9", case_number="X-9"))
    assert office.outcomes("b000002") == ["stayed"]
    with office.exchange.writing():
        lift_stay(office.exchange, stay.id, "The order was vacated.", inspector)
    office.exchange.close()
    code, batches, said = clerk.replay()
    assert code == 0, said
    assert [batch["same"] for batch in batches] == [5, 1]


@pytest.mark.parametrize(
    ("row", "change", "what"),
    [
        (2, lambda d: d["request"].update(street="12 Oak St"), "finding: address.present"),
        (5, lambda d: d["request"].update(statute="8 USC 1253(a)(1)"), "finding: statute"),
        (4, lambda d: d["request"].update(case_number="X-4"), "finding: request.unique"),
        (3, lambda d: d["match"].update(decision="confirmed"), "match: decision"),
        (1, lambda d: d["match"].update(person_id="P2"), "match: person_id"),
        (1, lambda d: d["match"].update(weight=1.5), "match: weight"),
        (1, lambda d: d["determination"].update(outcome="refused"), "outcome"),
        (1, lambda d: d["match"]["evidence"].update(policy={}), "another identity policy"),
        (1, lambda d: d["match"]["evidence"].update(model="x"), "evidence_digest"),
        (1, lambda d: None, "not what the log committed to"),  # with another salt
    ],
)
def test_what_was_changed_is_named(clerk: Clerk, row: int, change: Any, what: str) -> None:
    clerk.tamper(row, change)
    code, (batch,), _ = clerk.replay()
    assert code == 1
    told = {one["request"]: one["what"] for one in batch["listed"]}
    assert any(what in text for text in told[f"{BATCH}/{row}"]), told
    assert REQUEST["last_name"] not in json.dumps(batch)


def test_what_was_disposed_of_is_said_to_be(clerk: Clerk) -> None:
    with closing(sqlite3.connect(clerk.place / "comity.db")) as database, database:
        database.execute("DELETE FROM data_keys WHERE name = ?", (f"{BATCH}/1",))
    code, (batch,), said = clerk.replay()
    assert code == 0, said + json.dumps(batch)
    assert (batch["disposed"], batch["same"]) == (1, 3)
    assert batch["incomplete"] == 1  # R4 repeats the row that is gone, which nobody can see now


def test_rules_of_another_version_are_counted_apart(clerk: Clerk) -> None:
    clerk.tamper(1, lambda d: d["determination"].update(rules_version="0"))
    code, (batch,), _ = clerk.replay()
    assert code == 0
    assert (batch["other_rules"], batch["same"]) == (1, 4)


def test_who_and_when(clerk: Clerk) -> None:
    assert clerk.replay(by="ice-preparer")[0] == 1
    assert clerk.replay("b000009")[0] == 2
    assert clerk.replay("--since", "yesterday")[0] == 2
    assert clerk.replay("--until", "2020-01-01")[:2] == (0, [])
    assert clerk.replay("--since", "2020-01-01", BATCH)[1][0]["same"] == 5


def test_what_was_open_at_the_receipt_counts_as_open(office: Office, comity: Shell) -> None:
    """The first batch was still open when the second asked for the same person again, and is closed
    by the time of the replay."""
    office.submit(REQUEST, dict(REQUEST, request_id="R2", case_number="X-2", first_name="Ignatius"))
    office.submit(dict(REQUEST, request_id="R9"))
    assert office.statuses("b000002") == ["returned"]
    assert "request.unique" in office.rules("b000002")[0]
    office.decide(Verdict.APPROVE, "b000001/1")
    office.disclose("b000001")
    office.submit(dict(REQUEST, request_id="R10", reason=f"{REQUEST['reason']} Anew."))
    assert "request.unique" not in office.rules("b000003")[0]
    office.exchange.close()
    code, found, err = Clerk(office, comity).replay()
    assert code == 0, (found, err)
    assert [one["same"] for one in found] == [2, 1, 1]


def test_the_search_is_repeated_and_only_in_the_registry_of_then(clerk: Clerk) -> None:
    """How many candidates there were does not follow from the evidence, only from a search."""
    clerk.tamper(1, lambda dossier: dossier["match"].update(candidates=7))
    code, (batch,), _ = clerk.replay()
    assert (code, batch["searched"], batch["different"]) == (1, 2, 1)
    (listed,) = batch["listed"]
    assert any(what.startswith("search: ") for what in listed["what"])

    clerk.office.build(dict(PERSON, person_id="P7"))
    clerk.office.exchange.close()
    code, (batch,), _ = clerk.replay()
    (listed,) = batch["listed"]
    assert (batch["matches"], batch["searched"]) == (2, 0)
    assert not any(what.startswith("search: ") for what in listed["what"])
    shown = clerk.comity(
        *("audit", "replay", "--exchange", clerk.place, "--as", "irs-disclosure-1"),
        *("--key", clerk.office.cast.signing_key("irs-disclosure-1")),
    )
    assert "searched again for 0 of 2 matches" in shown.out


def test_with_a_crew_it_says_the_same(clerk: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes of their own, a row at a time: counts, order and what differs are the same."""
    clerk.tamper(2, lambda dossier: dossier["request"].update(street="1 Elm St"))
    clerk.tamper(1, lambda dossier: dossier["match"].update(candidates=7))
    alone = clerk.replay()
    monkeypatch.setattr(replaying, "_ALONE", 0)
    monkeypatch.setattr(replaying, "_AT_A_TIME", 1)
    together = clerk.replay()
    assert together[:2] == alone[:2]
    assert [one["request"] for one in together[1][0]["listed"]] == [f"{BATCH}/1", f"{BATCH}/2"]
