"""Serving: in this process, or in several that share a socket and what memory they can; the first has the worker.

What is kept in memory is answered by the thread that listens, everything else by a thread of its own, which the one
that listens lets go first.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, MutableSequence, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import Any

from flask import Flask
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import WSGITask

from forum.app import create_app, ready
from forum.config import Settings, SettingsError
from forum.core.db import db
from forum.core.worker import Worker
from forum.web.pagecache import AT_ONCE, NotAtOnce

# At once; the rest wait in the backlog. Waitress polls, so that many cost nothing.
CONNECTIONS = 500
# Less than this waits for what follows: head and body go out together.
SEND_BYTES = 4096
# Seconds that the thread that listens waits for the others when it has given them something to do. Most need less; to
# take turns with each, at every statement and every send, took both of them twice as long.
HEAD_START = 0.02
# Seconds, and how many times, a process that has fewer connections is left time to take the one that comes.
AFTER_YOU, TIMES = 0.0005, 40
# Seconds before a process takes the place of one that died: who dies at once is not started a hundred times a second.
PAUSE = 1.0

log = logging.getLogger("interlocal.serving")


def serve(app: Flask, settings: Settings, listener: socket.socket) -> None:
    """Serve until Ctrl-C or SIGTERM; requests that are being answered are answered, a job at hand is finished.

    Raises SettingsError where processes are asked for that this system cannot make.
    """
    log_and_listen()
    ctrl_c.hold()
    ready()
    others = _Others(app, settings, listener)
    # The worker is in this one: a process of its own would take 30 MB more.
    _answer(app, settings, listener, others.place(0), *([working(app)] if settings.worker else []), others)


def work(app: Flask) -> None:
    """Do what waits to be done until Ctrl-C or SIGTERM."""
    with working(app) as ended:
        ended.wait()


@contextmanager
def working(app: Flask) -> Iterator[threading.Event]:
    """A worker in a thread. Ctrl-C ends the block, then the worker after its job; a second one ends all at once.

    What is given is set when the worker has ended. (Joining a thread would not do: interrupted, Python 3.11 takes
    it for one that has ended.)
    """
    worker, ended = Worker(app.app_context), threading.Event()

    def run() -> None:
        try:
            worker.run()
        finally:
            ended.set()

    threading.Thread(target=run, name="worker", daemon=True).start()
    try:
        with suppress(KeyboardInterrupt):
            yield ended
    finally:
        worker.stop()
        ended.wait()


def log_and_listen() -> None:
    """Log to the terminal, and take SIGTERM as Ctrl-C."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    ctrl_c.listen()


class _CtrlC:
    """Ctrl-C and SIGTERM, which raise KeyboardInterrupt in the main thread: at once, or where it checks for them.

    What is raised at once is lost where Python itself is at work: in a fork, or where it collects garbage, which may be
    anywhere.
    """

    def __init__(self) -> None:
        self._held = self._came = False
        self._wake: Callable[[], object] | None = None

    def listen(self) -> None:
        """Take both from now on, unless whoever started this process wants Ctrl-C to be ignored."""
        signal.signal(signal.SIGTERM, self._take)
        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, self._take)

    def hold(self, wake: Callable[[], object] | None = None) -> None:
        """From now on the first one waits for `check`, and asks for it by `wake`; a second one is raised at once."""
        self._held, self._wake = True, wake

    def check(self) -> None:
        """Raises KeyboardInterrupt where one came; the next one is raised at once."""
        if self._came:
            self._held = self._came = False
            raise KeyboardInterrupt

    def _take(self, *_signal: object) -> None:
        if self._came or not self._held:
            raise KeyboardInterrupt
        self._came = True
        if self._wake:
            self._wake()


ctrl_c = _CtrlC()


class _Task(WSGITask):
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


class _Channel(HTTPChannel):
    """A connection."""

    task_class = _Task
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


class _Place:
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


class _Server(TcpWSGIServer):
    """waitress, but what is in memory is answered by the thread that listens: to hand a request to another one and to
    take turns with it takes longer than such an answer, several times when somebody else writes."""

    channel_class = _Channel

    def __init__(
        self, app: Flask, listener: socket.socket, place: _Place, *, at_once: bool, **adjustments: Any
    ) -> None:
        """`at_once`: whether the application tells, by NotAtOnce, what would take time."""
        address = listener.family, listener.type, listener.proto, listener.getsockname()
        super().__init__(
            app, _sock=listener, sockinfo=address, bind_socket=False, sockets=[listener], **adjustments
        )
        self._thread = threading.get_ident() if at_once else None
        self.at_hand: _Channel | None = None
        self._place = place
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

    def hand_over(self, channel: _Channel) -> None:
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

    def add_task(self, task: _Channel) -> None:
        if self.is_listening():
            self.at_hand = task  # until what was read is read to its end
        else:
            super().add_task(task)

    def pull_trigger(self) -> None:
        if not self.is_listening():  # it need not be woken
            super().pull_trigger()


def _answer(
    app: Flask,
    settings: Settings,
    listener: socket.socket,
    place: _Place,
    *beside: AbstractContextManager[object],
) -> None:
    """Answer requests until Ctrl-C, with these `beside`."""
    place.settle()
    server = _Server(
        app,
        listener,
        place,
        # PostgreSQL may keep who asks it waiting.
        at_once=settings.kept_bytes > 0 and settings.database_url.startswith("sqlite"),
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


class _Others:
    """The processes that answer beside this one. Who makes them has neither threads nor connections yet.

    They are forked from this one, and share what neither changes. (One above all of them that only looks on would keep,
    for nobody, all that each has changed: 40 MB.) In the block, one that dies is replaced by one that begins anew; its
    end ends them, and a second Ctrl-C does so at once.
    """

    def __init__(self, app: Flask, settings: Settings, listener: socket.socket) -> None:
        if settings.processes > 1 and "fork" not in multiprocessing.get_all_start_methods():
            raise SettingsError("INTERLOCAL_PROCESSES can only be 1 here: this system does not fork.")
        self._settings, self._listener = settings, listener
        self._starting, self._ending = threading.Lock(), threading.Event()
        self._connections = multiprocessing.RawArray("i", settings.processes)
        self._processors = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
        self._running = [self._start("fork", number, app) for number in range(1, settings.processes)]

    def __enter__(self) -> None:
        if self._running:
            threading.Thread(target=self._replace, name="others", daemon=True).start()

    def __exit__(self, *_error: object) -> None:
        with self._starting:
            self._ending.set()
        try:
            for process in self._running:
                process.terminate()
            for process in self._running:
                process.join()
        except KeyboardInterrupt:
            for process in self._running:
                process.kill()

    def place(self, number: int) -> _Place:
        """The place of this number; ours is 0."""
        return _Place(number, self._connections, self._processors)

    def _start(self, how: str, number: int, app: Flask | None) -> BaseProcess:
        arguments = self._settings, self._listener, self.place(number), app
        # A daemon ends with this process wherever that is interrupted, before the block too.
        process: BaseProcess = multiprocessing.get_context(how).Process(  # type: ignore[attr-defined]
            target=_alone, args=arguments, daemon=True
        )
        process.start()
        return process

    def _replace(self) -> None:
        while True:
            wait([process.sentinel for process in self._running])
            if self._ending.wait(PAUSE):
                return
            for number, died in enumerate(self._running, 1):
                if died.is_alive():
                    continue
                log.error("Process %s has ended (%s); another one takes its place", died.pid, died.exitcode)
                with self._starting:
                    if self._ending.is_set():
                        return
                    # This one has threads now, whose locks a fork would find taken for good.
                    self._running[number - 1] = self._start("spawn", number, None)


def _alone(settings: Settings, listener: socket.socket, place: _Place, app: Flask | None) -> None:
    """Answer in a process beside another, until that one says so by SIGTERM, or is no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all of them; the other one passes it on
    parent = multiprocessing.parent_process()

    def follow() -> None:
        if parent is not None:
            parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    with suppress(KeyboardInterrupt):
        threading.Thread(target=follow, daemon=True).start()
        if app is None:
            log_and_listen()
            ctrl_c.hold()
            app = create_app(settings)
            ready()
        _answer(app, settings, listener, place)
