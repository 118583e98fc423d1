"""Destroying what a recorded disposal says is destroyed; done again until all of it is.

Once the transaction of a disposal is committed there is no way back. First goes the key-encryption
key, and with it every copy of what stood under it, in the database, in its files and in every
backup. Then what has become unreadable is deleted, some thousands of entries at a time; then the
files of packages; and last, what the database's own files still hold of deleted rows.
"""

from __future__ import annotations

import os
from pathlib import Path

from comity.exchange.keyring import KeyProvider
from comity.ledger.files import sync_folder
from comity.store import acts, cases, disposals
from comity.store.database import Database
from comity.store.disposals import Disposal
from comity.store.sealing import OWN

_ENTRIES = 20_000
"""Entries whose payloads are deleted in one transaction."""

RECORDED, DONE = "recorded", "done"


def finish(database: Database, keys: KeyProvider, packages: Path) -> int:
    """Finish every disposal that is recorded and not done; how many there were."""
    with database.reading() as connection:
        left = [one for one in disposals.all_disposals(connection) if one.state == RECORDED]
    for one in left:
        if one.kek is not None and one.kek != OWN:
            keys.destroy_kek(one.kek)
        _delete_sealed(database, one)
        _remove_packages(database, one, packages)
        if database.scrub():
            with database.transaction() as connection:
                disposals.set_disposal(connection, one.id, state=DONE)
    return len(left)


def _delete_sealed(database: Database, disposal: Disposal) -> None:
    with database.reading() as connection:
        (batch,) = cases.all_batches(connection, disposal.batch)
        kept = disposals.kept_rows(connection, batch.id)
        last = acts.entry_count(connection)
    for first in range(batch.entry, last, _ENTRIES):
        with database.transaction() as connection:
            disposals.delete_sealed(connection, batch.id, first, _ENTRIES, kept)


def _remove_packages(database: Database, disposal: Disposal, folder: Path) -> None:
    with database.reading() as connection:
        gone = disposals.batch_packages(connection, disposal.batch)
    there = [path for name in gone if (path := folder / f"{name}.comity").exists()]
    for path in there:
        with path.open("r+b", buffering=0) as file:
            file.write(os.urandom(path.stat().st_size))
            os.fsync(file.fileno())
        path.unlink()
    if there:
        sync_folder(folder)
