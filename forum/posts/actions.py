"""What every kind of post has done to it: text rendered, slugs given, versions kept, marks counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, select, update

from forum.accounts.models import Person
from forum.core import clock
from forum.core.db import db, lock, write
from forum.core.errors import EditConflict, Forbidden, Invalid
from forum.core.events import publish
from forum.core.i18n import gettext as _
from forum.core.markdown import RENDERER, render
from forum.core.rows import insert_once
from forum.core.stamps import advance
from forum.core.text import first_free, slugify
from forum.places import queries as places
from forum.posts import policy
from forum.posts.events import ItemHidden, ItemRestored, MarkedUseful, PostEdited, PostPublished
from forum.posts.models import Catalogued, FormerSlug, Post, PostService, Revision, UsefulMark, Written
from forum.posts.queries import current_record
from forum.posts.queries.catalogue import catalogue_entry
from forum.topics import queries as topics


@dataclass(frozen=True)
class Text:
    """Markdown with what it renders to. Make it before `write()`: rendering takes milliseconds."""

    source: str
    html: str

    def put_on(self, item: Written) -> None:
        """Make this the body of something written."""
        item.body, item.body_html, item.body_renderer = self.source, self.html, RENDERER


def rendered(source: str, path: str = "body", *, scope: str = "") -> Text:
    """Render member Markdown. Raises Invalid, at form path `path`, for text that cannot be rendered in time.

    `scope` keeps the ids of several texts on one page apart: see `core.markdown.render`.
    """
    try:
        return Text(source, render(source, scope=scope) if source else "")
    except ValueError as error:
        raise Invalid({path: str(error)}) from None


# Pages beside the posts: /cases/share, /questions/ask, /guides/write.
RESERVED = {"share", "ask", "feed", "write", "drafts", "suggest", "suggestions", "add"}


def free_slug(kind: str, title: str, post_id: int | None = None) -> str:
    """A slug for this title that no other post of the kind has or once had."""

    def taken(slugs: Sequence[str]) -> set[str]:
        used = select(Post.slug).where(Post.kind == kind, Post.slug.in_(slugs), Post.id != (post_id or 0))
        former = select(FormerSlug.slug).where(
            FormerSlug.kind == kind, FormerSlug.slug.in_(slugs), FormerSlug.post_id != (post_id or 0)
        )
        return set(db.session.scalars(used.union(former))) | RESERVED

    return first_free(slugify(title), taken)


def set_services(post: Post, slugs: Sequence[str]) -> None:
    """Make these its services, the first the primary one. Raises Invalid for an unknown one."""
    ids = topics.ids_of(slugs)
    if unknown := [slug for slug in slugs if slug not in ids]:
        raise Invalid({"services": _("There is no service “%(slug)s”.") % {"slug": unknown[0][:60]}})
    wanted = [ids[slug] for slug in slugs]
    if [row.service_id for row in post.services] != wanted:
        kept = {row.service_id: row for row in post.services}
        post.services = [kept.get(id_) or PostService(service_id=id_) for id_ in wanted]
        for position, row in enumerate(post.services):
            row.position = position


def set_place(post: Post, place: Mapping[str, Any]) -> None:
    """Make this the place that it is about (PlaceShape); what the gazetteer knows fills the gaps."""
    name, region, country = (place.get(part, "") for part in ("name", "region", "country"))
    code = place.get("region_code", "")
    if code and places.region_name(code) not in ("", region):
        code = ""  # It came unseen with a suggestion; the region was typed over since.
    if not region and not country:
        # Typed in one go, as people do: "Northfield, Minnesota".
        name, _comma, region = (part.strip() for part in name.partition(","))
    known = places.match(name, code or region, country) if name else None
    # "Hopkins and Wayzata" is no place of the gazetteer: on a map it is in Hopkins.
    shown = known or (places.first_named(name, code or region, country) if name else None)
    post.place_name, post.place_id = name, shown.id if shown else None
    post.region = region or (known.region if known else "")
    post.region_code = code or (known.region_code if known else None) or ""
    post.country = country or (known.country if known else "")
    post.place_population = place.get("population") or (known.population if known else 0) or None


def publish_new(post: Post, record: Mapping[str, Any], *, slug: str = "") -> None:
    """Store a new post: its slug, its first version and the news of it. Inside `write()`.

    `record` is the whole post in the shape of its kind's form.
    """
    post.slug = free_slug(post.kind, slug or post.title)
    db.session.add(post)
    db.session.flush()
    _keep_version(post, post.author_id, record)
    catalogue(post)
    if post.state == "visible":
        publish(PostPublished(post.id, post.kind))


def check_version(post: Post, opened_at: int | None) -> None:
    """Raise EditConflict, with the present record, when somebody saved since version `opened_at`.

    Holds the post's row until the write ends, so that of two who save at once the second is told.
    """
    lock(post)
    if opened_at is None or opened_at == post.version:
        return
    name = db.session.scalars(
        select(Person.name)
        .join(Revision, Revision.editor_id == Person.id)
        .where(Revision.post_id == post.id, Revision.version == post.version)
    ).first()
    raise EditConflict(current_record(post), name or "")


def save_version(post: Post, editor: Person, record: Mapping[str, Any]) -> None:
    """Store a new version of a post whose fields were just changed; a new title moves it. Inside `write()`."""
    old_path, old_slug = post.path, post.slug
    if slugify(post.title) != slugify(_former_title(post)):
        post.slug = free_slug(post.kind, post.title, post.id)
    if post.slug != old_slug:
        db.session.execute(
            delete(FormerSlug).where(FormerSlug.kind == post.kind, FormerSlug.slug == post.slug)
        )
        db.session.add(FormerSlug(kind=post.kind, slug=old_slug, post_id=post.id))
    post.version += 1
    post.edited_at = clock.now()
    db.session.flush()
    _keep_version(post, editor.id, record)
    catalogue(post)
    publish(PostEdited(post.id, post.kind, old_path))


def _former_title(post: Post) -> str:
    """The title of the version before this one."""
    record = db.session.scalars(
        select(Revision.record).where(Revision.post_id == post.id, Revision.version == post.version)
    ).first()
    return str((record or {}).get("title", post.title))


def _keep_version(post: Post, editor_id: int, record: Mapping[str, Any]) -> None:
    db.session.add(Revision(post_id=post.id, version=post.version, editor_id=editor_id, record=plain(record)))


def plain(value: Any) -> Any:
    """A validated record as JSON can hold it, so that equal records are equal whatever they came from."""
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date) else value


def catalogue(post: Post) -> None:
    """Tell the lists what this post is now filtered and sorted by. Inside `write()`."""
    entry = catalogue_entry(post)
    if entry is not None:
        db.session.merge(
            Catalogued(
                post_id=post.id,
                kind=post.kind,
                seq=advance("catalogue"),
                facets=dict(entry.facets),
                keys=dict(entry.keys),
                visible=entry.visible,
            )
        )


def recatalogue(event: ItemHidden | ItemRestored) -> None:
    """A post went out of sight, or came back."""
    if event.kind == "post":
        catalogue(db.session.get_one(Post, event.id))


def _recount_useful(post: Post) -> None:
    """The number of marks is all that changed: the rest of the entry stays."""
    db.session.refresh(post, ["n_useful"])
    row = db.session.get(Catalogued, post.id)
    if row is not None:
        row.keys = {**row.keys, "useful": post.n_useful}
        row.seq = advance("catalogue")


def mark_useful(actor: Person, post: Post) -> None:
    """Count this person among those who found it useful; a second time changes nothing."""
    with write() as session:
        if not policy.may_mark_useful(actor, post):
            raise Forbidden(_("You cannot mark your own post."))
        if insert_once(UsefulMark, person_id=actor.id, post_id=post.id, created_at=clock.now()):
            session.execute(update(Post).where(Post.id == post.id).values(n_useful=Post.n_useful + 1))
            _recount_useful(post)
            publish(MarkedUseful(post.id))


def unmark_useful(actor: Person, post: Post) -> None:
    """Take the mark back."""
    with write() as session:
        gone = session.execute(
            delete(UsefulMark)
            .where(UsefulMark.person_id == actor.id, UsefulMark.post_id == post.id)
            .returning(UsefulMark.id)
        ).first()
        if gone:
            session.execute(update(Post).where(Post.id == post.id).values(n_useful=Post.n_useful - 1))
            _recount_useful(post)
            publish(MarkedUseful(post.id))
