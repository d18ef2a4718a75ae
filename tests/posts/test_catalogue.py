"""Lists are filtered by facets whose counts are true at once, in every process."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session, scoped_session

from forum.accounts.models import Person
from forum.case_studies.actions import edit_case
from forum.case_studies.forms import CaseShape
from forum.core.db import db
from forum.core.errors import NotFound
from forum.core.shapes import load
from forum.moderation.actions import hide, restore
from forum.posts.actions import mark_useful
from forum.posts.queries.catalogue import Filtered, filtered
from tests.factories.cases import add_case, add_services, case_record
from tests.support.page import PageClient
from tests.support.people import add_person
from tests.support.statements import statements_of

Db = scoped_session[Session]
WISCONSIN = {"place": {"name": "Alder", "region": "Wisconsin", "region_code": "US-WI", "country": "US"}}


@pytest.fixture
def author(session: Db) -> Person:
    add_services()
    return add_person()


def n(found: Filtered, facet: str, value: str) -> int:
    view = next(view for view in found.facets if view.name == facet)
    return next((choice.n for choice in view.values if choice.key == value), 0)


def test_each_value_says_how_many_it_would_leave(author: Person) -> None:
    add_case(author, **WISCONSIN)
    add_case(author, services=["senior-centers"], arrangement="pool")
    everything = filtered("case", {})
    assert everything.total == 2
    assert n(everything, "place", "US") == n(everything, "place", "US-WI") == 1
    assert n(everything, "service", "community-centers-facilities") == 2
    pools = filtered("case", {"kind": ["pool"]})
    assert [row.kind for row in pools.posts.rows] == ["case"]
    assert (n(pools, "kind", "public_nonprofit"), n(pools, "place", "US-WI")) == (1, 0)
    either = filtered("case", {"kind": ["pool", "public_nonprofit"]})
    assert either.total == 2
    assert filtered("case", {"kind": ["pool"], "place": ["US"]}).total == 0


def test_what_is_saved_is_in_the_very_next_list(author: Person) -> None:
    case = add_case(author)
    assert n(filtered("case", {}), "kind", "pool") == 0
    edit_case(author, case, load(CaseShape(), case_record(arrangement="pool")), None)
    assert n(filtered("case", {}), "kind", "pool") == 1
    moderator = add_person("moderator")
    hide(moderator, case, "It holds a home address.")
    assert filtered("case", {}).total == 0
    restore(moderator, case, "The address is gone.")
    assert filtered("case", {}).total == 1


def test_marks_order_the_list_at_once(author: Person) -> None:
    first, second = add_case(author), add_case(author)
    assert [row.id for row in filtered("case", {}, sort="useful").posts.rows] == [second.id, first.id]
    mark_useful(add_person(), first)
    assert [row.id for row in filtered("case", {}, sort="useful").posts.rows] == [first.id, second.id]


def test_what_is_not_known_stands_last(author: Person) -> None:
    def costs(amount: int) -> dict[str, object]:
        line = {"label": "Staff", "category": "personnel", "period": "per_year", "basis": "actual"}
        return {"costs": [line | {"amount": amount}]}

    unknown = add_case(author)
    cheap, dear = add_case(author, **costs(100)), add_case(author, **costs(900))
    assert [row.id for row in filtered("case", {}, sort="cost").posts.rows] == [dear.id, cheap.id, unknown.id]


def test_another_process_sees_it_too(make_app: Callable[..., Flask], app: Flask, author: Person) -> None:
    other = make_app()
    with other.app_context():
        assert filtered("case", {}).total == 0
        db.session.rollback()
    add_case(author)
    with other.app_context():
        assert filtered("case", {}).total == 1


def test_pages_follow_each_other_and_odd_cursors_are_not_found(author: Person) -> None:
    cases = [add_case(author).id for _ in range(5)]
    first = filtered("case", {}, limit=2)
    second = filtered("case", {}, limit=2, cursor=first.posts.older)
    third = filtered("case", {}, limit=2, cursor=second.posts.older)
    assert [row.id for page in (first, second, third) for row in page.posts.rows] == cases[::-1]
    assert third.posts.older is None
    for odd in ("x", "1_", "_1", "nan", "1_2_3x", "nan_1", "1_" + "9" * 30):
        with pytest.raises(NotFound):
            filtered("case", {}, cursor=odd)


@pytest.mark.parametrize("rows", [1, 50])
def test_a_filtered_list_takes_as_many_statements_for_one_row_as_for_fifty(
    app: Flask, author: Person, rows: int
) -> None:
    for _ in range(rows):
        add_case(author)
    with statements_of(app) as statements:
        assert len(filtered("case", {"kind": ["public_nonprofit"]}, limit=50).posts.rows) == rows
    assert len(statements) == 4


@pytest.mark.parametrize("path", ["/cases/", "/questions/", "/library/"])
def test_a_list_with_odd_filters_is_a_page(client: PageClient, path: str) -> None:
    for query in ("kind=nothing", "service=%00", "place=%F0%9F%98%80", "sort=evil", "kind=" + "x" * 5000):
        assert client.get(f"{path}?{query}").status_code == 200
    assert client.get(f"{path}?after=evil").status_code == 404
