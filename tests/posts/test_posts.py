"""What every kind of post has done to it, told with cases."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session, scoped_session

from forum.accounts.models import Person
from forum.case_studies.actions import edit_case
from forum.case_studies.models import CaseStudy
from forum.core.db import write
from forum.core.errors import EditConflict, Forbidden, Invalid, Moved, NotFound
from forum.posts import actions, policy, queries
from forum.posts.models import KINDS, Post, Revision
from forum.posts.queries.lists import Filters, listing
from tests.factories.cases import add_case, add_services, case_record
from tests.support.forms import find_form
from tests.support.page import PageClient
from tests.support.people import add_person
from tests.support.statements import statements_of

Db = scoped_session[Session]


@pytest.fixture
def author(session: Db) -> Person:
    add_services()
    return add_person()


def test_posts_of_one_title_get_slugs_of_their_own(author: Person) -> None:
    slugs = [add_case(author).slug for _ in range(3)]
    base = "two-towns-and-a-nonprofit-run-one-community-center"
    assert slugs == [base, f"{base}-2", f"{base}-3"]


def test_a_renamed_post_is_found_under_every_name_it_had(author: Person) -> None:
    case = add_case(author)
    first = case.slug
    edit_case(author, case, case_record(title="Alder and Birch share a center"), None)
    second = case.slug
    edit_case(author, case, case_record(title="Alder, Birch and their center"), None)
    assert case.slug == "alder-birch-and-their-center"
    for former in (first, second):
        with pytest.raises(Moved) as moved:
            queries.by_slug(CaseStudy, "case", former, None)
        assert moved.value.path == case.path


def test_a_former_slug_is_never_given_to_another_post_but_may_be_taken_back(author: Person) -> None:
    case = add_case(author)
    first = case.slug
    edit_case(author, case, case_record(title="Alder and Birch share a center"), None)
    assert add_case(author).slug == f"{first}-2"
    edit_case(author, case, case_record(), None)
    assert case.slug == first
    assert queries.by_slug(CaseStudy, "case", first, None).id == case.id


def test_an_edit_that_keeps_the_title_keeps_a_slug_that_was_chosen(author: Person) -> None:
    case = add_case(author)
    with write():
        case.slug = "chosen-by-the-importer"
    edit_case(author, case, case_record(summary="Something else about it. " * 5), None)
    assert case.slug == "chosen-by-the-importer"


def test_every_version_is_kept_whole(author: Person, session: Db) -> None:
    case = add_case(author)
    edit_case(author, case, case_record(title="Alder and Birch share a center"), 1)
    kept = session.scalars(
        select(Revision).where(Revision.post_id == case.id).order_by(Revision.version)
    ).all()
    assert [(r.version, r.record["title"], r.editor_id) for r in kept] == [
        (1, "Two towns and a nonprofit run one community center", author.id),
        (2, "Alder and Birch share a center", author.id),
    ]
    assert queries.current_record(case) == kept[-1].record


def test_who_saves_second_is_told_and_loses_nothing(author: Person) -> None:
    case = add_case(author)
    other = add_person("curator", name="Cora Curator")
    edit_case(other, case, case_record(title="Alder and Birch share a center"), 1)
    with pytest.raises(EditConflict) as conflict:
        edit_case(author, case, case_record(title="Mine is the better title"), 1)
    assert conflict.value.current["title"] == "Alder and Birch share a center"
    assert conflict.value.editor_name == "Cora Curator"
    assert case.title == "Alder and Birch share a center"
    edit_case(author, case, case_record(title="Mine is the better title"), 2)
    assert case.version == 3


def test_a_useful_mark_counts_once_and_can_be_taken_back(author: Person, session: Db) -> None:
    case, reader = add_case(author), add_person()
    for _ in range(3):
        actions.mark_useful(reader, case)
    session.refresh(case)
    assert case.n_useful == 1
    for _ in range(2):
        actions.unmark_useful(reader, case)
    session.refresh(case)
    assert case.n_useful == 0
    with pytest.raises(Forbidden):
        actions.mark_useful(author, case)


def test_an_unknown_service_is_refused_and_nothing_is_stored(author: Person, session: Db) -> None:
    with pytest.raises(Invalid) as invalid:
        add_case(author, services=["no-such-service"])
    assert "services" in invalid.value.faults
    assert session.scalar(select(func.count()).select_from(Post)) == 0


def test_text_that_cannot_be_rendered_is_refused_at_its_field() -> None:
    with pytest.raises(Invalid) as invalid:
        actions.rendered("x" * 30_000, "story")
    assert "story" in invalid.value.faults


@pytest.mark.parametrize("state", ["visible", "hidden", "draft"])
def test_each_rule_agrees_with_its_twin_in_sql(author: Person, session: Db, state: str) -> None:
    case = add_case(author)
    with write():
        case.state = state
    people = [None, author, *(add_person(role) for role in ("member", "curator", "moderator", "admin"))]
    for person in people:
        for rule, twin in ((policy.may_see_post, policy.seen_by), (policy.may_edit_post, policy.editable_by)):
            in_sql = session.scalar(select(func.count()).select_from(Post).where(twin(person)))
            assert bool(in_sql) is rule(person, case), (rule.__name__, person and person.role, state)


def test_what_is_hidden_is_missing_for_everybody_else(author: Person) -> None:
    case = add_case(author)
    with write():
        case.state = "hidden"
    for stranger in (None, add_person()):
        with pytest.raises(NotFound):
            queries.by_slug(CaseStudy, "case", case.slug, stranger)
        assert listing(stranger, ["case"]).rows == ()
    assert queries.by_slug(CaseStudy, "case", case.slug, author).id == case.id


def test_lists_are_narrowed_by_service_domain_and_place_and_ordered(author: Person) -> None:
    wisconsin = {"place": {"name": "Alder", "region": "Wisconsin", "region_code": "US-WI", "country": "US"}}
    centers = add_case(author, **wisconsin)
    seniors = add_case(author, services=["senior-centers"])
    actions.mark_useful(add_person(), centers)

    def titles(filters: Filters = Filters(), sort: str = "newest") -> list[int]:  # noqa: B008
        return [row.id for row in listing(None, ["case"], filters, sort=sort).rows]

    assert titles() == [seniors.id, centers.id]
    assert titles(sort="useful") == [centers.id, seniors.id]
    assert titles(Filters(service="senior-centers")) == [seniors.id]
    assert titles(Filters(service="community-centers-facilities")) == [seniors.id, centers.id]
    assert titles(Filters(service="nothing")) == []
    assert titles(Filters(place="US-WI")) == titles(Filters(place="US")) == [centers.id]
    assert titles(Filters(place="CA")) == []
    assert queries.places_in_use("case")[0][0] == "US"


@pytest.mark.parametrize("role", ["member", "curator", "moderator"])
def test_what_somebody_alone_sees_stands_in_its_order_among_the_others(author: Person, role: str) -> None:
    reader = add_person(role)
    cases = [add_case(whose) for _each in range(4) for whose in (author, reader)]
    with write():
        for number, case in enumerate(cases):
            case.state = ("visible", "visible", "hidden", "draft")[number // 2]
            case.n_useful = number % 3
    for kinds in (["case"], KINDS.keys):
        for where in ((), [Person.name != "Nobody"]):
            for sort, rank in (
                ("newest", lambda case: case.id),
                ("useful", lambda case: (case.n_useful, case.id)),
            ):
                seen: list[int] = []
                cursor = None
                while not seen or cursor:
                    found = listing(reader, kinds, sort=sort, cursor=cursor, where=where, limit=3)
                    seen += [row.id for row in found.rows]
                    cursor = found.older
                theirs = [case for case in cases if policy.may_see_post(reader, case)]
                assert seen == [case.id for case in sorted(theirs, key=rank, reverse=True)]


@pytest.mark.parametrize("n", [1, 50])
def test_a_list_takes_as_many_statements_for_one_row_as_for_fifty(app: Flask, author: Person, n: int) -> None:
    for _ in range(n):
        add_case(author)
    with statements_of(app) as statements:
        assert len(listing(None, ["case"], limit=50).rows) == n
    assert len(statements) == 2


@pytest.mark.parametrize(
    "path", ["/", "/?sort=useful", "/services/community-centers-facilities", "/people/ruth", "/cases/"]
)
def test_more_is_shown_until_all_has_been_once(author: Person, client: PageClient, path: str) -> None:
    path = path.replace("ruth", author.slug)
    titles = {add_case(author, title=f"Towns share clerk number {n}").title for n in range(45)}
    seen: list[str] = []
    while path:
        page = client.get(path).text
        seen += re.findall(r'class="feed__title"><a href="[^"]*">([^<]*)</a>', page)
        path = unescape("".join(re.findall(r'href="([^"]*)" rel="next"', page)))
    assert len(seen) == 45
    assert {*seen} == titles


def test_the_preview_shows_what_will_stand_there(signed_in: Callable[..., PageClient]) -> None:
    client = signed_in()
    token = find_form(client.get("/settings/password").text).filled_in({})["csrf_token"]
    answer = client.post("/preview", data={"text": "**bold**", "csrf_token": token})
    assert "<strong>bold</strong>" in answer.text
    refused = client.post("/preview", data={"text": "x" * 30_000, "csrf_token": token})
    assert refused.status_code == 422
