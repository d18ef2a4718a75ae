"""Feeds: any list of posts as Atom (RFC 4287), for readers that come by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from flask import Response, current_app, make_response, render_template

from forum.web.lists import ListAddress

# The moment of an empty feed: the same at each visit, so that readers do not think that something is new.
NEVER = datetime(2000, 1, 1, tzinfo=UTC)


def feed_of(here: ListAddress) -> str:
    """The address of the feed of a list page."""
    return ListAddress(f"{here.path.rstrip('/')}/feed", here.args).only(
        *(name for name in here.args if name != "sort")
    )


def atom(title: str, here: ListAddress, rows: Sequence[Any], page: str = "") -> Response:
    """The feed of the list at `page` (or one folder up); rows as PostRow, newest first."""
    xml = render_template(
        "feeds/atom.xml",
        site=current_app.extensions["interlocal"].base_url,
        title=title,
        path=here.to(),
        page_path=ListAddress(page or here.path.removesuffix("feed"), here.args).to(),
        updated=max((row.created_at for row in rows), default=NEVER),
        rows=rows,
    )
    response = make_response(xml)
    response.mimetype = "application/atom+xml"
    return response
