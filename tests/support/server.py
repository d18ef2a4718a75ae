"""The site on a port of this machine, for a browser."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from waitress import wasyncore
from waitress.server import create_server


@contextmanager
def served(make_app: Callable[[str], Flask]) -> Iterator[str]:
    """Serve `make_app(address)` by waitress, as in production, on a free port; gives the address.

    Waitress's own `run` ends only with the process: here its loop is ours, so that it can be told to stop.
    """
    listening = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    channels: dict[int, Any] = {}
    server: Any = create_server(make_app(address), map=channels, sockets=[listening], threads=8)
    stopped = threading.Event()

    def run() -> None:
        while not stopped.is_set():
            wasyncore.loop(timeout=1, map=channels, count=1)
        server.task_dispatcher.shutdown()
        wasyncore.close_all(channels)

    thread = threading.Thread(target=run, name="live server")
    thread.start()
    try:
        yield address
    finally:
        stopped.set()
        server.pull_trigger()
        thread.join()
