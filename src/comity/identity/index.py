"""Building an index from a registry source.

Rows are read, checked and brought to standard form in chunks, put in the order of their persons,
and written as the index's tables; then the keys are sorted. DuckDB goes to encrypted temporary
files where its memory ends, so memory does not grow with the source; a source that is in the order
of `person_id` already spares the largest of the sorts. Everything is made in a directory beside the
target, which takes the target's place in one rename when it is whole; whatever happens before, the
old index serves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from comity.core.errors import RegistryError
from comity.identity import storage
from comity.identity.coding import make_coded
from comity.identity.keying import count_streets, count_words, make_keys
from comity.identity.keys import CAP, KEYS
from comity.identity.manifest import LISTED, RegistryManifest
from comity.identity.persons import PersonWriter, in_chunks
from comity.identity.remarks import INCONSISTENT, Tally
from comity.identity.rows import ROW_SCHEMA, standard_rows

Report = Callable[[str, int, int], None]
"""Told the stage, how much of it is done, and how much there is (0 = not known)."""

READING, ORDERING, SORTING = "reading the registry", "ordering the persons", "sorting the keys"
"""The stages of a build, in order; the first two count rows, the last counts tables."""


def build_files(
    source: Path, folder: Path, key: bytes | None, report: Report, *, first: int = 0
) -> RegistryManifest:
    """Write `index.duckdb` and `items.duckdb` into an empty folder; give the manifest.

    Persons are numbered from `first`. Raises RegistryError where the source cannot be read or has
    no usable row."""
    try:
        built = _build(source, folder, key, report, first, in_order=True)
    except _OutOfOrderError:
        built = _build(source, folder, key, report, first, in_order=False)
    tally, persons, common = built
    index, items = digests(folder)
    return RegistryManifest(
        persons=persons,
        addresses=tally.taken,
        rows=tally.rows,
        exclusions=dict(tally.exclusions),
        warnings=dict(tally.warnings),
        remarks=tuple(tally.remarks),
        common_keys=common,
        cap=CAP,
        encrypted=key is not None,
        digest=index,
        items_digest=items,
        source_digest=storage.file_digest(source),
        built_with={"duckdb": duckdb.__version__},
    )


def digests(folder: Path) -> tuple[str, str]:
    """The digests of the two files that a workshop leaves: index and items."""
    return storage.file_digest(folder / storage.INDEX), storage.file_digest(folder / storage.ITEMS)


class _OutOfOrderError(Exception):
    """The source's rows are not in the order of their persons."""


def _build(
    source: Path, folder: Path, key: bytes | None, report: Report, first: int, *, in_order: bool
) -> tuple[Tally, int, dict[str, int]]:
    """Fill the files; what was remarked, how many persons, and how many common keys of each kind.

    A source is taken to be in order until a row shows that it is not, mostly one of the first:
    then it is read again, and its rows are put aside and sorted."""
    tally = Tally()
    with workshop(folder, key) as database:
        writer = PersonWriter(database, index="idx", items="items", work="work", first=first)
        rows = told(standard_rows(source, tally), tally, report)
        if not in_order:
            put_aside(database, rows)
            rows = told(in_person_order(database), tally, report, ORDERING, tally.taken)
        last = ""
        for chunk in rows:
            last = _in_order(chunk, last)
            writer.write(chunk)
        persons = writer.close() - first
        if not persons:
            raise RegistryError(
                "The registry source has no usable row.",
                where=str(source),
                cure="Every row was empty or malformed: check its columns, quoting and encoding.",
            )
        drop(database, folder, "spool")
        count, lines = writer.inconsistent
        if count:
            tally.note((), {INCONSISTENT: (count, lines[:LISTED])})
        common = _finish(database, folder, report)
        database.execute("CHECKPOINT idx; CHECKPOINT items")
    return tally, persons, common


WORK = ("spool", "work", *(f"work_{kind}" for kind in KEYS))
"""Databases that are there while building; each is deleted as soon as it has been used."""


@contextmanager
def workshop(
    folder: Path,
    key: bytes | None,
    *,
    kept: Mapping[str, str] = MappingProxyType({}),
    beside: Mapping[str, Path] = MappingProxyType({}),
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with new files attached in a folder: `idx`, `items`, what else is `kept` (file by
    name), and those of WORK; and, for reading, the files `beside`, by name."""
    database = storage.connect(folder / "spill")
    names = {"idx": storage.INDEX, "items": storage.ITEMS, **kept}
    names |= {name: f"{name}.duckdb" for name in WORK}
    for file in names.values():
        (folder / file).unlink(missing_ok=True)
    try:
        for name, path in beside.items():
            storage.attach(database, path, name, key, read_only=True)
        for name, file in names.items():
            group = storage.SCANNED_ROW_GROUP if name in WORK else storage.ROW_GROUP
            storage.attach(database, folder / file, name, key, read_only=False, row_group=group)
        storage.seal(database)
        database.execute("USE items")
        database.execute(storage.ITEMS_TABLE)
        database.execute("USE memory")
        yield database
    finally:
        database.close()
    for name in WORK:
        (folder / f"{name}.duckdb").unlink(missing_ok=True)


def drop(database: duckdb.DuckDBPyConnection, folder: Path, name: str) -> None:
    """Let go of one of WORK and delete its file."""
    database.execute(f"DETACH {name}")
    (folder / f"{name}.duckdb").unlink(missing_ok=True)


def told(
    chunks: Iterable[pa.Table], tally: Tally, report: Report, stage: str = READING, total: int = 0
) -> Iterator[pa.Table]:
    """The chunks as they come, reported."""
    done = 0
    for chunk in chunks:
        done += chunk.num_rows
        yield chunk
        report(stage, done if total else tally.rows, total)


def _in_order(rows: pa.Table, last: str) -> str:
    """The last person of some rows. Raises _OutOfOrderError where one comes before the row before
    it, or before `last`."""
    ids = pa.chunked_array([[last], *rows.column("person_id").chunks], pa.string())
    ordered = pc.all(pc.less_equal(ids.slice(0, len(ids) - 1), ids.slice(1)))
    if ordered.as_py() is False:
        raise _OutOfOrderError
    return str(ids[-1].as_py())


def put_aside(database: duckdb.DuckDBPyConnection, rows: Iterable[pa.Table]) -> None:
    """Put rows into the new table `spool.row`."""
    database.register("chunk", ROW_SCHEMA.empty_table())
    database.execute("CREATE TABLE spool.row AS SELECT * FROM chunk")
    for chunk in rows:
        database.register("chunk", chunk)
        database.execute("INSERT INTO spool.row SELECT * FROM chunk")
    database.unregister("chunk")


def in_person_order(database: duckdb.DuckDBPyConnection) -> Iterator[pa.Table]:
    """The rows that were put aside, in the order of their persons and then of the source."""
    with database.cursor() as reading:
        found = reading.execute("SELECT * FROM spool.row ORDER BY person_id, line_no")
        yield from in_chunks(found.to_arrow_reader(100_000))


def _finish(database: duckdb.DuckDBPyConnection, folder: Path, report: Report) -> dict[str, int]:
    """Sum and sort what the persons left in the work databases; the common keys by kind."""
    tables = len(KEYS) + 3
    report(SORTING, 0, tables)
    count_words(database)
    drop(database, folder, "work")
    count_streets(database)
    report(SORTING, 1, tables)
    make_coded(database, "idx")
    report(SORTING, 2, tables)
    for done, kind in enumerate(make_keys(database), 3):
        if kind in KEYS:
            drop(database, folder, f"work_{kind}")
        report(SORTING, done, tables)
    rows = database.execute("SELECT kind, count(*) FROM idx.common GROUP BY kind ORDER BY kind")
    return dict(rows.fetchall())
