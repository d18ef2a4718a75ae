"""Reading answers: a page of them in their order, one by its address, and what they point to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import joinedload

from forum.accounts.models import PEOPLE, Organisation, Person
from forum.accounts.queries import PERSON_COLUMNS, PersonRef, person_ref
from forum.comments.queries import CommentRow, first_few
from forum.core import clock
from forum.core.changes import kept, note
from forum.core.db import db
from forum.core.errors import NotFound
from forum.core.i18n import gettext as _
from forum.core.listing import PAGE, Listing, keyset
from forum.core.markdown import excerpt
from forum.freshness.queries import Fresh, of_answers
from forum.posts import queries as posts
from forum.posts.models import FOLDERS, POSTS, Post, UsefulMark
from forum.posts.policy import may_see_organisation, seen_by
from forum.posts.queries import MadeFrom, PostLink
from forum.posts.queries.targets import ANSWERS, Target, ids_of_refs, ref_of_address
from forum.questions import policy
from forum.questions.models import Answer, AnswerCite, Question

# The kinds that an answer may point to.
CITABLE = {kind for kind in FOLDERS if kind != "question"}


@dataclass(frozen=True)
class AnswerRow:
    """An answer as it is drawn. Words that this person may not read are left out: the row is a placeholder."""

    id: int
    path: str
    author: PersonRef
    body_html: str
    state: str
    hidden_reason: str
    from_experience: bool
    accepted: bool
    created_at: datetime
    edited_at: datetime | None
    n_useful: int
    n_comments: int
    marked: bool
    cites: tuple[PostLink, ...]
    may_edit: bool
    may_delete: bool
    may_hide: bool
    may_accept: bool
    may_mark: bool
    may_comment: bool
    fresh: Fresh | None
    became: PostLink | None
    may_write_up: bool
    comments: tuple[CommentRow, ...] = ()

    # What a comment has and an answer has not: both are drawn by one component.
    depth = 0
    may_reply = False

    @property
    def kind_label(self) -> str:
        """What is worth saying about it before its words."""
        return _("We have done this") if self.from_experience else ""

    @property
    def url(self) -> str:
        """Its permanent address."""
        return self.path

    @property
    def edit_href(self) -> str:
        """The page for changing it."""
        return f"/answers/{self.id}/edit"

    @property
    def delete_href(self) -> str:
        """The page for taking it away."""
        return f"/answers/{self.id}/delete"

    @property
    def hide_href(self) -> str:
        """The page for hiding it, or for putting it back."""
        return f"/moderation/{'restore' if self.state == 'hidden' else 'hide'}/answer/{self.id}"


def answers(
    actor: Person | None, question: Question, after: str | None, made: Sequence[MadeFrom] = ()
) -> Listing[AnswerRow]:
    """A page of answers: the accepted one, then the most useful, then the oldest. `made`: see `made_from`."""
    if actor is None and not after:
        return kept(("answers", question.id, clock.today()), lambda: _first_answers(question))
    return _commented(actor, question, _answers(actor, question, after, made))


def _first_answers(question: Question) -> Listing[AnswerRow]:
    """What visitors see first. After a comment only the comments are read again."""
    note(f"talk:{question.id}", PEOPLE)

    def make() -> Listing[AnswerRow]:
        note(f"post:{question.id}", PEOPLE, POSTS)
        return _answers(None, question, None, posts.made_from(None, question.id))

    return _commented(None, question, kept(("answers alone", question.id, clock.today()), make))


def _answers(
    actor: Person | None, question: Question, after: str | None, made: Sequence[MadeFrom]
) -> Listing[AnswerRow]:
    """They alone, without the comments on them."""
    accepted = and_(Answer.id == question.accepted_answer_id, Answer.state == "visible")
    place = case((accepted, 0), else_=1)
    page = keyset(
        _answer_rows(question).add_columns(place.label("place")),
        (place, -Answer.n_useful, Answer.id),
        after,
        session=db.session,
        ascending=True,
        key=lambda row: (row.place, -row.n_useful, row.id),
    )
    return replace(page, rows=_shaped(actor, question, page.rows, made))


def _commented(actor: Person | None, question: Question, found: Listing[AnswerRow]) -> Listing[AnswerRow]:
    """The same, with the first comments on each."""
    comments = first_few(actor, question, [row.id for row in found.rows])
    rows = [replace(row, comments=tuple(comments.get(row.id, ()))) for row in found.rows]
    return replace(found, rows=rows)


def one_answer(actor: Person | None, question: Question, answer_id: int) -> AnswerRow:
    """One answer of this question, without the comments on it. Raises NotFound."""
    found = db.session.execute(_answer_rows(question).where(Answer.id == answer_id)).all()
    if not found:
        raise NotFound
    return _shaped(actor, question, found, posts.made_from(actor, question.id))[0]


def answer_by_id(answer_id: int, actor: Person | None) -> Answer:
    """One answer that this person may read, its question with it. Raises NotFound."""
    answer = db.session.scalars(
        select(Answer)
        .join(Post, Post.id == Answer.question_id)
        .options(joinedload(Answer.author).joinedload(Person.organisation), joinedload(Answer.question))
        .where(Answer.id == answer_id, policy.answers_seen_by(actor), seen_by(actor))
    ).one_or_none()
    if answer is None:
        raise NotFound
    return answer


def answer_address(answer: Answer) -> str:
    """Where to see an answer among the others: on the first page of its question, or else on its own. One statement."""
    n = db.session.scalars(
        select(func.count()).where(Answer.question_id == answer.question_id, _in_view())
    ).one()
    return f"{answer.question.path}#answer-{answer.id}" if n <= PAGE else answer.path


def cited_addresses(answer: Answer) -> list[str]:
    """What an answer points to, as it was typed. One statement."""
    found = db.session.execute(
        select(Post.kind, Post.slug)
        .join(AnswerCite, AnswerCite.post_id == Post.id)
        .where(AnswerCite.answer_id == answer.id)
        .order_by(Post.id)
    )
    return [f"/{FOLDERS[kind]}/{slug}" for kind, slug in found]


def ids_of_addresses(actor: Person | None, addresses: Iterable[str]) -> dict[str, int | None]:
    """address -> id of the case, guide or resource there that this person may see, or None. Whole or partial
    addresses are read ("https://this.site/cases/x", "/cases/x") and references ("case:x")."""
    refs = {address: _ref(address) for address in addresses}
    if not refs:
        return {}
    ids = ids_of_refs(ref for ref in refs.values() if ref)
    seen = set(db.session.scalars(select(Post.id).where(Post.id.in_(ids.values()), seen_by(actor))))
    return {address: id_ if (id_ := ids.get(ref)) in seen else None for address, ref in refs.items()}


def _ref(address: str) -> str:
    """ "case:x" for an address of a case; "" for one of nothing that can be cited."""
    kind, _colon, name = address.partition(":")
    if kind in CITABLE and name:
        return address
    ref = ref_of_address(address)
    return ref if ref.partition(":")[0] in CITABLE else ""


def _targets(actor: Person | None, answer_ids: Sequence[int]) -> dict[int, Target]:
    """Answers that a guide may point to: by whom, and to what. One statement."""
    rows = db.session.execute(
        select(Answer.id, Answer.body_html, Person.name, Post.title, Post.slug)
        .join(Post, Post.id == Answer.question_id)
        .join(Person, Person.id == Answer.author_id)
        .where(Answer.id.in_(answer_ids), Answer.state == "visible", seen_by(actor))
    )
    return {
        row.id: Target(
            ref=f"answer:{row.id}",
            kind="answer",
            title=_("%(name)s on “%(question)s”") % {"name": row.name, "question": row.title},
            href=f"/{FOLDERS['question']}/{row.slug}/answers/{row.id}",
            hint=excerpt(row.body_html),
            answer_id=row.id,
        )
        for row in rows
    }


ANSWERS.append(_targets)


def _in_view() -> ColumnElement[bool]:
    """Is drawn, if only as a placeholder."""
    return or_(Answer.state != "deleted", Answer.n_comments > 0)


def _answer_rows(question: Question) -> Select[*tuple[Any, ...]]:
    columns: tuple[Any, ...] = (
        Answer.id,
        Answer.author_id,
        Answer.body_html,
        Answer.state,
        Answer.hidden_reason,
        Answer.from_experience,
        Answer.created_at,
        Answer.edited_at,
        Answer.n_useful,
        Answer.n_comments,
    )
    return (
        select(*columns, *PERSON_COLUMNS)
        .join(Person, Person.id == Answer.author_id)
        .outerjoin(Organisation, Organisation.id == Person.organisation_id)
        .where(Answer.question_id == question.id, _in_view())
    )


def _shaped(
    actor: Person | None, question: Question, found: Sequence[Any], made: Sequence[MadeFrom]
) -> list[AnswerRow]:
    """Rows of the database as they are drawn. Three statements: marks, what they point to, freshness."""
    ids = [row.id for row in found]
    marked = _marked(actor, ids)
    cites = _cites(actor, ids)
    # Only the accepted answer is looked after, and it stands first.
    became = {one.answer_id: one.link for one in made if one.answer_id}
    fresh = of_answers(actor, ids) if question.accepted_answer_id in ids else {}
    named = may_see_organisation(actor, question)
    rows = []
    for row in found:
        legible = policy.may_see_answer(actor, row)
        author = person_ref(row)
        rows.append(
            AnswerRow(
                id=row.id,
                path=f"{question.path}/answers/{row.id}",
                author=author if named or author.id != question.author_id else author.discreet(),
                body_html=row.body_html if legible else "",
                state=row.state,
                hidden_reason=row.hidden_reason if legible else "",
                from_experience=row.from_experience,
                accepted=row.id == question.accepted_answer_id and row.state == "visible",
                created_at=row.created_at,
                edited_at=row.edited_at,
                n_useful=row.n_useful,
                n_comments=row.n_comments,
                marked=row.id in marked,
                cites=cites.get(row.id, ()) if legible else (),
                may_edit=policy.may_edit_answer(actor, row, question),
                may_delete=policy.may_delete_answer(actor, row),
                may_hide=policy.may_hide_answer(actor, row),
                may_accept=row.state == "visible" and policy.may_accept(actor, question),
                may_mark=policy.may_mark_answer(actor, row),
                may_comment=policy.may_comment_on_answer(actor, row, question),
                fresh=fresh.get(row.id) if legible else None,
                became=became.get(row.id),
                may_write_up=row.id not in became and policy.may_write_up(actor, row, question),
            )
        )
    return rows


def _marked(actor: Person | None, answer_ids: Sequence[int]) -> set[int | None]:
    """Which of these answers this person found useful."""
    if actor is None or not answer_ids:
        return set()
    return set(
        db.session.scalars(
            select(UsefulMark.answer_id).where(
                UsefulMark.person_id == actor.id, UsefulMark.answer_id.in_(answer_ids)
            )
        )
    )


def _cites(actor: Person | None, answer_ids: Sequence[int]) -> dict[int, tuple[PostLink, ...]]:
    """answer id -> what it points to, as far as this person may see it."""
    if not answer_ids:
        return {}
    found: dict[int, tuple[PostLink, ...]] = {}
    for answer_id, *link in db.session.execute(
        select(AnswerCite.answer_id, Post.kind, Post.slug, Post.title)
        .join(Post, Post.id == AnswerCite.post_id)
        .where(AnswerCite.answer_id.in_(answer_ids), seen_by(actor))
        .order_by(AnswerCite.answer_id, Post.id)
    ):
        found[answer_id] = (*found.get(answer_id, ()), PostLink(*link))
    return found
