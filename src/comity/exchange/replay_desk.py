"""The desk at which the dossiers of a batch are opened and judged again, and nothing else.

It reads no disk: what it needs is handed to it, so that several in processes of their own can work
on one batch (see crew.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from comity.agreement.model import Agreement
from comity.core.canonical import Json
from comity.determination.determine import RULES_VERSION
from comity.determination.stay import Reach, Stay
from comity.examination.context import Context
from comity.examination.engine import Examination
from comity.examination.examiner import Examiner
from comity.examination.traits import Traits, traits_of
from comity.exchange.pseudonyms import Pseudonyms
from comity.oversight.replay import differences
from comity.request.model import Request
from comity.store.acts import Dossier, SealedDossier, open_dossier
from comity.store.sealing import OWN

_NOT_COMMITTED = "commitment: what is sealed is not what the log committed to"


@dataclass(frozen=True)
class _Keys:
    """The key-encryption keys of one batch."""

    keks: Mapping[str, bytes]

    def kek(self, name: str = OWN) -> bytes:
        return self.keks[name]


@dataclass(frozen=True)
class Looked:
    """What the whole batch has to know of some rows, and the sealed matches whose search can be
    repeated, with the requests that they are of."""

    traits: Traits
    searchable: Sequence[tuple[Request, Json]]


@dataclass(frozen=True)
class Judged:
    """Rows judged again: how many bear a match, how many were determined under other rules, how
    many came out the same, and what differs in each of the others."""

    matches: int
    other_rules: int
    same: int
    differing: list[tuple[int, list[str]]]


class ReplayDesk:
    """Works on one batch; `registry` is the digest of the registry that can be searched again."""

    def __init__(
        self, batch: str, keks: Mapping[str, bytes], pseudonyms: Pseudonyms, registry: str | None
    ) -> None:
        self._batch = batch
        self._keys = _Keys(keks)
        self._pseudonyms = pseudonyms
        self._registry = registry

    def look(self, rows: Sequence[SealedDossier]) -> Looked:
        """Look through some rows before any of them is judged."""
        found = self._opened(rows)
        requests = [_request(one) for one in found]
        searchable = [
            (request, one.content["match"])
            for one, request in zip(found, requests, strict=True)
            if one.content["match"] is not None and one.content["registry"] == self._registry
        ]
        return Looked(traits_of(requests, self._pseudonyms), searchable)

    def begin(
        self,
        agreement: Agreement,
        digest: str,
        examination: Examination,
        context: Context,
        stays: tuple[Stay, ...],
    ) -> None:
        """Judge by this from now on."""
        self._agreement, self._digest, self._stays = agreement, digest, stays
        self._examiner = Examiner(examination, context)

    def judge(self, rows: Sequence[SealedDossier]) -> Judged:
        """Judge some rows again and compare."""
        found = self._opened(rows)
        current = [one for one in found if _version(one) == RULES_VERSION]
        requests = [_request(one) for one in current]
        differing: list[tuple[int, list[str]]] = []
        for one, request, examined in zip(
            current, requests, self._examiner.examine(requests), strict=True
        ):
            reach = Reach(self._agreement.id, self._batch, request.row, request.statute)
            what = [] if one.committed else [_NOT_COMMITTED]
            what += differences(
                *(one.content, examined.findings, self._agreement, self._digest),
                *(reach, self._stays),
            )
            if what:
                differing.append((request.row, what))
        matches = sum(one.content["match"] is not None for one in current)
        same = len(current) - len(differing)
        return Judged(matches, len(found) - len(current), same, differing)

    def _opened(self, rows: Sequence[SealedDossier]) -> list[Dossier]:
        return [open_dossier(self._keys, self._batch, one) for one in rows]


def _request(dossier: Dossier) -> Request:
    found: Any = dossier.content["request"]
    return Request.from_json(found)


def _version(dossier: Dossier) -> str:
    found: Any = dossier.content["determination"]
    return str(found["rules_version"])
