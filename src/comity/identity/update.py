"""Changing some persons of an index without building it again.

What was built stays as it is. The changed persons' rows, and a list of those who were removed, make
a small index and small items of their own, the *delta*, in a folder beside them; it also says which
persons of the base are `gone`, and a search sees both as one (`views`). Each update makes a new
delta out of the rows of the one before and its own, and takes its place by one rename of the
manifest: whoever has the old one open goes on with it, for the old delta stays until the update
after.
"""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa

from comity.core.errors import RegistryError
from comity.identity import storage
from comity.identity.coding import make_coded
from comity.identity.index import Report, digests, drop, in_person_order, put_aside, told, workshop
from comity.identity.keys import KEYS
from comity.identity.manifest import LISTED, Delta, RegistryManifest, Remark, delta_folder
from comity.identity.merging import merge
from comity.identity.persons import PersonWriter
from comity.identity.remarks import INCONSISTENT, Tally
from comity.identity.rows import standard_rows

NOT_THERE = "the person to be removed is not in the registry"
ORDERING, MERGING = "ordering the persons", "merging the keys"

_CARRIED = 1 << 40
"""Taken off the line numbers of rows carried over from the delta before, so that nothing is
remarked about them again."""


def update_files(
    registry: Path,
    manifest: RegistryManifest,
    source: Path | None,
    removed: Path | None,
    folder: Path,
    key: bytes | None,
    report: Report,
) -> RegistryManifest:
    """Write a delta for the index at `registry` into an empty folder; give the index's manifest as
    it will be.

    `source` holds all rows of each changed or new person, `removed` one person_id a line. Raises
    RegistryError where one of them cannot be read, or names a person that the other names too."""
    tally = Tally()
    former = manifest.delta
    ids = _removed_ids(removed) if removed else []
    kept = {"rows": storage.ROWS}
    with workshop(folder, key, kept=kept, beside=_beside(registry, manifest)) as database:
        rows = standard_rows(source, tally) if source else iter(())
        put_aside(database, told(rows, tally, report))
        not_there = _touch(database, ids, former, removed)
        _carry_over(database, former)
        ((first,),) = database.execute("SELECT count(*) FROM base.person").fetchall()
        writer = PersonWriter(database, index="idx", items="items", work="work", first=first)
        for chunk in told(in_person_order(database), tally, report, ORDERING, tally.taken):
            writer.write(chunk)
        persons = writer.close() - first
        report(MERGING, 0, 1)
        merge(database)
        make_coded(database, "idx", base="base")
        count, lines = writer.inconsistent
        if count:
            tally.note((), {INCONSISTENT: (count, lines[:LISTED])})
        gone, gone_addresses, addresses, common = _counts(database)
        _keep_rows(database, folder)
        database.execute("CHECKPOINT idx; CHECKPOINT items")
        report(MERGING, 1, 1)
    index, items = digests(folder)
    remarks = [Remark(line, NOT_THERE, excluded=True) for line in not_there]
    delta = Delta(
        number=former.number + 1 if former else 1,
        base=former.base if former else manifest.digest,
        base_items=former.base_items if former else manifest.items_digest,
        index=index,
        items=items,
        rows_digest=storage.file_digest(folder / storage.ROWS),
        base_persons=first,
        base_addresses=former.base_addresses if former else manifest.addresses,
        base_common_keys=former.base_common_keys if former else manifest.common_keys,
        persons=persons,
        gone=gone,
        rows=tally.rows,
        removed=len(ids),
        not_there=len(not_there),
        exclusions=dict(tally.exclusions),
        warnings=dict(tally.warnings),
        remarks=tuple([*tally.remarks, *remarks][:LISTED]),
        source_digest=storage.digest_of(storage.file_digest(p) for p in (source, removed) if p),
    )
    return replace(
        manifest,
        persons=first - gone + persons,
        addresses=delta.base_addresses - gone_addresses + addresses,
        common_keys=dict(Counter(delta.base_common_keys) + Counter(common)),
        digest=storage.digest_of((delta.base, delta.index)),
        items_digest=storage.digest_of((delta.base_items, delta.items)),
        delta=delta,
    )


def _beside(registry: Path, manifest: RegistryManifest) -> dict[str, Path]:
    """The databases that an update reads: the base, and the delta before with its rows."""
    beside = {"base": registry / storage.INDEX}
    if manifest.delta is not None:
        folder = registry / delta_folder(manifest.delta.number)
        beside |= {"former": folder / storage.INDEX, "former_rows": folder / storage.ROWS}
    return beside


def _removed_ids(file: Path) -> list[tuple[int, str]]:
    """The persons to be removed, with their lines. Raises RegistryError: no file, not UTF-8."""
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        raise RegistryError(
            "The list of removed persons cannot be read.",
            where=str(file),
            cure="Give a text file in UTF-8 with one person_id a line.",
        ) from None
    found: dict[str, int] = {}
    for line, text in enumerate(lines, 1):
        if text.strip():
            found.setdefault(text.strip(), line)
    return [(line, person) for person, line in found.items()]


def _touch(
    database: duckdb.DuckDBPyConnection,
    ids: list[tuple[int, str]],
    former: Delta | None,
    file: Path | None,
) -> list[int]:
    """Make `touched`, the persons that this update is about, and `idx.gone` and `items.gone`, those
    of the base that are no longer to be seen. Gives the lines of removed persons who were not
    there."""
    removed = pa.table(
        {
            "line": pa.array([line for line, _ in ids], pa.int64()),
            "person_id": pa.array([person for _, person in ids], pa.string()),
        }
    )
    database.register("removed_ids", removed)
    database.execute("CREATE TEMP TABLE removed AS SELECT * FROM removed_ids")
    database.unregister("removed_ids")
    both = database.execute(
        "SELECT line FROM removed SEMI JOIN spool.row USING (person_id) ORDER BY line LIMIT 1"
    ).fetchall()
    if both:
        raise RegistryError(
            "A person to be removed has rows in the source as well.",
            where=f"{file}:{both[0][0]}",
            cure="Name a person in one of the two: changed, or removed.",
        )
    earlier = "UNION SELECT pid FROM former.gone" if former else ""
    database.execute(
        f"""CREATE TEMP TABLE touched AS
        SELECT person_id FROM spool.row UNION SELECT person_id FROM removed;
        CREATE TABLE idx.gone AS SELECT pid FROM (
          SELECT pid FROM base.person SEMI JOIN touched USING (person_id) {earlier}
        ) ORDER BY pid;
        CREATE TABLE items.gone AS
        SELECT person_id FROM base.person SEMI JOIN idx.gone USING (pid) ORDER BY person_id"""
    )
    hidden = "ANTI JOIN former.gone USING (pid)" if former else ""
    known = "UNION ALL SELECT person_id FROM former.person" if former else ""
    missing = database.execute(
        f"""SELECT line FROM removed ANTI JOIN (
          SELECT person_id FROM base.person {hidden} {known}
        ) USING (person_id) ORDER BY line"""
    ).fetchall()
    return [line for (line,) in missing]


def _carry_over(database: duckdb.DuckDBPyConnection, former: Delta | None) -> None:
    """Take over the rows of the delta before, but those of the persons that change again."""
    if former is not None:
        database.execute(
            f"""INSERT INTO spool.row
            SELECT * REPLACE (
              CASE WHEN line_no > 0 THEN line_no - {_CARRIED} ELSE line_no END AS line_no)
            FROM former_rows.row ANTI JOIN touched USING (person_id)"""
        )


def _counts(database: duckdb.DuckDBPyConnection) -> tuple[int, int, int, dict[str, int]]:
    """How many persons of the base are gone and with how many addresses, how many addresses the
    delta has, and how many keys are common only now, by kind."""
    ((gone, gone_addresses, addresses),) = database.execute(
        """SELECT (SELECT count(*) FROM idx.gone),
          (SELECT coalesce(sum(coalesce(rows, 1)), 0)::BIGINT FROM idx.gone
           LEFT JOIN base.several USING (pid)),
          (SELECT count(*) FROM spool.row)"""
    ).fetchall()
    common = database.execute(
        "SELECT kind, count(*) FROM idx.common ANTI JOIN base.common USING (kind, key) "
        "GROUP BY kind ORDER BY kind"
    )
    return gone, gone_addresses, addresses, dict(common.fetchall())


def _keep_rows(database: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Keep the rows for the next update, and let go of everything else that helped."""
    database.execute("CREATE TABLE rows.row AS SELECT * FROM spool.row; CHECKPOINT rows")
    for name in ("spool", "work", *(f"work_{kind}" for kind in KEYS)):
        drop(database, folder, name)


def forget_old(registry: Path, manifest: RegistryManifest) -> None:
    """Delete the deltas that nobody opens any more: all but the newest and the one before."""
    number = manifest.delta.number if manifest.delta else 0
    kept = {delta_folder(number), delta_folder(number - 1)}
    for folder in registry.glob("delta-*"):
        if folder.name not in kept:
            shutil.rmtree(folder, ignore_errors=True)
