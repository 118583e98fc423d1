"""What is wrong with most rows of the batch, after the court record and the reports of 2025-26.

A row gets one defect that it is drawn for, and then, like the real file, most rows get the file's
common ones on top: one reason for thousands, one official for thousands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from comity.demo.requests import Row

OFFICIAL = "ad-hollings"
"""The one official who is said to be engaged in thousands of cases."""
LAPSED = "inv-lapsed"
"""An investigator whose training has run out."""
DEPARTED = "inv-departed"
"""An investigator who has left the office."""

_PLACEHOLDERS = (
    "Failed to Provide",
    "FAILED TO PROVIDE",
    "Unknown Address",
    "UNKNOWN",
    "NA NA",
    "N/A",
    "None",
    "Don't Care 12345",
    "TBD",
    "Homeless",
    "Not Provided",
    "No Address Given",
    "XXXXX",
    "00000",
    "Desconocido",
    "Address Unknown",
    "-----",
    "Transient",
)
_INSTITUTIONS = (
    "Otero Flats Detention Center",
    "Pine Mesa Processing Center",
    "Harlow County Jail",
    "Bayou Bend Correctional Facility",
    "ICE Field Office",
    "c/o ICE ERO Field Office",
    "Red Bluff State Prison",
    "Santa Ines Port of Entry",
)
_KEYBOARD = ("asdf asdf", "qwerty", "dfghjk sdfgh", "zxcvb nm", "aaaa aaaa", "jkl jkl jkl")
_BOILERPLATE = (
    "Subject has a final order of removal and is under criminal investigation. The address is "
    "needed to locate the subject.",
    "Alien failed to depart after final order. Last known address is relevant to the "
    "investigation of this violation.",
    "Information is needed for the enforcement of the immigration laws of the United States.",
    "Final order on file, subject not in custody, whereabouts to be confirmed through tax records.",
)
_CIVIL_STATUTES = ("8 USC 1325(b)", "8 USC 1229a", "8 USC 1231(a)", "8 USC 1182(a)(6)(A)(i)")
_CIVIL_PURPOSES = (
    "civil immigration enforcement",
    "enforcement and removal operations",
    "verification of benefit eligibility",
    "address update for case management",
)
_PLACEHOLDER_NAMES = (("UNKNOWN", None), ("FNU", None), (None, "LNU"), ("JOHN", "DOE"), ("X", None))
_BAD_NUMBERS = ("000123456", "666121234", "123450000", "999999999", "12345", "111-1-1111")


@dataclass(frozen=True)
class Defect:
    """A way in which a row falls short.

    `share` weighs how often a deficient row is drawn for it; `rules` are the rules of which at
    least one finds it; `common` is the chance that any other deficient row has it too."""

    name: str
    share: float
    rules: tuple[str, ...]
    apply: Callable[[Random, Row, date], None]
    common: float = 0.0


_ADDRESS_RULES = ("address.present", "address.complete", "address.residence")


def _placeholder(rng: Random, row: Row, _: date) -> None:
    row.cells["street"] = rng.choice(_PLACEHOLDERS)
    row.cells["unit"] = ""
    chance = rng.random()
    if chance < 0.2:
        row.cells["street"] += f" {row.cells['postal_code']}"
        _clear(row, "city", "state", "postal_code")
    elif chance < 0.4:
        row.cells["city"] = row.cells["street"]
    elif chance < 0.5:
        row.cells["postal_code"] = "00000"


def _blank_address(rng: Random, row: Row, _: date) -> None:
    _clear(row, "street", "unit", "city", "postal_code")
    if rng.random() < 0.6:
        _clear(row, "state")


def _zip_only(rng: Random, row: Row, _: date) -> None:
    _clear(row, "street", "unit")
    if rng.random() < 0.6:
        _clear(row, "city", "state")


def _no_house_number(_: Random, row: Row, __: date) -> None:
    words = row.cells["street"].split(" ")
    if not words[0][:1].isdigit():  # a box has its number at the end
        words = ["", "Main", "St"]
    row.cells["street"] = " ".join(words[1:])
    row.cells["unit"] = ""


def _institution(rng: Random, row: Row, _: date) -> None:
    name, at = rng.choice(_INSTITUTIONS), f"{rng.randint(100, 9_900)} County Rd"
    match rng.randrange(3):
        case 0:
            row.cells |= {"street": name, "unit": ""}
        case 1:
            row.cells |= {"street": f"{name}, {at}", "unit": ""}
        case _:
            row.cells |= {"street": at, "unit": name}


def _keyboard_noise(rng: Random, row: Row, _: date) -> None:
    row.cells |= {"street": rng.choice(_KEYBOARD), "unit": ""}


def _other_city(_: Random, row: Row, __: date) -> None:
    """A city and state from the other end of the country than the postal code's."""
    west = row.cells["postal_code"][:1] in "789"
    city, state = ("Bangor", "ME") if west else ("Fresno", "CA")
    row.cells |= {"city": city, "state": state}


def _name_placeholder(rng: Random, row: Row, _: date) -> None:
    first, last = rng.choice(_PLACEHOLDER_NAMES)
    row.cells["first_name"] = first or row.cells["first_name"]
    row.cells["last_name"] = last or row.cells["last_name"]


def _boilerplate(rng: Random, row: Row, _: date) -> None:
    row.cells["reason"] = rng.choice(_BOILERPLATE)


def _no_reason(rng: Random, row: Row, _: date) -> None:
    row.cells["reason"] = rng.choice(("", "See file", "8 USC 1253", "Failure to depart"))


def _one_official(_: Random, row: Row, __: date) -> None:
    row.cells["recipients"] = OFFICIAL


def _no_order(rng: Random, row: Row, _: date) -> None:
    row.cells[rng.choice(("removal_order_date", "removal_order_number"))] = ""
    if rng.random() < 0.4:
        _clear(row, "removal_order_date", "removal_order_number", "removal_ground")


def _young_order(rng: Random, row: Row, today: date) -> None:
    row.cells["removal_order_date"] = (today - timedelta(days=rng.randint(3, 80))).isoformat()


def _civil_statute(rng: Random, row: Row, _: date) -> None:
    row.cells["statute"] = rng.choice(_CIVIL_STATUTES)


def _civil_purpose(rng: Random, row: Row, _: date) -> None:
    row.cells["proceeding"] = rng.choice(_CIVIL_PURPOSES)


def _no_period(rng: Random, row: Row, today: date) -> None:
    row.cells["tax_periods"] = rng.choice(("", "", str(today.year + 2)))


def _no_case(_: Random, row: Row, __: date) -> None:
    row.cells["case_number"] = ""


def _bad_number(rng: Random, row: Row, _: date) -> None:
    row.cells["tin"] = rng.choice(_BAD_NUMBERS)


def _recipient(rng: Random, row: Row, _: date) -> None:
    row.cells["recipients"] = rng.choice(("", LAPSED, DEPARTED, "inv-nobody"))


def _malformed(rng: Random, row: Row, _: date) -> None:
    match rng.randrange(4):
        case 0:
            row.ragged = -rng.randint(1, 12)
        case 1:
            row.ragged = rng.randint(1, 3)
        case 2:
            row.cells["date_of_birth"] = rng.choice(("13/45/1990", "unknown", "1990-02-31"))
        case _:
            row.cells["removal_order_date"] = rng.choice(("soon", "0000-00-00", "31.12.2023"))


def _clear(row: Row, *columns: str) -> None:
    row.cells |= dict.fromkeys(columns, "")


DEFECTS: tuple[Defect, ...] = (
    Defect("placeholder_address", 24, _ADDRESS_RULES, _placeholder),
    Defect("blank_address", 5, _ADDRESS_RULES, _blank_address),
    Defect("postal_code_only", 6, _ADDRESS_RULES, _zip_only),
    Defect("no_house_number", 5, _ADDRESS_RULES, _no_house_number),
    Defect("institution", 7, _ADDRESS_RULES, _institution),
    Defect("keyboard_noise", 1.5, _ADDRESS_RULES, _keyboard_noise),
    Defect("city_contradicts", 1.5, _ADDRESS_RULES, _other_city),
    Defect("placeholder_name", 1.5, ("name.present",), _name_placeholder),
    Defect("boilerplate", 16, ("reason.individual", "reason.specific"), _boilerplate, common=0.62),
    Defect("no_reason", 1.5, ("reason.specific",), _no_reason),
    Defect("no_order", 5, ("statute.facts",), _no_order, common=0.12),
    Defect("young_order", 3, ("statute.facts",), _young_order),
    Defect("civil_statute", 3, ("statute.designated",), _civil_statute),
    Defect("civil_purpose", 3, ("proceeding.qualified",), _civil_purpose),
    Defect("no_period", 2.5, ("periods.present",), _no_period, common=0.05),
    Defect("no_case", 1.5, ("matter.identified",), _no_case),
    Defect("bad_number", 1.5, ("tin.valid",), _bad_number),
    Defect("unfit_recipient", 2, ("recipients.named",), _recipient),
    Defect("malformed_row", 1, ("row.wellformed", "statute.facts"), _malformed),
)
"""The defects, with shares."""
ONE_OFFICIAL = Defect("one_official", 0, ("recipients.plausible",), _one_official, common=0.55)
"""Never a row's only defect: a short batch may name one official within the agreement's limit."""
DUPLICATE = "duplicate"
"""The same subject asked about again under the same case (`request.unique`)."""


def spoil(rng: Random, row: Row, today: date) -> None:
    """Give a row the defect it is drawn for, and the file's common ones on top."""
    (drawn,) = rng.choices(DEFECTS, [defect.share for defect in DEFECTS])
    for defect in (*DEFECTS, ONE_OFFICIAL):
        # What needs the cells to be whole comes before the row is torn.
        if defect is not drawn and rng.random() < defect.common and _apart(defect, drawn):
            defect.apply(rng, row, today)
            row.defects.add(defect.name)
    drawn.apply(rng, row, today)
    row.defects.add(drawn.name)


def _apart(one: Defect, other: Defect) -> bool:
    """Whether both can stand in one row: neither writes over the cells of the other, or makes it
    moot."""
    clash = {
        ("boilerplate", "no_reason"),
        ("no_order", "young_order"),
        ("no_order", "malformed_row"),
        ("no_order", "civil_statute"),  # the facts of a statute that is not designated
        ("one_official", "unfit_recipient"),
    }
    return (one.name, other.name) not in clash
