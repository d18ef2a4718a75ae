"""Work to be done later: jobs are rows, written in the transaction that causes them, and done by a worker.

A job is done at least once: a worker that is killed leaves its lease to run out, and another one takes the job
again. So a handler must be idempotent. One that raises is tried again after a growing pause, `MOST` times in all;
what then failed for good stays in the table until an administrator retries or drops it.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Index, String, Text, case, delete, func, or_, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from forum.core import clock
from forum.core.db import Model, db, write
from forum.core.rows import insert_once

Handler = Callable[[Mapping[str, Any]], None]

# A job that nobody has said to be working on for this long is taken by the next worker.
LEASE = timedelta(minutes=2)
# Attempts, and the pauses between them: 30 s, 2 min, 8 min, ... at most 6 hours; a day and more in all.
MOST = 10
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=6)
# How long what is done stays, to be looked at.
KEPT = timedelta(days=7)
LONGEST_ERROR = 2000

log = logging.getLogger("interlocal.jobs")


class Later(Exception):
    """Raised by a handler: not now, but after `delay`. It does not count as a failure."""

    def __init__(self, delay: timedelta) -> None:
        super().__init__(f"in {delay}")
        self.delay = delay


class TryAgain(Exception):
    """Raised by a handler: it failed for a reason that passes, such as a server that is down. `str` says which."""


class Hopeless(Exception):
    """Raised by a handler: trying again would not help. The job has failed for good; `str` says why."""


class Job(Model):
    """One piece of work. It waits until `run_at`; while it is being done, `run_at` is when its lease ends."""

    __tablename__ = "job"
    __table_args__ = (
        Index(
            "ix_job_due",
            "run_at",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "uq_job_key",
            "key",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        # Of the ended ones alone: SQLite would else take it for finding what is due, and sort.
        Index(
            "ix_job_ended",
            "ended_at",
            sqlite_where=text("ended_at IS NOT NULL"),
            postgresql_where=text("ended_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    # Unique among what has not ended; None where every job counts.
    key: Mapped[str | None] = mapped_column(String(200))
    # Emptied when it is done: it may hold addresses, and links that are secrets.
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    run_at: Mapped[datetime]
    # Who is doing it: a new random word each time it is taken.
    lease: Mapped[str | None] = mapped_column(String(32))
    attempts: Mapped[int] = mapped_column(default=0)
    # It was asked for again while it was being done, and is to run once more then.
    again_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    ended_at: Mapped[datetime | None]
    failed: Mapped[bool] = mapped_column(default=False)

    @property
    def about(self) -> str:
        """What it is about, for an administrator: the plain values of its payload, no texts inside others."""
        return ", ".join(
            str(value) for value in self.payload.values() if isinstance(value, str | int | float)
        )


class WorkerSeen(Model):
    """A worker, and when it last said that it is there."""

    __tablename__ = "worker_seen"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    seen_at: Mapped[datetime]


_handlers: dict[str, Handler] = {}
_every: dict[str, timedelta] = {}
_resting: list[Callable[[], object]] = []


def connect(
    handlers: Mapping[str, Handler],
    every: Mapping[str, timedelta],
    resting: Sequence[Callable[[], object]] = (),
) -> None:
    """Replace the tables: what does a kind of job, which kinds run by themselves, and how often.

    `resting` is called when a worker finds nothing to do: there it gives back what it held for the next job, and
    tidies what others would have to.
    """
    if unknown := set(every) - set(handlers):
        raise ValueError(f"no handler for {sorted(unknown)}")
    _handlers.clear()
    _handlers.update(handlers)
    _every.clear()
    _every.update(every)
    _resting[:] = resting


# --- Asking for work


def enqueue(
    kind: str,
    payload: Mapping[str, Any] | None = None,
    *,
    key: str | None = None,
    run_at: datetime | None = None,
) -> None:
    """Have a job done, at once or at `run_at`, if the write that is going on commits.

    With a `key` (at most 200 characters) one that waits is not added twice: it runs at the earlier moment, with the
    payload given last. One that is just being done runs once more, since it may have read what was before.
    """
    if kind not in _handlers:
        raise ValueError(f"no handler for jobs of the kind {kind!r}")
    at, content = run_at or clock.now(), dict(payload or {})
    with write() as session:
        if key is None:
            session.add(Job(kind=kind, payload=content, run_at=at))
            return
        running = Job.lease.is_not(None)
        again = (
            update(Job)
            .where(Job.key == key, Job.ended_at.is_(None))
            .values(
                payload=content,
                run_at=case((~running & (Job.run_at > at), at), else_=Job.run_at),
                again_at=case(
                    (running & or_(Job.again_at.is_(None), Job.again_at > at), at), else_=Job.again_at
                ),
            )
            .returning(Job.id)
        )
        new = {"kind": kind, "key": key, "payload": content, "run_at": at, "created_at": clock.now()}
        # On PostgreSQL another one may add it between the two.
        while session.execute(again).first() is None and not insert_once(
            Job, **new, attempts=0, error="", failed=False
        ):
            pass


def schedule() -> None:
    """See to it that each periodic kind has its row: two workers then share it, as any other job."""
    now = clock.now()
    mine = select(Job.key, Job.run_at).where(Job.key.in_(list(_every)), Job.ended_at.is_(None))
    planned = {row.key: row.run_at for row in db.session.execute(mine)}
    for kind, period in _every.items():
        # Too far ahead: the clock was set back, or the period made shorter.
        if kind not in planned or planned[kind] > now + max(period, LEASE, LONGEST_PAUSE):
            failed_before = select(Job.id).where(Job.key == kind, Job.failed)
            with write() as session:
                later = session.execute(failed_before).first() is not None
                enqueue(kind, key=kind, run_at=now + period if later else now)


# --- Doing it


@dataclass(frozen=True)
class Claim:
    """A job that was taken, to be done and then reported on."""

    id: int
    kind: str
    payload: Mapping[str, Any]
    lease: str
    attempts: int


def claim(*, kinds: Sequence[str] | None = None) -> Claim | None:
    """Take the job that has been due longest, if there is one. Two workers never take the same one."""
    now = clock.now()
    due = [Job.ended_at.is_(None), Job.run_at <= now]
    if kinds is not None:
        due.append(Job.kind.in_(kinds))
    # Looked for without the lock of a writer: mostly there is nothing.
    there = db.session.scalar(select(Job.id).where(*due).limit(1))
    db.session.rollback()
    if there is None:
        return None
    first = select(Job.id).where(*due).order_by(Job.run_at, Job.id).limit(1).with_for_update(skip_locked=True)
    with write() as session:
        row = session.execute(
            update(Job)
            .where(Job.id == first.scalar_subquery())
            .values(lease=secrets.token_hex(16), run_at=now + LEASE, attempts=Job.attempts + 1)
            .returning(Job.id, Job.kind, Job.payload, Job.lease, Job.attempts)
            .execution_options(synchronize_session=False)
        ).first()
    return Claim(*row) if row else None


def perform(taken: Claim) -> None:
    """Do one job and write down what came of it. Raises nothing that a handler raises."""
    try:
        if taken.attempts > MOST:
            raise Hopeless("Each worker that began it ended before it was done.")
        if taken.kind not in _handlers:
            raise LookupError(f"This version of Interlocal does no jobs of the kind {taken.kind!r}.")
        _handlers[taken.kind](taken.payload)
    except Later as later:
        _postpone(taken, clock.now() + later.delay)
    except TryAgain as error:
        log.warning(
            "Job %s (%s) failed, attempt %s of %s: %s", taken.id, taken.kind, taken.attempts, MOST, error
        )
        _fail(taken, str(error), for_good=taken.attempts >= MOST)
    except Hopeless as error:
        log.warning("Job %s (%s) failed for good: %s", taken.id, taken.kind, error)
        _fail(taken, str(error), for_good=True)
    except Exception as error:
        log.exception("Job %s (%s) failed, attempt %s of %s", taken.id, taken.kind, taken.attempts, MOST)
        _fail(taken, f"{type(error).__name__}: {error}", for_good=taken.attempts >= MOST)
    else:
        _done(taken)


def _held(taken: Claim) -> Job | None:
    """The row, held until the write ends; None when the lease ran out and the job is another's, or gone."""
    return db.session.scalar(
        select(Job)
        .where(Job.id == taken.id, Job.lease == taken.lease, Job.ended_at.is_(None))
        .with_for_update()
    )


def _done(taken: Claim) -> None:
    now = clock.now()
    with write():
        if job := _held(taken):
            period = _every.get(job.kind) if job.key == job.kind else None
            job.lease, job.error = None, ""
            again_at, job.again_at = job.again_at, None
            if again_at or period:
                job.attempts = 0
                job.run_at = min(at for at in (again_at, period and now + period) if at)
            else:
                job.ended_at, job.payload = now, {}


def _postpone(taken: Claim, run_at: datetime) -> None:
    with write():
        if job := _held(taken):
            job.run_at = min(run_at, job.again_at or run_at)
            job.lease, job.again_at = None, None
            job.attempts -= 1


def _fail(taken: Claim, error: str, *, for_good: bool) -> None:
    now = clock.now()
    with write() as session:
        if job := _held(taken):
            job.error = error.replace("\0", "")[:LONGEST_ERROR]
            job.lease = None
            if for_good:
                job.ended_at, job.failed = now, True
                if job.key is not None:  # the newest failure of a key says it all
                    session.execute(delete(Job).where(Job.key == job.key, Job.failed, Job.id != job.id))
                if job.again_at:
                    enqueue(job.kind, job.payload, key=job.key, run_at=job.again_at)
            else:
                most = _every.get(job.kind, LONGEST_PAUSE)
                job.run_at = now + min(FIRST_PAUSE * 4 ** (job.attempts - 1), LONGEST_PAUSE, most)
                job.again_at = None


def run_due(*kinds: str) -> int:
    """Do in this process what is due, of these kinds or of all, and what that adds; how many it was. For tests."""
    count = 0
    while taken := claim(kinds=kinds or None):
        perform(taken)
        count += 1
    rest()
    return count


def seen(worker: str, taken: Claim | None) -> None:
    """Note that this worker is there, and that it still has this job: its lease begins anew."""
    now = clock.now()
    with write() as session:
        if not insert_once(WorkerSeen, name=worker, seen_at=now):
            session.execute(update(WorkerSeen).where(WorkerSeen.name == worker).values(seen_at=now))
        if taken:
            session.execute(
                update(Job).where(Job.id == taken.id, Job.lease == taken.lease).values(run_at=now + LEASE)
            )


def rest() -> None:
    """Give back what was held for the next job, since there is none."""
    for each in _resting:
        each()


# --- Looking after it


@dataclass(frozen=True)
class State:
    """How the work stands. `oldest`: when the longest due job was due; `seen_at`: when a worker last was there.

    `struggling`: what went wrong and is tried again by itself.
    """

    waiting: int
    due: int
    oldest: datetime | None
    seen_at: datetime | None
    failed: Sequence[Job]
    struggling: Sequence[Job]


def state(limit: int = 100) -> State:
    """For the administrators' page: four statements."""
    now = clock.now()
    is_due = Job.run_at <= now
    waiting, due, oldest = db.session.execute(
        select(func.count(), func.count().filter(is_due), func.min(Job.run_at).filter(is_due)).where(
            Job.ended_at.is_(None)
        )
    ).one()
    seen_at = db.session.scalar(select(func.max(WorkerSeen.seen_at)))
    failed = db.session.scalars(
        select(Job)
        .where(Job.failed, Job.ended_at.is_not(None))
        .order_by(Job.ended_at.desc(), Job.id.desc())
        .limit(limit)
    )
    trying = select(Job).where(Job.ended_at.is_(None), Job.error != "").order_by(Job.run_at).limit(limit)
    return State(waiting, due, oldest, seen_at, list(failed), list(db.session.scalars(trying)))


def retry(job_id: int) -> bool:
    """Have a job that failed for good done after all; whether it was there. Its attempts are counted afresh."""
    with write() as session:
        gone = delete(Job).where(Job.id == job_id, Job.failed).returning(Job.kind, Job.payload, Job.key)
        job = session.execute(gone).first()
        if job is not None:
            enqueue(job.kind, job.payload, key=job.key)
        return job is not None


def drop(job_id: int) -> bool:
    """Give up a job that failed for good; whether it was there."""
    with write() as session:
        dropped = session.execute(delete(Job).where(Job.id == job_id, Job.failed).returning(Job.id))
        return dropped.first() is not None


def prune(_payload: Mapping[str, Any]) -> None:
    """The handler that forgets what was done long ago, and workers that are gone."""
    past = clock.now() - KEPT
    with write() as session:
        session.execute(delete(Job).where(Job.ended_at < past, ~Job.failed))
        session.execute(delete(WorkerSeen).where(WorkerSeen.seen_at < past))
