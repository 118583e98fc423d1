"""Recording acts: log entry, sealed payload and data key, in the transaction of the act."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from comity.core.canonical import Json, canonical, digest
from comity.core.clock import Clock, stamp
from comity.core.errors import ConflictError
from comity.ledger.entry import Entry, commitment, encode_alike
from comity.store import acts, cases
from comity.store.sealing import (
    OWN,
    DataKey,
    KeyEncryptionKeys,
    SealedPayloads,
    context_of,
    new_data_key,
    new_salt,
    seal,
    unwrap_data_key,
)

OFFICE_ACT = "office.acted"
"""The public type of whatever officers of the holder do with single cases: looking, deciding,
closing a batch. It must not tell the requester which of its requests the registry knows: one entry
an act, however many cases it touches; its public time is that of the entry before it (the true one
is sealed); and it is published together with the next entry of another kind (see
Exchange.publish)."""

COVER = 16
"""Acts of officers between two entries of other kinds: this many, or a multiple of it. Entries that
cover nothing fill them up, and stand there for none as long as a batch is open."""


@dataclass(frozen=True)
class Recorded:
    """Where an act stands in the log, and what commits to its payload."""

    number: int
    commitment: str | None
    at: str


class Recorder:
    """Numbers entries and gathers what belongs to them; `flush` writes all of it.

    Only one transaction writes at a time (the database's write lock), so numbers have no gaps."""

    def __init__(self, connection: sa.Connection, keys: KeyEncryptionKeys, clock: Clock) -> None:
        self.connection = connection
        self._keys = keys
        self._clock = clock
        self._next = acts.entry_count(connection)
        self._shown = _time_of(acts.entry(connection, self._next - 1))
        self._covered = False
        self._data_keys: dict[str, DataKey] = {}
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
        parts: Mapping[str, Json] | None = None,
    ) -> Recorded:
        """Append an entry; `payload` (if any) is sealed behind its commitment.

        The data key is that of `key_name`, a request's handle, or a new one of the entry's own.
        `parts` are further payloads by the handle of the request that each is about, sealed under
        that request's key: how many there are does not show in the entry.

        Raises ConflictError where the key of a request was destroyed."""
        office = type == OFFICE_ACT
        if not office and not self._covered:
            self._cover()
        number, at = self._next, stamp(self._clock.now())
        self._next += 1
        if office and isinstance(payload, Mapping):
            payload = {**payload, "at": at}
        else:
            self._shown = at
        committed = None
        if payload is not None:
            committed = self._seal(number, key_name, payload)
        if parts is not None:
            sealed = {name: self._seal(number, name, part) for name, part in parts.items()}
            listed = [committed, *(sealed[name] for name in sorted(sealed))]
            committed = digest({"parts": listed})
        entry = Entry(type, self._shown, agreement, request, committed, dict(body))
        self._entries.append({"number": number, "body": entry.encode(), "office": office})
        return Recorded(number, committed, at)

    def record_many(
        self,
        type: str,
        bodies: Sequence[Mapping[str, Json]],
        sealed: SealedPayloads,
        *,
        kek: str,
        agreement: str | None = None,
    ) -> str:
        """Append and write the first entries about many requests, one for each, whose payloads are
        sealed already (see `seal_many`, and `first_numbers` for the numbers) under the
        key-encryption key of the name `kek`. Returns the time that they bear, which is one: they
        are one act.

        Raises ConflictError where the log has gone on meanwhile, so that the numbers that were
        sealed are not the next ones; ValueError for another number of bodies."""
        if type == OFFICE_ACT:
            raise ValueError("acts of officers are recorded one by one")
        if not self._covered:
            self._cover()
        first, self._shown = self._next, stamp(self._clock.now())
        if list(sealed.numbers) != list(range(first, first + len(sealed))):
            raise ConflictError(
                "Other entries came into the log while these were being prepared.",
                cure="Nothing was recorded; run the same command again, and it goes on.",
            )
        encoded = encode_alike(
            type, self._shown, agreement, bodies, sealed.names, sealed.commitments
        )
        self.flush()
        acts.insert_sealed(self.connection, encoded, sealed, kek)
        self._next += len(sealed)
        return self._shown

    def _cover(self) -> None:
        """Fill the officers' acts before the first other entry of this transaction up."""
        self._covered = True
        acted = acts.trailing_office_acts(self.connection) + len(self._entries)
        for _ in range(_fill(acted, open_batch=cases.any_judged(self.connection))):
            self.record(OFFICE_ACT, {}, payload={"act": "none"})

    def flush(self) -> None:
        """Write everything recorded so far."""
        acts.insert(self.connection, self._entries, self._new_keys, self._payloads)
        self._entries, self._new_keys, self._payloads = [], [], []

    def _seal(self, number: int, request: str | None, payload: Json) -> str:
        """Keep a sealed payload of entry `number`; returns what commits to it."""
        salt, data = new_salt(), canonical(payload)
        made = commitment(salt, data)
        name = request or f"act/{number}"
        key = self._new_key(name) if request is None else self._key(request)
        sealed = seal(key.key, salt, data, context=context_of(name, number))
        row = {"entry": number, "key_name": name, "sealed": sealed, "commitment": made}
        self._payloads.append(row)
        return made

    def _new_key(self, name: str) -> DataKey:
        made = new_data_key(self._keys.kek(OWN))
        self._new_keys.append({"name": name, "wrapped": made.wrapped, "kek": OWN})
        return made

    def _key(self, request: str) -> DataKey:
        if request not in self._data_keys:
            found = acts.wrapped_key(self.connection, request)
            if found is None:
                raise ConflictError(
                    f"Nothing can be sealed about request {request} any more.",
                    cure="Its key was destroyed by disposal.",
                )
            kek, wrapped = found
            self._data_keys[request] = unwrap_data_key(self._keys.kek(kek), wrapped)
        return self._data_keys[request]


def first_numbers(connection: sa.Connection, sizes: Iterable[int]) -> list[int]:
    """The number that the first entry of each coming transaction will have, if each records this
    many entries about requests (`record_many`) and nothing else is recorded meanwhile.

    With them payloads can be sealed before it is their turn, in other processes."""
    number = acts.entry_count(connection)
    acted = acts.trailing_office_acts(connection)
    open_batch = cases.any_judged(connection)
    numbers: list[int] = []
    for size in sizes:
        number += _fill(acted, open_batch=open_batch)
        numbers.append(number)
        number, acted = number + size, 0
    return numbers


def _fill(acted: int, *, open_batch: bool) -> int:
    """How many entries that cover nothing follow this many acts of officers (see COVER)."""
    if acted == 0:
        return COVER if open_batch else 0
    return -acted % COVER


def _time_of(entry: bytes | None) -> str:
    return "" if entry is None else Entry.parse(entry).at
