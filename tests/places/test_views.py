import pytest

pytestmark = pytest.mark.usefixtures("gazetteer")


def test_anybody_gets_suggestions_that_anybody_may_keep(client):
    answer = client.get("/places/suggest?q=northfield, mn")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert "Set-Cookie" not in answer.headers
    (found,) = answer.get_json()
    assert found == {
        "value": "Northfield",
        "label": "Northfield, Minnesota, US",
        "hint": f"{found['fields']['population']:,} people",
        "fields": {
            "region": "Minnesota",
            "region_code": "US-MN",
            "country": "US",
            "population": found["fields"]["population"],
            "place_id": 5039675,
        },
    }
    assert found["fields"]["population"] == pytest.approx(20_800, rel=0.1)


def test_of_a_county_nobody_says_that_no_one_lives_there(client):
    (found,) = client.get("/places/suggest?q=warren county, va").get_json()
    assert (found["hint"], found["fields"]["population"]) == ("", "")


def test_one_country_can_be_asked_for(client):
    assert [found["label"] for found in client.get("/places/suggest?q=london&country=ca").get_json()] == [
        "London, Ontario, CA"
    ]


@pytest.mark.parametrize(
    "query", ["", "?q=", "?q=%00", "?q=%25", "?q=%ff", "?q=" + "a" * 5_000, "?country=US"]
)
def test_odd_questions_get_an_empty_answer(client, query):
    answer = client.get(f"/places/suggest{query}")
    assert (answer.status_code, answer.get_json()) == (200, [])
