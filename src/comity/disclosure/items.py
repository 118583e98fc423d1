"""The items that may be disclosed. This is the one module that reads them.

They lie in a database of their own, encrypted under a key of its own (see identity.storage), and
come out only for a `Release`, which only the gate in `release.py` makes, and onto the envelopes of
an incident's letters for a `Mailing`, which only that in `mailing.py` makes. Whether one that went
out is still what the record gives can be asked; what the record gives instead is not said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb

from comity.agreement.model import Item
from comity.core.canonical import Json
from comity.core.errors import RegistryError
from comity.disclosure.mailing import Mailing
from comity.disclosure.release import Release
from comity.identity.opening import recorded_manifest
from comity.identity.storage import attach, connect, file_digest, items_path, seal

SOURCE = "the holder's registry, address as recorded"

_QUERY = """
SELECT person_id, street, unit, city, state, postal_code, address_from, address_to
FROM {addresses}
WHERE dates_sound AND person_id IN (SELECT unnest(?))
QUALIFY row_number() OVER (
  PARTITION BY person_id
  ORDER BY (address_to IS NULL) DESC, coalesce(address_to, address_from) DESC NULLS LAST,
           address_from DESC NULLS LAST, street, unit, city, state, postal_code
) = 1
"""
"""The last known address of each person: the current one that began last, else the one that ended
last. Addresses with impossible dates are never given."""

_AS_OF = """
SELECT asked.number, street, unit, city, state, postal_code, address_from, NULL
FROM (SELECT unnest(?) AS number, unnest(?) AS person_id, unnest(?) AS day) AS asked
JOIN {addresses} AS address USING (person_id)
WHERE dates_sound AND (address_from IS NULL OR address_from <= day)
QUALIFY row_number() OVER (
  PARTITION BY asked.number
  ORDER BY (address_to IS NULL OR address_to > day) DESC,
           coalesce(if(address_to > day, NULL, address_to), address_from) DESC NULLS LAST,
           address_from DESC NULLS LAST, street, unit, city, state, postal_code
) = 1
"""
"""The same as of some day: what began later counts for nothing, what ended later was current."""

_UPDATED = """(
  FROM items_0.address ANTI JOIN items_1.gone USING (person_id)
  UNION ALL FROM items_1.address
)"""
"""The addresses of a registry that was updated: an update has all those of each changed person, and
names everybody whose addresses in the build no longer count."""


class ItemVault:
    """The disclosable items of a registry, open for reading. Use as a context manager."""

    def __init__(self, database: duckdb.DuckDBPyConnection, addresses: str) -> None:
        self._database = database
        self._query = _QUERY.format(addresses=addresses)
        self._as_of = _AS_OF.format(addresses=addresses)

    @classmethod
    def open(cls, registry: Path, key: bytes | None, digest: str) -> ItemVault:
        """Open the items beside an index; `digest` is theirs, as recorded when it was built or
        updated.

        Raises RegistryError (no file, another file, wrong key)."""
        manifest = recorded_manifest(registry, lambda one: one.items_digest == digest)
        parts = manifest.item_digests()
        database = connect()
        try:
            for number, (folder, recorded) in enumerate(parts.items()):
                file = items_path(registry / folder)
                if file_digest(file) != recorded:
                    raise RegistryError(
                        "The items are not those that were built with the registry.",
                        where=str(file),
                        cure="The file was exchanged or damaged; build the registry again.",
                    )
                attach(database, file, f"items_{number}", key, read_only=True)
            seal(database)
        except BaseException:
            database.close()
            raise
        return cls(database, _UPDATED if len(parts) > 1 else "items_0.address")

    def read(
        self, releases: Sequence[Release], items: Sequence[Item]
    ) -> dict[str, Mapping[str, Json]]:
        """The agreed items by request, for these releases; a request of whose person an agreed item
        cannot be given is left out.

        Raises TypeError for anything that is not a release."""
        if not all(type(one) is Release for one in releases):
            raise TypeError("items are read for releases only")
        wanted = {item.item for item in items}
        addresses: Mapping[str, Mapping[str, Json]] = {}
        if "last_known_address" in wanted:
            addresses = self._addresses(sorted({one.person_id for one in releases}))
        found: dict[str, Mapping[str, Json]] = {}
        for one in releases:
            given: dict[str, Json] = {}
            for item in items:
                if item.item == "verified":
                    given["verified"] = {"verified": True, "label": item.label}
                elif one.person_id in addresses:
                    given["last_known_address"] = {
                        **addresses[one.person_id],
                        "source": SOURCE,
                        "label": item.label,
                    }
            if given.keys() == wanted:
                found[one.request] = given
        return found

    def mailing_addresses(self, leave: Mailing) -> Mapping[str, Mapping[str, Json]]:
        """The last known address of each person of a mailing who has one.

        Raises TypeError for anything that is not leave for letters."""
        if type(leave) is not Mailing:
            raise TypeError("addresses are read for letters of an incident only")
        return self._addresses(list(leave.persons))

    def still_given(self, given: Sequence[tuple[str, Mapping[str, Json], date]]) -> list[bool]:
        """Whether each address that was given (person, address, day) is what the record says today
        to have been the last known one on that day. Nothing else comes out."""
        if not given:
            return []
        persons, _, days = (list(column) for column in zip(*given, strict=True))
        rows = self._database.execute(
            self._as_of, [list(range(len(given))), persons, days]
        ).fetchall()
        now = {number: _address(*address) for number, *address in rows}
        return [
            number in now
            and all(now[number][name] == address.get(name) for name in _ADDRESS if name != "to")
            for number, (_, address, _) in enumerate(given)
        ]

    def _addresses(self, persons: list[str]) -> dict[str, Mapping[str, Json]]:
        if not persons:
            return {}
        rows = self._database.execute(self._query, [persons]).fetchall()
        return {person: _address(*address) for person, *address in rows}

    def __enter__(self) -> ItemVault:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._database.close()


_ADDRESS = ("street", "unit", "city", "state", "postal_code", "from", "to")


def _address(*columns: Any) -> dict[str, Json]:
    """An address as it is given; days in ISO 8601."""
    *text, begin, end = columns
    return dict(zip(_ADDRESS, (*text, _iso(begin), _iso(end)), strict=True))


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
