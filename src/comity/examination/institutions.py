"""Telling an institution from a street that is called after one.

`HARLOW COUNTY JAIL`, `C/O ICE`, `OTERO DETENTION CENTER` are institutions; `12 JAIL RD`,
`100 PRISON CAMP RD`, `5 ICE HOUSE LN`, `OLD JAIL LOFTS` are not. What decides is what follows the
words: a street suffix that ends the street, or a word for dwellings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from comity.request.address.suffixes import SUFFIXES
from comity.request.address.words import DIRECTIONS, STANDALONE_UNITS, UNITS, word_set


class Institution(StrEnum):
    """What kind of institution, in the words of a finding."""

    OFFICE = "an office of the requester or of another authority"
    CUSTODY = "a jail, prison, detention or processing centre"
    SHELTER = "a shelter or its intake"
    PORT = "a port of entry or border station"


_CENTER = r"(?:CENTERS?|CTRS?|CENTRES?|CENTR|CNTR|CEN)"
_SITE = (
    rf"(?:{_CENTER}|FACILIT(?:Y|IES)|FAC|FCLTY|FACIL|COMPLEX|COMPL|CAMP|HALL|HOME|UNIT|INST|"
    r"INSTITUTIONS?|INSTITUTE|CENTRE?)"
)
_AUTHORITY = r"(?:ICE|DHS|ERO|CBP|HSI|USCIS|USBP|EOIR|INS)"

_KINDS = (
    (
        Institution.CUSTODY,
        r"(?:COUNTY |CITY |STATE |FEDERAL |PARISH |REGIONAL )*"
        r"(?:JAILS?|JAILHOUSE|GAOL|PRISONS?|PENITENTIAR(?:Y|IES)|REFORMATORY|STOCKADE|LOCKUP)"
        r"(?: COMPLEX| FARM| UNIT)?"
        rf"|DET(?:ENTION|N)?\.? (?:AND \w+ )?{_SITE}|DETENTION|DETENTIONS"
        rf"|CORR(?:ECTION(?:AL|S)?)? (?:AND \w+ )?{_SITE}"
        r"|DEP(?:ARTMEN)?T OF CORRECTIONS?|CORRECTIONS DEP(?:ARTMEN)?T|BUREAU OF PRISONS"
        r"|HOUSE OF CORRECTIONS?|CORRECTIONS?$|CELL \d+|DETENCION|HOLD ROOM"
        rf"|(?:SERVICE |ICE |IMMIGRATION |ALIEN |INMATE |REMOVAL )?PROCESSING {_SITE}"
        rf"|(?:HOLDING|STAGING|CUSTODY|INTERNMENT|REMOVAL) {_SITE}|HOLDING (?:CELL|ROOM)"
        r"|(?:FAMILY|COUNTY|CNTY|CO|PARISH|STATE|FEDERAL|REGIONAL|JUVENILE|YOUTH|SECURE|COMMUNITY)"
        rf" RESIDENTIAL (?:{_CENTER}|FACILITY|FAC)|RESIDENTIAL RE ?ENTRY(?: {_CENTER})?"
        rf"|WORK (?:RELEASE|CAMP)(?: {_SITE})?|HALF ?WAY HOUSE"
        r"|(?:ICE|DHS|FEDERAL|CBP) CUSTODY|IN CUSTODY"
        r"|JUVENILE HALL|INMATE|DETAINEE|CELL ?BLOCK"
        r"|(?:FCI|USP|FDC|MDC|FPC|FTC|ADX|FCC|MCC)(?= [A-Z]{3})|FCI|CORECIVIC|GEO GROUP"
        rf"|CENTRO (?:DE )?(?:DETENCION|DETENCIONES|PROCESAMIENTO|PENITENCIARIO|CORRECCIONAL)"
        r"|CARCEL|PENITENCIARIA|RECLUSORIO|PRISION",
    ),
    (
        Institution.SHELTER,
        rf"(?:SHELTER|REFUGEE|ORR|MIGRANT) INTAKE|INTAKE (?:SHELTER|{_SITE}|OFFICE|DESK)"
        r"|(?:HOMELESS|EMERGENCY|OVERNIGHT|NIGHT) SHELTER|SHELTER (?:FOR|INTAKE)|MIGRANT SHELTER"
        rf"|ORR (?:SHELTER|PROGRAM|CUSTODY|{_SITE})|REFUGEE RESETTLEMENT"
        r"|(?:SALVATION ARMY|CATHOLIC CHARITIES|RESCUE MISSION|VOLUNTEERS OF AMERICA"
        r"|SOUTHWEST KEY)(?: SHELTER)?",
    ),
    (
        Institution.PORT,
        r"(?:LAND |SEA |US )?PORTS? OF ENTRY|PUERTO DE ENTRADA|BORDER PATROL(?: \w+)? STATION"
        r"|BORDER (?:PATROL|STATION|CHECKPOINT)|BORDER CROSSING (?:STATION|POINT)"
        r"|P O E",
    ),
    (
        Institution.OFFICE,
        rf"(?:C/O|CO|C O|CARE OF|ATTN|ATTENTION|US|U S|DHS|SIN|IN|AT|BY) {_AUTHORITY}(?= |$)"
        rf"|{_AUTHORITY}(?:/| )+(?:{_AUTHORITY}|FIELD|OFFICE|OFC|SUB ?OFFICE|HQ|HEADQUARTERS|"
        rf"DETENTION|PROCESSING|ENFORCEMENT|BUILDING|BLDG|{_CENTER}|FACILITY|FAC|STATION)"
        r"|(?:ERO|DHS|USCIS|USBP|EOIR)(?= |$)|^(?:ICE|INS)$|^(?:CBP|HSI)(?= |$)"
        r"|IMMIGRATION (?:AND|&) (?:CUSTOMS|NATURALIZATION)|CUSTOMS ENFORCEMENT"
        r"|(?:DEP(?:ARTMEN)?T OF )?HOMELAND SECURITY|ENFORCEMENT (?:AND )?REMOVAL"
        r"|CUSTOMS (?:AND )?BORDER|CITIZENSHIP AND IMMIGRATION"
        r"|(?:FIELD|IMMIGRATION|ASYLUM|DISTRICT|SUB) OFFICE|IMMIGRATION (?:COURT|SERVICES?|JUDGE)"
        r"|SUBOFFICE|(?:U ?S |COUNTY |FEDERAL )COURTHOUSE|COURTHOUSE$|CONSULATE|CONSULADO"
        r"|EMBASSY OF|(?:US|U S|AMERICAN) EMBASSY|EMBAJADA"
        r"|POLICE (?:DEP(?:ARTMEN)?T|STATION|HEADQUARTERS)"
        r"|SHERIFFS? (?:DEP(?:ARTMEN)?T|OFFICE|STATION)"
        r"|SHERIFFS? OF (?:[A-Z]+ ){1,3}(?:COUNTY|PARISH)"
        r"|PROBATION (?:OFFICE|DEP(?:ARTMEN)?T)"
        r"|PAROLE OFFICE|US MARSHALS?",
    ),
)
_DISGUISED = word_set(
    "JAIL JAILS PRISON PRISONS DETENTION CENTER CENTERS FACILITY CORRECTIONAL CORRECTIONS "
    "PENITENTIARY PROCESSING HOLDING CUSTODY INMATE SHERIFF SHERIFFS POLICE COURTHOUSE SHELTER "
    "INTAKE OFFICE FIELD BORDER PATROL ENTRY HOMELAND SECURITY IMMIGRATION ICE CARCEL DETENCION "
    "RELEASE HALFWAY RESIDENTIAL SALVATION"
)
"""Words of institutions that are known again with digits for letters: `JAI1`, `DETENTI0N`."""
_LOOKALIKES = tuple(str.maketrans("013457", letters) for letters in ("OIEAST", "OLEAST"))
_SOME_MIXED = re.compile(r"[A-Z][013457]|[013457][A-Z]")
_MIXED = re.compile(r"(?<![^ /-])(?=[0-9]*[A-Z])(?=[A-Z]*[0-9])[A-Z0-9]{3,}(?![^ /-])")
_PATTERNS = tuple(
    (kind, re.compile(rf"(?:^|(?<=[ /]))(?:{text})(?= |/|$)")) for kind, text in _KINDS
)

_TRIGGERS = re.compile(
    r"JAIL|GAOL|PRISON|PENITEN|REFORMAT|STOCKADE|LOCKUP|DET(?:N|ENTION)?\b|CORR|PROCESSING|HOLD|STAGING"
    r"|CUSTODY|INTERN|REMOVAL|RESIDENTIAL|JUVENILE|INMATE|DETAINEE|CELL|WORK.[RC]"
    r"|HALF.?WAY|ORR |REFUGEE|SALVATION|CHARITIES|RESCUE|VOLUNTEERS|WEST KEY|FCI"
    r"|USP|FDC|MDC|FPC|FTC"
    r"|ADX|FCC|MCC|CORECIVIC|GEO |DETENC|PROCESAM|CARCEL|RECLUS|PRISION|INTAKE|SHELTER|ENTR|BORDER"
    r"|P O E|POE|ICE|DHS|ERO|CBP|HSI|USBP|USCIS|EOIR|INS|IMMIG|HOMELAND|CUSTOMS|ENFORCE"
    r"|COURTHOUSE|CONSUL|EMB|POLICE|SHERIFF|PROBATION|PAROLE|MARSHAL"
)
NO_STREET_TYPES = word_set(
    "CTR CTRS CP UN UNS STA EST ESTS PRT PRTS FT FLD FLDS ANX PLZ BG BGS LDG MSN"
)
"""Street suffixes that an institution's own name may end in (`CENTER`, `CAMP`, `STATION`)."""

DWELLINGS = word_set(
    "APARTMENTS APTS APARTMENT LOFTS LOFT CONDOS CONDOMINIUMS CONDOMINIUM CONDO HOMES VILLAS "
    "TOWNHOMES TOWNHOUSES RESIDENCES COTTAGE COTTAGES INN FLATS ESTATES MANSIONS SUITES MEWS"
)
"""Words after which a building is one that people live in."""

_AROUND = 60
"""How many letters before and after the words are looked at."""

_SPANISH_STREETS = word_set("CALLE AVENIDA AVE CALLEJON CAMINO PASEO VIA RUE CARR")


def undisguised(text: str) -> str:
    """Folded text in which institutions' words have their letters again: `COUNTY JAI1` is
    `COUNTY JAIL`. House numbers and ordinals (`12A`, `5TH`) are left as they are."""
    if not _SOME_MIXED.search(text):
        return text
    return _MIXED.sub(lambda found: _meant(found[0]), text)


def _meant(word: str) -> str:
    meant = (word.translate(letters) for letters in _LOOKALIKES)
    return next((letters for letters in meant if letters in _DISGUISED), word)


def find_institution(text: str) -> Institution | None:
    """The institution that a folded field names, or None. Streets called after one are none."""
    if not _TRIGGERS.search(text):
        return None
    text = " ".join(text.replace("-", " ").split())
    for kind, pattern in _PATTERNS:
        for found in pattern.finditer(text):
            start, end = found.span()
            before = text[max(0, start - _AROUND) : start].split()
            after = text[end : end + _AROUND].split()
            if not _names_a_street(before, after) and DWELLINGS.isdisjoint(after[:2]):
                return kind
    return None


def _names_a_street(before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether the words between are the name of a street, by what stands around them."""
    if before and not _SPANISH_STREETS.isdisjoint(before[-3:]):
        return True
    numbered = any(map(str.isdigit, "".join(before)))
    for at, word in enumerate(after[:4]):
        if word[0].isdigit() or (at and not numbered):
            return False
        kind = SUFFIXES.get(word)
        if kind and kind not in NO_STREET_TYPES and _ends_street(after[at + 1 :]):
            return True
    return False


def _ends_street(rest: Sequence[str]) -> bool:
    if not rest:
        return True
    first = rest[0]
    return (
        not first[0].isalpha()
        or first in UNITS
        or first in STANDALONE_UNITS
        or first in DIRECTIONS
        or first in SUFFIXES
    )
