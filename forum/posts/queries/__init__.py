"""Reading posts: one by its address; lists of any kinds, in one statement for the rows and one for their services."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property, lru_cache
from typing import Any, TypeVar

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, func, or_, select, union_all
from sqlalchemy.orm import aliased

from forum.accounts.models import PEOPLE, Organisation, Person
from forum.accounts.queries import PERSON_COLUMNS, PersonRef, person_ref
from forum.core.changes import kept, note, note_posts
from forum.core.db import db, table_of
from forum.core.errors import Moved, NotFound
from forum.core.listing import PAGE
from forum.core.rows import Prepared, apart, columns_of, loaded
from forum.places.queries import country_name
from forum.posts import policy
from forum.posts.models import (
    FOLDERS,
    KINDS,
    POSTS,
    FormerSlug,
    Post,
    PostService,
    Revision,
    UsefulMark,
)
from forum.topics.models import Service
from forum.topics.queries import ServiceRef

P = TypeVar("P", bound=Post)

SORTS = ("newest", "useful")


@dataclass(frozen=True)
class RowSource:
    """What one kind adds to the rows of lists: columns of its own table, and how they are told as facts.

    `facts(row)` gives (icon, text) pairs, `count(row)` a number and the words under it.
    """

    table: Any
    columns: Sequence[ColumnElement[Any]]
    facts: Callable[[Any], list[tuple[str, str]]]
    count: Callable[[Any], tuple[int, str]]


# Filled by each kind's queries: the kinds stand above this room, so they come to it.
ROW_SOURCES: dict[str, RowSource] = {}
# kind -> for a post's id, the SELECT of ids of posts of that kind that point to it.
CITING: dict[str, Callable[[int], Select[Any]]] = {}
# kind -> for a question's id, the SELECT of (post_id, answer_id) of the posts that were made from its thread.
MADE_FROM: dict[str, Callable[[int], Select[*tuple[Any, ...]]]] = {}
# What finds posts that say the same as a title: the search stands above this room, and comes to it.
SAYING_THE_SAME: list[Callable[[Person | None, str], Sequence[Any]]] = []


@dataclass(frozen=True)
class PostRow:
    """One post in a list. `why` says why it stands there, `band` what it stands under, where a list tells that."""

    id: int
    kind: str
    title: str
    href: str
    summary: str
    state: str
    created_at: datetime
    author: PersonRef
    services: tuple[ServiceRef, ...]
    facts: tuple[tuple[str, str], ...]
    count: int
    count_label: str
    why: str = ""
    band: str = ""

    @cached_property
    def _hash(self) -> int:
        return hash((self.id, self.title, self.services, self.facts, self.count, self.why))

    def __hash__(self) -> int:
        # Rows are kept, and each page asks whether they have been drawn.
        return self._hash


@dataclass(frozen=True)
class PostLink:
    """A post by its name alone."""

    kind: str
    slug: str
    title: str

    @property
    def href(self) -> str:
        """Its permanent address."""
        return f"/{FOLDERS[self.kind]}/{self.slug}"


def about_service(slug: str | BindParameter[str]) -> ColumnElement[bool]:
    """Posts that carry this service or one below it."""
    itself = select(Service.id).where(Service.slug == slug)
    below = select(Service.id).where(Service.parent_id.in_(itself))
    return Post.id.in_(select(PostService.post_id).where(PostService.service_id.in_(itself.union_all(below))))


def in_place(code: str) -> ColumnElement[bool]:
    """Posts about this country or region."""
    return Post.region_code == code if "-" in code else Post.country == code


def rows_query(kinds: Iterable[str]) -> Select[*tuple[Any, ...]]:
    """SELECT of all that a PostRow needs but its services."""
    query: Select[*tuple[Any, ...]] = select(
        Post.id,
        Post.kind,
        Post.slug,
        Post.title,
        Post.summary,
        Post.state,
        Post.created_at,
        Post.n_useful,
        Post.n_comments,
        Post.place_name,
        Post.region,
        Post.country,
        Post.place_population,
        *PERSON_COLUMNS,
    )
    query = query.join(Person, Person.id == Post.author_id).outerjoin(
        Organisation, Organisation.id == Person.organisation_id
    )
    kinds = list(kinds)
    query = query.where(Post.kind.in_(kinds)) if len(kinds) > 1 else query.where(Post.kind == kinds[0])
    for kind in kinds:
        source = ROW_SOURCES[kind]
        query = query.add_columns(*source.columns).outerjoin(source.table, source.table.c.post_id == Post.id)
    return query


def saying_the_same(actor: Person | None, title: str) -> list[Any]:
    """Posts so much like one with this title that it may have been written before; as `search` tells of them."""
    return [post for find in SAYING_THE_SAME for post in find(actor, title)]


def services_of(post_ids: Sequence[int]) -> dict[int, tuple[ServiceRef, ...]]:
    """post id -> its services, the primary one first. One statement."""
    if not post_ids:
        return {}
    found: dict[int, list[ServiceRef]] = {}
    for row in _services(post_ids=post_ids):
        found.setdefault(row[0], []).append(ServiceRef(*row[1:]))
    return {post_id: tuple(services) for post_id, services in found.items()}


@Prepared
def _services() -> Select[*tuple[Any, ...]]:
    parent = aliased(Service)
    return (
        select(PostService.post_id, Service.id, Service.slug, Service.name, parent.slug, parent.name)
        .join(Service, Service.id == PostService.service_id)
        .outerjoin(parent, parent.id == Service.parent_id)
        .where(PostService.post_id.in_(bindparam("post_ids", expanding=True)))
        .order_by(PostService.post_id, PostService.position)
    )


def as_rows(found: Sequence[Any]) -> list[PostRow]:
    """PostRows of what `rows_query` found. One statement, for the services."""
    note_posts(row.id for row in found)
    services = services_of([row.id for row in found])
    rows = []
    for row in found:
        source = ROW_SOURCES[row.kind]
        count, label = source.count(row)
        rows.append(
            PostRow(
                id=row.id,
                kind=row.kind,
                title=row.title,
                href=f"/{FOLDERS[row.kind]}/{row.slug}",
                summary=row.summary,
                state=row.state,
                created_at=row.created_at,
                author=person_ref(row),
                services=services.get(row.id, ()),
                facts=tuple(source.facts(row)),
                count=count,
                count_label=label,
            )
        )
    return rows


def by_slug(model: type[P], kind: str, slug: str, actor: Person | None, *options: Any) -> P:
    """One post that this person may see, its author loaded with it.

    `options` are the same objects at each call: the statement is built once for them.
    Raises Moved for a former slug, NotFound for what is not there or not theirs to see.
    """
    found = db.session.scalars(_by_slug(model, *options), {"slug": slug, "kind": kind})
    post: P | None = found.one_or_none()
    if post is None:
        raise moved_or_missing(kind, slug)
    if not policy.may_see_post(actor, post):
        raise NotFound
    note_posts([post.id])
    return post


def read(model: type[P], kind: str, slug: str, actor: Person | None) -> tuple[P, PersonRef]:
    """One post that this person may see, to be shown, and its author: the columns of this model, kept until they
    change, of no session.

    Raises as `by_slug` does.
    """
    post, author = kept(("post", model, kind, slug), lambda: _read(model, kind, slug))
    if not policy.may_see_post(actor, post):
        raise NotFound
    return post, author


def _read(model: type[P], kind: str, slug: str) -> tuple[P, PersonRef]:
    row = next(iter(_columns_by_slug(model)(slug=slug, kind=kind)), None)
    if row is None:
        raise moved_or_missing(kind, slug)
    note_posts([row.id])
    note(PEOPLE)
    return apart(model, row), person_ref(row)


@cache
def _columns_by_slug(model: type[Post]) -> Prepared:
    return Prepared(
        lambda: (
            columns_of(model)
            .add_columns(*PERSON_COLUMNS)
            .join(Person, Person.id == model.author_id)
            .outerjoin(Organisation, Organisation.id == Person.organisation_id)
            .where(_same(model))
        )
    )


@lru_cache(maxsize=64)
def _by_slug(model: type[Post], *options: Any) -> Select[Any]:
    return select(model).options(*options).where(_same(model))


def _same(model: type[Post]) -> ColumnElement[bool]:
    return (model.slug == bindparam("slug")) & (model.kind == bindparam("kind"))


def citing(actor: Person | None, post_id: int) -> list[PostLink]:
    """Posts that point to this one and that this person may see, newest first. One statement."""
    if not CITING:
        return []
    found = db.session.execute(
        select(Post.kind, Post.slug, Post.title)
        .where(or_(*(Post.id.in_(ids(post_id)) for ids in CITING.values())), policy.seen_by(actor))
        .order_by(Post.created_at.desc(), Post.id.desc())
        .limit(PAGE)
    )
    return [PostLink(*row) for row in found]


@dataclass(frozen=True)
class MadeFrom:
    """A post that was made from a thread, and the answer that it was made from if it was one."""

    link: PostLink
    answer_id: int | None


def made_from(actor: Person | None, question_id: int) -> list[MadeFrom]:
    """What was made from this question and its answers, as far as this person may see it. One statement; none where
    visitors read it again."""
    if actor is None:
        return kept(("made from", question_id), lambda: _made_from(actor, question_id))
    return _made_from(actor, question_id)


def _made_from(actor: Person | None, question_id: int) -> list[MadeFrom]:
    note(f"post:{question_id}", POSTS)
    if not MADE_FROM:
        return []
    made = union_all(*(of(question_id) for of in MADE_FROM.values())).subquery()
    rows = db.session.execute(
        select(Post.id, Post.kind, Post.slug, Post.title, made.c.answer_id)
        .join(made, made.c.post_id == Post.id)
        .where(policy.seen_by(actor))
        .order_by(Post.id)
    ).all()
    note_posts(row.id for row in rows)
    return [MadeFrom(PostLink(row.kind, row.slug, row.title), row.answer_id) for row in rows]


def moved_or_missing(kind: str, slug: str) -> Moved | NotFound:
    """What to raise for a slug that no post has now."""
    now_at = db.session.scalars(
        select(Post.slug)
        .join(FormerSlug, FormerSlug.post_id == Post.id)
        .where(FormerSlug.kind == kind, FormerSlug.slug == slug)
    ).first()
    return Moved(f"/{FOLDERS[kind]}/{now_at}") if now_at else NotFound()


def current_record(post: Post) -> dict[str, Any]:
    """The newest version of a post, whole, in the shape of its kind's form."""
    return record_of(post, post.version)


def record_of(post: Post, version: int) -> dict[str, Any]:
    """One version of a post, whole; empty where there is no such version."""
    record = db.session.scalars(
        select(Revision.record).where(Revision.post_id == post.id, Revision.version == version)
    ).first()
    return dict(record or {})


def by_id(post_id: int, actor: Person | None) -> Post:
    """Any post that this person may see. Raises NotFound."""
    for row in _by_id(id=post_id):
        post = loaded(Post, row)
        if policy.may_see_post(actor, post):
            return post
    raise NotFound


@Prepared
def _by_id() -> Select[Any]:
    return select(table_of(Post)).where(Post.id == bindparam("id"))


def marked_by(actor: Person | None, post_id: int) -> bool:
    """Whether this person marked this post useful."""
    if actor is None:
        return False
    return bool(_mark(person_id=actor.id, post_id=post_id))


@Prepared
def _mark() -> Select[Any]:
    return select(UsefulMark.id).where(
        UsefulMark.person_id == bindparam("person_id"), UsefulMark.post_id == bindparam("post_id")
    )


def counts_by_kind(*where: ColumnElement[bool]) -> dict[str, int]:
    """kind -> number of posts that everybody sees, of all or of those that meet `where`. One statement; for all of
    them, when one has changed."""

    def read() -> dict[str, int]:
        note(POSTS)
        query = select(Post.kind, func.count().label("n")).where(Post.state == "visible", *where)
        found = {row.kind: row.n for row in db.session.execute(query.group_by(Post.kind))}
        return {kind: found.get(kind, 0) for kind in KINDS.keys}

    return read() if where else kept("counts by kind", read)


def places_in_use(kind: str) -> list[tuple[str, str, int]]:
    """(code, "Wisconsin, US" or "United States", number of visible posts), regions under their countries."""
    rows = db.session.execute(
        select(Post.country, Post.region_code, func.max(Post.region), func.count())
        .where(Post.kind == kind, Post.state == "visible", Post.country != "")
        .group_by(Post.country, Post.region_code)
    ).all()
    totals: dict[str, int] = {}
    for country, _code, _region, n in rows:
        totals[country] = totals.get(country, 0) + n
    regions = [(code, f"{region}, {country}", n) for country, code, region, n in rows if code]
    result: list[tuple[str, str, int]] = []
    for country in sorted(totals, key=lambda code: -totals[code]):
        result.append((country, country_name(country), totals[country]))
        result += sorted((r for r in regions if r[0].startswith(country + "-")), key=lambda r: r[1])
    return result
