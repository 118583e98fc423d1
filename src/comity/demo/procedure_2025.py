"""The procedure of 2025, run on the demonstration's batch: whom would it have disclosed?

What is known of it is little (LAW.md, first lines and section 6; D.D.C. 26 Feb 2026), and each
step here is the plainest reading of that, with the charitable choice wherever there is one:

1. *The request's address is tested for five or nine digits somewhere* (known). Taken as a group of
   exactly five or nine digits, the nine with or without a dash, anywhere in street, unit, city,
   state or postal code. A row without one is not answered. `Failed to Provide 78541` passes.
2. *Where the request bears a taxpayer number, name and number are compared, the address never*
   (known). Assumed: any nine digits are a number, others are as good as none; the person is the one
   with that number whose given and family name both equal the request's, after folding case,
   accents, spaces and punctuation. (The real comparison is not known; looser ones, such as the
   first four letters of the family name, would disclose more.)
3. *Where it bears none, name and address are compared* (known). Assumed: both names as above, and
   street, unit, state and the first five digits of the postal code all equal after folding, with
   any address that the person ever had.
4. *Nothing else is looked at* (known): not the statute, the reason, the facts, the officers, the
   date of birth, nor what flags the record bears.
5. Assumed: where two persons fit, nobody is disclosed, and a row with cells missing or left over is
   read as far as it goes.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

_DIGITS = re.compile(r"(?<!\d)(?:\d{5}|\d{9}|\d{5}-\d{4})(?!\d)")
_ADDRESS = ("street", "unit", "city", "state", "postal_code")

Cells = Mapping[str, str]


class Files2025:
    """The holder's records, keyed in the two ways in which the procedure looked at them."""

    def __init__(self, persons: Iterable[Cells]) -> None:
        self._by_number: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self._by_address: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for cells in persons:
            name = _name(cells)
            if cells["tin"]:
                self._by_number[cells["tin"], name].add(cells["person_id"])
            self._by_address[_place(cells), name].add(cells["person_id"])

    def disclosed(self, cells: Cells) -> str | None:
        """The person whose address would have gone out for this row of the batch, or None."""
        if not holds_digits(cells):
            return None
        number = re.sub(r"\D", "", cells.get("tin", ""))
        if len(number) == 9:
            found = self._by_number.get((number, _name(cells)), set())
        else:
            found = self._by_address.get((_place(cells), _name(cells)), set())
        return next(iter(found)) if len(found) == 1 else None


def disclosures_2025(registry: Path, batch: Path) -> dict[int, str | None]:
    """The person disclosed by row of the batch (rows count from 1), or None for no answer."""
    with registry.open(encoding="utf-8", newline="") as file:
        files = Files2025(csv.DictReader(file))
    with batch.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, restval="")
        return {number: files.disclosed(row) for number, row in enumerate(rows, start=1)}


def holds_digits(cells: Cells) -> bool:
    """The only test of an address that there was: does it hold five or nine digits?"""
    return bool(_DIGITS.search(" ".join(cells.get(column, "") for column in _ADDRESS)))


def _name(cells: Cells) -> str:
    return f"{_fold(cells.get('first_name', ''))} {_fold(cells.get('last_name', ''))}"


def _place(cells: Cells) -> str:
    parts = (_fold(cells.get(column, "")) for column in ("street", "unit", "state"))
    return "|".join((*parts, cells.get("postal_code", "")[:5]))


@lru_cache(maxsize=1 << 16)
def _fold(text: str) -> str:
    """Letters and digits in capitals, without accents."""
    plain = unicodedata.normalize("NFKD", text).upper()
    return "".join(c for c in plain if c.isalnum())
