"""Disclosures that a mended record, or a mended registry, touches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import islice
from typing import Any

from comity.agreement.model import IdentityPolicy
from comity.core.canonical import Json
from comity.core.clock import parse_moment
from comity.disclosure.items import ItemVault
from comity.exchange.opening import Exchange
from comity.exchange.parties import adopted_agreement
from comity.exchange.recall_causes import WrongRecords
from comity.exchange.reexamining import ALTERED, DISPOSED
from comity.exchange.registry import open_registry, recorded_digests
from comity.identity.match import Match
from comity.identity.registry import Registry, subject_of
from comity.oversight.incident import CANNOT_TELL, Touched
from comity.request.model import Request
from comity.store import incidents
from comity.store.cases import Batch
from comity.store.incidents import Given

ABOUT = "record: the answer is about this person"
_AMONG = "record: among the persons who were weighed"
_NOT_CERTAIN = "registry: no one person is certain any more"
_ANOTHER = "registry: another person is meant"
_ITEM = "registry: what was given is not what the record says of that day"
_UNKNOWN_ITEM = f"{CANNOT_TELL}: what was given was disposed of"
_AT_A_TIME = 10_000


def with_records(exchange: Exchange, wrong: WrongRecords, batch: Batch) -> Iterator[Touched]:
    """The disclosures of a batch about one of these persons, or in whose decision one of them was
    weighed. Of what was disposed of, it can be told only whom it was about."""
    named = {exchange.pseudonym("person", person) for person in wrong.persons}
    with exchange.database.reading() as connection:
        for one in incidents.given(connection, exchange.keys, batch.id):
            why: list[str] = []
            if one.person in named:
                why.append(ABOUT)
            elif one.dossier is None:
                why.append(DISPOSED)
            elif _weighed(one.dossier) & wrong.persons:
                why.append(_AMONG)
            elif not one.committed:
                why.append(ALTERED)
            if why:
                yield Touched(one.batch, one.row, CANNOT_TELL not in why[0], tuple(why))


def _weighed(dossier: Mapping[str, Any]) -> set[str]:
    match = dossier["match"]
    return set() if match is None else {c["person_id"] for c in match["evidence"]["candidates"]}


class Rematching:
    """Repeats matches against the registry that serves now. Use as a context manager."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._stack = ExitStack()

    def __enter__(self) -> Rematching:
        exchange, key = self._exchange, self._exchange.keys.derived("registry")
        self._registry: Registry = self._stack.enter_context(open_registry(exchange))
        _, items = recorded_digests(exchange)
        vault = ItemVault.open(exchange.registry_path, key, items)
        self._vault = self._stack.enter_context(vault)
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def touched(self, batch: Batch) -> Iterator[Touched]:
        """The disclosures of a batch that would not be made so from the registry as it is now."""
        exchange = self._exchange
        loaded = adopted_agreement(exchange, batch.agreement, batch.agreement_digest)
        with exchange.database.reading() as connection:
            keys = exchange.keys
            disclosed = incidents.given(connection, keys, batch.id)
            while chunk := list(islice(disclosed, _AT_A_TIME)):
                answers = [
                    incidents.payload_if_there(connection, keys, one.answer, one_request(one))
                    for one in chunk
                ]
                for one, why in zip(
                    chunk, self._judged(loaded.agreement.identity, chunk, answers), strict=True
                ):
                    if why:
                        yield Touched(one.batch, one.row, CANNOT_TELL not in why[0], tuple(why))

    def _judged(
        self,
        policy: IdentityPolicy,
        chunk: Sequence[Given],
        answers: Sequence[Mapping[str, Json] | None],
    ) -> list[list[str]]:
        """Why each is touched, if it is."""
        there = [one for one in chunk if one.dossier is not None]
        subjects = [subject_of(Request.from_json(_part(one, "request"))) for one in there]
        matches = self._registry.verify(subjects, policy) if subjects else []
        found = dict(zip((one.row for one in there), matches, strict=True))
        sound = self._unchanged_items(chunk, answers)
        judged: list[list[str]] = []
        for one, answer in zip(chunk, answers, strict=True):
            match = found.get(one.row)
            judged.append([DISPOSED] if match is None else self._why(one, match, answer, sound))
        return judged

    def _why(
        self,
        one: Given,
        match: Match,
        answer: Mapping[str, Json] | None,
        sound: Mapping[int, bool],
    ) -> list[str]:
        if match.person_id is None:
            return [_NOT_CERTAIN]
        if self._exchange.pseudonym("person", match.person_id) != one.person:
            return [_ANOTHER]
        if answer is None:
            return [_UNKNOWN_ITEM]
        if not sound.get(one.row, True):
            return [_ITEM]
        return [] if one.committed else [ALTERED]

    def _unchanged_items(
        self, chunk: Sequence[Given], answers: Sequence[Mapping[str, Json] | None]
    ) -> dict[int, bool]:
        asked: dict[int, tuple[str, Mapping[str, Json], Any]] = {}
        for one, answer in zip(chunk, answers, strict=True):
            items = {} if answer is None else answer["items"]
            address = items.get("last_known_address") if isinstance(items, Mapping) else None
            if answer is not None and isinstance(address, Mapping):
                person, day = str(answer["person_id"]), parse_moment(one.at).date()
                asked[one.row] = (person, address, day)
        return dict(zip(asked, self._vault.still_given(list(asked.values())), strict=True))


def one_request(one: Given) -> str:
    """The handle of a disclosed request, under whose key its answer is sealed."""
    return f"{one.batch}/{one.row}"


def _part(one: Given, name: str) -> Any:
    assert one.dossier is not None
    return one.dossier[name]
