"""People find what they came for, on both engines, and the same on both."""

from collections.abc import Callable

from flask import Flask

from forum.search.queries import alike, read_query, search
from tests.search.quality import first_ten, measure
from tests.search.table import TABLE
from tests.support.statements import statements_of

GOAL = 0.95


def test_the_table_has_queries_enough():
    assert len({query for query, _names in TABLE}) == len(TABLE) >= 60


def test_what_people_look_for_is_among_the_first_three_and_the_same_on_every_engine(
    starter: Flask, make_app: Callable[..., Flask], starter_on_sqlite: str
):
    firsts = {query: first_ten(query) for query, _names in TABLE}
    found = measure(firsts.__getitem__)
    assert found.recall >= GOAL, found.missed

    with make_app(database_url=starter_on_sqlite).app_context():
        assert {query: first_ten(query) for query, _names in TABLE} == firsts


def test_no_page_of_results_takes_more_than_four_statements(starter: Flask):
    for query in ("dispach center", "how do we split dispatch costs", "kind:case service:fire", "agreement"):
        with statements_of(starter) as statements:
            assert search(None, read_query(query)).rows
        assert len(statements) <= 4, query


def test_a_question_that_was_asked_before_is_among_the_posts_like_it(starter: Flask):
    asked = {
        "How to divide dispatch costs between city and county": "split-dispatch-cost-calls-or-population",
        "Notice period for leaving a fire district": "withdrawal-notice-and-damages-clause",
        "Can we merge the finance office of the town and the schools": "merge-town-school-finance-savings",
        "Our trash hauler keeps missing streets": "shared-trash-provider-missed-pickups",
        "Joint police agency: who keeps the cars when a town leaves?": "exit-terms-shared-equipment-retirement",
    }
    for title, slug in asked.items():
        assert f"/questions/{slug}" in [post.href for post in alike(None, title)], title
    assert alike(None, "Best recipe for sourdough pancakes") == []
    assert alike(None, "Fire") == []
