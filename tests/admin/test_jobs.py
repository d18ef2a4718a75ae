"""What administrators see of the work in the background, and do about it."""

import pytest

from forum.core import jobs
from forum.core.jobs import Hopeless, TryAgain


@pytest.fixture
def done(app):
    """Jobs of the kind "call_home" fail until this list has something in it."""
    before = dict(jobs._handlers), dict(jobs._every)
    done = []

    def call_home(_payload):
        if not done:
            raise Hopeless("Nobody <b>answers</b>.")

    jobs.connect({"call_home": call_home}, {})
    with app.app_context():
        jobs.enqueue("call_home", {"number": 555, "letter": {"secret": "rosebud"}})
        jobs.run_due()
    yield done
    jobs.connect(*before)


def test_what_failed_is_shown_with_its_error_and_without_what_it_carried(done, signed_in):
    text = signed_in("admin").get("/admin/jobs").text
    assert "Call home: 555" in text
    assert "Nobody &lt;b&gt;answers&lt;/b&gt;." in text
    assert "tried 1 time" in text
    assert "rosebud" not in text


def test_what_is_tried_again_by_itself_is_shown_with_its_error(app, done, signed_in):
    def ring(_payload):
        raise TryAgain("The line is busy.")

    jobs.connect({"ring": ring}, {})
    with app.app_context():
        jobs.enqueue("ring", {"number": 777})
        jobs.run_due()
    text = signed_in("admin").get("/admin/jobs").text
    assert "Went wrong, and is tried again" in text
    assert "Ring: 777" in text
    assert "The line is busy." in text
    done.append("ready")


def test_what_failed_can_be_tried_again(app, done, signed_in):
    admin = signed_in("admin")
    done.append("ready")
    answer = admin.submit("/admin/jobs", {}, action="/admin/jobs/1/retry")
    assert answer.status_code == 303
    assert "It will be tried again." in admin.get("/admin/jobs").text
    with app.app_context():
        assert jobs.run_due() == 1
        assert jobs.state().failed == []


def test_what_failed_can_be_given_up(app, done, signed_in):
    admin = signed_in("admin")
    admin.submit("/admin/jobs", {}, action="/admin/jobs/1/drop")
    assert "Nothing has failed." in admin.get("/admin/jobs").text
    with app.app_context():
        assert jobs.run_due() == 0


def test_whether_anybody_works_is_told(app, signed_in, clock):
    admin = signed_in("admin")
    assert "No worker is at work" in admin.get("/admin/jobs").text
    with app.app_context():
        jobs.seen("one", None)
    assert "No worker is at work" not in admin.get("/admin/jobs").text
    clock.shift(600)
    assert "No worker is at work" in admin.get("/admin/jobs").text


def test_only_administrators_are_let_in_and_are_shown_the_way(signed_in):
    assert signed_in("moderator").get("/admin/jobs").status_code == 403
    assert 'href="/admin/jobs"' in signed_in("admin").get("/about").text
    assert 'href="/admin/jobs"' not in signed_in("moderator").get("/about").text
