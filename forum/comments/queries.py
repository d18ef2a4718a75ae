"""Reading comments: a page of a thread, the first few on each of several answers, and where one stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, func, or_, select
from sqlalchemy.orm import joinedload

from forum.accounts.models import PEOPLE, Organisation, Person
from forum.accounts.queries import PERSON_COLUMNS, PersonRef, person_ref
from forum.comments import policy
from forum.comments.models import COMMENT_KINDS, Comment
from forum.core.changes import kept, note, note_posts
from forum.core.db import db
from forum.core.errors import NotFound
from forum.core.listing import encode_cursor, keyset, listing_of
from forum.core.rows import Prepared
from forum.posts.models import Post
from forum.posts.policy import may_see_organisation, may_see_post

PAGE = 50
# How many stand below each answer on the page of its question.
FEW = 10
COLUMNS: tuple[Any, ...] = (
    Comment.id,
    Comment.answer_id,
    Comment.path,
    Comment.depth,
    Comment.kind,
    Comment.author_id,
    Comment.body_html,
    Comment.state,
    Comment.hidden_reason,
    Comment.created_at,
    Comment.edited_at,
    *PERSON_COLUMNS,
)


@dataclass(frozen=True)
class CommentRow:
    """A comment as it is drawn. Words that this person may not read are left out: the row is a placeholder."""

    id: int
    depth: int
    kind: str
    author: PersonRef
    body_html: str
    state: str
    hidden_reason: str
    created_at: datetime
    edited_at: datetime | None
    may_reply: bool
    may_edit: bool
    may_delete: bool
    may_hide: bool

    def __hash__(self) -> int:
        return hash((self.id, self.edited_at))  # quick, for what looks up how it is drawn

    @property
    def kind_label(self) -> str:
        """What sort of comment it is, where that is worth saying."""
        return "" if self.kind == "comment" else COMMENT_KINDS.label(self.kind)

    @property
    def url(self) -> str:
        """Its permanent address, which leads to the page of the thread that holds it."""
        return f"/comments/{self.id}"

    @property
    def reply_href(self) -> str:
        """The page for replying to it."""
        return f"{self.url}/reply"

    @property
    def edit_href(self) -> str:
        """The page for changing it."""
        return f"{self.url}/edit"

    @property
    def delete_href(self) -> str:
        """The page for taking it away."""
        return f"{self.url}/delete"

    @property
    def hide_href(self) -> str:
        """The page for hiding it, or for putting it back."""
        return f"/moderation/{'restore' if self.state == 'hidden' else 'hide'}/comment/{self.id}"


@dataclass(frozen=True)
class Thread:
    """One page of the comments on a post, or on an answer, in the order in which they are drawn.

    `path` is the page that it stands on; `later` the cursor of the next page of comments.
    """

    rows: tuple[CommentRow, ...]
    later: str | None
    first: bool
    path: str
    action: str
    may_comment: bool
    kinds: Sequence[tuple[str, str]]

    @property
    def later_href(self) -> str | None:
        """The next page."""
        return f"{self.path}?comments={self.later}#comments" if self.later else None

    @property
    def first_href(self) -> str | None:
        """The first page, for who is further down."""
        return None if self.first else f"{self.path}#comments"


def thread(
    actor: Person | None,
    post: Post,
    *,
    answer_id: int | None = None,
    after: str | None = None,
    limit: int = PAGE,
) -> Thread:
    """The comments on a post that was already judged to be theirs to see, or on an answer of it.

    One statement; none where visitors read the first of them again. `after` is the cursor from the address.
    """
    if actor is None and not (after or answer_id) and limit == PAGE:
        return kept(("thread", post.id), lambda: _thread(actor, post, answer_id, after, limit))
    return _thread(actor, post, answer_id, after, limit)


def _thread(actor: Person | None, post: Post, answer_id: int | None, after: str | None, limit: int) -> Thread:
    note_posts([post.id])
    note(PEOPLE)
    shape, key = _shape(actor, post), lambda row: (row.path,)
    if after or answer_id or limit != PAGE:
        found = keyset(
            # The order begins with what is equal in all rows: so both engines read it off the index.
            _rows().where(_of(post.id, answer_id), _in_view()).order_by(Comment.answer_id),
            (Comment.path,),
            after,
            session=db.session,
            ascending=True,
            limit=limit,
            shape=shape,
            key=key,
        )
    else:
        found = listing_of(_first_page(post_id=post.id), PAGE, shape, key)
    return Thread(
        rows=tuple(found.rows),
        later=found.older,
        first=found.first,
        path=page_of(post, answer_id),
        action=f"/posts/{post.id}/comments" if answer_id is None else f"/answers/{answer_id}/comments",
        may_comment=policy.may_comment(actor, post),
        kinds=kinds_on(post),
    )


def first_few(actor: Person | None, post: Post, answer_ids: Sequence[int]) -> dict[int, list[CommentRow]]:
    """answer id -> the first FEW comments on it, of several answers of this question. One statement."""
    if not answer_ids:
        return {}
    shape = _shape(actor, post)
    found: dict[int, list[CommentRow]] = {}
    for row in _first_few(post_id=post.id, answer_ids=list(answer_ids)):
        found.setdefault(row.answer_id, []).append(shape(row))
    return found


@Prepared
def _first_few() -> Select[Any]:
    place = func.row_number().over(partition_by=Comment.answer_id, order_by=Comment.path)
    of_these = Comment.answer_id.in_(bindparam("answer_ids", expanding=True))
    numbered = (
        select(Comment.id, place.label("place"))
        .where(Comment.post_id == bindparam("post_id"), of_these, _in_view())
        .subquery()
    )
    query = _rows().join(numbered, numbered.c.id == Comment.id).where(numbered.c.place <= FEW)
    return query.order_by(Comment.answer_id, Comment.path)


def by_id(comment_id: int, actor: Person | None) -> Comment:
    """One comment that this person finds in a thread, if only as a placeholder; its post and author with it.

    Raises NotFound.
    """
    comment = db.session.scalars(
        select(Comment)
        .options(joinedload(Comment.post), joinedload(Comment.author).joinedload(Person.organisation))
        .where(Comment.id == comment_id, _in_view())
    ).one_or_none()
    if comment is None or not may_see_post(actor, comment.post):
        raise NotFound
    return comment


def row(actor: Person | None, comment: Comment) -> CommentRow:
    """One comment as its thread would draw it. One statement."""
    found = db.session.execute(_rows().where(Comment.id == comment.id)).one()
    return _shape(actor, comment.post)(found)


def address(comment: Comment) -> str:
    """Where a comment stands: the page of its thread that holds it, and the place on that page.

    Two statements, one where it is on the first page.
    """
    answer_id = comment.answer_id
    of_post = answer_id is None
    ((before,),) = _before(of_post)(post_id=comment.post_id, answer_id=answer_id, path=comment.path)
    path, place = page_of(comment.post, answer_id), f"#comment-{comment.id}"
    if before < PAGE:
        return path + place
    last_of_page_before = db.session.scalars(
        select(Comment.path)
        .where(_of(comment.post_id, answer_id), _in_view())
        .order_by(Comment.answer_id, Comment.path)
        .offset(before // PAGE * PAGE - 1)
        .limit(1)
    ).one()
    return f"{path}?comments={encode_cursor([last_of_page_before])}{place}"


@cache
def _before(of_post: bool) -> Prepared:
    """How many stand before a comment in its thread: that of the post, or of an answer."""
    same = _of(bindparam("post_id"), None if of_post else bindparam("answer_id"))
    return Prepared(lambda: select(func.count()).where(same, _in_view(), Comment.path < bindparam("path")))


def page_of(post: Post, answer_id: int | None) -> str:
    """The page on which the comments of a post, or of one of its answers, stand."""
    return post.path if answer_id is None else f"{post.path}/answers/{answer_id}"


def kinds_on(post: Post) -> Sequence[tuple[str, str]]:
    """What sorts of comment can be chosen there, as (key, label); empty where there is no choice."""
    return COMMENT_KINDS.choices() if post.kind == "case" else ()


def _of(post_id: int | BindParameter[int], answer_id: int | BindParameter[int] | None) -> ColumnElement[bool]:
    """Belongs to this thread."""
    of_answer = Comment.answer_id.is_(None) if answer_id is None else Comment.answer_id == answer_id
    return (Comment.post_id == post_id) & of_answer


def _in_view() -> ColumnElement[bool]:
    """Is drawn, if only as a placeholder."""
    return or_(Comment.state != "deleted", Comment.n_replies > 0)


def _rows() -> Select[Any]:
    return (
        select(*COLUMNS)
        .join(Person, Person.id == Comment.author_id)
        .outerjoin(Organisation, Organisation.id == Person.organisation_id)
    )


@Prepared
def _first_page() -> Select[Any]:
    """What almost everybody asks for."""
    of_post = _rows().where(Comment.post_id == bindparam("post_id"), Comment.answer_id.is_(None), _in_view())
    return of_post.order_by(Comment.answer_id, Comment.path).limit(PAGE + 1)


def _shape(actor: Person | None, post: Post) -> Callable[[Any], CommentRow]:
    """What turns a row of the database into one of the thread."""
    named = may_see_organisation(actor, post)

    def shape(row: Any) -> CommentRow:
        author = person_ref(row)
        legible = policy.may_see_comment(actor, row)
        return CommentRow(
            id=row.id,
            depth=row.depth,
            kind=row.kind,
            author=author if named or author.id != post.author_id else author.discreet(),
            body_html=row.body_html if legible else "",
            state=row.state,
            hidden_reason=row.hidden_reason if legible else "",
            created_at=row.created_at,
            edited_at=row.edited_at,
            may_reply=policy.may_reply(actor, row, post),
            may_edit=policy.may_edit_comment(actor, row, post),
            may_delete=policy.may_delete_comment(actor, row),
            may_hide=policy.may_hide_comment(actor, row),
        )

    return shape
