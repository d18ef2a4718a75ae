"""Which pages of visitors are kept, and what each depends on; and which row tells of which change.

Both on this page, so that they can be read side by side. A page that is not here is not kept. Beside the names in its
line, a page depends on each post that it shows (`post:7`), which the queries note while they read. A test visits every
page here and fails when it reads a table that raises nothing of what the page depends on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from forum.core.changes import Raises

# A post in its list, in a link or among others: which there are, what they are called and filtered by.
POSTS = "posts"
# The numbers that posts are sorted by, where those are counted: useful marks, costs.
ORDERS = "orders"
# Names and pages of people and of the bodies that they work for.
PEOPLE = "people"
SERVICES = "services"
PLACES = "places"
# Every word that can be searched for, and the synonyms.
WORDS = "words"
# What waits for curators.
DESK = "desk"
# What stands around every page; its query notes it.
FRAME = ("announcements",)
DIGESTS = "digests"


def _of_post(column: str) -> Raises:
    return Raises("post:", f"{{row}}.{column}")


# table -> what a change of one of its rows raises.
RAISES: Mapping[str, Sequence[Raises]] = {
    "post": [
        _of_post("id"),
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
    "case_origin": [_of_post("case_id"), _of_post("question_id")],
    "case_paper": [_of_post("case_id")],
    "case_responsibility": [_of_post("case_id")],
    "case_schedule": [_of_post("case_id")],
    "case_task_role": [
        Raises("post:", "(SELECT case_id FROM case_responsibility WHERE id = {row}.responsibility_id)")
    ],
    "question": [_of_post("post_id"), Raises(POSTS, columns=("status", "n_answers", "hide_org"))],
    "answer": [_of_post("question_id"), Raises(POSTS, columns=("state",))],
    "answer_cite": [
        Raises("post:", "(SELECT question_id FROM answer WHERE id = {row}.answer_id)"),
        _of_post("post_id"),
    ],
    "same_here": [_of_post("question_id")],
    "comment": [_of_post("post_id")],
    "freshness": [
        _of_post("post_id"),
        Raises("post:", "(SELECT question_id FROM answer WHERE id = {row}.answer_id)"),
    ],
    "guide": [_of_post("post_id"), Raises(POSTS, columns=("guide_state",))],
    "guide_item": [_of_post("guide_id"), _of_post("post_id")],
    "resource": [_of_post("post_id")],
    # Its stamp is raised with what readers see of the row in `link`.
    "link_use": [_of_post("post_id")],
    "person": [
        Raises(PEOPLE, columns="slug name role job_title organisation_id bio suspended_at".split()),
    ],
    "organisation": [Raises(PEOPLE)],
    "service": [Raises(SERVICES)],
    "service_synonym": [Raises(SERVICES)],
    "place": [Raises(PLACES)],
    "digest": [Raises(DIGESTS)],
    "digest_item": [Raises(DIGESTS)],
    "announcement": [Raises(*FRAME)],
    "search_entry": [Raises(WORDS)],
    # No visitor sees these; the number on the desk is counted anew after them.
    "desk_item": [Raises(DESK)],
    "link_suggestion": [Raises(DESK), _of_post("resource_id")],
    "search_synonym": [Raises(WORDS)],
}
# Tables whose rows no visitor's page shows: a person's own, what moderators and workers see, what the others are
# made of.
UNSEEN = {
    "announcement_dismissal", "attempts", "change", "desk_note", "digest_delivery", "digest_domain",
    "digest_subscription", "gazetteer", "guide_step", "job", "link", "link_check", "link_host", "mailed_token",
    "moderation_log", "posted", "revision", "saved_search", "search_gap", "search_word", "stamp",
    "useful_mark", "worker_seen",
}  # fmt: skip


@dataclass(frozen=True)
class Page:
    """A page that is kept: what it depends on, and the arguments of its address that it reads.

    Those of a list need not be said: `web.lists.list_address` tells them. An address with others is not kept, so that
    nobody can push all pages out with made-up ones.
    """

    depends: Sequence[str]
    args: Sequence[str] = ()


LIST = Page((POSTS, ORDERS, PEOPLE, SERVICES, PLACES))
THREAD = Page((POSTS, PEOPLE, SERVICES, PLACES), ("comments",))
# endpoint -> page
PAGES: Mapping[str, Page] = {
    "site.home": LIST,
    "site.about": Page(()),
    "site.all_services": Page((POSTS, SERVICES)),
    "site.service": LIST,
    "site.person": LIST,
    "site.organisation": LIST,
    "site.place": LIST,
    "case_studies.index": LIST,
    "case_studies.show": THREAD,
    "case_studies.feed": LIST,
    "questions.index": LIST,
    "questions.show": Page(THREAD.depends, ("comments", "answers", "sort")),
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
