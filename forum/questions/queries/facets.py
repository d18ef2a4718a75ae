"""What questions are filtered and sorted by."""

from __future__ import annotations

from forum.core.catalogue import Entry
from forum.core.i18n import mark
from forum.core.vocabulary import Vocabulary
from forum.posts.queries.catalogue import (
    FACET_SOURCES,
    SPINE_ORDERS,
    Facet,
    FacetSource,
    place_facet,
    service_facet,
)
from forum.questions.models import STAGES, WANTS, Question

STATUSES = Vocabulary.of(unanswered="No answer yet", open="None accepted yet", answered="An accepted answer")


def entry(question: Question) -> Entry:
    """A question for the catalogue."""
    status = ["answered"] if question.accepted_answer_id else ["open"]
    if not question.n_answers:
        status.append("unanswered")
    return Entry(
        {"status": status, "wants": question.wants, "stage": [question.stage] if question.stage else []},
        {"answers": question.n_answers, "same": question.n_same_here},
    )


FACET_SOURCES["question"] = FacetSource(
    (
        service_facet(),
        Facet("status", mark("Answers"), STATUSES.label, STATUSES.keys),
        Facet("wants", mark("What would help"), WANTS.label),
        Facet("stage", mark("Stage"), STAGES.label, STAGES.keys),
        place_facet(),
    ),
    SPINE_ORDERS | {"same": mark("Most asked for"), "answers": mark("Most answers")},
    entry,
)
