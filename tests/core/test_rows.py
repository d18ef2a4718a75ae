"""Rows past the session: read, made into items, inserted."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import inspect, select, update
from sqlalchemy.orm.exc import DetachedInstanceError

from forum.accounts.models import Person
from forum.case_studies.models import CaseStudy
from forum.core.db import db, table_of, write
from forum.core.limits import Attempts
from forum.core.rows import (
    Prepared,
    apart,
    columns_of,
    insert_now,
    insert_once,
    loaded,
    next_id,
    read_again,
)
from forum.posts.models import Post
from forum.topics.models import Service
from tests.factories.cases import add_case, add_services
from tests.support.people import add_person


def test_single_columns_are_read_afresh_and_the_others_when_they_are_asked_for(app: Flask) -> None:
    with app.app_context():
        with write() as session:
            session.add(Service(slug="a", name="Before"))
        seen = db.session.scalars(select(Service)).one()
        with db.engine.connect() as elsewhere, elsewhere.begin():
            elsewhere.execution_options(sqlite_begin="IMMEDIATE")
            elsewhere.execute(update(Service).values(name="After", slug="b"))
        with write():
            read_again(seen, "id", "name")
            assert inspect(seen).unloaded >= {"slug"}
            assert (seen.name, seen.slug) == ("After", "b")
            assert not db.session.dirty


def test_a_row_that_is_inserted_at_once_is_as_one_that_was_flushed(app: Flask) -> None:
    with app.app_context():
        with write() as session:
            session.add(Service(slug="flushed", name="Fire"))
        with write() as session:
            quick = Service(id=next_id(Service), slug="quick", name="Fire")
            insert_now(quick)
            assert not session.new
            assert (quick.position, quick.parent_id) == (0, None)
            quick.description = "Changed after"
        with write() as session:
            session.add(Service(slug="later", name="Fire"))
        db.session.expunge_all()
        stored = {service.slug: service for service in db.session.scalars(select(Service))}
        assert stored["flushed"].id < stored["quick"].id < stored["later"].id
        assert stored["quick"].description == "Changed after"
        assert stored["quick"].position == stored["flushed"].position == 0


def test_a_row_is_inserted_once_however_often_it_is_asked_for(app: Flask) -> None:
    with app.app_context():
        until = datetime(2099, 1, 1, tzinfo=UTC)
        with write():
            assert insert_once(Attempts, key="k", tries=1, ends_at=until)
            assert not insert_once(Attempts, key="k", tries=9, ends_at=until)
        assert db.session.get_one(Attempts, "k").tries == 1


def test_a_row_becomes_the_item_that_the_session_would_have_made_of_it(app: Flask) -> None:
    with app.app_context():
        add_services()
        case = add_case(add_person(), title="Two towns share a crew")
        expected = {column.key: getattr(case, column.key) for column in inspect(CaseStudy).column_attrs}
        db.session.remove()
        (row,) = db.session.execute(select(table_of(Post)))
        made = loaded(Post, row)
        assert isinstance(made, CaseStudy)
        assert {name: getattr(made, name) for name in expected} == expected
        assert made.author.name == db.session.scalars(select(Person.name)).one()
        assert db.session.get(Post, made.id) is made
        with write():
            made.title = "Three towns share a crew"
        assert db.session.scalars(select(Post.title)).one() == "Three towns share a crew"


def test_an_item_that_is_there_already_stays_as_it_is(app: Flask) -> None:
    with app.app_context():
        person = add_person(name="Ana")
        db.session.execute(select(Person.id))
        (row,) = db.session.execute(select(table_of(Person)))
        person.name = "Bea"
        with db.session.no_autoflush:
            assert loaded(Person, row) is person
        assert person.name == "Bea"
        db.session.rollback()


def test_a_statement_sees_what_is_about_to_be_written(app: Flask) -> None:
    named = Prepared(lambda: select(table_of(Service).c.name))
    rename = Prepared(lambda: update(table_of(Service)).values(name="Fire"))
    with app.app_context(), write() as session:
        session.add(Service(slug="a", name="Flood"))
        assert [row.name for row in named()] == ["Flood"]
        assert rename.run().rowcount == 1
        assert [row.name for row in named()] == ["Fire"]


def test_an_item_apart_has_all_its_columns_and_is_nobody_else_s(app: Flask) -> None:
    with app.app_context():
        add_services()
        case = add_case(add_person(), title="Two towns share a crew")
        expected = {column.key: getattr(case, column.key) for column in inspect(CaseStudy).column_attrs}
        (row,) = db.session.execute(columns_of(CaseStudy))
        made = apart(CaseStudy, row)
        assert {name: getattr(made, name) for name in expected} == expected
        assert inspect(case).session is not None  # whoever had loaded it has it still
        assert made is not case
        assert inspect(made).session is None
        with pytest.raises(DetachedInstanceError):
            _whom = made.author
