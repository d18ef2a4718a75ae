"""A database like one of years of use, made by the actions that people's own posts go through.

Records are judged by the same schemas as forms and files. Everything is drawn from one seed: the same size gives
the same site. The first case and the first question have threads of a known length, and are what is measured.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

import time_machine
from rich.progress import Progress
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from forum.accounts.actions import join, update_profile
from forum.accounts.forms import ProfileShape
from forum.accounts.models import Person
from forum.app import migrate
from forum.case_studies.actions import share_case
from forum.case_studies.forms import CaseShape
from forum.comments.actions import post_comment
from forum.comments.models import Comment
from forum.content.actions import load_foundations
from forum.core.db import db, write
from forum.core.roles import Role
from forum.core.shapes import load
from forum.guides.actions import write_guide
from forum.guides.forms import GuideShape
from forum.places.models import Place
from forum.posts.actions import mark_useful
from forum.posts.models import Post
from forum.questions.actions import answer_question, ask_question
from forum.questions.forms import QuestionShape
from forum.questions.models import Question
from forum.resources.actions import add_resource
from forum.resources.forms import ResourceShape
from forum.topics.queries import domains
from tests.bench.texts import Writer

SEED = 2
# Replies to the first case and to the first question, which are the ones measured.
CASE_THREAD, QUESTION_THREAD = 20, 200
# Actions in one transaction.
BATCH = 300
# When the first post and the last reply are written.
BEGIN, END = datetime(2023, 1, 2, tzinfo=UTC), datetime(2026, 5, 4, tzinfo=UTC)
# Towns that posts are about: enough that their names seldom make the same title.
TOWNS = 600
FIRST = "Ana Ben Cora Dan Eve Finn Gail Hugo Ida Jon Kim Leo Mia Ned Olga Pat Rosa Sam Tess Will".split()
LAST = "Adams Baker Cruz Diaz Evans Ford Gray Hill Iyer Jones King Lopez Moore Nash Ortiz Price".split()


@dataclass(frozen=True)
class Size:
    """How much there is of everything. `replies` are comments and answers together."""

    members: int
    cases: int
    questions: int
    resources: int
    guides: int
    replies: int

    @property
    def posts(self) -> int:
        """Posts of all kinds."""
        return self.cases + self.questions + self.resources + self.guides

    @classmethod
    def scaled(cls, scale: float) -> Size:
        """2,000 posts and 20,000 replies, times `scale`."""
        cases, questions, resources, guides = (max(2, round(n * scale)) for n in (1300, 500, 150, 50))
        replies = max(round(20_000 * scale), CASE_THREAD + QUESTION_THREAD + 20)
        members = max(10, min(round(300 * scale), 3000))
        return cls(members, cases, questions, resources, guides, replies)


def fill(size: Size, progress: Progress) -> dict[str, float]:
    """Fill the current application's database, which may be without tables; kind of thing -> how many a second."""
    migrate()
    load_foundations()
    with time_machine.travel(BEGIN, tick=False) as clock:
        return _Fill(size, progress, clock).run()


def thread_lengths(count: int, total: int) -> list[int]:
    """How `total` replies spread over `count` posts: few long threads, many short ones (Zipf), none above 200."""
    weights = [(n + 4) ** -0.6 for n in range(count)]
    lengths = [min(QUESTION_THREAD, int(total * weight / sum(weights))) for weight in weights]
    for n in range(total - sum(lengths)):
        lengths[n % count] += lengths[n % count] < QUESTION_THREAD
    return lengths


class _Fill:
    """Filling: who is there, and what can be pointed and replied to."""

    def __init__(self, size: Size, progress: Progress, clock: time_machine.Traveller) -> None:
        self.size, self.progress, self.clock = size, progress, clock
        self.step = (END - BEGIN) / (size.posts + size.replies)
        self.chance = Random(SEED)
        towns = select(Place).where(Place.country == "US", Place.population.between(3_000, 90_000))
        self.towns = self.chance.sample(list(db.session.scalars(towns.order_by(Place.id))), TOWNS)
        db.session.expunge_all()  # Else each transaction would read every town again.
        services = [service for domain in domains() for service in domain.services]
        self.writer = Writer(self.chance, self.towns, services)
        self.members: list[Person] = []
        self.curators: list[Person] = []
        self.posts: list[tuple[str, int, str]] = []  # kind, id, slug
        # Post id -> its comments and answers so far.
        self.comments: defaultdict[int, list[int]] = defaultdict(list)
        self.answers: defaultdict[int, list[int]] = defaultdict(list)

    def run(self) -> dict[str, float]:
        """Everything, in the order in which one refers to the other; things a second."""
        size = self.size
        rates = {
            "people": self.add("People", size.members, self.join),
            "cases": self.add("Cases", size.cases, self.share_case),
            "questions": self.add("Questions", size.questions, self.ask_question),
            "resources": self.add("Resources", size.resources, self.add_resource),
            "guides": self.add("Guides", size.guides, self.write_guide),
        }
        threads = self.threads()
        rates["replies"] = self.add("Comments and answers", len(threads), lambda n: self.reply(*threads[n]))
        rates["marks"] = self.add("Useful marks", 2 * size.posts, self.mark)
        return rates

    def add(self, what: str, count: int, act: Callable[[int], object]) -> float:
        """Act so many times, many times in one transaction, while the site's clock goes on; acts a second."""
        task = self.progress.add_task(what, total=count)
        for start in range(0, count, BATCH):
            with write() as session:
                # A write begins by forgetting what was read: all people come back by one statement.
                people = select(Person).options(joinedload(Person.organisation)).order_by(Person.id)
                everybody = list(session.scalars(people))
                self.members = [person for person in everybody if person.role == Role.MEMBER]
                self.curators = [person for person in everybody if person.role == Role.CURATOR]
                for n in range(start, min(start + BATCH, count)):
                    self.clock.shift(self.step)
                    act(n)
                    self.progress.advance(task)
        return count / (self.progress.tasks[task].elapsed or 1)

    def join(self, n: int) -> None:
        town = self.chance.choice(self.towns)
        name = f"{self.chance.choice(FIRST)} {self.chance.choice(LAST)}"
        role = Role.CURATOR if n < 4 else Role.MEMBER
        person = join(name, f"person{n}@example.org", f"{n} a long password", role=role)
        profile = {
            "name": name,
            "job_title": "City manager",
            "organisation": f"City of {town.name}",
            "organisation_kind": "municipality",
            "place_name": town.name,
            "region": town.region,
            "region_code": town.region_code,
            "country": town.country,
            "population": town.population,
        }
        update_profile(person, load(ProfileShape(), profile))

    def member(self) -> Person:
        return self.chance.choice(self.members)

    def share_case(self, _n: int) -> None:
        self.posted(share_case(self.member(), load(CaseShape(), self.writer.case())))

    def ask_question(self, _n: int) -> None:
        self.posted(ask_question(self.member(), load(QuestionShape(), self.writer.question())))

    def add_resource(self, n: int) -> None:
        self.posted(add_resource(self.curators[0], load(ResourceShape(), self.writer.resource(n))))

    def write_guide(self, _n: int) -> None:
        named = [f"{kind}:{slug}" for kind, _id, slug in self.posts if kind in ("case", "question")]
        record = self.writer.guide(self.chance.sample(named, min(8, len(named))))
        author, reviewer = self.curators[:2]
        guide = write_guide(author, load(GuideShape(), record), publish=True, reviewer=reviewer)
        self.posted(guide)

    def posted(self, post: Post) -> None:
        self.posts.append((post.kind, post.id, post.slug))

    def threads(self) -> Sequence[tuple[str, int]]:
        """The (kind, id) of the post of each reply, in the order of time: threads grow side by side."""
        first = {kind: id_ for kind, id_, _slug in reversed(self.posts)}
        known = {first["case"]: CASE_THREAD, first["question"]: QUESTION_THREAD}
        others = [(kind, id_) for kind, id_, _slug in self.posts if id_ not in known]
        self.chance.shuffle(others)
        lengths = thread_lengths(len(others), self.size.replies - sum(known.values()))
        replies = [("case", first["case"])] * CASE_THREAD + [
            ("question", first["question"])
        ] * QUESTION_THREAD
        for post, length in zip(others, lengths, strict=True):
            replies += [post] * length
        self.chance.shuffle(replies)
        return replies

    def reply(self, kind: str, post_id: int) -> None:
        chance, comments, answers = self.chance, self.comments[post_id], self.answers[post_id]
        text = self.writer.reply()
        if kind == "question" and (not answers or chance.random() < 0.4):
            question = db.session.get_one(Question, post_id)
            answer = answer_question(self.member(), question, text, from_experience=chance.random() < 0.3)
            answers.append(answer.id)
            return
        post = db.session.get_one(Post, post_id)
        if comments and chance.random() < 0.3:
            parent = db.session.get_one(Comment, chance.choice(comments))
            comment = post_comment(self.member(), post, text, parent=parent)
        elif answers and chance.random() < 0.5:
            comment = post_comment(self.member(), post, text, answer_id=chance.choice(answers))
        else:
            comment = post_comment(self.member(), post, text)
        comments.append(comment.id)

    def mark(self, n: int) -> None:
        _kind, post_id, _slug = self.posts[n % len(self.posts)]
        post = db.session.get_one(Post, post_id)
        mark_useful(
            self.chance.choice([person for person in self.members if person.id != post.author_id]), post
        )
