"""Holding on to long work: a thread renews a lease, and the work asks whether it still stands."""

import logging
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from django.db import Error as DatabaseError
from django.db import connection

from registry.services.errors import LeaseLost
from runners.faults import Stopped

logger = logging.getLogger(__name__)

TICK_SECONDS = 0.5
BEATS_PER_LEASE = 3


class Pulse:
    """A daemon thread that calls `beat` three times a lease.

    When `beat` says no, or the database cannot be reached for a whole lease, `check` raises
    Stopped. `work` says in the log what is held.
    """

    def __init__(self, beat: Callable[[], bool], *, seconds: float, work: str) -> None:
        self._beat = beat
        self._seconds = seconds
        self._work = work
        self._lost = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="pulse", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.set()
        self._thread.join()

    def check(self) -> None:
        """Raise Stopped when the work must end."""
        if self._lost.is_set():
            raise Stopped

    def flush(self) -> None:
        """Write what has collected, twice a second. Raises LeaseLost."""

    def _keep(self) -> None:
        try:
            renewed = time.monotonic()
            while not self._closing.wait(TICK_SECONDS) and not self._lost.is_set():
                renewed = self._tick(renewed)
        finally:
            connection.close()

    def _tick(self, renewed: float) -> float:
        """Write and renew; the moment of the last renewal. A lost database may come back."""
        try:
            self.flush()
            if time.monotonic() - renewed < self._seconds / BEATS_PER_LEASE:
                return renewed
            if self._beat():
                return time.monotonic()
            self._lost.set()
        except LeaseLost:
            self._lost.set()
        except DatabaseError:
            logger.warning("%s: the database did not answer", self._work, exc_info=True)
            connection.close()
            if time.monotonic() - renewed > self._seconds:
                self._lost.set()
        return renewed
