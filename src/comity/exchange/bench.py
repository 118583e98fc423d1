"""The bench: where rows of a batch are read, looked through and examined, and nothing else.

It reads no disk and no clock; what it needs is handed to it, so that several benches in processes
of their own can work on one batch (see crew.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from comity.examination.context import Context, Fingerprint
from comity.examination.engine import Examination
from comity.examination.examiner import Examined, Examiner
from comity.examination.results import Answer, answer_of
from comity.examination.traits import Traits, traits_of
from comity.request.blocks import Block
from comity.request.intake import Reader
from comity.request.model import Request

Said = tuple[str, str, tuple[str, ...], tuple[str, ...]]
"""The parts of an Answer; what many rows share is one object, and is sent but once."""

_KEPT = 5_000


class Bench:
    """Works on one batch; see the module."""

    def __init__(self, reader: Reader, fingerprint: Fingerprint) -> None:
        self._reader = reader
        self._fingerprint = fingerprint

    def survey(self, blocks: Sequence[Block]) -> Traits:
        """What some rows have that others may have too; they are numbered from 1."""
        return traits_of(self._requests(blocks, 1), self._fingerprint)

    def examine_in(self, examination: Examination, context: Context) -> None:
        """Examine in this context from now on."""
        self._examiner = Examiner(examination, context)
        self._answers: dict[int, tuple[Examined, Answer]] = {}

    def answers(self, first: int, blocks: Sequence[Block]) -> list[Said]:
        """What an examination says of the rows of some blocks, the first being row `first`."""
        requests = self._requests(blocks, first)
        return list(map(self._said, requests, self._examiner.examine(requests)))

    def _said(self, request: Request, examined: Examined) -> Said:
        known = self._answers.get(id(examined))
        if known is None:
            if len(self._answers) > _KEPT:
                self._answers.clear()
            known = self._answers[id(examined)] = examined, answer_of(request, examined.findings)
        answer = known[1]
        return request.request_id, answer.outcome, answer.rule_ids, answer.reasons

    def _requests(self, blocks: Sequence[Block], first: int) -> list[Request]:
        requests: list[Request] = []
        for block in blocks:
            requests += self._reader.requests(block, first=first + len(requests))
        return requests
