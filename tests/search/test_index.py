"""The index says what everybody may read, no more and no less, at any moment."""

import pytest
from sqlalchemy import select, text

from forum.accounts.actions import find_or_make_organisation
from forum.case_studies.actions import edit_case
from forum.case_studies.forms import CaseShape
from forum.comments.actions import delete_comment, edit_comment
from forum.content.actions import import_starter
from forum.core import jobs
from forum.core.db import db, write
from forum.core.shapes import load
from forum.moderation.actions import hide, restore
from forum.posts.queries import by_id
from forum.questions.actions import decide, delete_answer, edit_answer, edit_question
from forum.search.actions import index
from forum.search.models import Entry, Word
from forum.search.queries import alike, read_query, search, suggest
from forum.topics.actions import load_services
from tests.factories.cases import add_case, full_record
from tests.factories.comments import add_comment
from tests.factories.guides import add_guide
from tests.factories.questions import add_answer, add_question, question_record
from tests.factories.search import add_site, titles
from tests.support.people import add_person


@pytest.fixture
def author(session):
    return add_person(name="Ruth Delgado")


@pytest.fixture
def moderator(session):
    return add_person("moderator")


@pytest.fixture
def site(author):
    return add_site(author)


def places(query):
    """(kind, address) of the replies that are shown for a search."""
    found = search(None, read_query(query)).rows
    return [(place.kind, place.href) for result in found for place in result.places]


# --- Posts


def test_a_post_is_found_as_soon_as_it_is_there(site):
    assert titles("flagstaff") == [site["dispatch"].title]


def test_a_post_that_was_taken_back_with_its_transaction_is_not(site, author):
    def publish_and_fail():
        with write():
            add_question(author, title="Who has a hovercraft for the flood season?")
            assert titles("hovercraft") != []
            raise RuntimeError

    with pytest.raises(RuntimeError):
        publish_and_fail()
    assert titles("hovercraft") == []


def test_an_edited_post_is_found_by_its_new_words_alone(site, author):
    question = site["question"]
    edit_question(
        author,
        question,
        question_record(
            title="Who buys the ladder truck next year?",
            body="The old one will not pass its next inspection, we are told.",
        ),
        1,
    )
    assert titles("ladder") == [question.title]
    assert titles("chief") == []


def test_all_the_words_of_a_case_are_found(session, author):
    add_site(author)
    record = full_record(services=["fire"])
    record["responsibilities"][0]["task"] = "Wash the zamboni"
    record["costs"][0]["label"] = "Diesel for the generator"
    record["outcomes"][0]["statement"] = "Waiting times halved."
    record["lessons"]["advice"] = "Begin with the custodian."
    record["schedule"][0]["when_text"] = "every Michaelmas"
    record["parties"][1]["name"] = "Kiwanis Club"
    case = add_case(author, services=["fire"])
    edit_case(author, case, load(CaseShape(), record), case.version)
    for words in (
        "zamboni",
        "diesel",
        "halved",
        "custodian",
        "michaelmas",
        "kiwanis",
        "roof",
        "mix of factors",
    ):
        assert case.title in titles(words), words
    assert titles("party:kiwanis") == [case.title]
    assert titles("party:zamboni") == []


def test_a_draft_is_not_found_until_it_is_published(site, session):
    curator, reviewer = add_person("curator"), add_person("curator")
    add_guide(curator, title="Sharing a hovercraft with the neighbors")
    assert titles("hovercraft") == titles("hovercraft", curator) == []
    add_guide(curator, reviewer=reviewer, title="Sharing an airship with the neighbors")
    assert titles("airship") == ["Sharing an airship with the neighbors"]


def test_what_is_hidden_is_nowhere_and_comes_back_with_its_replies(site, author, moderator):
    question = site["question"]
    answer = add_answer(add_person(), question, "Our marquetry club pays half.")
    add_comment(add_person(), question, "We asked the philatelists.", answer_id=answer.id)
    hide(moderator, by_id(question.id, moderator), "It sells something.")
    for words in ("fire chief", "marquetry", "philatelists"):
        assert titles(words) == [], words
        assert titles(words, moderator) == [], words
    assert alike(None, question.title) == []
    assert question.title not in [suggestion.label for suggestion in suggest(None, "fire ch")]
    assert "marquetry" not in search(None, read_query("marketry")).did_you_mean

    restore(moderator, by_id(question.id, moderator), "It does not.")
    assert titles("fire chief") == [question.title]
    assert places("marquetry") == [("answer", f"{question.path}/answers/{answer.id}")]
    assert [kind for kind, _href in places("philatelists")] == ["comment"]


# --- Answers and comments


def test_a_hit_in_an_answer_or_comment_leads_to_that_very_place(site, client):
    question = site["question"]
    answer = add_answer(add_person(), question, "We split the car by **odometer** readings.")
    comment = add_comment(add_person(), question, "Ours has no speedometer.", answer_id=answer.id)
    assert places("odometer") == [("answer", f"{question.path}/answers/{answer.id}")]
    assert places("speedometer") == [("comment", f"/comments/{comment.id}")]
    for _kind, href in places("odometer") + places("speedometer"):
        assert client.get(href, follow_redirects=True).status_code == 200
    page = client.get("/search?q=odometer").text
    assert "We split the car by <mark>odometer</mark> readings." in page


def test_replies_are_found_by_the_words_they_have_now(site):
    writer = add_person()
    answer = add_answer(writer, site["question"], "By odometer.")
    comment = add_comment(writer, site["library"], "Ask the beadle.")
    edit_answer(writer, answer, "By sundial.", from_experience=False, cites=[], opened_at=answer.version)
    edit_comment(writer, comment, "Ask the verger.")
    assert (places("odometer"), places("beadle")) == ([], [])
    assert (len(places("sundial")), len(places("verger"))) == (1, 1)
    delete_answer(writer, answer)
    delete_comment(writer, comment)
    assert (places("sundial"), places("verger")) == ([], [])


def test_hidden_replies_are_not_found_and_restored_ones_are(site, moderator):
    answer = add_answer(add_person(), site["question"], "By odometer.")
    add_comment(add_person(), site["question"], "By pedometer.", answer_id=answer.id)
    hide(moderator, answer, "Rude.")
    assert places("odometer") == places("pedometer") == []
    restore(moderator, answer, "Not rude.")
    assert len(places("odometer")) == len(places("pedometer")) == 1


def test_what_was_decided_is_found(site, author):
    decide(author, site["question"], "We leased a velocipede.")
    assert titles("velocipede") == [site["question"].title]


# --- Services and organisations


def test_organisations_and_services_are_suggested_by_the_names_they_have_now(site):
    with write():
        find_or_make_organisation("Port of Flotsam", "special_district", country="US", region_code="US-OR")
    assert "Port of Flotsam" in [suggestion.label for suggestion in suggest(None, "flots")]
    load_services(
        [{"slug": "ferries", "name": "Ferries", "parent": None, "description": "", "synonyms": ["boats"]}]
    )
    assert "Ferries" in [suggestion.label for suggestion in suggest(None, "boa")]


# --- The index as a whole


def entries():
    columns = [column for column in Entry.__table__.c if column.name != "id"]
    return sorted(map(repr, db.session.execute(select(*columns))))


def test_making_the_index_anew_changes_nothing_that_was_right(session):
    import_starter()
    before = entries()
    index.reindex()
    assert entries() == before


def test_making_the_index_anew_mends_what_is_wrong(site):
    add_answer(add_person(), site["question"], "By odometer.")
    before = entries()
    with write() as session:
        session.execute(text("DELETE FROM search_entry WHERE kind IN ('answer', 'case')"))
        session.execute(text("UPDATE search_entry SET words = 'nonsense', title = 'Wrong'"))
        session.add(Word(word="nonsense", middle="ons"))
    seen = []
    assert index.reindex(lambda done, total: seen.append((done, total))) == len(before)
    assert entries() == before
    assert seen[-1][0] == seen[-1][1] > 0
    assert "nonsense" not in set(db.session.scalars(select(Word.word)))


@pytest.mark.sqlite
def test_the_full_text_index_is_sound_after_all_this(site, moderator):
    hide(moderator, by_id(site["library"].id, moderator), "Why not.")
    index.reindex()
    with write() as session:
        session.execute(text("INSERT INTO search_fts(search_fts, rank) VALUES ('integrity-check', 1)"))


def test_who_has_nothing_else_to_do_puts_it_in_order_and_all_is_found_as_before(site, author):
    def parts():
        return db.session.scalar(text("SELECT count(DISTINCT segid) FROM search_fts_idx"))

    for n in range(40):
        add_comment(author, site["library"], body=f"Reading hour on day {n}, and a van that comes after.")
    before = places("reading hour")
    assert before
    many = parts() if db.engine.dialect.name == "sqlite" else 0
    jobs.rest()
    assert places("reading hour") == before
    if many:
        assert parts() < 4 < many
        with write() as session:
            session.execute(text("INSERT INTO search_fts(search_fts, rank) VALUES ('integrity-check', 1)"))
    add_comment(author, site["library"], body="The reading hour moved to the evening.")
    jobs.rest()
    assert places("evening")


def test_an_index_that_came_later_than_the_content_is_noticed(site):
    assert not index.is_behind()
    with write() as session:
        session.execute(text("DELETE FROM search_entry"))
    assert index.is_behind()
