"""Matching a whole file of requests against an index, without an exchange."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from comity.agreement.model import Agreement, IdentityPolicy
from comity.identity.match import Decision, Match
from comity.identity.record import subject_of
from comity.identity.registry import Registry
from comity.identity.results import write_matches
from comity.request.intake import IDENTITY_COLUMNS, Batch, open_batch
from comity.request.model import Request
from comity.request.result_file import check_ending, check_output

MALFORMED = "The row is malformed and was not looked up."


@dataclass(frozen=True)
class Matched:
    """How a file came out: its rows, the decisions by count, and the malformed rows by line (at
    most LISTED of them) with what is wrong; they were not looked up and count as `none`."""

    rows: int
    decisions: Mapping[Decision, int]
    malformed: int
    listed: tuple[tuple[int, str], ...]


LISTED = 20


def match_file(
    requests: Path,
    registry: Path,
    out: Path,
    *,
    key: bytes | None = None,
    agreement: Agreement | None = None,
    progress: Callable[[int], None] = lambda _done: None,
) -> Matched:
    """Say of every row of a batch file whom it is about; write the results to `out`.

    `agreement` gives its identity policy and the columns of its facts; without it the default
    policy holds and DESIGN's columns alone are known. Memory does not grow with the file. Raises
    IntakeError, RegistryError or UsageError where a file as a whole cannot be read or written."""
    check_ending(out)
    check_output(out, requests)
    policy = agreement.identity if agreement else IdentityPolicy()
    facts = {fact.name for fact in agreement.facts} if agreement else set()
    tally = _Tally()
    with (
        open_batch(requests, facts=facts, required=IDENTITY_COLUMNS) as batch,
        Registry.open(registry, key=key) as opened,
    ):
        rows = write_matches(_matches(batch, opened, policy, tally, progress), out)
    return Matched(rows, dict(tally.decisions), tally.malformed, tuple(tally.listed))


class _Tally:
    """What is counted while rows go by."""

    def __init__(self) -> None:
        self.decisions: Counter[Decision] = Counter()
        self.malformed = 0
        self.listed: list[tuple[int, str]] = []

    def remark(self, request: Request) -> None:
        self.malformed += 1
        if len(self.listed) < LISTED:
            what = "; ".join(
                f"{problem.column}: {problem.what}" if problem.column else problem.what
                for problem in request.problems
            )
            self.listed.append((request.line, what))


def _matches(
    batch: Batch,
    registry: Registry,
    policy: IdentityPolicy,
    tally: _Tally,
    progress: Callable[[int], None],
) -> Iterator[Match]:
    done = 0
    for chunk in batch.chunks():
        sound = [request for request in chunk if not request.problems]
        found = iter(registry.verify(map(subject_of, sound), policy))
        for request in chunk:
            if request.problems:
                tally.remark(request)
                match = Match(request.request_id, Decision.NONE, reason=MALFORMED)
            else:
                match = next(found)
            tally.decisions[match.decision] += 1
            yield match
        done += len(chunk)
        progress(done)
