"""Case studies: the tables (`tables`) and the words that their columns may hold (`vocabularies`)."""

from forum.case_studies.models.tables import (
    CaseStudy,
    Cost,
    Outcome,
    Paper,
    Party,
    Responsibility,
    ScheduleEntry,
    TaskRole,
)

__all__ = ["CaseStudy", "Cost", "Outcome", "Paper", "Party", "Responsibility", "ScheduleEntry", "TaskRole"]
