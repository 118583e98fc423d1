"""The items that may be disclosed. This is the one module that reads them.

They lie in a database of their own, encrypted under a key of its own (see identity.storage), and
come out only for a `Release`, which only the gate in `release.py` makes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from types import TracebackType

import duckdb

from comity.agreement.model import Item
from comity.core.canonical import Json
from comity.core.errors import RegistryError
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

    def _addresses(self, persons: list[str]) -> dict[str, Mapping[str, Json]]:
        if not persons:
            return {}
        rows = self._database.execute(self._query, [persons]).fetchall()
        return {
            person: {
                "street": street,
                "unit": unit,
                "city": city,
                "state": state,
                "postal_code": postal_code,
                "from": _iso(begin),
                "to": _iso(end),
            }
            for person, street, unit, city, state, postal_code, begin, end in rows
        }

    def __enter__(self) -> ItemVault:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._database.close()


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
