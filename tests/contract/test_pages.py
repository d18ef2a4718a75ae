"""What visitors have read is kept, and never stale: a page follows all that it reads, an action is told of at once."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

import forum
from forum import pages
from forum.accounts import actions as accounts
from forum.accounts.models import Person
from forum.announcements import actions as announcements
from forum.case_studies import actions as cases
from forum.case_studies.forms import CARDS, CaseShape
from forum.comments import actions as comments
from forum.core.db import db, write
from forum.core.roles import Role
from forum.core.shapes import load
from forum.freshness import actions as freshness
from forum.freshness.models import Freshness
from forum.guides import actions as guides
from forum.knowledge import actions as knowledge
from forum.knowledge.forms import WriteUpShape
from forum.links import actions as links
from forum.links.models import Link
from forum.moderation import actions as moderation
from forum.places.models import Place
from forum.posts import actions as posts
from forum.posts.models import Post
from forum.questions import actions as questions
from forum.questions.forms import QuestionShape
from forum.questions.models import Question
from forum.resources import actions as resources
from forum.resources.forms import ResourceShape
from forum.search.actions import curate
from forum.topics import actions as topics
from tests.factories.cases import SERVICES, add_case, add_services, case_record
from tests.factories.comments import add_comment
from tests.factories.digests import add_issue
from tests.factories.guides import add_guide
from tests.factories.places import NORTHFIELD, add_places
from tests.factories.questions import add_answer, add_question, question_record
from tests.factories.resources import add_link, resource_record
from tests.support.crawl import Crawl
from tests.support.people import add_person, sign_in

# Open to visitors and not kept, and why.
NOT_KEPT = {
    "accounts.confirm": "its address is a secret",
    "accounts.forgot": "a form with a token",
    "accounts.join": "a form with a token",
    "accounts.reset": "its address is a secret",
    "accounts.sign_in": "a form with a token",
    "comments.comments_of_post": "leads elsewhere",
    "comments.permalink": "leads elsewhere",
    "places.community": "leads back to where one was",
    "places.suggest": "browsers keep it themselves",
    "digests.confirm": "the page of a secret",
    "questions.answers": "leads elsewhere",
    "questions.comments_of_answer": "leads elsewhere",
    "search.alike": "different with every letter typed",
    "search.suggest": "different with every letter typed",
    "site.health": "asks the database",
    "site.robots": "a constant",
}
SEARCHES = (("search", "search"), ("feed", "search/feed"))
TABLE = re.compile(r"\b(?:FROM|JOIN) (\w+)", re.IGNORECASE)


def test_of_every_table_it_is_known_whether_visitors_see_it() -> None:
    told, unseen = set(pages.RAISES), set(pages.UNSEEN)
    assert told | unseen == {table.name for table in db.metadata.tables.values()}
    assert not told & unseen


def test_every_page_for_visitors_is_kept_or_it_is_said_why_not(crawl: Crawl) -> None:
    open_to_all = {rule.endpoint for rule in crawl.rules("GET") if crawl.needs(rule) is Role.VISITOR}
    assert open_to_all == set(pages.PAGES) | set(NOT_KEPT)
    assert not set(pages.PAGES) & set(NOT_KEPT)


def test_a_page_follows_every_table_that_it_reads(crawl: Crawl) -> None:
    read: set[str] = set()

    def listen(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        read.update(TABLE.findall(statement))

    with crawl.app.app_context():
        event.listen(db.engine, "before_cursor_execute", listen)
        add_places()
        place = db.session.get_one(Place, NORTHFIELD).path
    addresses = {"site.place": place} | {f"search.{page}": f"/{where}?q=center" for page, where in SEARCHES}
    client = crawl.app.test_client()
    seen = set()
    for rule in crawl.rules("GET"):
        if rule.endpoint not in pages.PAGES:
            continue
        read.clear()
        address = addresses.get(rule.endpoint) or crawl.address(rule)
        assert client.get(address).status_code == 200, address
        follows = {*pages.PAGES[rule.endpoint].depends, *pages.FRAME, "post:", "talk:"}
        for table in read & set(pages.RAISES):
            raised = {each.prefix for each in pages.RAISES[table]}
            assert raised & follows, f"{address} reads {table}, which raises only {raised}"
        seen |= read
    # The test reads names out of SQL: were it blind, it would see none of these.
    assert {"post", "comment", "answer", "case_party", "guide_item", "person", "search_entry"} <= seen


# --- For each action, the pages that are another after it


@dataclass
class World:
    """A little of everything, and somebody who did not write it."""

    app: Flask
    author: Person
    reader: Person
    curator: Person
    moderator: Person
    case: Post
    other: Post
    question: Question
    resource: Post
    guide: Post
    answer: Any
    comment: Any

    @property
    def paths(self) -> Mapping[str, str]:
        """Name -> address of each page."""
        case, question = self.case.path, self.question.path
        return {
            "home": "/",
            "useful": "/?sort=useful",
            "cases": "/cases/",
            "cases by use": "/cases/?sort=useful",
            "case": case,
            "other": self.other.path,
            "cases feed": "/cases/feed",
            "questions": "/questions/",
            "question": question,
            "answer": f"{question}/answers/{self.answer.id}",
            "guides": "/guides/",
            "guide": self.guide.path,
            "library": "/library/",
            "digests": "/digests/",
            "digests feed": "/digests/feed",
            "resource": self.resource.path,
            "services": "/services/",
            "service": "/services/community-centers",
            "author": self.author.path,
            "author's answers": f"{self.author.path}?show=answers",
            "organisation": "/organisations/town-of-alder",
            "search": "/search?q=community+center",
            "search for a van": "/search?q=van",
            "search feed": "/search/feed?q=community+center",
        }


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    with app.app_context():
        add_services()
        author, reader, curator = add_person(name="Ana Ruiz"), add_person(), add_person("curator")
        case, other = add_case(author), add_case(author, title="Three counties share a community center van")
        with write():
            author.organisation = case.parties[0].organisation
        question, resource = add_question(author, services=["community-centers"]), add_link(curator)
        yield World(
            app, author, reader, curator, add_person("moderator"), case, other, question, resource,
            add_guide(curator, f"case:{case.slug}", reviewer=add_person("curator")),
            add_answer(author, question), add_comment(author, case),
        )  # fmt: skip


@dataclass(frozen=True)
class Effect:
    """What an action does to the world, and the names of pages that are another for visitors after it."""

    act: Callable[[World], object]
    changes: Sequence[str]


def card(name: str, **fields: Any) -> dict[str, Any]:
    return load(CARDS[name](), fields)


NEW = ("home", "author")
EFFECTS: Mapping[str, Effect] = {
    "announcements.write_announcement": Effect(
        lambda w: announcements.write_announcement(w.curator, {"text": "Dues are lower.", "audience": "all"}),
        ("home", "cases", "case", "question", "guide", "library", "services", "author", "search"),
    ),
    "case_studies.share_case": Effect(
        lambda w: add_case(w.author, title="A newly shared community center"),
        (*NEW, "cases", "cases feed", "services", "service", "organisation", "search", "case"),
    ),
    "case_studies.edit_case": Effect(
        lambda w: cases.edit_case(
            w.author, w.case, load(CaseShape(), case_record(title="Another name for the center")), None
        ),
        ("home", "cases", "guide", "author", "organisation", "service", "search", "other"),
    ),
    "case_studies.save_card": Effect(
        lambda w: cases.save_card(
            w.author, w.case, "story", card("story", story="It began with a roof."), w.case.version
        ),
        ("case",),
    ),
    "comments.post_comment": Effect(lambda w: add_comment(w.reader, w.case, "New words."), ("case",)),
    "comments.edit_comment": Effect(
        lambda w: comments.edit_comment(w.author, w.comment, "Other words.", w.comment.version), ("case",)
    ),
    "comments.delete_comment": Effect(lambda w: comments.delete_comment(w.author, w.comment), ("case",)),
    "questions.ask_question": Effect(
        lambda w: add_question(w.author, title="Who else shares a community center van?"),
        (*NEW, "questions", "search"),
    ),
    "questions.edit_question": Effect(
        lambda w: questions.edit_question(
            w.author,
            w.question,
            load(QuestionShape(), question_record(title="Should calls or residents split a bill?")),
            w.question.version,
        ),
        ("home", "questions", "author", "author's answers"),
    ),
    "questions.answer_question": Effect(
        lambda w: add_answer(w.reader, w.question, "Ours goes by calls."), ("question", "questions", "home")
    ),
    "questions.edit_answer": Effect(
        lambda w: questions.edit_answer(
            w.author, w.answer, "Ours is an average.", from_experience=True, cites=()
        ),
        ("question", "answer", "author's answers"),
    ),
    "questions.delete_answer": Effect(
        lambda w: questions.delete_answer(w.author, w.answer), ("question", "questions", "author's answers")
    ),
    "questions.accept_answer": Effect(
        lambda w: questions.accept_answer(w.author, w.question, w.answer),
        ("question", "questions", "answer", "author's answers"),
    ),
    "questions.say_same_here": Effect(lambda w: questions.say_same_here(w.reader, w.question), ("question",)),
    "questions.mark_answer_useful": Effect(
        lambda w: questions.mark_answer_useful(w.reader, w.answer), ("question", "author's answers")
    ),
    "questions.decide": Effect(
        lambda w: questions.decide(w.author, w.question, "We took the average."), ("question",)
    ),
    "posts.mark_useful": Effect(
        lambda w: posts.mark_useful(w.reader, w.other), ("other", "useful", "cases by use", "cases")
    ),
    "guides.write_guide": Effect(
        lambda w: add_guide(
            w.curator, f"case:{w.other.slug}", reviewer=w.moderator, title="A second guide to read"
        ),
        ("home", "guides"),
    ),
    "guides.take_step": Effect(
        lambda w: guides.take_step(w.curator, w.guide, "archive"), ("home", "guides", "guide")
    ),
    "knowledge.write_up": Effect(
        lambda w: knowledge.write_up(
            w.curator, w.answer, load(WriteUpShape(), case_record(title="Written up from an answer"))
        ),
        (*NEW[:1], "cases", "question", "answer"),
    ),
    "freshness.confirm": Effect(
        lambda w: freshness.confirm(w.curator, Freshness.query.filter_by(post_id=w.case.id).one()),
        ("case",),
    ),
    "resources.add_resource": Effect(
        lambda w: add_link(w.curator, title="A second handbook"), ("home", "library")
    ),
    "resources.edit_resource": Effect(
        lambda w: resources.edit_resource(
            w.curator,
            w.resource,
            load(ResourceShape(), resource_record(title="A renamed handbook")),
            w.resource.version,
        ),
        ("home", "library"),
    ),
    "digests.approve_issue": Effect(
        lambda w: add_issue(w.curator, w.case, approver=w.moderator), ("digests", "digests feed")
    ),
    "links.retire": Effect(
        lambda w: links.retire(w.curator, db.session.query(Link).filter_by(url=w.resource.url).one()),
        ("library", "resource"),
    ),
    "moderation.hide": Effect(
        lambda w: moderation.hide(w.moderator, w.case, "An advertisement."),
        ("home", "cases", "guide", "author", "organisation", "service", "search", "other"),
    ),
    "moderation.lock": Effect(lambda w: moderation.lock(w.moderator, w.case, "It is settled."), ("case",)),
    "moderation.suspend": Effect(
        lambda w: moderation.suspend(w.moderator, w.author, "Advertisements."), ("organisation",)
    ),
    "accounts.update_profile": Effect(
        lambda w: accounts.update_profile(
            w.author, {"name": "Ana Ruiz Vega", "job_title": "Clerk", "organisation": "Town of Alder"}
        ),
        ("home", "cases", "case", "question", "answer", "author", "organisation"),
    ),
    "search.curate.add_synonyms": Effect(
        lambda w: curate.add_synonyms(w.curator, "van, handbook"), ("search for a van",)
    ),
    "topics.load_services": Effect(
        lambda w: topics.load_services(
            [{"description": "", "synonyms": []} | SERVICES[1] | {"name": "Centers"}]
        ),
        ("home", "cases", "case", "services", "service"),
    ),
}
# Actions that are the whole of what another one above does, undo it, or meet no visitor's page; and why.
SILENT = {
    "accounts.check_password": "nobody sees it",
    "accounts.end_sessions": "nobody sees it",
    "accounts.find_or_make_organisation": "is part of update_profile and of sharing a case",
    "accounts.join": "nobody shows people who have done nothing",
    "accounts.set_password": "nobody sees it",
    "accounts.ask_to_confirm": "one's own",
    "accounts.ask_to_reset": "one's own",
    "accounts.confirm_address": "one's own",
    "accounts.forget_tokens": "one's own",
    "accounts.keep_token": "one's own",
    "accounts.reset_password": "one's own",
    "accounts.set_role": "no visitor's page tells roles",
    "announcements.dismiss": "one's own",
    "announcements.edit_announcement": "raises what write_announcement does",
    "announcements.end_announcement": "undoes write_announcement",
    "desk.hand_back": "curators see it",
    "desk.note": "curators see it",
    "desk.put_aside": "curators see it",
    "desk.take_item": "curators see it",
    "content.import_files": "is made of the others",
    "content.publish_first_issue": "is made of the others",
    "digests.discard_issue": "curators see it",
    "digests.save_issue": "curators see it",
    "digests.send_back": "curators see it",
    "digests.send_for_review": "curators see it",
    "digests.start_issue": "curators see it",
    "digests.subscribe": "one's own",
    "digests.unsubscribe": "one's own",
    "freshness.end": "raises what confirm does",
    "freshness.hand_over": "only who may hand it over is told who answers for it",
    "guides.change_guide": "curators see what is proposed; a moderator's change raises what write_guide does",
    "guides.drop_change": "curators see it",
    "guides.edit_guide": "raises what write_guide does",
    "guides.publish_change": "raises what write_guide does",
    "guides.refresh_due": "raises what take_step does",
    "curation.take_paste": "makes drafts, which curators see",
    "links.accept_page": "raises what retire does",
    "links.check_again": "raises what retire does",
    "links.check_links": "asks for work, which raises what retire does",
    "links.record_all": "what everybody sees comes with the first visit",
    "links.set_archive": "raises what retire does",
    "moderation.reinstate": "undoes suspend",
    "moderation.restore": "undoes hide",
    "moderation.unlock": "undoes lock",
    "places.load_gazetteer": "comes with a release, before anything is served",
    "posts.unmark_useful": "undoes mark_useful",
    "questions.unaccept_answer": "undoes accept_answer",
    "questions.unmark_answer_useful": "undoes mark_answer_useful",
    "questions.unsay_same_here": "undoes say_same_here",
    "resources.approve_suggestion": "raises what add_resource does",
    "resources.decline_suggestion": "one's own",
    "resources.publish_resource": "raises what add_resource does",
    "resources.suggest_link": "one's own",
    "search.curate.change_synonyms": "raises what add_synonyms does",
    "search.curate.close_gap": "curators see it",
    "search.curate.load_synonyms": "raises what add_synonyms does",
    "search.curate.note_gap": "curators see it",
    "search.curate.remove_synonyms": "raises what add_synonyms does",
    "search.index.reindex": "makes what was there anew",
    "search.index.tidy": "changes nothing but how quickly it is found",
    "search.saved.forget_search": "one's own",
    "search.saved.look_at": "one's own",
    "search.saved.save_search": "one's own",
}


def actions() -> set[str]:
    """Every public function of a module of actions that begins a write of its own."""
    found = set()
    for module in pkgutil.walk_packages(forum.__path__, "forum."):
        room, _dot, rest = module.name.removeprefix("forum.").partition(".actions")
        if ".actions" in module.name and not module.ispkg:
            for name, function in inspect.getmembers(
                importlib.import_module(module.name), inspect.isfunction
            ):
                own = function.__module__ == module.name and not name.startswith("_")
                if own and "with write()" in inspect.getsource(function):
                    found.add(f"{room}{rest}.{name}")
    return found


def test_every_action_says_which_pages_it_changes_or_why_none() -> None:
    told = set(EFFECTS) | set(SILENT)
    assert actions() - told == set()
    assert set(SILENT) - actions() == set()


TOKEN = re.compile(r'(name="(?:csrf_token|_once)" value=")[^"]+')


@pytest.mark.parametrize("name", EFFECTS)
def test_after_an_action_every_page_is_as_if_nothing_had_been_kept(
    world: World, make_app: Callable[..., Flask], name: str
) -> None:
    effect = EFFECTS[name]
    forgetful = make_app(kept_bytes=0)
    paths = dict(world.paths)

    def look(client: Any) -> dict[str, tuple[int, str]]:
        client.checks = False
        answers = {page: client.get(path) for page, path in paths.items()}
        return {page: (answer.status_code, TOKEN.sub(r"\1", answer.text)) for page, answer in answers.items()}

    visitor = world.app.test_client()
    # Who wrote it, who has a part in some of it, and who has none.
    people = [world.author, world.reader, add_person(name="Somebody Else")]
    members = [sign_in(world.app.test_client(), person) for person in people]
    before = look(visitor)
    assert look(visitor) == before
    for member in members:
        look(member)
    effect.act(world)
    after = look(visitor)
    assert after == look(forgetful.test_client())
    assert {page for page in paths if after[page] != before[page]} >= set(effect.changes)
    for member, person in zip(members, people, strict=True):
        assert look(member) == look(sign_in(forgetful.test_client(), person)), person.name
