"""Asking, answering, accepting, and what follows from it."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import delete, select, update

from forum.accounts.models import Person
from forum.comments.events import CommentPosted, CommentsCounted
from forum.core import clock, once
from forum.core.db import db, lock, write
from forum.core.errors import EditConflict, Forbidden, Invalid, NotFound
from forum.core.events import publish
from forum.core.i18n import gettext as _
from forum.core.markdown import excerpt
from forum.core.rows import insert_once
from forum.core.text import clean
from forum.freshness import actions as freshness
from forum.posts.actions import (
    Text,
    catalogue,
    check_version,
    plain,
    publish_new,
    rendered,
    save_version,
    set_place,
    set_services,
)
from forum.posts.events import ItemHidden, ItemRestored, MarkedUseful
from forum.posts.models import UsefulMark
from forum.posts.policy import may_edit_post
from forum.posts.queries import current_record
from forum.questions import policy
from forum.questions.events import (
    AnswerAccepted,
    AnswerDeleted,
    AnswerEdited,
    AnswerPosted,
    DecisionTold,
    SameHereSaid,
)
from forum.questions.models import Answer, AnswerCite, Question, SameHere
from forum.questions.queries.answers import ids_of_addresses


def ask_question(actor: Person, record: Mapping[str, Any], *, slug: str = "", key: str = "") -> Question:
    """Publish a question from a record of QuestionShape's fields, once for each `key`. Raises Invalid."""
    text = rendered(record["body"])
    with write() as session:
        if made := once.claim(key):
            return session.get_one(Question, made)
        question = Question(author_id=actor.id, state="visible", services=[])
        _fill(question, record, text)
        publish_new(question, record, slug=slug)
        once.note(key, question.id)
    return question


def edit_question(
    actor: Person, question: Question, record: Mapping[str, Any], opened_at: int | None
) -> Question:
    """Save a new version, unless nothing changed.

    Raises Forbidden, Invalid, and EditConflict with the record that now stands.
    """
    text = rendered(record["body"])
    with write():
        if not may_edit_post(actor, question):
            raise Forbidden(_("Only the asker and curators may change this question."))
        present = current_record(question)
        check_version(question, opened_at)
        if plain(record) != present:
            _fill(question, record, text)
            save_version(question, actor, record)
    return question


def _fill(question: Question, record: Mapping[str, Any], text: Text) -> None:
    """Write a record's fields onto a question."""
    question.title = record["title"]
    text.put_on(question)
    question.summary = excerpt(text.html)
    set_services(question, record.get("services", ()))
    set_place(question, record.get("place", {}))
    question.wants = list(record.get("wants", ()))
    question.stage = record.get("stage")
    question.needed_by = record.get("needed_by")
    question.hide_org = record.get("hide_org", False)
    question.source_url = record.get("source_url", "")


def answer_question(
    actor: Person,
    question: Question,
    body: str,
    *,
    from_experience: bool = False,
    cites: Iterable[str] = (),
    key: str = "",
) -> Answer:
    """Answer, once for each `key`. `cites`: addresses of cases, guides and links of this site.

    Raises Forbidden, Invalid.
    """
    # Many answers stand on one page: what names their footnotes must differ, and the id is not known yet.
    text = rendered(body, scope=secrets.token_hex(4))
    with write() as session:
        if made := once.claim(key):
            return session.get_one(Answer, made)
        if not policy.may_answer(actor, question):
            raise Forbidden(_closed(question))
        answer = Answer(question_id=question.id, author_id=actor.id, from_experience=from_experience)
        text.put_on(answer)
        session.add(answer)
        session.flush()
        _set_cites(actor, answer, cites)
        question.n_answers = Question.n_answers + 1
        question.last_activity_at = clock.now()
        session.flush()
        publish(AnswerPosted(answer.id, question.id))
        once.note(key, answer.id)
    return answer


def edit_answer(
    actor: Person,
    answer: Answer,
    body: str,
    *,
    from_experience: bool,
    cites: Iterable[str],
    opened_at: int | None = None,
) -> None:
    """Change one's own answer. Raises EditConflict, with the body that now stands, when `opened_at` is older."""
    text = rendered(body, scope=f"a{answer.id}")
    with write():
        if not policy.may_edit_answer(actor, answer, answer.question):
            raise Forbidden(_closed(answer.question))
        lock(answer)
        lock(answer)
        if opened_at is not None and opened_at != answer.version:
            raise EditConflict(answer.body, answer.author.name)
        text.put_on(answer)
        answer.from_experience = from_experience
        _set_cites(actor, answer, cites)
        answer.version += 1
        answer.edited_at = clock.now()
        publish(AnswerEdited(answer.id, answer.question_id))


def delete_answer(actor: Person, answer: Answer) -> None:
    """Take one's own answer away: a placeholder stays where it was commented on, else nothing."""
    with write() as session:
        if not policy.may_delete_answer(actor, answer):
            raise Forbidden(_("You can only delete your own answers."))
        question = answer.question
        lock(question)
        answer.state = "deleted"
        answer.body = answer.body_html = ""
        session.execute(delete(AnswerCite).where(AnswerCite.answer_id == answer.id))
        question.n_answers = Question.n_answers - 1
        if question.accepted_answer_id == answer.id:
            _set_accepted(question, None)
        session.flush()
        publish(AnswerDeleted(answer.id, question.id))


def accept_answer(actor: Person, question: Question, answer: Answer) -> None:
    """Say that this is the answer that helped; it takes the place of the one accepted before."""
    with write():
        _require(policy.may_accept(actor, question))
        lock(question)
        if answer.question_id != question.id or answer.state != "visible":
            raise NotFound
        _set_accepted(question, answer.id)


def unaccept_answer(actor: Person, question: Question) -> None:
    """Leave the question without an accepted answer."""
    with write():
        _require(policy.may_accept(actor, question))
        lock(question)
        _set_accepted(question, None)


def _set_accepted(question: Question, answer_id: int | None) -> None:
    if question.accepted_answer_id == answer_id:
        return
    question.accepted_answer_id = answer_id
    # A question that went into a guide, or was closed, stays so.
    if question.status in ("open", "answered"):
        question.status = "answered" if answer_id else "open"
    publish(AnswerAccepted(question.id, answer_id))


def say_same_here(actor: Person, question: Question) -> None:
    """Count this person among those with the same question; a second time changes nothing."""
    with write():
        _require(policy.may_say_same_here(actor, question))
        if insert_once(SameHere, question_id=question.id, person_id=actor.id, created_at=clock.now()):
            question.n_same_here = Question.n_same_here + 1
            publish(SameHereSaid(question.id))


def unsay_same_here(actor: Person, question: Question) -> None:
    """Take that back."""
    with write() as session:
        gone = session.execute(
            delete(SameHere)
            .where(SameHere.question_id == question.id, SameHere.person_id == actor.id)
            .returning(SameHere.person_id)
        ).first()
        if gone:
            question.n_same_here = Question.n_same_here - 1
            publish(SameHereSaid(question.id))


def mark_answer_useful(actor: Person, answer: Answer) -> None:
    """Count this person among those who found it useful; a second time changes nothing."""
    with write():
        if not policy.may_mark_answer(actor, answer):
            raise Forbidden(_("You cannot mark your own answer."))
        if insert_once(UsefulMark, person_id=actor.id, answer_id=answer.id, created_at=clock.now()):
            answer.n_useful = Answer.n_useful + 1
            publish(MarkedUseful(answer.question_id, answer.id))


def unmark_answer_useful(actor: Person, answer: Answer) -> None:
    """Take the mark back."""
    with write() as session:
        gone = session.execute(
            delete(UsefulMark)
            .where(UsefulMark.person_id == actor.id, UsefulMark.answer_id == answer.id)
            .returning(UsefulMark.id)
        ).first()
        if gone:
            answer.n_useful = Answer.n_useful - 1
            publish(MarkedUseful(answer.question_id, answer.id))


def decide(actor: Person, question: Question, decision: str) -> None:
    """Tell what came of it, in plain text; "" takes it back."""
    with write():
        _require(policy.may_decide(actor, question))
        question.decision = clean(decision)
        publish(DecisionTold(question.id))


def refuse_closed_answer(event: CommentPosted) -> None:
    """A comment on an answer needs one that is in sight, of that question. Raises NotFound: nothing is posted."""
    if event.answer_id is None:
        return
    answer = db.session.get(Answer, event.answer_id)
    if answer is None or answer.question_id != event.post_id or answer.state != "visible":
        raise NotFound(_("The answer that you comment on is not there any more."))


def count_comments(event: CommentsCounted) -> None:
    """Keep the number of comments on an answer."""
    if event.answer_id is not None:
        db.session.execute(
            update(Answer)
            .where(Answer.id == event.answer_id)
            .values(n_comments=Answer.n_comments + event.change)
        )


def count_hidden(event: ItemHidden) -> None:
    """A hidden answer is not counted, nor does it stay the accepted one."""
    _count_answer(event, -1)


def count_restored(event: ItemRestored) -> None:
    """A restored answer is counted again."""
    _count_answer(event, 1)


def recatalogue(event: AnswerPosted | AnswerDeleted | AnswerAccepted | SameHereSaid) -> None:
    """Lists show who still waits for an answer, and what many ask."""
    _recatalogue(db.session.get_one(Question, event.question_id))


def keep_fresh(event: AnswerAccepted) -> None:
    """The accepted answer is what others rely on: its author is asked, later, whether it still holds."""
    others = select(Answer.id).where(
        Answer.question_id == event.question_id, Answer.id != (event.answer_id or 0)
    )
    freshness.forget_answers(others)
    if event.answer_id:
        freshness.keep_answer(event.answer_id, db.session.get_one(Answer, event.answer_id).author_id)


def refresh(event: AnswerEdited) -> None:
    """Who changes their answer has looked at it."""
    freshness.refresh_answer(event.answer_id)


def _recatalogue(question: Question) -> None:
    # Counters are raised in SQL: what is written down is what stands there now.
    db.session.flush()
    db.session.refresh(question)
    catalogue(question)


def _count_answer(event: ItemHidden | ItemRestored, change: int) -> None:
    if event.kind == "answer":
        question = db.session.get_one(Answer, event.id).question
        question.n_answers = Question.n_answers + change
        if change < 0 and question.accepted_answer_id == event.id:
            _set_accepted(question, None)
        _recatalogue(question)


def _set_cites(actor: Person, answer: Answer, addresses: Iterable[str]) -> None:
    """Make these what the answer points to. Raises Invalid for an address that leads to nothing they may see."""
    ids = ids_of_addresses(actor, addresses)
    if unknown := [address for address, id_ in ids.items() if id_ is None]:
        raise Invalid(
            {"cites": _("There is no case, guide or link at “%(address)s”.") % {"address": unknown[0][:100]}}
        )
    db.session.execute(delete(AnswerCite).where(AnswerCite.answer_id == answer.id))
    db.session.add_all(AnswerCite(answer_id=answer.id, post_id=id_) for id_ in set(ids.values()))


def _require(allowed: bool) -> None:
    if not allowed:
        raise Forbidden(_("Your account may not do this."))


def _closed(question: Question) -> str:
    if question.locked:
        return _("This thread is locked: nobody can answer any more.")
    return _("Your account may not do this.")
