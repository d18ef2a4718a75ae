"""The worker: does the jobs of `core.jobs`, one after the other, in threads of its own."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from forum.core import clock, jobs
from forum.core.jobs import Claim

Context = Callable[[], AbstractContextManager[object]]

# How often a worker says that it is there; several times a lease.
BEAT = jobs.LEASE / 4
# A job that takes longer hangs: it is given up, and another worker takes it when its lease has run out.
LONGEST = timedelta(hours=1)
# Seconds that a worker with nothing to do waits before it looks again, and after the database did not answer.
IDLE = 1.0
TROUBLE = 5.0

log = logging.getLogger("interlocal.jobs")


class Worker:
    """Does one job after the other until it is told to stop. `context()` gives an application context."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._stopping = threading.Event()
        self._name = secrets.token_hex(8)

    def stop(self) -> None:
        """Take no more jobs; the one that is being done is finished. For other threads."""
        self._stopping.set()

    def run(self) -> None:
        """Work until `stop`, and say again and again that this worker is there and still has its job."""
        hand = _Hand(self._context, self._stopping)
        while hand.is_alive():
            try:
                with self._context():
                    jobs.seen(self._name, hand.taken)
            except SQLAlchemyError:
                log.warning("A worker could not say that it is there", exc_info=True)
            if (job := hand.taken) and clock.now() - hand.since > LONGEST:
                log.error("Job %s (%s) does not end: it is given up, and tried again", job.id, job.kind)
                hand.given_up = True
                hand = _Hand(self._context, self._stopping)
            hand.join(BEAT.total_seconds())


class _Hand(threading.Thread):
    """Does the jobs of a worker, in a thread of its own: one that hangs can be left behind."""

    def __init__(self, context: Context, stopping: threading.Event) -> None:
        super().__init__(name="worker", daemon=True)
        self._context = context
        self._stopping = stopping
        self.taken: Claim | None = None
        self.since = clock.now()
        self.given_up = False
        self.start()

    def run(self) -> None:
        """Work until the worker stops, or has given this one up."""
        pause = 0.0
        while not self._stopping.wait(pause) and not self.given_up:
            try:
                with self._context():
                    pause = 0.0 if self._work() else IDLE
            except Exception:
                log.exception("The work stopped; it goes on in %s s", TROUBLE)
                pause = TROUBLE

    def _work(self) -> bool:
        """Do one job; whether there was one."""
        taken = jobs.claim()
        if taken is None:
            jobs.schedule()
            jobs.rest()
            return False
        self.since, self.taken = clock.now(), taken
        try:
            jobs.perform(taken)
        finally:
            self.taken = None
        return True
