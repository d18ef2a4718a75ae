"""What follows from what: every consequence that crosses rooms, at once or later, on this page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from forum.accounts import letters
from forum.accounts.events import OrganisationChanged
from forum.case_studies import ending as cases
from forum.comments import actions as comments
from forum.comments.events import CommentDeleted, CommentEdited, CommentPosted, CommentsCounted
from forum.config import Settings
from forum.core import events, jobs, mail, once
from forum.core.db import tidy_log
from forum.curation import actions as curation
from forum.digests import sending
from forum.freshness import actions as freshness
from forum.freshness import asking
from forum.freshness import letters as freshness_letters
from forum.freshness.events import RecordConfirmed, RecordEnded
from forum.guides import actions as guides
from forum.guides import letters as guide_letters
from forum.guides.events import GuidePublished
from forum.knowledge import actions as knowledge
from forum.knowledge import letters as knowledge_letters
from forum.links import actions as links
from forum.links.events import LinkChecked
from forum.posts import actions as posts
from forum.posts.events import ItemHidden, ItemRestored, PostEdited, PostPublished
from forum.questions import actions as questions
from forum.questions.events import (
    AnswerAccepted,
    AnswerDeleted,
    AnswerEdited,
    AnswerPosted,
    DecisionTold,
    SameHereSaid,
)
from forum.resources import actions as resources
from forum.search.actions import index as search
from forum.topics.events import ServicesChanged

REACTIONS: Mapping[type, Sequence[events.Handler]] = {
    PostPublished: [links.record_links, freshness.post_published, search.post_changed],
    PostEdited: [links.record_links, freshness.post_edited, guides.post_edited, search.post_changed],
    RecordConfirmed: [guides.record_confirmed],
    RecordEnded: [cases.record_ended, guides.record_ended],
    LinkChecked: [resources.follow_link, guides.link_checked],
    GuidePublished: [knowledge.summarize, curation.publish_drafts],
    AnswerPosted: [questions.recatalogue, search.answer_changed],
    AnswerEdited: [questions.refresh, guides.answer_changed, search.answer_changed],
    AnswerDeleted: [questions.recatalogue, guides.answer_changed, search.answer_deleted],
    AnswerAccepted: [questions.recatalogue, questions.keep_fresh],
    SameHereSaid: [questions.recatalogue],
    DecisionTold: [search.decision_told],
    CommentPosted: [questions.refuse_closed_answer, search.comment_posted],
    CommentEdited: [search.comment_changed],
    CommentDeleted: [search.comment_deleted],
    CommentsCounted: [questions.count_comments],
    ItemHidden: [
        posts.recatalogue,
        comments.count_hidden,
        questions.count_hidden,
        guides.item_hidden,
        search.item_hidden,
    ],
    ItemRestored: [
        posts.recatalogue,
        comments.count_restored,
        questions.count_restored,
        search.item_restored,
    ],
    OrganisationChanged: [search.organisation_changed],
    ServicesChanged: [search.services_changed],
}

# Who does which kind of job; the handlers are idempotent.
JOBS: Mapping[str, jobs.Handler] = {
    "ask_credited": knowledge_letters.ask_credited,
    "ask_owners": asking.ask_owners,
    "check_host": links.check_host,
    "check_links": links.check_links,
    "mail": mail.deliver,
    "confirm_address": letters.confirm_address,
    "reset_password": letters.reset_password,
    "password_changed": letters.password_changed,
    "address_changed": letters.address_changed,
    "forget_made": once.forget,
    "prune_jobs": jobs.prune,
    "refresh_guides": guides.refresh_due,
    "tell_author": guide_letters.tell_author,
    "tell_owner": freshness_letters.tell_owner,
    "send_digest": sending.send_issue,
}

# The kinds that run by themselves, and how often.
EVERY: Mapping[str, timedelta] = {
    "ask_owners": timedelta(hours=6),
    "check_links": timedelta(hours=1),
    "forget_made": timedelta(days=1),
    "prune_jobs": timedelta(days=1),
    "refresh_guides": timedelta(hours=6),
}


def connect(settings: Settings) -> None:
    """Put the tables in force."""
    events.connect(REACTIONS)
    jobs.connect(JOBS, EVERY, resting=[mail.hang_up, search.tidy, tidy_log])
    mail.connect(settings)
