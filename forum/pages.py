"""Which pages of visitors are kept, and what each depends on; and which row tells of which change.

Both on this page, so that they can be read side by side. A page that is not here is not kept. Beside the names in its
line, a page depends on each post that it shows (`post:7`), which the queries note while they read. A test visits every
page here and fails when it reads a table that raises nothing of what the page depends on.

Members get the page of a member who has no part in anything, unless they have one in what it shows: `own` tells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import text

from forum.accounts.models import PEOPLE
from forum.core.db import db
from forum.core.triggers import Raises
from forum.places.models import PLACES
from forum.posts.models import COUNTED, ORDERS, POSTS, Post
from forum.search.models import WORDS
from forum.topics.models import SERVICES

# What waits for curators.
DESK = "desk"
# What stands around every page; its query notes it.
FRAME = ("announcements",)
DIGESTS = "digests"


def _talk_of(column: str, *columns: str) -> Raises:
    """What others say to a post, and how many find it useful."""
    return Raises("talk:", f"{{row}}.{column}", columns)


def _of_post(column: str) -> Raises:
    return Raises("post:", f"{{row}}.{column}")


def _of_person(column: str, *columns: str) -> Raises:
    """What a page shows to this person alone may be another."""
    return Raises("person:", f"{{row}}.{column}", columns)


# table -> what a change of one of its rows raises.
RAISES: Mapping[str, Sequence[Raises]] = {
    "post": [
        Raises(
            "post:",
            "{row}.id",
            [column.key for column in Post.__table__.columns if column.key not in COUNTED],
        ),
        _talk_of("id", *COUNTED),
        _of_person("author_id", "author_id", "state"),
        Raises(
            POSTS,
            columns=(
                "slug title summary state author_id locked_at place_name place_id region region_code country "
                "place_population"
            ).split(),
        ),
    ],
    "catalogued": [Raises(POSTS, columns=("facets", "visible")), Raises(ORDERS, columns=("keys",))],
    "former_slug": [Raises(POSTS)],
    "post_service": [_of_post("post_id")],
    "case_study": [_of_post("post_id")],
    "case_party": [_of_post("case_id"), Raises(POSTS)],
    "case_cost": [_of_post("case_id")],
    "case_outcome": [_of_post("case_id")],
    "case_origin": [_of_post("case_id"), _of_post("question_id"), _of_person("credited_id")],
    "case_paper": [_of_post("case_id")],
    "case_responsibility": [_of_post("case_id")],
    "case_schedule": [_of_post("case_id")],
    "case_task_role": [
        Raises("post:", "(SELECT case_id FROM case_responsibility WHERE id = {row}.responsibility_id)")
    ],
    "question": [
        _of_post("post_id"),
        Raises(POSTS, columns=("status", "n_answers", "hide_org", "needed_by")),
    ],
    "answer": [
        _of_post("question_id"),
        _of_person("author_id", "author_id"),
        Raises(POSTS, columns=("state",)),
    ],
    "answer_cite": [
        Raises("post:", "(SELECT question_id FROM answer WHERE id = {row}.answer_id)"),
        _of_post("post_id"),
    ],
    "same_here": [_of_post("question_id"), _of_person("person_id")],
    "useful_mark": [_of_person("person_id")],
    "comment": [_talk_of("post_id"), _of_person("author_id", "author_id")],
    "freshness": [
        _of_post("post_id"),
        _of_person("owner_id", "owner_id"),
        Raises("post:", "(SELECT question_id FROM answer WHERE id = {row}.answer_id)"),
        # What is stale stands behind in searches.
        Raises(WORDS, columns=("review_by", "ended_on")),
    ],
    "guide": [_of_post("post_id"), Raises(POSTS, columns=("guide_state",))],
    "guide_item": [_of_post("guide_id"), _of_post("post_id")],
    "resource": [_of_post("post_id")],
    # Its stamp is raised with what readers see of the row in `link`.
    "link_use": [_of_post("post_id")],
    "person": [
        Raises(PEOPLE, columns="slug name role job_title organisation_id bio suspended_at".split()),
        _of_person("id"),
    ],
    "organisation": [Raises(PEOPLE)],
    "service": [Raises(SERVICES)],
    "service_synonym": [Raises(SERVICES)],
    "place": [Raises(PLACES)],
    "digest": [Raises(DIGESTS)],
    "digest_item": [Raises(DIGESTS)],
    "announcement": [Raises(*FRAME)],
    "announcement_dismissal": [_of_person("person_id")],
    "search_entry": [Raises(WORDS)],
    # No visitor sees these; the number on the desk is counted anew after them.
    "desk_item": [Raises(DESK)],
    "guide_proposal": [Raises(DESK)],
    "link_suggestion": [Raises(DESK), _of_post("resource_id")],
    "search_synonym": [Raises(WORDS)],
}
# Tables whose rows no visitor's page shows: a person's own, what moderators and workers see, what the others are
# made of.
UNSEEN = {
    "attempts", "change", "desk_note", "digest_delivery", "digest_domain",
    "digest_subscription", "gazetteer", "guide_step", "handover", "job", "link", "link_check", "link_host", "made",
    "mailed_token", "moderation_log", "posted", "revision", "saved_search", "search_gap", "search_word", "stamp",
    "worker_seen",
}  # fmt: skip


@dataclass(frozen=True)
class Page:
    """A page that is kept: what it depends on, and the arguments of its address that it reads.

    Those of a list need not be said: `web.lists.list_address` tells them. An address with others is not kept, so that
    nobody can push all pages out with made-up ones.
    """

    depends: Sequence[str]
    args: Sequence[str] = ()
    # Whether it is kept for members too: `web/memberpages.py`.
    members: bool = True
    # Whether it shows more to who has a part in the posts on it: their author may edit them, say. Lists do not.
    is_record: bool = False


LIST = Page((POSTS, ORDERS, PEOPLE, SERVICES, PLACES))
THREAD = Page((POSTS, PEOPLE, SERVICES, PLACES), ("comments",), is_record=True)
# endpoint -> page
PAGES: Mapping[str, Page] = {
    "site.home": LIST,
    "site.about": Page(()),
    "site.all_services": Page((POSTS, SERVICES)),
    "site.service": LIST,
    "site.person": Page(LIST.depends, members=False),
    "site.organisation": LIST,
    "site.place": LIST,
    "case_studies.index": LIST,
    "case_studies.show": THREAD,
    "case_studies.feed": LIST,
    "questions.index": LIST,
    "questions.show": Page(THREAD.depends, ("comments", "answers", "sort"), is_record=True),
    "questions.show_answer": THREAD,
    "questions.feed": LIST,
    "guides.index": LIST,
    "guides.show": THREAD,
    "guides.feed": LIST,
    "resources.index": LIST,
    "resources.show": THREAD,
    "resources.feed": LIST,
    "digests.index": Page((DIGESTS, PEOPLE)),
    "digests.feed": Page((DIGESTS, PEOPLE)),
    "digests.show": Page((DIGESTS, POSTS, PEOPLE, SERVICES, PLACES)),
    "search.search": Page((POSTS, ORDERS, PEOPLE, SERVICES, PLACES, WORDS)),
    "search.feed": Page((POSTS, ORDERS, PEOPLE, SERVICES, PLACES, WORDS)),
}


# --- What is a member's own

# Posts on whose pages this person sees something else than other members do: may edit it, has marked it, is asked.
_OWN = text("""
    SELECT id FROM post WHERE author_id = :person
    UNION SELECT post_id FROM comment WHERE author_id = :person
    UNION SELECT question_id FROM answer WHERE author_id = :person
    UNION SELECT post_id FROM useful_mark WHERE person_id = :person AND post_id IS NOT NULL
    UNION SELECT question_id FROM useful_mark JOIN answer ON answer.id = useful_mark.answer_id WHERE person_id = :person
    UNION SELECT question_id FROM same_here WHERE person_id = :person
    UNION SELECT coalesce(freshness.post_id, answer.question_id)
        FROM freshness LEFT JOIN answer ON answer.id = freshness.answer_id WHERE owner_id = :person
    UNION SELECT case_id FROM case_origin WHERE credited_id = :person
""")
_PUT_AWAY = text("SELECT announcement_id FROM announcement_dismissal WHERE person_id = :person")
_UNSEEN = text("SELECT 1 FROM post WHERE author_id = :person AND state <> 'visible' LIMIT 1")


def own(person_id: int) -> frozenset[str]:
    """The names of what a member has a part in. Three statements."""
    person = {"person": person_id}
    names = {f"post:{id_}" for id_ in db.session.scalars(_OWN, person)}
    names |= {f"announcement:{id_}" for id_ in db.session.scalars(_PUT_AWAY, person)}
    if db.session.scalar(_UNSEEN, person):
        names.add(POSTS)  # they see it among the others
    return frozenset(names)
