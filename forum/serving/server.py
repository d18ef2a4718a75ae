"""waitress, as it answers in one process.

What is kept in memory is answered by the thread that listens, everything else by a thread of its own, which the one
that listens lets go first; these answer one after the other, unless one takes long.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator, MutableSequence, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

from flask import Flask
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import WSGITask

from forum.config import Settings
from forum.core.db import db
from forum.serving.ctrlc import ctrl_c
from forum.web.pagecache import AT_ONCE, NotAtOnce

# At once; the rest wait in the backlog. Waitress polls, so that many cost nothing.
CONNECTIONS = 500
# Less than this waits for what follows: head and body go out together.
SEND_BYTES = 4096
# Seconds that the thread that listens waits for the others when it has given them something to do. Most need less; to
# take turns with each, at every statement and every send, took both of them twice as long.
HEAD_START = 0.02
# Seconds that a thread waits for the one that answers before it. Most need less; threads that compute beside each other
# only take from each other what each has at hand: a page made from nothing took them nearly twice as long.
LONGEST_TURN = 0.05
# Seconds, and how many times, a process that has fewer connections is left time to take the one that comes.
AFTER_YOU, TIMES = 0.0005, 40


class Task(WSGITask):
    """The answer to a request."""

    def get_environment(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environment()
        if self.channel.server.is_listening():
            environ[AT_ONCE] = True
        return environ

    def set_close_on_finish(self) -> None:
        # waitress does so after what has no length, and takes "304 Not Modified" for that.
        asked = self.request.headers.get("CONNECTION", "").lower() == "close"
        if self.has_body or self.version == "1.0" or asked:
            super().set_close_on_finish()


class Channel(HTTPChannel):
    """A connection."""

    task_class = Task
    errand: object = None

    def received(self, data: bytes) -> bool:
        heard: bool = super().received(data)
        if self.server.at_hand is self:
            self.server.at_hand = None
            if not self._answer():
                self.server.hand_over(self)
        return heard

    def service(self) -> None:
        errand = self.errand
        try:
            with self.server.turns.taken():
                super().service()
        finally:
            self.server.tell_done(errand)

    def _answer(self) -> bool:
        """Answer here and now, if it takes no time."""
        request, *more = self.requests
        if more or request.error or request.command != "GET":
            return False
        try:
            super().service()
            if self.writable():
                self.handle_write()
        except NotAtOnce:
            return False
        return True


class Turns:
    """The threads of this process compute one after the other, but nobody waits for one that takes long."""

    def __init__(self, longest: float) -> None:
        """`longest`: seconds. With 0 nobody waits."""
        self._longest = longest
        self._lock = threading.Lock()
        self._since = 0.0

    @contextmanager
    def taken(self) -> Iterator[None]:
        """In the block it is our turn, or that of one that takes long."""
        ours = self._lock.acquire(blocking=False) or self._wait()
        if ours:
            self._since = time.monotonic()
        try:
            yield
        finally:
            if ours:
                self._lock.release()

    def _wait(self) -> bool:
        while (left := self._since + self._longest - time.monotonic()) > 0:
            if self._lock.acquire(timeout=left):
                return True
        return False


class Place:
    """The place of a process among those that answer."""

    def __init__(self, number: int, connections: MutableSequence[int], processors: Sequence[int]) -> None:
        """`connections`: how many each of them has; the first is at 0."""
        self._number, self._connections, self._processors = number, connections, processors

    def settle(self) -> None:
        """Where there is a process for each processor, keep to one: threads that take turns would otherwise move from
        one to the other, away from all that they have at hand."""
        if 1 < len(self._processors) == len(self._connections):
            os.sched_setaffinity(0, {self._processors[self._number]})

    def tell(self, count: int) -> None:
        """This process has so many connections."""
        self._connections[self._number] = count

    def has_more(self) -> bool:
        """Whether another one has fewer."""
        return self._connections[self._number] > min(self._connections)


class Server(TcpWSGIServer):
    """waitress, but what is in memory is answered by the thread that listens: to hand a request to another one and to
    take turns with it takes longer than such an answer, several times when somebody else writes."""

    channel_class = Channel

    def __init__(
        self,
        app: Flask,
        listener: socket.socket,
        place: Place,
        *,
        at_once: bool,
        turns: Turns,
        **adjustments: Any,
    ) -> None:
        """`at_once`: whether the application tells, by NotAtOnce, what would take time."""
        address = listener.family, listener.type, listener.proto, listener.getsockname()
        super().__init__(
            app, _sock=listener, sockinfo=address, bind_socket=False, sockets=[listener], **adjustments
        )
        self._thread = threading.get_ident() if at_once else None
        self.at_hand: Channel | None = None
        self._place = place
        self.turns = turns
        self._came, self._left = False, 0
        self._errands: set[object] = set()
        self._all_done = threading.Condition()

    def readable(self) -> bool:
        """Asked at the beginning of each round."""
        ctrl_c.check()
        self._let_go_first()
        self._place.tell(len(self.active_channels))
        if not self._came:
            self._left = 0
        self._came = False
        return bool(super().readable())

    def handle_accept(self) -> None:
        self._came = True
        # Who is quick to take one would else take all.
        if self._place.has_more() and self._left < TIMES:
            self._left += 1
            time.sleep(AFTER_YOU)
            return
        super().handle_accept()

    def hand_over(self, channel: Channel) -> None:
        """Have one of the threads answer what came there."""
        channel.errand = errand = object()
        with self._all_done:
            self._errands.add(errand)
        self.task_dispatcher.add_task(channel)

    def tell_done(self, errand: object) -> None:
        """What was handed over is answered."""
        with self._all_done:
            self._errands.discard(errand)
            if not self._errands:
                self._all_done.notify()

    def _let_go_first(self) -> None:
        """Wait for those that were given something to do in the last round; not for long, and not again."""
        if self._errands:
            with self._all_done:
                self._all_done.wait_for(lambda: not self._errands, HEAD_START)
                self._errands.clear()

    def is_listening(self) -> bool:
        """Whether it is the thread that listens which asks, and may answer."""
        return threading.get_ident() == self._thread

    def add_task(self, task: Channel) -> None:
        if self.is_listening():
            self.at_hand = task  # until what was read is read to its end
        else:
            super().add_task(task)

    def pull_trigger(self) -> None:
        if not self.is_listening():  # it need not be woken
            super().pull_trigger()


def answer(
    app: Flask,
    settings: Settings,
    listener: socket.socket,
    place: Place,
    *beside: AbstractContextManager[object],
) -> None:
    """Answer requests until Ctrl-C, with these `beside`."""
    place.settle()
    # Another process may keep who asks it waiting, while others could compute.
    in_this_process = settings.database_url.startswith("sqlite")
    server = Server(
        app,
        listener,
        place,
        at_once=settings.kept_bytes > 0 and in_this_process,
        turns=Turns(LONGEST_TURN if in_this_process else 0.0),
        send_bytes=SEND_BYTES,
        threads=settings.threads,
        # More than the application takes, so that it is the one to refuse, with a page and the text.
        max_request_body_size=4 * settings.max_body,
        connection_limit=CONNECTIONS,
        asyncore_use_poll=True,
        ident=None,
        # Believed only behind a proxy of ours; the application then reads as many hops as it is told.
        clear_untrusted_proxy_headers=settings.proxy_hops == 0,
    )
    ctrl_c.hold(server.trigger.pull_trigger)
    with ExitStack() as stack:
        for each in beside:
            stack.enter_context(each)
        server.run()
    with app.app_context():
        db.engine.dispose()
