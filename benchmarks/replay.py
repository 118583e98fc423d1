"""Replaying determinations from what was sealed of them.

    python benchmarks/replay.py [--persons 100000] [--requests 100000] [--folder DIR]

Submits a batch with the real file's defects (as `benchmarks/batch.py` does), then makes every
determination anew and compares. There is no peer: what stands beside it is the submission itself,
which did the same, searched the registry and recorded.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it also runs as a script
from benchmarks.batch_office import desk_of_call
from benchmarks.memory import Peak
from comity.exchange.replaying import replay
from comity.exchange.submitting import submit


def main() -> None:
    """Read the call, measure, print."""
    with (
        desk_of_call(__doc__ or "", persons=100_000, requests=100_000) as desk,
        desk.exchange.writing(),
    ):
        begun = time.perf_counter()
        made = submit(
            desk.exchange,
            desk.batch,
            desk.agreement,
            desk.preparer,
            manifest_path=desk.manifest,
        )
        submitted = time.perf_counter() - begun
        with Peak() as peak:
            begun = time.perf_counter()
            (found,) = replay(desk.exchange, desk.auditor, batch=made.batch)
            seconds = time.perf_counter() - begun
    print(f"submitted in {submitted:.1f} s; replayed in {seconds:.1f} s by every processor")
    print(f"{found.rows / seconds:,.0f} determinations a second; peak {peak.main / 2**30:.2f} GiB")
    print(f"{found.rows:,} rows: {found.same:,} the same, {found.different:,} different")
    print(f"{found.matches:,} decisions about a person taken again from their evidence, and")
    print(f"{found.searched:,} searches of the registry repeated")
    sys.exit(0 if found.same == found.rows == made.rows else 1)


if __name__ == "__main__":
    main()
