"""What stands before the clock starts: an exchange with a registry, and a batch, signed."""

from __future__ import annotations

import argparse
import os
import pickle
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from benchmarks.batch_rows import write_batch
from benchmarks.population import Population, write_registry
from comity.agreement.editing import with_signature
from comity.agreement.loading import parse_agreement
from comity.agreement.signing import sign_agreement
from comity.core.clock import SystemClock
from comity.demo import office
from comity.demo.folder import Folder
from comity.demo.officers import HOLDER, REQUESTER, Cast, make_rosters
from comity.exchange.officers import Credentials
from comity.exchange.opening import Exchange, open_exchange
from comity.exchange.registry import build_registry
from comity.exchange.signing import sign_batch

_LIMITS = {
    "{per_day: 100000, per_year: 250000}": "{per_day: 10000000, per_year: 10000000}",
    "{max_open_requests: 250}": "{max_open_requests: 25000}",
}
"""The reference agreement takes no million rows at once, and 60 investigators do not have so many
cases: with its own numbers every row would be returned, and nothing looked up."""


@dataclass(frozen=True)
class Desk:
    """An exchange about to receive a batch."""

    exchange: Exchange
    batch: Path
    manifest: Path
    agreement: str
    preparer: Credentials
    auditor: Credentials

    def close(self) -> None:
        """Let go of the exchange and remove it."""
        self.exchange.close()
        shutil.rmtree(self.exchange.directory)


@contextmanager
def desk_of_call(about: str, *, persons: int, requests: int) -> Iterator[Desk]:
    """Read the call (`--persons`, `--requests`, `--folder`), and prepare."""
    parser = argparse.ArgumentParser(description=about.splitlines()[0])
    parser.add_argument("--persons", type=int, default=persons)
    parser.add_argument("--requests", type=int, default=requests)
    parser.add_argument("--folder", type=Path, help="keep what is made, and use it again")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="comity-batch-") as scratch:
        desk = prepare(args.folder or Path(scratch), persons=args.persons, requests=args.requests)
        try:
            yield desk
        finally:
            desk.close()


def prepare(folder: Path, *, persons: int, requests: int) -> Desk:
    """Make what is not there yet in a folder, and a fresh exchange; says how long it took."""
    begun = time.perf_counter()
    population = Population(persons)
    here = Folder(folder / f"office-{persons}")
    known = here.path / "cast.pickle"
    if not known.exists():
        _make_office(here, population)
    with known.open("rb") as file:
        cast: Cast = pickle.load(file)  # our own file of a moment ago
    batch = folder / f"batch-{persons}-{requests}.csv"
    if not batch.exists():
        partial = batch.with_suffix(".partial")
        write_batch(population, requests, partial, today=SystemClock().now().date())
        partial.rename(batch)
        print(f"batch: {batch.stat().st_size / 2**20:,.0f} MiB")
    manifest = batch.with_name(batch.name + ".manifest.json")
    manifest.unlink(missing_ok=True)
    head = office.credentials(cast, cast.requester_head)
    sign_batch(batch, here.agreement, cast.preparer, head, clock=SystemClock())
    fresh = here.path / f"run-{os.getpid()}"
    shutil.copytree(here.exchange, fresh, ignore=shutil.ignore_patterns("registry"))
    shutil.copytree(here.exchange / "registry", fresh / "registry", copy_function=os.link)
    print(f"{persons:,} persons and {requests:,} rows ready in {time.perf_counter() - begun:.0f} s")
    preparer, auditor = (office.credentials(cast, who) for who in (cast.preparer, cast.inspector))
    return Desk(open_exchange(fresh), batch, manifest, office.AGREEMENT, preparer, auditor)


def _make_office(here: Folder, population: Population) -> None:
    shutil.rmtree(here.path, ignore_errors=True)
    here.world.mkdir(parents=True)
    clock = SystemClock()
    cast = make_rosters(here.world, today=clock.now().date())
    _sign_agreement(here, cast)
    exchange = office.open_exchange(here, cast, clock)
    source = here.world / "registry.parquet"
    write_registry(population, source)
    with exchange.writing():
        build_registry(exchange, source, office.credentials(cast, cast.operator))
    exchange.close()
    source.unlink()
    with (here.path / "cast.pickle").open("wb") as file:
        pickle.dump(cast, file)


def _sign_agreement(here: Folder, cast: Cast) -> None:
    source = files("comity.demo") / "data" / f"{office.AGREEMENT}.yaml"
    text, clock = source.read_text("utf-8"), SystemClock()
    for old, new in _LIMITS.items():
        if old not in text:
            raise ValueError(f"the reference agreement has no {old}")
        text = text.replace(old, new)
    for party, head in ((HOLDER, cast.holder_head), (REQUESTER, cast.requester_head)):
        agreement = parse_agreement(text, here.agreement.name).agreement
        key = office.credentials(cast, head).key
        signature = sign_agreement(agreement, party, head, key, clock.now())
        text = with_signature(text, here.agreement.name, signature)
    here.agreement.write_text(text, "utf-8")
