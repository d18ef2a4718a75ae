"""How alike two communities are: the number, the words, and the same number from the database."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select

from forum.places.actions import load_gazetteer
from forum.places.likeness import (
    LIKENESS_BANDS,
    SETTINGS,
    WEIGHTS,
    Community,
    PlaceColumns,
    distance,
    kilometres,
    kilometres_order,
    likeness,
    likeness_order,
)
from forum.places.models import POPULATION_BANDS, Place, place_key, population_band
from forum.places.queries import match_many
from forum.posts.models import Post
from tests.factories.content import starter
from tests.places.conftest import write_places
from tests.support.people import add_person

NORTHFIELD = Community("Northfield", "Minnesota", "US-MN", "US", 20_000, "small_city", 44.46, -93.16, 1)
FARIBAULT = Community("Faribault", "Minnesota", "US-MN", "US", 24_000, "small_city", 44.29, -93.27, 2)
LEEDS = Community("Leeds", "England", "GB-ENG", "GB", 536_000, "urban", 53.8, -1.55, 3)

communities = st.builds(
    Community,
    name=st.sampled_from(("Alder", "Birch", "Cedar")),
    region_code=st.sampled_from(("", "US-MN", "US-WI", "CA-ON")),
    country=st.sampled_from(("", "US", "CA", "FR")),
    population=st.none() | st.integers(1, 10_000_000),
    setting=st.none() | st.sampled_from((*SETTINGS, "mixed")),
    latitude=st.none() | st.floats(-90, 90),
    longitude=st.none() | st.floats(-180, 180),
    place_id=st.none() | st.integers(1, 5),
)


@given(communities, communities)
def test_it_is_the_same_from_either_side_and_always_between_0_and_1(a, b):
    assert 0 <= likeness(a, b).score <= 1
    assert likeness(a, b).score == pytest.approx(likeness(b, a).score, abs=1e-12)


@given(communities)
def test_a_community_is_wholly_like_itself_whatever_is_known_of_it(community):
    assert likeness(community, community).score == 1
    assert likeness(community, community).why == "your own community"


def test_the_weights_are_a_whole():
    assert sum(WEIGHTS.values()) == pytest.approx(1)


def test_the_nearer_in_size_the_more_alike():
    sizes = (24_000, 30_000, 60_000, 200_000, 8_000_000)
    scores = [likeness(NORTHFIELD, replace(FARIBAULT, population=size)).score for size in sizes]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == len(scores)


def test_half_and_double_the_people_are_as_far_away():
    half, double = (likeness(NORTHFIELD, replace(FARIBAULT, population=n)).score for n in (10_000, 40_000))
    assert half == pytest.approx(double)


def test_the_same_region_comes_before_the_same_country_before_another_one():
    elsewhere = (FARIBAULT, replace(FARIBAULT, region_code="US-WI"), replace(FARIBAULT, country="CA"))
    scores = [likeness(NORTHFIELD, community).score for community in elsewhere]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 3


def test_the_nearer_the_more_alike():
    scores = [
        likeness(NORTHFIELD, replace(FARIBAULT, latitude=latitude)).score for latitude in (44.4, 42, 30, -44)
    ]
    assert scores == sorted(scores, reverse=True)


def test_the_next_setting_comes_between_the_same_and_the_others():
    settings = ("small_city", "rural", "urban")
    scores = [likeness(NORTHFIELD, replace(FARIBAULT, setting=setting)).score for setting in settings]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 3
    mixed = likeness(NORTHFIELD, replace(FARIBAULT, setting="mixed")).score
    assert mixed == pytest.approx(scores[1])


@pytest.mark.parametrize(
    ("unknown", "same", "far"),
    [
        ({"population": None}, {"population": 20_000}, {"population": 9_000_000}),
        ({"country": ""}, {}, {"country": "FR"}),
        ({"latitude": None}, {"latitude": 44.46, "longitude": -93.16}, {"latitude": -44.0, "longitude": 93}),
        ({"setting": None}, {}, {"setting": "urban"}),
    ],
    ids=["population", "country", "position", "setting"],
)
def test_what_is_not_known_speaks_neither_for_nor_against(unknown, same, far):
    known, not_known, unlike = (
        likeness(NORTHFIELD, replace(FARIBAULT, **change)).score for change in (same, unknown, far)
    )
    assert unlike < not_known < known


def test_distances_are_those_of_the_globe():
    london = Community("London", latitude=51.5074, longitude=-0.1278)
    new_york = Community("New York", latitude=40.7128, longitude=-74.006)
    assert kilometres(london, new_york) == pytest.approx(5_570, rel=0.001)
    pole = replace(NORTHFIELD, latitude=90.0)
    assert kilometres(pole, replace(LEEDS, latitude=-90.0)) == pytest.approx(20_015, rel=0.001)
    assert kilometres(NORTHFIELD, replace(LEEDS, latitude=None)) is None


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (FARIBAULT, "24,000 people, same state, 13 miles away, a small city too"),
        (replace(FARIBAULT, population=1, setting=None), "1 person, same state, 13 miles away"),
        (replace(FARIBAULT, region_code="US-WI", latitude=35.0, setting="rural"), "24,000 people"),
        (LEEDS, "536,000 people, United Kingdom"),
        (Community("Somewhere"), ""),
    ],
    ids=["near", "tiny", "another state", "another country", "nothing known"],
)
def test_the_reasons_are_words(other, why):
    assert likeness(NORTHFIELD, other).why == why


def test_a_region_is_called_what_people_there_call_it():
    ontario = Community("Guelph", "Ontario", "CA-ON", "CA", 140_000)
    york = Community("York", "England", "GB-ENG", "GB", 200_000)
    assert likeness(ontario, replace(ontario, name="Barrie")).why == "140,000 people, same province"
    assert likeness(LEEDS, york).why == "200,000 people, also in England"
    assert likeness(Community("Lyon", country="FR"), Community("Paris", country="FR")).why == ""


def test_miles_are_for_those_who_count_in_miles():
    assert distance(64.4, "US") == distance(64.4, "GB") == "40 miles"
    assert distance(1.2, "US") == "1 mile"
    assert distance(1234.4, "CA") == distance(1234.4, "") == "1,234 km"


def test_every_score_has_a_band():
    bands = [LIKENESS_BANDS.label(likeness(NORTHFIELD, community).band) for community in (FARIBAULT, LEEDS)]
    assert bands == ["Much like yours", "Less like yours"]


@pytest.mark.parametrize(
    ("population", "band"),
    [
        (None, ""), (0, "Under 2,500"), (2_499, "Under 2,500"), (2_500, "2,500 to 9,999"),
        (249_999, "100,000 to 249,999"), (250_000, "250,000 or more"), (9_000_000, "250,000 or more"),
    ],
)  # fmt: skip
def test_every_population_has_a_band(population, band):
    assert POPULATION_BANDS.label(population_band(population)) == band


# --- The database says the same


@pytest.fixture
def real_cases(session, all_places, tmp_path):
    """The places of the cases that ship, as posts: with a position where the gazetteer knows them."""
    places = [case.get("place", {}) for case in starter("cases")]
    names = {place_key(place.get("name", "")) for place in places}
    chosen = [line for line in all_places if place_key(line["name"]) in names]
    load_gazetteer(file=write_places(tmp_path / "places.csv.gz", chosen))
    known = match_many(
        [(place.get("name", ""), place.get("region_code"), place.get("country")) for place in places]
    )
    author = add_person()
    rows = [
        {
            "kind": "case", "slug": f"case-{n}", "title": f"Case {n}", "author_id": author.id,
            "place_id": match.id if match else None,
            "region_code": place.get("region_code", ""), "country": place.get("country", ""),
            "place_population": place.get("population") or (match.population if match else None),
        }
        for n, (place, match) in enumerate(zip(places, known, strict=True))
    ]  # fmt: skip
    session.execute(insert(Post.__table__), rows)
    assert len(rows) == len(starter("cases")) > 80
    assert sum(match is not None for match in known) > 20
    return session


COLUMNS = PlaceColumns(
    Post.place_population, Post.country, Post.region_code, Place.latitude, Place.longitude, Post.place_id
)


def from_the_database(session, column):
    """(number, community) of each post."""
    query = select(
        column, Post.place_population, Post.country, Post.region_code, Post.place_id, Place.latitude,
        Place.longitude,
    )  # fmt: skip
    for row in session.execute(query.outerjoin(Place, Place.id == Post.place_id).order_by(column.desc())):
        yield row[0], Community(
            "", "", row.region_code, row.country, row.place_population, None, row.latitude, row.longitude,
            row.place_id,
        )  # fmt: skip


@pytest.mark.parametrize(
    "reader",
    [
        NORTHFIELD,
        LEEDS,
        replace(NORTHFIELD, place_id=5036588),
        Community("A county", region_code="US-VA", country="US"),
        Community("A town", population=9_000, latitude=-37.8, longitude=175.3),
        Community("Nothing known"),
    ],
    ids=lambda reader: f"{reader.name} {reader.place_id}",
)
def test_the_database_sorts_the_real_cases_as_the_function_does(real_cases, reader):
    found = list(from_the_database(real_cases, likeness_order(reader, COLUMNS)))
    assert len(found) > 80
    for score, community in found:
        assert score == pytest.approx(likeness(reader, community).score, abs=1e-12)
    assert all(before >= after for (before, _), (after, _) in pairwise(found))


def test_the_database_measures_as_the_function_does(real_cases):
    column = kilometres_order(NORTHFIELD, COLUMNS)
    for km, community in from_the_database(real_cases, column):
        expected = kilometres(NORTHFIELD, community)
        assert (km is None) == (expected is None)
        assert (km or 0.0) == pytest.approx(expected or 0.0, rel=1e-9)
    with pytest.raises(ValueError, match="position"):
        kilometres_order(Community("Nowhere"), COLUMNS)


def test_the_other_end_of_the_world_can_be_measured(session, gazetteer):
    antipode = Community("At sea", latitude=-44.4583, longitude=180 - 93.1616)
    assert all(
        0 <= km <= 20_038
        for km in session.scalars(
            select(
                kilometres_order(
                    antipode,
                    replace(
                        COLUMNS,
                        population=Place.population,
                        country=Place.country,
                        region_code=Place.region_code,
                        place_id=Place.id,
                    ),
                )
            )
        )
    )
