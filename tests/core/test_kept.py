"""What is made once, until something changes that it was made of."""

from contextvars import Context

from flask import Flask
from sqlalchemy import bindparam, select

from forum.core import changes
from forum.core.changes import kept, note, noting
from forum.core.db import db, write
from forum.core.rows import Prepared
from forum.topics.models import SERVICES, Service
from forum.topics.queries import service_names
from tests.factories.cases import add_services


class Maker:
    """Makes the list of names, and counts how often."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> list[str]:
        self.times += 1
        note(SERVICES)
        return list(db.session.scalars(select(Service.name).order_by(Service.id)))


def elsewhere(app: Flask, name: str) -> None:
    """Rename the first service in another context, as another request would."""

    def rename() -> None:
        with app.app_context(), write():
            db.session.scalars(select(Service).order_by(Service.id)).first().name = name

    Context().run(rename)


def test_it_is_made_once_and_anew_after_a_change_of_what_it_noted(app: Flask) -> None:
    make = Maker()
    with app.app_context():
        add_services()
        names = kept("names", make)
        assert kept("names", make) is names
        assert make.times == 1
    elsewhere(app, "Another name")
    with app.app_context():
        assert kept("names", make)[0] == "Another name"
        assert make.times == 2


def test_what_uses_it_depends_on_the_same(app: Flask) -> None:
    with app.app_context():
        add_services()
        for _made_then_remembered in range(2):
            with noting() as outer:
                kept("names", Maker())
            assert outer == {SERVICES}


def test_while_writing_it_is_made_each_time_and_not_remembered(app: Flask) -> None:
    make = Maker()
    with app.app_context():
        add_services()
        before = kept("names", make)
        try:
            with write():
                db.session.scalars(select(Service).order_by(Service.id)).first().name = "Never committed"
                assert kept("names", make)[0] == "Never committed"
                raise RuntimeError
        except RuntimeError:
            pass
        assert kept("names", make) == before


def test_who_still_sees_what_was_before_is_not_taken_to_have_seen_the_change(app: Flask) -> None:
    """A transaction of SQLite reads what was there when it began; what it makes must not pass for newer than that."""
    with app.app_context():
        add_services()
        db.session.rollback()
        db.session.scalars(select(Service.name)).all()  # it begins here
        elsewhere(app, "Another name")
        kept("names", Maker())
    with app.app_context():
        assert kept("names", Maker())[0] == "Another name"


def test_memory_is_bounded(app: Flask, monkeypatch) -> None:
    monkeypatch.setattr(changes, "MOST_VALUES", 3)
    with app.app_context():
        add_services()
        for number in range(10):
            assert kept(("number", number), lambda number=number: number) == number
        assert len(changes.WATCHES[db.engine].made) <= 3


def test_names_of_services_follow_the_services(app: Flask) -> None:
    with app.app_context():
        add_services()
        assert "Another name" not in service_names().values()
    elsewhere(app, "Another name")
    with app.app_context():
        assert "Another name" in service_names().values()


@Prepared
def _by_name():
    return select(Service.slug).where(Service.name.in_(bindparam("names", expanding=True)))


def test_a_prepared_statement_sees_what_is_being_written(app: Flask) -> None:
    with app.app_context():
        add_services()
        assert _by_name(names=["Brand new"]) == _by_name(names=[]) == []
        with write() as session:
            session.add(Service(slug="brand-new", name="Brand new", position=99, description=""))
            assert [row.slug for row in _by_name(names=["Brand new", "Other"])] == ["brand-new"]
        assert [row.slug for row in _by_name(names=["Brand new"])] == ["brand-new"]
