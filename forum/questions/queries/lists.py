"""Questions in lists, and what is told of each."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from forum.core import clock
from forum.core.format import day
from forum.core.i18n import gettext as _
from forum.core.i18n import ngettext
from forum.places.queries import country_name
from forum.posts import queries as posts
from forum.questions.models import STAGES, Answer, AnswerCite, Question

TABLE = Question.__table__


def _facts(row: Any) -> list[tuple[str, str]]:
    """Where, at what stage, by when; and whether somebody helped already."""
    facts = []
    if place := place_line("" if row.question_hide_org else row.place_name, row.region, row.country):
        facts.append(("map-pin", place))
    if row.question_stage:
        facts.append(("flag", STAGES.label(row.question_stage)))
    if row.question_needed_by and row.question_needed_by >= clock.today():
        facts.append(("calendar", _("Needed by %(day)s") % {"day": day(row.question_needed_by)}))
    if row.question_n_same_here:
        n = row.question_n_same_here
        facts.append(
            ("users", ngettext("%(n)d has the same question", "%(n)d have the same question", n) % {"n": n})
        )
    if row.question_accepted:
        facts.append(("circle-check", _("Answered")))
    return facts


def _count(row: Any) -> tuple[int, str]:
    return row.question_n_answers, ngettext("answer", "answers", row.question_n_answers)


posts.ROW_SOURCES["question"] = posts.RowSource(
    table=TABLE,
    columns=(
        *(
            TABLE.c[name].label(f"question_{name}")
            for name in ("stage", "needed_by", "hide_org", "n_answers", "n_same_here")
        ),
        TABLE.c.accepted_answer_id.label("question_accepted"),
    ),
    facts=_facts,
    count=_count,
)
# Questions whose answers point to a post.
posts.CITING["question"] = lambda post_id: (
    select(Answer.question_id)
    .join(AnswerCite, AnswerCite.answer_id == Answer.id)
    .where(AnswerCite.post_id == post_id, Answer.state == "visible")
)


def place_line(name: str, region: str, country: str) -> str:
    """ "Northfield, Minnesota, US", as far as it is known."""
    if not name and not region:
        return country_name(country)
    return ", ".join(part for part in (name, region if region != name else "", country) if part)
