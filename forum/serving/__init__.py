"""Serving: in this process, or in several that share a socket and what memory they can; the first has the worker."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess

from flask import Flask

from forum.app import create_app, ready
from forum.config import Settings, SettingsError
from forum.core.worker import Worker
from forum.serving.ctrlc import ctrl_c
from forum.serving.server import Place, answer

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
    answer(app, settings, listener, others.place(0), *([working(app)] if settings.worker else []), others)


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

    def place(self, number: int) -> Place:
        """The place of this number; ours is 0."""
        return Place(number, self._connections, self._processors)

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


def _alone(settings: Settings, listener: socket.socket, place: Place, app: Flask | None) -> None:
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
        answer(app, settings, listener, place)
