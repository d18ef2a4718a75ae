"""What the benchmark multiplies is what actions would have made: what they keep is made anew, and compared."""

from collections import Counter

import pytest
from rich.progress import Progress
from sqlalchemy import create_engine, func, select

from forum.app import create_app
from forum.comments.actions import post_comment
from forum.comments.models import Comment
from forum.config import Settings
from forum.core.db import db, engine_options
from forum.core.markdown import render
from forum.posts.models import Catalogued, Post, UsefulMark
from forum.posts.queries.catalogue import catalogue_entry
from forum.questions.models import Answer, Question
from forum.search.actions.index import reindex
from forum.search.models import Entry, Word
from forum.search.queries import read_query, search
from tests.bench.fill import BEGIN, END, Size, fill
from tests.bench.lexicon import WORD, lexicon
from tests.bench.multiply import multiply
from tests.support.people import add_person

SIZE = Size(members=8, cases=2, questions=2, resources=1, guides=1, replies=230)
COPIES = 3


@pytest.fixture(scope="module")
def template(sqlite, tmp_path_factory):
    """The address of what actions made."""
    folder = tmp_path_factory.mktemp("template")
    with sqlite.database(folder) as url:
        app = create_app(Settings(data=folder, database_url=url, mode="test"))
        with app.app_context():
            fill(SIZE, Progress(disable=True))
            db.session.remove()
            db.engine.dispose()
        yield url


@pytest.fixture
def multiplied(template, session):
    engine = create_engine(template, **engine_options(template))
    multiply(engine, COPIES, Progress(disable=True))
    yield session
    engine.dispose()


def test_there_is_so_much_more_and_it_is_counted_right(multiplied):
    assert Counter(multiplied.scalars(select(Post.kind))) == {
        "case": 6,
        "question": 6,
        "resource": 3,
        "guide": 3,
    }
    replies = [multiplied.scalar(select(func.count()).select_from(model)) for model in (Comment, Answer)]
    assert sum(replies) == COPIES * SIZE.replies
    kinds = Counter(multiplied.scalars(select(Entry.kind)))
    of_posts = sum(n for kind, n in kinds.items() if kind not in ("service", "organisation"))
    assert of_posts == COPIES * (SIZE.posts + SIZE.replies)

    marks = Counter(multiplied.scalars(select(UsefulMark.post_id)))
    comments = Counter(multiplied.scalars(select(Comment.post_id).where(Comment.answer_id.is_(None))))
    answers = Counter(multiplied.scalars(select(Answer.question_id)))
    for post in multiplied.scalars(select(Post)):
        assert post.n_useful == marks[post.id] > 0
        assert post.n_comments == comments[post.id]
        if isinstance(post, Question):
            assert post.n_answers == answers[post.id]


def test_threads_hang_together_and_copies_follow_each_other(multiplied):
    for comment in multiplied.scalars(select(Comment)):
        assert comment.path.endswith(f"{comment.id:08x}")
        if comment.parent_id:
            parent = multiplied.get(Comment, comment.parent_id)
            assert (parent.post_id, parent.answer_id) == (comment.post_id, comment.answer_id)
            assert comment.path.startswith(parent.path) or parent.depth == comment.depth
    for model in (Post, Comment, Answer, Entry):
        written = select(model.created_at).where(model.created_at.between(BEGIN, END)).order_by(model.id)
        moments = multiplied.scalars(written).all()
        firsts = [moments[n * len(moments) // COPIES] for n in range(COPIES)]
        assert firsts == sorted(firsts)


def test_catalogue_texts_and_index_are_what_actions_would_have_made(multiplied):
    seqs = set()
    for post in multiplied.scalars(select(Post)):
        noted, entry = multiplied.get(Catalogued, post.id), catalogue_entry(post)
        assert _sorted(noted.facets) == _sorted(entry.facets)
        assert noted.keys == pytest.approx(dict(entry.keys))
        seqs.add(noted.seq)
    assert len(seqs) == COPIES * SIZE.posts

    bodies = set()
    for item in (*multiplied.scalars(select(Post)), *multiplied.scalars(select(Comment))):
        assert item.body_html == (render(item.body) if item.body else "")
        assert not item.body or item.body not in bodies
        bodies.add(item.body)

    before = _index()
    reindex()
    assert _index() == before


def _sorted(facets):
    return {facet: sorted(values) for facet, values in facets.items()}


def _index():
    columns = (
        Entry.kind,
        Entry.post_id,
        Entry.answer_id,
        Entry.comment_id,
        Entry.title,
        Entry.words,
        Entry.body,
    )
    return set(db.session.execute(select(*columns))), set(db.session.scalars(select(Word.word)))


def test_each_post_is_found_by_the_word_of_its_title_and_people_go_on_writing(multiplied):
    for post in multiplied.scalars(select(Post)).all():
        (word,) = (word for word in WORD.findall(post.title) if word in lexicon().title_places)
        assert search(None, read_query(word)).rows[0].post.id == post.id
    last = multiplied.scalar(select(func.max(Comment.id)))
    assert post_comment(add_person(), multiplied.get(Post, 1), "One more.").id == last + 1
