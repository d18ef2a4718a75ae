"""The page of results: how words are read, what they find, and what is shown of it."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forum.core import clock as moments
from forum.freshness import actions as freshness
from forum.freshness.models import Freshness
from forum.search.queries import curate, read_query, search, suggest
from forum.search.queries.results import PAGE
from forum.search.queries.vocabulary import corrections
from tests.factories.cases import add_case
from tests.factories.questions import add_question
from tests.factories.resources import add_link
from tests.factories.search import add_site, add_vocabulary, titles
from tests.support.html import faults
from tests.support.people import add_person


@pytest.fixture
def author(session):
    return add_person(name="Ruth Delgado")


@pytest.fixture
def site(author):
    return add_site(author)


def parts(query):
    return [part.text for part in search(None, read_query(query)).parts]


# --- Words


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("sheriffs", "dispatch"),
        ("DISPATCHING", "dispatch"),
        ("quebec", "library"),
        ("Québec libraries", "library"),
        ("coop", "library"),
        ("co-op", "library"),
        ("nonprofit", "library"),
        ("HR", "question"),
        ("hr office", "question"),
        ("cars", "question"),
        ("dispat", "dispatch"),
        ("librar*", "library"),
        ('"fire chief"', "question"),
        ("who pays for our fire chief?", "question"),
    ],
)
def test_words_are_found_in_any_form(site, query, name):
    assert titles(query)[:1] == [site[name].title]


def test_a_phrase_is_found_in_a_row_alone(site):
    assert titles('"chief fire"') == []
    assert titles('"joint corporation"') == [site["library"].title]


def test_a_word_can_be_left_out(site):
    assert set(titles("pays")) == {post.title for post in site.values()}
    assert site["question"].title not in titles("pays -chief")
    assert titles('pays -"fire chief" -library') == [site["dispatch"].title]


def test_what_says_more_of_the_query_comes_first_and_nothing_needs_all_of_it(site):
    found = titles("corporation that pays the sheriff by proportion of calls received")
    assert found[0] == site["dispatch"].title


def test_the_title_counts_more_than_the_text(site, author):
    in_text = add_question(
        author,
        title="What became of the bus?",
        body="The drawbridge was in the way. Thank you for any thoughts on this.",
    )
    in_title = add_question(
        author,
        title="Who opens the drawbridge at night?",
        body="Nobody does so far. Thank you for any thoughts on this.",
    )
    assert titles("drawbridge") == [in_title.title, in_text.title]


# --- What the search is narrowed by


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("service:dispatch", {"dispatch"}),
        ("service:safety", {"dispatch", "question"}),
        ("service:911", {"dispatch"}),
        ('service:"fire department"', {"question"}),
        ("place:Arizona", {"dispatch"}),
        ("place:AZ", {"dispatch"}),
        ("place:US-AZ", {"dispatch"}),
        ("place:Canada", {"library"}),
        ("place:flagstaff", {"dispatch"}),
        ("party:alder", {"dispatch", "library"}),
        ("kind:question", {"question"}),
        ("kind:cases pays", {"dispatch", "library"}),
        ("-kind:case", {"question"}),
        ("by:delgado", {"dispatch", "library", "question"}),
        ("by:nobody", set()),
        ("by:%", set()),
        ("by:d_lgado", set()),
        ("since:2020", {"dispatch", "library", "question"}),
        ("-since:2020", set()),
        ("since:2999", set()),
        ("-since:2999", {"dispatch", "library", "question"}),
        ("kind:case place:Arizona service:dispatch by:ruth", {"dispatch"}),
    ],
)
def test_fields_narrow_the_search(site, query, names):
    assert set(titles(query)) == {site[name].title for name in names}


def test_since_is_when_it_was_written(site):
    today = moments.today().isoformat()
    assert len(titles(f"since:{today}")) == 3


def test_a_linked_work_is_found_by_its_publisher(session):
    link = add_link(add_person("curator"), publisher="Association of Mayors", author="Jo March")
    assert titles("by:mayors") == titles('by:"jo march"') == [link.title]


def test_the_page_says_how_it_read_the_query_and_each_part_can_be_left_out(site, client):
    assert parts('kind:case service:dispatch place:Arizona "five-year agreement" -fire pays') == [
        "Cases", "about Emergency dispatch", "in Arizona", "“five-year agreement”", "not “fire”", "“pays”",
    ]  # fmt: skip
    page = client.get("/search?q=pays+service:dispatch&place=US-AZ").text
    assert 'href="/search?q=pays+service%3Adispatch"' in page
    assert 'href="/search?q=pays&amp;place=US-AZ"' in page


def test_kinds_have_their_counts_and_narrow_without_losing_them(site, client):
    page = client.get("/search?q=pays&kind=question").text
    assert "All 3" in page
    assert "Cases 2" in page
    assert site["question"].path in page
    assert site["dispatch"].path not in page


def test_the_newest_can_come_first(site, author):
    late = add_question(
        author,
        title="Does anybody know what became of it?",
        body="It was about fire chiefs' pay. Thank you for any thoughts on this.",
    )
    assert titles("fire chief", sort="newest")[0] == late.title
    assert titles("fire chief")[0] == site["question"].title


# --- It speaks the trade


def test_the_trades_own_words_find_each_other(site):
    found = search(None, read_query("PSAP"))
    assert [result.post.title for result in found.rows] == [site["dispatch"].title]
    assert "dispatch" in found.plan.also
    assert [service.slug for service in found.services] == ["dispatch"]


def test_acronyms_that_are_common_words_mean_what_they_say_in_capitals(site, author):
    add_question(
        author,
        title="Can we host it for others?",
        body="It is a good idea. Thank you for any thoughts on this.",
    )
    ours = add_question(
        author,
        title="Who hosts IT for small towns?",
        body="We have no staff. Thank you for any thoughts on this.",
    )
    assert titles("IT") == [ours.title]


def test_a_mistyped_word_is_corrected_and_said(site, client):
    found = search(None, read_query("libary corporaton place:Canada"))
    assert [result.post.title for result in found.rows] == [site["library"].title]
    assert found.did_you_mean == "library corporation place:Canada"
    page = client.get("/search?q=libary").text
    assert 'Did you mean this? The results are for it: <a href="/search?q=library"><b>library</b></a>' in page


def test_of_two_words_that_are_near_the_one_of_the_trade_is_meant():
    assert corrections("cort", ["cart", "court"]) == ["cart", "court"]
    assert corrections("cort", ["cart", "court"], {"court"})[0] == "court"


def test_words_that_belong_together_are_found_apart_as_well(site, author):
    apart = add_question(
        author,
        title="A department for fires only?",
        body="We would like to know. Thank you for any thoughts on this.",
    )
    assert apart.title in titles("fire department")


def test_plain_words_narrow_by_kind_and_place_and_size(site, author, client):
    named = add_question(
        author,
        title="Which cases of dispatch in Arizona ended?",
        body="We would like to know. Thank you for any thoughts on this.",
    )
    assert parts("cases about dispatch in Arizona, in places under 100,000 people") == [
        "Cases", "“dispatch”", "in Arizona", "in places of at most 100,000 people",
    ]  # fmt: skip
    # What is called so is found as well; nobody knows how large its place is.
    assert set(titles("cases about dispatch in Arizona")) == {site["dispatch"].title, named.title}
    page = client.get("/search?q=cases+about+dispatch+in+Arizona").text
    assert 'href="/search?q=cases+about+dispatch"' in page
    assert 'href="/search?q=dispatch+in+Arizona"' in page


def test_words_that_only_hold_a_sentence_together_are_not_looked_for(site):
    query = "Because I pay, please show everybody examples of IT"
    assert parts(query) == ["“pay”", "“IT”"]


def test_a_word_that_nothing_has_is_told_and_does_not_spoil_the_others(site, client):
    assert titles("xyzzyx sheriff") == [site["dispatch"].title]
    assert "Nothing here says “xyzzyx”." in client.get("/search?q=xyzzyx+sheriff").text


# --- What is shown


def test_what_was_looked_for_is_marked_and_nothing_else_is_markup(author, client):
    add_site(author)
    add_question(
        author,
        title='<b>Fire</b> & "rescue"?',
        body="A `<script>` about fire hoses & ladders. Thank you for any thoughts on this.",
    )
    page = client.get("/search?q=fire+ladders").text
    assert "&lt;b&gt;<mark>Fire</mark>&lt;/b&gt; &amp; &#34;rescue&#34;?" in page
    assert "<script>` about" not in page
    assert "about <mark>fire</mark> hoses &amp; <mark>ladders</mark>" in page


def test_the_words_that_were_typed_are_not_markup_either(client):
    page = client.get("/search", query_string={"q": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in page


def test_long_lists_go_on(author, client):
    for number in range(25):
        add_question(
            author,
            title=f"Who shares a hovercraft, number {number}?",
            body="We would like to know. Thank you for any thoughts on this.",
        )
    first = client.get("/search?q=hovercraft").text
    assert "25 results" in first
    assert first.count("feed__row") == 20
    rest = client.get("/search?q=hovercraft&after=20").text
    assert rest.count("feed__row") == 5
    assert client.get("/search?q=hovercraft&after=9999999999").status_code == 200


def test_where_nothing_is_found_the_question_can_be_asked(session, client):
    page = client.get("/search?q=hovercraft+timetable").text
    assert 'href="/questions/ask?title=hovercraft+timetable"' in page


def test_a_visitor_who_searches_is_told_what_can_be_looked_for(session, client):
    page = client.get("/search").text
    assert "service:library" in page
    assert "Nothing here answers that yet" not in page


# --- While typing


def test_typing_leads_to_services_places_and_posts(site, client):
    found = {suggestion.label: suggestion.href for suggestion in suggest(None, "dispatc")}
    assert found["Emergency dispatch"] == "/services/dispatch"
    assert found[site["dispatch"].title] == site["dispatch"].path
    assert suggest(None, "ariz")[0].href == "/search?place=US-AZ"
    assert suggest(None, "sheriff flag") != []
    assert suggest(None, "x") == suggest(None, "") == suggest(None, "?!") == []
    answer = client.get("/search/suggest?q=lib")
    assert {"label", "hint", "href"} == set(answer.json[0])


def test_posts_like_a_title_come_as_a_fragment(site, client):
    page = client.get("/search/alike", query_string={"title": "Sharing the fire chief: who pays?"})
    assert site["question"].path in page.text
    assert "<html" not in page.text
    assert client.get("/search/alike?title=").text.strip() == ""


# --- Nothing breaks it

ODD = (
    "AND OR NOT", '"', '""', "(", "NEAR(a b)", "title:x", "*", "a*", "-", "--", "- fire", "'", "\\", "%", "_", "\0",
    "words:fire", "fire\0chief", "' OR 1=1 --", "<->", "!&|", ":*", "kind:", "service:", "place:x:y:z", "by:%",
    "since:9999-99-99", "🚒", "你好", "ﬁre", "ǅ", "½", "fire " * 2000, "(" * 10_000, '"' * 10_000,
    "-" * 10_000,
    "a b c d e f g h i j k l m n o p q r s t u v w x y z " * 20, "service:fire " * 500, "x" * 10_000,
)  # fmt: skip


def test_no_query_however_odd_is_an_error(site, client):
    for query in ODD:
        response = client.get("/search", query_string={"q": query})
        assert response.status_code == 200, query[:50]
        assert client.get("/search/suggest", query_string={"q": query}).status_code == 200, query[:50]
        assert client.get("/search/alike", query_string={"title": query}).status_code == 200, query[:50]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60))
def test_no_query_at_all_is_an_error(site, query):
    search(None, read_query(query))
    search(None, read_query(f"fire {query} dispatch"))
    suggest(None, query)


def test_the_arguments_of_the_address_may_be_anything(site, client):
    for name in ("kind", "service", "place", "sort", "after"):
        for value in ("", "x", "-1", "999999999999999999999", "fire", "\0", "'"):
            response = client.get("/search", query_string={"q": "fire", name: value})
            assert response.status_code == 200, (name, value)
            assert faults(response.text) == []


def test_what_is_confirmed_again_rises_on_pages_that_did_not_show_it(author, client, session):
    add_vocabulary()
    cases = [
        add_case(author, services=["dispatch"], title=f"Town {n} shares a clerk") for n in range(PAGE + 1)
    ]
    newest = cases[-1]
    freshness.end(author, Freshness.query.filter_by(post_id=newest.id).one())
    assert newest.path not in client.get("/search?q=clerk").text, "what has ended stands behind its equals"
    freshness.confirm(author, Freshness.query.filter_by(post_id=newest.id).one())
    assert newest.path in client.get("/search?q=clerk").text


# --- Filters beside results


def test_filters_stand_beside_results_and_in_the_address(site, client):
    page = client.get("/search?q=dispatch").text
    assert '<input type="hidden" name="kind" value="case">' in page  # who ticks something means cases
    assert '<input type="checkbox" name="where" value="US-AZ">' in page
    narrowed = client.get("/search?q=dispatch&kind=case&where=US-AZ&sort=people").text
    assert '<input type="checkbox" name="where" value="US-AZ" checked>' in narrowed
    assert 'class="chip" href="/search?q=dispatch&amp;kind=case&amp;sort=people"' in narrowed
    assert "1 result" in narrowed


def test_filters_without_words_are_the_list(site, client):
    response = client.get("/search?kind=case&where=US-AZ&type=pool")
    assert response.status_code == 302
    assert response.location == "/cases/?kind=pool&place=US-AZ"


def test_what_nothing_matches_under_the_filters_is_no_gap(site, client, session):
    page = client.get("/search?q=dispatch&kind=case&where=CA-QC").text
    assert "Take a filter away" in page
    assert curate.gaps(None).rows == []


def test_results_can_stand_by_likeness_once_a_community_is_named(site, client):
    page = client.get("/search?q=pays&sort=alike")
    assert 'href="/community?next=/search%3Fq%3Dpays%26sort%3Dalike"' in page.text
    assert "Most like your community" not in page.text
    typed = {"community": "Sedona", "region": "Arizona", "country": "US", "population": "9700"}
    client.post("/community", data=typed | {"next": "/search?q=pays&sort=alike"})
    page = client.get("/search?q=pays&sort=alike").text
    assert '<option value="alike" selected>' in page
    assert "same state" in page
    headings = re.findall(r'class="panel-title">([^<]*)<', page)
    assert headings == ["Somewhat like yours", "Less like yours", "Of no one place"]
    assert page.index(site["dispatch"].path) < page.index(site["library"].path)
