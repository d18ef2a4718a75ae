"""Subscribing, choosing what about, and ending it with one click."""

from collections.abc import Callable

import pytest
from flask import Flask

from forum.core.db import db
from forum.digests.models import Subscription
from forum.digests.queries import subscription_of
from forum.digests.queries.subscribers import count_subscribers
from tests.factories.cases import add_services
from tests.factories.digests import add_subscription
from tests.support.page import PageClient
from tests.support.people import add_person

SignedIn = Callable[..., PageClient]


@pytest.fixture
def member(app: Flask, signed_in: SignedIn) -> PageClient:
    with app.app_context():
        add_services()
    return signed_in("member")


@pytest.fixture
def link(app: Flask) -> str:
    """The address in somebody's mail that ends their subscription."""
    with app.app_context():
        add_services()
        return f"/digests/unsubscribe/{add_subscription(add_person()).token}"


def frequencies(app: Flask) -> list[str]:
    with app.app_context():
        return [row.frequency for row in db.session.query(Subscription)]


def test_somebody_subscribes_to_all_and_then_to_some(app: Flask, member: PageClient) -> None:
    path = "/digests/subscription"
    assert "You do not get it by mail now." in member.get(path).text
    member.submit(path)  # as it stands: every week, about everything
    assert f"It comes to {member.person.email}" in member.get(path).text
    member.submit(path, {"about": "some", "domains": ["community-centers-facilities"]})
    with app.app_context():
        (subscription,) = db.session.query(Subscription)
        assert (subscription.frequency, subscription.every_domain) == ("weekly", False)
        assert len(subscription.domains) == 1
        token = subscription.token
    page = member.get(path).text
    assert 'value="community-centers-facilities" checked' in page
    member.submit(path, {"frequency": "never"})
    assert frequencies(app) == ["never"]
    member.submit(path, {"frequency": "weekly", "about": "all"})
    with app.app_context():
        (subscription,) = db.session.query(Subscription)
        assert (subscription.every_domain, subscription.domains, subscription.token) == (True, [], token)


def test_it_comes_to_an_address_that_is_known_as_theirs(app: Flask, signed_in: SignedIn) -> None:
    member = signed_in("member", email_confirmed_at=None)
    page = member.submit("/digests/subscription", follow_redirects=True).text
    assert "as soon as your address is confirmed" in page
    assert "It comes to" not in page
    with app.app_context():
        assert count_subscribers() == 0
        add_subscription(add_person())
        assert count_subscribers() == 1


def test_some_services_but_none_of_them_is_no_subscription(app: Flask, member: PageClient) -> None:
    response = member.submit("/digests/subscription", {"about": "some"})
    assert response.status_code == 422
    assert "Choose at least one service" in response.text
    response = member.submit("/digests/subscription", {"about": "some", "domains": ["no-such-service"]})
    assert response.status_code == 422
    assert frequencies(app) == []
    assert member.submit("/digests/subscription", {"frequency": "never", "about": "some"}).status_code == 303


def test_looking_at_the_link_ends_nothing(app: Flask, client: PageClient, link: str) -> None:
    page = client.get(link).text
    assert "Unsubscribe from the digest?" in page
    assert frequencies(app) == ["weekly"]
    assert "csrf_token" not in page


def test_a_mail_program_ends_it_with_one_request_and_is_not_led_elsewhere(
    app: Flask, client: PageClient, link: str
) -> None:
    for _ in range(2):
        response = client.post(link, data={"List-Unsubscribe": "One-Click"})
        assert response.status_code == 200
        assert "Set-Cookie" not in response.headers
        assert frequencies(app) == ["never"]
    assert "You are unsubscribed" in client.get(link).text


def test_the_button_of_the_page_does_the_same(app: Flask, client: PageClient, link: str) -> None:
    assert "You are unsubscribed" in client.submit(link).text
    assert frequencies(app) == ["never"]


def test_a_made_up_link_tells_nothing(app: Flask, client: PageClient, link: str) -> None:
    for wrong in (link[:-1], link + "A", "/digests/unsubscribe/1"):
        assert client.get(wrong).status_code == client.post(wrong).status_code == 404
    assert frequencies(app) == ["weekly"]


def test_each_subscription_has_a_token_of_its_own_that_nobody_guesses(app: Flask) -> None:
    with app.app_context():
        tokens = {add_subscription(add_person()).token for _ in range(5)}
        assert len(tokens) == 5
        assert {len(token) for token in tokens} == {43}
        assert subscription_of(add_person()) is None
