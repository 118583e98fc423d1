"""The whole way at full size: a batch like the real one, from intake to a signed checkpoint.

    python benchmarks/batch.py [--persons 10000000] [--requests 1280000] [--folder DIR]

Makes a population, its registry in an exchange of its own, and a batch with the real file's defects
in their real shares (`batch_rows`); then times `submit` and the publication of the log: every row
read, examined under every rule, the sound ones looked up, all determined, sealed, stored and
logged. Afterwards the log is verified and its counts compared with the database's.

With `--folder` everything made before the clock starts is kept there and used again. There is no
peer for the whole way; what stands beside it is the floor: the same bytes merely hashed, encrypted
and inserted.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it also runs as a script
from benchmarks.batch_floor import floor
from benchmarks.batch_office import Desk, desk_of_call
from benchmarks.memory import Peak
from comity.exchange.submitting import Submitted, submit
from comity.exchange.verifying import verify_log
from comity.store import cases


@dataclass
class Clocked:
    """Stages in order, with the seconds that each took."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage."""
        begun = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - begun


class _Submission:
    """Splits a submission into its passes by what its progress tells."""

    def __init__(self) -> None:
        self._begun = self._last = time.perf_counter()
        self.passes: dict[str, float] = {}

    def tell(self, stage: str, _done: int, _total: int) -> None:
        """Hear of progress."""
        now = time.perf_counter()
        self.passes[stage] = self.passes.get(stage, 0.0) + now - self._last
        self._last = now


def run(desk: Desk) -> bool:
    """Take the batch the whole way and print the tables; whether the counts agree."""
    clocked, heard = Clocked(), _Submission()
    with Peak() as peak, desk.exchange.writing():
        with clocked.stage("submit"):
            made = submit(
                desk.exchange,
                desk.batch,
                desk.agreement,
                desk.preparer,
                manifest_path=desk.manifest,
                progress=heard.tell,
            )
        with clocked.stage("publish the log, sign the checkpoint"):
            desk.exchange.publish()
    passes = {
        "look through (read, fingerprints)": heard.passes.get("reading", 0.0),
        "judge (read, examine, look up, determine, seal, store)": heard.passes.get("judging", 0.0),
    }
    passes["open, survey, close"] = clocked.seconds["submit"] - sum(passes.values())
    passes["publish the log, sign the checkpoint"] = clocked.seconds[
        "publish the log, sign the checkpoint"
    ]
    print(f"\n{'stage':<58}{'seconds':>9}{'rows/s':>12}")
    for name, seconds in [*passes.items(), ("in all", sum(clocked.seconds.values()))]:
        print(f"{name:<58}{seconds:>9.1f}{made.rows / max(seconds, 1e-9):>12,.0f}")
    print(
        f"\npeak memory, all processes: {peak.total / 2**30:.2f} GiB; main: {peak.main / 2**30:.2f}"
    )
    files = {"database": desk.exchange.directory.glob("comity.db*")}
    files["log"] = (desk.exchange.directory / "log").rglob("*")
    for name, paths in files.items():
        size = sum(path.stat().st_size for path in paths if path.is_file())
        print(f"{name}: {size / 2**20:,.0f} MiB, {size / made.rows:,.0f} bytes a row")
    good = _agree(desk, made)
    floor(desk.exchange, made.rows, sum(clocked.seconds.values()))
    return good


def _agree(desk: Desk, made: Submitted) -> bool:
    with desk.exchange.database.reading() as connection:
        outcomes = cases.counts_by(connection, "outcome", made.batch)
    print("\noutcomes: " + ", ".join(f"{name} {n:,}" for name, n in sorted(outcomes.items())))
    begun = time.perf_counter()
    verified = verify_log(desk.exchange.directory / "log", desk.exchange.log_verifier_key)
    seconds = time.perf_counter() - begun
    print(f"log of {verified.checkpoint.size:,} entries verified in {seconds:.1f} s")
    sums = {
        "rows received": made.rows,
        "outcomes in the database": sum(outcomes.values()),
        "statuses told": sum(made.counts.values()),
        "determinations in the log": verified.types["request.determined"],
    }
    for name, count in sums.items():
        print(f"{name}: {count:,}")
    good = len(set(sums.values())) == 1
    print("the counts agree" if good else "THE COUNTS DO NOT AGREE")
    return good


def main() -> None:
    """Read the call."""
    with desk_of_call(__doc__ or "", persons=10_000_000, requests=1_280_000) as desk:
        good = run(desk)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
