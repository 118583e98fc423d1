"""The exchange and its witnesses: without their quorum neither checkpoint nor package gets out."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
import urllib3
from tests.exchange.office import NOW, PERSON, REQUEST, Office, make_office
from tests.exchange.servers import running
from tests.exchange.witnesses import make_folder

from comity.core.clock import FixedClock
from comity.core.errors import (
    AuthorizationError,
    ConflictError,
    LedgerError,
    UsageError,
)
from comity.exchange import parties, witness_client
from comity.exchange.log_proofs import LogProofs, check_proof, disclosure_of
from comity.exchange.opening import Exchange, open_exchange
from comity.exchange.verifying import verify_log
from comity.exchange.witness_folder import WitnessFolder, create_witness
from comity.exchange.witnessed import POLICY
from comity.ledger.checkpoint import Checkpoint
from comity.ledger.note import parse_note
from comity.ledger.policy import Policy, QuorumError
from comity.ledger.publish import Ledger
from comity.review.decision import Verdict

Mood = Callable[[BaseHTTPRequestHandler, bytes], bool]


class Bench:
    """Witnesses whose servers can be made to behave badly: a mood takes a call and says whether it
    has answered it."""

    def __init__(self, folder: Path, office: Office, count: int) -> None:
        key = office.exchange.log_verifier
        self.folders = [make_folder(folder / f"w{n}", key) for n in range(count)]
        for one in self.folders:
            one._clock = office.clock
        self.moods: dict[int, Mood] = {}
        self.calls = [0] * count
        self.urls: list[str] = []

    def policy(self, quorum: str = "all", *, extra: str = "") -> bytes:
        """A policy in which each has its place; quorum is all, any or a number."""
        names = " ".join(f"w{n}" for n in range(len(self.folders)))
        lines = [
            f"witness w{n} {one.signer.verifier} {url}"
            for n, (one, url) in enumerate(zip(self.folders, self.urls, strict=True))
        ]
        return "\n".join([*lines, f"group g {quorum} {names}", "quorum g", extra]).encode()

    def stop(self, *which: int) -> None:
        """These do not answer any more."""
        self.moods |= dict.fromkeys(which, silent)

    def start(self, *which: int) -> None:
        """These behave again."""
        for number in which:
            self.moods.pop(number, None)

    def latest(self, number: int) -> int:
        """How many entries a witness cosigned last."""
        (watched,) = self.folders[number].watched()
        return watched.latest.size if watched.latest else 0

    def handler(self, number: int) -> type[BaseHTTPRequestHandler]:
        bench = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                bench.calls[number] += 1
                body = self.rfile.read(int(self.headers["Content-Length"]))
                mood = bench.moods.get(number)
                if mood is not None and mood(self, body):
                    return
                folder: WitnessFolder = bench.folders[number]
                answer = folder.witness().add_checkpoint(body)
                reply(self, answer.status, answer.body.encode(), answer.type)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


def reply(
    handler: BaseHTTPRequestHandler, status: int, body: bytes, kind: str = "text/plain"
) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def silent(handler: BaseHTTPRequestHandler, _body: bytes) -> bool:
    handler.close_connection = True
    handler.connection.close()
    return True


@contextmanager
def benched(folder: Path, office: Office, count: int) -> Iterator[Bench]:
    bench = Bench(folder, office, count)
    with ExitStack() as stack:
        for number in range(count):
            bench.urls.append(stack.enter_context(running(bench.handler(number))))
        yield bench


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return make_office(tmp_path / "office", PERSON)


@pytest.fixture
def bench(office: Office, tmp_path: Path) -> Iterator[Bench]:
    """Three witnesses, of which the exchange needs two."""
    with benched(tmp_path, office, 3) as made:
        adopt(office, made.policy("2"))
        yield made


def adopt(office: Office, policy: bytes, by: str | None = None) -> Policy:
    path = office.folder / "policy"
    path.write_bytes(policy)
    with office.exchange.writing():
        return parties.adopt_witnesses(
            office.exchange, path, office.credentials(by or office.cast.operator)
        )


def published(office: Office) -> Checkpoint:
    """The log's public checkpoint, which always stands under the policy."""
    found = office.exchange.log.checkpoint()
    assert found is not None
    return found


def packages(office: Office) -> list[Path]:
    """What was put out for delivery."""
    return sorted(office.exchange.package_path.glob("*.comity"))


def disclose(office: Office) -> None:
    """One request, approved and closed."""
    office.submit(REQUEST)
    office.decide(Verdict.APPROVE, "b000001/1")
    office.disclose()


def verified(office: Office) -> None:
    """The public log is whole, and its checkpoint has the quorum that the log itself states."""
    key = office.exchange.log_verifier_key
    found = verify_log(office.exchange.directory / "log", key, office.clock)
    assert found.policy is not None
    assert found.policy.standing.met


def test_a_policy_is_recorded_with_its_whole_text(office: Office, bench: Bench) -> None:
    assert office.exchange.waiting is None
    verified(office)
    entry = json.loads(office.exchange.log.last_entry() or b"")
    assert entry["type"] == "witnesses.adopted"
    assert entry["body"]["policy"].encode() == bench.policy("2")
    assert entry["body"]["officer"] == office.cast.operator
    assert [bench.latest(n) for n in range(3)] == [published(office).size] * 3


def test_with_the_quorum_answers_go_out_and_the_proof_carries_it(
    office: Office, bench: Bench, tmp_path: Path
) -> None:
    bench.stop(2)
    disclose(office)
    assert office.exchange.waiting is None
    assert len(packages(office)) == 1
    verified(office)
    key = office.exchange.log_verifier_key
    proofs = LogProofs(office.exchange.directory / "log", key)
    ((_, proof),) = proofs.of_entries(disclosure_of("b000001"))
    file = tmp_path / "p.tlog-proof"
    file.write_bytes(proof.encode())
    shown = check_proof(file, key, policy=office.exchange.directory / POLICY, clock=office.clock)
    assert set(shown.witnesses or ()) == {"w0", "w1"}
    (tmp_path / "strict").write_bytes(bench.policy("all"))
    with pytest.raises(QuorumError, match="Missing: w2"):
        check_proof(file, key, policy=tmp_path / "strict", clock=office.clock)


def test_without_the_quorum_nothing_gets_out_and_later_everything(
    office: Office, bench: Bench
) -> None:
    before = published(office)
    bench.stop(0, 1)
    disclose(office)
    waiting = office.exchange.waiting
    assert waiting is not None
    assert set(waiting.problems) == {"w0", "w1"}
    assert "comity ledger checkpoint" in waiting.message
    assert not packages(office)
    assert published(office) == before
    assert bench.latest(2) > before.size
    verified(office)

    bench.start(0)
    with office.exchange.writing():
        pass
    assert office.exchange.waiting is None
    assert len(packages(office)) == 1
    assert published(office).size > before.size
    verified(office)


def test_what_one_witness_saw_is_continued_never_contradicted(office: Office, bench: Bench) -> None:
    """Of each outage only one witness sees a checkpoint that is never published; all go on."""
    for turn in range(3):
        bench.start(0, 1, 2)
        bench.stop(*{0, 1, 2} - {turn})
        office.submit(dict(REQUEST, request_id=f"R{turn}", case_number=f"C-{turn}"))
        assert office.exchange.waiting is not None
    bench.start(0, 1, 2)
    with office.exchange.writing():
        pass
    assert office.exchange.waiting is None
    assert [bench.latest(n) for n in range(3)] == [published(office).size] * 3
    assert not any(one.forks() for one in bench.folders)
    verified(office)


def test_a_pending_checkpoint_does_not_grow_by_hidden_acts(office: Office, bench: Bench) -> None:
    """How often officers looked must not show: their acts wait for an entry of another kind, also
    while a checkpoint waits for witnesses."""
    bench.stop(0, 1)
    office.submit(REQUEST)
    pending = bench.latest(2)
    office.decide(Verdict.APPROVE, "b000001/1")
    bench.start(0, 1)
    with office.exchange.writing():
        pass
    assert office.exchange.waiting is None
    assert published(office).size == pending


def test_a_crash_between_signing_and_publishing_is_continued(
    office: Office, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = published(office)

    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    places: tuple[tuple[object, str], ...] = (
        (witness_client, "exchange_words"),
        (Ledger, "announce"),
        (Ledger, "extend"),
    )
    for place in places:
        with monkeypatch.context() as patched:
            patched.setattr(*place, crash)
            with pytest.raises(KeyboardInterrupt):
                office.submit(dict(REQUEST, case_number=f"C-{place[1]}"))
        assert published(office).size == before.size
    opened = open_exchange(office.exchange.directory, office.clock)
    with opened.writing():
        pass
    assert opened.waiting is None
    opened.close()
    assert [bench.latest(n) for n in range(3)] == [published(office).size] * 3
    verified(office)


def test_an_older_database_that_was_put_back_is_noticed(office: Office, bench: Bench) -> None:
    """What only a witness has seen counts, too: the pending checkpoint is contradicted by it."""
    copy = office.folder / "copy.db"
    office.exchange.close()
    shutil.copy(office.exchange.directory / "comity.db", copy)
    office.exchange = open_exchange(office.exchange.directory, office.clock)
    bench.stop(0, 1)
    office.submit(REQUEST)
    office.exchange.close()
    for beside in office.exchange.directory.glob("comity.db-*"):
        beside.unlink()
    shutil.copy(copy, office.exchange.directory / "comity.db")
    bench.start(0, 1)
    office.exchange = open_exchange(office.exchange.directory, office.clock)
    with pytest.raises(LedgerError, match="do not lead to the checkpoint that was signed last"):
        office.submit(dict(REQUEST, case_number="another"))
    (office.exchange.directory / "checkpoint.pending").unlink()
    office.submit(dict(REQUEST, case_number="another"))
    assert office.exchange.waiting is None, "two others are the quorum"
    assert office.exchange.alarmed == ("w2",), "but what the third has seen is told"
    assert list(bench.folders[2].directory.glob("evidence/*"))


def lie(status: int, body: bytes, kind: str = "text/plain") -> Mood:
    def mood(handler: BaseHTTPRequestHandler, _body: bytes) -> bool:
        reply(handler, status, body, kind)
        return True

    return mood


def redirect(handler: BaseHTTPRequestHandler, _body: bytes) -> bool:
    handler.send_response(307)
    handler.send_header("Location", "http://127.0.0.1:9/add-checkpoint")
    handler.send_header("Content-Length", "0")
    handler.end_headers()
    return True


def stale(office: Office) -> Mood:
    """Answers with the cosignature of what it cosigned before."""

    def mood(handler: BaseHTTPRequestHandler, _body: bytes) -> bool:
        note = parse_note(office.exchange.log.note() or b"")
        reply(handler, 200, "".join(s.line for s in note.signatures[1:]).encode())
        return True

    return mood


MOODS: dict[str, tuple[Mood, str]] = {
    "nothing": (lie(200, b""), "not a signed note"),
    "rubbish": (lie(200, b"\xff\x00" * 99), "not a signed note"),
    "no line of its own": (
        lie(200, "\u2014 other AAAAAAAAAAAA\n".encode()),
        "without a cosignature",
    ),
    "too much": (lie(200, b"x" * 100_000), "more than"),
    "unknown log": (lie(404, b""), "does not watch"),
    "no signature": (lie(403, b""), "does not accept"),
    "own fault": (lie(500, b"<h1>"), "answers 500"),
    "conflict without a size": (lie(409, b"many\n"), "without a size"),
    "conflict for ever": (lie(409, b"1\n"), "answers 409"),
    "negative size": (lie(409, b"-1\n"), "without a size"),
    "elsewhere": (redirect, "answers 307"),
    "hangs up": (silent, "not HTTP"),
}


@pytest.mark.parametrize("mood", MOODS)
def test_a_witness_that_misbehaves_does_not_count_and_stops_nobody(
    office: Office, bench: Bench, mood: str
) -> None:
    bench.moods[0], said = MOODS[mood]
    office.submit(REQUEST)
    assert office.exchange.waiting is None, "the other two are the quorum"
    bench.moods[1] = bench.moods[0]
    office.submit(dict(REQUEST, case_number="second"))
    waiting = office.exchange.waiting
    assert waiting is not None
    assert said in waiting.problems["w0"]
    assert not office.exchange.alarmed
    verified(office)


def test_an_old_cosignature_is_none_of_this_checkpoint(office: Office, bench: Bench) -> None:
    bench.moods |= {0: stale(office), 1: stale(office)}
    office.submit(REQUEST)
    waiting = office.exchange.waiting
    assert waiting is not None
    assert "does not verify" in waiting.problems["w0"]


def test_a_cosignature_from_the_future_does_not_count(office: Office, bench: Bench) -> None:
    for number in (0, 1):
        bench.folders[number]._clock = FixedClock(NOW + timedelta(days=2))
    office.submit(REQUEST)
    waiting = office.exchange.waiting
    assert waiting is not None
    assert "ahead of this machine's clock" in waiting.problems["w0"]


@pytest.mark.parametrize("answer", [lie(422, b""), lie(409, b"99999999\n")])
def test_a_witness_that_saw_another_history_is_an_alarm(
    office: Office, bench: Bench, answer: Mood
) -> None:
    bench.moods |= {0: answer, 1: answer}
    office.submit(REQUEST)
    waiting = office.exchange.waiting
    assert waiting is not None
    assert office.exchange.alarmed == ("w0", "w1")


def test_witnesses_are_asked_together_and_not_waited_for_without_end(
    office: Office, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = threading.Barrier(3, timeout=5)

    def meet(_handler: BaseHTTPRequestHandler, _body: bytes) -> bool:
        together.wait()
        return False

    bench.moods = dict.fromkeys(range(3), meet)
    office.submit(REQUEST)
    assert office.exchange.waiting is None

    def sleep(_handler: BaseHTTPRequestHandler, _body: bytes) -> bool:
        time.sleep(0.6)
        return True

    bench.moods = {0: sleep, 1: sleep}
    monkeypatch.setattr(witness_client, "PATIENCE", urllib3.Timeout(connect=1, read=0.1))
    begun = time.monotonic()
    office.submit(dict(REQUEST, case_number="second"))
    assert time.monotonic() - begun < 5
    waiting = office.exchange.waiting
    assert waiting is not None
    assert "in time" in waiting.problems["w0"]


def test_another_policy_takes_effect_with_its_entry(office: Office, bench: Bench) -> None:
    bench.stop(0, 1)
    office.submit(REQUEST)
    assert office.exchange.waiting is not None
    adopt(office, bench.policy("any"))
    assert office.exchange.waiting is None
    verified(office)
    with pytest.raises(ConflictError, match="in force already"):
        adopt(office, bench.policy("any"))
    bench.stop(2)
    adopt(office, b"quorum none\n")
    assert office.exchange.waiting is None
    office.submit(dict(REQUEST, case_number="second"))
    assert office.exchange.waiting is None
    verified(office)


def test_only_the_operator_adopts_and_the_attempt_is_recorded(office: Office, bench: Bench) -> None:
    with pytest.raises(AuthorizationError, match="which witnesses the log needs"):
        adopt(office, bench.policy("any"), by=office.cast.disclosure_officers[0])
    assert json.loads(office.exchange.log.last_entry() or b"")["type"] == "attempt.refused"


def test_a_policy_changed_by_hand_stops_everything(office: Office, bench: Bench) -> None:
    path = office.exchange.directory / POLICY
    good = path.read_bytes()
    for changed in (
        good.replace(b"group g 2", b"group g 1"),
        good.replace(b"# Adopted as entry ", b"# Adopted as entry 1"),
        good.split(b"\n", 1)[1],
        b"",
        b"quorum none\n",
        b"# Adopted as entry 0 of this exchange's log.\nquorum none\n",
    ):
        path.write_bytes(changed)
        with pytest.raises(LedgerError, match="not the one that was adopted"):
            office.submit(REQUEST)
    path.write_bytes(good)
    office.submit(REQUEST)


def test_a_policy_file_that_was_taken_away_shows_in_the_public_log(
    office: Office, bench: Bench
) -> None:
    (office.exchange.directory / POLICY).unlink()
    office.submit(REQUEST)
    key = office.exchange.log_verifier_key
    found = verify_log(office.exchange.directory / "log", key, office.clock)
    assert found.policy is not None
    assert not found.policy.standing.met


def test_a_crash_while_adopting_leaves_the_one_or_the_other(
    office: Office, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("comity.exchange.record.Recorder.flush", crash)
        with pytest.raises(KeyboardInterrupt):
            adopt(office, bench.policy("all"))
    assert in_force(office.exchange) == bench.policy("2").decode()
    with monkeypatch.context() as patched:
        patched.setattr(Exchange, "publish", lambda _self: False)
        adopt(office, bench.policy("any"))
    assert in_force(office.exchange) == bench.policy("any").decode()


def in_force(exchange: Exchange) -> str | None:
    from comity.exchange.witnessed import Witnesses

    with exchange.database.reading() as connection:
        found = Witnesses(exchange.directory, exchange.log_verifier).policy(connection)
    return None if found is None else found.text


@pytest.mark.parametrize(
    ("policy", "why"),
    [
        (b"rubbish\n", "line 1: This is not a policy"),
        (b"\xff\n", "not UTF-8"),
        (b"#" * 60_000 + b"\nquorum none\n", "more than 50,000 bytes"),
    ],
)
def test_what_cannot_be_a_policy_is_not_adopted(office: Office, policy: bytes, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        adopt(office, policy)
    assert not (office.exchange.directory / POLICY).exists()


def test_a_quorum_that_nobody_can_reach_is_not_adopted(office: Office, tmp_path: Path) -> None:
    key = make_folder(tmp_path / "w").signer.verifier
    with pytest.raises(UsageError, match="cannot be met"):
        adopt(office, f"witness w {key}\nquorum w\n".encode())
    with pytest.raises(UsageError, match="not the address"):
        adopt(office, f"witness w {key} gopher://x\nquorum w\n".encode())
    other = make_office(tmp_path / "other").exchange.log_verifier_key
    with pytest.raises(UsageError, match="lists other logs"):
        adopt(office, f"log {other}x\nquorum none\n".replace("x\n", "\n").encode())


def test_a_hostile_pending_file_is_not_continued(office: Office, bench: Bench) -> None:
    path = office.exchange.directory / "checkpoint.pending"
    for content in (b"", b"rubbish", office.exchange.log.note() or b""):
        path.write_bytes(content.replace(b"\n\n", b"\nx\n\n"))
        with pytest.raises(LedgerError):
            office.submit(dict(REQUEST, case_number=str(len(content))))
    path.unlink()
    with office.exchange.writing():
        pass
    assert office.exchange.waiting is None


def test_a_post_quantum_witness_counts_like_any(office: Office, tmp_path: Path) -> None:
    with benched(tmp_path, office, 1) as bench:
        quantum = create_witness(
            tmp_path / "q", "witness.example/q", post_quantum=True, clock=office.clock
        )
        quantum.trust(office.exchange.log_verifier)
        bench.folders[0] = quantum
        adopt(office, bench.policy("all"))
        disclose(office)
        assert office.exchange.waiting is None
        verified(office)
        bench.stop(0)
        office.submit(dict(REQUEST, case_number="second"))
        assert office.exchange.waiting is not None


def test_what_a_witness_is_shown_is_remembered_before(office: Office, bench: Bench) -> None:
    """So that neither a crash nor an older database makes the exchange sign another tree."""
    remembered: list[bool] = []
    path = office.exchange.directory / "checkpoint.pending"

    def look(_handler: BaseHTTPRequestHandler, body: bytes) -> bool:
        shown = parse_note(body.partition(b"\n\n")[2]).text
        remembered.append(path.exists() and parse_note(path.read_bytes()).text == shown)
        return False

    bench.moods = dict.fromkeys(range(3), look)
    office.submit(REQUEST)
    assert len(remembered) >= 3
    assert all(remembered)
    assert not path.exists(), "and forgotten once it is published"
