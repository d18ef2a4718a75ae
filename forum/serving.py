"""Serving: in this process, or in several that share a socket and most of their memory; one of them has the worker."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import Any

from flask import Flask
from waitress.server import create_server

from forum.app import ready
from forum.config import Settings, SettingsError
from forum.core.db import db
from forum.core.worker import Worker

# At once; the rest wait in the backlog. Waitress polls, so that many cost nothing.
CONNECTIONS = 500
# Seconds before a process takes the place of one that died: who dies at once is not started a hundred times a second.
PAUSE = 1.0

Task = Callable[[], None]

log = logging.getLogger("interlocal.serving")


def serve(app: Flask, settings: Settings, listener: socket.socket) -> None:
    """Serve until Ctrl-C or SIGTERM; requests that are being answered are answered, a job at hand is finished.

    Raises SettingsError where processes are asked for that this system cannot make.
    """
    log_and_listen()
    ready()
    first = partial(_answer, app, settings, listener, works=settings.worker)
    if settings.processes == 1:
        first()
        return
    if "fork" not in multiprocessing.get_all_start_methods():
        raise SettingsError("INTERLOCAL_PROCESSES can only be 1 here: this system does not fork.")
    # The worker in one of them: a process of its own would take 30 MB more.
    _share([first, *[partial(_answer, app, settings, listener, works=False)] * (settings.processes - 1)])


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
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def _answer(app: Flask, settings: Settings, listener: socket.socket, *, works: bool) -> None:
    """Answer requests until Ctrl-C; with a worker beside, where this one `works`."""
    server = create_server(
        app,
        sockets=[listener],
        threads=settings.threads,
        # More than the application takes, so that it is the one to refuse, with a page and the text.
        max_request_body_size=4 * settings.max_body,
        connection_limit=CONNECTIONS,
        asyncore_use_poll=True,
        ident=None,
        # Believed only behind a proxy of ours; the application then reads as many hops as it is told.
        clear_untrusted_proxy_headers=settings.proxy_hops == 0,
    )
    with working(app) if works else nullcontext():
        server.run()
    with app.app_context():
        db.engine.dispose()


def _share(tasks: Sequence[Task]) -> None:
    """Do each task in a process of its own, again when its process has died, until Ctrl-C or SIGTERM.

    No connection may be open: each process opens its own. A second Ctrl-C ends all at once.
    """
    context = multiprocessing.get_context("fork")
    running: dict[Any, tuple[BaseProcess, Task]] = {}

    def start(task: Task) -> None:
        process = context.Process(target=_alone, args=(task,))
        process.start()
        running[process.sentinel] = process, task

    try:
        for task in tasks:
            start(task)
        while True:
            for sentinel in wait(running):
                died, task = running.pop(sentinel)
                log.error("Process %s has ended (%s); another one takes its place", died.pid, died.exitcode)
                time.sleep(PAUSE)
                start(task)
    except KeyboardInterrupt:
        _end([process for process, _task in running.values()])


def _end(processes: Sequence[BaseProcess]) -> None:
    try:
        for process in processes:
            process.terminate()
        for process in processes:
            process.join()
    except KeyboardInterrupt:
        for process in processes:
            process.kill()


def _alone(task: Task) -> None:
    """Do this in a process that was forked: until the one above says so by SIGTERM, or is no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all of them; the one above passes it on
    parent = multiprocessing.parent_process()

    def follow() -> None:
        if parent is not None:
            parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=follow, daemon=True).start()
    with suppress(KeyboardInterrupt):
        task()
