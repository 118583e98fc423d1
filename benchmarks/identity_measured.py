"""What `benchmarks/identity.py` measures of Comity, each in a process of its own.

    python benchmarks/identity_measured.py ACT '{"argument": …}'

The last line of the output is JSON. Memory is the peak of the resident set over the life of the
process (`getrusage`), bytes are those of `/proc/self/io` between begin and end of the work.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it also runs as a script
from benchmarks.population import Population, write_registry
from comity.agreement.model import IdentityPolicy
from comity.identity.registry import Registry, Subject

Figures = dict[str, Any]


def build(persons: int, folder: str, seed: int) -> Figures:
    """Make the source (not counted) and build the index."""
    source, index = Path(folder) / "registry.parquet", Path(folder) / "index"
    with _Meter() as making:
        rows = write_registry(Population(persons, seed), source)
    with _Meter() as meter, _Disk(Path(folder)) as disk:
        manifest = Registry.build(source, index)
    size = {file.name: file.stat().st_size for file in index.iterdir()}
    source.unlink()
    return {
        **meter.figures,
        "making": making.figures["seconds"],
        "rows": rows,
        "persons": manifest.persons,
        "common_keys": dict(manifest.common_keys),
        "excluded": manifest.excluded,
        "bytes": size,
        "disk": disk.most,
    }


def verify(index: str, requests: str, truth: str) -> Figures:
    """Verify a file of requests as columns; compare with the truth."""
    with _Meter() as opening:
        registry = Registry.open(Path(index))
    with registry:
        table = pq.read_table(requests)
        with _Meter() as meter:
            results = registry.verify(table)
        stages, pairs = registry.stages, registry.compared
    return {
        **meter.figures,
        "opening": opening.figures["seconds"],
        "stages": stages,
        "requests": table.num_rows,
        "pairs": pairs,
        "kept": int(np.sum(results["candidates"].to_numpy())),
        **_judged(results, pq.read_table(truth)),
    }


def singles(index: str, requests: str, count: int) -> Figures:
    """Look up one request after another in a registry that has long been open."""
    rows = pq.read_table(requests).slice(0, count + 50)
    milliseconds: list[float] = []
    used = 0.0
    with Registry.open(Path(index)) as registry:
        for row in rows.to_pylist():
            fields = {name: text or "" for name, text in row.items() if name != "request_id"}
            subject = Subject(row["request_id"], **fields)
            begun, since = time.perf_counter(), time.process_time()
            registry.verify([subject], IdentityPolicy())
            used = used + time.process_time() - since if milliseconds[50:] else 0.0
            milliseconds.append((time.perf_counter() - begun) * 1000)
    spread = np.percentile(milliseconds[50:], [50, 95, 99, 100])
    times = dict(zip(("p50", "p95", "p99", "max"), spread.tolist(), strict=True))
    return {**times, "processor": used / max(count - 1, 1) * 1000, **_usage()}


def limits(index: str) -> Figures:
    """What the machine could do at best: bytes a second off the disk and out of memory, and string
    comparisons a second on two threads."""
    file = Path(index) / "index.duckdb"
    with file.open("rb") as data:
        os.posix_fadvise(data.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    disk = _read(file)
    cached = _read(file)
    with duckdb.connect(config={"threads": 2}) as database:
        database.execute(f"ATTACH '{file}' AS idx (READ_ONLY)")
        names = Population(1_000_000).registry(0, 1_000_000).column("last_name").cast(pa.string())
        database.register("names", pa.table({"a": names[:500_000], "b": names[500_000:1_000_000]}))
        database.execute("CREATE TABLE word AS FROM names, range(4)")
        rates = {
            name: 2e6 / _seconds(database, f"SELECT sum({name}(a, b)) FROM word")
            for name in ("damerau_levenshtein", "jaro_winkler_similarity")
        }
        used = _bytes_of_tables(database)
    return {"disk": disk, "cached": cached, "rates": rates, "tables": used, **_usage()}


def _bytes_of_tables(database: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Bytes that each table of the index takes on disk, by whole blocks."""
    query = "SELECT table_name FROM duckdb_tables() WHERE database_name = 'idx'"
    names = [row[0] for row in database.execute(query).fetchall()]
    query = "SELECT count(DISTINCT block_id) * 262144 FROM pragma_storage_info('idx.{}')"
    return {name: database.execute(query.format(name)).fetchall()[0][0] for name in names}


def _seconds(database: duckdb.DuckDBPyConnection, query: str) -> float:
    def once() -> float:
        begun = time.perf_counter()
        database.execute(query).fetchall()
        return time.perf_counter() - begun

    return min(once() for _ in range(3))


def _read(file: Path) -> float:
    """Bytes a second, read from front to back."""
    buffer = bytearray(1 << 24)
    with file.open("rb", buffering=0) as data:
        begun, done = time.perf_counter(), 0
        while count := data.readinto(buffer):
            done += count
    return done / (time.perf_counter() - begun)


def _judged(results: pa.Table, truth: pa.Table) -> Figures:
    """Decisions by count; confirmations of somebody else; the share found of those who stand at
    an address on file."""
    decision = np.array(results["decision"].to_pylist())
    person = np.array(results["person_id"].to_pylist(), object)
    meant = np.array(truth["person_id"].to_pylist()[: len(person)], object)
    sound = np.array(truth["kind"].to_pylist()[: len(person)]) == "sound"
    confirmed = decision == "confirmed"
    right = confirmed & (person == meant)
    return {
        "decisions": dict(Counter(decision.tolist())),
        "wrong": int(np.sum(confirmed & ~right)),
        "wrong_requests": results["request_id"]
        .filter(pa.array(confirmed & ~right))[:20]
        .to_pylist(),
        "recall": float(np.mean(right[sound])),
    }


class _Meter:
    """Wall clock, processor time and bytes read within a `with` block; then the peak memory."""

    figures: Figures

    def __enter__(self) -> _Meter:
        self._begun = (time.perf_counter(), time.process_time(), *_io())
        return self

    def __exit__(self, *_: object) -> None:
        now = (time.perf_counter(), time.process_time(), *_io())
        spent = [b - a for a, b in zip(self._begun, now, strict=True)]
        names = ("seconds", "processor", "bytes_asked", "bytes_from_disk")
        self.figures = dict(zip(names, spent, strict=True)) | _usage()


class _Disk:
    """The most room that a folder takes within a `with` block, beyond what it took before; looked
    at every half second."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.most = folder, 0
        self._done = threading.Event()
        self._watch = threading.Thread(target=self._look)

    def _look(self) -> None:
        while not self._done.wait(0.5):
            with contextlib.suppress(OSError):  # a file went while we looked
                self.most = max(self.most, self._taken() - self._before)

    def _taken(self) -> int:
        return sum(512 * file.stat().st_blocks for file in self.folder.rglob("*"))

    def __enter__(self) -> _Disk:
        self._before = self._taken()
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._watch.join()


def _io() -> tuple[int, int]:
    lines = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return int(lines["rchar"]), int(lines["read_bytes"])


def _usage() -> Figures:
    return {"peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}


def main() -> None:
    acts: dict[str, Callable[..., Figures]] = {
        "build": build,
        "verify": verify,
        "singles": singles,
        "limits": limits,
    }
    print(json.dumps(acts[sys.argv[1]](**json.loads(sys.argv[2]))))


if __name__ == "__main__":
    main()
