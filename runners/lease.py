"""Holding on to a run: a thread renews the lease and passes the log on while the pipeline works."""

import logging
import threading
import time
from datetime import datetime
from types import TracebackType
from typing import Self

from django.db import Error as DatabaseError
from django.db import connection
from django.utils import timezone

from registry.services.errors import LeaseLost
from registry.services.runs import Claim, run_event_append, run_heartbeat, run_log_append
from registry.spec.ladder import Step, StepState
from runners.faults import Stopped

logger = logging.getLogger(__name__)

TICK_SECONDS = 0.5
RENEWALS_PER_LEASE = 3
LOG_PIECE_CHARACTERS = 64_000


class Lease:
    """One attempt's hold on a run, and the Recorder of what it does.

    A daemon thread renews the lease and writes collected log text twice a second. When the lease
    is lost, a cancel is asked for, or the database cannot be reached for a whole lease, `check`
    raises Stopped, and the pipeline ends its containers.
    """

    def __init__(self, claim: Claim, *, seconds: float) -> None:
        self.claim = claim
        self._seconds = seconds
        self._lost = threading.Event()
        self._closing = threading.Event()
        self._pieces: list[tuple[Step, str]] = []
        self._pieces_lock = threading.Lock()
        self._writing_lock = threading.Lock()
        self._thread = threading.Thread(target=self._keep, name="lease", daemon=True)

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
        """Raise Stopped when this attempt must end."""
        if self._lost.is_set():
            raise Stopped

    def log(self, step: Step, text: str) -> None:
        """Collect a piece of log; the thread writes it within half a second."""
        with self._pieces_lock:
            self._pieces.append((step, text))

    def step_changed(
        self, step: Step, state: StepState, *, seconds: float | None, message: str
    ) -> None:
        """Write that a step began or ended, after the log that belongs before it."""
        now: datetime = timezone.now()
        try:
            self.flush()
            run_event_append(
                claim=self.claim, step=step, state=state, at=now, seconds=seconds, message=message
            )
        except LeaseLost:
            self._lost.set()

    def flush(self) -> None:
        """Write the collected log, neighbouring pieces of a step as one row."""
        with self._writing_lock:
            with self._pieces_lock:
                pieces, self._pieces = self._pieces, []
            for step, text in _joined(pieces):
                run_log_append(claim=self.claim, step=step, text=text)

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
            if time.monotonic() - renewed < self._seconds / RENEWALS_PER_LEASE:
                return renewed
            if run_heartbeat(claim=self.claim, lease_seconds=self._seconds):
                return time.monotonic()
            self._lost.set()
        except LeaseLost:
            self._lost.set()
        except DatabaseError:
            logger.warning("Run %s: the database did not answer", self.claim.run_id, exc_info=True)
            connection.close()
            if time.monotonic() - renewed > self._seconds:
                self._lost.set()
        return renewed


def _joined(pieces: list[tuple[Step, str]]) -> list[tuple[Step, str]]:
    joined: list[tuple[Step, str]] = []
    for step, text in pieces:
        if joined and joined[-1][0] is step and len(joined[-1][1]) < LOG_PIECE_CHARACTERS:
            joined[-1] = (step, joined[-1][1] + text)
        else:
            joined.append((step, text))
    return joined
