"""Work for later: written with what causes it, done at least once, tried again, and listed when it failed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from forum.core import clock, jobs
from forum.core.db import db, write
from forum.core.jobs import Hopeless, Job, Later


@pytest.fixture
def done(app):
    """What was done, in order, by jobs of the kinds "note" (notes), "fail" (raises) and "tick" (every hour)."""
    seen = []
    before = dict(jobs._handlers), dict(jobs._every)

    def fail(payload):
        seen.append("tried")
        raise payload_error(payload)

    def payload_error(payload):
        return {"later": Later(timedelta(hours=1)), "hopeless": Hopeless("No such mailbox.")}.get(
            payload.get("how"), RuntimeError("the disk is full")
        )

    jobs.connect(
        {"note": lambda p: seen.append(p.get("text")), "fail": fail, "tick": lambda _p: seen.append("tick")},
        {"tick": timedelta(hours=1)},
    )
    yield seen
    jobs.connect(*before)


def waiting() -> list[Job]:
    db.session.expire_all()
    return list(db.session.scalars(select(Job).where(Job.ended_at.is_(None)).order_by(Job.id)))


def test_a_job_is_done_once_and_what_it_carried_is_forgotten(session, done):
    jobs.enqueue("note", {"text": "a"})
    assert jobs.run_due() == 1
    assert jobs.run_due() == 0
    assert done == ["a"]
    (job,) = session.scalars(select(Job))
    assert (job.payload, job.failed, job.lease) == ({}, False, None)


def test_a_job_goes_with_the_write_that_asks_for_it(session, done):
    def undone():
        with write():
            jobs.enqueue("note", {"text": "never"})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        undone()
    assert jobs.run_due() == 0


def test_nobody_asks_for_a_kind_that_nobody_does(session, done):
    with pytest.raises(ValueError, match="no handler"):
        jobs.enqueue("sing")


def test_jobs_are_done_in_the_order_in_which_they_are_due(session, done, clock):
    now = jobs.clock.now()
    jobs.enqueue("note", {"text": "second"}, run_at=now + timedelta(minutes=2))
    jobs.enqueue("note", {"text": "first"}, run_at=now + timedelta(minutes=1))
    assert jobs.run_due() == 0
    clock.shift(timedelta(minutes=3))
    assert jobs.run_due() == 2
    assert done == ["first", "second"]


def test_one_that_waits_is_not_added_twice_and_runs_at_the_earlier_moment(session, done):
    jobs.enqueue("note", {"text": "old"}, key="k", run_at=clock.now() + timedelta(days=1))
    jobs.enqueue("note", {"text": "new"}, key="k")
    jobs.enqueue("note", {"text": "other"}, key="other")
    jobs.enqueue("note", {"text": "new"}, key="k", run_at=clock.now() + timedelta(days=1))
    assert jobs.run_due() == 2
    assert sorted(done) == ["new", "other"]


def test_one_that_is_asked_for_while_it_runs_runs_once_more(session, done):
    jobs.enqueue("note", {"text": "old"}, key="k")
    taken = jobs.claim()
    jobs.enqueue("note", {"text": "new"}, key="k")
    jobs.enqueue("note", {"text": "new"}, key="k", run_at=clock.now() + timedelta(days=1))
    jobs.perform(taken)
    assert jobs.run_due() == 1
    assert done == ["old", "new"]


def test_one_may_ask_for_itself_later_without_running_at_once(session, done, clock):
    jobs.enqueue("note", {"text": "look"}, key="k")
    taken = jobs.claim()
    jobs.enqueue("note", {"text": "look"}, key="k", run_at=jobs.clock.now() + timedelta(days=7))
    jobs.perform(taken)
    assert jobs.run_due() == 0
    clock.shift(timedelta(days=7))
    assert jobs.run_due() == 1


def test_what_fails_is_tried_again_after_growing_pauses_and_then_listed(session, done, clock):
    jobs.enqueue("fail", {"what": "x"}, key="k")
    pauses = []
    while waiting():
        assert jobs.run_due() == 1
        for job in waiting():
            pauses.append(job.run_at - jobs.clock.now())
            clock.move_to(job.run_at)
    assert len(done) == jobs.MOST
    assert pauses == sorted(pauses)
    assert pauses[0] == timedelta(seconds=30)
    assert timedelta(days=1) < sum(pauses, timedelta()) < timedelta(days=2)
    (failed,) = jobs.state().failed
    assert (failed.error, failed.attempts, failed.about) == ("RuntimeError: the disk is full", jobs.MOST, "x")


def test_what_is_hopeless_is_not_tried_again_unless_an_administrator_says_so(session, done):
    jobs.enqueue("fail", {"how": "hopeless"})
    assert jobs.run_due() == 1
    (failed,) = jobs.state().failed
    assert failed.error == "No such mailbox."
    first = failed.id
    assert jobs.retry(first)
    assert not jobs.retry(first)
    assert jobs.run_due() == 1
    second = jobs.state().failed[0].id
    assert jobs.drop(second)
    assert not jobs.drop(second)
    assert jobs.state().failed == []


def test_what_is_put_off_has_not_failed(session, done, clock):
    jobs.enqueue("fail", {"how": "later"})
    for _ in range(jobs.MOST + 2):
        assert jobs.run_due() == 1
        clock.shift(timedelta(hours=1))
    (job,) = waiting()
    assert (job.attempts, job.error) == (0, "")


def test_a_job_is_taken_again_when_its_lease_has_run_out_and_the_first_worker_has_no_say(
    session, done, clock
):
    jobs.enqueue("note", {"text": "a"})
    dead = jobs.claim()
    assert jobs.claim() is None
    clock.shift(jobs.LEASE + timedelta(seconds=1))
    alive = jobs.claim()
    assert alive.attempts == 2
    jobs.perform(dead)  # it was only slow: the effect happens, its word no longer counts
    assert len(waiting()) == 1
    jobs.perform(alive)
    assert waiting() == []


def test_a_job_that_kills_every_worker_is_set_aside(session, done, clock):
    jobs.enqueue("note", {"text": "poison"})
    for _ in range(jobs.MOST):
        assert jobs.claim()
        clock.shift(jobs.LEASE + timedelta(seconds=1))
    assert jobs.run_due() == 1
    assert done == []
    assert len(jobs.state().failed) == 1


def test_periodic_work_runs_once_a_period_however_many_workers_there_are(session, done, clock):
    for _ in range(3):
        jobs.schedule()
        jobs.schedule()
        assert jobs.run_due() == 1
        assert jobs.run_due() == 0
        clock.shift(timedelta(hours=1))
    assert done == ["tick"] * 3
    assert len(list(session.scalars(select(Job)))) == 1


def test_periodic_work_goes_on_after_it_failed_for_good_and_after_the_clock_was_set_back(
    session, done, clock
):
    jobs.schedule()
    jobs.connect(jobs._handlers | {"tick": jobs._handlers["fail"]}, dict(jobs._every))
    while job := next(iter(waiting()), None):
        clock.move_to(max(job.run_at, jobs.clock.now()))
        jobs.run_due()
    jobs.schedule()
    jobs.connect(jobs._handlers | {"tick": lambda _p: done.append("tick")}, dict(jobs._every))
    clock.shift(timedelta(minutes=61))
    assert jobs.run_due() == 1
    clock.shift(-timedelta(days=30))
    jobs.schedule()
    clock.shift(timedelta(minutes=61))
    assert jobs.run_due() == 1
    assert done[-2:] == ["tick", "tick"]
    assert len(jobs.state().failed) == 1


def test_what_was_done_is_forgotten_after_a_while_what_failed_is_not(session, done, clock):
    jobs.enqueue("note", {"text": "a"})
    jobs.enqueue("fail", {"how": "hopeless"})
    jobs.run_due()
    clock.shift(jobs.KEPT + timedelta(minutes=1))
    jobs.prune({})
    (left,) = session.scalars(select(Job))
    assert left.failed


def test_how_the_work_stands(session, done, clock):
    jobs.enqueue("note", {"text": "a"})
    began = jobs.clock.now()
    jobs.enqueue("note", {"text": "b"}, run_at=began + timedelta(days=1))
    clock.shift(timedelta(minutes=5))
    state = jobs.state()
    assert (state.waiting, state.due, state.oldest, state.seen_at) == (2, 1, began, None)


def test_asked_for_by_many_at_once_it_is_one_job_and_is_taken_once(app, session, done):
    def ask() -> None:
        with app.app_context():
            for n in range(10):
                jobs.enqueue("note", {"text": n}, key=f"key {n}")

    def work() -> None:
        with app.app_context():
            while taken := jobs.claim():
                jobs.perform(taken)

    for task in (ask, work):
        with ThreadPoolExecutor(6) as pool:
            for running in [pool.submit(task) for _ in range(6)]:
                running.result()
    assert sorted(done) == list(range(10))
