"""Fuzz the parsers with atheris, which seeks inputs that reach new code (`make fuzz`).

    python -m tests.fuzz.with_atheris [--seconds 60] [TARGET …]

Each target runs in a process of its own, with its seeds as the corpus. Ends with 1 at a finding,
which stands in a file `crash-…` beside the corpus.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

NAMES = (
    *("note", "checkpoint", "verifier_key", "tile_path", "bundle"),
    *("entry", "proof", "proof_key", "consistency"),
)


def _fuzz(name: str, folder: str, seconds: int) -> None:
    import atheris

    with atheris.instrument_imports(include=["comity.core", "comity.ledger"]):
        from tests.fuzz.targets import TARGETS
    atheris.Setup(
        [
            *(sys.argv[0], folder, f"-max_total_time={seconds}", "-max_len=4096"),
            *("-print_final_stats=1", "-timeout=5", f"-artifact_prefix={folder}/"),
        ],
        TARGETS[name],
    )
    atheris.Fuzz()


def main() -> None:
    """Fuzz one target after the other."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--into", help=argparse.SUPPRESS)
    parser.add_argument("targets", nargs="*", help="by default all: " + ", ".join(NAMES))
    args = parser.parse_args()
    if args.into:
        _fuzz(args.targets[0], args.into, args.seconds)
        return
    from tests.fuzz.targets import SEEDS

    found = False
    for name in args.targets or NAMES:
        folder = Path(tempfile.mkdtemp(prefix=f"comity-fuzz-{name}-"))
        for number, seed in enumerate(SEEDS[name]):
            (folder / f"seed-{number}").write_bytes(seed)
        command = [sys.executable, "-m", "tests.fuzz.with_atheris", name, "--into", str(folder)]
        done = subprocess.run(
            [*command, "--seconds", str(args.seconds)], capture_output=True, text=True, check=False
        )
        stats = dict(
            line.removeprefix("stat::").split(":", 1)
            for line in done.stderr.splitlines()
            if line.startswith("stat::")
        )
        executed = int(stats.get("number_of_executed_units", "0"))
        corpus = sum(1 for _ in folder.iterdir())
        crashes = [path.name for path in folder.glob("*-*") if not path.match("seed-*")]
        print(
            f"{name:14}{executed:12,} executions, {corpus:6,} inputs, findings: {crashes or 0}",
            flush=True,
        )
        if done.returncode or crashes:
            found = True
            print(done.stderr[-3_000:])
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
