"""The page of a question, and the page of one answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from sqlalchemy.orm import joinedload

from forum.accounts.models import Person
from forum.accounts.queries import PersonRef
from forum.comments.queries import Thread, thread
from forum.core import clock
from forum.core.changes import kept, note
from forum.core.db import db
from forum.core.errors import Moved
from forum.core.format import day, number
from forum.core.i18n import gettext as _
from forum.core.i18n import ngettext
from forum.core.listing import Listing
from forum.posts import queries as posts
from forum.posts.policy import may_curate, may_edit_post, may_mark_useful, may_see_organisation
from forum.posts.queries import PostLink
from forum.questions import policy
from forum.questions.models import STAGES, WANTS, Question, SameHere
from forum.questions.queries.answers import AnswerRow, answers, one_answer
from forum.questions.queries.lists import place_line
from forum.topics.models import SERVICES
from forum.topics.queries import ServiceRef

WITH_ASKER = joinedload(Question.author).joinedload(Person.organisation)


@dataclass(frozen=True)
class QuestionPage:
    """One question with a page of its answers, and the comments on the question itself."""

    post: Question
    asker: PersonRef
    services: tuple[ServiceRef, ...]
    # Label and words: where the asker works, how far they are, by when they must know.
    facts: tuple[tuple[str, str], ...]
    wants: tuple[str, ...]
    source_host: str
    answers: Listing[AnswerRow]
    comments: Thread
    same_here: bool
    marked: bool
    may_edit: bool
    may_answer: bool
    may_say_same_here: bool
    may_mark: bool
    may_decide: bool
    # Guides that were made of the thread; a curator may make one where there is none.
    summaries: tuple[PostLink, ...]
    may_summarize: bool


@dataclass(frozen=True)
class AnswerPage:
    """One answer with all the comments on it."""

    post: Question
    answer: AnswerRow
    comments: Thread


def question_page(
    actor: Person | None, slug: str, *, answers_after: str | None = None, comments_after: str | None = None
) -> QuestionPage:
    """One question. At most eleven statements, whatever is on it.

    Raises Moved for a former slug, NotFound for what is not there or not theirs to see.
    """
    question, asker = posts.read(Question, "question", slug, actor)
    named = may_see_organisation(actor, question)
    made = posts.made_from(actor, question.id)
    summaries = tuple(one.link for one in made if one.answer_id is None)
    return QuestionPage(
        post=question,
        asker=asker if named else asker.discreet(),
        services=kept(("services of", question.id), lambda: _services(question.id)),
        facts=_facts(question, named),
        wants=tuple(WANTS.label(key) for key in question.wants),
        source_host=(urlsplit(question.source_url).hostname or "").removeprefix("www."),
        answers=answers(actor, question, answers_after, made),
        comments=thread(actor, question, after=comments_after),
        same_here=_said_same(actor, question),
        marked=posts.marked_by(actor, question.id),
        may_edit=may_edit_post(actor, question),
        may_answer=policy.may_answer(actor, question),
        may_say_same_here=policy.may_say_same_here(actor, question),
        may_mark=may_mark_useful(actor, question),
        may_decide=policy.may_decide(actor, question),
        summaries=summaries,
        may_summarize=may_curate(actor) and question.state == "visible" and not summaries,
    )


def _services(question_id: int) -> tuple[ServiceRef, ...]:
    note(f"post:{question_id}", SERVICES)
    return posts.services_of([question_id]).get(question_id, ())


def _facts(question: Question, named: bool) -> tuple[tuple[str, str], ...]:
    facts = [
        (_("Place"), place_line(question.place_name if named else "", question.region, question.country)),
        (_("Residents"), number(question.place_population) if named and question.place_population else ""),
        (_("Stage"), STAGES.label(question.stage)),
        (_("Needed by"), _by_when(question.needed_by) if question.needed_by else ""),
    ]
    return tuple((label, words) for label, words in facts if words)


def _by_when(needed_by: date) -> str:
    """The day, and how far off it is."""
    left = (needed_by - clock.today()).days
    if left < 0:
        return day(needed_by)
    if left == 0:
        return _("%(day)s (today)") % {"day": day(needed_by)}
    sentence = ngettext("%(day)s (in %(n)d day)", "%(day)s (in %(n)d days)", left)
    return sentence % {"day": day(needed_by), "n": left}


def answer_page(
    actor: Person | None, slug: str, answer_id: int, comments_after: str | None = None
) -> AnswerPage:
    """One answer. Raises as `question_page` does; the answer's address follows when the question is renamed."""
    try:
        question, _asker = posts.read(Question, "question", slug, actor)
    except Moved as moved:
        raise Moved(f"{moved.path}/answers/{answer_id}") from None
    return AnswerPage(
        question,
        one_answer(actor, question, answer_id),
        thread(actor, question, answer_id=answer_id, after=comments_after),
    )


def by_slug(slug: str, actor: Person | None, *, follow: bool = False) -> Question:
    """One question with its asker. Raises Moved, NotFound.

    `follow` finds it under a former slug too: a form may have been opened before the question was renamed.
    """
    try:
        return posts.by_slug(Question, "question", slug, actor, WITH_ASKER)
    except Moved as moved:
        if not follow:
            raise
        return posts.by_slug(Question, "question", moved.path.rpartition("/")[2], actor, WITH_ASKER)


def _said_same(actor: Person | None, question: Question) -> bool:
    if actor is None:
        return False
    return db.session.get(SameHere, (question.id, actor.id)) is not None
