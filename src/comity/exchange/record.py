"""Recording acts: log entry, sealed payload and data key, in the transaction of the act."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from comity.core.canonical import Json
from comity.core.clock import Clock, stamp
from comity.ledger.entry import Entry, commitment
from comity.store import acts
from comity.store.sealing import DataKey, new_data_key, new_salt, seal, unwrap_data_key


@dataclass(frozen=True)
class Recorded:
    """Where an act stands in the log, and what commits to its payload."""

    number: int
    commitment: str | None
    at: str


class Recorder:
    """Numbers entries and gathers what belongs to them; `flush` writes all of it.

    Only one transaction writes at a time (the database's write lock), so numbers have no gaps."""

    def __init__(self, connection: sa.Connection, kek: bytes, clock: Clock) -> None:
        self.connection = connection
        self._kek = kek
        self._clock = clock
        self._next = acts.entry_count(connection)
        self._keys: dict[str, DataKey] = {}
        self._entries: list[dict[str, object]] = []
        self._payloads: list[dict[str, object]] = []
        self._new_keys: list[dict[str, object]] = []

    def record(
        self,
        type: str,
        body: Mapping[str, Json],
        *,
        agreement: str | None = None,
        request: str | None = None,
        payload: Json = None,
        key_name: str | None = None,
        new_key: bool = False,
    ) -> Recorded:
        """Append an entry; `payload` (if any) is sealed behind its commitment.

        The data key is that of `key_name` (a request's handle; `new_key` where this is the first
        act about it), or one of the entry's own."""
        number, at = self._next, stamp(self._clock.now())
        self._next += 1
        committed = None
        if payload is not None:
            name = key_name or f"act/{number}"
            salt = new_salt()
            committed = commitment(salt, payload)
            key = self._key(name, fresh=new_key or key_name is None)
            sealed = seal(key.key, salt, payload, context=f"{name}#{number}")
            self._payloads.append({"entry": number, "key_name": name, "sealed": sealed})
        entry = Entry(type, at, agreement, request, committed, dict(body))
        self._entries.append({"number": number, "body": entry.encode()})
        return Recorded(number, committed, at)

    def flush(self) -> None:
        """Write everything recorded so far."""
        acts.insert(self.connection, self._entries, self._new_keys, self._payloads)
        self._entries, self._new_keys, self._payloads = [], [], []

    def _key(self, name: str, *, fresh: bool) -> DataKey:
        if name not in self._keys:
            wrapped = None if fresh else acts.wrapped_key(self.connection, name)
            if wrapped is not None:
                self._keys[name] = unwrap_data_key(self._kek, wrapped)
            else:
                self._keys[name] = made = new_data_key(self._kek)
                self._new_keys.append({"name": name, "wrapped": made.wrapped})
        return self._keys[name]
