"""An address in the standard form that the identity check compares.

United States addresses go through `comity.request.address` (USPS Publication 28); whatever that
does not know (another country's state or postal code) is kept folded as it was written.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from comity.identity.names import fold
from comity.request.address import Address, parse
from comity.request.address.suffixes import FULL_WORDS

DIRECTIONS = frozenset(("N", "S", "E", "W", "NE", "NW", "SE", "SW"))


@dataclass(frozen=True)
class Place:
    """An address in standard form; '' where absent.

    `house` is the house number, or the number of a box or route; `core` the street's name without
    directionals and suffix; `line` all of the street but the house number; `unit` the apartment's
    identifier without its designator."""

    house: str = ""
    line: str = ""
    core: str = ""
    pre: str = ""
    suffix: str = ""
    post: str = ""
    unit: str = ""
    city: str = ""
    state: str = ""
    postal: str = ""

    def __bool__(self) -> bool:
        return bool(self.line and (self.city or self.postal))


@lru_cache(maxsize=65536)
def standardise_place(
    street: str, unit: str, city: str, state: str, postal_code: str, country: str = ""
) -> Place:
    """Bring the address fields of a request or a record to standard form."""
    address = parse(street, unit, city, state, postal_code, country)
    return Place(
        *street_parts(address),
        unit=unit_of(address),
        city=fold(address.city or city),
        state=fold(address.state or state),
        postal=standardise_postal(postal_code),
    )


def street_parts(address: Address) -> tuple[str, str, str, str, str, str]:
    """House, line, core, pre, suffix and post of a parsed address, as Place has them."""
    pre, post, suffix = address.predirectional, address.postdirectional, address.suffix
    core = address.street_key.removeprefix(f"{pre} " if pre else "")
    core = core.removesuffix(f" {post}" if post else "")
    core = core.removesuffix(f" {suffix}" if suffix else "")
    line = address.street_key
    if core in DIRECTIONS and suffix and not (pre or post):
        # `N PARK`: the word that looks like a suffix is the street's name
        pre, core, suffix = core, FULL_WORDS.get(suffix, suffix), ""
        line = f"{pre} {core}"
    return fold(address.house_number), fold(line), fold(core), fold(pre), fold(suffix), fold(post)


def unit_of(address: Address) -> str:
    """The unit's identifier of a parsed address, as Place has it."""
    return _unit(address.unit_number or address.unit_designator)


def _unit(text: str) -> str:
    """The unit's identifier in one piece: `4-B`, `4 B` and `04B` are `4B`."""
    words = fold(text).split()
    joined = "".join(words) if any(c.isdigit() for c in text) else " ".join(words)
    return joined.lstrip("0") or joined


def standardise_postal(text: str) -> str:
    """The code without spaces; of a nine-digit one the part before the dash, or its first five."""
    first, dash, rest = text.partition("-")
    code = fold(first if dash and len(rest) == 4 else text).replace(" ", "")
    return code[:5] if code.isdigit() and len(code) == 9 else code
