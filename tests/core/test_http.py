"""Fetching pages of others: what comes back, and that nobody is led to the machines near us."""

import gzip
import socket
import ssl
import subprocess
import sys
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import brotli
import pytest

from forum.core import http
from forum.core.http import Hop, fetch, is_public
from tests.support.web import LocalWeb, local_web

NAMES = dict[str, list[str]]


@pytest.fixture
def web() -> Iterator[LocalWeb]:
    """A web that may be fetched although it is on this machine."""
    with local_web() as web:
        http.configure("https://interlocal.example", {web.host})
        yield web
        http.configure("https://interlocal.example")


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> NAMES:
    """A name server: name -> addresses, a look-up takes the next of them (several at once: with commas)."""
    known: NAMES = {}

    def look_up(host: str, port: int, *_args: object, **_options: object) -> list[tuple[object, ...]]:
        if host not in known:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        answer = known[host].pop(0) if len(known[host]) > 1 else known[host][0]
        return [
            (
                socket.AF_INET6 if ":" in address else socket.AF_INET,
                socket.SOCK_STREAM,
                socket.IPPROTO_TCP,
                "",
                (address, port, 0, 0) if ":" in address else (address, port),
            )
            for address in answer.split(",")
        ]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


connected: list[object] = []


def _listen(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect":
        connected.append(arguments[1])


# Hooks cannot be taken away again; one is enough for all tests of a process.
sys.addaudithook(_listen)


def test_a_page_comes_with_what_is_worth_knowing_of_it(web: LocalWeb) -> None:
    url = web.put(
        "/page?a=1", "<title>Hello</title>", media="text/html; charset=utf-8", ETag='"x"', Set_Cookie="a=b"
    )
    page = fetch(url)
    assert (page.url, page.status, page.error, page.body) == (url, 200, "", b"<title>Hello</title>")
    assert page.content_type == "text/html"
    assert page.headers["etag"] == '"x"'
    assert "set-cookie" not in page.headers
    sent = web.headers["/page?a=1"]
    assert "interlocal.example" in sent["user-agent"]
    assert not {"cookie", "authorization", "referer"} & sent.keys()


def test_an_earlier_answer_makes_it_a_question(web: LocalWeb) -> None:
    url = web.put("/", status=304)
    assert fetch(url, etag='"x"', last_modified="Mon, 04 May 2026 12:00:00 GMT").status == 304
    assert web.headers["/"]["if-none-match"] == '"x"'
    assert web.headers["/"]["if-modified-since"].startswith("Mon, 04 May")


def test_redirects_are_followed_and_told(web: LocalWeb) -> None:
    end = web.put("/end", "here")
    web.redirect("/middle", "end?", 302)
    web.put("/end?", "here")
    page = fetch(web.redirect("/start", web.url("/middle"), 301))
    assert page.hops == (Hop(301, web.url("/middle")), Hop(302, end))
    assert page.status == 200


def test_after_five_redirects_it_gives_up(web: LocalWeb) -> None:
    page = fetch(web.redirect("/round", "/round"))
    assert (page.error, len(page.hops)) == ("redirects", 5)


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://metadata.internal/",
        "file:///etc/passwd",
        "gopher://example.org/",
        "http://user:secret@example.org/",
        "http://example.org:22/",
    ],
)
def test_a_redirect_leads_nowhere_that_one_could_not_go_at_once(
    web: LocalWeb, names: NAMES, target: str
) -> None:
    names |= {
        "127.0.0.1": ["127.0.0.1"],
        "metadata.internal": ["169.254.169.254"],
        "example.org": ["10.0.0.1"],
    }
    connected.clear()
    assert fetch(web.redirect("/", target)).error == "refused"
    assert connected == [("127.0.0.1", web.port)]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://0/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[fe80::1%25eth0]/",
        "http://8.8.8.8/",
        "http://①②⑦.⓪.⓪.①/",
        "http://example.org@127.0.0.1/",
        "http://example.org\\@127.0.0.1/",
        "http://user:secret@example.org/",
        "http://example.org:8080/",
        "http://example.org:0/",
        "http://exa mple.org/",
        "http://example.org/\r\nHost: other",
        "ftp://example.org/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "//example.org/",
        "http://",
        "http:///path",
        "",
        "http://example.org/" + "a" * 3000,
    ],
)
def test_what_is_no_plain_address_of_the_web_is_not_even_looked_up(names: NAMES, url: str) -> None:
    connected.clear()
    assert fetch(url).error == "refused"
    assert not connected


@pytest.mark.parametrize(
    "address",
    (
        "127.0.0.1 127.8.8.8 0.0.0.0 10.1.2.3 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1 "
        "100.100.100.200 168.63.129.16 192.0.0.192 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 192.88.99.1 224.0.0.1 "
        "239.1.1.1 240.0.0.1 255.255.255.255 :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 64:ff9b::7f00:1 "
        "64:ff9b::a9fe:a9fe 64:ff9b:1::808:808 2002:7f00:1:: 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:db8::1 "
        "3fff::1 fc00::1 fd00:ec2::254 fe80::1 fec0::1 ff02::1 2a00:1450::5efe:a00:1 2a00:1450::200:5efe:7f00:1 4000::1"
    ).split(),
)
def test_addresses_that_are_not_of_the_public_internet(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    "8.8.8.8 93.184.216.34 172.32.0.1 100.128.0.1 2606:2800:220:1::1 2a00:1450::1 64:ff9b::808:808".split(),
)
def test_addresses_that_are(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "answer", ["10.0.0.1", "93.184.216.34,127.0.0.1", "2606:2800:220:1::1,::ffff:10.0.0.1"]
)
def test_a_name_with_any_address_near_us_is_refused(names: NAMES, answer: str) -> None:
    names["example.org"] = [answer]
    connected.clear()
    assert fetch("http://example.org/").error == "refused"
    assert not connected


def test_the_connection_goes_to_the_address_that_was_looked_at(
    names: NAMES, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The name server says something else the second time.
    names["example.org"] = ["93.184.216.34", "127.0.0.1"]
    monkeypatch.setattr(http, "CONNECT_SECONDS", 0.05)
    connected.clear()
    fetch("http://example.org/")  # nobody may be reached there, and somebody may answer in between
    assert connected == [("93.184.216.34", 80)]


def test_a_name_that_is_not_there(names: NAMES) -> None:
    assert fetch("https://nowhere.example/").error == "name"


def test_nobody_listens(web: LocalWeb) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{unused.getsockname()[1]}"
        http.configure("https://interlocal.example", {host})
        assert fetch(f"http://{host}/").error == "connection"


def test_proxies_of_the_environment_are_not_asked(web: LocalWeb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert fetch(web.put("/", "x")).status == 200


# --- Answers that do not end, or swell


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "SECONDS", 0.4)


@pytest.mark.parametrize("part", ["headers", "body", "nothing"])
def test_a_server_that_drips_is_left(web: LocalWeb, impatient: None, part: str) -> None:
    left = Event()

    def drip(request: BaseHTTPRequestHandler) -> None:
        try:
            if part == "body":
                request.send_response(200)
                request.end_headers()
            elif part == "headers":
                request.wfile.write(b"HTTP/1.1 200 OK\r\n")
            while part == "nothing" or request.wfile.write(b"x"):
                request.wfile.flush()
                if left.wait(0.05):
                    break
        except OSError:
            left.set()  # the connection was closed

    web.pages["/"] = drip
    assert fetch(web.url()).error == "timeout"
    if part != "nothing":
        assert left.wait(5), "the connection stays open"
    left.set()


def test_a_body_without_end_is_cut(web: LocalWeb) -> None:
    def pour(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        while True:
            request.wfile.write(b"x" * 65536)

    web.pages["/"] = pour
    page = fetch(web.url())
    assert (len(page.body), page.is_cut) == (http.LARGEST, True)
    assert len(fetch(web.url(), most=1000).body) == 1000


def _deflate_twice(data: bytes) -> bytes:
    return gzip.compress(zlib.compress(data))


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("br", brotli.compress),
        ("deflate, gzip", _deflate_twice),
    ],
)
def test_what_is_packed_is_unpacked_up_to_the_bound(web: LocalWeb, encoding: str, pack: object) -> None:
    assert callable(pack)
    assert fetch(web.put("/small", pack(b"hello"), Content_Encoding=encoding)).body == b"hello"
    bomb = fetch(web.put("/bomb", pack(b"\0" * (64 * 1024 * 1024)), Content_Encoding=encoding))
    assert (len(bomb.body), bomb.is_cut) == (http.LARGEST, True)


@pytest.mark.parametrize(
    "answer", [b"", b"garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nnot gzip"]
)
def test_what_is_no_answer_is_said_to_be_none(web: LocalWeb, answer: bytes) -> None:
    web.pages["/"] = lambda request: request.wfile.write(answer) and None
    assert fetch(web.url()).error in ("answer", "connection")


def test_a_certificate_has_to_be_right(tmp_path: Path) -> None:
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout key.pem -out cert.pem"
    )
    subprocess.run(command.split(), cwd=tmp_path, check=True, capture_output=True)

    class Handler(BaseHTTPRequestHandler):
        pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign,assignment]  # it tells of each refusal
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        host = f"localhost:{server.server_address[1]}"
        http.configure("https://interlocal.example", {host})
        assert fetch(f"https://{host}/").error == "tls"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
