"""What curators do that touches several rooms: mending links wherever they are used, and taking over pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from forum.accounts.models import Person
from forum.case_studies.actions import edit_case
from forum.case_studies.forms import CaseShape
from forum.core import clock
from forum.core.db import db, write
from forum.core.errors import Forbidden, Invalid, Problem
from forum.core.i18n import gettext as _
from forum.core.shapes import Shape, load
from forum.guides.actions import edit_guide, write_guide
from forum.guides.events import GuidePublished
from forum.guides.forms import MOST_ITEMS, DraftShape, GuideShape
from forum.guides.models import Guide
from forum.links import actions as links
from forum.links.addresses import REFERENCE, host_of, key_of, normalize, replaced, same_page
from forum.links.models import Link, LinkUse
from forum.posts.models import Post
from forum.posts.policy import may_curate
from forum.posts.queries import current_record
from forum.questions.actions import edit_question
from forum.questions.forms import QuestionShape
from forum.resources import queries as resources
from forum.resources.actions import add_resource, edit_resource, publish_resource
from forum.resources.forms import DraftShape as ResourceDraftShape
from forum.resources.forms import ResourceShape
from forum.resources.models import Resource

# kind -> (its shape, its shape while it is a draft, what saves a new version)
EDITORS: Mapping[str, tuple[type[Shape], type[Shape], Callable[..., object]]] = {
    "resource": (ResourceShape, ResourceDraftShape, edit_resource),
    "case": (CaseShape, CaseShape, edit_case),
    "question": (QuestionShape, QuestionShape, edit_question),
    "guide": (GuideShape, DraftShape, edit_guide),
}


@dataclass(frozen=True)
class Mended:
    """How many posts have the new address; and (title, why) of those that could not be saved with it."""

    n: int
    left: tuple[tuple[str, str], ...]


def repair_link(actor: Person, link: Link, url: str) -> Mended:
    """The page has another address now: put it wherever the old one is used.

    Raises Invalid (at "url") where the library has a resource at that address already.
    """
    address = _address(actor, url)
    there, own = resources.at_address(address), _resource_of(link)
    if there and there is not own:
        raise Invalid(
            {
                "url": _("The library has “%(title)s” at this address. Use “Replace” to point there instead.")
                % {"title": there.title}
            }
        )
    return _put_instead(actor, link, address)


def replace_link(actor: Person, link: Link, url: str) -> Mended:
    """Point to another page instead, wherever this one is used; the resource of the old one stays, retired.

    Raises Invalid where guides or cases point to a resource and there is none at the new address.
    """
    address = _address(actor, url)
    own = _resource_of(link)
    if own and resources.at_address(address) in (None, own):
        sentence = _(
            "The library has nothing at this address. Add it first, or use “Repair” if it is the same page."
        )
        raise Invalid({"url": sentence})
    mended = _put_instead(actor, link, address, but=own)
    if own:
        links.retire(actor, link)
    return mended


def _address(actor: Person, url: str) -> str:
    if not may_curate(actor):
        raise Forbidden(_("Curators look after the links."))
    try:
        return normalize(url)
    except ValueError:
        raise Invalid({"url": _("Enter a web address, such as https://example.org/page.")}) from None


def _resource_of(link: Link) -> Resource | None:
    used = select(LinkUse.post_id).where(LinkUse.link_id == link.id, LinkUse.place == "url")
    return db.session.scalars(select(Resource).where(Resource.id.in_(used))).first()


def _put_instead(actor: Person, link: Link, address: str, but: Resource | None = None) -> Mended:
    """Save a new version of each post that uses the link. Each by itself: they are rendered, and one may fail."""
    link_id, old = link.id, link.url
    used = select(LinkUse.post_id).where(LinkUse.link_id == link_id)
    # The resource first: guides then find it at its new address.
    posts = db.session.scalars(
        select(Post).where(Post.id.in_(used)).order_by(Post.kind != "resource", Post.id)
    ).all()
    n, left = 0, []
    for post in posts:
        if but is not None and post.id == but.id:
            continue
        try:
            _edit(actor, post, lambda url: address if same_page(url, old) else url)
            n += 1
        except Problem as problem:
            left.append((post.title, str(problem)))
    with write():
        held = db.session.get_one(Link, link_id, with_for_update=True)
        if held.key == key_of(address):  # another spelling of the same: https instead of http
            held.url, held.host, held.next_check_at, held.proposed_url = (
                address,
                host_of(address),
                clock.now(),
                "",
            )
        links.ask_for_visits(host_of(address))
    return Mended(n, tuple(left))


def _edit(actor: Person, post: Post, swap: Callable[[str], str]) -> None:
    shape, draft_shape, edit = EDITORS[post.kind]
    record = replaced(current_record(post), swap)
    data = load((draft_shape if post.state == "draft" else shape)(), record)
    edit(actor, post, data, None)


# --- A pasted page


def take_paste(actor: Person, record: Mapping[str, Any], *, key: str = "") -> Guide:
    """Make a draft of a guide of a pasted page (TakeShape): its links become items, new ones drafts of resources.

    Raises Invalid where nothing is kept, or more than a guide holds.
    """
    kept = [row for row in record.get("links", []) if row.get("keep")]
    if not kept:
        raise Invalid({"links": _("Keep at least one link.")})
    if len(kept) > MOST_ITEMS:
        sentence = _("A guide holds %(most)d links; you keep %(n)d. Leave some out, or make two guides.")
        raise Invalid({"links": sentence % {"most": MOST_ITEMS, "n": len(kept)}})
    items = []
    # They stay when the guide cannot be saved, and are recognised the next time.
    with write():
        for row in kept:
            resource = resources.at_address(normalize(row["url"])) or _draft(actor, row)
            items.append(
                {
                    "ref": f"{REFERENCE}{resource.url}",
                    "note": row.get("note", ""),
                    "section": row.get("section", ""),
                }
            )
    guide = {"title": record["title"], "intro": record.get("intro", ""), "items": items}
    return write_guide(actor, load(DraftShape(), guide), key=key)


def _draft(actor: Person, row: Mapping[str, Any]) -> Resource:
    draft = {
        "url": row["url"],
        "title": row.get("title") or row["url"][:200],
        "annotation": row.get("note", ""),
    }
    if row.get("kind"):
        draft["kind"] = row["kind"]
    return add_resource(actor, load(ResourceDraftShape(), draft), draft=True)


def publish_drafts(event: GuidePublished) -> None:
    """A guide goes to its readers: the drafts of resources that it points to go with it."""
    actor = db.session.get_one(Person, event.reviewer_id)
    pointed = aliased(LinkUse)
    query = (
        select(Resource)
        .join(LinkUse, (LinkUse.post_id == Resource.id) & (LinkUse.place == "url"))
        .join(pointed, pointed.link_id == LinkUse.link_id)
        .where(
            pointed.post_id == event.guide_id, pointed.place.like("items-%-ref"), Resource.state == "draft"
        )
    )
    for resource in db.session.scalars(query).unique().all():
        publish_resource(actor, resource)
