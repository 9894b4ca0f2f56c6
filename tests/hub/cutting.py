"""A way to a portal on which a connection breaks off in the middle of a file, once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

HOP = {"connection", "keep-alive", "transfer-encoding"}


class Way(ThreadingHTTPServer):
    """Hands requests on to `target`; breaks the first answer off that is longer than `after`."""

    daemon_threads = True

    def __init__(self, target: str, after: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target = urlsplit(target).netloc
        self.after = after
        self.cut_once = False
        self.ranges: list[str] = []

    @property
    def url(self) -> str:
        """Where the way begins."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Way

    def do_GET(self) -> None:
        """Hand on a request, and its answer as far as the way goes."""
        onward = HTTPConnection(self.server.target, timeout=30)
        onward.request(self.command, self.path, headers=dict(self.headers))
        answer = onward.getresponse()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP:
                self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        body = answer.read()
        if self.headers["Range"]:
            self.server.ranges.append(self.headers["Range"])
        if len(body) > self.server.after and not self.server.cut_once:
            self.server.cut_once = True
            body = body[: self.server.after]
        self.wfile.write(body)
        self.close_connection = True

    do_HEAD = do_GET  # noqa: N815 — http.server's own

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — http.server's own
        """Quiet."""


@contextmanager
def way_that_breaks(target: str, *, after: int) -> Iterator[Way]:
    """A way to the server at `target` that breaks once, `after` bytes of a longer answer."""
    with Way(target, after) as way:
        threading.Thread(target=way.serve_forever, daemon=True).start()
        try:
            yield way
        finally:
            way.shutdown()
