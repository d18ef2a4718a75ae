"""People find what they came for, on both engines, and the same on both."""

from collections.abc import Callable

import pytest
from flask import Flask

from forum.places.likeness import Community
from forum.search.queries import alike, found, read_query, search, search_at
from forum.search.queries.quick import saying_the_same
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
    search(None, read_query("fire"))  # what lists are filtered by is in memory from now on
    for query in (
        "dispach center", "how do we split dispatch costs", "kind:case service:fire", "agreement",
        "cases about fire in towns of 5,000 to 25,000 people",
    ):  # fmt: skip
        for kind, chosen, sort in (("", {}, "best"), ("case", {"has": ["costs"]}, "cost")):
            with statements_of(starter) as statements:
                assert search(None, read_query(query), kind=kind, chosen=chosen, sort=sort).rows
            assert len(statements) <= 4, query


def test_a_manager_says_the_size_of_the_town_in_plain_words_and_leaves_it_out_again(starter: Flask):
    page = search_at(None, {"q": ["ILA for dispatch in Montana, in a town of 8,000"]})
    assert [row.post.href for row in page.rows] == ["/cases/flathead-county-911-consolidation"]
    words = [part.text for part in page.parts]
    assert words == ["“ILA”", "“dispatch”", "in Montana", "in places of 4,000 to 16,000 people"]
    everywhere = search_at(None, {"q": [page.parts[2].without["q"]]})
    assert everywhere.found > page.found
    # Whoever wrote the cases left the sizes out; the gazetteer has them, for the filter beside the results as well.
    sizes = {facet.name: {value.key for value in facet.values} for facet in everywhere.facets}["smallest"]
    assert len(sizes) > 1


def test_what_was_found_is_narrowed_to_places_of_a_size_and_shows_how_they_share_the_cost(starter: Flask):
    def found(**args: str) -> tuple[list[str], dict[str, dict[str, int]]]:
        results = search_at(None, {name: [value] for name, value in args.items()}, sort="people")
        counts = {facet.name: {value.key: value.n for value in facet.values} for facet in results.facets}
        assert results.total == len(results.rows) or results.after
        return [row.post.href for row in results.rows], counts

    every, counts = found(q="ILA for dispatch")
    assert list(counts)[:3] == ["largest", "split", "where"]
    cases, of_cases = found(q="ILA for dispatch", kind="case")
    assert all(href.startswith("/cases/") for href in cases)
    size, n = max(of_cases["largest"].items(), key=lambda item: item[1])
    narrowed, of_narrowed = found(q="ILA for dispatch", kind="case", largest=size)
    assert len(narrowed) == n < len(cases)
    # Under the other filters: the other sizes are still told, the ways to share are those of this size.
    assert of_narrowed["largest"] == of_cases["largest"]
    split, n_split = max(of_narrowed["split"].items(), key=lambda item: item[1])
    assert len(found(q="ILA for dispatch", kind="case", largest=size, split=split)[0]) == n_split
    assert every


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
    # Sent without a script, the same five are shown, once one of them may be the very same.
    title = "How to divide dispatch costs between city and county"
    assert saying_the_same(None, title) == alike(None, title) != []
    assert alike(None, "Best recipe for sourdough pancakes") == []
    assert alike(None, "Fire") == []


def test_however_results_stand_the_tabs_tell_how_many_there_are(starter: Flask):
    for query in ("joint purchasing of trucks", "shared police chief"):
        for sort in ("best", "newest"):
            every = search_at(None, {"q": [query]}, sort=sort)
            assert every.total == every.found
            for kind, n in every.counts:
                assert search_at(None, {"q": [query], "kind": [kind]}, sort=sort).total == n, (query, sort)


def test_results_say_why_their_place_is_like_mine_and_stand_by_that_if_i_like(starter: Flask):
    faribault = Community("Faribault", "Minnesota", "US-MN", "US", 24_453, None, 44.29, -93.27, None)

    def shown(sort: str = "best", kind: str = "case") -> list[tuple[str, str]]:
        asked = {"q": ["agreement"], "kind": [kind]}
        rows = search_at(None, asked, sort=sort, community=faribault).rows
        return [(row.post.href, row.post.why) for row in rows]

    best, alike_first = dict(shown()), shown("alike")
    assert "same state" in alike_first[0][1] != ""
    assert all(best[href] == why for href, why in alike_first if href in best)
    assert list(best)[:3] != [href for href, _why in alike_first[:3]]
    # Of all kinds together as well, and what is about no place stands last.
    assert shown("alike", kind="")[0] == alike_first[0]
    with statements_of(starter) as statements:
        shown("alike")
    assert len(statements) <= 4


def test_what_is_too_old_to_be_ranked_is_counted_filtered_and_sorted_as_well(
    starter: Flask, monkeypatch: pytest.MonkeyPatch
):
    def shown(**args: str) -> tuple[set[str], dict[str, dict[str, int]], dict[str, int]]:
        asked = {name: [value] for name, value in {"q": "agreement", **args}.items()}
        sort = args.get("sort", "best")
        hrefs = {
            row.post.href for n in range(8) for row in search_at(None, asked, sort=sort, start=20 * n).rows
        }
        first = search_at(None, asked, sort=sort)
        assert len(hrefs) == min(first.total, 160)
        counts = {facet.name: {value.key: value.n for value in facet.values} for facet in first.facets}
        return hrefs, counts, dict(first.counts)

    every = shown()
    cases, sizes, _counts = shown(kind="case")
    size = min(sizes["largest"], key=lambda key: sizes["largest"][key])
    few, by_cost = shown(kind="case", largest=size), shown(kind="case", largest=size, sort="cost")
    assert len(few[0]) == len(by_cost[0]) == sizes["largest"][size] < len(cases)

    for name in ("POSTS", "OF_KIND", "TITLES"):
        monkeypatch.setattr(found, name, 3)
    assert shown() == every
    assert shown(kind="case")[:2] == (cases, sizes)
    assert shown(kind="case", largest=size) == few
    assert shown(kind="case", largest=size, sort="cost") == by_cost
