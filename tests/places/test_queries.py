import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError

from forum.core.db import db
from forum.core.errors import NotFound
from forum.places import queries
from forum.places.models import Place
from forum.places.queries import match, match_many, suggest
from tests.support.statements import statements_of

NORTHFIELD = "Northfield, Minnesota, US"


def labels(typed, **options):
    return [option.label for option in suggest(typed, **options)]


pytestmark = pytest.mark.usefixtures("gazetteer")


def test_typing_northf_offers_the_northfields_the_largest_first():
    found = suggest("northf")
    assert found[0].label == NORTHFIELD
    assert found[0].region_code == "US-MN"
    assert {option.name for option in found} == {"Northfield"}
    assert [option.population for option in found] == sorted((o.population for o in found), reverse=True)


@pytest.mark.parametrize(
    "typed",
    [
        "Northfield, MN",
        "Northf, Minn",
        "Northfield, Minnesota",
        "Northfield, Minnesota, US",
        "Northfield, Minnesota, u",
        "northfield mn",
        "Northfield Minnesota",
        "NORTHFIELD MN USA",
        "Northfield, US-MN",
    ],
)
def test_region_and_country_narrow_it_down_however_they_are_written(typed):
    assert labels(typed) == [NORTHFIELD]


def test_a_region_may_be_half_typed_after_a_whole_name():
    assert labels("northfield m") == [NORTHFIELD, "Northfield, Massachusetts, US"]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("London, ON", "London, Ontario, CA"),
        ("london ontario canada", "London, Ontario, CA"),
        ("London, England", "London, England, GB"),
        ("London UK", "London, England, GB"),
        ("Washington, D.C.", "Washington, District of Columbia, US"),
        ("San José, Costa Rica", "San José, Costa Rica"),
        ("St. Paul", "Saint Paul, Minnesota, US"),
        ("saint pau", "Saint Paul, Minnesota, US"),
        ("OFallon", "O'Fallon, Missouri, US"),
        ("o’fallon, il", "O'Fallon, Illinois, US"),
        ("New York", "New York, New York, US"),
        ("lodz", "Łódź, Poland"),
        ("zurich", "Zürich, Switzerland"),
    ],
)
def test_places_are_found_the_way_people_write_them(typed, first):
    assert labels(typed)[0] == first


def test_an_accent_makes_no_difference():
    assert labels("québec") == labels("quebec") == labels("QUÉBEC") == labels("que\u0301bec")
    assert labels("quebec")[0] == "Québec, Quebec, CA"


def test_a_whole_name_comes_before_larger_places_that_only_begin_so():
    found = suggest("paris", limit=20)
    whole = [option.name == "Paris" for option in found]
    assert whole == sorted(whole, reverse=True)
    assert found[0].country == "FR"


def test_one_country_can_be_asked_for():
    assert labels("london", country="CA") == ["London, Ontario, CA"]
    assert labels("london", country="ZZ") == []


def test_no_more_than_asked_for_are_offered():
    assert len(suggest("northf", limit=3)) == 3


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "%",
        "_",
        "Northf%",
        "N%d",
        "_orthfield",
        "\0",
        "north\0field",
        "'",
        '"',
        "';--",
        "' OR 1=1 --",
        "\\",
        ",",
        ",,,,",
        ", MN",
        "Northfield, nowhere",
        "\ud800",
        "\uffff",
        "🏘️",
        "a" * 10_000,
        "a " * 5_000,
        "," * 10_000,
        "mn " * 3_000,
        "ﷺ" * 10_000,
    ],
    ids=lambda typed: ascii(typed)[:20],
)
def test_odd_input_finds_nothing_and_breaks_nothing(typed):
    if typed == "Northf%":
        # Punctuation is not looked at, so this is "northf" and no wildcard.
        assert labels(typed) == labels("northf")
    else:
        assert suggest(typed) == []


def test_looking_up_takes_one_statement(app):
    for ask in (
        lambda: suggest("northfield mn"),
        lambda: match("Northfield", "MN", "US"),
        lambda: match_many([("Northfield", "MN", "US"), ("Maplewood", "MN", "US"), ("Poway", "CA", "US")]),
    ):
        with statements_of(app) as statements:
            assert ask()
        assert len(statements) == 1


@pytest.mark.sqlite
def test_sqlite_reads_a_prefix_from_the_index():
    assert "COVERING INDEX ix_place_key_population_id (key>? AND key<?)" in plan(
        "EXPLAIN QUERY PLAN", "northf"
    )
    for part in ("(key>? AND key<?)", "(key=?)"):
        assert part in plan("EXPLAIN QUERY PLAN", "northfield mn")


@pytest.mark.postgres
def test_postgresql_reads_a_prefix_from_the_index():
    # So few rows are read faster without; the question is whether the index could serve.
    db.session.execute(text("SET LOCAL enable_seqscan = off"))
    found = plan("EXPLAIN", "northf")
    assert "ix_place_key_population_id" in found
    assert "Index Cond: ((key >= 'northf'" in found.replace("((key)::text", "(key")


def plan(explain, typed):
    """How the engine goes about a suggestion."""
    seen = []

    def remember(_connection, _cursor, *statement_and_parameters):
        seen.append(statement_and_parameters[:2])

    event.listen(db.engine, "before_cursor_execute", remember)
    suggest(typed)
    event.remove(db.engine, "before_cursor_execute", remember)
    statement, parameters = seen[-1]
    rows = db.session.connection().exec_driver_sql(f"{explain} {statement}", parameters)
    return "\n".join(row[-1] for row in rows)


def test_a_place_is_found_by_its_id():
    (northfield,) = suggest("Northfield, MN")
    found = queries.place(northfield.id)
    assert (found.full_name, found.region_line) == (NORTHFIELD, "Minnesota, US")
    with pytest.raises(NotFound):
        queries.place(1)


@pytest.mark.parametrize(
    ("name", "region", "country", "expected"),
    [
        ("Maplewood", "US-MN", "US", "Maplewood, Minnesota, US"),
        ("Maplewood", "MN", "US", "Maplewood, Minnesota, US"),
        ("maplewood", "minnesota", "us", "Maplewood, Minnesota, US"),
        ("Maplewood", "State of nowhere", "US", None),
        ("City of Maplewood", "US-MN", "US", "Maplewood, Minnesota, US"),
        ("Township of Maplewood", "New Jersey", "United States", "Maplewood, New Jersey, US"),
        ("Princeton Township", "US-NJ", "US", "Princeton, New Jersey, US"),
        ("Village of Northfield", "IL", "USA", "Northfield, Illinois, US"),
        ("Leeds City Council", "England", "GB", "Leeds, England, GB"),
        ("San José", "California", "US", "San Jose, California, US"),
        ("St. Paul", "US-MN", "US", "Saint Paul, Minnesota, US"),
        ("Quebec", "Québec", "CA", "Québec, Quebec, CA"),
        ("Sammamish", "Washington State", "US", "Sammamish, Washington, US"),
        ("Poway", None, "US", "Poway, California, US"),
        ("Lyon", "Auvergne-Rhône-Alpes", "FR", "Lyon, France"),
        ("Maplewood", "US-MN", None, "Maplewood, Minnesota, US"),
    ],
)
def test_a_typed_place_is_recognised(name, region, country, expected):
    found = match(name, region, country)
    assert (found and found.full_name) == expected


@pytest.mark.parametrize(
    ("name", "region", "country"),
    [
        ("Maplewood", None, "US"),
        ("Maplewood", "US-MN", "CA"),
        ("Northfield", "US-NJ", "US"),
        ("Poway", None, None),
        ("Poway", None, "Narnia"),
        ("Poway", "US-MN", "Narnia"),
        ("Warren County", None, "US"),
        ("Maplew", "US-MN", "US"),
        ("", "US-MN", "US"),
        ("City of", "US-MN", "US"),
        ("%", "US-MN", "US"),
        ("\0" * 10_000, "\ud800", "'"),
    ],
    ids=lambda value: ascii(value)[:20],
)
def test_what_may_mean_several_places_or_none_stays_unmatched(name, region, country):
    assert match(name, region, country) is None


def test_many_are_matched_in_the_order_they_were_asked_in():
    found = match_many([("Nowhere", "MN", "US"), ("Poway", "CA", "US"), ("City of Maplewood", "MN", "US")])
    assert [place and place.name for place in found] == [None, "Poway", "Maplewood"]
    assert match_many([]) == []


@pytest.mark.parametrize(
    ("name", "region", "first"),
    [
        ("Northfield and Maplewood", "US-MN", "Northfield"),
        ("Nowhere, Maplewood & Northfield", "US-MN", "Maplewood"),
        ("Saint Paul area", "US-MN", "Saint Paul"),
        ("Greater Portland (eastern suburbs)", "US-OR", "Portland"),
        ("Warren and Washington counties", "US-NY", "Warren County"),
        ("Warren counties", "US-NY", "Warren County"),
    ],
)
def test_of_several_places_in_one_name_the_first_that_is_known_can_be_shown(name, region, first):
    assert match(name, region, "US") is None
    assert queries.first_named(name, region, "US").name == first


@pytest.mark.parametrize(
    "name", ["", ",", "and", "Nowhere and elsewhere", "( ( (", "\0", "counties", "," * 10_000]
)
def test_where_no_place_is_named_none_is_shown(name):
    assert queries.first_named(name, "US-MN", "US") is None


def test_counties_are_offered_to_who_types_on_and_towns_first():
    assert labels("warren")[0] != "Warren County"
    assert labels("warren county, va") == ["Warren County, Virginia, US"]
    assert match("Warren County", "VA", "US").population == 0


def test_nobody_lives_outside_the_globe(session):
    for column, value in (("population", -1), ("latitude", 90.1), ("longitude", -180.1)):
        values = {
            "id": 1, "name": "X", "key": "x", "country": "US", "population": 1, "latitude": 0, "longitude": 0,
        }  # fmt: skip
        session.add(Place(**values | {column: value}))
        with pytest.raises(IntegrityError, match=f"ck_place_{column}"):
            session.flush()
        session.rollback()
