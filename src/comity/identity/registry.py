"""The holder's registry: build an index once, then ask it who a request is about."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import overload

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from comity.agreement.model import IdentityPolicy
from comity.identity.answers import Person, confirmed_pids, matches, table_of_results
from comity.identity.building import build_index, update_index
from comity.identity.coding import Dictionary, distinct_ids
from comity.identity.columns import standardise_columns
from comity.identity.index import READING, Report
from comity.identity.lookup import look_up
from comity.identity.manifest import RegistryManifest, Remark
from comity.identity.match import Match
from comity.identity.matching import match_of
from comity.identity.opening import open_index
from comity.identity.record import Subject, standardise, subject_of
from comity.identity.tables import KEY, ArrowStream, requests_table
from comity.identity.verifying import decide_batch
from comity.request.model import Request

__all__ = ["Registry", "RegistryManifest", "Remark", "Subject", "subject_of", "verify"]

BATCH = 100_000
"""Subjects verified with their evidence at a time, which bounds memory."""
FEW = 20
"""As many are looked up one by one, which is faster than a batch."""
LARGE = 250_000
"""The same of results alone."""
_DEFAULT = IdentityPolicy()


class Registry:
    """An open index of persons and addresses. Use it as a context manager, or `close` it."""

    def __init__(
        self, path: Path, manifest: RegistryManifest, database: duckdb.DuckDBPyConnection
    ) -> None:
        self.path = path
        self.manifest = manifest
        self._database = database
        self.stages: dict[str, float] = {}
        """Seconds by stage of the last `verify` of a table."""
        self.compared = 0
        """Pairs of request and person looked at so far."""

    @staticmethod
    def build(
        source: Path,
        out: Path,
        *,
        key: bytes | None = None,
        progress: Callable[[int], None] | None = None,
        report: Report | None = None,
    ) -> RegistryManifest:
        """Build an index from a CSV or Parquet source (columns: `source.COLUMNS`) at `out`.

        With a 32-byte `key` the index is encrypted at rest. `progress` hears how many rows were
        read, `report` the stage as well (see `index.Report`). A row that cannot be used is counted
        and listed in the manifest. An index that stands at `out` serves until the new one is whole
        and on disk, then is replaced in one step. A source in the order of `person_id` is built
        about twice as fast as one that must be sorted first.

        Raises UsageError where `out` is a file, and RegistryError: no such source, wrong columns or
        encoding, no usable row, no room, or another build of the same index is running."""
        return build_index(source, out, key, _reporting(progress, report))

    @staticmethod
    def update(
        path: Path,
        source: Path | None = None,
        *,
        removed: Path | None = None,
        key: bytes | None = None,
        progress: Callable[[int], None] | None = None,
        report: Report | None = None,
        digests: tuple[str, str] | None = None,
    ) -> RegistryManifest:
        """Bring an index up to date without building it again.

        `source` (as in `build`) holds all rows of every person who changed or is new, `removed` is
        a text file with one person_id a line. The old index serves until the new one is whole and
        on disk; whoever has the old one open goes on with it. `digests` are as in `open`: the
        update is one of that index, even where another that was not recorded took its place.

        Raises UsageError where neither is given, and RegistryError: no index, another schema
        version, wrong key, an index or source that cannot be read, a person both changed and
        removed, no room, or another build or update of the same index is running."""
        told = _reporting(progress, report)
        return update_index(path, source, removed, key, told, _recorded(digests))

    @staticmethod
    def open(
        path: Path, *, key: bytes | None = None, digests: tuple[str, str] | None = None
    ) -> Registry:
        """Open an index for reading. Many processes may at once.

        `digests`, of index and items, name the one that was recorded elsewhere: no other is opened.
        Raises RegistryError: no index, another schema version, wrong or missing key, or files
        that are not those of the manifest, or not the recorded ones."""
        manifest, database = open_index(path, key, _recorded(digests))
        return Registry(path, manifest, database)

    @overload
    def verify(self, requests: ArrowStream, policy: IdentityPolicy = ...) -> pa.Table: ...

    @overload
    def verify(self, requests: Iterable[Subject], policy: IdentityPolicy = ...) -> list[Match]: ...

    def verify(
        self,
        requests: ArrowStream | Iterable[Subject],
        policy: IdentityPolicy = _DEFAULT,
    ) -> pa.Table | list[Match]:
        """Who the requests are about, in their order.

        A table (whatever offers the Arrow PyCapsule interface: Arrow, pandas, Polars, DuckDB; its
        columns as in `tables.requests_table`) gives a table with the columns of
        `results.SCHEMA`. Subjects give one Match each, with its evidence."""
        if isinstance(requests, ArrowStream):
            return self._verify_table(requests_table(requests), policy)
        pending = iter(requests)
        matches: list[Match] = []
        while batch := list(islice(pending, BATCH)):
            if len(batch) <= FEW:
                matches += [self.look_up(subject, policy) for subject in batch]
            else:
                matches += self._verify(batch, policy)
        return matches

    def look_up(self, subject: Subject, policy: IdentityPolicy = _DEFAULT) -> Match:
        """Who one subject is: the same as `verify`, in some milliseconds."""
        asked = standardise(subject)
        found = look_up(self._database, asked)
        return match_of(subject.key, asked, found, policy, self.manifest.persons)

    def _verify_table(self, requests: pa.Table, policy: IdentityPolicy) -> pa.Table:
        """LARGE rows at a time, which bounds memory."""
        keys = requests[KEY]
        results = []
        self.stages = {}
        for begin in range(0, max(requests.num_rows, 1), LARGE):
            some = requests.slice(begin, LARGE)
            since = time.perf_counter()
            standard = standardise_columns(some)
            self._note("standard form", time.perf_counter() - since)
            decided, _ = decide_batch(self._database, standard, policy, self._dictionary)
            since = time.perf_counter()
            person_ids = self._person_ids(confirmed_pids(decided))
            results.append(table_of_results(decided, keys.slice(begin, LARGE), policy, person_ids))
            for stage, seconds in decided.stages.items():
                self._note(stage, seconds)
            self._note("results", time.perf_counter() - since)
            self.compared += decided.compared
        return pa.concat_tables(results)

    def _note(self, stage: str, seconds: float) -> None:
        self.stages[stage] = self.stages.get(stage, 0.0) + seconds

    def _verify(self, batch: Sequence[Subject], policy: IdentityPolicy) -> list[Match]:
        fields = [name for name in Subject.__dataclass_fields__ if name != "key"]
        table = pa.table(
            {name: pa.array([getattr(s, name) for s in batch], pa.string()) for name in fields}
        )
        standard = standardise_columns(table)
        decided, asked = decide_batch(self._database, standard, policy, self._dictionary)
        people = self._people(distinct_ids(decided.candidates.pid))
        keys = [subject.key for subject in batch]
        return list(matches(decided, asked, standard, keys, policy, people))

    @cached_property
    def _dictionary(self) -> Dictionary:
        return Dictionary.load(self._database, self.manifest.persons)

    def _person_ids(self, pids: NDArray[np.int64]) -> pa.Array:
        """The ids of some persons, whose numbers stand in order."""
        self._database.register("wanted_pids", pa.table({"pid": pa.array(pids, pa.uint32())}))
        rows = self._database.execute(
            "SELECT person_id FROM idx.person SEMI JOIN wanted_pids USING (pid) ORDER BY pid"
        ).to_arrow_table()
        self._database.unregister("wanted_pids")
        return rows["person_id"].combine_chunks()

    def _people(self, pids: NDArray[np.int64]) -> dict[int, Person]:
        self._database.register("wanted_pids", pa.table({"pid": pa.array(pids, pa.uint32())}))
        try:
            rows = self._database.execute(
                "SELECT pid, person_id, dob, number, flags, inconsistent FROM idx.person "
                "SEMI JOIN wanted_pids USING (pid)"
            ).fetchall()
            odd = [row[0] for row in rows if row[5] or not row[3]]
            several = dict(
                self._database.execute(
                    "SELECT pid, list(number ORDER BY number) FROM idx.number "
                    "WHERE pid IN (SELECT unnest(?)) GROUP BY pid",
                    [odd],
                ).fetchall()
                if odd
                else ()
            )
        finally:
            self._database.unregister("wanted_pids")
        return {
            pid: Person(
                person_id,
                dob,
                tuple(several.get(pid, [number] if number else [])),
                tuple(flags),
            )
            for pid, person_id, dob, number, flags, _ in rows
        }

    def flags(self, person_ids: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """The flags that stand beside these persons now. A person who is not there is absent from
        the answer."""
        wanted = sorted(set(person_ids))
        if not wanted:
            return {}
        rows = self._database.execute(
            "SELECT person_id, flags FROM idx.person WHERE person_id IN (SELECT unnest(?))",
            [wanted],
        ).fetchall()
        return {person_id: frozenset(flags) for person_id, flags in rows}

    def close(self) -> None:
        """Let go of the index's files."""
        self._database.close()

    def __enter__(self) -> Registry:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def verify(registry: Registry, requests: Iterable[Request], policy: IdentityPolicy) -> list[Match]:
    """Who each request is about: one Match each, in their order, named by the request's id."""
    return registry.verify(map(subject_of, requests), policy)


def _recorded(digests: tuple[str, str] | None) -> Callable[[RegistryManifest], bool]:
    return lambda manifest: digests in (None, (manifest.digest, manifest.items_digest))


def _reporting(progress: Callable[[int], None] | None, report: Report | None) -> Report:
    def tell(stage: str, done: int, total: int) -> None:
        if progress and stage == READING:
            progress(done)
        if report:
            report(stage, done, total)

    return tell
