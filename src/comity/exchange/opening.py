"""Making an exchange and opening it: the folder, the database, the log, the lock."""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import filelock

from comity.core.clock import Clock, SystemClock
from comity.core.errors import ConflictError, LedgerError, UsageError
from comity.core.statement import encode_public_key
from comity.exchange import destroying
from comity.exchange.keyring import FileKeyProvider, KeyProvider
from comity.exchange.record import Recorder
from comity.ledger.note import NoteSigner
from comity.ledger.publish import Ledger
from comity.store import acts
from comity.store.database import Database

FORMAT = 1
LOG_KEY, PACKAGE_KEY = "log.vkey", "package.key"
"""Files with the public keys that others need: of the log, and of the signature on packages."""
_CONFIG = "exchange.json"


@dataclass(frozen=True)
class Settings:
    """What an exchange is: who holds, who requests, and the name of its log."""

    holder: str
    requester: str
    origin: str
    database: str = "sqlite"

    def to_text(self) -> str:
        """The configuration file."""
        return json.dumps({"format": FORMAT, **self.__dict__}, indent=2) + "\n"


class Exchange:
    """An open exchange. Use cases take it as their first argument."""

    def __init__(
        self, directory: Path, settings: Settings, keys: KeyProvider, clock: Clock
    ) -> None:
        self.directory = directory
        self.settings = settings
        self.keys = keys
        self.clock = clock
        url = settings.database
        self.database = Database(f"sqlite:///{directory / 'comity.db'}" if url == "sqlite" else url)
        self.log = Ledger(directory / "log", settings.origin)
        self.caught_up = False
        """Whether the present command found work of a stopped one to finish (see `writing`)."""

    @property
    def registry_path(self) -> Path:
        """Where the registry's index stands."""
        return self.directory / "registry"

    @property
    def package_path(self) -> Path:
        """Where packages are put for delivery."""
        return self.directory / "packages"

    @property
    def log_verifier_key(self) -> str:
        """The log's public key in the form of C2SP signed notes, `NAME+HASH+KEY`."""
        return str(NoteSigner(self.settings.origin, self.keys.log_signer()).verifier)

    @property
    def package_verifier_key(self) -> str:
        """The public key of the holder's signature on packages, `ed25519:…`."""
        return encode_public_key(self.keys.package_signer().public_key())

    @cached_property
    def _pseudonym_key(self) -> bytes:
        return self.keys.derived("pseudonyms")

    def pseudonym(self, kind: str, value: str) -> str:
        """HMAC-SHA-256 of a value derived from a person, under the exchange's key (64 hex)."""
        text = f"{kind}\x00{value}".encode()
        return hmac.new(self._pseudonym_key, text, sha256).hexdigest()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Sole use of the exchange, and afterwards a checkpoint over whatever was recorded. What a
        stopped command left to be finished is finished first.

        Raises ConflictError if another process has it."""
        lock = filelock.FileLock(self.directory / "lock", timeout=0)
        try:
            lock.acquire()
        except filelock.Timeout:
            raise ConflictError(
                "Another comity process is at work on this exchange.",
                where=str(self.directory),
                cure="Wait until it has finished, then run the same command again.",
            ) from None
        try:
            self.caught_up = self.publish()
            destroying.finish(self.database, self.keys, self.package_path)
            yield
            self.publish()
        finally:
            lock.release()

    @contextmanager
    def recording(self) -> Iterator[Recorder]:
        """One transaction, in which acts and their log entries are written together."""
        with self.database.transaction() as connection:
            recorder = Recorder(connection, self.keys, self.clock)
            yield recorder
            recorder.flush()

    def publish(self) -> bool:
        """Bring tiles and checkpoint up to the entries in the database, and put packages that
        were recorded but not yet written (after a crash) in their place; says whether there was
        anything to do.

        Acts of the holder's officers wait for an entry of another kind (see OFFICE_ACT). Raises
        LedgerError if the database is not the one that the log was published from."""
        with self.database.reading() as connection:
            first = self.log.size()
            if first and acts.entry(connection, first - 1) != self.log.last_entry():
                raise LedgerError(
                    "The database is not the one that the published log was made from: an older "
                    "one was put back, or its entries were changed.",
                    where=str(self.directory),
                    cure="Do not go on with it; restore the newest backup, and tell the inspector.",
                )
            entries = acts.has_public(connection, first)
            if entries:
                signer = NoteSigner(self.settings.origin, self.keys.log_signer())
                self.log.publish(acts.entries_from(connection, first), first=first, signer=signer)
            packages = self._put_packages(acts.package_digests(connection))
        return entries or packages > 0

    def _put_packages(self, known: dict[str, str]) -> int:
        put = 0
        for package in known:
            path = self.package_path / f"{package}.comity"
            if path.exists():
                continue
            self.package_path.mkdir(exist_ok=True)
            with self.database.reading() as connection:
                content = acts.package_content(connection, package)
            partial = path.with_suffix(".partial")
            with partial.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            partial.rename(path)
            put += 1
        return put

    def close(self) -> None:
        """Let the database go."""
        self.database.close()


def create(directory: Path, settings: Settings, clock: Clock | None = None) -> Exchange:
    """Make a new exchange in an empty or new folder. Raises UsageError if one stands there."""
    if (directory / _CONFIG).exists():
        raise UsageError(
            "An exchange stands here already.",
            where=str(directory),
            cure="Name another folder, or use this one with --exchange.",
        )
    keys = FileKeyProvider(directory / "keys")
    try:
        directory.mkdir(parents=True, exist_ok=True)
        keys.create()
    except OSError as error:
        raise UsageError(
            f"The exchange cannot be made here ({error.strerror}).",
            where=str(directory),
            cure="Name a new or empty folder on a disk that can be written to.",
        ) from None
    exchange = Exchange(directory, settings, keys, clock or SystemClock())
    exchange.database.migrate()
    with exchange.database.reading() as connection:
        opened = acts.entry_count(connection) > 0
    if not opened:
        with exchange.recording() as recorder:
            recorder.record(
                "exchange.opened",
                {
                    "origin": settings.origin,
                    "holder": settings.holder,
                    "requester": settings.requester,
                },
            )
    (directory / LOG_KEY).write_text(exchange.log_verifier_key + "\n")
    (directory / PACKAGE_KEY).write_text(exchange.package_verifier_key + "\n")
    partial = directory / f"{_CONFIG}.partial"
    partial.write_text(settings.to_text())
    partial.rename(directory / _CONFIG)
    with exchange.writing():
        pass
    return exchange


def open_exchange(directory: Path, clock: Clock | None = None) -> Exchange:
    """Open an exchange. Raises UsageError where none stands."""
    try:
        stored = json.loads((directory / _CONFIG).read_text("utf-8"))
        if stored.pop("format") != FORMAT:
            raise ValueError
        settings = Settings(**stored)
    except FileNotFoundError:
        raise UsageError(
            "There is no exchange here.",
            where=str(directory),
            cure="Make one with `comity init DIR`, or name another with --exchange DIR.",
        ) from None
    except (ValueError, KeyError, TypeError):
        raise UsageError(
            "The exchange's configuration cannot be read.",
            where=str(directory / _CONFIG),
            cure="Restore it from the backup.",
        ) from None
    exchange = Exchange(
        directory, settings, FileKeyProvider(directory / "keys"), clock or SystemClock()
    )
    exchange.database.migrate()
    return exchange
