"""The form of a case that is written up from an answer."""

from __future__ import annotations

from forum.case_studies.forms import BasicsCard
from forum.case_studies.models import vocabularies as words
from forum.core.shapes import Choice, Lines


class WriteUpShape(BasicsCard):
    """The five fields, and the answer as the story."""

    story = Lines(20_000)
    source_kind = Choice(words.SOURCE_KINDS)
