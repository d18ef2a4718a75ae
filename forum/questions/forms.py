"""The shape of input about questions."""

from __future__ import annotations

from forum.core.i18n import mark
from forum.core.shapes import Choice, Choices, Day, Flag, Group, Line, Lines, Shape, WebAddress
from forum.places.forms import PlaceShape
from forum.questions.models import STAGES, WANTS

LONGEST_ANSWER = 6000
LONGEST_DECISION = 600


class QuestionShape(Shape):
    """A question as people ask it and as files hold it. `place` is where the asker works."""

    title = Line(160, low=15, missing=mark("Write your question in one sentence."))
    body = Lines(
        4000, low=40, missing=mark("Say more: your situation, what you have tried, what you must decide.")
    )
    services = Choices(most=3)
    wants = Choices(WANTS)
    stage = Choice(STAGES)
    needed_by = Day()
    place = Group(PlaceShape)
    hide_org = Flag()
    source_url = WebAddress()


class AnswerShape(Shape):
    """An answer. `cites`: addresses of cases, guides and links of this site, one a line."""

    body = Lines(LONGEST_ANSWER, low=2, missing=mark("Write your answer first."))
    from_experience = Flag()
    cites = Lines(2000)


class DecisionShape(Shape):
    """What the asker decided in the end; blank takes it back."""

    decision = Lines(LONGEST_DECISION)
