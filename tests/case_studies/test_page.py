"""The page of a case: what it draws, what it leaves out, and how little it asks of the database."""

import re
from html import unescape

import pytest

from forum.case_studies.queries.lists import like_this
from tests.factories.cases import add_case, add_services, case_record, full_record
from tests.factories.comments import add_comment
from tests.support.people import add_person, sign_in
from tests.support.statements import statements_of

HEADINGS = (
    "What happened",
    "Who does what",
    "What it costs, and who pays",
    "When",
    "Did it work?",
    "On paper",
    "What they learned",
    "How it came about",
    "Documents and sources",
    "Why it ended",
)
ENTRY = {"label": "Something", "kind": "milestone"}


@pytest.fixture
def author(session):
    add_services()
    return add_person(name="Ana Torres", job_title="Town manager")


def words_of(html):
    """The words of the page's main part, without its tags."""
    main = html.partition("<main")[2].partition("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def headings(html):
    return [" ".join(text.split()) for text in re.findall(r"<h2[^>]*>([^<]+)</h2>", html)]


# --- What is drawn


def test_a_full_case_draws_every_section_in_order(author, client):
    found = headings(client.get(add_case(author, **full_record()).path).text)
    assert [heading for heading in found if heading in HEADINGS] == [
        "Why it ended",
        *HEADINGS[:8],
        "Documents and sources",
    ]


def test_a_starter_draws_no_section_at_all_for_a_reader(author, client):
    page = client.get(add_case(author).path).text
    assert not set(headings(page)) & set(HEADINGS)
    assert "Completeness: Starter" in page
    assert "N/A" not in page


def test_everything_that_was_given_can_be_read(author, client):
    page = words_of(client.get(add_case(author, **full_record(1)).path).text)
    for words in (
        "Ended by a party",
        "One of the towns built a center of its own.",
        "A better option",
        "It began with a leaking roof.",
        "City, town or village · Rural · pop. 1,000 (2020) · joined in 2015 · left in 2024",
        "Decides, Pays",
        "As agreed.",
        "Mix of factors. Mostly by population.",
        "Overhead as a flat percentage (5%)",
        "Trued up each year",
        "Fees shared",
        "$9.50 → to $7 Cost an hour, 2013 to 2023",
        "$62,000 a year Cash reduction: a budget line fell",
        "Measured · All parties · Evidence",
        "Hours of use: who books first",
        "Minn. Stat. 471.59",
        "1 June 2014",
        "10 years",
        "180 days' notice",
        "Legal authority",
        "Write down who pays for the roof.",
        "What was hard",
        "The cost formula",
        "14 months",
        "Council vote",
        "Step 0",
        "Agreement 0",
        "Sample agreement · 2014",
        "Minutes 0",
        "Whom to ask: Recreation director",
        "Ran 2014 to 2024",
        "People served 2,000",
    ):
        assert words in page, words


def test_the_bill_adds_up_on_the_page(author, client):
    costs = [
        {"label": "Driver", "category": "personnel", "amount": 64000, "period": "per_year", "basis": "actual"}
        | {"fiscal_year": 2024, "paid_by": "split"},
        {
            "label": "Fees",
            "category": "revenue_offset",
            "amount": 4000,
            "period": "per_year",
            "basis": "actual",
        }
        | {"fiscal_year": 2024, "paid_by": "split"},
    ]
    shares = [{"party": "p1", "pct": 75}, {"party": "p2", "pct": 25}]
    parties = [party | {"population": 5000} for party in case_record()["parties"]]
    page = words_of(
        client.get(add_case(author, parties=parties, costs=costs, split={"shares": shares}).path).text
    )
    assert "Driver Staff $48,000 $16,000 Actual $64,000" in page
    assert "Fees Income −$3,000 −$1,000 Actual −$4,000" in page
    assert "Each year $45,000 $15,000 $60,000" in page
    assert "Per resident $9 $3 $6" in page
    assert "Known cost $60,000 a year 2024 · actual · $6 per resident" in page


def test_the_money_is_in_the_currency_of_the_case(author, client):
    costs = full_record(1)["costs"]
    page = client.get(add_case(author, currency="CAD", costs=costs).path).text
    assert "CA$300" in page


def test_with_many_parties_each_task_names_who_has_which_part_in_it(author, client):
    parties = [{"id": f"p{n}", "name": f"Town {n}", "kind": "municipality"} for n in range(1, 12)]
    roles = {f"p{n}": ["$", "U"] for n in range(2, 12)} | {"p1": ["D"]}
    tasks = [
        {"task": "Run the center", "roles": roles},
        {"task": "Use it", "roles": {f"p{n}": ["U"] for n in range(1, 12)}},
    ]
    page = words_of(client.get(add_case(author, parties=parties, responsibilities=tasks).path).text)
    assert "Run the center Decides Town 1 Pays, Uses Town 2, Town 3" in page
    assert "Use it Uses all 11 parties" in page


def test_days_stand_in_time_order_and_words_where_they_were_put(author, client):
    schedule = [
        ENTRY | {"label": "Signed", "when_date": "2019-03-01"},
        ENTRY | {"label": "Budget", "when_text": "by October 15 each year"},
        ENTRY | {"label": "Studied", "when_date": "2017"},
    ]
    page = words_of(client.get(add_case(author, schedule=schedule).path).text)
    order = [
        page.index(word) for word in ("2017 Studied", "by October 15 each year Budget", "1 March 2019 Signed")
    ]
    assert order == sorted(order)


def test_words_of_ten_letters_are_not_taken_for_a_day(author, client):
    page = client.get(add_case(author, schedule=[ENTRY | {"when_text": "April 2023"}]).path)
    assert "April 2023" in page.text


def test_hours_are_ranked_by_who_books_first(author, client):
    hours = [
        {"label": label, "kind": "hours_or_use_window", "when_text": "weekdays", "priority": priority}
        for label, priority in (("Adults", 3), ("Schools", 1), ("Clubs", 2))
    ]
    page = words_of(client.get(add_case(author, schedule=hours).path).text)
    assert page.index("Schools") < page.index("Clubs") < page.index("Adults")


def test_a_result_that_is_only_hoped_for_says_so_beside_its_figure(author, client):
    hope = {
        "type": "cost",
        "direction": "too_early",
        "basis": "estimated",
        "money": 7000,
        "statement": "A forecast.",
    }
    page = words_of(client.get(add_case(author, outcomes=[hope]).path).text)
    assert "Savings $7,000 a year estimated · too early to say" in page


def test_what_cost_more_is_no_saving(author, client):
    loss = {
        "type": "cost",
        "direction": "worse",
        "basis": "measured",
        "money": -300,
        "statement": "It cost more.",
    }
    page = words_of(client.get(add_case(author, outcomes=[loss]).path).text)
    assert "Extra cost $300 a year" in page
    assert "Savings" not in page


def test_several_texts_of_one_page_do_not_share_their_footnotes(author, client):
    note = "It rained.[^1]\n\n[^1]: In May."
    page = client.get(add_case(author, story=note, lessons={"challenges": note, "what_helped": note}).path)
    assert page.text.count("In May.") == 3  # the client itself looks for ids that are used twice


# --- What one can do


def test_a_reader_sees_how_many_found_it_useful_and_a_member_says_so(app, author, client):
    case = add_case(author)
    assert "Useful · 0" in words_of(client.get(case.path).text)
    member = sign_in(app.test_client(), add_person())
    member.submit(case.path, action=f"/posts/{case.id}/useful")
    assert "Useful · 1" in words_of(client.get(case.path).text)


def test_a_visitors_page_carries_no_token(author, client):
    assert "csrf" not in client.get(add_case(author, **full_record()).path).text


def test_an_address_that_nothing_has_is_not_found(client):
    assert client.get("/cases/no-such-case").status_code == 404


# --- Others like it


def test_others_like_it_share_a_service_and_the_nearest_comes_first(author):
    both = ["community-centers", "senior-centers"]
    case = add_case(author, services=both)
    one = add_case(author, title="Another center of two towns", services=both[:1])
    two = add_case(author, title="A center for the old of two towns", services=both)
    add_case(author, title="Something else entirely, with water", services=["community-centers-facilities"])
    ids = [link.service_id for link in case.services]
    found = like_this(case.id, ids, case.arrangement, "")
    assert [other.title for other in found] == [two.title, one.title]
    assert found[0].why == "Same service · same arrangement"


# --- How much it asks


def test_the_number_of_statements_does_not_depend_on_the_number_of_rows(app, author, client):
    small, large = add_case(author, **full_record(1)), add_case(author, **full_record(30))
    commenter = add_person()
    add_comment(commenter, small)
    for _ in range(50):
        add_comment(commenter, large)
    reader = sign_in(app.test_client(), add_person("moderator"))
    for who in (client, reader):
        counts = []
        for case in (small, large):
            for _twice in range(2):
                who.get(case.path)  # compiled, cached; who reads is remembered
            with statements_of(app) as statements:
                assert who.get(case.path).status_code == 200
            counts.append(len(statements))
        assert counts[0] == counts[1]
        assert counts[1] <= (24 if who is reader else 14)


def test_a_case_is_read_without_the_rows_of_others(author, client):
    case = add_case(author)
    add_case(author, **full_record(2))
    page = client.get(case.path).text
    assert "Minutes 0" not in page
    assert "Cost 0" not in page
