"""What an issue points to, as it is told on a page and in a mail."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from forum.accounts.models import Person
from forum.core.db import db
from forum.core.i18n import gettext as _
from forum.core.markdown import excerpt
from forum.posts import policy
from forum.posts import queries as posts
from forum.posts.models import KINDS, Post
from forum.posts.queries import PostRow
from forum.questions.models import Answer
from forum.topics.queries import ServiceRef


@dataclass(frozen=True)
class Card:
    """One item: a post, or an answer under the title of its question. `href` is a path."""

    ref: str
    kind: str
    title: str
    href: str
    summary: str
    services: tuple[ServiceRef, ...]
    facts: tuple[tuple[str, str], ...]
    sentence: str = ""

    @property
    def domains(self) -> frozenset[str]:
        """Slugs of the domains that it is about."""
        return frozenset(service.parent_slug or service.slug for service in self.services)

    @property
    def kind_label(self) -> str:
        """What it is, in words."""
        return _("Answer") if self.kind == "answer" else KINDS.label(self.kind)

    def saying(self, sentence: str) -> Card:
        """The same, with a curator's sentence."""
        return replace(self, sentence=sentence)


_NUMBER = re.compile(r"[1-9]\d{0,8}", re.ASCII)


def _number(ref: str, kind: str) -> int:
    """The id in a ref of this kind, 0 in any other text."""
    named, _colon, number = ref.partition(":")
    return int(number) if named == kind and _NUMBER.fullmatch(number) else 0


def cards(refs: Iterable[str]) -> dict[str, Card]:
    """ref -> card of those that everybody may read. Three statements at most."""
    refs = list(refs)
    answers = {
        row.id: row
        for row in db.session.execute(
            select(Answer.id, Answer.question_id, Answer.body_html, Person.name.label("author"))
            .join(Person, Person.id == Answer.author_id)
            .where(Answer.id.in_({_number(ref, "answer") for ref in refs} - {0}), Answer.state == "visible")
        )
    }
    wanted = {_number(ref, "post") for ref in refs} | {row.question_id for row in answers.values()}
    found = db.session.execute(
        posts.rows_query(KINDS.keys).where(Post.id.in_(wanted - {0}), policy.seen_by(None))
    ).all()
    rows = {row.id: row for row in posts.as_rows(found)}
    told: dict[str, Card] = {}
    for ref in refs:
        if post := rows.get(_number(ref, "post")):
            told[ref] = of_post(post)
        elif (answer := answers.get(_number(ref, "answer"))) and (post := rows.get(answer.question_id)):
            told[ref] = of_answer(answer, post)
    return told


def of_post(post: PostRow) -> Card:
    """The card of a post."""
    return Card(
        f"post:{post.id}", post.kind, post.title, post.href, post.summary, post.services, post.facts[:3]
    )


def of_answer(answer: Any, question: PostRow) -> Card:
    """The card of an answer (a row with id, body_html and author) to this question."""
    return Card(
        ref=f"answer:{answer.id}",
        kind="answer",
        title=question.title,
        href=f"{question.href}/answers/{answer.id}",
        summary=excerpt(answer.body_html),
        services=question.services,
        facts=(("user", _("Answer by %(name)s") % {"name": answer.author}),),
    )
