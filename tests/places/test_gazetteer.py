import json
import re
from hashlib import sha256

import pytest
from sqlalchemy import func, select

from forum.places import actions
from forum.places.actions import load_gazetteer
from forum.places.data import build
from forum.places.models import REGIONS, Place, countries, country_name, place_key, region_name
from tests.places.conftest import read_places, write_places
from tests.support.statements import statements_of


def places(session):
    return session.scalar(select(func.count()).select_from(Place))


def test_the_whole_gazetteer_loads_and_tells_how_far_it_is(session, all_places):
    told = []
    assert load_gazetteer(lambda done, total: told.append((done, total))) == len(all_places)
    assert places(session) == len(all_places) > 55_000
    assert told[-1] == (len(all_places), len(all_places))
    assert len(told) > 5
    assert [done for done, _total in told] == sorted(done for done, _total in told)


def test_loading_twice_changes_nothing_and_asks_one_question(app, session, gazetteer, small_file):
    assert gazetteer == places(session) > 200
    with statements_of(app) as statements:
        assert load_gazetteer(file=small_file) == 0
    assert len(statements) == 1
    assert places(session) == gazetteer


def test_a_newer_file_updates_and_adds_places_and_removes_none(session, gazetteer, small_file, tmp_path):
    first, second, *_ = read_places(small_file)
    newer = write_places(
        tmp_path / "newer.csv.gz",
        [
            first | {"population": "4321", "name": "Ñandú", "region_code": "US-WI", "country": "US"},
            second | {"id": "7", "name": "Newtown"},
        ],
    )
    assert load_gazetteer(file=newer) == 2
    session.expire_all()
    assert places(session) == gazetteer + 1
    changed = session.get(Place, int(first["id"]))
    assert (changed.population, changed.key, changed.region) == (4321, "nandu", "Wisconsin")
    assert session.get(Place, int(second["id"])).name == second["name"]
    assert session.get(Place, 7).name == "Newtown"
    assert load_gazetteer(file=newer) == 0


def test_a_load_that_is_broken_off_leaves_nothing_behind(session, small_file):
    def stop(_done, _total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_gazetteer(stop, file=small_file)
    assert places(session) == 0
    assert load_gazetteer(file=small_file) > 200


@pytest.mark.parametrize(
    ("id_", "name", "region_code", "population", "latitude", "longitude"),
    [
        # Rounded census counts of 2010 to 2021 (for Hobart those of its whole urban area).
        (5039675, "Northfield", "US-MN", 20_800, 44.46, -93.16),
        (5036588, "Maplewood", "US-MN", 42_100, 44.95, -93.03),
        (5102922, "Princeton", "US-NJ", 30_700, 40.35, -74.66),
        (5128581, "New York", "US-NY", 8_800_000, 40.71, -74.01),
        (4568127, "San Juan", "US-PR", 395_000, 18.47, -66.11),
        (6325494, "Québec", "CA-QC", 549_000, 46.81, -71.21),
        (5913490, "Calgary", "CA-AB", 1_307_000, 51.05, -114.07),
        (5983720, "Iqaluit", "CA-NU", 7_400, 63.75, -68.52),
        (6180550, "Whitehorse", "CA-YT", 28_200, 60.72, -135.06),
        (2653822, "Cardiff", "GB-WLS", 362_000, 51.48, -3.18),
        (2163355, "Hobart", "AU-TAS", 252_000, -42.88, 147.33),
        (2190324, "Hamilton", "NZ-WKO", 180_000, -37.79, 175.28),
        (2185018, "Palmerston North", "NZ-MWT", 80_000, -40.36, 175.61),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_everybody_knows_of_a_place_is_in_it(
    all_places, id_, name, region_code, population, latitude, longitude
):
    (line,) = [line for line in all_places if line["id"] == str(id_)]
    assert (line["name"], line["region_code"]) == (name, region_code)
    assert int(line["population"]) == pytest.approx(population, rel=0.2)
    assert float(line["latitude"]) == pytest.approx(latitude, abs=0.1)
    assert float(line["longitude"]) == pytest.approx(longitude, abs=0.1)


def test_every_region_in_the_file_is_one_that_we_name_and_lies_in_its_country(all_places):
    used = {(line["region_code"], line["country"]) for line in all_places if line["region_code"]}
    assert {code for code, country in used if code not in REGIONS or not code.startswith(country)} == set()
    # No place of 15,000 lies in these.
    assert set(REGIONS.keys) - {code for code, _country in used} == {"NZ-CIT", "NZ-WTC"}
    homeless = {
        line["name"]
        for line in all_places
        if line["country"] in ("US", "CA", "GB", "AU", "NZ") and not line["region_code"]
    }
    # British bases on Cyprus.
    assert homeless <= {"Akrotiri", "Dhekelia"}


def test_the_file_holds_small_places_at_home_and_large_ones_elsewhere(all_places):
    home = [int(line["population"]) for line in all_places if line["country"] in ("US", "CA")]
    assert len(home) > 28_000
    assert min(population for population in home if population) == 500
    assert {line["country"] for line in all_places} <= set(countries())
    assert all(place_key(line["name"]) for line in all_places)
    ids = [int(line["id"]) for line in all_places]
    assert ids == sorted(set(ids))


def test_the_file_holds_the_counties_of_the_united_states_without_their_population(all_places):
    counties = {line["id"]: line for line in all_places if int(line["id"]) > 1_000_000_000}
    assert len(counties) > 3_000
    assert {line["population"] for line in counties.values()} == {"0"}
    king = counties["1000053033"]
    assert (king["name"], king["region_code"]) == ("King County", "US-WA")
    assert float(king["latitude"]) == pytest.approx(47.5, abs=0.2)
    assert float(king["longitude"]) == pytest.approx(-121.8, abs=0.3)
    assert counties["1000022071"]["name"] == "Orleans Parish"


def test_no_place_is_in_the_file_twice(all_places):
    sammamish = [
        line for line in all_places if "Sammamish" in line["name"] and line["region_code"] == "US-WA"
    ]
    assert [line["name"] for line in sammamish].count("Sammamish") == 1
    assert not [line["name"] for line in all_places if re.match("City of ", line["name"])]


def test_building_the_file_again_gives_the_same_bytes(tmp_path):
    def place(id_, name, country, region, population, latitude=1.0):
        return {
            "geonameid": id_, "name": name, "countrycode": country, "admin1code": region,
            "population": population, "latitude": latitude, "longitude": 2.123456,
        }  # fmt: skip

    records = [
        place(9, "City of Sammamish", "US", "WA", 45_780),
        place(3, "Sammamish", "US", "WA", 52_253, 1.01),
        place(4, "Toronto", "CA", "08", 2_794_356),
        place(5, "Ponce", "PR", "00", 137_491),
        place(6, "Misato, Saitama", "JP", "34", 142_145),
        place(7, "Hamlet", "US", "NC", 499),
        place(8, "Buffalo (historical)", "US", "NY", 900),
        place(2, "Nelson", "NZ", "F5", 51_900),
    ]
    for name in ("cities500", "cities15000"):
        (tmp_path / f"{name}.json").write_text(json.dumps({r["geonameid"]: r for r in records}))
    write_counties(tmp_path)
    sums = set()
    for target in (tmp_path / "one.gz", tmp_path / "two.gz"):
        assert build.build(tmp_path, tmp_path, target) == 6
        sums.add(sha256(target.read_bytes()).hexdigest())
    assert len(sums) == 1
    assert [list(line.values())[1:5] for line in read_places(tmp_path / "one.gz")] == [
        ["Nelson", "NZ-NSN", "NZ", "51900"],
        ["Sammamish", "US-WA", "US", "52253"],
        ["Toronto", "CA-ON", "CA", "2794356"],
        ["Ponce", "US-PR", "US", "137491"],
        ["Misato", "", "JP", "142145"],
        ["Square County", "US-KS", "US", "0"],
    ]
    *_, square = read_places(tmp_path / "one.gz")
    assert (square["id"], square["latitude"], square["longitude"]) == ("1000020001", "38.5000", "-98.0000")


def write_counties(folder):
    """A county of two degrees by one, and a city and a county that lie nowhere."""
    counties = [
        ("20001", "Square County", "KS"),
        ("51510", "Alexandria city", "VA"),
        ("99999", "No County", "KS"),
    ]
    rows = [{"fips": fips, "name": name, "state": state} for fips, name, state in counties]
    (folder / "us_counties.json").write_text(json.dumps(rows))
    (folder / "us-atlas").mkdir()
    square = {"type": "Polygon", "id": "20001", "arcs": [[0]]}
    topology = {
        "transform": {"scale": [1, 1], "translate": [-99, 38]},
        "objects": {"counties": {"geometries": [square]}},
        "arcs": [[[0, 0], [2, 0], [0, 1], [-2, 0], [0, -1]]],
    }
    (folder / build.COUNTIES).write_text(json.dumps(topology))


def test_the_data_is_credited():
    readme = actions.DATA.with_name("README.md").read_text()
    assert "GeoNames" in readme
    assert "creativecommons.org/licenses/by/4.0" in readme


def test_regions_and_countries_have_names():
    assert region_name("US-WI") == "Wisconsin"
    assert region_name("NZ-WKO") == "Waikato"
    assert region_name("XX-YY") == region_name("") == region_name(None) == ""
    assert country_name("CA") == "Canada"
    assert country_name("ZZ") == "ZZ"
    assert country_name(None) == ""
    assert 245 < len(countries()) < 252
    assert next(iter(countries())) == "AF"
