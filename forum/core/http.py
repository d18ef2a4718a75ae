"""The one client that fetches pages for us. Whoever gives it an address cannot turn it against the machines near us.

Only http and https, on ports 80 and 443, at hosts with a name. The name is looked up once for each connection; if any
of its addresses is not public the fetch is refused, and the connection goes to the addresses that were looked at, so
that a second answer of the name server changes nothing. Each redirect is judged in the same way. There are no cookies,
no credentials and no proxies from the environment; a whole fetch has one deadline, and a body one bound, unpacked.
"""

from __future__ import annotations

import ipaddress
import logging
import re
import socket
import threading
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from urllib3 import BaseHTTPResponse, HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, LocationParseError, ReadTimeoutError, SSLError
from urllib3.util import Timeout, parse_url

SECONDS = 10.0  # From the look-up of the first name to the last byte, redirects included.
CONNECT_SECONDS = 4.0  # For each address of a name.
MOST_REDIRECTS = 5
LARGEST = 2 * 1024 * 1024  # Bytes of a body, unpacked; what is longer is cut.
LONGEST_URL = 2_000
PORTS = {"http": 80, "https": 443}
REDIRECTS = (301, 302, 303, 307, 308)
HEADERS = ("content-type", "etag", "last-modified", "location", "retry-after")

# What IANA lists as not globally reachable, relays, translators, and 168.63.129.16, which is Azure's to its guests.
_NOT_PUBLIC = [
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 168.63.129.16/32 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 "
        "192.0.2.0/24 192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 "
        "198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4"
    ).split()
]
# Of IPv6 only global unicast is public, without what carries IPv4 inside (Teredo, 6to4) and what is for documents.
_GLOBAL = ipaddress.IPv6Network("2000::/3")
_NOT_GLOBAL = [ipaddress.IPv6Network(n) for n in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")]
# A network without IPv4 reaches it through these: the address inside is the one that counts.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_ISATAP = (0x00005EFE, 0x02005EFE)

_SPACE = re.compile(r"[\x00-\x20\x7f\\]")
log = logging.getLogger(__name__)


class _Stop(Exception):
    """A fetch ends here; `error` as in Fetched."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


@dataclass(frozen=True)
class Hop:
    """A redirect that was followed: its status, and where it led."""

    status: int
    url: str


@dataclass(frozen=True)
class Fetched:
    """What came of a fetch: an answer (`status` is not 0), or an `error`.

    Errors: "refused" (not an address that we fetch), "name" (not found), "connection", "tls", "timeout", "redirects"
    (too many), "answer" (not HTTP, or garbled). `url` is where it ended; `body` is cut where `is_cut` says so.
    """

    url: str
    hops: tuple[Hop, ...] = ()
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    is_cut: bool = False
    error: str = ""

    @property
    def content_type(self) -> str:
        """The media type alone, in lower case: "text/html"."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True)
class _Setup:
    agent: str = "Interlocal"
    allowed: Collection[str] = ()


_setup = _Setup()


def configure(site: str, allowed: Collection[str] = ()) -> None:
    """Say who we are, by the address of the site; `allowed` ("host:port") are fetched whatever their address is."""
    global _setup  # noqa: PLW0603  # one process speaks for one site
    _setup = _Setup(f"Interlocal/1 (link checker; +{site}/about)", frozenset(allowed))


def agent() -> str:
    """The name by which we go, and by which a robots.txt may speak of us."""
    return _setup.agent


def is_public(text: str) -> bool:
    """Whether an IP address is one of the public internet, also when another one is hidden inside."""
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC)
    if address in _NAT64:
        return is_public(str(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)))
    if (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
        return False
    return address in _GLOBAL and not any(address in network for network in _NOT_GLOBAL)


def fetch(
    url: str,
    *,
    etag: str = "",
    last_modified: str = "",
    accept: str = "text/html,application/xhtml+xml,application/pdf;q=0.9,*/*;q=0.5",
    most: int = LARGEST,
) -> Fetched:
    """GET a page, following redirects; takes at most `SECONDS`, and raises nothing.

    `etag` and `last_modified` of an earlier answer make it a question whether there is a newer one (status 304).
    `most` is how much of the body is read, in bytes. Never call it inside `write()`.
    """
    headers = {"User-Agent": _setup.agent, "Accept": accept, "Accept-Encoding": "gzip, deflate"}
    if etag:
        headers["If-None-Match"] = etag
    if last_modified:
        headers["If-Modified-Since"] = last_modified
    visit = _Visit(url, headers, min(most, LARGEST))
    # A thread, since nothing else puts one end to look-ups, handshakes, headers and bodies that drip.
    thread = threading.Thread(target=visit.run, name="fetch", daemon=True)
    thread.start()
    thread.join(SECONDS)
    return visit.end()


class _Visit:
    """One fetch, from address to address."""

    def __init__(self, url: str, headers: Mapping[str, str], most: int) -> None:
        self.url, self.headers, self.most = url, dict(headers), most
        self.hops: list[Hop] = []
        self.connection: HTTPConnection | None = None
        self.result: Fetched | None = None
        self.ended = False

    def run(self) -> None:
        """Follow the redirects, and leave what came of it in `result`."""
        try:
            self.result = self._follow()
        except _Stop as stop:
            self.result = self._failed(stop.error)
        except (HTTPError, OSError) as error:
            self.result = self._failed(_kind_of(error))
        except Exception:
            if not self.ended:  # what is torn from under a library may show as anything
                log.exception("Fetching failed")
            self.result = self._failed("answer")

    def end(self) -> Fetched:
        """What came of it until now; a visit that still goes on is broken off."""
        result = self.result
        if result is not None:
            return result
        self.ended = True
        if self.connection is not None and (sock := self.connection.sock) is not None:
            with suppress(OSError):
                # Past TLS, which would wait to say goodbye.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
        return self._failed("timeout")

    def _failed(self, error: str) -> Fetched:
        return Fetched(self.url, tuple(self.hops), error=error)

    def _follow(self) -> Fetched:
        while True:
            pool, target = _pool(self.url, self)
            with pool:
                response = pool.urlopen(
                    "GET", target, headers=self.headers, redirect=False, retries=False, preload_content=False
                )
                try:
                    location = response.headers.get("location")
                    if response.status not in REDIRECTS or not location:
                        return self._answer(response)
                finally:
                    response.close()
            if len(self.hops) == MOST_REDIRECTS:
                return self._failed("redirects")
            # Headers come as Latin-1, and addresses in them as UTF-8.
            self.url = urljoin(self.url, location.encode("latin-1", "replace").decode(errors="replace"))
            self.hops.append(Hop(response.status, self.url))

    def _answer(self, response: BaseHTTPResponse) -> Fetched:
        body = bytearray()
        while len(body) <= self.most and not self.ended:
            # At most what is asked for is unpacked at a time, and what has arrived is given at once.
            if not (part := response.read1(64 * 1024, decode_content=True)):
                break
            body += part
        return Fetched(
            self.url,
            tuple(self.hops),
            response.status,
            {name: response.headers[name][:1000] for name in HEADERS if name in response.headers},
            bytes(body[: self.most]),
            is_cut=len(body) > self.most,
        )


def _kind_of(error: Exception) -> str:
    """What a failure of the libraries is called in Fetched."""
    if isinstance(error, SSLError):
        return "tls"
    if isinstance(error, TimeoutError | ReadTimeoutError):
        return "timeout"
    causes = (error, *error.args)
    return "connection" if any(isinstance(cause, OSError) for cause in causes) else "answer"


def _pool(url: str, visit: _Visit) -> tuple[HTTPConnectionPool, str]:
    """Where to connect for this address, and what to ask for there."""
    if len(url) > LONGEST_URL or _SPACE.search(url):
        raise _Stop("refused")
    try:
        parts = parse_url(url)
    except LocationParseError:
        raise _Stop("refused") from None
    if parts.scheme not in PORTS or parts.auth is not None or not parts.host:
        raise _Stop("refused")
    port = PORTS[parts.scheme] if parts.port is None else parts.port
    allowed = f"{parts.host}:{port}" in _setup.allowed
    last_label = parts.host.rstrip(".").rpartition(".")[2]
    if not allowed and (port not in PORTS.values() or not last_label or not last_label[0].isalpha()):
        raise _Stop("refused")  # no name: 127.1, 2130706433, 0x7f.1 and [::1] among others
    kind = _TlsPool if parts.scheme == "https" else _PlainPool
    timeout = Timeout(connect=CONNECT_SECONDS, read=SECONDS)
    pool = kind(parts.host, port, timeout=timeout, maxsize=1, visit=visit, allowed=allowed)
    return pool, parts.request_uri


class _Checked:
    """Mixed into both kinds of connection: connects to the addresses that were looked at."""

    def __init__(self, *args: Any, visit: _Visit, allowed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._allowed = allowed
        visit.connection = self  # type: ignore[assignment]  # the classes below are connections

    def _new_conn(self) -> socket.socket:
        host, port = self._dns_host, self.port  # type: ignore[attr-defined]
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise _Stop("name") from None
        if not self._allowed and not all(is_public(str(address[0])) for *_, address in found):
            raise _Stop("refused")
        for family, kind, protocol, _name, address in found:
            sock = socket.socket(family, kind, protocol)
            try:
                sock.settimeout(CONNECT_SECONDS)
                sock.connect(address)
            except OSError:
                sock.close()
            else:
                return sock
        raise _Stop("connection")


class _Plain(_Checked, HTTPConnection):
    pass


class _Tls(_Checked, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _Tls
