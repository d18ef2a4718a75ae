"""`interlocal` as a process of its own, serving on a port of this machine."""

import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPResponse
from pathlib import Path
from urllib.error import HTTPError

# Seconds. A machine that is busy with other tests takes a while to import the starter content.
PATIENCE = 180


@contextmanager
def serving(command: list[str | Path], folder: Path, environ: Mapping[str, str]) -> Iterator[str]:
    """The address of what this command serves. SIGTERM ends it, which it has to take well."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen([*command, "--port", str(port)], cwd=folder, env=environ)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            assert process.wait(timeout=30) == 0
        finally:
            process.kill()


def fetch(address: str, headers: Mapping[str, str] | None = None) -> tuple[str, HTTPResponse]:
    """What is there, as text, and its response; patient with a server that is only starting."""
    request = urllib.request.Request(address, headers=dict(headers or {}))
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as response:
                return response.read().decode(), response
        except HTTPError:
            raise
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
