"""Follow a program that runs elsewhere: its output, its end, its time. Bounded in memory and time.

Two threads read what blocks (the output and the end); everything of the caller's (`log`, `check`)
is called on the caller's own thread, where its database connection and its exceptions belong.
"""

import codecs
import contextlib
import io
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from runners.faults import Check, LogSink, PlatformFault

CHECK_SECONDS = 0.25
"""How long at most between two calls of `check`, as long as `log` itself does not take longer."""
KILL_SECONDS = 30.0
"""How long a killed program may take to be gone before the engine counts as broken."""
DRAIN_SECONDS = 5.0
"""How long the output may stay open after the program has ended."""
TAIL_BYTES = 32_768
PIECE_CHARACTERS = 65_536


class BoundedText:
    """Turns a program's bytes into safe text, up to `limit` bytes; keeps the last bytes of all.

    At its end a program says how it went: that may not be hidden by how much it said before.
    """

    def __init__(self, limit: int) -> None:
        self._room = limit
        self._limit = limit
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._last: deque[bytes] = deque()
        self._last_bytes = 0
        self._lost = 0
        self.truncated = False

    @property
    def tail(self) -> str:
        """The last text of all, kept or not."""
        return self._end(TAIL_BYTES)

    @property
    def last_words(self) -> str:
        """What a log that was cut ends with, as far as it was not kept already."""
        return f"[The end of it:]\n{self._end(min(self._lost, TAIL_BYTES))}"

    def feed(self, data: bytes) -> str:
        """The part of `data` that still fits, as text; one line about it when nothing more does."""
        self._remember(data)
        if self.truncated:
            self._lost += len(data)
            return ""
        kept, self._room = data[: self._room], self._room - len(data)
        self.truncated, self._lost = self._room < 0, max(0, -self._room)
        text = self._decoder.decode(kept, final=self.truncated).replace("\0", "")
        return text + self._notice() if self.truncated else text

    def _end(self, size: int) -> str:
        end = b"".join(self._last)[-size:] if size else b""
        return end.decode("utf-8", "replace").replace("\0", "")

    def _remember(self, data: bytes) -> None:
        self._last.append(data)
        self._last_bytes += len(data)
        while self._last_bytes - len(self._last[0]) > TAIL_BYTES:
            self._last_bytes -= len(self._last.popleft())

    def _notice(self) -> str:
        return f"\n[The log is longer than {self._limit:,} bytes. Only its end is kept besides.]\n"


@dataclass(frozen=True, kw_only=True)
class Followed:
    """How the program ended. `exit_code` is None when it was ended by us for its time."""

    exit_code: int | None
    seconds: float


class _Program:
    """The two reading threads and the queue between them and the caller.

    The queue holds text that was let through only, so it is bounded by the log's limit even when
    the program writes faster than the caller stores.
    """

    def __init__(self, output: Iterable[bytes], wait: Callable[[], int], text: BoundedText) -> None:
        self._events: SimpleQueue[str] = SimpleQueue()
        self._silent = threading.Event()
        self._ended = threading.Event()
        self._result: int | Exception = 0
        for work in ((self._read, output, text), (self._wait, wait)):
            threading.Thread(target=work[0], args=work[1:], daemon=True).start()

    def _read(self, output: Iterable[bytes], text: BoundedText) -> None:
        # A broken stream is no verdict: how the program ended is for _wait to say.
        with contextlib.suppress(Exception):
            for data in output:
                if piece := text.feed(data):
                    self._events.put(piece)
        self._silent.set()
        self._events.put("")

    def _wait(self, wait: Callable[[], int]) -> None:
        try:
            self._result = wait()
        except Exception as error:  # noqa: BLE001 — handed to the caller's thread by result()
            self._result = error
        self._ended.set()
        self._events.put("")

    @property
    def ended(self) -> bool:
        """Whether the program is gone, or nobody can tell any more."""
        return self._ended.is_set()

    @property
    def silent(self) -> bool:
        """Whether its output was read to the end."""
        return self._silent.is_set()

    def result(self) -> int:
        """Its exit code. Raises what went wrong with asking for it."""
        if isinstance(self._result, Exception):
            raise self._result
        return self._result

    def text(self, seconds: float) -> str:
        """What it has written since the last call, after a wait of at most `seconds`."""
        gathered = io.StringIO()
        with contextlib.suppress(Empty):
            gathered.write(self._events.get(timeout=seconds))
            while gathered.tell() < PIECE_CHARACTERS:
                gathered.write(self._events.get_nowait())
        return gathered.getvalue()


def follow(
    *,
    output: Iterable[bytes],
    wait: Callable[[], int],
    kill: Callable[[], None],
    text: BoundedText,
    seconds: float,
    log: LogSink,
    check: Check,
) -> Followed:
    """Hand the program's text to `log` until it ends, or kill it after `seconds`.

    Whatever `check`, `log` or `wait` raise goes on to the caller, who must end the program then.
    Raises PlatformFault when a killed program does not end.
    """
    program = _Program(output, wait, text)
    started = time.monotonic()
    in_time = _relay(program, started + seconds, log, check)
    if not in_time:
        kill()
        if not _relay(program, time.monotonic() + KILL_SECONDS, log, check):
            raise PlatformFault("The engine did not end a program that ran out of time.")
    ended = time.monotonic()
    _drain(program, log, check)
    code = program.result()
    return Followed(exit_code=code if in_time else None, seconds=ended - started)


def _relay(program: _Program, deadline: float, log: LogSink, check: Check) -> bool:
    """Relay text until the program has ended or the deadline has come; whether it ended."""
    while not program.ended:
        check()
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        _say(program.text(min(CHECK_SECONDS, left)), log)
    return True


def _drain(program: _Program, log: LogSink, check: Check) -> None:
    """Relay what is still on its way after the end."""
    deadline = time.monotonic() + DRAIN_SECONDS
    while time.monotonic() < deadline:
        check()
        silent = program.silent
        piece = program.text(0 if silent else CHECK_SECONDS)
        _say(piece, log)
        if silent and not piece:
            return


def _say(piece: str, log: LogSink) -> None:
    if piece:
        log(piece)
