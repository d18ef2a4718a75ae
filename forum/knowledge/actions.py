"""From a thread to a record: an answer becomes a case, a question becomes a guide."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select

from forum.accounts.models import Person
from forum.case_studies.actions import share_case
from forum.case_studies.forms import CaseShape
from forum.case_studies.models import CaseOrigin, CaseStudy
from forum.core import once
from forum.core.db import db, lock, write
from forum.core.errors import Forbidden, Invalid
from forum.core.i18n import gettext as _
from forum.core.jobs import enqueue
from forum.core.markdown import excerpt
from forum.core.shapes import as_typed, load
from forum.freshness import actions as freshness
from forum.freshness.models import Freshness
from forum.guides.actions import write_guide
from forum.guides.events import GuidePublished
from forum.guides.forms import MOST_ITEMS, DraftShape
from forum.guides.models import Guide
from forum.posts.actions import catalogue
from forum.posts.models import READING_STAGES, Post
from forum.posts.policy import may_curate
from forum.posts.queries import services_of
from forum.posts.queries.targets import ref_of_address, targets_of
from forum.questions import policy
from forum.questions.models import Answer, AnswerCite, Question

MOST_ANSWERS = 12
LONGEST_NOTE = 400
_LINK = re.compile(r'<a [^>]*?href="(https?://[^"]+)"[^>]*>(.*?)</a>', re.DOTALL)


def write_up(actor: Person, answer: Answer, record: Mapping[str, Any], *, key: str = "") -> CaseStudy:
    """Publish an answer as a case (WriteUpShape), with credit to its author, who is asked whether it is right.

    Once for each `key`. Raises Forbidden, and Invalid where somebody else was quicker.
    """
    whole = load(CaseShape(), as_typed(record))
    with write() as session:
        if made := once.claim(key):
            return session.get_one(CaseStudy, made)
        lock(answer)
        if not policy.may_write_up(actor, answer, answer.question):
            raise Forbidden(_("Its author and curators may make a case of this answer."))
        if session.scalar(select(CaseOrigin.case_id).where(CaseOrigin.answer_id == answer.id)):
            raise Invalid({"": _("Somebody has just made a case of this answer.")})
        case = share_case(actor, whole)
        session.add(
            CaseOrigin(
                case_id=case.id,
                question_id=answer.question_id,
                answer_id=answer.id,
                credited_id=answer.author_id,
            )
        )
        if actor.id != answer.author_id:
            kept = session.scalars(select(Freshness).where(Freshness.post_id == case.id)).one()
            freshness.entrust(kept, answer.author_id)
            enqueue("ask_credited", {"case": case.id}, key=f"credited:{case.id}")
        once.note(key, case.id)
    return case


def make_guide(actor: Person, question: Question) -> Guide:
    """A draft of a guide, made of the answers, of what they cite and of the links in them. Raises Forbidden."""
    if not may_curate(actor):
        raise Forbidden(_("Curators write the guides. Say what is missing in a comment."))
    answers = _answers(question)
    title = question.title.rstrip("?")
    draft = {
        "title": title if len(title) <= 120 else title[:120].rpartition(" ")[0],
        "answers": question.title,
        "services": [service.slug for service in services_of([question.id]).get(question.id, ())],
        "stage": [question.stage] if question.stage in READING_STAGES else [],
        "items": list(_items(actor, answers))[:MOST_ITEMS],
    }
    return write_guide(actor, load(DraftShape(), draft), origin_question_id=question.id)


def _answers(question: Question) -> Sequence[Any]:
    """The accepted one first, then the most useful. One statement."""
    first = Answer.id == (question.accepted_answer_id or 0)
    return db.session.execute(
        select(Answer.id, Answer.body_html, Person.name)
        .join(Person, Person.id == Answer.author_id)
        .where(Answer.question_id == question.id, Answer.state == "visible")
        .order_by(first.desc(), Answer.n_useful.desc(), Answer.id)
        .limit(MOST_ANSWERS)
    ).all()


def _items(actor: Person, answers: Sequence[Any]) -> Iterator[dict[str, str]]:
    """The answers, then what they point to, each once."""
    for answer in answers:
        yield {"ref": f"answer:{answer.id}", "note": excerpt(answer.body_html, LONGEST_NOTE)}
    names = {answer.id: answer.name for answer in answers}
    cited = db.session.execute(
        select(AnswerCite.answer_id, Post.kind, Post.slug)
        .join(Post, Post.id == AnswerCite.post_id)
        .where(AnswerCite.answer_id.in_(names), Post.state == "visible")
        .order_by(AnswerCite.answer_id, Post.id)
    )
    mentioned = [(f"{row.kind}:{row.slug}", "", names[row.answer_id]) for row in cited]
    for answer in answers:
        for address, words in _LINK.findall(answer.body_html):
            url = html.unescape(address)
            title = excerpt(words)
            if not title or "://" in title:
                title = (urlsplit(url).hostname or url).removeprefix("www.")
            mentioned.append((ref_of_address(url) or f"resource:{url}", title, answer.name))
    targets = targets_of(actor, (ref for ref, _words, _name in mentioned))
    seen: set[str] = set()
    for ref, words, name in mentioned:
        target = targets.get(ref)
        key = target.href if target else ref
        if key in seen:
            continue
        seen.add(key)
        note = _("Named by %(name)s.") % {"name": name}
        if target:
            yield {"ref": ref, "note": note}
        elif ref.startswith("resource:"):
            # Not in the library: a step of its own, until somebody adds it there.
            yield {"title": words[:200], "note": f"{note} <{ref.removeprefix('resource:')}>"[:500]}


def summarize(event: GuidePublished) -> None:
    """A question is summarized once the guide that was made of it is there to be read."""
    guide = db.session.get_one(Guide, event.guide_id)
    question = db.session.get(Question, guide.origin_question_id) if guide.origin_question_id else None
    if question is not None and question.status in ("open", "answered"):
        question.status = "summarized"
        db.session.flush()
        catalogue(question)
