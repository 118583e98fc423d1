"""Speed and memory of the identity check beside Splink 5, one command.

    python benchmarks/identity.py [--persons 10000000] [--requests 10000 1280000] [--singles 2000]
                                  [--no-peer] [--folder DIR]

Makes a population (`benchmarks/population.py`), builds the index or reuses the one in the folder,
and prints: verifying batches, by stage; single look-ups; Splink's `predict` on the same standard
fields and keys (`benchmarks/peer_speed.py`); and the distance to what the machine could do. Every
measurement is a process of its own, so that peak memory is that of one thing. Several sizes may be
given; from the smallest and the largest it computes what 300 million persons would take, and where
there is a third, how well the two foretell it. Figures are kept in DIR/figures.json.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parents[1]))  # so that it also runs as a script
from benchmarks.identity_tables import Figures, beside, limits, size, slope, verified
from benchmarks.population import Population
from benchmarks.population_requests import write_requests

BYTES = 450
"""Of disk that one person takes at the worst moment of a build: source, sorting, index (375 were
measured at 10 million)."""
PEER_BYTES = 400
"""Of disk that one person takes in Splink's tables and what it spills."""
WAYS = ("plain", "registered pairs")


class Bench:
    """One population with its index, requests and figures, in a folder of its own."""

    def __init__(self, persons: int, args: argparse.Namespace) -> None:
        self.persons, self.args = persons, args
        self.folder = Path(args.folder) / f"{persons}"
        self.index = self.folder / "index"
        self.figures: Figures = {"persons": persons}

    def run(self) -> Figures:
        """Measure everything that was asked for, and print each thing as it comes."""
        self._room()
        self.folder.mkdir(parents=True, exist_ok=True)
        print(f"\n{self.persons:,} persons; {os.cpu_count()} processors\n")
        self.figures["build"] = self._build()
        self._requests()
        self.figures["verify"] = {
            count: _measure("identity_measured", "verify", **self._batch(count))
            for count in self.args.requests
        }
        batch = self._batch(max(self.args.requests))
        self.figures["singles"] = _measure(
            "identity_measured",
            "singles",
            index=str(self.index),
            requests=batch["requests"],
            count=self.args.singles,
        )
        print(verified(self.figures))
        self.figures["limits"] = _measure("identity_measured", "limits", index=str(self.index))
        print(limits(self.figures))
        if self.args.peer:
            self.figures["peer"] = self._peer()
            print(beside(self.figures))
        return self.figures

    def _room(self) -> None:
        """Measure the disk first. Exits where a build would not fit."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        each = (0 if self._built() else BYTES) + (PEER_BYTES if self.args.peer else 0)
        needed, free = self.persons * each, shutil.disk_usage(self.folder.parent).free
        if needed > free:
            sys.exit(
                f"{self.persons:,} persons need {size(needed)} of disk at {self.folder.parent}, "
                f"and {size(free)} are free: give --folder on a larger disk, or fewer --persons."
            )

    def _built(self) -> bool:
        return (self.index / "manifest.json").exists() and (self.folder / "built.json").exists()

    def _build(self) -> Figures:
        kept = self.folder / "built.json"
        if not self._built():
            made = _measure(
                "identity_measured",
                "build",
                persons=self.persons,
                folder=str(self.folder),
                seed=self.args.seed,
            )
            kept.write_text(json.dumps(made))
        figures: Figures = json.loads(kept.read_text())
        index = figures["bytes"]
        print(
            f"built in {figures['seconds']:.0f} s (processor {figures['processor']:.0f} s), "
            f"peak {size(figures['peak'])}, disk {size(figures['disk'])} beside the source; "
            f"{figures['rows']:,} rows; index "
            f"{size(index['index.duckdb'])}, items {size(index['items.duckdb'])}; "
            f"keys too common: {sum(figures['common_keys'].values()):,}\n"
        )
        return figures

    def _requests(self) -> None:
        """The largest batch and the beginnings of it."""
        count = max(*self.args.requests, self.args.singles + 50)
        write_requests(Population(self.persons, self.args.seed), count, self.folder)
        table = pq.read_table(self.folder / "requests.parquet")
        for few in self.args.requests:
            pq.write_table(table.slice(0, few), self._batch(few)["requests"])

    def _batch(self, count: int) -> dict[str, str]:
        return {
            "index": str(self.index),
            "requests": str(self.folder / f"requests_{count}.parquet"),
            "truth": str(self.folder / "truth.parquet"),
        }

    def _peer(self) -> dict[int, Figures]:
        database, model = self.folder / "peer.duckdb", self.folder / "peer.json"
        if not model.exists():
            database.unlink(missing_ok=True)
            files = [self._batch(count)["requests"] for count in sorted(self.args.requests)]
            places = {"database": str(database), "model": str(model)}
            whom = {"persons": self.persons, "seed": self.args.seed}
            _measure("peer_speed", "prepare", **whom, requests=files, **places)
        return {count: self._predicted(database, model, count) for count in self.args.requests}

    def _predicted(self, database: Path, model: Path, count: int) -> Figures:
        where = {"database": str(database), "requests": f"requests_{count}"}
        asked = where | {"model": str(model), "memory": self.args.memory}
        spill = self.folder / "spill"
        runs: dict[str, Figures] = {}
        for way in WAYS:
            try:
                runs[way] = _measure("peer_speed", "predict", **asked, spill=str(spill), way=way)
            except subprocess.CalledProcessError as error:
                runs[way] = {"failed": f"ended with {error.returncode}"}
            shutil.rmtree(spill, ignore_errors=True)
        return {"ways": runs, **_measure("peer_speed", "pairs", **where)}


def _measure(module: str, act: str, **arguments: Any) -> Figures:
    """Run one act in a process of its own; its last line is what it measured."""
    command = [sys.executable, str(Path(__file__).with_name(f"{module}.py")), act]
    done = subprocess.run(
        [*command, json.dumps(arguments)], check=True, stdout=subprocess.PIPE, text=True
    )
    figures: Figures = json.loads(done.stdout.rstrip().split("\n")[-1])
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--persons", type=int, nargs="+", default=[10_000_000])
    parser.add_argument("--requests", type=int, nargs="+", default=[10_000, 1_280_000])
    parser.add_argument("--singles", type=int, default=2_000)
    parser.add_argument("--peer", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--memory", default="16GB", help="Splink's limit before it spills")
    parser.add_argument("--folder", type=Path, help="kept; a temporary one if not given")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        args.folder = args.folder or Path(temporary)
        kept = args.folder / "figures.json"
        known = json.loads(kept.read_text()) if kept.exists() else {}
        for persons in args.persons:
            figures = Bench(persons, args).run()
            known[str(persons)] = json.loads(json.dumps(figures))
            kept.write_text(json.dumps(known, indent=1))
        if len(known) > 1:
            print(slope(list(known.values())))


if __name__ == "__main__":
    main()
