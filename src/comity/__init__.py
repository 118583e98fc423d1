"""Comity: answer another agency's requests under a written agreement, lawfully and provably.

The library in small, each part of use on its own:

    agreement = comity.Agreement.load("agreements/us-irs-ice-2025.yaml")
    findings = comity.examine(agreement, requests, comity.Circumstances(at=now))
    with comity.Registry.open(path) as registry:
        matches = comity.verify(registry, requests, agreement.identity)
    comity.determine(…)
    comity.Ledger(folder, origin).verify(verifier)

Names are loaded when they are first used: whoever needs the log alone does not wait for DuckDB.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from comity.agreement.model import Agreement
    from comity.determination.determine import Determination, determine
    from comity.examination.context import Circumstances
    from comity.examination.engine import examine
    from comity.examination.finding import Finding
    from comity.identity.match import Match
    from comity.identity.registry import Registry, verify
    from comity.ledger.note import NoteVerifier
    from comity.ledger.publish import Ledger
    from comity.request.model import Request

__all__ = [
    "Agreement",
    "Circumstances",
    "Determination",
    "Finding",
    "Ledger",
    "Match",
    "NoteVerifier",
    "Registry",
    "Request",
    "determine",
    "examine",
    "verify",
]

_HOMES = {
    "Agreement": "comity.agreement.model",
    "Circumstances": "comity.examination.context",
    "Determination": "comity.determination.determine",
    "Finding": "comity.examination.finding",
    "Ledger": "comity.ledger.publish",
    "Match": "comity.identity.match",
    "NoteVerifier": "comity.ledger.note",
    "Registry": "comity.identity.registry",
    "Request": "comity.request.model",
    "determine": "comity.determination.determine",
    "examine": "comity.examination.engine",
    "verify": "comity.identity.registry",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module `comity` has no attribute {name!r}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
