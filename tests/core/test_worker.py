"""A worker, as a process: it does what waits, ends well, and loses nothing when it is killed."""

import signal
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from forum.core import clock, jobs, worker
from forum.core.db import db, write
from forum.core.jobs import Job
from forum.core.worker import Worker
from tests.support.worker import mark, wait_until, working

JOBS = 60


@pytest.fixture
def marks(app, tmp_path) -> Path:
    """The file in which jobs of the kind "mark" leave their number. JOBS of them wait."""
    before = dict(jobs._handlers), dict(jobs._every)
    jobs.connect(before[0] | {"mark": mark}, before[1])
    file = tmp_path / "marks"
    file.touch()
    with app.app_context(), write():
        for n in range(JOBS):
            jobs.enqueue("mark", {"n": n, "file": str(file)})
    yield file
    jobs.connect(*before)


def marked(file: Path) -> list[int]:
    return [int(line) for line in file.read_text().split()]


def let_leases_run_out() -> None:
    with write() as session:
        session.execute(update(Job).where(Job.lease.is_not(None)).values(run_at=clock.now()))


def test_killed_again_and_again_a_worker_loses_nothing(session, marks, tmp_path, database_url):
    kills = (1, 7, 20, 21, 45)
    for reached in kills:
        with working(tmp_path, database_url) as process:
            wait_until(lambda reached=reached: len(marked(marks)) >= reached)
            process.send_signal(signal.SIGKILL)
            process.wait()
        let_leases_run_out()
    jobs.run_due("mark")
    done = marked(marks)
    assert set(done) == set(range(JOBS))
    # Only the job that was being done when a worker was killed may have been done twice.
    assert len(done) <= JOBS + len(kills)


def test_two_workers_share_the_work(marks, tmp_path, database_url):
    with working(tmp_path, database_url), working(tmp_path, database_url):
        wait_until(lambda: len(marked(marks)) == JOBS)
    assert sorted(marked(marks)) == list(range(JOBS))


def test_told_to_stop_a_worker_finishes_the_job_at_hand(session, marks, tmp_path, database_url):
    with working(tmp_path, database_url) as process:
        wait_until(lambda: marked(marks))
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    assert session.query(Job).filter(Job.lease.is_not(None)).count() == 0
    assert jobs.state().seen_at
    jobs.run_due("mark")
    assert sorted(marked(marks)) == list(range(JOBS))


def test_a_job_that_hangs_is_given_up_and_tried_again_by_another_hand(app, session, monkeypatch):
    import threading

    monkeypatch.setattr(worker, "BEAT", timedelta(seconds=0.05))
    monkeypatch.setattr(worker, "LONGEST", timedelta(seconds=0.2))
    monkeypatch.setattr(jobs, "LEASE", timedelta(seconds=0.3))
    before = dict(jobs._handlers), dict(jobs._every)
    begun, let_go = [], threading.Event()

    def hang(_payload):
        begun.append(1)
        if len(begun) == 1:
            let_go.wait()

    jobs.connect({"hang": hang}, {})
    jobs.enqueue("hang")
    db.session.rollback()
    one = Worker(app.app_context)
    thread = threading.Thread(target=one.run)
    thread.start()
    try:
        wait_until(lambda: len(begun) == 2)
    finally:
        one.stop()
        let_go.set()
        thread.join()
        for hand in threading.enumerate():
            if hand.name == "worker":  # the one that was given up lets go of its connection only now
                hand.join()
        jobs.connect(*before)
