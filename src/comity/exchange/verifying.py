"""Verifying a log from its files alone: no database, no exchange, no secret.

A stranger with a copy of the folder, or the address where it is published, and the log's published
key comes to the same answer as the holder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from comity.core.clock import Clock, SystemClock
from comity.core.errors import LedgerError, UsageError
from comity.exchange.handed import read_handed
from comity.exchange.http_log import HttpLog, is_url
from comity.ledger.checkpoint import Checkpoint
from comity.ledger.entry import Entry
from comity.ledger.note import NoteVerifier
from comity.ledger.policy import MAX_BYTES, Policy, Standing
from comity.ledger.reading import Place
from comity.ledger.tiles import ENTRIES, WIDTH, Tile
from comity.ledger.verify import verify
from comity.oversight.accounting import Accounting

KEY_FILE = "log.vkey"
"""The file in the exchange's folder (or a log's own) that holds the log's verifier key."""

ADOPTED = "witnesses.adopted"
"""The entry that a policy for witnesses is adopted with; its body has the whole text."""

_MAX_KEY = 4_096


@dataclass(frozen=True)
class Verified:
    """A log that verifies: its checkpoint (`note`: verbatim), the entries of each type, the
    requests received and in each status (R31), and how many tiles reach past the checkpoint (None:
    not known; see `Verification`); how it stands under the policy for witnesses that it states."""

    checkpoint: Checkpoint
    note: bytes
    types: Mapping[str, int]
    totals: Mapping[str, int]
    beyond: int | None
    policy: StatedPolicy | None = None


@dataclass(frozen=True)
class StatedPolicy:
    """The policy for witnesses that the log itself says is in force, the number of that entry, and
    how the checkpoint stands under it."""

    entry: int
    standing: Standing


def verify_log(log: Place, verifier_key: str, clock: Clock | None = None) -> Verified:
    """Verify the log in a folder that holds `checkpoint` and `tile/`, or on a server.

    Raises LedgerError, naming the file, if anything was altered, cut, lost or put in; and, for a
    log that is whole and signed, if its own entries do not add up."""
    verifier = NoteVerifier.parse(verifier_key)
    books = _Books()
    try:
        found = verify(log, verifier, books.take)
        if books.fault is not None:
            raise books.fault
        stated = books.stated(found.note, verifier, clock or SystemClock())
    except LedgerError as error:
        where = f"{log}/{error.where}" if error.where else str(log)
        raise LedgerError(error.what, where=where, cure=error.cure) from None
    return Verified(
        found.checkpoint,
        found.note,
        found.types,
        books.accounting.totals(),
        found.beyond,
        stated,
    )


def demand(
    policy: Path, note: bytes, verifier: NoteVerifier, clock: Clock | None = None
) -> Mapping[str, int]:
    """The witnesses that cosigned a checkpoint, and when (seconds since 1970).

    Raises QuorumError unless they are the quorum of the policy in this file, LedgerError where a
    signature does not verify, UsageError where the file cannot be read."""
    data = read_handed(policy, "policy", MAX_BYTES)
    try:
        asked = Policy.parse(data)
    except LedgerError as error:
        where = f"{policy}, {error.where}" if error.where else str(policy)
        raise UsageError(error.what, where=where, cure=error.cure) from None
    now = int((clock or SystemClock()).now().timestamp())
    return asked.demand(note, now, verifier).witnesses


def check_key(verifier_key: str) -> None:
    """Raise UsageError unless the key that came with the call is a verifier key."""
    try:
        NoteVerifier.parse(verifier_key)
    except LedgerError as error:
        raise UsageError(error.what, where="--log-key", cure=error.cure) from None


def log_place(text: str) -> Place:
    """The log that a call names: an http(s) address, or a folder (see `log_folder`)."""
    return HttpLog(text) if is_url(text) else log_folder(Path(text))


def log_folder(directory: Path) -> Path:
    """The log's folder: this one, or the `log` of an exchange. Raises UsageError for neither."""
    if (directory / "log").is_dir():
        return directory / "log"
    if (directory / "checkpoint").exists() or (directory / "tile").exists():
        return directory
    raise UsageError(
        "There is no log here.",
        where=str(directory),
        cure="Name a folder that holds `checkpoint` and `tile`, or an exchange's folder.",
    )


def key_for(log: Place) -> tuple[str, Path]:
    """`key_beside` of a folder. Raises UsageError for a server: what it would send along as its
    own key shows nothing."""
    if isinstance(log, Path):
        return key_beside(log)
    raise UsageError(
        "The log's key is not known.",
        where=str(log),
        cure="Give the verifier key that the holder published with --log-key.",
    )


def key_beside(log: Path) -> tuple[str, Path]:
    """The verifier key that lies in the log's folder or beside it, and in which file.

    It comes from the same hand as the log, so it shows only that the two belong together. Raises
    UsageError where there is none, LedgerError where the file holds none."""
    for path in (log / KEY_FILE, log.absolute().parent / KEY_FILE):
        try:
            with path.open("rb") as file:
                found = file.read(_MAX_KEY).decode("utf-8", "replace").strip()
            return str(NoteVerifier.parse(found)), path
        except FileNotFoundError:
            continue
        except OSError as error:
            raise UsageError(
                f"The log's key cannot be read ({error.strerror}).",
                where=str(path),
                cure="Give it with --log-key.",
            ) from None
        except LedgerError as error:
            raise LedgerError(error.what, where=str(path), cure="Give it with --log-key.") from None
    raise UsageError(
        "The log's key is not known.",
        where=str(log),
        cure="Give the verifier key that the holder published with --log-key.",
    )


class _Books:
    """Accounts until something does not add up, and keeps that for the end: while the hashes are
    still being compared, an altered file is the likelier reason, and is named first."""

    def __init__(self) -> None:
        self.accounting = Accounting()
        self.fault: LedgerError | None = None
        self._policy: tuple[int, str] | None = None

    def stated(self, note: bytes, verifier: NoteVerifier, clock: Clock) -> StatedPolicy | None:
        """How the checkpoint stands under the last policy that the log says was adopted."""
        if self._policy is None:
            return None
        number, text = self._policy
        now = int(clock.now().timestamp())
        try:
            policy = Policy.parse(text.encode("utf-8", "surrogatepass"))
        except LedgerError as error:
            raise LedgerError(
                f"Entry {number} adopts what is no policy for witnesses.",
                where=Tile(ENTRIES, number // WIDTH).path,
                cure=error.cure,
            ) from None
        return StatedPolicy(number, policy.assess(note, now, verifier))

    def take(self, number: int, entry: Entry) -> None:
        if entry.type == ADOPTED:
            self._policy = number, str(entry.body.get("policy"))
        if self.fault is None:
            try:
                self.accounting.take(number, entry)
            except LedgerError as error:
                where = Tile(ENTRIES, number // WIDTH).path
                self.fault = LedgerError(error.what, where=where, cure=error.cure)
