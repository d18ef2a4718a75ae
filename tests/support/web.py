"""A small web of our own: a server on loopback whose pages a test writes."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

Answer = Callable[[BaseHTTPRequestHandler], None]


class LocalWeb:
    """Pages by path; what is not there is 404. `seen` has the requests, `headers` those of the last one of a path."""

    def __init__(self) -> None:
        self.pages: dict[str, Answer] = {}
        self.seen: Counter[str] = Counter()
        self.headers: dict[str, dict[str, str]] = {}
        self.port = 0

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str = "/") -> str:
        return f"http://{self.host}{path}"

    def put(
        self,
        path: str,
        body: str | bytes = b"",
        *,
        status: int = 200,
        media: str = "text/html",
        **headers: str,
    ) -> str:
        """Put a page there, and return its address. `headers` are written with underscores."""
        content = body.encode() if isinstance(body, str) else body

        def answer(request: BaseHTTPRequestHandler) -> None:
            request.send_response(status)
            request.send_header("Content-Type", media)
            request.send_header("Content-Length", str(len(content)))
            for name, value in headers.items():
                request.send_header(name.replace("_", "-"), value)
            request.end_headers()
            request.wfile.write(content)

        self.pages[path] = answer
        return self.url(path)

    def redirect(self, path: str, to: str, status: int = 301) -> str:
        """Have a path lead elsewhere."""
        return self.put(path, status=status, Location=to)


@contextmanager
def local_web() -> Iterator[LocalWeb]:
    """Serve one, until the end of the block."""
    web = LocalWeb()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            web.seen[self.path] += 1
            web.headers[self.path] = {name.lower(): value for name, value in self.headers.items()}
            try:
                if self.path in web.pages:
                    web.pages[self.path](self)
                else:
                    self.send_error(404)
            except OSError:
                self.close_connection = True  # who asked has gone

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    web.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield web
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
