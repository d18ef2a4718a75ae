"""Curators keep the synonyms, and see what was looked for in vain."""

from datetime import timedelta

import pytest

from forum.core import clock as moments
from forum.core.db import write
from forum.core.errors import Forbidden, Invalid
from forum.search.actions.curate import MOST_GAPS, add_synonyms, load_synonyms, note_gap
from forum.search.models import Gap, Synonyms
from forum.search.queries import curate, read_query, search
from tests.factories.search import add_site, titles
from tests.support.forms import find_form
from tests.support.people import add_person


@pytest.fixture
def curator(session):
    return add_person("curator")


def test_a_curator_adds_words_that_mean_the_same_and_searches_know_them(session, signed_in):
    site = add_site(add_person())
    assert titles("bookhouse") == []
    client = signed_in("curator")
    client.submit("/curate/synonyms", {"terms": "bookhouse,  library , biblioteca"}, follow_redirects=True)
    session.rollback()
    found = search(None, read_query("bookhouse"))
    assert [result.post.title for result in found.rows] == [site["library"].title]
    assert found.plan.also == ["library", "biblioteca"]


def test_a_line_can_be_changed_and_removed(session, signed_in):
    client = signed_in("curator")
    group = add_synonyms(add_person("curator"), "ILA, IGA")
    path = f"/curate/synonyms/{group.id}"
    client.submit(path, {"terms": "ILA, IGA, JPA"}, action=path)
    session.rollback()
    session.expire_all()
    assert [one.terms for one in curate.synonyms()] == ["ILA, IGA, JPA"]
    client.post(f"{path}/remove", data=find_form(client.get(path).text, f"{path}/remove").filled_in({}))
    session.rollback()
    assert curate.synonyms() == []


@pytest.mark.parametrize("line", ["", "only one", "same, Same", ", ,"])
def test_one_word_alone_is_no_synonym(signed_in, line):
    response = signed_in("curator").submit("/curate/synonyms", {"terms": line})
    assert response.status_code == 422


def test_the_same_line_is_not_kept_twice(curator):
    add_synonyms(curator, "ILA, IGA")
    with pytest.raises(Invalid):
        add_synonyms(curator, "ILA,  IGA")


def test_members_keep_no_synonyms(session, signed_in):
    assert signed_in("member").get("/curate/synonyms").status_code == 403
    assert signed_in("member").get("/curate/gaps").status_code == 403
    with pytest.raises(Forbidden):
        add_synonyms(add_person("member"), "ILA, IGA")


def test_the_list_that_ships_is_loaded_once_and_what_curators_removed_stays_removed(session):
    assert load_synonyms(["ILA, IGA", "PSAP, 911"]) == 2
    with write():
        session.delete(session.query(Synonyms).first())
    assert load_synonyms(["ILA, IGA", "PSAP, 911"]) == 1


def test_what_was_not_found_is_counted_without_saying_who(session, client, signed_in):
    for _time in range(2):
        client.get("/search?q=Hovercraft+timetable")
    signed_in("member").get("/search?q=zeppelin")
    client.get("/search?q=kind:case")
    rows = curate.gaps(None).rows
    assert [(row.words, row.times) for row in rows] == [("hovercraft timetable", 2), ("zeppelin", 1)]
    assert {column.name for column in Gap.__table__.c} == {"id", "words", "times", "last_at"}
    page = signed_in("curator").get("/curate/gaps").text
    assert "hovercraft timetable" in page


def test_a_search_that_found_something_leaves_no_gap(session, client):
    add_site(add_person())
    client.get("/search?q=sheriff")
    client.get("/search?q=sheriff&after=20")
    assert curate.gaps(None).rows == []


def test_a_gap_that_was_filled_is_taken_off_the_list(session, client, signed_in):
    client.get("/search?q=hovercraft")
    gap = curate.gaps(None).rows[0]
    signed_in("curator").submit("/curate/gaps", action=f"/curate/gaps/{gap.id}/close")
    session.rollback()
    assert curate.gaps(None).rows == []


def test_the_list_of_gaps_does_not_grow_for_ever(session):
    old = moments.now() - timedelta(days=1)
    with write():
        session.add_all(Gap(words=f"gap {n}", times=1, last_at=old) for n in range(MOST_GAPS))
    note_gap("the newest")
    assert session.query(Gap).count() == MOST_GAPS
    assert session.query(Gap).filter_by(words="the newest").count() == 1
