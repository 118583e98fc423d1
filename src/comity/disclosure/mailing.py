"""The gate before letters: where the persons of an incident get their mail.

An address is an item like any other, also where it goes onto an envelope. Leave to read it for
letters is made here alone, and only once inspector and safeguards office were told: nobody
concerned is written to before them (IRS Publication 1075).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from comity.core.errors import ConflictError

_SEAL: Final = object()


@dataclass(frozen=True)
class Mailing:
    """Leave to read the mailing addresses of these persons, for the letters of an incident."""

    incident: str
    persons: tuple[str, ...]
    seal: object

    def __post_init__(self) -> None:
        if self.seal is not _SEAL:
            raise ValueError("leave for letters is made by disclosure.mailing.mailing alone")


def mailing(incident: str, persons: Iterable[str], unreported: Sequence[str]) -> Mailing:
    """Leave for the letters of an incident. `unreported` are those that must know before the
    persons concerned do, and were not told. Raises ConflictError if there are any."""
    if unreported:
        raise ConflictError(
            f"Before the persons concerned, the {' and the '.join(unreported)} must know of "
            f"incident {incident}.",
            cure="Send their reports, and say so with `comity recall sent`.",
        )
    return Mailing(incident, tuple(sorted(set(persons))), _SEAL)
