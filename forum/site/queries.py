"""Reading for the pages that gather many rooms."""

from __future__ import annotations

from dataclasses import dataclass

from forum.accounts.models import Person
from forum.core.listing import Listing
from forum.posts.models import KINDS
from forum.posts.queries import PostRow, listing


@dataclass(frozen=True)
class Home:
    """The home page."""

    posts: Listing[PostRow]


def home(actor: Person | None, sort: str, cursor: str | None) -> Home:
    """All kinds together, newest or most useful first."""
    return Home(listing(actor, KINDS.keys, sort=sort, cursor=cursor))
