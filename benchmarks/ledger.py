"""The log: appending, verifying and proving, beside the limit and another implementation.

    python benchmarks/ledger.py [--entries 3000000] [--peer-entries 300000] [--proofs 2000]
                                [--folder DIR]

Entries as a batch of requests makes them are recorded in a database, and from it published as tiles
and a signed checkpoint in batches, durable; then the whole log is verified from its files, with and
without the accounts that it must bear out; then inclusion proofs are made from the tiles and
checked. Beside it, in the same run: SHA-256 (hashlib) of the very same leaves and nodes, which no
log of this kind can do without; and pymerkle, which keeps RFC 6962 trees in SQLite or in memory,
over the first `--peer-entries` entries (its root has to be ours). `cpu` is what the process spent;
where `wall` is far more, the machine was busy or the disk slow.
"""

from __future__ import annotations

import argparse
import random
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import pymerkle  # type: ignore[import-untyped]
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it also runs as a script
from comity.core.canonical import Json, canonical
from comity.core.clock import SystemClock
from comity.exchange.record import Recorder, first_numbers
from comity.exchange.verifying import verify_log
from comity.ledger.entry import Entry, encode_alike
from comity.ledger.merkle import leaf_hash, leaf_hashes, root_from_inclusion, root_of
from comity.ledger.note import NoteSigner
from comity.ledger.publish import Ledger
from comity.ledger.verify import verify
from comity.store import acts
from comity.store.database import Database, insert_rows
from comity.store.sealing import OWN, SealedPayloads, seal_many
from comity.store.tables import entries as entry_table

T = TypeVar("T")
ORIGIN = "log.example/benchmark"
SIGNER = NoteSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"\x01" * 32))
KEK = bytes(32)
CHUNK = 10_000
PUBLISHINGS = 3
PAYLOAD: Json = {
    "request": {f"field_{number:02d}": "made-up words" for number in range(20)},
    "determination": {"findings": [{"rule": "address.present", "reason": "x" * 120}] * 4},
}
"""About as large as a determined request (1.3 KB)."""
BODIES: list[dict[str, Json]] = [{"status": s} for s in ("returned", "refused", "pending")]


class OneKey:
    """A key provider with one key."""

    def kek(self, name: str = OWN) -> bytes:  # noqa: ARG002
        return KEK


KEYS = OneKey()


class Lines:
    """Measures one thing after the other, and prints a line for each."""

    def __init__(self) -> None:
        print(f"\n{'':44}{'entries':>10}{'wall s':>9}{'cpu s':>8}{'per second':>12}{'cpu µs':>8}")

    def measure(self, label: str, count: int, work: Callable[[], T]) -> T:
        """Do it, and say how long that took."""
        wall, cpu = time.perf_counter(), time.process_time()
        made = work()
        self.say(label, count, time.perf_counter() - wall, time.process_time() - cpu)
        return made

    def say(self, label: str, count: int, wall: float, cpu: float) -> None:
        rate, each = count / wall, cpu / count * 1e6
        print(f"{label:44}{count:10,}{wall:9.1f}{cpu:8.1f}{rate:12,.0f}{each:8.2f}", flush=True)


def record(database: Database, count: int, rows: int, lines: Lines) -> None:
    """Record so many determined requests of a batch of `rows`, sealed, as the exchange does; says
    what each step of it takes. The rows of the requests come to that: see benchmarks/batch.py."""
    payload = canonical(PAYLOAD)
    spent = {"seal": [0.0, 0.0], "record": [0.0, 0.0]}

    def timed(step: str, work: Callable[[], T]) -> T:
        wall, cpu = time.perf_counter(), time.process_time()
        made = work()
        spent[step][0] += time.perf_counter() - wall
        spent[step][1] += time.process_time() - cpu
        return made

    def append(sealed: SealedPayloads) -> None:
        with database.transaction() as connection:
            bodies = [BODIES[number % 3] for number in sealed.numbers]
            Recorder(connection, KEYS, SystemClock()).record_many(
                "request.determined", bodies, sealed, kek="b000001.1", agreement="us-example-2026"
            )

    with database.transaction() as connection:
        recorder = Recorder(connection, KEYS, SystemClock())
        recorder.record("batch.received", {"batch": "b000001", "rows": rows})
        recorder.flush()
    sizes = [min(CHUNK, count - at) for at in range(0, count, CHUNK)]
    with database.reading() as connection:
        firsts = first_numbers(connection, sizes)
    for first, size in zip(firsts, sizes, strict=True):
        numbers = range(first, first + size)
        names = [f"b000001/{number}" for number in numbers]
        payloads = [payload] * size
        sealed = timed("seal", lambda n=numbers, m=names, p=payloads: seal_many(KEK, n, m, p))  # type: ignore[misc]
        timed("record", lambda s=sealed: append(s))  # type: ignore[misc]
    lines.say(f"seal payloads of {len(payload):,} bytes", count, *spent["seal"])
    lines.say("encode, insert, commit", count, *spent["record"])


def encode(count: int, lines: Lines) -> None:
    """Encoding alone: entries of one act together, and one by one."""
    names = [f"b000001/{number}" for number in range(count)]
    committed = ["sha256:" + "0f" * 32] * count
    bodies = [BODIES[number % 3] for number in range(count)]
    kind, at, agreement = "request.determined", "2026-11-24T01:56:54.000000Z", "us-example-2026"
    together = lines.measure(
        "encode entries together",
        count,
        lambda: encode_alike(kind, at, agreement, bodies, names, committed),
    )
    single = lines.measure(
        "encode entries one by one",
        count,
        lambda: [
            Entry(kind, at, agreement, name, commitment, body).encode()
            for name, commitment, body in zip(names, committed, bodies, strict=True)
        ],
    )
    assert together == single


def grow(database: Database, first: int, last: int) -> None:
    """Entries without payload, so that the log reaches its size without the disk that they take."""
    columns = (entry_table.c.number, entry_table.c.body, entry_table.c.office)
    for at in range(first, last, CHUNK):
        numbers = range(at, min(last, at + CHUNK))
        bodies = encode_alike(
            "request.determined",
            "2026-11-24T01:56:54.000000Z",
            "us-example-2026",
            [BODIES[number % 3] for number in numbers],
            [f"b000001/{number}" for number in numbers],
            [f"sha256:{sha256(b'%d' % number).hexdigest()}" for number in numbers],
        )
        with database.transaction() as connection:
            insert_rows(connection, columns, zip(numbers, bodies, [False] * CHUNK, strict=False))


def publish(database: Database, log: Ledger, count: int) -> None:
    """In a few batches, each with its durable checkpoint."""
    with database.reading() as connection:
        for number in range(1, PUBLISHINGS + 1):
            first = log.size()
            coming = acts.entries_from(connection, first)
            log.publish(
                islice(coming, count * number // PUBLISHINGS - first), first=first, signer=SIGNER
            )


def limit(entries: Iterator[bytes], count: int, lines: Lines) -> None:
    """SHA-256 of every leaf, and of as many nodes."""
    wall, cpu, node = 0.0, 0.0, b"\x01" + bytes(64)
    while chunk := [b"\x00" + entry for entry in islice(entries, CHUNK)]:
        began, spent = time.perf_counter(), time.process_time()
        for leaf in chunk:
            sha256(leaf).digest()
            sha256(node).digest()
        wall, cpu = wall + time.perf_counter() - began, cpu + time.process_time() - spent
    lines.say("the limit: SHA-256 of leaves and nodes", count, wall, cpu)


def proofs(log: Ledger, entries: list[bytes], size: int, count: int) -> None:
    """Proofs of entries drawn at random, checked against the checkpoint."""
    checkpoint = log.checkpoint()
    assert checkpoint is not None
    assert checkpoint.size == size
    took: list[float] = []
    for _ in range(count):
        index = random.randrange(len(entries))
        began = time.perf_counter()
        proof = log.inclusion_proof(index)
        took.append(time.perf_counter() - began)
        leaf = leaf_hash(entries[index])
        assert root_from_inclusion(leaf, index, size, proof) == checkpoint.root
    _say_proofs("ours, from the tiles", size, took)


def _say_proofs(label: str, size: int, took: list[float]) -> None:
    took.sort()
    half, most = took[len(took) // 2], took[len(took) * 99 // 100]
    print(
        f"inclusion proof, {label:27}{size:10,}  median {half * 1e3:.3f} ms  p99 {most * 1e3:.3f}"
    )


def peer(entries: list[bytes], folder: Path, count: int, lines: Lines) -> None:
    """The same with pymerkle: append, root, proofs."""
    size, root = len(entries), root_of(leaf_hashes(entries))
    for label, tree in (
        ("SQLite", pymerkle.SqliteTree(str(folder / "peer.db"))),
        ("memory", pymerkle.InmemoryTree()),
    ):
        with_root = f"pymerkle ({label}): append and root"
        found = lines.measure(with_root, size, lambda t=tree: _appended(t, entries))  # type: ignore[misc]
        if bytes(found) != root:
            raise SystemExit("pymerkle comes to another root")
        took = []
        for _ in range(min(count, 200)):
            began = time.perf_counter()
            tree.prove_inclusion(random.randrange(1, size + 1), size)
            took.append(time.perf_counter() - began)
        _say_proofs(f"pymerkle ({label})", size, took)


def _appended(tree: Any, entries: list[bytes]) -> Any:
    if isinstance(tree, pymerkle.SqliteTree):
        tree.append_entries(entries)
    else:
        for entry in entries:
            tree.append_entry(entry)
    return tree.get_root()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--entries", type=int, default=3_000_000)
    parser.add_argument("--peer-entries", type=int, default=300_000)
    parser.add_argument("--proofs", type=int, default=2_000)
    parser.add_argument("--folder", help="where to work (default: a temporary folder)")
    args = parser.parse_args()
    folder = Path(tempfile.mkdtemp(dir=args.folder))
    sealed, size = min(args.peer_entries, args.entries - 1), args.entries
    random.seed(1)
    lines = Lines()
    database = Database(f"sqlite:///{folder / 'comity.db'}")
    try:
        database.migrate()
        encode(min(size, 100_000), lines)
        record(database, sealed, size - 1, lines)
        grow(database, sealed + 1, size)
        log = Ledger(folder / "log", ORIGIN)
        tiles, key = folder / "log", str(SIGNER.verifier)
        words = f"publish from the database, {PUBLISHINGS} checkpoints"
        lines.measure(words, size, lambda: publish(database, log, size))
        lines.measure("verify from the tiles", size, lambda: verify(tiles, SIGNER.verifier))
        lines.measure("verify, and that all adds up", size, lambda: verify_log(tiles, key))
        with database.reading() as connection:
            limit(acts.entries_from(connection, 0), size, lines)
            few = list(islice(acts.entries_from(connection, 0), args.peer_entries))
        peer(few, folder, args.proofs, lines)
        proofs(log, few, size, args.proofs)
    finally:
        database.close()
        shutil.rmtree(folder)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:,.0f} MiB (with the peer's tree)")


if __name__ == "__main__":
    main()
