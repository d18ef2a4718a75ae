"""Acts of moderators."""

from forum.accounts.models import Person
from forum.core import clock
from forum.core.db import write
from forum.moderation.models import LogEntry


def add_log_entry(actor: Person, act: str = "hide", subject: str = "Some post") -> LogEntry:
    """An entry of the log, without the act."""
    with write() as session:
        entry = LogEntry(
            actor_id=actor.id,
            act=act,
            subject=subject,
            subject_path="/questions/some-post",
            reason="It sells something.",
            created_at=clock.now(),
        )
        session.add(entry)
    return entry
