"""Case studies: the tables (`tables`) and the words that their columns may hold (`vocabularies`)."""

from forum.case_studies.models.tables import (
    CaseOrigin,
    CaseStudy,
    Cost,
    Outcome,
    Paper,
    Party,
    Responsibility,
    ScheduleEntry,
    TaskRole,
)

__all__ = [
    "CaseOrigin",
    "CaseStudy",
    "Cost",
    "Outcome",
    "Paper",
    "Party",
    "Responsibility",
    "ScheduleEntry",
    "TaskRole",
]
