"""`interlocal serve`, as a process of its own."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.commands import fetch, serving

ROOT = Path(__file__).parents[2]


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[str]:
    """The address of a site in production, behind no proxy."""
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "INTERLOCAL_DATA": str(tmp_path),
        "INTERLOCAL_DATABASE_URL": database_url,
        "INTERLOCAL_SECRET_KEY": "a secret of this test alone",
        "INTERLOCAL_THREADS": "2",
    }
    with serving([sys.executable, "-m", "forum", "serve"], tmp_path, environ) as address:
        yield address


@pytest.mark.sqlite
def test_a_site_is_served_and_does_not_say_by_what(site):
    text, response = fetch(f"{site}/healthz")
    assert json.loads(text) == {"status": "ok"}
    assert response.headers["Server"] is None


@pytest.mark.sqlite
def test_nobody_can_pretend_to_come_by_another_host_or_protocol(site):
    forged = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example", "X-Forwarded-For": "10.0.0.1"}
    text, _response = fetch(f"{site}/sign-in", forged)
    assert f'<link rel="canonical" href="{site}/sign-in">' in text
