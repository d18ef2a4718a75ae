"""Places with their population and position, and the names of regions and countries."""

from __future__ import annotations

from functools import cache

from babel import Locale
from sqlalchemy import CheckConstraint, Double, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from forum.core.db import Model
from forum.core.i18n import mark
from forum.core.text import compare_key, slugify
from forum.core.vocabulary import Term, Vocabulary

# What is raised (`core.changes`) when a place of posts is another.
PLACES = "places"
# ISO 3166-2 subdivisions of the countries whose regions we know. Source: ISO's Online Browsing Platform.
_REGIONS = {
    "US": """
        AL Alabama, AK Alaska, AZ Arizona, AR Arkansas, CA California, CO Colorado, CT Connecticut,
        DE Delaware, DC District of Columbia, FL Florida, GA Georgia, HI Hawaii, ID Idaho, IL Illinois,
        IN Indiana, IA Iowa, KS Kansas, KY Kentucky, LA Louisiana, ME Maine, MD Maryland,
        MA Massachusetts, MI Michigan, MN Minnesota, MS Mississippi, MO Missouri, MT Montana,
        NE Nebraska, NV Nevada, NH New Hampshire, NJ New Jersey, NM New Mexico, NY New York,
        NC North Carolina, ND North Dakota, OH Ohio, OK Oklahoma, OR Oregon, PA Pennsylvania,
        RI Rhode Island, SC South Carolina, SD South Dakota, TN Tennessee, TX Texas, UT Utah,
        VT Vermont, VA Virginia, WA Washington, WV West Virginia, WI Wisconsin, WY Wyoming,
        AS American Samoa, GU Guam, MP Northern Mariana Islands, PR Puerto Rico, VI U.S. Virgin Islands""",
    "CA": """
        AB Alberta, BC British Columbia, MB Manitoba, NB New Brunswick, NL Newfoundland and Labrador,
        NT Northwest Territories, NS Nova Scotia, NU Nunavut, ON Ontario, PE Prince Edward Island,
        QC Quebec, SK Saskatchewan, YT Yukon""",
    "GB": "ENG England, NIR Northern Ireland, SCT Scotland, WLS Wales",
    "AU": """
        ACT Australian Capital Territory, NSW New South Wales, NT Northern Territory, QLD Queensland,
        SA South Australia, TAS Tasmania, VIC Victoria, WA Western Australia""",
    "NZ": """
        AUK Auckland, BOP Bay of Plenty, CAN Canterbury, CIT Chatham Islands, GIS Gisborne,
        HKB Hawke's Bay, MWT Manawatū-Whanganui, MBH Marlborough, NSN Nelson, NTL Northland, OTA Otago,
        STL Southland, TKI Taranaki, TAS Tasman, WKO Waikato, WGN Wellington, WTC West Coast""",
}
# Keys such as US-WI; each term's group is its country.
REGIONS = Vocabulary(
    *(
        Term(f"{country}-{code}", name, group=country)
        for country, lines in _REGIONS.items()
        for code, name in (entry.split(maxsplit=1) for entry in lines.split(","))
    )
)
# Places of about one size, to filter by. A key is the number of residents that the band stays below.
POPULATION_BANDS = Vocabulary(
    Term("2500", mark("Under 2,500")),
    Term("10000", mark("2,500 to 9,999")),
    Term("25000", mark("10,000 to 24,999")),
    Term("50000", mark("25,000 to 49,999")),
    Term("100000", mark("50,000 to 99,999")),
    Term("250000", mark("100,000 to 249,999")),
    Term("more", mark("250,000 or more")),
)
# Two-letter entries in CLDR that are not countries: unions, reserved codes, test locales, parts of others.
_NOT_COUNTRIES = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}
# Letters that do not come apart into a plain one and an accent; and apostrophes, which people leave out.
_PLAIN = str.maketrans(
    dict(zip("ıøłđðħə", "iolddhe", strict=True))
    | {"æ": "ae", "œ": "oe", "þ": "th"}
    | dict.fromkeys("'’‘ʻʼ`´", "")
)


def place_key(name: str) -> str:
    """compare_key for names of places: no strokes or apostrophes either ("Łódź" lodz, "O'Fallon" ofallon)."""
    return compare_key(name.casefold().translate(_PLAIN))


@cache
def countries() -> dict[str, str]:
    """ISO 3166-1 alpha-2 code -> English name, by name. From Unicode's CLDR, by way of Babel."""
    names = {
        code: name
        for code, name in Locale("en").territories.items()
        if len(code) == 2 and code.isalpha() and code not in _NOT_COUNTRIES
    }
    return dict(sorted(names.items(), key=lambda item: compare_key(item[1])))


def country_name(code: str | None) -> str:
    """The English name of a country ("United States"); an unknown code is given back, nothing for none."""
    return countries().get(code or "", code or "")


def region_name(code: str | None) -> str:
    """The name of a region we know ("Wisconsin" for US-WI); nothing for any other code."""
    return REGIONS[code].label if code is not None and code in REGIONS else ""


def region_line(region: str, country: str) -> str:
    """Where a place is: "Minnesota, US", or the country's name alone where we know no region."""
    return f"{region}, {country}" if region else country_name(country)


def population_band(population: int | None) -> str | None:
    """The key of the band that a number of residents falls in; None for a number that is not known."""
    if population is None:
        return None
    return next((key for key in POPULATION_BANDS.keys if key.isdigit() and population < int(key)), "more")


def place_path(id_: int, name: str) -> str:
    """The address of the page of a place: "/places/5039675-northfield"."""
    return f"/places/{id_}-{slugify(name)}"


class Place(Model):
    """A populated place of the gazetteer, or a county. Source: GeoNames, CC BY 4.0, and others (see data/README.md)."""

    __tablename__ = "place"
    __table_args__ = (
        CheckConstraint("population >= 0", name="population_not_negative"),
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude_in_range"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude_in_range"),
        # A prefix is a range of keys; with all that suggestions sort by, they read this index alone.
        Index(None, "key", "population", "id"),
    )

    # GeoNames' own number, for counties ours: it stays the same when the gazetteer is renewed.
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(200))
    # place_key(name). Collated by bytes, so that a range of keys means the same on every server.
    key: Mapped[str] = mapped_column(String(200).with_variant(String(200, collation="C"), "postgresql"))
    # ISO 3166-2; NULL outside the countries in REGIONS. `region` is its name, or empty.
    region_code: Mapped[str | None] = mapped_column(String(6))
    region: Mapped[str] = mapped_column(String(120), default="")
    # ISO 3166-1 alpha-2.
    country: Mapped[str] = mapped_column(String(2))
    # Residents, by the newest count that GeoNames has; 0 where we do not know.
    population: Mapped[int]
    # Degrees, WGS 84.
    latitude: Mapped[float] = mapped_column(Double)
    longitude: Mapped[float] = mapped_column(Double)

    @property
    def region_line(self) -> str:
        """Where it is: "Minnesota, US"."""
        return region_line(self.region, self.country)

    @property
    def full_name(self) -> str:
        """The name that tells it from its namesakes: "Northfield, Minnesota, US"."""
        return f"{self.name}, {self.region_line}"

    @property
    def path(self) -> str:
        """The permanent address of its page."""
        return place_path(self.id, self.name)


class Gazetteer(Model):
    """One row: which data file the places were loaded from."""

    __tablename__ = "gazetteer"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    # SHA-256 of the file, in hexadecimal.
    checksum: Mapped[str] = mapped_column(String(64))
