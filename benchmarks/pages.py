"""Pages and API of the portal, side by side with a bare Django hello in the same kind of server.

    python -m benchmarks.pages [--entries 2000] [--rounds 5] [--json FILE]

Two servers (granian, WSGI, one worker) on loopback: one has a single view behind the portal's
middleware, the other is the portal on a throw-away SQLite file. One client process keeps a few
connections busy. Every round asks each page in turn, so that what else goes on in the machine
falls on all alike. CPU time is the server's own, and steadier than requests a second.
"""

import argparse
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.client import Answer, Order
from benchmarks.measuring import ROOT, Spread, print_table, write_json

FILL = "import django, sys; django.setup(); from benchmarks.filling import fill; "
HELLO = "Django hello"
WARM_UP_SECONDS = 0.5
STARTING_SECONDS = 60
MOST_REVALIDATED = 200  # paths whose ETag is asked for before the clock starts
PAGE = "page_size=20"
SEARCHES = ("ising", "monte carlo", "sampling of epidemics", "lovelace forecast")


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running granian."""

    port: int
    process: subprocess.Popen[bytes]

    def cpu_seconds(self) -> float:
        """CPU time that the server and its worker have used so far."""
        return sum(map(_cpu_seconds, [self.process.pid, *_children(self.process.pid)]))


@dataclass(frozen=True, kw_only=True)
class Page:
    """What is asked for, at the paths that are taken in turn."""

    name: str
    server: Server
    paths: list[str]
    status: int = 200

    def order(self, seconds: float) -> Order:
        """The order for the client process."""
        return Order(
            port=self.server.port,
            paths=self.paths,
            status=self.status,
            revalidate=self.status == 304,  # noqa: PLR2004 — HTTP's Not Modified
            seconds=seconds,
        )


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One page in one round."""

    requests_a_second: float
    median_ms: float
    cpu_ms: float


def main() -> None:
    """Lay the portal, measure, print the table."""
    options = _options()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="reprise-bench-")))
        environment = site_environment(folder)
        code = f"{FILL} fill(entries={options.entries})"
        subprocess.check_call([sys.executable, "-c", code], cwd=ROOT, env=environment)
        hello = environment | {"DJANGO_SETTINGS_MODULE": "benchmarks.hello.settings"}
        servers = [stack.enter_context(serving(folder, env)) for env in (hello, environment)]
        client = stack.enter_context(_client())
        pages = _pages(*servers, entries=options.entries)
        for page in pages:
            _measure(client, page, WARM_UP_SECONDS)
        rounds = [
            {page.name: _measure(client, page, options.seconds) for page in pages}
            for _ in range(options.rounds)
        ]
    print_table(["what", "of hello", "CPU of hello", "requests/s", "p50 ms"], _rows(rounds))
    if options.json:
        write_json(options.json, rounds=rounds, entries=options.entries)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Pages against a bare Django hello.")
    parser.add_argument("--entries", type=int, default=2000, help="models in the portal")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.5, help="for each page in each round")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every round here")
    return parser.parse_args()


def site_environment(folder: Path) -> dict[str, str]:
    """The settings of a site of its own that has no worker."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "REPRISE_VAR_DIR": str(folder),
        "REPRISE_DATABASE_URL": "",
        "REPRISE_BROKER_URL": "memory://",
    }


@contextmanager
def serving(folder: Path, environment: dict[str, str]) -> Iterator[Server]:
    """A granian with one worker for the portal that the settings of `environment` make."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "1"]
    listen = ["--host", "127.0.0.1", "--port", str(port), "portal.wsgi:application"]
    with (folder / f"{port}.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, *listen], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    try:
        wait_until_listening(port)
        yield Server(port=port, process=process)
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_listening(port: int) -> None:
    """Return once somebody listens. Raises TimeoutError."""
    begun = time.monotonic()
    while time.monotonic() - begun < STARTING_SECONDS:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"No server came up on port {port}.")


@contextmanager
def _client() -> Iterator[subprocess.Popen[str]]:
    client = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.client"],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with client:
        yield client


def _pages(hello: Server, portal: Server, *, entries: int) -> list[Page]:
    """What a portal is asked for most. The order of models is shuffled, the same each time."""
    models = [f"/models/{number}/" for number in range(1, entries + 1)]
    random.Random(1).shuffle(models)  # noqa: S311 — the order of a benchmark, no secret
    badges = [f"{model}badge.svg" for model in models]
    api = "/api/v1/models/"
    searches = [f"?q={words.replace(' ', '+')}" for words in SEARCHES]
    listed = {
        "API detail": [f"/api/v1{model}" for model in models],
        "API list, newest 20": [f"{api}?{PAGE}"],
        "API list, half-way down": [_half_way(portal, f"{api}?page_size=100", entries)],
        "API list, level ≥ 2": [f"{api}?{PAGE}&level=2"],
        "API text search": [f"{api}{search}&{PAGE}" for search in searches],
        "badge, 200": badges,
        "entry page, any": models,
        "entry page, the same": models[:1],
        "list page": ["/models/"],
        "list page, text search": [f"/models/{search}" for search in searches],
    }
    asked = [Page(name=name, server=portal, paths=paths) for name, paths in listed.items()]
    revalidated = Page(
        name="badge, 304", server=portal, paths=badges[:MOST_REVALIDATED], status=304
    )
    return [Page(name=HELLO, server=hello, paths=["/hello/"]), *asked, revalidated]


def _half_way(portal: Server, path: str, entries: int) -> str:
    """The address of the list's page in the middle, found by walking there; of 20 rows."""
    for _ in range(entries // 200):
        address = f"http://127.0.0.1:{portal.port}{path}"
        with urllib.request.urlopen(address) as reply:
            further: str = json.load(reply)["next"] or address
        path = further.partition(f":{portal.port}")[2]
    return path.replace("page_size=100", PAGE)


def _measure(client: subprocess.Popen[str], page: Page, seconds: float) -> Measured:
    before = page.server.cpu_seconds()
    answer = _ask(client, page.order(seconds))
    used = page.server.cpu_seconds() - before
    return Measured(
        requests_a_second=answer.requests / answer.seconds,
        median_ms=answer.median_ms,
        cpu_ms=used / answer.requests * 1000,
    )


def _ask(client: subprocess.Popen[str], order: Order) -> Answer:
    if client.stdin is None or client.stdout is None:
        raise RuntimeError("the client has no pipes")
    print(json.dumps(asdict(order)), file=client.stdin, flush=True)
    line = client.stdout.readline()
    if not line:
        raise RuntimeError("The client ended; it says above why.")
    return Answer(**json.loads(line))


def _rows(rounds: list[dict[str, Measured]]) -> list[list[str]]:
    """A line a page: its throughput and its CPU time as parts of hello's of the same round."""
    return [_row(name, rounds) for name in rounds[0]]


def _row(name: str, rounds: list[dict[str, Measured]]) -> list[str]:
    speed = [row[name].requests_a_second / row[HELLO].requests_a_second for row in rounds]
    effort = [row[HELLO].cpu_ms / row[name].cpu_ms for row in rounds]
    return [
        name,
        Spread.of(speed).text(3),
        Spread.of(effort).text(3),
        Spread.of([row[name].requests_a_second for row in rounds]).text(0),
        Spread.of([row[name].median_ms for row in rounds]).text(1),
    ]


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for path in tasks for child in path.read_text().split()]


def _cpu_seconds(pid: int) -> float:
    # The name before the bracket may hold blanks; user and system time follow as 12th and 13th.
    fields: list[Any] = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
