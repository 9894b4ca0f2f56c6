"""A server that answers as DataCite's REST API does, and takes only what its schema takes.

https://support.datacite.org/reference/post_dois
"""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

from datacite import schema45

from runners.doi.account import Account

PREFIX, REPOSITORY, PASSWORD = "10.5072", "REPRISE.TEST", "a secret"
STATES = {"publish": "findable", "register": "registered", "hide": "registered"}


class StandIn(ThreadingHTTPServer):
    """DOIs by name; `troubles` are met by the next requests, each once: a status, or a hook."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.dois: dict[str, dict] = {}
        self.troubles: list = []
        self.asked: list[str] = []
        self.may_answer = threading.Event()

    def account(self, **changes) -> Account:
        said = {"url": self.url, "prefix": PREFIX, "repository": REPOSITORY, "password": PASSWORD}
        return Account(**{**said, "seconds": 5.0, **changes})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class _Handler(BaseHTTPRequestHandler):
    server: StandIn

    def log_message(self, *args) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        name = self._name()
        if self._refused("GET"):
            return
        known = self.server.dois.get(name)
        if known is None:
            self._answer(
                404, {"errors": [{"status": "404", "title": "The resource doesn't exist."}]}
            )
        else:
            self._answer(200, {"data": {"id": name, "attributes": known}})

    def do_POST(self) -> None:
        told = self._body()
        if self._refused("POST"):
            return
        name = told["doi"].lower()
        if name in self.server.dois:
            self._answer(422, {"errors": [{"title": "This DOI has already been taken"}]})
        elif fault := _fault(told):
            self._answer(422, {"errors": [{"title": fault}]})
        else:
            self._keep(name, told)
            self._answer(201, {"data": {"id": name, "attributes": told}})

    def do_PUT(self) -> None:
        told, name = self._body(), self._name()
        if self._refused("PUT"):
            return
        if fault := _fault(told):
            self._answer(422, {"errors": [{"title": fault}]})
            return
        self._keep(name, told)
        self._answer(200, {"data": {"id": name, "attributes": told}})

    def _keep(self, name: str, told: dict) -> None:
        state = STATES[told.pop("event")]
        self.server.dois[name] = self.server.dois.get(name, {}) | told | {"state": state}

    def _refused(self, verb: str) -> bool:
        """Meet the next trouble, then the password."""
        self.server.asked.append(verb)
        trouble = self.server.troubles.pop(0) if self.server.troubles else None
        if callable(trouble):
            return bool(trouble(self, verb))
        if trouble:
            self._answer(trouble, {"errors": [{"status": str(trouble), "title": "Trouble"}]})
            return True
        expected = base64.b64encode(f"{REPOSITORY}:{PASSWORD}".encode()).decode()
        if self.headers["Authorization"] != f"Basic {expected}":
            self._answer(401, {"errors": [{"status": "401", "title": "Bad credentials."}]})
            return True
        return False

    def _name(self) -> str:
        return unquote(self.path).removeprefix("/dois/").lower()

    def _body(self) -> dict:
        read = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert self.headers["Content-Type"] == "application/vnd.api+json"
        return dict(read["data"]["attributes"])

    def _answer(self, status: int, body: dict) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/vnd.api+json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


def _fault(told: dict) -> str:
    """What DataCite's own schema says against the attributes."""
    faults = [error.message for error in schema45.validator.iter_errors(told)]
    return faults[0] if faults else ""


def lost_answer(handler: _Handler, verb: str) -> bool:
    """The request after this one is done, and nobody hears of it."""
    handler.close_connection = True
    handler._answer = lambda *_: None
    return False


def mute(handler: _Handler, verb: str) -> bool:
    """No answer until the test ends."""
    handler.server.may_answer.wait(30)
    handler.close_connection = True
    return True


@contextmanager
def stand_in() -> Iterator[StandIn]:
    server = StandIn()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.may_answer.set()
        server.shutdown()
        server.server_close()
        thread.join()
