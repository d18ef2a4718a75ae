"""Asking for pages as fast as they come, and what that cost.

The generator is one thread on plain sockets, so that it runs anywhere and costs little; what it cost is told
too (`Load.generator`). Where that comes near 1 it was the generator that held the rate down: requests a second are
then a lower bound, while the server's CPU time a request still holds.
"""

from __future__ import annotations

import re
import selectors
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass

from tests.bench.serve import Question, Server

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
CLOSES = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
# Bytes read at once: more than any page has.
CHUNK = 1024 * 1024
# Seconds in which any answer comes.
PATIENCE = 30


class Unexpected(Exception):
    """A server gave another answer than the one to be measured."""


@dataclass(frozen=True)
class Target:
    """What is asked of a server, and what has to come: the status, and the bytes of the body."""

    path: str
    size: int
    headers: Mapping[str, str]
    status: int = 200

    @property
    def question(self) -> Question:
        """What the bare application tells answers apart by."""
        return self.path, self.headers.get("Accept-Encoding", ""), "If-None-Match" in self.headers

    def request(self, server: Server) -> bytes:
        """The request, as it goes over the line."""
        lines = [f"GET {self.path} HTTP/1.1", f"Host: {server.host}:{server.port}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join([*lines, "", ""]).encode()


@dataclass(frozen=True)
class Load:
    """One measurement. Times are in seconds; `cpu` (None where unknown) is of all processes of the server."""

    requests: int
    elapsed: float
    p50: float
    p99: float
    cpu: float | None
    # The share of one processor that the generator took.
    generator: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.elapsed

    @property
    def cpu_each(self) -> float | None:
        """CPU seconds a request."""
        return None if self.cpu is None else self.cpu / self.requests


class _Connection:
    """One visitor, who asks again as soon as the answer is there."""

    def __init__(self, server: Server, target: Target) -> None:
        self.server, self.target = server, target
        self.request = target.request(server)
        self.connect()

    def connect(self) -> None:
        """Open a connection."""
        self.socket = socket.create_connection((self.server.host, self.server.port), timeout=PATIENCE)

    def ask(self) -> None:
        """Send the request."""
        self.began = time.perf_counter()
        self.received = bytearray()
        self.expected = 0
        self.socket.sendall(self.request)

    def hear(self) -> float | None:
        """Take what has come; how long the answer took once it is whole. Raises Unexpected."""
        data = self.socket.recv(CHUNK)
        self.received += data
        if not self.expected:
            end = self.received.find(b"\r\n\r\n")
            if end >= 0:
                self._judge(bytes(self.received[: end + 2]))
                self.expected = end + 4 + self.target.size
        if self.expected and len(self.received) >= self.expected:
            return time.perf_counter() - self.began
        if not data:
            raise Unexpected(f"{self.target.path}: the connection was closed within an answer.")
        return None

    def _judge(self, head: bytes) -> None:
        length = LENGTH.search(head)
        size = int(length[1]) if length else 0
        if int(head[9:12]) != self.target.status or size != self.target.size:
            first = head.partition(b"\r\n")[0].decode(errors="replace")
            raise Unexpected(f"{self.target.path}: {first}, {size} bytes instead of {self.target.size}.")
        self.closes = CLOSES.search(head) is not None


def load(server: Server, target: Target, *, seconds: float, connections: int) -> Load:
    """Ask for `target` over so many kept connections for so long. Raises Unexpected."""
    times: list[float] = []
    with selectors.DefaultSelector() as selector:
        visitors = [_Connection(server, target) for _ in range(connections)]
        for visitor in visitors:
            selector.register(visitor.socket, selectors.EVENT_READ, visitor)
        used, own, began = server.cpu(), time.process_time(), time.perf_counter()
        for visitor in visitors:
            visitor.ask()
        # The last answers are waited for, so that all work counted belongs to a request counted.
        while selector.get_map():
            if not (ready := selector.select(PATIENCE)):
                raise Unexpected(f"{target.path}: no answer within {PATIENCE} seconds.")
            for key, _events in ready:
                visitor = key.data
                took = visitor.hear()
                if took is None:
                    continue
                times.append(took)
                over = time.perf_counter() - began >= seconds
                if over or visitor.closes:
                    selector.unregister(visitor.socket)
                    visitor.socket.close()
                if over:
                    continue
                if visitor.closes:  # some servers keep no connection: opening one is then part of the cost
                    visitor.connect()
                    selector.register(visitor.socket, selectors.EVENT_READ, visitor)
                visitor.ask()
        elapsed = time.perf_counter() - began
        own = time.process_time() - own
        now = server.cpu()
    cpu = None if used is None or now is None else now - used
    times.sort()
    return Load(
        len(times), elapsed, times[len(times) // 2], times[int(len(times) * 0.99)], cpu, own / elapsed
    )
