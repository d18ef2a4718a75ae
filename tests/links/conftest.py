"""A web to visit, and links to it in posts."""

from collections.abc import Iterator

import pytest
from flask import Flask

from forum.core import http
from tests.factories.cases import add_services
from tests.support.web import LocalWeb, local_web


@pytest.fixture
def web(app: Flask) -> Iterator[LocalWeb]:
    """A web on this machine, which may be fetched."""
    with local_web() as web, app.app_context():
        add_services()
        http.configure("https://interlocal.example", {web.host})
        yield web
        http.configure("https://interlocal.example")
