"""Verifying a log from its folder alone: no database, no exchange, no secret.

Everything is read from the files, so a stranger with a copy of the folder and the log's published
key comes to the same answer as the holder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from comity.core.errors import LedgerError, UsageError
from comity.ledger.checkpoint import Checkpoint
from comity.ledger.entry import Entry
from comity.ledger.note import NoteVerifier
from comity.ledger.tiles import ENTRIES, WIDTH, Tile
from comity.ledger.verify import verify
from comity.oversight.accounting import Accounting

KEY_FILE = "log.vkey"
"""The file in the exchange's folder (or a log's own) that holds the log's verifier key."""

_MAX_KEY = 4_096


@dataclass(frozen=True)
class Verified:
    """A log that verifies: its checkpoint, the entries of each type, the requests received and in
    each status (R31), and how many tiles reach past the checkpoint (see `Verification`)."""

    checkpoint: Checkpoint
    types: Mapping[str, int]
    totals: Mapping[str, int]
    beyond: int


def verify_log(directory: Path, verifier_key: str) -> Verified:
    """Verify the log in a folder that holds `checkpoint` and `tile/`.

    Raises LedgerError, naming the file, if anything was altered, cut, lost or put in; and, for a
    log that is whole and signed, if its own entries do not add up."""
    verifier = NoteVerifier.parse(verifier_key)
    books = _Books()
    try:
        found = verify(directory, verifier, books.take)
        if books.fault is not None:
            raise books.fault
    except LedgerError as error:
        where = str(directory / error.where) if error.where else str(directory)
        raise LedgerError(error.what, where=where, cure=error.cure) from None
    return Verified(found.checkpoint, found.types, books.accounting.totals(), found.beyond)


def check_key(verifier_key: str) -> None:
    """Raise UsageError unless the key that came with the call is a verifier key."""
    try:
        NoteVerifier.parse(verifier_key)
    except LedgerError as error:
        raise UsageError(error.what, where="--log-key", cure=error.cure) from None


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

    def take(self, number: int, entry: Entry) -> None:
        if self.fault is None:
            try:
                self.accounting.take(number, entry)
            except LedgerError as error:
                where = Tile(ENTRIES, number // WIDTH).path
                self.fault = LedgerError(error.what, where=where, cure=error.cure)
