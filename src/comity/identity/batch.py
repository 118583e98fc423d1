"""Matching a file of requests against an index, or explaining some of its rows, without an
exchange."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from comity.agreement.model import Agreement, IdentityPolicy
from comity.core.errors import UsageError
from comity.identity.explanation import Explanation
from comity.identity.match import Decision, Match
from comity.identity.record import subject_of
from comity.identity.registry import Registry
from comity.identity.results import write_matches
from comity.request.cells import to_requests
from comity.request.intake import IDENTITY_COLUMNS, Batch, no_requests, open_batch
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
"""Malformed rows told, and rows of one request id explained, at the most."""


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
    policy, tally = _policy(agreement), _Tally()
    with _open(requests, agreement) as batch, Registry.open(registry, key=key) as opened:
        rows = write_matches(_matches(batch, opened, policy, tally, progress), out)
    return Matched(rows, dict(tally.decisions), tally.malformed, tuple(tally.listed))


@dataclass(frozen=True)
class Explained:
    """One row of a file, explained: the line where it begins and, of a malformed one, what is
    wrong with it."""

    line: int
    problems: tuple[str, ...]
    explanation: Explanation


@dataclass(frozen=True)
class ExplainedRows:
    """Every row that bears one request id, of which at most LISTED are explained."""

    rows: int
    explained: tuple[Explained, ...]


def explain_rows(
    requests: Path,
    registry: Path,
    request_id: str,
    *,
    key: bytes | None = None,
    agreement: Agreement | None = None,
    progress: Callable[[int], None] = lambda _done: None,
) -> ExplainedRows:
    """Explain the rows of a batch file that bear this request id. The file is read through, and
    those rows alone are looked up; memory does not grow with the file.

    Raises UsageError where no row bears it, IntakeError or RegistryError where the file or the
    index cannot be read."""
    with _open(requests, agreement) as batch, Registry.open(registry, key=key) as opened:
        wanted: list[Request] = []
        rows = nameless = 0
        for request in _likely(batch, request_id, progress):
            nameless += not request.request_id
            if request.request_id == request_id:
                rows += 1
                wanted += [request] * (len(wanted) < LISTED)
        if not request_id or not wanted:
            raise UsageError(
                "No row of the file bears the request id that is to be explained.",
                where=str(requests),
                cure="Give one as it stands in the column request_id, upper and lower case alike."
                + (f" Rows without one: {nameless:,}." if nameless else ""),
            )
        return ExplainedRows(rows, tuple(_explained(wanted, opened, _policy(agreement))))


def _likely(batch: Batch, request_id: str, progress: Callable[[int], None]) -> Iterator[Request]:
    """The rows that bear this id, and few others: those without one, and those whose id shows only
    when it is brought to normal form. Making requests of these alone takes a third of the time of
    making them of all."""
    row = 0
    for block in batch.blocks():
        for cells in batch.reader.form.cells(block):
            row += 1
            named = cells.values.get("request_id", "")
            if named == request_id or not _is_plain(named):
                yield from to_requests([cells], batch.reader.facts, first=row)
        progress(row)
    if not row:
        raise no_requests(batch.path)


def _is_plain(text: str | list[str]) -> bool:
    """Whether a cell is surely in normal form as it stands; may say no where one is."""
    return (
        isinstance(text, str)
        and 0 < len(text) < 200
        and text.isascii()
        and text.isprintable()
        and " " not in text
    )


def _explained(
    wanted: list[Request], registry: Registry, policy: IdentityPolicy
) -> Iterator[Explained]:
    sound = [request for request in wanted if not request.problems]
    found = iter(registry.verify(map(subject_of, sound), policy))
    for request in wanted:
        match = _malformed(request) if request.problems else next(found)
        yield Explained(request.line, tuple(_problems(request)), match.explain())


def _open(requests: Path, agreement: Agreement | None) -> Batch:
    facts = {fact.name for fact in agreement.facts} if agreement else set()
    return open_batch(requests, facts=facts, required=IDENTITY_COLUMNS)


def _policy(agreement: Agreement | None) -> IdentityPolicy:
    return agreement.identity if agreement else IdentityPolicy()


def _malformed(request: Request) -> Match:
    return Match(request.request_id, Decision.NONE, reason=MALFORMED)


def _problems(request: Request) -> Iterator[str]:
    for problem in request.problems:
        yield f"{problem.column}: {problem.what}" if problem.column else problem.what


class _Tally:
    """What is counted while rows go by."""

    def __init__(self) -> None:
        self.decisions: Counter[Decision] = Counter()
        self.malformed = 0
        self.listed: list[tuple[int, str]] = []

    def remark(self, request: Request) -> None:
        self.malformed += 1
        if len(self.listed) < LISTED:
            self.listed.append((request.line, "; ".join(_problems(request))))


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
                match = _malformed(request)
            else:
                match = next(found)
            tally.decisions[match.decision] += 1
            yield match
        done += len(chunk)
        progress(done)
