"""What a curator may pick from: what is in no issue yet, and is new or was found useful since the last one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Subquery, case, func, literal, or_, select, true

from forum.accounts.models import Person
from forum.core.db import db
from forum.core.i18n import gettext as _
from forum.digests.models import PUBLIC, Issue, IssueItem
from forum.digests.queries.cards import Card, cards, of_answer, of_post
from forum.posts import policy
from forum.posts import queries as posts
from forum.posts.models import FOLDERS, Post, UsefulMark
from forum.questions.models import Answer, Question

# Of each kind: what is further down is neither new nor useful enough.
MOST = 8


@dataclass(frozen=True)
class Pick:
    """Something to pick. `marks`: how many found it useful since the last issue; `new`: it came since then."""

    card: Card
    marks: int
    new: bool


@dataclass(frozen=True)
class Composing:
    """What stands on the page on which an issue is composed. `cards`: ref -> what the form's items point to."""

    since: datetime | None
    cards: dict[str, Card]
    picks: Sequence[tuple[str, Sequence[Pick]]]


def composing(issue: Issue, refs: Collection[str]) -> Composing:
    """What may be picked, for an issue whose form holds these refs. A fixed number of statements."""
    since = last_published()
    return Composing(since, cards(refs), picks(issue, since, refs))


def last_published() -> datetime | None:
    """When the newest issue came out; None before the first."""
    return db.session.scalar(select(func.max(Issue.published_at)).where(Issue.state.in_(PUBLIC)))


def picks(issue: Issue, since: datetime | None, chosen: Collection[str] = ()) -> list[tuple[str, list[Pick]]]:
    """(heading, picks) by kind: each useful mark since then counts one, so does being new; newest first among equals.

    Last come a few older ones that no issue had, the most useful first, for a quiet week. Left out is what another
    issue holds, and what is `chosen`.
    """
    groups = [
        (_("Cases"), _posts("case", issue, since)),
        (_("Accepted answers"), _answers(issue, since)),
        (_("Guides"), _posts("guide", issue, since)),
        (_("Resources"), _posts("resource", issue, since)),
        (_("Older, in no issue yet"), _older(issue, since) if since else []),
    ]
    groups = [(heading, [pick for pick in found if pick.card.ref not in chosen]) for heading, found in groups]
    return [(heading, found) for heading, found in groups if found]


def _marks(target: Any, since: datetime | None) -> Subquery:
    """How often each post, or answer, was found useful since then."""
    later = UsefulMark.created_at > since if since else true()
    counted = select(target.label("target"), func.count().label("n")).where(later, target.is_not(None))
    return counted.group_by(target).subquery()


def _worth(
    created_at: Any, marks: Subquery, since: datetime | None
) -> tuple[ColumnElement[bool], ColumnElement[Any]]:
    """Whether something is new, and what it is worth."""
    new: ColumnElement[bool] = created_at > since if since else true()
    return new, func.coalesce(marks.c.n, 0) + case((new, literal(1)), else_=0)


def _in_other_issues(target: Any, issue: Issue) -> Any:
    return select(target).where(target.is_not(None), IssueItem.issue_id != issue.id)


def _posts(kind: str, issue: Issue, since: datetime | None) -> list[Pick]:
    marks = _marks(UsefulMark.post_id, since)
    new, worth = _worth(Post.created_at, marks, since)
    found = db.session.execute(
        posts.rows_query([kind])
        .add_columns(func.coalesce(marks.c.n, 0).label("marks"), case((new, 1), else_=0).label("new"))
        .outerjoin(marks, marks.c.target == Post.id)
        .where(policy.seen_by(None), or_(new, marks.c.n > 0))
        .where(Post.id.not_in(_in_other_issues(IssueItem.post_id, issue)))
        .order_by(worth.desc(), Post.created_at.desc(), Post.id.desc())
        .limit(MOST)
    ).all()
    rows = posts.as_rows(found)
    return [Pick(of_post(row), told.marks, bool(told.new)) for row, told in zip(rows, found, strict=True)]


def _older(issue: Issue, since: datetime) -> list[Pick]:
    marks = _marks(UsefulMark.post_id, since)
    found = db.session.execute(
        posts.rows_query(["case", "guide", "resource"])
        .outerjoin(marks, marks.c.target == Post.id)
        .where(policy.seen_by(None), Post.created_at <= since, marks.c.n.is_(None))
        .where(Post.id.not_in(_in_other_issues(IssueItem.post_id, issue)))
        .order_by(Post.n_useful.desc(), Post.created_at.desc(), Post.id.desc())
        .limit(MOST)
    ).all()
    return [Pick(of_post(row), 0, False) for row in posts.as_rows(found)]


def _answers(issue: Issue, since: datetime | None) -> list[Pick]:
    """Accepted answers of threads in which something happened since then, or that were found useful."""
    marks = _marks(UsefulMark.answer_id, since)
    new, worth = _worth(Answer.created_at, marks, since)
    moved = Question.last_activity_at > since if since else true()
    found = db.session.execute(
        select(
            Answer.id,
            Answer.question_id,
            Answer.body_html,
            Person.name.label("author"),
            func.coalesce(marks.c.n, 0).label("marks"),
            case((new, 1), else_=0).label("new"),
        )
        .join(Question, Question.accepted_answer_id == Answer.id)
        .join(Person, Person.id == Answer.author_id)
        .outerjoin(marks, marks.c.target == Answer.id)
        .where(Answer.state == "visible", policy.seen_by(None), or_(new, moved, marks.c.n > 0))
        .where(Answer.id.not_in(_in_other_issues(IssueItem.answer_id, issue)))
        .order_by(worth.desc(), Answer.created_at.desc(), Answer.id.desc())
        .limit(MOST)
    ).all()
    questions = db.session.execute(
        posts.rows_query(["question"]).where(Post.id.in_([row.question_id for row in found]))
    ).all()
    rows = {row.id: row for row in posts.as_rows(questions)}
    return [Pick(of_answer(row, rows[row.question_id]), row.marks, bool(row.new)) for row in found]


_KIND_OF = {folder: kind for kind, folder in FOLDERS.items()}


def ref_at(address: str) -> str:
    """The ref of the post or answer at an address of this site that everybody may read; "" where there is none."""
    try:
        _empty, folder, slug, *rest = urlsplit(address).path.rstrip("/").split("/")
    except ValueError:
        return ""
    if folder == "questions" and len(rest) == 2 and rest[0] == "answers":
        ref = f"answer:{rest[1]}"
        return ref if ref in cards([ref]) else ""
    if rest or folder not in _KIND_OF:
        return ""
    there = select(Post.id).where(Post.kind == _KIND_OF[folder], Post.slug == slug, policy.seen_by(None))
    found = db.session.scalar(there)
    return f"post:{found}" if found else ""
