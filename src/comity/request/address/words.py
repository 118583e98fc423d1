"""The other word lists of USPS Publication 28: directionals (2.3.3), units (Appendix C2), states
(Appendix B), military posts (2.5), and numbers and places written in words."""

from __future__ import annotations


def word_set(text: str, between: str | None = None) -> frozenset[str]:
    """The words of a text, parted by white space or by `between`."""
    return frozenset(text.split(between))


def _spellings(table: str) -> dict[str, str]:
    """Lines of `STANDARD SPELLING ...`, as spelling -> standard; `_` stands for a space."""
    rows = (line.split() for line in table.strip().splitlines())
    return {word.replace("_", " "): row[0].replace("_", " ") for row in rows for word in row}


DIRECTIONS = _spellings("""
N NORTH NTH
S SOUTH STH
E EAST
W WEST
NE NORTHEAST NORTH-EAST
NW NORTHWEST NORTH-WEST
SE SOUTHEAST SOUTH-EAST
SW SOUTHWEST SOUTH-WEST
""")
TWO_WORD_DIRECTIONS = {
    ("N", "E"): "NE", ("N", "W"): "NW", ("S", "E"): "SE", ("S", "W"): "SW",
}  # fmt: skip
DIRECTION_WORDS = {
    "N": "NORTH", "S": "SOUTH", "E": "EAST", "W": "WEST",
    "NE": "NORTHEAST", "NW": "NORTHWEST", "SE": "SOUTHEAST", "SW": "SOUTHWEST",
}  # fmt: skip

UNITS = _spellings("""
APT APARTMENT APPT APARTMENTS APTS APARTAMENTO APTO DEPTO
BLDG BUILDING BLDNG BLG EDIF EDIFICIO
DEPT DEPARTMENT
DORM DORMITORY
FL FLOOR FLR PISO
HNGR HANGAR HANGER
KEY
LOT
PIER
PMB
PH PENTHOUSE
OFC OFFICE
RM ROOM
SLIP
SPC SPACE SP
STE SUITE
STOP
TOWER TWR TORRE
TRLR TRAILER
UNIT UNT
WING
# NO NUM NUMBER
""")
"""Secondary designators that a number or letter follows."""

SCARCE_UNITS = frozenset(("KEY", "PIER", "STOP", "SLIP", "OFC", "TOWER", "WING", "DORM", "HNGR"))
"""Designators that are part of a street's name as often as not."""

STANDALONE_UNITS = _spellings("""
BSMT BASEMENT BSMNT
FRNT FRONT
LBBY LOBBY
LOWR LOWER DOWNSTAIRS DOWN DNSTRS
OFC OFFICE
PH PENTHOUSE
REAR
SIDE
UPPR UPPER UPSTAIRS UPSTRS
""")
"""Secondary designators that stand without a number."""

CLEAR_STANDALONE_UNITS = frozenset(("BASEMENT", "BSMT", "BSMNT", "REAR", "PENTHOUSE", "UPSTAIRS"))

STATES = _spellings("""
AL ALABAMA ALA
AK ALASKA
AZ ARIZONA ARIZ
AR ARKANSAS ARK
CA CALIFORNIA CALIF CAL
CO COLORADO COLO
CT CONNECTICUT CONN
DE DELAWARE DEL
DC DISTRICT_OF_COLUMBIA D_C WASHINGTON_DC
FL FLORIDA FLA
GA GEORGIA
HI HAWAII
ID IDAHO
IL ILLINOIS ILL
IN INDIANA IND
IA IOWA
KS KANSAS KAN KANS
KY KENTUCKY
LA LOUISIANA
ME MAINE
MD MARYLAND
MA MASSACHUSETTS MASS
MI MICHIGAN MICH
MN MINNESOTA MINN
MS MISSISSIPPI MISS
MO MISSOURI
MT MONTANA MONT
NE NEBRASKA NEB NEBR
NV NEVADA NEV
NH NEW_HAMPSHIRE N_H
NJ NEW_JERSEY N_J
NM NEW_MEXICO N_M N_MEX
NY NEW_YORK N_Y
NC NORTH_CAROLINA N_C N_CAROLINA
ND NORTH_DAKOTA N_D N_DAKOTA N_DAK
OH OHIO
OK OKLAHOMA OKLA
OR OREGON ORE OREG
PA PENNSYLVANIA PENN PENNA
RI RHODE_ISLAND R_I
SC SOUTH_CAROLINA S_C S_CAROLINA
SD SOUTH_DAKOTA S_D S_DAKOTA S_DAK
TN TENNESSEE TENN
TX TEXAS TEX
UT UTAH
VT VERMONT
VA VIRGINIA
WA WASHINGTON WASH WASHINGTON_STATE
WV WEST_VIRGINIA W_VA W_V W_VIRGINIA
WI WISCONSIN WIS WISC
WY WYOMING WYO
AS AMERICAN_SAMOA
FM FEDERATED_STATES_OF_MICRONESIA MICRONESIA
GU GUAM
MH MARSHALL_ISLANDS
MP NORTHERN_MARIANA_ISLANDS CNMI SAIPAN
PW PALAU
PR PUERTO_RICO P_R
VI VIRGIN_ISLANDS US_VIRGIN_ISLANDS USVI V_I
AA ARMED_FORCES_AMERICAS
AE ARMED_FORCES_EUROPE ARMED_FORCES_AFRICA ARMED_FORCES_CANADA ARMED_FORCES_MIDDLE_EAST
AP ARMED_FORCES_PACIFIC
""")
"""Two-letter codes, names and older abbreviations of states, territories and military areas."""

MILITARY_STATES = frozenset(("AA", "AE", "AP"))
POST_OFFICES = frozenset(("APO", "FPO", "DPO"))

UNITED_STATES = word_set(
    "US|USA|U S|U S A|UNITED STATES|UNITED STATES OF AMERICA|THE UNITED STATES|"
    "AMERICA|EEUU|ESTADOS UNIDOS|PUERTO RICO|PR|GUAM|US VIRGIN ISLANDS|AMERICAN SAMOA",
    between="|",
)

_NUMBER_WORDS = "ONE TWO THREE FOUR FIVE SIX SEVEN EIGHT NINE TEN ELEVEN TWELVE"
NUMBER_WORDS = {word: str(n) for n, word in enumerate(_NUMBER_WORDS.split(), start=1)}

_FIRST_TO_NINETEENTH = (
    "FIRST SECOND THIRD FOURTH FIFTH SIXTH SEVENTH EIGHTH NINTH TENTH ELEVENTH TWELFTH THIRTEENTH "
    "FOURTEENTH FIFTEENTH SIXTEENTH SEVENTEENTH EIGHTEENTH NINETEENTH"
)
_ORDINAL_WORDS = _FIRST_TO_NINETEENTH.split()
_TENS = ["TWENT", "THIRT", "FORT", "FIFT", "SIXT", "SEVENT", "EIGHT", "NINET"]


def ordinal(number: int) -> str:
    """1 -> `1ST`, 22 -> `22ND`, 111 -> `111TH`."""
    if number % 100 in (11, 12, 13):
        return f"{number}TH"
    return f"{number}{ {1: 'ST', 2: 'ND', 3: 'RD'}.get(number % 10, 'TH') }"


ORDINALS = {word: ordinal(value) for value, word in enumerate(_ORDINAL_WORDS, start=1)}
for _ten, _stem in enumerate(_TENS, start=2):
    ORDINALS[f"{_stem}IETH"] = ordinal(_ten * 10)
    for _one, _word in enumerate(_ORDINAL_WORDS[:9], start=1):
        ORDINALS[f"{_stem}Y-{_word}"] = ORDINALS[f"{_stem}Y{_word}"] = ordinal(_ten * 10 + _one)
TENS = {f"{stem}Y": ten * 10 for ten, stem in enumerate(_TENS, start=2)}

NAME_STARTS = {"ST": "SAINT", "STE": "SAINTE", "MT": "MOUNT", "FT": "FORT", "PT": "POINT"}
"""What an abbreviation means at the beginning of a street's or a city's name."""

CITY_STARTS = NAME_STARTS | DIRECTION_WORDS | {"LK": "LAKE", "PRT": "PORT", "NO": "NORTH"}
CITY_WORDS = _spellings("""
BEACH BCH
CENTER CTR
CITY CTY
CREEK CRK
FALLS FLS
GROVE GRV
HARBOR HBR
HEIGHTS HTS HGTS
HILLS HLS
ISLAND ISL
JUNCTION JCT
LAKES LKS
MOUNTAIN MTN
PARK PK
RIDGE RDG
SAINT ST
SPRINGS SPGS SPRGS
TOWNSHIP TWP
VALLEY VLY
VILLAGE VLG
""")
CITIES = {
    "NYC": "NEW YORK",
    "N Y C": "NEW YORK",
    "PHILA": "PHILADELPHIA",
    "NEW YORK CITY": "NEW YORK",
}
