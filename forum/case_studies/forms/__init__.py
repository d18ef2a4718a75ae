"""The shape of a case study: the five fields that suffice, the cards that enrich it, and the whole.

`CaseShape` is the whole record, as files hold it and as every save is judged; each card is a part of it with a
form of its own.
"""

from forum.case_studies.forms.cards import CARDS, BasicsCard, CaseShape
from forum.case_studies.forms.rules import named_parties

__all__ = ["CARDS", "BasicsCard", "CaseShape", "named_parties"]
