"""The load: a process of its own that keeps a few connections of one server busy.

It reads one JSON order a line from its input and answers each with a line of JSON.
"""

import json
import statistics
import sys
import threading
import time
from dataclasses import asdict, dataclass
from http.client import HTTPConnection
from itertools import count, cycle, islice

CONNECTIONS = 4
# Then a caller leaves and another comes, from an address of its own: nobody meets the throttle,
# and the server pays for it what it pays when many people call.
REQUESTS_A_CALLER = 200

callers = count(1)
known_etags: dict[tuple[int, str], str] = {}


@dataclass(frozen=True, kw_only=True)
class Order:
    """Ask for `paths` in turn during `seconds`; with their ETags when `revalidate`."""

    port: int
    paths: list[str]
    status: int
    revalidate: bool
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Answer:
    """How many requests were answered in how many seconds, and the median wait of one."""

    requests: int
    seconds: float
    median_ms: float


class Caller:
    """A client with an address of its own and one connection."""

    def __init__(self, port: int) -> None:
        number = next(callers)
        address = f"127.{1 + number // 62_500}.{number // 250 % 250}.{1 + number % 250}"
        self._connection = HTTPConnection(
            "127.0.0.1", port, timeout=30, source_address=(address, 0)
        )

    def get(self, path: str, etag: str = "") -> tuple[int, str]:
        """Status and ETag of the reply, whose body is read to its end."""
        self._connection.request("GET", path, headers={"If-None-Match": etag} if etag else {})
        reply = self._connection.getresponse()
        reply.read()
        return reply.status, reply.getheader("ETag", "")

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


class Load:
    """An order being carried out by several connections at once."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._etags = _etags(order) if order.revalidate else {}
        self._waits: list[float] = []
        self._wrong: list[str] = []
        self._begun = time.perf_counter()

    def run(self) -> Answer:
        """Carry out the order. Raises RuntimeError when the server answers as it should not."""
        places = range(CONNECTIONS)
        threads = [threading.Thread(target=self._keep_asking, args=(place,)) for place in places]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self._wrong or not self._waits:
            raise RuntimeError(self._wrong[0] if self._wrong else "nothing was answered")
        return Answer(
            requests=len(self._waits),
            seconds=time.perf_counter() - self._begun,
            median_ms=statistics.median(self._waits) * 1000,
        )

    def _keep_asking(self, place: int) -> None:
        """One connection's part, beginning at its own place among the paths."""
        paths = self._order.paths
        shift = place * len(paths) // CONNECTIONS
        further = cycle(paths[shift:] + paths[:shift])
        while self._goes_on():
            caller = Caller(self._order.port)
            for path in islice(further, REQUESTS_A_CALLER):
                if not self._goes_on():
                    break
                self._ask(caller, path)
            caller.close()

    def _goes_on(self) -> bool:
        return not self._wrong and time.perf_counter() - self._begun < self._order.seconds

    def _ask(self, caller: Caller, path: str) -> None:
        asked = time.perf_counter()
        status, _etag = caller.get(path, self._etags.get(path, ""))
        self._waits.append(time.perf_counter() - asked)
        if status != self._order.status:
            self._wrong.append(f"{path} answered {status}, not {self._order.status}")


def _etags(order: Order) -> dict[str, str]:
    """The ETag of each path. They are asked for once, in the first order of all: the warm-up."""
    caller = Caller(order.port)
    for path in order.paths:
        if (order.port, path) not in known_etags:
            known_etags[order.port, path] = caller.get(path)[1]
    caller.close()
    return {path: known_etags[order.port, path] for path in order.paths}


if __name__ == "__main__":
    for line in iter(sys.stdin.readline, ""):
        print(json.dumps(asdict(Load(Order(**json.loads(line))).run())), flush=True)
