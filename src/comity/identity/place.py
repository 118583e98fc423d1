"""An address in the standard form that the identity check compares.

United States addresses go through `comity.request.address` (USPS Publication 28); whatever that
does not know (another country's state or postal code) is kept folded as it was written.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from comity.identity.names import fold
from comity.request.address import Address, parse


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
        house=fold(address.house_number),
        line=_line(address),
        core=fold(address.street_name),
        pre=fold(address.predirectional),
        suffix=fold(address.suffix),
        post=fold(address.postdirectional),
        unit=fold(address.unit_number).lstrip("0") or fold(unit),
        city=fold(address.city or city),
        state=fold(address.state or state),
        postal=_postal(postal_code),
    )


def _line(address: Address) -> str:
    parts = (address.predirectional, address.street_name, address.suffix, address.postdirectional)
    return " ".join(fold(part) for part in parts if part)


def _postal(text: str) -> str:
    """The code without spaces and dashes; a nine-digit one by its first five."""
    code = fold(text).replace(" ", "")
    return code[:5] if code.isdigit() and len(code) == 9 else code
