"""From an act to a published checkpoint: the model gone through, and the real code beside it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

import pytest
from benchmarks.crash_disk import Disk, KilledError, read_tree, write_tree
from benchmarks.sequencer_model import Found, Protocol, go_through
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from comity.core.errors import ConflictError, LedgerError
from comity.exchange.opening import Exchange, Settings, create, open_exchange
from comity.exchange.verifying import verify_log
from comity.ledger.checkpoint import Checkpoint, open_checkpoint
from comity.ledger.entry import Entry
from comity.ledger.merkle import verify_consistency
from comity.ledger.note import NoteSigner
from comity.ledger.proof import consistency_proof
from comity.store import acts

POWER: dict[str, Any] = {"acts": 2, "kills": 2, "losses": 1}
OLDER: dict[str, Any] = {"acts": 2, "kills": 2, "restores": 1}
BOTH: dict[str, Any] = {"acts": 2, "kills": 1, "losses": 1, "restores": 1}
WITNESSED = Protocol(witnesses=True, keeps_what_it_signed=True)


@pytest.mark.parametrize("protocol", [Protocol(), WITNESSED])
@pytest.mark.parametrize("around", [POWER, OLDER])
def test_no_state_that_can_be_reached_is_wrong(protocol: Protocol, around: dict[str, Any]) -> None:
    found = go_through(protocol, **around)
    assert not found.wrong, found
    assert found.states > 10_000


@pytest.mark.parametrize(
    ("left_out", "around", "what"),
    [
        ("entry_with_its_act", POWER, "an act has no entry"),
        ("numbered_in_transaction", POWER, "numbers have gaps or are doubled"),
        ("looks_before_repeating", POWER, "an act is recorded twice"),
        ("acknowledged_after_commit", POWER, "an act has no entry"),
        ("publishes_alone", POWER, "before its checkpoint|shorter than one that was seen"),
        ("tiles_before_checkpoint", POWER, "names tiles that are not there"),
        ("flushes_tiles", POWER, "names tiles that would not survive"),
        ("whole_checkpoint", POWER, "not whole"),
        ("compares", OLDER, "names tiles that are not there|contradicts"),
        ("packages_last", POWER, "a package went out before"),
    ],
)
def test_each_care_is_needed(left_out: str, around: dict[str, Any], what: str) -> None:
    """Without it the model reaches a state that must not be, and says how."""
    found = go_through(Protocol(**{left_out: False}), **around)
    assert found.trace and any(found.wrong in one or one in found.wrong for one in what.split("|"))


def test_witnesses_need_what_was_signed_to_be_kept() -> None:
    """Shown to a witness, killed before it was in place, an older database put back: the next
    checkpoint would contradict what the witness saw."""
    found = go_through(Protocol(witnesses=True), **OLDER)
    assert found.wrong == "a checkpoint contradicts one that was seen"
    assert not go_through(WITNESSED, **BOTH).wrong


def test_what_is_out_of_reach_without_witnesses() -> None:
    """The power takes back a checkpoint that somebody saw and, before it is published again, an
    older database is put back."""
    found: Found = go_through(Protocol(), **BOTH)
    assert found.wrong == "a checkpoint contradicts one that was seen"
    assert {"the power goes", "the older database is put back"} < set(found.trace)


# The real exchange, its file operations followed, beside the few words that the model has for it.

ORIGIN = "log.example/x"


@contextmanager
def killed(disk: Disk, after: int | None) -> Iterator[None]:
    """So many file operations of the log happen; None: all."""
    disk.stop = None if after is None else len(disk.done) + after
    with disk.recorded(), suppress(KilledError):
        yield
    disk.stop = None


class RealExchange(RuleBasedStateMachine):
    """Acts, kills, losses of power and older databases, in any order."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.place = Path(self.folder.name) / "exchange"
        shutil.copytree(self.template, self.place)
        self.one, self.other = open_exchange(self.place), open_exchange(self.place)
        self.key = NoteSigner(ORIGIN, self.one.keys.log_signer()).verifier
        self.disk = Disk(self.place / "log")
        self.disk.take(read_tree(self.disk.root))
        self.recorded, self.made = 1, 0
        self.seen: Checkpoint | None = None
        self.power_went = False
        self.backup: tuple[int, Path] | None = None

    def teardown(self) -> None:
        self.one.close()
        self.other.close()
        self.folder.cleanup()

    def entries(self, exchange: Exchange) -> list[Entry]:
        with exchange.database.reading() as connection:
            return [Entry.parse(body) for body in acts.entries_from(connection, 0)]

    @rule(first=st.booleans(), after=st.none() | st.integers(0, 30), count=st.integers(1, 300))
    def act(self, first: bool, after: int | None, count: int) -> None:
        """A process records acts and publishes them, or is killed while it publishes."""
        exchange = self.one if first else self.other
        with killed(self.disk, after), exchange.writing():
            with exchange.recording() as recorder:
                for number in range(count):
                    recorder.record("act.made", {"act": self.made + number})
            self.made += count
            self.recorded += count
        found = self.entries(self.one)
        assert len(found) == self.recorded
        if after is None:
            assert self.checkpoint().size == self.recorded

    @rule()
    def both_at_once(self) -> None:
        """The lock lets one in."""
        with (
            killed(self.disk, None),
            self.one.writing(),
            pytest.raises(ConflictError),
            self.other.writing(),
        ):
            raise AssertionError

    @precondition(lambda self: len(self.disk.done) > 0)
    @rule(choice=st.integers(0, 89))
    def power(self, choice: int) -> None:
        """The log is left as the loss of power may leave it; the database survives it."""
        states = list(self.disk.states(90, choice))
        tree = states[choice % len(states)]
        shutil.rmtree(self.disk.root)
        write_tree(self.disk.root, tree)
        self.disk.take(tree)
        self.power_went = True

    @rule()
    def copy_the_database(self) -> None:
        self.one.close()
        self.other.close()
        target = Path(mkdtemp(dir=self.folder.name)) / "comity.db"
        for file in self.place.glob("comity.db*"):
            shutil.copy(file, target.parent / file.name)
        self.backup = (self.recorded, target)

    @precondition(lambda self: self.backup is not None)
    @rule()
    def put_an_older_database_back(self) -> None:
        """Whatever the published log has more is missed; then the newest is put back."""
        assert self.backup is not None
        count, copy = self.backup
        self.one.close()
        self.other.close()
        newest = Path(mkdtemp(dir=self.folder.name))
        for file in self.place.glob("comity.db*"):
            shutil.move(file, newest / file.name)
        for file in copy.parent.iterdir():
            shutil.copy(file, self.place / file.name)
        if self.checkpoint().size > count:
            before = (self.place / "log/checkpoint").read_bytes()
            with pytest.raises(LedgerError, match="not the one"), self.one.writing():
                raise AssertionError
            assert (self.place / "log/checkpoint").read_bytes() == before
        self.one.close()
        for file in self.place.glob("comity.db*"):
            file.unlink()
        for file in newest.iterdir():
            shutil.move(file, self.place / file.name)

    def checkpoint(self) -> Checkpoint:
        return open_checkpoint((self.place / "log/checkpoint").read_bytes(), self.key)

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        found = self.entries(self.one)
        acted = [entry.body["act"] for entry in found if entry.type == "act.made"]
        assert acted == list(range(self.made))

    @invariant()
    def somebody_looks(self) -> None:
        """The log verifies, and continues what was seen; only the loss of power takes it back."""
        found = verify_log(self.place / "log", str(self.key)).checkpoint
        if self.seen is None or found.size > self.seen.size:
            earlier, later = self.seen or found, found
        else:
            assert found.size == self.seen.size or self.power_went
            earlier, later = found, self.seen
        if later is found:
            proof = consistency_proof(self.place / "log", earlier.size, later.size)
            assert verify_consistency(earlier.size, earlier.root, later.size, later.root, proof)
            self.seen, self.power_went = found, False


@pytest.fixture(scope="module", autouse=True)
def template(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A new exchange; each run begins with a copy."""
    folder = tmp_path_factory.mktemp("template") / "exchange"
    create(folder, Settings("us-irs", "us-ice", ORIGIN)).close()
    RealExchange.template = folder


TestRealExchange = RealExchange.TestCase
TestRealExchange.settings = settings(
    max_examples=30,
    stateful_step_count=12,
    phases=[Phase.generate],
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
