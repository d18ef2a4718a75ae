"""What each thing says: its title, what tells most about it, the rest, and the marks that narrow a search."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, selectinload

from forum.accounts.models import ORGANISATION_KINDS, Organisation
from forum.case_studies.models import CaseStudy
from forum.case_studies.models import vocabularies as words
from forum.comments.models import Comment
from forum.core.db import db
from forum.core.markdown import excerpt
from forum.core.words import tokens
from forum.guides.models import Guide
from forum.places.models import country_name
from forum.posts.models import RESOURCE_KINDS, THEMES, Post
from forum.posts.queries import services_of
from forum.questions.models import STAGES, WANTS, Answer, Question
from forum.resources.models import Resource
from forum.search.models import SEAM, Mark
from forum.search.queries.language import COMMON
from forum.topics.models import Service

# No text is longer: 20,000 characters are the most that a form takes.
WHOLE = 100_000
_CAPITALS = re.compile(r"\b[A-Z]{2,4}\b")


@dataclass
class Text:
    """What is known of one thing. `key` names it: the column of its id in the index, and the id.

    `columns` are others of Entry. Lead and body are lines of plain text.
    """

    kind: str
    key: tuple[str, int]
    title: str = ""
    lead: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    columns: dict[str, Any] = field(default_factory=dict)

    def mark(self, prefix: str, text: str) -> None:
        """Mark it with every word of this text."""
        self.marks += [prefix + token.term for token in tokens(text)]

    @property
    def said(self) -> str:
        """All of it, as it is written."""
        return "\n".join((self.title, *self.lead, *self.body))

    def row(self) -> dict[str, Any]:
        """The columns of its entry."""
        title = [token.term for token in tokens(self.title)]
        written_on = self.columns["created_at"]
        marks = [Mark.KIND + self.kind, f"{Mark.YEAR}{written_on:%Y}", f"{Mark.MONTH}{written_on:%Y-%m}"]
        marks += [*(Mark.TITLE + word for word in title), *self.marks]
        marks += [Mark.CAPITALS + word for word in _capitals(self.said)]
        parts = (title, *(_terms(lines) for lines in (self.lead, self.body)), dict.fromkeys(marks))
        return self.columns | {
            "kind": self.kind,
            self.key[0]: self.key[1],
            "title": self.title,
            "words": f" {SEAM} ".join(" ".join(part) for part in parts),
            "body": "\n".join(self.body),
        }


def _terms(lines: Iterable[str]) -> Iterator[str]:
    """The terms of these lines; hyphenated words taken as one come last, out of the way of phrases."""
    joined = []
    for line in lines:
        for token in tokens(line):
            if token.joined:
                joined.append(token.term)
            else:
                yield token.term
    yield from joined


def _capitals(text: str) -> set[str]:
    """Common words that stand in capitals, in lines that are not all capitals: IT, US."""
    return {
        word
        for line in text.splitlines()
        if not line.isupper()
        for match in _CAPITALS.findall(line)
        if (word := match.casefold()) in COMMON
    }


def of_posts(ids: Sequence[int]) -> Iterator[Text]:
    """What these posts say, those of them that everybody may see. A fixed number of statements for each kind."""
    kinds: dict[str, list[int]] = {}
    for id_, kind in db.session.execute(
        select(Post.id, Post.kind).where(Post.id.in_(ids), Post.state == "visible").order_by(Post.id)
    ):
        kinds.setdefault(kind, []).append(id_)
    services = services_of(ids)
    found: dict[int, Text] = {}
    for kind, its_ids in kinds.items():
        for post in _posts(kind, its_ids):
            text = Text(kind, ("post_id", post.id), post.title)
            text.columns["created_at"] = post.created_at
            text.marks += [Mark.POST, f"{Mark.AUTHOR}{post.author_id}"]
            for service in services.get(post.id, ()):
                text.lead.append(service.name)
                text.marks += [Mark.SERVICE + slug for slug in (service.slug, service.parent_slug) if slug]
            _put_place(text, post)
            _TELL[kind](text, post)
            found[post.id] = text
    yield from (found[id_] for id_ in sorted(found))


def _posts(kind: str, ids: Sequence[int]) -> Iterable[Any]:
    model, parts = _MODELS[kind]
    if len(ids) == 1:
        # Just written, it is at hand with all its parts.
        return [db.session.get_one(model, ids[0])]
    options = [selectinload(getattr(model, name)) for name in parts]
    return db.session.scalars(select(model).where(model.id.in_(ids)).options(*options))


def _put_place(text: Text, place: Post | Organisation) -> None:
    text.lead += [place.place_name, place.region, country_name(place.country)]
    text.mark(Mark.PLACE, f"{place.place_name} {place.region}")
    text.marks += [Mark.AREA + code.casefold() for code in (place.country, place.region_code) if code]


def _tell_case(text: Text, case: CaseStudy) -> None:
    text.lead += [
        case.summary,
        words.ARRANGEMENTS.label(case.arrangement),
        words.INSTRUMENTS.label(case.instrument),
        words.SPLIT_METHODS.label(case.split_method),
        words.STATUSES.label(case.status) if case.status in words.ENDED else "",
    ]
    text.body.append(excerpt(case.body_html, WHOLE))
    for party in case.parties:
        text.body.append(party.name)
        text.mark(Mark.PARTY, party.name)
    text.body += [f"{row.task}. {row.note}" if row.note else row.task for row in case.responsibilities]
    text.body += [f"{row.label}. {row.note}" if row.note else row.label for row in case.costs]
    text.body += [case.split_note, *(factor.get("source", "") for factor in case.split_factors)]
    text.body += [f"{row.label}: {row.when_text}" if row.when_text else row.label for row in case.schedule]
    text.body += [f"{row.statement} {row.measure}".strip() for row in case.outcomes]
    for html in (case.challenges_html, case.what_helped_html, case.would_change_html):
        text.body.append(excerpt(html, WHOLE))
    text.body += [case.advice, case.why_ended, case.authority]
    text.body += [step.get("event", "") for step in case.timeline]
    text.body += [f"{paper.title}, {paper.publisher}".rstrip(", ") for paper in case.papers]


def _tell_question(text: Text, question: Question) -> None:
    text.lead += [WANTS.label(key) for key in question.wants]
    text.lead.append(STAGES.label(question.stage))
    text.body += [excerpt(question.body_html, WHOLE), question.decision]


def _tell_guide(text: Text, guide: Guide) -> None:
    text.lead += [guide.summary, *(THEMES.label(key) for key in guide.themes)]
    text.body += [excerpt(guide.body_html, WHOLE), *guide.takeaways]
    for item in guide.items:
        text.body += [item.section, item.title, excerpt(item.note_html, WHOLE)]
    text.body.append(guide.gaps)


def _tell_resource(text: Text, resource: Resource) -> None:
    text.lead += [
        resource.summary,
        RESOURCE_KINDS.label(resource.resource_kind),
        *(THEMES.label(key) for key in resource.themes),
        resource.publisher,
        resource.written_by,
    ]
    text.mark(Mark.PUBLISHER, f"{resource.publisher} {resource.written_by}")


# kind -> its model, and the parts that are read with it
_MODELS: dict[str, tuple[type[Any], Sequence[str]]] = {
    "case": (CaseStudy, ("parties", "responsibilities", "costs", "schedule", "outcomes", "papers")),
    "question": (Question, ()),
    "guide": (Guide, ("items",)),
    "resource": (Resource, ()),
}
# kind -> what adds what it says beyond what all posts say
_TELL: dict[str, Callable[[Text, Any], None]] = {
    "case": _tell_case,
    "question": _tell_question,
    "guide": _tell_guide,
    "resource": _tell_resource,
}


def of_answers(column: InstrumentedAttribute[int], ids: Sequence[int]) -> Iterator[Text]:
    """What the answers say whose `column` is one of these ids, where everybody may read them."""
    for answer in db.session.scalars(
        select(Answer)
        .join(Post, Post.id == Answer.question_id)
        .where(column.in_(ids), Answer.state == "visible", Post.state == "visible")
        .order_by(Answer.id)
    ):
        text = Text("answer", ("answer_id", answer.id), body=[excerpt(answer.body_html, WHOLE)])
        text.columns |= {"post_id": answer.question_id, "created_at": answer.created_at}
        text.marks.append(f"{Mark.AUTHOR}{answer.author_id}")
        yield text


def of_comments(column: InstrumentedAttribute[Any], ids: Sequence[int]) -> Iterator[Text]:
    """What the comments say whose `column` is one of these ids, where everybody may read them."""
    for comment in db.session.scalars(
        select(Comment)
        .join(Post, Post.id == Comment.post_id)
        .outerjoin(Answer, Answer.id == Comment.answer_id)
        .where(
            column.in_(ids),
            Comment.state == "visible",
            Post.state == "visible",
            (Comment.answer_id.is_(None)) | (Answer.state == "visible"),
        )
        .order_by(Comment.id)
    ):
        yield _of_comment(comment)


def of_new_comment(comment_id: int) -> Iterator[Text]:
    """What a comment says that was just written, where everybody may read it: all that it needs is at hand."""
    comment = db.session.get_one(Comment, comment_id)
    above: list[Post | Answer] = [db.session.get_one(Post, comment.post_id)]
    if comment.answer_id is not None:
        above.append(db.session.get_one(Answer, comment.answer_id))
    if all(item.state == "visible" for item in above):
        yield _of_comment(comment)


def _of_comment(comment: Comment) -> Text:
    text = Text("comment", ("comment_id", comment.id), body=[excerpt(comment.body_html, WHOLE)])
    text.columns |= {
        "post_id": comment.post_id,
        "answer_id": comment.answer_id,
        "created_at": comment.created_at,
    }
    text.marks.append(f"{Mark.AUTHOR}{comment.author_id}")
    return text


def of_services() -> Iterator[Text]:
    """What all services say."""
    for service in db.session.scalars(select(Service).options(selectinload(Service.synonyms))):
        text = Text("service", ("service_id", service.id), service.name)
        synonyms = [synonym.term for synonym in service.synonyms]
        text.lead += [service.description, *synonyms]
        text.mark(Mark.NAME, " ".join((service.name, *synonyms)))
        text.marks.append(Mark.SERVICE + service.slug)
        # Services have no date; one that stays the same leaves the entry as it is.
        text.columns["created_at"] = datetime(2000, 1, 1, tzinfo=UTC)
        yield text


def of_organisations(ids: Sequence[int]) -> Iterator[Text]:
    """What these organisations say."""
    for body in db.session.scalars(
        select(Organisation).where(Organisation.id.in_(ids)).order_by(Organisation.id)
    ):
        text = Text("organisation", ("organisation_id", body.id), body.name)
        text.lead.append(ORGANISATION_KINDS.label(body.kind))
        text.columns["created_at"] = body.created_at
        _put_place(text, body)
        yield text
