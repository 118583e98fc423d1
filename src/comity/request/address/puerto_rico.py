"""Puerto Rico's own order of words (Publication 28, 29): urbanization, `CALLE`, kilometre."""

from __future__ import annotations

from dataclasses import dataclass

from comity.request.address.street import Street, read_street, take_number
from comity.request.address.units import Unit, take_units
from comity.request.address.words import word_set

_URBANIZATIONS = {"URB": "URB", "URBANIZACION": "URB", "EXT": "EXT", "EXTENSION": "EXT"}
_BUILDINGS = word_set("COND CONDOMINIO EDIF EDIFICIO RES RESIDENCIAL TORRE TORRES CONDOMINIUM")
_STREETS = {
    "CALLE": "CALLE", "C": "CALLE", "CLL": "CALLE", "AVENIDA": "AVE", "AVE": "AVE", "CARR": "CARR",
    "CARRETERA": "CARR", "CALLEJON": "CALLEJON", "PASEO": "PASEO", "CAMINO": "CAMINO",
}  # fmt: skip
_AREAS = frozenset(("BO", "BARRIO", "SECTOR", "SECT", "PARC", "PARCELAS", "COM", "COMUNIDAD"))

PLACE_WORDS: frozenset[str] = (
    frozenset(_URBANIZATIONS)
    | _BUILDINGS
    | frozenset(_STREETS)
    | _AREAS
    | frozenset(("KM", "BLQ", "BLOQUE"))
)
"""Words by which a Puerto Rican address is told from one in the mainland's order."""


@dataclass(frozen=True)
class Island:
    """The parts of a Puerto Rican delivery line."""

    number: str
    street: Street
    units: list[Unit]
    urbanization: str = ""
    building: str = ""


def read_puerto_rico(tokens: list[str]) -> Island:
    """Read an address such as `URB LAS GLADIOLAS 150 CALLE A` or `CARR 2 KM 15.3`."""
    tokens = list(tokens)
    units = take_units(tokens)
    urbanization = _take_named(tokens, frozenset(_URBANIZATIONS))
    building = _take_named(tokens, _BUILDINGS)
    area = _take_named(tokens, _AREAS)
    number = ""
    if "KM" in tokens and tokens.index("KM") + 1 < len(tokens):
        at = tokens.index("KM")
        number = f"KM {tokens[at + 1]}"
        del tokens[at:]
    elif tokens:
        number = take_number(tokens)
    tokens = [token for token in tokens if token not in ("#", "BLQ", "BLOQUE")]
    if not number and len(tokens) > 2 and tokens[-1][-1].isdigit():
        number = tokens.pop().replace("-", "") if tokens[-1][0].isalpha() else tokens.pop()
    if not number and units and units[0][0] == "#":
        number = units.pop(0)[1]
    if tokens and tokens[0] in _STREETS:
        name = " ".join([_STREETS[tokens[0]], *tokens[1:]])
        street: Street = ("", name, "", "")
    else:
        street = read_street(tokens)
    if urbanization:
        head, _, rest = urbanization.partition(" ")
        urbanization = f"{_URBANIZATIONS[head]} {rest}".strip()
    return Island(number, street, units, urbanization, building or area)


def _take_named(tokens: list[str], words: frozenset[str]) -> str:
    """Take `URB SOMETHING` out of the line: from the word to the next number or street word."""
    start = next((i for i, token in enumerate(tokens) if token in words), None)
    if start is None:
        return ""
    end = start + 1
    while end < len(tokens) and not (
        any(map(str.isdigit, tokens[end])) or tokens[end] in PLACE_WORDS or tokens[end] == "#"
    ):
        end += 1
    taken = " ".join(tokens[start:end])
    del tokens[start:end]
    return taken
