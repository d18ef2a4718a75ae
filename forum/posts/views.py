"""What can be done to any post: found useful, compared with its earlier versions; and the preview of Markdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from forum.core.errors import Forbidden
from forum.core.i18n import gettext as _
from forum.core.roles import Role
from forum.places.maps.frames import Extent
from forum.places.views import community_part
from forum.posts import actions, queries
from forum.posts.models import KINDS, Post
from forum.posts.policy import may_see_versions
from forum.posts.queries.alike import placed_list
from forum.posts.queries.catalogue import FACET_SOURCES, Filtered, filtered
from forum.posts.queries.targets import KIND_OF_FOLDER
from forum.posts.queries.versions import compare_versions
from forum.web import limits
from forum.web.access import actor, opens_to
from forum.web.feeds import atom, feed_of
from forum.web.lists import ListAddress, list_address
from forum.web.render import page

blueprint = Blueprint("posts", __name__)


def _list_address(kind: str) -> ListAddress:
    return list_address(*(facet.name for facet in FACET_SOURCES[kind].facets), "sort", "box")


def list_feed(kind: str) -> ResponseReturnValue:
    """What is new in a list, under its filters."""
    here = _list_address(kind)
    found = filtered(kind, here.args)
    chosen = [value.label for facet in found.facets for value in facet.values if value.chosen]
    title = ", ".join(chosen) or _("All of it")
    return atom(f"{KINDS.label(kind)}: {title}", here, found.posts.rows)


def list_page(
    kind: str,
    template: str,
    more: Callable[[ListAddress, Filtered], Mapping[str, Any]] | None = None,
) -> str:
    """The list of one kind, filtered, counted and sorted by what that kind is about, or by likeness to a community.

    `more` are further values for the template, told from all that was found.
    """
    here = _list_address(kind)
    source = FACET_SOURCES[kind]
    orders = [(key, _(label)) for key, label in source.orders.items()]
    # Only what is about a place can be like another.
    part = community_part(here.to()) if any(facet.name == "place" for facet in source.facets) else None
    if part and part.current:
        orders.append(("alike", _("Most like your community")))
    sort = here.get("sort") if here.get("sort") in dict(orders) else "newest"
    found = placed_list(
        kind,
        here.args,
        sort=sort,
        cursor=here.after,
        community=part.current if part else None,
        box=Extent.read(here.get("box")),
    )
    return page(
        template,
        address=here,
        found=found,
        orders=orders,
        sort=sort,
        part=part,
        feed=feed_of(here),
        **(more(here, found) if more else {}),
    )


@blueprint.post("/posts/<int:post_id>/useful")
@opens_to(Role.MEMBER)
def mark_useful(post_id: int) -> ResponseReturnValue:
    """Mark a post useful, or take the mark back (`mark=no`)."""
    post = queries.by_id(post_id, actor())
    if request.form.get("mark") == "no":
        actions.unmark_useful(actor(), post)
    else:
        actions.mark_useful(actor(), post)
    return redirect(post.path, 303)


@blueprint.get("/<any(cases, questions, guides, library):folder>/<slug>/versions")
@opens_to(Role.MEMBER)
def versions(folder: str, slug: str) -> ResponseReturnValue:
    """All versions of a post, and what differs between two of them (`from`, `to`), by default the last change."""
    post = queries.by_slug(Post, KIND_OF_FOLDER[folder], slug, actor())
    if not may_see_versions(actor(), post):
        raise Forbidden(_("Only its author and curators may see the earlier versions."))
    old, new = (request.args.get(name, type=int) for name in ("from", "to"))
    return page("posts/versions.html", view=compare_versions(actor(), post, old, new))


@blueprint.post("/preview")
@opens_to(Role.MEMBER)
def preview() -> ResponseReturnValue:
    """What Markdown will look like: a fragment for the preview, with a sentence where it cannot be rendered."""
    limits.spend("preview", actor().id)
    text = actions.rendered(request.form.get("text", ""), "text")
    return page("components/preview.html", html=text.html)
