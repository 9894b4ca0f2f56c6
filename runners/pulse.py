"""Holding on to long work: a thread renews a lease, and the work asks whether it still stands."""

import logging
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from django.db import Error as DatabaseError
from django.db import connection

from runners.faults import Stopped

logger = logging.getLogger(__name__)

BEATS_PER_LEASE = 3


class Pulse:
    """Calls `beat` three times a lease; when it says no, or fails for a whole lease, stops."""

    def __init__(self, beat: Callable[[], bool], *, seconds: float) -> None:
        self._beat = beat
        self._seconds = seconds
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
        """Raise Stopped when the lease is lost."""
        if self._lost.is_set():
            raise Stopped

    def _keep(self) -> None:
        try:
            renewed = time.monotonic()
            while not self._closing.wait(self._seconds / BEATS_PER_LEASE):
                renewed = self._tick(renewed)
                if self._lost.is_set():
                    return
        finally:
            connection.close()

    def _tick(self, renewed: float) -> float:
        """The moment of the last renewal. A lost database may come back."""
        try:
            if self._beat():
                return time.monotonic()
            self._lost.set()
        except DatabaseError:
            logger.warning("The database did not answer", exc_info=True)
            connection.close()
            if time.monotonic() - renewed > self._seconds:
                self._lost.set()
        return renewed
