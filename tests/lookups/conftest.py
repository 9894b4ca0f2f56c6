"""Stand-ins for registrars and portals, on 127.0.0.1."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.source.servers import certificate

Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Seen:
    """A request as it came."""

    path: str
    headers: dict[str, str] = field(default_factory=dict)


class StandIn(ThreadingHTTPServer):
    """Answers each path as `answers` says; at any other there is nothing."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, Answer] = {}
        self.seen: list[Seen] = []
        self.stopping = threading.Event()

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    def url(self, path: str) -> str:
        return f"http://{self.place}{path}"


class _Handler(BaseHTTPRequestHandler):
    server: StandIn

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.server.seen.append(Seen(self.path, dict(self.headers)))
        if self.path == "/hang":
            self.server.stopping.wait(60)
        status, headers, body = self.server.answers.get(self.path, (404, {}, b"absent"))
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def standing_in(pem: Path | None = None) -> Iterator[StandIn]:
    with StandIn() as server:
        if pem:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(pem)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.stopping.set()
            server.shutdown()


@pytest.fixture
def server() -> Iterator[StandIn]:
    with standing_in() as server:
        yield server


@pytest.fixture
def secure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """A stand-in by https that calls itself doi.test, trusted like a site's own servers."""
    pem = certificate(tmp_path, "doi.test")
    monkeypatch.setenv("GIT_SSL_CAINFO", str(pem))
    with standing_in(pem) as server:
        yield server


Redirect = Callable[[str], Answer]


@pytest.fixture
def to() -> Redirect:
    return lambda target: (302, {"Location": target}, b"")
