"""Links that need a curator: seen with their uses, repaired, replaced or retired wherever they stand."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from forum.accounts.models import Person
from forum.core.db import db, write
from forum.core.errors import Forbidden, Invalid
from forum.curation import actions
from forum.links.models import Link, LinkUse
from forum.posts.models import Post
from forum.posts.queries import current_record
from forum.resources.models import Resource
from tests.factories.cases import add_case, add_services
from tests.factories.guides import add_guide
from tests.factories.resources import add_link
from tests.support.page import PageClient
from tests.support.people import add_person
from tests.support.statements import statements_of

SignedIn = Callable[..., PageClient]
OLD, NEW = "https://example.org/old", "https://example.org/new"


class Used:
    """A link that a resource, a guide and a case use; everything by its id, for an application context at hand."""

    def __init__(self) -> None:
        add_services()
        curator = add_person("curator")
        resource = add_link(curator, url=OLD, title="A handbook to find")
        case = add_case(
            curator, sources=[{"title": "A source", "url": "http://example.org/old/"}], story=f"See {OLD}."
        )
        guide = add_guide(curator, f"resource:{OLD}", reviewer=add_person("curator"))
        self.curator_id, self.resource_id, self.case_id, self.guide_id = (
            each.id for each in (curator, resource, case, guide)
        )
        self.paths = [resource.path, case.path, guide.path]
        with write():
            self.link.state = resource.link_state = "broken"

    @property
    def link(self) -> Link:
        return db.session.scalars(select(Link).where(Link.key == "example.org/old")).one()

    @property
    def curator(self) -> Person:
        return db.session.get_one(Person, self.curator_id)


@pytest.fixture
def used(app: Flask) -> Used:
    with app.app_context():
        return Used()


def addresses_in(post: Post) -> list[str]:
    rows = db.session.scalars(
        select(Link.url).join(LinkUse).where(LinkUse.post_id == post.id).order_by(LinkUse.place)
    )
    return sorted(set(rows))


def test_a_repair_puts_the_new_address_wherever_the_old_one_stood(app: Flask, used: Used) -> None:
    with app.app_context():
        curator = used.curator
        mended = actions.repair_link(curator, used.link, NEW + "?utm_source=x")
        assert (mended.n, mended.left) == (3, ())
        resource = db.session.get_one(Resource, used.resource_id)
        assert (resource.url, resource.link_state, resource.version) == (NEW, "unchecked", 2)
        for post_id in (used.case_id, used.guide_id):
            assert NEW in addresses_in(db.session.get_one(Post, post_id))
            assert OLD not in addresses_in(db.session.get_one(Post, post_id))
        record = current_record(db.session.get_one(Post, used.case_id))
        assert record["story"] == f"See {NEW}."
        assert record["sources"][0]["url"] == NEW
        assert used.link.next_check_at is None


def test_https_instead_of_http_is_a_repair_too(app: Flask, used: Used) -> None:
    with app.app_context():
        curator = used.curator
        actions.repair_link(curator, used.link, OLD.replace("https", "http"))
        assert used.link.url == "http://example.org/old"
        assert used.link.next_check_at is not None
        assert db.session.get_one(Resource, used.resource_id).url == "http://example.org/old"


def test_a_replacement_leads_guides_and_cases_to_the_other_resource(app: Flask, used: Used) -> None:
    with app.app_context():
        curator = used.curator
        with pytest.raises(Invalid, match="nothing at this address"):
            actions.replace_link(curator, used.link, NEW)
        other = add_link(curator, url=NEW, title="A better handbook")
        with pytest.raises(Invalid, match="A better handbook"):
            actions.repair_link(curator, used.link, NEW)
        assert actions.replace_link(curator, used.link, NEW).n == 2
        guide = db.session.get_one(Post, used.guide_id)
        assert current_record(guide)["items"][0]["ref"] == f"resource:{NEW}"
        assert guide.items[0].post_id == other.id  # type: ignore[attr-defined]
        assert db.session.get_one(Resource, used.resource_id).link_state == "retired"
        assert used.link.state == "retired"


def test_members_mend_nothing(app: Flask, used: Used) -> None:
    with app.app_context(), pytest.raises(Forbidden):
        actions.repair_link(add_person(), used.link, NEW)


def test_the_queue_shows_what_is_broken_and_where_it_is_used(
    app: Flask, used: Used, signed_in: SignedIn
) -> None:
    curator = signed_in("curator")
    page = curator.get("/curate/links").text
    assert "Broken (1)" in page
    for text in ("A handbook to find", OLD, *used.paths):
        assert text in page
    assert signed_in().get("/curate/links").status_code == 403
    with app.app_context():
        link_id = used.link.id
    path = f"/curate/links/{link_id}"
    assert curator.submit(path, {"url": "nonsense"}, action=f"{path}/repair").status_code == 422
    done = curator.submit(path, {"url": NEW}, action=f"{path}/repair")
    assert done.status_code == 303
    assert "The new address is in 3 posts." in curator.get(done.location).text
    assert curator.get("/curate/links/999999").status_code == 404


def test_one_step_takes_a_link_off_the_queue(app: Flask, used: Used, signed_in: SignedIn) -> None:
    curator = signed_in("curator")
    with app.app_context():
        path = f"/curate/links/{used.link.id}"
    page = curator.get(path).text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    for do, state in (("retire", "retired"), ("check", "unchecked")):
        sent = curator.post(f"{path}/act", data={"do": do, "csrf_token": token})
        assert sent.status_code == 303
        with app.app_context():
            assert used.link.state == state
    copy = "https://copies.example/1"
    assert curator.submit(path, {"archive": copy}, action=f"{path}/archive").status_code == 303
    with app.app_context():
        assert used.link.archive_url == copy


def test_readers_of_a_dead_link_find_a_copy(app: Flask, used: Used, signed_in: SignedIn) -> None:
    page = app.test_client().get(used.paths[0]).text
    assert f"https://web.archive.org/web/2/{OLD}" in page
    assert "Look after the link" not in page
    assert "Look after the link" in signed_in("curator").get(used.paths[0]).text


def test_the_queue_takes_as_many_statements_whatever_its_length(
    app: Flask, used: Used, signed_in: SignedIn
) -> None:
    curator = signed_in("curator")
    counted = []
    app.test_client().get("/about")  # what every page asks for is remembered from then on
    for more in (0, 12):
        with app.app_context():
            person = used.curator
            for _n in range(more):
                add_link(person)
            with write():
                for link in db.session.scalars(select(Link)):
                    link.state = "broken"
        with statements_of(app) as statements:
            assert curator.get("/curate/links").status_code == 200
        counted.append(len(statements))
    assert counted[0] == counted[1]
