"""The whole way, from nothing to a verified log: what `comity demo` does."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from comity.core.clock import Clock, SystemClock
from comity.core.errors import LedgerError, UsageError
from comity.core.keys import load_encryption_key
from comity.demo import office
from comity.demo.comparison import tally
from comity.demo.folder import Folder, prepare
from comity.demo.gathering import (
    COMMANDS,
    FOLDER,
    course_of,
    disclosed_persons,
    reasons_of,
    write_readme,
)
from comity.demo.officers import PASSPHRASE, Cast, make_rosters
from comity.demo.page import render
from comity.demo.procedure_2025 import disclosures_2025
from comity.demo.report import Delivery, LogStory, Report, Stage
from comity.demo.tampering import tamper
from comity.demo.world import SEED, fewest_persons, make_world, read_truth
from comity.exchange import disclosing, receiving, status
from comity.exchange.opening import Exchange
from comity.exchange.registry import build_registry
from comity.exchange.signing import sign_batch
from comity.exchange.submitting import submit
from comity.exchange.verifying import verify_log

Progress = Callable[[str, int, int], None]
"""Told the stage, how much of it is done, and of how much (0 = not known)."""


def run_demo(
    directory: Path,
    *,
    persons: int = 100_000,
    requests: int = 10_000,
    seed: int = SEED,
    force: bool = False,
    clock: Clock | None = None,
    progress: Progress = lambda _stage, _done, _total: None,
) -> Report:
    """Make a world in `directory` and take its batch the whole way; leave everything there.

    Raises UsageError for a folder that holds anything (see `prepare`), and unless the registry
    has more than twice as many persons as there are requests."""
    if persons < fewest_persons(requests):
        raise UsageError(
            f"{requests:,} requests need {fewest_persons(requests):,} persons at the least.",
            cure="Give more --persons, or fewer --requests.",
        )
    clock = clock or SystemClock()
    today = clock.now().date()
    folder = prepare(directory, force=force)
    stages = _Stages(progress)
    with stages.stage("Making the world"):
        world = make_world(folder.world, today=today, persons=persons, requests=requests, seed=seed)
        cast = make_rosters(folder.world, today=today)
    with stages.stage("Opening the exchange"):
        office.sign_reference_agreement(folder, cast, clock)
        exchange = office.open_exchange(folder, cast, clock)
    try:
        operator = office.credentials(cast, cast.operator)
        with stages.stage("Building the registry") as step, exchange.writing():
            build_registry(
                exchange, world.registry, operator, lambda done: step(done, world.addresses)
            )
        with stages.stage("Examining and judging") as step:
            head = office.credentials(cast, cast.requester_head)
            manifest = sign_batch(world.batch, folder.agreement, cast.preparer, head, clock=clock)
            with exchange.writing():
                submitted = submit(
                    exchange,
                    world.batch,
                    office.AGREEMENT,
                    office.credentials(cast, cast.preparer),
                    manifest_path=manifest,
                    progress=lambda _, done, total: step(done, total),
                )
        batch = submitted.batch
        with stages.stage("Reviewing") as step:
            reviewed = office.review(exchange, cast, batch, step)
        with stages.stage("Staying and disclosing"):
            scene = office.stay_scene(exchange, cast, batch)
            with exchange.writing():
                officer = office.credentials(cast, cast.disclosure_officers[1])
                (closed,) = disclosing.disclose(exchange, officer, batch)
            status.write_requester_answers(exchange, batch, folder.answers)
        with stages.stage("Opening the packages") as step:
            delivery = _deliver(folder, cast, exchange, step)
        with stages.stage("Verifying the log"):
            log = _log_story(folder, exchange)
        with stages.stage("Comparing with 2025"):
            truth = read_truth(world.truth)
            then = tally(disclosures_2025(world.registry, world.batch), truth)
            now = tally(disclosed_persons(exchange, batch), truth)
        (standing,) = status.batch_statuses(exchange, batch)
        report = Report(
            made=today.isoformat(),
            version=version("comity"),
            persons=world.persons,
            addresses=world.addresses,
            course=course_of(submitted, reviewed, closed.answers),
            statuses={one.value: count for one, count in standing.counts.items()},
            reasons=reasons_of(exchange, office.AGREEMENT, folder.answers, reviewed),
            then=then,
            now=now,
            stay=scene,
            delivery=delivery,
            refused_attempt=reviewed.refused,
            log=log,
            stages=stages.done,
            folder=FOLDER,
            commands=COMMANDS,
        )
    finally:
        exchange.close()
    write_readme(folder, report)
    folder.page.write_text(render(report), "utf-8")  # last: it says that the run is complete
    return report


class _Stages:
    """Times the stages and tells the progress of the one under way."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._done: list[Stage] = []

    @property
    def done(self) -> tuple[Stage, ...]:
        """The stages so far."""
        return tuple(self._done)

    @contextmanager
    def stage(self, name: str) -> Iterator[Callable[[int, int], None]]:
        """A stage; what it yields takes how much of it is done, and of how much."""
        self._progress(name, 0, 0)
        begun = time.perf_counter()
        yield lambda done, total: self._progress(name, done, total)
        self._done.append(Stage(name, time.perf_counter() - begun))


def _deliver(
    folder: Folder, cast: Cast, exchange: Exchange, step: Callable[[int, int], None]
) -> Delivery:
    """Every recipient opens the package with their own key and signs a receipt for it; the first
    one's answers stay in the folder."""
    made = status.packages(exchange)
    answers = 0
    folder.opened.mkdir()
    with exchange.writing():
        for done, package in enumerate(made, 1):
            path = exchange.package_path / f"{package.id}.comity"
            key = load_encryption_key(cast.encryption_key(package.recipient), lambda: PASSPHRASE)
            arrived = receiving.open_file(path, key, exchange.package_verifier_key)
            answers += len(arrived.answers)
            if done == 1:
                receiving.write_answers(arrived, folder.opened / f"{package.id}.jsonl")
            receipt = folder.opened / f"{package.id}.receipt.json"
            who = office.credentials(cast, package.recipient)
            receiving.write_receipt(arrived, who, receipt, exchange.clock)
            receiving.take_receipt(exchange, receipt)
            step(done, len(made))
    return Delivery(len(made), len({package.recipient for package in made}), len(made), answers)


def _log_story(folder: Folder, exchange: Exchange) -> LogStory:
    """Verify the log; then change one byte of a copy and verify that, which must fail."""
    key = exchange.log_verifier_key
    begun = time.perf_counter()
    found = verify_log(folder.log, key)
    seconds = time.perf_counter() - begun
    changed = tamper(folder.log, folder.tampered)
    try:
        verify_log(folder.tampered, key)
    except LedgerError as error:
        said = error.message.replace(f"{folder.tampered}/", "")
    else:
        raise AssertionError("a log with a changed byte verified")
    return LogStory(
        origin=found.checkpoint.origin,
        size=found.checkpoint.size,
        root=base64.b64encode(found.checkpoint.root).decode(),
        types=dict(sorted(found.types.items(), key=lambda item: (-item[1], item[0]))),
        verify_seconds=seconds,
        file=changed.file,
        offset=changed.offset,
        before=changed.before,
        after=changed.after,
        said=said,
    )
