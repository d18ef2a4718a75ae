"""`make bench` works: a very small site is filled, served and measured. How quick it is, nobody judges here."""

import json
from collections import Counter

from rich.console import Console

from forum.comments.models import Comment
from forum.core.db import db
from forum.posts.models import Post
from forum.questions.models import Answer
from tests.bench import changed, database, writing
from tests.bench.__main__ import main
from tests.bench.fill import CASE_THREAD, QUESTION_THREAD, thread_lengths

TINY = 0.001


def test_a_site_is_filled_once_and_every_page_is_measured(database_url, tmp_path, monkeypatch):
    monkeypatch.setattr(database, "BUILD", tmp_path)
    monkeypatch.setattr(changed, "TURNS", 2)
    monkeypatch.setattr(writing, "SECONDS", 0.1)
    out = tmp_path / "bench.json"
    options = f"--scale {TINY} --rounds 2 --seconds 0.05 --connections 2 --without-quality --servers waitress gunicorn"
    main([*options.split(), "--database", database_url, "--json", str(out)])

    result = json.loads(out.read_text())
    assert [page["path"] for page in result["pages"]][:2] == ["/", "/cases/"]
    assert len(result["pages"]) == 9
    assert sum(page["statements"] for page in result["pages"]) > 0
    groups = Counter(contest["group"] for contest in result["contests"])
    assert groups == {
        "kept, waitress x 1": 27,
        "kept, waitress x 2": 6,
        "kept, gunicorn x 1": 6,
        "kept, gunicorn x 2": 6,
        "made anew": 9,
        "made from nothing": 9,
        "signed in": 9,
        "taking part": 9,
    }
    for contest in result["contests"]:
        assert (contest["bytes"] == 0) is contest["name"].endswith("unchanged")
        for side in ("ours", "limit"):
            assert len(contest["rounds"][side]) == 2
            assert contest[side]["requests_per_second"] > 0

    assert [one["page"] for one in result["changed"]].count("Case") == 2
    assert all(len(one["ours"]) == 2 for one in result["changed"])
    assert result["writing"]["reading"].keys() == {"1", "2"}

    def fill_again(*_):
        raise AssertionError("it was filled before")

    monkeypatch.setattr(database, "fill", fill_again)
    with (
        database.filled(TINY, "sqlite", database_url, Console(quiet=True)) as kept,
        kept.application(),
    ):
        case, question = (
            db.session.query(Post).filter_by(kind=kind).order_by(Post.id).first()
            for kind in ("case", "question")
        )
        assert db.session.query(Comment).filter_by(post_id=case.id).count() == CASE_THREAD == case.n_comments
        answers = db.session.query(Answer).filter_by(question_id=question.id).count()
        comments = db.session.query(Comment).filter_by(post_id=question.id).count()
        assert answers + comments == QUESTION_THREAD


def test_threads_are_as_long_as_in_life_few_long_and_many_short():
    lengths = thread_lengths(2000, 20_000)
    assert sum(lengths) == 20_000
    assert max(lengths) <= QUESTION_THREAD
    assert 5 <= lengths[1000] <= 8  # the median
