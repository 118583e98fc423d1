"""An address as parsed: every part in the standard form of USPS Publication 28."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Form(StrEnum):
    """What kind of delivery line it is; each has its own idea of being complete."""

    STREET = "street"
    PO_BOX = "po_box"
    RURAL_ROUTE = "rural_route"
    HIGHWAY_CONTRACT = "highway_contract"
    GENERAL_DELIVERY = "general_delivery"
    MILITARY = "military"
    DIPLOMATIC = "diplomatic"
    PUERTO_RICO = "puerto_rico"
    FOREIGN = "foreign"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of an address in capitals, '' where absent. Equal addresses have equal parts.

    `house_number` is the number that tells addresses of one street apart; for a post office box, a
    route and a military post it is the box number, and `street_name` is then `PO BOX`, `RR 4`,
    `HC 68`, `PSC 802`, …, so that these forms compare like streets. `unit_designator` is `#` where
    a unit stands without one. `building` is what was written before the house number (a
    building's name, care of whom). `urbanization` is Puerto Rico's `URB` line. `box` and `route`
    repeat the two numbers for who wants them by name; a street address may have a box as well.
    `postal_code` is `zip5` for the United States, and the code as written elsewhere. `country` is
    `US` or the folded name; '' where none is written and the rest is not of the United States."""

    form: Form
    house_number: str = ""
    predirectional: str = ""
    street_name: str = ""
    suffix: str = ""
    postdirectional: str = ""
    unit_designator: str = ""
    unit_number: str = ""
    box: str = ""
    route: str = ""
    urbanization: str = ""
    building: str = ""
    city: str = ""
    state: str = ""
    zip5: str = ""
    zip4: str = ""
    postal_code: str = ""
    country: str = ""

    @property
    def unit(self) -> str:
        """The unit as Publication 28 writes it: `APT 4`, `# 4`, `REAR`."""
        return f"{self.unit_designator} {self.unit_number}".strip()

    @property
    def street(self) -> str:
        """The street without number and unit: `N MAIN ST NW`."""
        parts = (self.predirectional, self.street_name, self.suffix, self.postdirectional)
        return " ".join(part for part in parts if part)

    @property
    def delivery_line(self) -> str:
        """The delivery address line: `123 N MAIN ST APT 4`, `PO BOX 12`, `RR 4 BOX 87A`."""
        if self.form in _BOXED:
            box = self.house_number
            if self.form is Form.PO_BOX:
                return " ".join(part for part in (self.street_name, box, self.unit) if part)
            line = f"{self.street} BOX {box}" if box else self.street
            return f"{line} {self.unit}".rstrip()
        parts = (self.house_number, self.street, self.unit)
        return " ".join(part for part in parts if part)

    @property
    def last_line(self) -> str:
        """City, state and ZIP code (with the last four digits where known)."""
        code = f"{self.zip5}-{self.zip4}" if self.zip4 else self.postal_code
        return " ".join(part for part in (self.city, self.state, code) if part)

    @property
    def street_key(self) -> str:
        """The street's identity for comparison: no house number, no unit, spellings of one
        numbered road brought together (`STATE ROUTE 7`, `STATE HIGHWAY 7`, `HIGHWAY 7`)."""
        name = self.street_name
        kind, _, number = name.rpartition(" ")
        if kind in _ONE_ROAD and number[:1].isdigit():
            name = f"{_ONE_ROAD[kind]} {number}"
        parts = (self.predirectional, name, self.suffix, self.postdirectional)
        return " ".join(part for part in parts if part)


_BOXED = frozenset(
    (Form.PO_BOX, Form.RURAL_ROUTE, Form.HIGHWAY_CONTRACT, Form.MILITARY, Form.DIPLOMATIC)
)
_ONE_ROAD = {
    "STATE ROUTE": "HIGHWAY",
    "STATE HIGHWAY": "HIGHWAY",
    "STATE ROAD": "HIGHWAY",
    "US HIGHWAY": "HIGHWAY",
    "US ROUTE": "HIGHWAY",
    "ROUTE": "HIGHWAY",
    "HIGHWAY": "HIGHWAY",
    "COUNTY HIGHWAY": "COUNTY ROAD",
    "COUNTY ROUTE": "COUNTY ROAD",
    "COUNTY ROAD": "COUNTY ROAD",
}
