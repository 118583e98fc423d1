"""The rules, a file for each thing that they are about; importing this registers them."""

from comity.examination.rules import (
    address,
    identifiers,
    parties,
    people,
    proceeding,
    reasons,
    row,
    statute,
)

__all__ = [
    "address",
    "identifiers",
    "parties",
    "people",
    "proceeding",
    "reasons",
    "row",
    "statute",
]
