"""Words of which the adversarial set is made: common names, near names of twins, streets."""

from __future__ import annotations


def _words(text: str) -> list[str]:
    return text.split()


COMMON_GIVEN = _words(
    "James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara "
    "Richard Susan Joseph Jessica Thomas Sarah Christopher Karen Charles Lisa Daniel Nancy "
    "Matthew Betty Anthony Sandra Mark Margaret Donald Ashley Steven Kimberly Andrew Emily "
    "Paul Donna Joshua Michelle Kenneth Carol Kevin Amanda Brian Melissa George Deborah "
    "Timothy Stephanie Ronald Rebecca Jason Laura Edward Sharon Jeffrey Cynthia Ryan Dorothy "
    "Jacob Amy Gary Kathleen Nicholas Angela Eric Shirley Jonathan Emma Stephen Brenda Larry "
    "Pamela Justin Nicole Scott Anna Brandon Samantha Benjamin Katherine Samuel Christine "
    "Gregory Helen Alexander Debra Patrick Rachel Frank Carolyn Raymond Janet Jack Maria "
    "Dennis Catherine Jerry Heather Tyler Diane Aaron Olivia Jose Julie Adam Joyce Nathan "
    "Victoria Henry Ruth Zachary Virginia Douglas Lauren Peter Kelly Kyle Christina Noah Joan "
    "Ethan Evelyn Jeremy Judith Christian Andrea Walter Hannah Keith Megan Austin Cheryl "
    "Roger Jacqueline Terry Martha Sean Madison Gerald Teresa Carl Gloria Dylan Sara Harold "
    "Janice Jordan Ann Jesse Kathryn Bryan Abigail Lawrence Sophia Arthur Frances Gabriel "
    "Jean Bruce Alice Logan Judy Billy Isabella Joe Julia Alan Grace Juan Amber Elijah Denise "
    "Willie Danielle Albert Marilyn Wayne Beverly Randy Charlotte Mason Natalie Vincent "
    "Theresa Liam Diana Luis Carlos Guadalupe Rosa Jorge Miguel Ana Pedro Carmen Francisco "
    "Luz Mohammed Fatima Nguyen Wei"
)
COMMON_FAMILY = _words(
    "Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez "
    "Lopez Gonzalez Wilson Anderson Thomas Taylor Moore Jackson Martin Lee Perez Thompson "
    "White Harris Sanchez Clark Ramirez Lewis Robinson Walker Young Allen King Wright Scott "
    "Torres Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera Campbell Mitchell Carter "
    "Roberts Gomez Phillips Evans Turner Diaz Parker Cruz Edwards Collins Reyes Stewart "
    "Morris Morales Murphy Cook Rogers Gutierrez Ortiz Morgan Cooper Peterson Bailey Reed "
    "Kelly Howard Ramos Kim Cox Ward Richardson Watson Brooks Chavez Wood James Bennett Gray "
    "Mendoza Ruiz Hughes Price Alvarez Castillo Sanders Patel Myers Long Ross Foster Jimenez "
    "O'Brien O'Neill McDonald Müller Nuñez DeLaCruz Al-Hassan"
)
TWIN_PAIRS = _words(
    "Jayden/Jaden Jayden/Hayden Kayla/Kaylee Maria/Mario Daniel/Danielle Eric/Erica "
    "Carl/Carla Christian/Christina Michael/Michelle Anna/Hannah Ella/Emma Ava/Eva Tim/Tom "
    "Mia/Mya Ann/Anna Marcus/Mark Julia/Julian Paul/Paula John/Joan Jean/Joan Andrea/Andrew "
    "Olivia/Oliver Ana/Ann Gabriel/Gabriela Martin/Martina Joseph/Josephine Aiden/Ayden "
    "Madison/Maddison Megan/Morgan Alexis/Alexia Brian/Brianna Taylor/Tyler Ethan/Evan "
    "Isabel/Isabella Jada/Jade Faith/Hope Luis/Luisa Jose/Josefa Francisco/Francisca "
    "Jasmin/Jaslyn Landon/London Caleb/Kaleb"
)
"""Given names as near as twins' names can be, two by two."""
SHORT_PAIRS = _words(
    "Robert/Bob William/Bill James/Jim Michael/Mike Elizabeth/Liz Thomas/Tom David/Dave "
    "Kathleen/Kathy Margaret/Peggy Christopher/Chris Jennifer/Jen Richard/Dick Joseph/Joe "
    "Patricia/Trish Susan/Sue Steven/Steve Daniel/Dan Matthew/Matt Anthony/Tony Andrew/Andy "
    "Edward/Ed Kenneth/Ken Ronald/Ron Timothy/Tim Deborah/Debbie Rebecca/Becky Benjamin/Ben "
    "Francisco/Paco Guadalupe/Lupe Samuel/Sam Gregory/Greg Jessica/Jess Victoria/Vicky"
)
"""Full names with a short form."""
STREETS = _words(
    "Oak Maple Main Elm Cedar Pine Washington Lake Hill Walnut Spring North Ridge Church "
    "Willow Mill Sunset Railroad Jackson Lincoln Park River Highland Johnson Dogwood Chestnut "
    "Franklin Spruce Madison Meadow Forest Hickory Jefferson Valley Sycamore Adams Laurel "
    "Poplar Magnolia Cherry Locust Birch Ash Monroe Holly Peach Center Union Summit Prospect "
    "Garden Colonial Canyon Juniper Mulberry Fairview Evergreen Crescent Lakeview Cottonwood "
    "Broadway Harrison Belmont Kensington"
)
SUFFIXES = (
    ("St", "Street"),
    ("Ave", "Avenue"),
    ("Rd", "Road"),
    ("Dr", "Drive"),
    ("Ln", "Lane"),
    ("Ct", "Court"),
    ("Blvd", "Boulevard"),
)
CITIES = (
    ("Springfield", "IL", "627"),
    ("Peoria", "IL", "616"),
    ("Houston", "TX", "770"),
    ("Laredo", "TX", "780"),
    ("Phoenix", "AZ", "850"),
    ("Tucson", "AZ", "857"),
    ("Fresno", "CA", "937"),
    ("San Jose", "CA", "951"),
    ("Newark", "NJ", "071"),
    ("Columbus", "OH", "432"),
    ("Denver", "CO", "802"),
    ("Miami", "FL", "331"),
    ("Atlanta", "GA", "303"),
    ("Boston", "MA", "021"),
    ("Detroit", "MI", "482"),
    ("Saint Paul", "MN", "551"),
    ("Omaha", "NE", "681"),
    ("Albuquerque", "NM", "871"),
    ("Las Vegas", "NV", "891"),
    ("Buffalo", "NY", "142"),
)
SPELLING_GROUPS = _words(
    "Katherine/Kathryn/Catherine Steven/Stephen Sara/Sarah Erik/Eric Geoffrey/Jeffrey "
    "Philip/Phillip Brian/Bryan Ann/Anne Teresa/Theresa Alan/Allan/Allen "
    "Rebecca/Rebekah Nicholas/Nicolas "
    "Kristin/Kristen Sean/Shawn/Shaun Lawrence/Laurence Carl/Karl Jose/Joseph Jesse/Jessie "
    "Isabel/Isabelle Mohammed/Muhammad/Mohamed Deborah/Debra Lynn/Lynne Mathew/Matthew"
)
"""Given names that are written in several ways, each a name in use."""
VARIANTS = [
    group.split("/")
    for group in (
        "Müller/Mueller/Muller",
        "Schäfer/Schaefer/Schafer",
        "Nuñez/Nunez/Núñez",
        "Peña/Pena",
        "Gutiérrez/Gutierrez",
        "O'Brien/OBrien/O Brien/O’Brien",
        "McDonald/Mc Donald/Mcdonald",
        "DeLaCruz/De La Cruz/de la Cruz",
        "Al-Hassan/Al Hassan/Alhassan",
        "Van Buren/VanBuren/van Buren",
        "D'Angelo/DAngelo/D Angelo",
        "Smith-Jones/Smith Jones",
    )
]
"""Family names as different papers write them."""
SPELLINGS = [group.split("/") for group in SPELLING_GROUPS]
TWIN_NAMES = [tuple(pair.split("/")) for pair in TWIN_PAIRS]
NICKNAMES = dict(pair.split("/") for pair in SHORT_PAIRS)
