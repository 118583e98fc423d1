"""Repeating the search behind determinations, where the registry that serves is still the one that
was searched then (the digest of its index is sealed with each)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress

from comity.agreement.model import IdentityPolicy
from comity.core.canonical import Json, canonical
from comity.core.errors import ComityError
from comity.exchange.dossier import match_json
from comity.exchange.opening import Exchange
from comity.exchange.registry import open_registry
from comity.identity.registry import Registry, subject_of
from comity.request.model import Request

FOUND_ANOTHER = "search: the registry of then gives another match"
_TOGETHER = 50_000
"""Subjects looked up together: one search costs the registry much the same for a few hundred of
them as for ten thousand."""


@contextmanager
def registry_of_then(exchange: Exchange) -> Iterator[Registry | None]:
    """The registry that serves now, or None where there is none that can be opened: then a replay
    goes without the search, and says so."""
    registry: Registry | None = None
    with ExitStack() as stack:
        with suppress(ComityError):
            registry = stack.enter_context(open_registry(exchange))
        yield registry


class SearchAgain:
    """Looks up again whom the requests of a batch asked about. `searched` rows were, and of those
    the match of `differing` ones is not the sealed one, to the last bit."""

    def __init__(self, registry: Registry | None, policy: IdentityPolicy) -> None:
        self._registry = registry
        self._policy = policy
        self._waiting: list[tuple[Request, Json]] = []
        self.searched = 0
        self.differing: set[int] = set()

    @property
    def digest(self) -> str | None:
        """The digest of the registry; matches that were found in it can be searched for again."""
        return None if self._registry is None else self._registry.manifest.digest

    def add(self, more: Sequence[tuple[Request, Json]]) -> None:
        """Take more requests, each with the match that was found in this registry."""
        self._waiting += more
        if len(self._waiting) >= _TOGETHER:
            self.finish()

    def finish(self) -> None:
        """Search for those that wait."""
        if not self._waiting:
            return
        assert self._registry is not None
        subjects = [subject_of(request) for request, _ in self._waiting]
        found = self._registry.verify(subjects, self._policy)
        for (request, sealed), match in zip(self._waiting, found, strict=True):
            if canonical(match_json(match)) != canonical(sealed):
                self.differing.add(request.row)
        self.searched += len(subjects)
        self._waiting.clear()
