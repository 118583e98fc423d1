"""Building an index from a registry source.

Rows are read, checked and brought to standard form one at a time and handed to DuckDB in chunks, so
memory does not grow with the source. Everything is made in a directory beside the target, which
takes the target's place in one rename when it is whole; whatever happens before, the old index
serves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from comity.core.errors import RegistryError
from comity.identity import storage
from comity.identity.keys import CAP, HOUSEHOLD, KEYS, hashed
from comity.identity.manifest import LISTED, RegistryManifest, Remark
from comity.identity.names import sounds
from comity.identity.record import (
    Standard,
    Subject,
    dates_sound,
    flags_of,
    read_date,
    standardise,
    warnings,
)
from comity.identity.source import COLUMNS, read_source

CHUNK = 50_000
"""Rows handed to DuckDB at a time."""

STANDARD_SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("given", "middle", "family", "suffix")]
    + [("sounds", pa.list_(pa.string())), ("dob", pa.date32()), ("number", pa.string())]
    + [
        (name, pa.string())
        for name in (
            *("house", "line", "core", "pre", "street_suffix"),
            *("post", "unit", "city", "state", "postal"),
        )
    ]
)
"""Standard fields as columns; see `flat`."""
ROW_SCHEMA = pa.schema(
    [
        ("line_no", pa.int64()),
        ("person_id", pa.string()),
        ("flags", pa.list_(pa.string())),
        *STANDARD_SCHEMA,
    ]
)
_ITEM = pa.schema(
    [("person_id", pa.string())]
    + [(name, pa.string()) for name in ("street", "unit", "city", "state", "postal_code")]
    + [("address_from", pa.date32()), ("address_to", pa.date32()), ("dates_sound", pa.bool_())]
)

PERSONS = """
CREATE TABLE {s}.person AS
  SELECT row_number() OVER (ORDER BY person_id) AS pid, person_id,
         arg_min(dob, line_no) AS dob, arg_min(number, line_no) AS number,
         coalesce(list_sort(list_distinct(flatten(list(flags)))), []) AS flags,
         count(DISTINCT dob) > 1 OR count(DISTINCT nullif(number, '')) > 1 AS inconsistent,
         min(line_no) AS line_no
  FROM {row} GROUP BY person_id ORDER BY person_id;
CREATE TABLE {s}.number AS
  SELECT DISTINCT pid, r.number FROM {row} r JOIN {s}.person USING (person_id)
  WHERE r.number <> '' ORDER BY pid;
CREATE TABLE {s}.name AS
  SELECT DISTINCT pid, given, middle, family, suffix, sounds
  FROM {row} JOIN {s}.person USING (person_id) WHERE given <> '' OR family <> '' ORDER BY pid;
CREATE TABLE {s}.address AS
  SELECT DISTINCT pid, house, line, core, pre, street_suffix, post, unit, city, state, postal,
         md5_number_lower(concat_ws('|', house, core, postal)) AS bid
  FROM {row} JOIN {s}.person USING (person_id)
  WHERE line <> '' AND (city <> '' OR postal <> '') ORDER BY pid
"""
"""The tables of one form, from rows `{row}`; `bid` names a building: house, street, postal code."""

_COUNTS = """
CREATE TABLE {s}.vocabulary AS
  SELECT 'given' AS kind, given AS word, count(DISTINCT pid) AS bearers
  FROM {s}.name WHERE given <> '' GROUP BY ALL
  UNION ALL SELECT 'family', family, count(DISTINCT pid)
  FROM {s}.name WHERE family <> '' GROUP BY ALL
  ORDER BY ALL;
CREATE TABLE {s}.street AS
  SELECT postal, line, count(DISTINCT house) AS houses FROM {s}.address
  GROUP BY ALL HAVING houses > 1 ORDER BY ALL
"""


@dataclass
class _Tally:
    """What is counted and remarked while rows stream by."""

    rows: int = 0
    exclusions: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    remarks: list[Remark] = field(default_factory=list)

    def remark(self, line: int, reason: str, *, excluded: bool) -> None:
        (self.exclusions if excluded else self.warnings)[reason] += 1
        if len(self.remarks) < LISTED:
            self.remarks.append(Remark(line, reason, excluded))


def build_files(
    source: Path, folder: Path, key: bytes | None, progress: Callable[[int], None] | None
) -> RegistryManifest:
    """Write `index.duckdb` and `items.duckdb` into an empty folder; give the manifest."""
    tally = _Tally()
    spill = folder / "spill"
    database = storage.connect(spill)
    try:
        storage.attach(database, folder / storage.INDEX, "idx", key, read_only=False)
        storage.attach(database, folder / storage.ITEMS, "items", key, read_only=False)
        storage.seal(database)
        database.execute("USE items")
        database.execute(storage.ITEMS_TABLE)
        database.execute("USE memory")
        _load(database, source, tally, progress)
        persons, addresses = _index(database, tally)
        common = _keys(database)
        database.execute("DROP TABLE idx.source_row; DROP TABLE items.unordered")
        database.execute("CHECKPOINT idx; CHECKPOINT items")
    finally:
        database.close()
    if not persons:
        raise RegistryError(
            "The registry source has no usable row.",
            where=str(source),
            cure="Every row was empty or malformed: check its columns, quoting and encoding.",
        )
    return RegistryManifest(
        persons=persons,
        addresses=addresses,
        rows=tally.rows,
        exclusions=dict(tally.exclusions),
        warnings=dict(tally.warnings),
        remarks=tuple(tally.remarks),
        common_keys=common,
        cap=CAP,
        encrypted=key is not None,
        digest=storage.file_digest(folder / storage.INDEX),
        items_digest=storage.file_digest(folder / storage.ITEMS),
        source_digest=storage.file_digest(source),
        built_with={"duckdb": duckdb.__version__},
    )


def _load(
    database: duckdb.DuckDBPyConnection,
    source: Path,
    tally: _Tally,
    progress: Callable[[int], None] | None,
) -> None:
    rows: list[tuple[Any, ...]] = []
    items: list[tuple[Any, ...]] = []
    made = False
    for row, item in _standard_rows(source, tally):
        rows.append(row)
        items.append(item)
        if len(rows) == CHUNK:
            made = _append(database, rows, items, made=made)
            if progress:
                progress(tally.rows)
    _append(database, rows, items, made=made)
    database.execute("INSERT INTO items.address SELECT * FROM items.unordered ORDER BY person_id")
    if progress:
        progress(tally.rows)


def _append(
    database: duckdb.DuckDBPyConnection,
    rows: list[tuple[Any, ...]],
    items: list[tuple[Any, ...]],
    *,
    made: bool,
) -> bool:
    for into, values, schema in (
        ("idx.source_row", rows, ROW_SCHEMA),
        ("items.unordered", items, _ITEM),
    ):
        database.register("chunk", table_of(values, schema))
        verb = "INSERT INTO {} SELECT" if made else "CREATE TABLE {} AS SELECT"
        database.execute(f"{verb.format(into)} * FROM chunk")
        database.unregister("chunk")
        values.clear()
    return True


def table_of(rows: Iterable[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    """An Arrow table from rows of values."""
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def _standard_rows(
    source: Path, tally: _Tally
) -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...]]]:
    for line, values, reason in read_source(source):
        tally.rows += 1
        row = dict(zip(COLUMNS, values or (), strict=False))
        person_id = row.get("person_id", "")
        if not reason and not person_id:
            reason = "no person_id"
        elif not reason and (len(person_id) > 200 or not person_id.isprintable()):
            reason = "a person_id that is too long or has control characters"
        if reason:
            tally.remark(line, reason, excluded=True)
            continue
        subject = Subject(key=person_id, **{name: row[name] for name in _SHARED})
        standard = standardise(subject)
        for warning in warnings(row, standard):
            tally.remark(line, warning, excluded=False)
        item = (
            person_id,
            *(row[name] for name in _ITEM.names[1:6]),
            read_date(row["address_from"]),
            read_date(row["address_to"]),
            dates_sound(row),
        )
        yield (line, person_id, flags_of(row["flags"]), *flat(standard)), item


_SHARED = [name for name in COLUMNS if name in Subject.__dataclass_fields__]


def flat(standard: Standard) -> tuple[Any, ...]:
    """Standard fields in the order of STANDARD_SCHEMA."""
    name, place = standard.name, standard.place
    return (
        name.given,
        name.middle,
        name.family,
        name.suffix,
        sounds(name.family),
        standard.dob,
        standard.number,
        place.house,
        place.line,
        place.core,
        place.pre,
        place.suffix,
        place.post,
        place.unit,
        place.city,
        place.state,
        place.postal,
    )


def _index(database: duckdb.DuckDBPyConnection, tally: _Tally) -> tuple[int, int]:
    database.execute(PERSONS.format(s="idx", row="idx.source_row"))
    database.execute(_COUNTS.format(s="idx"))
    odd = database.execute(
        "SELECT line_no FROM idx.person WHERE inconsistent ORDER BY 1"
    ).fetchall()
    for (line,) in odd:
        reason = "the rows of this person differ in birth date or number; can never be confirmed"
        tally.remark(line, reason, excluded=False)
    persons, addresses = database.execute(
        "SELECT (SELECT count(*) FROM idx.person), (SELECT count(*) FROM items.address)"
    ).fetchall()[0]
    return persons, addresses


def _keys(database: duckdb.DuckDBPyConnection) -> dict[str, int]:
    database.execute(
        "CREATE TABLE idx.common (kind VARCHAR, key UBIGINT, persons BIGINT, flags VARCHAR[])"
    )
    for kind, select in {**KEYS, "household": HOUSEHOLD}.items():
        database.execute(f"CREATE TABLE idx.key_{kind} AS {hashed(select.format(s='idx'))}")
        database.execute(
            f"INSERT INTO idx.common SELECT '{kind}', key, count(*), "
            "list_sort(list_distinct(flatten(list(flags)))) "
            f"FROM idx.key_{kind} JOIN idx.person USING (pid) "
            f"GROUP BY key HAVING count(*) > {CAP}"
        )
    rows = database.execute("SELECT kind, count(*) FROM idx.common GROUP BY kind ORDER BY kind")
    return dict(rows.fetchall())
