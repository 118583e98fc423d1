"""The parser of addresses: one place in many spellings, every form, any text."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.request.address import Address, Form, parse

SAME = [
    ("123 N Main St Apt 4", "123 North Main Street, Apartment 4", "123 n. main st. #4"),
    ("123 Main St NW", "123 MAIN STREET NORTHWEST", "123 Main St N.W.", "123 Main St N W"),
    ("45 Saint Johns Ave", "45 St. John's Avenue", "45 ST JOHNS AVE"),
    ("8 Mount Hope Rd", "8 Mt Hope Road", "8 Mt. Hope Rd."),
    ("21 1st Ave", "21 First Avenue", "21 1ST AVE."),
    ("900 22nd St", "900 Twenty-Second Street", "900 Twenty Second St"),
    ("PO Box 47", "P.O. Box 47", "Post Office Box 0047", "POB 47", "p o box #47", "P. O. BOX 47"),
    ("RR 4 Box 87A", "Rural Route 4 Box 87-A", "R.R. #4, Box 87A", "RR4 BOX 87A"),
    ("HC 68 Box 23A", "HCR 68 Box 23-A", "HC-68 Box 23A", "Highway Contract Route 68 Box 23A"),
    ("880 County Road 120", "880 CR 120", "880 Co Rd 120", "880 COUNTY RD. 120"),
    ("14410 FM 1960", "14410 Farm to Market Road 1960", "14410 F.M. 1960 Rd"),
    ("4520 US Highway 64", "4520 U.S. Hwy 64", "4520 US 64", "4520 U S HWY 64"),
    ("88 1/2 Alder Ct", "88½ Alder Court", "88-1/2 Alder Ct"),
    ("12B Quincy Ave", "12-B Quincy Ave", "12 B Quincy Avenue"),
    ("12 Main St", "12Main St", "12-Main St", "No. 12 Main Street", "#12 Main St"),
    ("12 Fern St", "12 Fern St N/A", "12 FERN STREET"),
    ("1 Harbor Plaza", "One Harbor Plz"),
    ("N84W15959 Appleton Ave", "N84 W15959 Appleton Avenue"),
    ("Highway 264 Milepost 441", "HWY 264 MM 441", "Highway 264 Mile 441"),
    ("General Delivery", "GEN DEL", "general delivery"),
    ("306 Calle Peñón", "306 CALLE PENON"),
    ("18 Walnut St", "１８ Walnut Street", "18 Wal\u200bnut St", "  18   WALNUT   ST.  "),
]


@pytest.mark.parametrize("spellings", SAME, ids=[spellings[0] for spellings in SAME])
def test_spellings_of_one_address_are_equal(spellings: tuple[str, ...]) -> None:
    made = {
        (a.form, a.house_number, a.street_key, a.unit_number, a.box, a.route)
        for a in (parse(text, "", "Dayton", "OH", "45402") for text in spellings)
    }
    assert len(made) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("123 N Main St", "123 S Main St"),
        ("123 Main St", "123 Main Ave"),
        ("34-12 36th St", "3412 36th St"),
        ("123 1/2 Main St", "123 Main St"),
        ("PO Box 12", "12 Box St"),
        ("12 Main St Apt 4", "12 Main St Apt 4B"),
        ("842 E 1700 S", "842 E 1700 N"),
        ("880 County Road 120", "880 County Road 12"),
        ("RR 4 Box 8", "RR 8 Box 4"),
    ],
)
def test_different_addresses_stay_different(one: str, other: str) -> None:
    assert parse(one, "", "Dayton", "OH", "45402") != parse(other, "", "Dayton", "OH", "45402")


OHIO = ("Dayton", "OH", "45402")
FORMS = [
    ("12 Main St", "", OHIO, Form.STREET, ("12", "MAIN")),
    ("PO Box 1432", "", OHIO, Form.PO_BOX, ("1432", "PO BOX")),
    ("PO Box", "", OHIO, Form.PO_BOX, ("", "PO BOX")),
    ("RR 2 Box 9", "", OHIO, Form.RURAL_ROUTE, ("9", "RR 2")),
    ("HC 1 Box 77", "", OHIO, Form.HIGHWAY_CONTRACT, ("77", "HC 1")),
    ("General Delivery", "", OHIO, Form.GENERAL_DELIVERY, ("", "GENERAL DELIVERY")),
    ("PSC 802 Box 74", "", ("APO", "AE", "09499"), Form.MILITARY, ("74", "PSC 802")),
    ("Unit 8400 Box 0100", "", ("DPO", "AE", "09498"), Form.DIPLOMATIC, ("100", "UNIT 8400")),
    ("USS Marigold", "", ("FPO", "AP", "96604"), Form.MILITARY, ("", "USS MARIGOLD")),
    ("Carr 2 Km 15.3", "", ("Bayamon", "PR", "00957"), Form.PUERTO_RICO, ("KM 15.3", "CARR 2")),
    ("", "Apt 4", OHIO, Form.EMPTY, ("", "")),
    ("?!", "", OHIO, Form.EMPTY, ("", "")),
    ("N6W23001 Bluemound Rd", "", OHIO, Form.STREET, ("N6W23001", "BLUEMOUND")),
    ("94-1234 Kahualena St", "", OHIO, Form.STREET, ("94-1234", "KAHUALENA")),
    ("842 E 1700 S", "", OHIO, Form.STREET, ("842", "1700")),
    ("7 Unknown Road", "", OHIO, Form.STREET, ("7", "UNKNOWN")),
    ("Sunny Acres Trailer Park 55 Mill Rd", "", OHIO, Form.STREET, ("55", "MILL")),
    ("Larch Camp 4, 12 Mill Rd", "", OHIO, Form.STREET, ("12", "MILL")),
    ("Larch Lofts 455 200 S", "", OHIO, Form.STREET, ("455", "200")),
    ("Larch Hall 97 Via Sonrisa", "", OHIO, Form.STREET, ("97", "VIADUCT SONRISA")),
    ("USNS Heron Unit 100210", "", ("FPO", "AE", "09573"), Form.MILITARY, ("", "UNIT 100210")),
]


@pytest.mark.parametrize(
    ("street", "unit", "place", "form", "parts"), FORMS, ids=[case[0] or "empty" for case in FORMS]
)
def test_each_form_is_told(
    street: str, unit: str, place: tuple[str, str, str], form: Form, parts: tuple[str, str]
) -> None:
    address = parse(street, unit, *place)
    assert (address.form, (address.house_number, address.street_name)) == (form, parts)


@pytest.mark.parametrize(
    ("line", "ship"),
    [
        ("USNS Heron Unit 100210 Box 8", "USNS HERON"),
        ("Unit 100210 USNS Heron", "USNS HERON"),
        ("Unit 100210 Box 8", ""),
    ],
)
def test_a_ship_is_kept_beside_her_unit(line: str, ship: str) -> None:
    assert parse(line, "", "FPO", "AE", "09573").building == ship


def test_a_country_abroad_makes_the_form_foreign() -> None:
    address = parse("Lindenstr. 14", "", "Köln", "", "50674", "Germany")
    assert (address.form, address.country) == (Form.FOREIGN, "GERMANY")
    assert (address.postal_code, address.zip5, address.city) == ("50674", "", "KOLN")


def test_an_urbanization_stands_apart_from_the_street() -> None:
    address = parse("URB Las Gardenias 150 Calle Amapola", "", "Bayamon", "PR", "00957")
    assert address.urbanization == "URB LAS GARDENIAS"
    assert (address.house_number, address.street_name) == ("150", "CALLE AMAPOLA")


def test_a_word_after_po_box_is_not_its_number() -> None:
    assert parse("PO Box Unknown", "", *OHIO).house_number == ""
    assert parse("PO Box A", "", *OHIO).house_number == "A"


@pytest.mark.parametrize(
    ("code", "state", "zip5", "zip4"),
    [
        ("45402", "OH", "45402", ""),
        ("45402-1234", "OH", "45402", "1234"),
        ("454021234", "OH", "45402", "1234"),
        ("45402 1234", "OH", "45402", "1234"),
        ("2118", "MA", "02118", ""),
        ("901", "PR", "00901", ""),
        ("2118", "TX", "", ""),
        ("ABCDE", "OH", "", ""),
        ("", "OH", "", ""),
    ],
)
def test_postal_codes(code: str, state: str, zip5: str, zip4: str) -> None:
    address = parse("12 Main St", "", "", state, code)
    assert (address.zip5, address.zip4) == (zip5, zip4)


@pytest.mark.parametrize("state", ["MA", "Mass.", "Massachusetts", "massachusetts", " ma "])
def test_states_in_code_or_words(state: str) -> None:
    assert parse("12 Main St", "", "Boston", state, "02118").state == "MA"


TEXT = st.one_of(
    st.text(max_size=60),
    st.lists(
        st.sampled_from(
            [
                *("12", "12B", "1/2", "½", "#", "-", ".", "N", "SW", "ST", "AVE", "ONE", "FIRST"),
                *("APT", "UNIT", "REAR", "PO", "BOX", "RR", "HC", "KM", "CARR", "URB", "CALLE"),
                *(
                    "COUNTY",
                    "RD",
                    "HWY",
                    "MM",
                    "N6W2",
                    "34-12",
                    "PSC",
                    "NO",
                    "C/O",
                    "MAIN",
                    "45402",
                ),
            ]
        ),
        max_size=9,
    ).map(" ".join),
)
PLACE = st.sampled_from([OHIO, ("San Juan", "PR", "00901"), ("APO", "AE", "09499"), ("", "", "")])


@given(st.tuples(*[TEXT] * 6))
def test_any_text_parses_to_text(fields: tuple[str, str, str, str, str, str]) -> None:
    address = parse(*fields)
    assert address == parse(*fields)
    for field in dataclasses.fields(Address):
        value = getattr(address, field.name)
        assert isinstance(value, str)
        assert value == value.strip()


@given(TEXT, TEXT, PLACE)
def test_case_and_outer_space_do_not_matter(
    street: str, unit: str, place: tuple[str, str, str]
) -> None:
    ascii_street, ascii_unit = (text.encode("ascii", "ignore").decode() for text in (street, unit))
    made = parse(ascii_street, ascii_unit, *place)
    assert parse(f" {ascii_street.lower()} ", ascii_unit.lower(), *place) == made
    assert parse(ascii_street.upper(), f"\t{ascii_unit.upper()}", *place) == made


@pytest.mark.parametrize(
    "piece",
    ["1 ", "A ", "APT 4 ", "PO BOX ", "# ", "N ", "ST ", "URB ", "KM 1 ", "1/2 ", "-."],
)
@pytest.mark.parametrize("place", [OHIO, ("San Juan", "PR", "00901"), ("APO", "AE", "09499")])
def test_a_very_long_field_is_parsed_too(piece: str, place: tuple[str, str, str]) -> None:
    # Anything worse than linear would take minutes here.
    parse(piece * 20_000, piece * 20_000, *place)
