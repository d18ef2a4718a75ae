"""A person's page and an organisation's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from forum.accounts import queries as accounts
from forum.accounts.models import ORGANISATION_KINDS, SETTINGS, Organisation, Person
from forum.accounts.policy import may_suspend
from forum.accounts.queries import PERSON_COLUMNS, PersonRef, person_ref
from forum.case_studies.models import Party
from forum.core.changes import note_posts
from forum.core.db import db
from forum.core.listing import Listing, keyset
from forum.core.markdown import excerpt
from forum.freshness.queries import n_due_of
from forum.places.queries import country_name
from forum.posts.models import FOLDERS, KINDS, Post
from forum.posts.policy import seen_by
from forum.posts.queries import PostRow, counts_by_kind
from forum.posts.queries.lists import listing
from forum.questions.models import Answer, Question
from forum.questions.policy import answers_seen_by

# Colleagues on the page of an organisation; a big one has more, and nobody reads a telephone book.
MOST_MEMBERS = 60
# The questions of an organisation: what it asked lately, beside its agreements.
FEW = 5


@dataclass(frozen=True)
class GivenAnswer:
    """An answer in the list of somebody's answers."""

    question: str
    href: str
    words: str
    accepted: bool
    from_experience: bool
    n_useful: int
    created_at: datetime


@dataclass(frozen=True)
class PersonPage:
    """One person. `suspended_reason` is for moderators' eyes, None otherwise; one of `posts`, `answers` is given."""

    id: int
    ref: PersonRef
    bio: str
    organisation: Organisation | None
    joined: datetime
    suspended_reason: str | None
    may_suspend: bool
    counts: dict[str, int]
    n_answers: int
    posts: Listing[PostRow] | None
    answers: Listing[GivenAnswer] | None
    # On one's own page: how much of what one answers for waits to be confirmed.
    n_due: int


def person_page(actor: Person | None, slug: str, tab: str, cursor: str | None) -> PersonPage:
    """One person with what they wrote: their posts, or under the tab "answers" their answers. Raises NotFound."""
    person = accounts.person(slug)
    sees_suspension = person.suspended_at is not None and actor is not None and actor.admits("moderator")
    n_answers = db.session.scalars(
        select(func.count())
        .select_from(Answer)
        .join(Post, Post.id == Answer.question_id)
        .where(Answer.author_id == person.id, Answer.state == "visible", Post.state == "visible")
    ).one()
    return PersonPage(
        id=person.id,
        ref=accounts.ref_of(person),
        bio=person.bio,
        organisation=person.organisation,
        joined=person.created_at,
        suspended_reason=person.suspended_reason if sees_suspension else None,
        may_suspend=actor is not None and may_suspend(actor, person),
        counts=counts_by_kind(Post.author_id == person.id),
        n_answers=n_answers,
        posts=None if tab == "answers" else _posts_of(actor, person, cursor),
        answers=_answers_of(actor, person, cursor) if tab == "answers" else None,
        n_due=n_due_of(person) if actor is not None and actor.id == person.id else 0,
    )


def _posts_of(actor: Person | None, person: Person, cursor: str | None) -> Listing[PostRow]:
    return listing(actor, KINDS.keys, cursor=cursor, where=[Post.author_id == person.id])


def _answers_of(actor: Person | None, person: Person, cursor: str | None) -> Listing[GivenAnswer]:
    query = (
        select(
            Answer.id,
            Answer.question_id,
            Answer.body_html,
            Answer.from_experience,
            Answer.n_useful,
            Answer.created_at,
            Question.title,
            Question.slug,
            Question.accepted_answer_id,
        )
        .join(Question, Question.id == Answer.question_id)
        .where(Answer.author_id == person.id, answers_seen_by(actor), seen_by(actor))
    )
    return keyset(
        query,
        (Answer.created_at, Answer.id),
        cursor,
        session=db.session,
        shape=_given_answer,
        key=lambda row: (row.created_at, row.id),
    )


def _given_answer(row: Any) -> GivenAnswer:
    note_posts([row.question_id])
    return GivenAnswer(
        question=row.title,
        href=f"/{FOLDERS['question']}/{row.slug}/answers/{row.id}",
        words=excerpt(row.body_html, 280),
        accepted=row.accepted_answer_id == row.id,
        from_experience=row.from_experience,
        n_useful=row.n_useful,
        created_at=row.created_at,
    )


@dataclass(frozen=True)
class OrganisationPage:
    """One organisation. `place`: "Alder, Wisconsin, United States"; `asked` keeps its silence where asked to."""

    name: str
    kind: str
    kind_label: str
    place: str
    population: int | None
    population_year: int | None
    setting: str
    website: str
    agreements: Listing[PostRow]
    members: Sequence[PersonRef]
    asked: Sequence[PostRow]


def organisation_page(actor: Person | None, slug: str, cursor: str | None) -> OrganisationPage:
    """One organisation, what it is a party to, who works there and what they asked. Raises NotFound."""
    body = accounts.organisation(slug)
    named = Question.__table__.c.hide_org.is_(False)
    works_here = Post.author_id.in_(select(Person.id).where(Person.organisation_id == body.id))
    is_party = Post.id.in_(select(Party.case_id).where(Party.organisation_id == body.id))
    members = db.session.execute(
        select(*PERSON_COLUMNS)
        .select_from(Person)
        .join(Organisation, Organisation.id == Person.organisation_id)
        .where(Person.organisation_id == body.id, Person.suspended_at.is_(None))
        .order_by(Person.name, Person.id)
        .limit(MOST_MEMBERS)
    )
    return OrganisationPage(
        name=body.name,
        kind=body.kind,
        kind_label=ORGANISATION_KINDS.label(body.kind) if body.kind != "other" else "",
        place=_place(body),
        population=body.population,
        population_year=body.population_year,
        setting=SETTINGS.label(body.setting),
        website=body.website,
        agreements=listing(actor, ("case",), cursor=cursor, where=[is_party]),
        members=[person_ref(row) for row in members],
        asked=listing(actor, ("question",), where=[works_here, named], limit=FEW).rows,
    )


def _place(body: Organisation) -> str:
    parts = (
        body.place_name,
        body.region if body.region != body.place_name else "",
        country_name(body.country),
    )
    return ", ".join(part for part in parts if part)
